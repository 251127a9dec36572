"""Which client a request comes from, where proxies stand before the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.datastructures import Headers

_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-proto", "x-real-ip")
_LONGEST_USER = 100


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies that are believed, and the header in which they name who has signed on."""

    trusted: Sequence[IPv4Network | IPv6Network] = ()
    user_header: str | None = None

    def trusts(self, peer: str) -> bool:
        address = _address(peer)
        return address is not None and any(address in network for network in self.trusted)

    def client(self, peer: str, headers: Headers) -> str:
        """The client's address: the peer's, of a trusted proxy the last one in X-Forwarded-For
        that is no trusted proxy's. What is written before that one may be made up."""
        client = peer
        hops = ",".join(headers.getlist("x-forwarded-for")).split(",")
        while self.trusts(client) and hops:
            hop = _address(hops.pop())
            if hop is None:
                break
            client = str(hop)
        return client

    def user(self, peer: str, headers: Headers) -> str:
        """Who has signed on at a trusted proxy; empty where nobody has, or several are named."""
        if self.user_header is None or not self.trusts(peer):
            return ""
        named = headers.getlist(self.user_header)
        # Headers are bytes; starlette reads them as Latin-1, names are sent as UTF-8.
        user = named[0].encode("latin-1").decode("utf-8", "replace") if len(named) == 1 else ""
        return user.strip()[:_LONGEST_USER]


def came_by_proxy(headers: Headers) -> bool:
    """Whether any proxy says that it has passed the request on."""
    return any(name in headers for name in _FORWARDED)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
