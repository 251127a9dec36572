"""Who sent a request. Set for every request by the outermost middleware, read by the routes."""

from dataclasses import dataclass
from typing import Literal

from starlette.requests import HTTPConnection


@dataclass(frozen=True, slots=True)
class Caller:
    """`name` is the API key's or the signed-on user's, empty where there is neither; `address` is
    the client's, behind configured proxies the one they tell."""

    kind: Literal["key", "user", "open"]
    name: str
    address: str


def caller_of(request: HTTPConnection) -> Caller:
    caller: Caller = request.state.caller
    return caller


def request_id_of(request: HTTPConnection) -> str:
    identity: str = request.state.request_id
    return identity
