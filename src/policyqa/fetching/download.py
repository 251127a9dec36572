"""One GET over the network: the address that was checked is the one connected to, and nothing is
without bound: time, bytes on the wire, bytes unpacked, redirects.

httpcore has a place for a network of one's own (`NetworkBackend`), which httpx hides; it is used
without httpx's client, which would also unpack a whole block before its size is known.
"""

import re
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from urllib.parse import unquote

import httpcore
import httpx

from policyqa import __version__
from policyqa.errors import FetchError
from policyqa.fetching.addresses import (
    Resolve,
    checked_addresses,
    redirected,
    resolve,
    web_address,
)

Dial = Callable[[str, int, float | None], httpcore.NetworkStream]
"""Connect to an IP address and port within some seconds. Raises httpcore's errors."""

_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HEADERS = [
    ("User-Agent", f"policyqa/{__version__}"),
    ("Accept", "*/*"),
    ("Accept-Encoding", "gzip"),
]
_MEDIA_TYPE = re.compile(r"[a-z0-9.+/-]{1,100}")
_GZIP = 31
"""zlib's word for gzip with the largest window."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds to connect, between two pieces of an answer, and for all of it; bytes."""

    connect: float = 10
    read: float = 30
    whole: float = 300
    size: int = 100 * 2**20


@dataclass(frozen=True, slots=True)
class Access:
    """How the network is reached. `resolve` and `dial` are seams for the tests."""

    allow_private: bool = False
    limits: Limits = field(default_factory=Limits)
    tls: ssl.SSLContext | None = None
    """What certificates are trusted; None: certifi's, or those SSL_CERT_FILE names."""
    resolve: Resolve = resolve
    dial: Dial = httpcore.SyncBackend().connect_tcp


@dataclass(frozen=True, slots=True)
class Download:
    """What came from `url`, where redirects led; unpacked."""

    url: httpx.URL
    content: bytes
    media_type: str
    charset: str
    filename: str
    """What the server calls it in Content-Disposition; may be anything."""


def download(address: str, access: Access) -> Download:
    """GET `address`, following redirects. Raises FetchError with the reason in one line."""
    clock = _Clock(access.limits.whole)
    url = web_address(address)
    with httpcore.ConnectionPool(
        ssl_context=access.tls or httpx.create_ssl_context(),
        network_backend=_Network(access, clock),
    ) as pool:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = _get(pool, url, access.limits, clock)
            if isinstance(answer, Download):
                return answer
            url = answer
    raise FetchError(f"the server redirects more than {_MOST_REDIRECTS} times")


class _Clock:
    """The time for the whole download. The server cannot stretch it by sending a byte at a time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def within(self, timeout: float | None) -> float:
        """The seconds that one step may take. Raises FetchError when none is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchError(f"it took longer than {self._seconds:g} seconds")
        return left if timeout is None else min(timeout, left)


class _Network(httpcore.NetworkBackend):
    """Resolves a host once, checks what it is, and connects to just that."""

    def __init__(self, access: Access, clock: _Clock) -> None:
        self._access = access
        self._clock = clock

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: object = None,
    ) -> httpcore.NetworkStream:
        access = self._access
        failed: Exception = httpcore.ConnectError("it has no address")
        for address in checked_addresses(host, port, access.resolve, access.allow_private):
            try:
                stream = access.dial(address, port, self._clock.within(timeout))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Stream(stream, self._clock)
        raise failed


class _Stream(httpcore.NetworkStream):
    """A connection on which every step ends with the whole download's time at the latest."""

    def __init__(self, stream: httpcore.NetworkStream, clock: _Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._clock.within(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._clock.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        within = self._clock.within(timeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, within), self._clock)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _get(
    pool: httpcore.ConnectionPool, url: httpx.URL, limits: Limits, clock: _Clock
) -> Download | httpx.URL:
    """The answer, or where it redirects to."""
    try:
        with pool.stream(
            "GET",
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=[("Host", url.netloc.decode("ascii")), *_HEADERS],
            extensions={
                "timeout": {"connect": limits.connect, "read": limits.read, "write": limits.read}
            },
        ) as response:
            return _answer(url, response, limits)
    except httpcore.TimeoutException as error:
        clock.within(None)
        raise FetchError("the server does not answer in time") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FetchError(f"the connection failed ({reason})") from error


def _answer(url: httpx.URL, response: httpcore.Response, limits: Limits) -> Download | httpx.URL:
    headers = httpx.Headers(
        [(name.decode("ascii"), text_of(value)) for name, value in response.headers]
    )
    if response.status in _REDIRECTS and "location" in headers:
        return redirected(url, headers["location"])
    if response.status != HTTPStatus.OK:
        raise FetchError(f"the server answers {_status(response.status)}")
    media_type, charset = _content_type(headers.get("content-type", ""))
    return Download(
        url,
        _body(response, headers.get("content-encoding", ""), limits.size),
        media_type,
        charset,
        filename_of(headers.get("content-disposition", "")),
    )


def text_of(header: bytes) -> str:
    """Names of files come as UTF-8 or Shift_JIS, whatever the standard says."""
    for encoding in ("utf-8", "cp932"):
        try:
            return header.decode(encoding)
        except UnicodeDecodeError:
            continue
    return header.decode("latin-1")


def _status(code: int) -> str:
    try:
        return f"{code} {HTTPStatus(code).phrase}"
    except ValueError:
        return str(code)


def _content_type(header: str) -> tuple[str, str]:
    """text/html; charset=Shift_JIS as text/html and shift_jis; what is not given is empty."""
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    named = dict(part.partition("=")[::2] for part in parameters)
    # It is shown to people: nothing but what a type may consist of.
    known = media_type if _MEDIA_TYPE.fullmatch(media_type) else ""
    return known, named.get("charset", "").strip("\"' ")


def filename_of(disposition: str) -> str:
    """The file's name in a Content-Disposition, in any of the ways of writing it; empty if none."""
    message = Message()
    message["Content-Disposition"] = " ".join(disposition.split())
    return unquote(message.get_filename(""))


def _body(response: httpcore.Response, encoding: str, size: int) -> bytes:
    body = bytearray()
    for piece in _unpacked(_bounded(response.iter_stream(), size), encoding, size):
        body += piece
        if len(body) > size:
            raise _too_large(size)
    return bytes(body)


def _bounded(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The bytes of the wire; a bomb of empty gzip members never shows in those unpacked."""
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > size:
            raise _too_large(size)
        yield chunk


def _unpacked(chunks: Iterable[bytes], encoding: str, size: int) -> Iterator[bytes]:
    if encoding.lower() in ("", "identity"):
        return iter(chunks)
    if encoding.lower() in ("gzip", "x-gzip"):
        return _gunzipped(chunks, size)
    raise FetchError(f"the server packs its answer as {encoding!a}, which was not asked for")


def _gunzipped(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Pieces of at most `size` + 1 bytes, so that a bomb is noticed before it has gone off."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        for chunk in chunks:
            rest = chunk
            while rest:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_GZIP)
                yield unpacker.decompress(rest, size + 1)
                rest = unpacker.unused_data or unpacker.unconsumed_tail
    except zlib.error as error:
        raise FetchError(f"the server's answer is damaged ({error})") from error
    if not unpacker.eof:
        raise FetchError("the server's answer is cut off")


def _too_large(size: int) -> FetchError:
    return FetchError(f"it has more than {size:,} bytes")
