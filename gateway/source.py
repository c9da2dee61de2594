"""Where a request really comes from: the peer, or behind trusted load balancers the right-most address none of them has.

What a client writes into X-Forwarded-For stands to the left of what the first trusted proxy wrote, and is never believed.
"""

from collections.abc import Sequence
from functools import lru_cache
import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Networks = tuple[IPv4Network | IPv6Network, ...]


def source_of(peer: str, forwarded: Sequence[bytes], trusted: Networks) -> str:
    """The client's address. `forwarded` are the values of X-Forwarded-For, in order; `peer` is who is connected."""
    address = peer
    if not trusted or not forwarded or not is_within(peer, trusted):
        return address
    for hop in reversed(b",".join(forwarded).split(b",")):
        found = _address(hop.decode("latin-1").strip())
        if found is None:
            return address  # what stands left of nonsense is nobody's word
        address = str(found)
        if not is_within(address, trusted):
            return address
    return address


def group_of(source: str) -> str:
    """Who shares a limit: an IPv4 address, or the /64 that one IPv6 client commands."""
    found = _address(source)
    if isinstance(found, IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return source


def _address(text: str) -> IPv4Address | IPv6Address | None:
    """Also `192.0.2.1:4711` and `[2001:db8::1]:4711`, as some balancers write them; IPv4 in IPv6 as IPv4."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=4096)
def is_within(address: str, networks: Networks) -> bool:
    """Whether it is an address in one of them."""
    found = _address(address)
    return found is not None and any(found in network for network in networks)
