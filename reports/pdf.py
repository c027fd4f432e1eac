"""DOCX → PDF by LibreOffice, when it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from domain.errors import ConfigurationError, StoreFailure

#: A weekly takes 5–10 s on two cores; a hung office must not hang the schedule.
TIMEOUT_SECONDS = 120
_PROGRAMS = ("soffice", "libreoffice")
# Where the office's fonts are missing, serif stands for 仿宋, 楷体 and 宋体, bold sans for 黑体:
# without this LibreOffice takes one font, with Japanese forms, for all of them. `accept` lets an
# installed font win.
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include>
{aliases}
</fontconfig>
"""
_SUBSTITUTES = {
    "方正小标宋简体": ("FZXiaoBiaoSong-B05S", "SimSun", "Noto Serif CJK SC"),
    "仿宋_GB2312": ("FangSong", "Noto Serif CJK SC"),
    "楷体_GB2312": ("KaiTi", "Noto Serif CJK SC"),
    "黑体": ("SimHei", "Noto Sans CJK SC"),
    "宋体": ("SimSun", "Noto Serif CJK SC"),
}


def office() -> str | None:
    """The LibreOffice program of this machine, None when there is none."""
    return next((found for name in _PROGRAMS if (found := shutil.which(name))), None)


def convert(document: bytes) -> bytes:
    """The PDF of a DOCX.

    Raises:
        ConfigurationError: no LibreOffice on this machine.
        StoreFailure: it ran, but made no PDF.
    """
    program = office()
    if program is None:
        raise ConfigurationError(
            "a PDF needs LibreOffice, which is not installed",
            remedy="install the package libreoffice-writer, or take the DOCX or HTML",
        )
    with tempfile.TemporaryDirectory(prefix="courtpulse-pdf-") as folder:
        source = Path(folder, "report.docx")
        source.write_bytes(document)
        # A profile of its own: a second LibreOffice on the same profile exits without a word.
        command = [
            program, "--headless", "--norestore", f"-env:UserInstallation={Path(folder, 'profile').as_uri()}",
            "--convert-to", "pdf:writer_pdf_Export", "--outdir", folder, str(source),
        ]  # fmt: skip
        fonts = Path(folder, "fonts.conf")
        fonts.write_text(_FONTS.format(aliases=_aliases()), encoding="utf-8")
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                timeout=TIMEOUT_SECONDS,
                check=False,
                env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
            )
        except subprocess.TimeoutExpired as error:
            raise StoreFailure(
                f"LibreOffice made no PDF within {TIMEOUT_SECONDS} s",
                remedy="try again, or take the DOCX",
            ) from error
        made = Path(folder, "report.pdf")
        if done.returncode or not made.exists():
            raise StoreFailure(
                f"LibreOffice made no PDF (exit {done.returncode})",
                remedy=f"its last words: {done.stderr.strip()[-200:] or 'none'}",
            )
        return made.read_bytes()


def _aliases() -> str:
    return "\n".join(
        f"<alias binding='same'><family>{name}</family><accept>"
        + "".join(f"<family>{other}</family>" for other in others)
        + "</accept></alias>"
        for name, others in _SUBSTITUTES.items()
    )
