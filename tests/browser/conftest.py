"""Chromium against a desk on loopback; the court and the server are those of tests/desk."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

_ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-lcd-text",
)  # fmt: skip
SIZES = {"desktop": (1366, 768), "phone": (390, 844)}


def _load(name: str) -> ModuleType:
    path = Path(__file__).parents[1] / "desk" / "conftest.py"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


_desk = _load("desk_fixtures")
seed, court, desk, empty = _desk.seed, _desk.court, _desk.desk, _desk.empty


@pytest.fixture(scope="session")
def chromium(require: Any) -> Iterator[Any]:
    """A browser; skipped with the reason where there is none."""
    require(importlib.util.find_spec("playwright"), "playwright is not installed")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    require(path, "chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        yield browser
        browser.close()


class Window:
    """A page whose console and failures are collected; they must be empty at the end."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", lambda request: self._failed(request))

    def _console(self, message: Any) -> None:
        if message.type == "error" or "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def _failed(self, request: Any) -> None:
        # Leaving a page ends its event stream and whatever was still loading; that is no failure.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url} {request.failure}")

    def go(self, path: str) -> Any:
        self.page.goto(self.address + path)
        return self.page


@pytest.fixture(params=SIZES)
def window(request: pytest.FixtureRequest, chromium: Any, desk: Any) -> Iterator[Window]:
    """A window over the fictional court, once on a desk and once in a hand."""
    yield from _window(chromium, desk.address, SIZES[request.param])


@pytest.fixture
def wide(chromium: Any, desk: Any) -> Iterator[Window]:
    """A window of the office's size."""
    yield from _window(chromium, desk.address, SIZES["desktop"])


@pytest.fixture
def scriptless(chromium: Any, desk: Any) -> Iterator[Window]:
    """A window whose browser runs no scripts."""
    yield from _window(chromium, desk.address, SIZES["desktop"], scripts=False)


def _window(
    chromium: Any, address: str, size: tuple[int, int], *, scripts: bool = True
) -> Iterator[Window]:
    context = chromium.new_context(
        viewport={"width": size[0], "height": size[1]},
        locale="zh-CN",
        timezone_id="America/New_York",  # pages must read in Shanghai time anywhere
        java_script_enabled=scripts,
    )
    window = Window(context.new_page(), address)
    yield window
    context.close()
    assert window.complaints == []
