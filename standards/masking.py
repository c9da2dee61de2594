"""Showing an identifier without giving it away.

A mask keeps the length and never fails, so it may be used on text nobody has checked, in logs and error answers.
"""


def mask_middle(text: str, *, head: int, tail: int) -> str:
    """Star out all but the first `head` and last `tail` characters; a text too short to hide anything is starred whole."""
    if len(text) < 2 * (head + tail):
        return "*" * len(text)
    return text[:head] + "*" * (len(text) - head - tail) + text[len(text) - tail :]
