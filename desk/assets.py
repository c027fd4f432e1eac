"""Our own style and scripts, and the vega bundle, under names that carry their hash."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

import vl_convert

from charts import VEGA_LITE
from domain.errors import NotFound

_FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
#: File name of the bundle; vega's expressions are walked by its interpreter, so that the
#: policy needs no unsafe-eval (`ast: true` in chart.js).
VEGA = "vega.js"
_SNIPPET = "window.vegaEmbed = vegaEmbed;"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    body: bytes
    media_type: str


class Assets:
    """Files by hashed name. The bundle (0.9 MB, 1.5 s to make) is made beside the start."""

    def __init__(self, folder: Path = _FOLDER) -> None:
        self._files: dict[str, Asset] = {}
        self._names: dict[str, str] = {}
        for path in sorted(folder.iterdir()):
            if path.suffix in _TYPES:
                self._add(path.name, Asset(path.read_bytes(), _TYPES[path.suffix]))
        pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vega-bundle")
        self._bundle: Future[str] = pool.submit(_vega)
        pool.shutdown(wait=False)

    def url(self, name: str) -> str:
        """Address of the file called `name`; waits for the bundle when it is asked for first."""
        if name == VEGA and VEGA not in self._names:
            self._add(VEGA, Asset(self._bundle.result().encode(), _TYPES[".js"]))
        return f"/static/{self._names[name]}"

    def get(self, hashed: str) -> Asset:
        """The file under its hashed name.

        Raises:
            NotFound: no file has that name (any more).
        """
        try:
            return self._files[hashed]
        except KeyError:
            raise NotFound("没有这个文件", remedy="刷新页面，页面会引用新的文件") from None

    def sizes(self) -> Mapping[str, int]:
        """Bytes of every file by its plain name."""
        return {name: len(self._files[hashed].body) for name, hashed in self._names.items()}

    def _add(self, name: str, asset: Asset) -> None:
        stem, dot, suffix = name.rpartition(".")
        hashed = f"{stem}.{sha256(asset.body).hexdigest()[:12]}{dot}{suffix}"
        self._files[hashed] = asset
        self._names[name] = hashed


@cache
def _vega() -> str:
    bundle: str = vl_convert.javascript_bundle(_SNIPPET, vl_version=VEGA_LITE)
    return bundle
