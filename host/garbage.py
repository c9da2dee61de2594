"""When this process looks for garbage: hardly while it loads, and never again among what it loaded.

A start makes a few hundred thousand objects that stay (modules, models, routes). With the interpreter's own thresholds they are looked
through again and again meanwhile, a quarter of the time until ready. Afterwards they are set aside: a full collection under load then
looks at requests' objects only.
"""

import gc

_LOADING = (100_000, 50, 1_000)
_SERVING = (5_000, 20, 20)


def begin_loading() -> None:
    """First thing in a process. A command that ends soon needs no more."""
    gc.set_threshold(*_LOADING)


def loaded() -> None:
    """Once everything is there: what is reachable now is never looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SERVING)
