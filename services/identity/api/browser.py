"""The cookie by which the provider knows a browser again, and who may make it sign on."""

from fastapi import Request
from starlette.responses import Response

_NAME = "tongban-session"
_QR_NAME = "tongban-qr"
_MOST_DEVICE_CHARACTERS = 300


def session_cookie(request: Request, public_url: str) -> str | None:
    """The secret the browser sent, or None."""
    return request.cookies.get(_cookie_name(public_url)) or None


def set_session_cookie(response: Response, secret: str, public_url: str) -> None:
    """Until the browser closes. Over https only this very host can set it (`__Host-`); other sites' forms do not carry it (Lax)."""
    response.set_cookie(
        _cookie_name(public_url), secret, path="/", secure=_is_https(public_url), httponly=True, samesite="lax"
    )  # fmt: skip


def qr_cookie(request: Request, public_url: str) -> str | None:
    """The secret of the browser that shows a QR code, or None."""
    return request.cookies.get(_cookie_name(public_url, _QR_NAME)) or None


def set_qr_cookie(response: Response, secret: str, public_url: str) -> None:
    response.set_cookie(
        _cookie_name(public_url, _QR_NAME), secret, path="/", secure=_is_https(public_url), httponly=True, samesite="lax"
    )  # fmt: skip


def clear_qr_cookie(response: Response, public_url: str) -> None:
    name = _cookie_name(public_url, _QR_NAME)
    response.delete_cookie(name, path="/", secure=_is_https(public_url), httponly=True, samesite="lax")


def device_of(request: Request) -> str:
    """What the browser says it is; only ever shown to the person who signs on with it."""
    return request.headers.get("user-agent", "")[:_MOST_DEVICE_CHARACTERS]


def clear_session_cookie(response: Response, public_url: str) -> None:
    response.delete_cookie(_cookie_name(public_url), path="/", secure=_is_https(public_url), httponly=True, samesite="lax")


def is_from_another_site(request: Request) -> bool:
    """Whether the browser says that another site's page sent the form: it could sign people on as somebody else."""
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def _cookie_name(public_url: str, name: str = _NAME) -> str:
    return f"__Host-{name}" if _is_https(public_url) else name


def _is_https(public_url: str) -> bool:
    return public_url.startswith("https://")
