"""Two versions of an item compared, and every difference said in words: never a document, always a sentence.

Parts with a key or a name of their own are matched by it, so that a material moved to another place is one that moved, and one that was
renamed is one that was renamed. Two contents differ in nothing exactly where no change is said.
"""

from services.catalog.rules.comparing.walk import Change, changes

__all__ = ["Change", "changes"]
