"""Traditional characters read as simplified ones, one for one, so that the same words are the same.

For comparing only; what was written is kept as it was written.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final


def _read() -> dict[int, int]:
    lines = Path(__file__).with_name("traditional.txt").read_text(encoding="utf-8").splitlines()
    pairs = "".join(line for line in lines if not line.startswith("#"))
    return dict(zip(map(ord, pairs[::2]), map(ord, pairs[1::2]), strict=True))


_SIMPLIFIED: Final = _read()
_TRADITIONAL: Final = re.compile("[" + "".join(map(chr, _SIMPLIFIED)) + "]")


def simplified(text: str) -> str:
    """`text` in simplified characters, as long as before; words are not looked at."""
    # Most texts have none, and to look is faster than to translate.
    return text.translate(_SIMPLIFIED) if _TRADITIONAL.search(text) else text
