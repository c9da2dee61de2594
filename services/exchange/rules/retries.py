"""When a delivery that failed is tried again."""


def pause_before_retry(attempts: int, jitter: float, *, first: float, longest: float) -> float:
    """Seconds to wait after `attempts` (1 or more) failures: doubling from `first` to `longest`, less up to a fifth.

    `jitter` is in [0, 1): it keeps subscribers that failed together from being called together.
    """
    doubled = first * 2.0 ** min(attempts - 1, 60)
    return min(longest, doubled) * (1.0 - 0.2 * jitter)
