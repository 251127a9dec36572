"""The settings: policyqa.toml in the working folder, then POLICYQA_* variables over it."""

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from policyqa.chunking import DEFAULT_BUDGET, LIMIT
from policyqa.encoders import EncoderChoice, Runtime
from policyqa.errors import PolicyQAError


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
    frame_ancestors: tuple[str, ...] = ()
    """Origins of portals that may frame the page, e.g. https://portal.example.go.jp."""

    feedback: Path | None = None
    """Where what users say of answers is kept; unset: feedback.sqlite beside the library."""
    case_file: Path | None = None
    """The question set that users add to; unset: eval/cases.jsonl beside the library."""

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
            f"the setting {name} is wrong: {first['msg']}; see policyqa.toml and POLICYQA_*"
        ) from error
    except ValueError as error:
        raise PolicyQAError(f"policyqa.toml cannot be read: {error}") from error
