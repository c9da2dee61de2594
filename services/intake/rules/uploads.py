"""What may be uploaded: the type is read from the content, and what the sender declared must not contradict it.

PDF, JPEG and PNG: what scanners and phones make, and every clerk can look at without running anything.
"""

import re

import filetype

ACCEPTED = ("application/pdf", "image/jpeg", "image/png")
HEAD_BYTES = 512
"""Enough of a file to tell its type."""
MOST_BYTES = 20 * 1024 * 1024
_UNDECLARED = ("", "application/octet-stream")
_UNFIT_IN_NAMES = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\"<>|:*?]")


def accepted_type(head: bytes, declared: str) -> str | None:
    """The media type of a file that begins with `head`, or None when it is not accepted or not what was `declared`."""
    found = filetype.guess_mime(head)
    if found not in ACCEPTED:
        return None
    media_type = declared.partition(";")[0].strip().lower()
    return str(found) if media_type in (*_UNDECLARED, found) else None


def clean_name(name: str) -> str:
    """A file's name without folders, control characters and what reverses reading direction; never empty."""
    last = re.split(r"[/\\]", name)[-1]
    return _UNFIT_IN_NAMES.sub("", last).strip(" .") or "file"
