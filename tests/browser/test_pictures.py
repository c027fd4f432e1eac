"""The pictures of docs/images: each page and each of its states.

``PICTURES=docs/images pytest tests/browser/test_pictures.py`` takes them anew.
"""

from __future__ import annotations

import base64
import os
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from domain.alerts import Level

_DOCS = Path(__file__).parents[2] / "docs" / "images"
_MOST = 200_000
_WIDE, _PHONE = (1366, 768), (390, 844)
#: name → (path, size, whole page)
_PAGES = {
    "desk-feed": ("/", _WIDE, True),
    "desk-feed-phone": ("/", _PHONE, True),
    "desk-alert": ("{alert}", _WIDE, False),
    "desk-alert-similar": ("{similar}", _WIDE, True),
    "desk-alert-phone": ("{alert}", _PHONE, False),
    "desk-cases": ("/cases", _WIDE, False),
    "desk-case": ("/cases/liang", _WIDE, False),
    "desk-watch": ("/watch?phrase=青崖县法院 窗口排队", _WIDE, True),
    "desk-posts": ("/posts?q=网上立案", _WIDE, False),
    "desk-sources": ("/sources", _WIDE, True),
    "desk-reports": ("/reports", _WIDE, False),
    "desk-settings": ("/settings", _WIDE, True),
    "desk-routes": ("/settings/routes", _WIDE, True),
    "desk-budget": ("/settings/budget", _WIDE, True),
    "desk-silences": ("/silences", _WIDE, False),
    "desk-silences-phone": ("/silences", _PHONE, True),
    "desk-about": ("/about", _WIDE, True),
    "desk-error": ("/alerts/none", _WIDE, False),
}
_STATES = ("desk-empty", "desk-blind", "desk-many", "desk-without-scripts")


#: Gives back a PNG's pixels as RGBA; nothing in our environment but the browser reads one.
_PIXELS = """async (data) => {
  const bitmap = await createImageBitmap(await (await fetch(data)).blob());
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const bytes = context.getImageData(0, 0, bitmap.width, bitmap.height).data;
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768)
    text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return [bitmap.width, bitmap.height, btoa(text)];
}"""


def _smaller(chromium: Any, png: bytes) -> bytes:
    """The picture with as many of 256, 128 or 64 colours as make it small enough for the docs."""
    made = (_with_colours(chromium, png, most) for most in (256, 128, 64))
    return next((one for one in made if len(one) <= _MOST), png)


def _with_colours(chromium: Any, png: bytes, most: int) -> bytes:
    """The picture with at most so many colours, which our flat pages hardly exceed."""
    page = chromium.new_page()
    data = "data:image/png;base64," + base64.b64encode(png).decode()
    width, height, pixels = page.evaluate(_PIXELS, data)
    page.close()
    colours = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(-1, 4)[:, :3]
    keys, places, counts = np.unique(
        colours.astype(np.int64) @ (65536, 256, 1), return_inverse=True, return_counts=True
    )
    palette = keys[np.argsort(-counts)[:most]]
    table = np.stack([palette >> 16, palette >> 8 & 255, palette & 255], 1)
    every = np.stack([keys >> 16, keys >> 8 & 255, keys & 255], 1)
    nearest = np.array([np.abs(table - colour).sum(1).argmin() for colour in every])
    places = nearest[places]
    rows = np.zeros((height, width + 1), np.uint8)  # a leading 0: no filter
    rows[:, 1:] = places.reshape(height, width)
    return b"".join(
        (
            png[:8],
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", table.astype(np.uint8).tobytes()),
            _chunk(b"IDAT", zlib.compress(rows.tobytes(), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def _shoot(
    chromium: Any, folder: Path, name: str, address: str, size: tuple[int, int], *,
    whole: bool = False, scripts: bool = True,
) -> None:  # fmt: skip
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="zh-CN", java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(address, wait_until="load")
    if scripts and page.query_selector("[data-chart]"):
        page.wait_for_selector(".vega.drawn canvas", timeout=15_000)
    page.wait_for_timeout(300)
    path = folder / f"{name}.png"
    if whole:
        # Else what sticks to the bottom of a window lies across the middle of the picture.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size[0], "height": height})
        page.wait_for_timeout(300)
    picture = page.screenshot(full_page=whole)
    context.close()
    path.write_bytes(_smaller(chromium, picture) if "PICTURES" in os.environ else picture)
    assert path.stat().st_size > 5_000, name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    chosen = Path(os.environ.get("PICTURES", tmp_path / "pictures"))
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def test_each_page(chromium: Any, desk: Any, folder: Path) -> None:
    opened = {one.case_id: one.id for one in desk.services.records.alerts.open()}
    places = {"alert": f"/alerts/{opened['liang']}", "similar": f"/alerts/{opened['property']}"}
    for name, (path, size, whole) in _PAGES.items():
        address = desk.address + path.format(**places)
        _shoot(chromium, folder, name, address, size, whole=whole)
    address = desk.address + places["alert"]
    _shoot(chromium, folder, "desk-without-scripts", address, _WIDE, scripts=False)


def test_many_alerts(chromium: Any, desk: Any, seed: ModuleType, folder: Path) -> None:
    for number in range(24):
        case, level = ("liang", "filing", "property")[number % 3], list(Level)[number % 4]
        at = seed.NOW - timedelta(minutes=40 + 11 * number)
        desk.services.records.alerts.save(seed.alert(f"m{number}", case, level, at), "raised")
    _shoot(chromium, folder, "desk-many", desk.address, _WIDE)


def test_nothing_to_see_and_nothing_seen(
    chromium: Any, empty: Any, seed: ModuleType, folder: Path
) -> None:
    seed.sources(empty.services.records, seed.NOW, blind=())
    _shoot(chromium, folder, "desk-empty", empty.address, _WIDE)
    seed.sources(empty.services.records, seed.NOW, blind=("wechat", "weibo_search"))
    _shoot(chromium, folder, "desk-blind", empty.address, _WIDE)


def test_the_docs_have_a_picture_of_each() -> None:
    for name in (*_PAGES, *_STATES):
        path = _DOCS / f"{name}.png"
        assert path.is_file(), name
        assert path.stat().st_size <= _MOST, name
