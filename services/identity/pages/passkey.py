"""Signing in by a passkey: the one page that cannot do without a script, because browsers offer passkeys to nothing else."""

from string import Template

from starlette.responses import HTMLResponse

from services.identity.pages.frame import HERE, escaped, hidden, source
from services.identity.pages.sign_in import Visit, Wrong, way_page
from services.identity.pages.texts import SIGN_IN

PASSKEY_SCRIPT = source("passkey.js")
_PASSKEY = Template(source("way_passkey.html"))


def passkey_page(visit: Visit, *, wrong: Wrong | None = None) -> HTMLResponse:
    """One button; the browser does the rest."""
    body = _PASSKEY.substitute(
        escaped(SIGN_IN[visit.language]),
        here=HERE,
        hidden=hidden({**visit.parameters, "way": "passkey"}),
        described='aria-describedby="fault"' if wrong else "",
    )
    return way_page(visit, "passkey", body, wrong=wrong, script=PASSKEY_SCRIPT)
