"""Public standards as pure functions: numbers people carry, codes of items, working days, evidence hashing.

Nothing here reads a clock, a file, a database or a setting, so the rules of every service may import it.
A text that does not meet a standard raises a subclass of `StandardViolation` with a stable `reason`; messages
never repeat the text, because it may be a citizen's number.
"""
