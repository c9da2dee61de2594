"""What a department may subscribe to, and where it may have it sent."""

from collections.abc import Sequence
from ipaddress import ip_address
import re
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

ALL = "*"
EVENT_TYPES = frozenset(
    {
        "tongban.intake.application.submitted.v1",
        "tongban.intake.application.accepted.v1",
        "tongban.intake.application.refused.v1",
        "tongban.intake.application.withdrawn.v1",
        "tongban.intake.application.concluded.v1",
        "tongban.intake.application.delivered.v1",
        "tongban.approval.case.opened.v1",
        "tongban.approval.case.task_completed.v1",
        "tongban.approval.case.decided.v1",
        "tongban.approval.case.terminated.v1",
        "tongban.certificates.certificate.issued.v1",
    }
)

UrlFault = Literal["not-a-url", "scheme", "userinfo", "fragment", "private-address"]

_URL_CHARACTERS = re.compile(r"[\x21-\x7e]+")


class UrlRefused(ValueError):
    """A URL that webhooks do not go to."""

    def __init__(self, fault: UrlFault) -> None:
        super().__init__(fault)
        self.fault: UrlFault = fault


def unknown_types(event_types: Sequence[str]) -> list[int]:
    """The places of names that are no event type."""
    return [place for place, name in enumerate(event_types) if name != ALL and name not in EVENT_TYPES]


def webhook_url(text: str, *, allow_private: bool) -> str:
    """The URL in the form it is signed and sent: host in lower case, a path always. Raises UrlRefused.

    A host name is judged again by its address when something is sent: a name may come to mean another address.
    """
    if not _URL_CHARACTERS.fullmatch(text):
        raise UrlRefused("not-a-url")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UrlRefused("not-a-url") from None
    if parts.scheme not in ("http", "https"):
        raise UrlRefused("scheme")
    if not host or port == 0 or "\\" in text:
        raise UrlRefused("not-a-url")
    if "@" in parts.netloc:
        raise UrlRefused("userinfo")
    if "#" in text:
        raise UrlRefused("fragment")
    if not allow_private and not may_be_public(host):
        raise UrlRefused("private-address")
    return urlunsplit((parts.scheme, parts.netloc.lower(), parts.path or "/", parts.query, ""))


def may_be_public(host: str) -> bool:
    """False for an address (not a name) that is not on the open internet: loopback, private, link-local, multicast, reserved."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return True
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_global and not mapped.is_multicast)
