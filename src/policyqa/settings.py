"""The settings: policyqa.toml in the working folder, then POLICYQA_* variables over it."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, PlainValidator, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from policyqa.chunking import DEFAULT_BUDGET, LIMIT
from policyqa.encoders import EncoderChoice, Runtime
from policyqa.errors import PolicyQAError

_HOST = r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]"
_LOOPBACK = r"localhost|127\.0\.0\.1|\[::1\]"
_ORIGIN = re.compile(rf"(?:https://(?:{_HOST})|http://(?:{_LOOPBACK}))(?::[0-9]{{1,5}})?")
_DEFAULT_PORT = re.compile(r"(?:https.*:443|http:.*:80)")


def _origin(text: str) -> str:
    """`text`, where it is an origin exactly as browsers write it."""
    if not _ORIGIN.fullmatch(text) or _DEFAULT_PORT.fullmatch(text):
        raise ValueError(
            f"{text} is no origin; write scheme, host and port as browsers do, without a path and "
            "without *: https://portal.example.go.jp, http only for this machine itself"
        )
    return text


def _base_path(text: str) -> str:
    if not re.fullmatch(r"/(?:[\w-][\w.-]*/)*", text, re.ASCII):
        raise ValueError(f"{text} is no path of folders; write it as /policyqa-app/")
    return text


def _network(given: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(str(given))
    except ValueError as error:
        raise ValueError(
            f"{given} is no address or network; write 10.0.0.7 or 10.0.0.0/24, no names"
        ) from error


def _header(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9-]+", text):
        raise ValueError(f"{text} is no name of a header; write it as X-Remote-User")
    return text.lower()


class Settings(BaseSettings):
    """Read by the CLI and the web entry point only, and passed down as plain values."""

    model_config = SettingsConfigDict(
        env_prefix="POLICYQA_", toml_file="policyqa.toml", frozen=True, extra="forbid"
    )

    library: Path = Path("index")
    """The folder of the built library."""
    encoder: str | None = None
    """A model name or folder that sentence-transformers loads; unset: the bundled one."""
    query_prompt: str | None = None
    passage_prompt: str | None = None
    """Prompts in front of questions and passages; unset: those the model declares."""
    cache: Path | None = None
    """Where prepared encoders are kept; unset: the user's cache directory."""
    runtime: Runtime = "openvino"
    """What runs the encoder; openvino falls back to torch where it cannot."""
    chunk_tokens: int = Field(default=DEFAULT_BUDGET, ge=50, le=LIMIT)
    """About how long a chunk is, in encoder tokens."""
    law_api: str = "https://laws.e-gov.go.jp/api/2"
    """Where `fetch law:…` asks: e-Gov's law API version 2, or a mirror of it."""
    host: str = "127.0.0.1"
    port: int = Field(default=7860, ge=1, le=65535)
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    """Host names the server answers to."""
    frame_ancestors: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    """Origins of portals that may frame the page, e.g. https://portal.example.go.jp."""
    base_path: Annotated[str, AfterValidator(_base_path)] = "/"
    """The path of the page's public address, e.g. /policyqa-app/ behind a portal's proxy."""

    feedback: Path | None = None
    """Where what users say of answers is kept; unset: feedback.sqlite beside the library."""
    case_file: Path | None = None
    """The question set that users add to; unset: eval/cases.jsonl beside the library."""

    key_file: Path | None = None
    """Where the hashes of API keys are kept; unset: api-keys.json beside the library."""
    api_origins: tuple[Annotated[str, AfterValidator(_origin)], ...] = ()
    """Origins whose pages may call the API from a browser."""
    trusted_proxies: tuple[Annotated[IPv4Network | IPv6Network, PlainValidator(_network)], ...] = ()
    """Addresses or networks of the proxies whose X-Forwarded-For is believed."""
    user_header: Annotated[str, AfterValidator(_header)] | None = None
    """The header in which such a proxy names the user who has signed on."""
    rate_limit: int = Field(default=300, ge=0)
    """Requests a minute of one API key or address; 0: any number."""
    audit_log: Path | None = None
    """The file of who asked and opened what, as JSON lines; unset: none is written."""
    audit_questions: bool = False
    """Whether the questions themselves are written there."""
    audit_size_mb: int = Field(default=10, ge=1)
    """How large that file grows before the next is begun, and how many old ones are kept."""
    audit_files: int = Field(default=30, ge=1)

    @property
    def encoder_choice(self) -> EncoderChoice:
        return EncoderChoice(
            self.encoder, self.query_prompt, self.passage_prompt, self.cache, self.runtime
        )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings() -> Settings:
    """Read the settings. Raises PolicyQAError naming the first wrong one."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise PolicyQAError(
            f"the setting {name} is wrong: {first['msg'].removeprefix('Value error, ')}; "
            "see policyqa.toml and POLICYQA_*"
        ) from error
    except ValueError as error:
        raise PolicyQAError(f"policyqa.toml cannot be read: {error}") from error
