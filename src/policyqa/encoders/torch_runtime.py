"""Any model that sentence-transformers loads, run by torch."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policyqa.errors import EncoderError

BATCH_SIZE = 32


class TorchEncoder:
    """An encoder (policyqa.encoders.Encoder) on what torch finds: the CPU, or a GPU."""

    def __init__(self, model: str, query_prompt: str | None, passage_prompt: str | None) -> None:
        self.model = load_model(model)
        declared = self.model.prompts or {}
        self.query_prompt = _first(query_prompt, declared.get("query"))
        self.passage_prompt = _first(
            passage_prompt, declared.get("passage"), declared.get("document")
        )

    @property
    def dimension(self) -> int:
        return int(self.model.get_embedding_dimension())

    @property
    def max_tokens(self) -> int:
        return int(self.model.max_seq_length or 512)

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(texts, self.query_prompt)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._encode(texts, self.passage_prompt)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text alone, without prompt and special tokens."""
        if not texts:
            return []
        encoded = self.model.tokenizer(
            list(texts), add_special_tokens=False, truncation=False, return_attention_mask=False
        )
        return [len(ids) for ids in encoded["input_ids"]]

    def _encode(self, texts: Sequence[str], prompt: str) -> NDArray[np.float32]:
        if not texts:
            return np.zeros((0, self.dimension), np.float32)
        vectors = self.model.encode(
            list(texts),
            prompt=prompt,
            batch_size=BATCH_SIZE,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.asarray(vectors, dtype=np.float32)


def _first(*prompts: str | None) -> str:
    return next((prompt for prompt in prompts if prompt is not None), "")


def load_model(model: str) -> Any:
    """The SentenceTransformer of a name or folder. Raises EncoderError."""
    # A closed network must not be asked for anything when the model is on disk.
    if Path(model).is_dir():
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging
    except ModuleNotFoundError as error:
        raise EncoderError(
            f"the encoder {model} needs PyTorch and sentence-transformers ({error.name} is not "
            "installed); unset POLICYQA_RUNTIME and POLICYQA_ENCODER for the bundled encoder by "
            "OpenVINO, or install from a bundle made by `make bundle TORCH=1`"
        ) from error

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        return SentenceTransformer(model)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise EncoderError(
            f"the encoder {model} cannot be loaded ({reason}); set POLICYQA_ENCODER to a model "
            "name or folder that sentence-transformers can load, or unset it for the bundled one"
        ) from error
