"""QR codes as SVG that stands in the page, so that no image has to be fetched."""

from html import escape
import io

import segno

LONGEST = 1200
"""Characters; beyond, a code that is printed small can no longer be read by every telephone."""


def qr_svg(url: str, *, label: str, standalone: bool = False) -> str:
    """A QR code with its label for screen readers. `standalone`: a document of its own."""
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        drawn, kind="svg", xmldecl=standalone, svgns=True, border=2, light="#fff", title=None, omitsize=True, svgclass=None, lineclass=None
    )
    return drawn.getvalue().decode().replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
