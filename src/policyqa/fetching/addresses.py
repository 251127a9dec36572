"""Which web addresses are fetched: http(s), no password, a machine of the open internet."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx

from policyqa.errors import FetchError

Resolve = Callable[[str, int], Sequence[str]]
"""A host's name and a port to its IP addresses as text. Raises OSError or UnicodeError."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv6 addresses of IPv4 machines, as networks without IPv4 of their own give them out."""


def web_address(text: str) -> httpx.URL:
    """An address that may be fetched, without its fragment. Raises FetchError."""
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL as error:
        raise FetchError(f"this is no web address ({error})") from error
    if url.scheme not in ("http", "https"):
        raise FetchError("only addresses that begin with https:// or http:// are fetched")
    if not url.host or not 1 <= _port(url) <= 65535:
        raise FetchError("this is no web address (its host or port is wrong)")
    if url.userinfo:
        raise FetchError("addresses with a user's name or password are not fetched")
    return url.copy_with(fragment=None)


def _port(url: httpx.URL) -> int:
    return 80 if url.port is None else url.port


def redirected(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect from `url` leads. Raises FetchError."""
    try:
        target = url.join(location)
    except httpx.InvalidURL as error:
        raise FetchError(f"the server redirects to no web address ({error})") from error
    target = web_address(str(target))
    if (url.scheme, target.scheme) == ("https", "http"):
        raise FetchError(f"the server redirects from https to http ({target})")
    return target


def resolve(host: str, port: int) -> list[str]:
    """Ask the system, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def checked_addresses(host: str, port: int, resolve: Resolve, allow_private: bool) -> Sequence[str]:
    """The IP addresses to connect to. All must be public: of a host that has one inside this
    network as well, none is used. Raises FetchError."""
    try:
        addresses = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise FetchError(f"the host {host} is not known") from error
    for address in addresses:
        if not allow_private and not is_public(address):
            what = address if host == address else f"{host} is {address}, which"
            raise FetchError(
                f"{what} is no address of the open internet; give --allow-private if you mean it"
            )
    return addresses


def is_public(address: str) -> bool:
    """Whether an IP address belongs to a machine of the open internet."""
    try:
        ip = _reached(ip_address(address))
    except ValueError:
        return False
    # Multicast counts as global, site-local and reserved addresses of IPv6 partly do.
    inside = ip.is_multicast or ip.is_reserved or getattr(ip, "is_site_local", False)
    return ip.is_global and not inside


def _reached(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address behind one of IPv6 that stands for it."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
