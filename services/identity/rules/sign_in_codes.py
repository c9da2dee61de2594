"""One-time codes sent to phones: how long they live, how often they may be asked for and guessed, and what the message says."""

from datetime import timedelta
import re
import unicodedata
from urllib.parse import urlsplit

from services.identity.rules.throttling import Limit

LIFETIME = timedelta(minutes=5)
DIGITS = 6
MOST_TRIES = 5
CODES_PER_PHONE = Limit(4, timedelta(minutes=15))
"""With `MOST_TRIES` a code, twenty guesses in a million a quarter of an hour; and nobody's phone rings all night."""
CODES_PER_SOURCE = Limit(60, timedelta(minutes=15))
"""Messages cost money; a service hall may share one address."""

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_CODE = re.compile(rf"[0-9]{{{DIGITS}}}")


def mobile_of(text: str) -> str | None:
    """A mobile number as people type it, in its one normal form."""
    typed = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "").removeprefix("+86")
    return typed if _MOBILE.fullmatch(typed) else None


def code_of(text: str) -> str | None:
    """A code as people type it."""
    typed = "".join(unicodedata.normalize("NFKC", text).split())
    return typed if _CODE.fullmatch(typed) else None


def message_of(code: str, public_url: str, *, in_english: bool) -> str:
    """The last line binds the code to our origin: browsers offer it on no other page (W3C origin-bound one-time codes)."""
    minutes = int(LIFETIME.total_seconds()) // 60
    zh = f"【通办】登录验证码 {code}，{minutes} 分钟内有效。工作人员不会向您索要验证码；如果不是您本人在登录，请不要告诉任何人。"
    en = f"[Tongban] {code} is your sign-in code, good for {minutes} minutes. No official will ask for it; if you are not signing in, tell nobody."
    return f"{en if in_english else zh}\n\n@{urlsplit(public_url).hostname} #{code}"
