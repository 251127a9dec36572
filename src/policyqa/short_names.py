"""Short names of statutes, such as 行手法, and the titles they stand for."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def short_names() -> Mapping[str, str]:
    """Short name to full title, both as they are written, from `short_names.toml`."""
    text = files("policyqa").joinpath("short_names.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))
