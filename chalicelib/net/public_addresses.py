"""Which addresses may be called: public ones only, nothing that could lead back into a private
network.

Python's `is_global` is not enough: it holds multicast, translated (NAT64) and tunnelled (6to4)
addresses for global, and behind each of those may stand a private one. So for IPv6 only what IANA
has handed out as global unicast counts, less the ranges within it that translate, tunnel or
document (IANA special-purpose registries, RFC 6890).
"""

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread

Address = IPv4Address | IPv6Address

UNICAST = IPv6Network("2000::/3")  # not: mapped, translated (NAT64), local, link-local, multicast
NEVER_6 = tuple(
    map(
        IPv6Network,
        (
            "2001::/23",  # protocol assignments: Teredo, benchmarking, ORCHID
            "2001:db8::/32",
            "3fff::/20",  # documentation
            "2002::/16",  # 6to4: carries any IPv4 address
        ),
    )
)
NEVER_4 = tuple(
    map(
        IPv4Network,
        (
            "192.0.0.0/24",  # protocol assignments
            "192.88.99.0/24",  # 6to4 relays
        ),
    )
)


def public(address: Address) -> bool:
    """Whether an address is somebody's on the public internet and nothing else."""
    if isinstance(address, IPv6Address):
        plain = address.scope_id is None and address in UNICAST and address.is_global
        return plain and not any(address in network for network in NEVER_6)
    plain = address.is_global and not address.is_multicast and not address.is_reserved
    return plain and not any(address in network for network in NEVER_4)


def resolve(host: str, seconds: float) -> tuple[Address, ...]:
    """A name's addresses in the resolver's order; () when it has none, or when there is no answer
    in time.

    The system's resolver knows no time-out of ours, so it is asked from a thread that may be left
    behind.
    """
    found: list[Address] = []
    asking = Thread(target=_ask, args=(host, found), daemon=True)
    asking.start()
    asking.join(seconds)
    return tuple(found)


def _ask(host: str, found: list[Address]) -> None:
    try:
        answers = socket.getaddrinfo(
            host, None, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
    except (OSError, UnicodeError):
        return
    found.extend(ip_address(str(answer[4][0])) for answer in answers)
