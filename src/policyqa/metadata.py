"""PLACEHOLDER: replaced by the module of this name when its branch is merged."""

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path


def add_entry(folder: Path, name: str, values: Mapping[str, str]) -> None:
    """Add or replace one file's table in the folder's metadata.toml."""
    path = folder / "metadata.toml"
    tables = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    tables[name] = dict(values)
    lines = [
        "\n".join([f"[{_text(file)}]", *(f"{key} = {_text(table[key])}" for key in table), ""])
        for file, table in tables.items()
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)
