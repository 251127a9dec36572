"""Text to vectors: what the library needs of an encoder, and sentence-transformers behind it."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from policyqa.encoders import bundled
from policyqa.errors import EncoderError

Vectors = NDArray[np.float32]
BATCH_SIZE = 32


class Encoder(Protocol):
    """Vectors are L2-normalised float32 of shape (texts, dimension)."""

    @property
    def dimension(self) -> int: ...

    @property
    def max_tokens(self) -> int: ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors: ...

    def encode_passages(self, texts: Sequence[str]) -> Vectors: ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]: ...


@dataclass(frozen=True, slots=True)
class EncoderChoice:
    """Which encoder to use. `model` None is the bundled one; else a name or folder that
    sentence-transformers loads. A prompt of None is the one the model itself declares."""

    model: str | None = None
    query_prompt: str | None = None
    passage_prompt: str | None = None
    cache: Path | None = None

    @property
    def id(self) -> str:
        """What a library records, without loading the model: two encoders with the same id give
        the same vectors."""
        if self.model is None:
            name, digest = bundled.NAME, bundled.DATA_SHA256
        else:
            name, digest = self.model, _folder_digest(Path(self.model))
        prompts = f"|{self.query_prompt}|{self.passage_prompt}"
        return f"{name}@{hashlib.sha256((digest + prompts).encode()).hexdigest()[:12]}"

    def load(self) -> "SentenceTransformerEncoder":
        """Load the encoder; the bundled one is prepared first. Raises EncoderError."""
        folder = str(bundled.prepared_folder(self.cache)) if self.model is None else self.model
        return SentenceTransformerEncoder(folder, self.query_prompt, self.passage_prompt)


def _folder_digest(folder: Path) -> str:
    """A digest of a local model's files by name, size and small files' content; "" for a name."""
    if not folder.is_dir():
        return ""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            size = path.stat().st_size
            digest.update(f"{path.relative_to(folder).as_posix()}:{size};".encode())
            if size < 1_000_000:
                digest.update(path.read_bytes())
    return digest.hexdigest()


class SentenceTransformerEncoder:
    """Any model that sentence-transformers loads, on the CPU or what torch finds."""

    def __init__(self, model: str, query_prompt: str | None, passage_prompt: str | None) -> None:
        self._model = _load(model)
        declared = self._model.prompts or {}
        self._query_prompt = _first(query_prompt, declared.get("query"))
        self._passage_prompt = _first(
            passage_prompt, declared.get("passage"), declared.get("document")
        )

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        return int(self._model.max_seq_length or 512)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, self._query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, self._passage_prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text alone, without prompt and special tokens."""
        if not texts:
            return []
        encoded = self._model.tokenizer(
            list(texts), add_special_tokens=False, truncation=False, return_attention_mask=False
        )
        return [len(ids) for ids in encoded["input_ids"]]

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors: Vectors = self._model.encode(
            list(texts),
            prompt=prompt,
            batch_size=BATCH_SIZE,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def _first(*prompts: str | None) -> str:
    return next((prompt for prompt in prompts if prompt is not None), "")


def _load(model: str) -> Any:
    # A closed network must not be asked for anything when the model is on disk.
    if Path(model).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(model)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EncoderError(
            f"the encoder {model} cannot be loaded ({reason}); set POLICYQA_ENCODER to a model "
            "name or folder that sentence-transformers can load, or unset it for the bundled one"
        ) from error
