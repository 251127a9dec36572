"""Where a request leads, below the base path."""

import re

from starlette.types import Scope

_API = re.compile(r"/(?:api|genai)/.*|/metrics", re.DOTALL)


def path_of(scope: Scope) -> str:
    """The path below the base path; empty for what is not below it."""
    path: str = scope["path"]
    base: str = scope.get("root_path", "")
    return path.removeprefix(base) if path.startswith(f"{base}/") else ""


def is_api(scope: Scope) -> bool:
    """Whether a request is another program's, not the page's."""
    return _API.fullmatch(path_of(scope)) is not None
