"""How many requests a key or an address may send: a bucket of tokens each."""

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network

MOST_BUCKETS = 10_000
"""Kept at once, some 2 MB; of those asked for least lately the oldest is forgotten, and full again
when its owner comes back."""


class Limiter:
    """A bucket holds one minute's requests at most and fills evenly. To be asked by one thread, the
    event loop's."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_minute` 0 lets any number pass; `clock` gives seconds."""
        self._most = float(per_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, owner: str) -> float:
        """Take a token; 0, or in how many seconds there will be one."""
        if not self._most:
            return 0.0
        now = self._clock()
        tokens, since = self._buckets.pop(owner, (self._most, now))
        rate = self._most / 60
        tokens = min(self._most, tokens + (now - since) * rate)
        allowed = tokens >= 1
        self._buckets[owner] = (tokens - allowed, now)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / rate


def owner_of(address: str) -> str:
    """Whose bucket an address takes from. Of IPv6 its /64: whoever has one has all of them."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network((int(parsed), 64), strict=False))
    return address
