"""`policyqa key`: the API keys of the server."""

from pathlib import Path
from typing import Annotated

import typer

from policyqa import keys
from policyqa.settings import load_settings

key_app = typer.Typer(
    help="API keys of the server: add, list, revoke.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[str, typer.Argument(help="Whose key it is, e.g. the calling system.")]


@key_app.command()
def add(name: Name) -> None:
    """Make a key and print it, this once; a running server accepts it at once."""
    print(keys.add(_file(), name))


@key_app.command("list")
def list_keys() -> None:
    """The keys' names, when they were made, and their fingerprints; never the keys."""
    for key in keys.kept(_file()):
        print(f"{key.created}  {key.fingerprint}  {key.name}")


@key_app.command()
def revoke(name: Name) -> None:
    """Refuse a key from now on, also in a running server."""
    keys.revoke(_file(), name)


def _file() -> Path:
    settings = load_settings()
    return settings.key_file or keys.beside(settings.library)
