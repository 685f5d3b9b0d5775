"""How many descriptors a process may have: a connection is one in the server, and one in the load."""

from __future__ import annotations

import resource

WANTED = 65536
SPARE = 500
"""What a process has besides its connections."""


def raise_limit(wanted: int = WANTED) -> int:
    """For this process and those that it starts; the hard limit, too, where that is allowed. What the limit is then."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if 0 <= most < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, wanted))
        except (ValueError, OSError):
            wanted = most
    if wanted <= most or most < 0:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    return limit()


def limit() -> int:
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def allowed(counts: list[int], most: int | None = None) -> list[int]:
    """These counts of connections, in order, the greater ones cut to what the limit allows."""
    most = (limit() if most is None else most) - SPARE
    return sorted({min(count, most) for count in counts})


def remark(counts: list[int], most: int | None = None) -> str:
    """A sentence where a count was cut."""
    most = limit() if most is None else most
    if max(counts) <= most - SPARE:
        return ""
    return f" {max(counts):,} cannot be had here: the limit of descriptors is {most:,}."
