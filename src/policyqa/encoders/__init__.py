"""Text to vectors: what the library needs of an encoder, and the choice of one."""

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import platformdirs
from numpy.typing import NDArray

from policyqa.encoders import bundled, openvino_runtime, prepared
from policyqa.encoders.openvino_runtime import OpenVinoEncoder
from policyqa.encoders.torch_runtime import TorchEncoder
from policyqa.errors import EncoderError

log = logging.getLogger(__name__)

Vectors = NDArray[np.float32]
Runtime = Literal["openvino", "torch"]


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
    runtime: Runtime = "openvino"

    @property
    def id(self) -> str:
        """What a library records, without loading the model: two encoders with the same id give
        the same vectors. The runtime is no part of it: tests/test_encoders.py holds the cosine of
        both above 0.999."""
        if self.model is None:
            name, digest = bundled.NAME, bundled.DATA_SHA256
        else:
            name, digest = self.model, _folder_digest(Path(self.model))
        prompts = f"|{self.query_prompt}|{self.passage_prompt}"
        return f"{name}@{hashlib.sha256((digest + prompts).encode()).hexdigest()[:12]}"

    def load(self) -> Encoder:
        """Load the encoder, prepared and converted first where needed. Raises EncoderError.

        Falls back to torch, with a warning, where OpenVINO cannot run the model.
        """
        if self.runtime == "torch":
            return self._load_torch()
        try:
            return OpenVinoEncoder(self.converted_folder())
        except EncoderError:
            raise
        except Exception as error:
            # Any failure inside a foreign runtime has the same way out, and is told.
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            log.warning("OpenVINO cannot run %s (%s); using torch instead", self.id, reason)
            return self._load_torch()

    def converted_folder(self) -> Path:
        """The folder that OpenVINO loads, converted into the cache first if it is not there yet."""
        target = self.cache_folder / f"{_file_name(self.id)}-openvino-{openvino_runtime.LAYOUT}"
        return prepared.folder(target, self._convert)

    def _convert(self, folder: Path) -> None:
        openvino_runtime.convert(self._load_torch(), folder)

    def _load_torch(self) -> TorchEncoder:
        model = (
            str(bundled.prepared_folder(self.cache_folder)) if self.model is None else self.model
        )
        return TorchEncoder(model, self.query_prompt, self.passage_prompt)

    @property
    def cache_folder(self) -> Path:
        """Where prepared encoders are kept."""
        return self.cache or Path(platformdirs.user_cache_dir("policyqa")) / "encoders"


def _file_name(encoder_id: str) -> str:
    return "".join(sign if sign.isalnum() or sign in "._@-" else "_" for sign in encoder_id)


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
