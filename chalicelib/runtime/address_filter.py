"""Check which addresses may call a deployed sandbox. Loaded only if the setting names some."""

from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network


@cache
def parse_networks(text: str) -> tuple[Network, ...]:
    """Return the networks of a list in CIDR notation, separated by commas.

    Raises ValueError for a member that is no network, one with host bits included.
    """
    return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())


def is_allowed(networks: str, address: str) -> bool:
    """Return whether an address is in one of the networks. One that cannot be read is in none."""
    try:
        caller = ip_address(address)
    except ValueError:
        return False
    return any(caller in network for network in parse_networks(networks))
