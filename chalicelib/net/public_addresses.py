"""Which IP addresses may be called: public ones only, none that may lead into a private network.

`ipaddress.is_global` is not enough: it accepts multicast, translated (NAT64) and tunnelled (6to4)
addresses, and each of those may lead to a private one. So for IPv6 only global unicast addresses
count, without the ranges that translate, tunnel or document (IANA special-purpose registries, RFC
6890).
"""

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread
from typing import Any

Address = IPv4Address | IPv6Address

# Global unicast; leaves out mapped, translated (NAT64), local, link-local and multicast addresses.
UNICAST = IPv6Network("2000::/3")
EXCLUDED_IPV6 = (
    IPv6Network("2001::/23"),  # protocol assignments: Teredo, benchmarking, ORCHID
    IPv6Network("2001:db8::/32"),  # documentation
    IPv6Network("3fff::/20"),  # documentation
    IPv6Network("2002::/16"),  # 6to4: carries any IPv4 address
)
EXCLUDED_IPV4 = (
    IPv4Network("192.0.0.0/24"),  # protocol assignments
    IPv4Network("192.88.99.0/24"),  # 6to4 relays
)


def is_public(address: Address) -> bool:
    """Return whether an address belongs to a host on the public internet."""
    if isinstance(address, IPv6Address):
        unicast = address.scope_id is None and address in UNICAST and address.is_global
        return unicast and not any(address in network for network in EXCLUDED_IPV6)
    unicast = address.is_global and not address.is_multicast and not address.is_reserved
    return unicast and not any(address in network for network in EXCLUDED_IPV4)


def resolve(
    host: str, seconds: float, lookup: Callable[..., Any] = socket.getaddrinfo
) -> tuple[Address, ...]:
    """Return the addresses of a host name in the resolver's order.

    Empty when the name has none or the resolver does not answer within `seconds`. The system's
    resolver has no time-out of its own, so it runs in a thread that may be left behind.
    `lookup`: the resolver, called like `socket.getaddrinfo`.
    """
    found: list[Address] = []
    resolver = Thread(target=_resolve_into, args=(found, host, lookup), daemon=True)
    resolver.start()
    resolver.join(seconds)
    return tuple(found)


def _resolve_into(found: list[Address], host: str, lookup: Callable[..., Any]) -> None:
    try:
        entries = lookup(host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except (OSError, UnicodeError):
        return
    found.extend(ip_address(str(entry[4][0])) for entry in entries)
