"""Pictures drawn by vl-convert: no browser, no network."""

from __future__ import annotations

import vl_convert

import charts
from reports.model import Picture

#: Dots per inch of what goes into a document.
DPI = 200


def svg(picture: Picture) -> str:
    """The picture as an `<svg>` element."""
    drawn = vl_convert.vegalite_to_svg(
        picture.spec, vl_version=charts.VEGA_LITE, allowed_base_urls=[]
    )
    return drawn


def png(picture: Picture) -> bytes:
    """The picture as PNG, `DPI` dots per inch at its natural size."""
    drawn = vl_convert.vegalite_to_png(
        picture.spec, vl_version=charts.VEGA_LITE, ppi=DPI, allowed_base_urls=[]
    )
    return drawn
