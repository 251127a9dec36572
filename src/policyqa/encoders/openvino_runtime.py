"""A sentence-transformers model run by OpenVINO: faster on a CPU than torch, and loaded without
importing it. The model is converted once, from torch, into the cache.

A question gets all cores at once; those that come meanwhile wait and are then run together.
Passages are run in as many streams as OpenVINO finds best, each on cores of its own: no core waits
for another after every operation.
"""

import contextlib
import io
import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policyqa.encoders.four_bit import BLOCK, shrink_layers, shrink_tables
from policyqa.encoders.processor import Processor, this_processor
from policyqa.encoders.together import Together
from policyqa.encoders.torch_runtime import TorchEncoder

LAYOUT = 2
"""Of the converted folder: another number is another folder in the cache."""
BATCH_TOKENS = 512
"""Tokens run together, padding included: more at once run slower, as they leave the CPU's cache."""
QUESTION_TOKENS = 160
"""Tokens of questions run together, padding included: more at once are no faster."""
_MODEL, _TOKENIZER, _CARD = "model.xml", "tokenizer.json", "encoder.json"


class OpenVinoEncoder:
    """An encoder (policyqa.encoders.Encoder) out of a folder that `convert` wrote."""

    def __init__(self, folder: Path, processor: Processor | None = None) -> None:
        """`processor`: the CPU that inferences are made for, by default the one that runs this."""
        from tokenizers import Tokenizer

        openvino = _openvino()

        card = json.loads((folder / _CARD).read_text())
        self.dimension: int = card["dimension"]
        self.max_tokens: int = card["max_tokens"]
        self._query_prompt: str = card["query_prompt"]
        self._passage_prompt: str = card["passage_prompt"]
        self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._pad_id: int = card["pad_id"]
        self._model = folder / _MODEL
        self._openvino = openvino
        self._processor = processor or this_processor()
        compiled = self._compiled("LATENCY")
        self._request = compiled.create_infer_request()
        # One inference already uses every core; a second at the same time would only slow both.
        self._lock = threading.Lock()
        self._questions = Together(self._encode_together, QUESTION_TOKENS)

    def _compiled(self, hint: str) -> Any:
        core = self._openvino.Core()
        options = {"PERFORMANCE_HINT": hint}
        model = core.read_model(self._model)
        if self._processor.multiplies_bytes and not self._processor.multiplies_bfloat16:
            shrink_layers(model, self._openvino)
            # OpenVINO would take bfloat16; and it makes bytes only of as many numbers to a scale
            # as the weights have.
            options["INFERENCE_PRECISION_HINT"] = "f32"
            options["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = str(BLOCK)
        return core.compile_model(model, "CPU", options)

    @cached_property
    def _queue(self) -> Any:
        # Made when passages come: a process that only searches does not pay for its memory.
        return self._openvino.AsyncInferQueue(self._compiled("THROUGHPUT"))

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        tokens = self._tokens(self._query_prompt, texts)
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, sequence in enumerate(tokens):
            vectors[row] = self._questions(sequence)
        return _normalised(vectors)

    def _encode_together(self, tokens: Sequence[list[int]]) -> Sequence[NDArray[np.float32]]:
        with self._lock:
            return list(self._request.infer(self._inputs(tokens))[0])

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        tokens = self._tokens(self._passage_prompt, texts)
        vectors = np.zeros((len(texts), self.dimension), np.float32)

        def keep(request: Any, batch: list[int]) -> None:
            vectors[batch] = request.get_output_tensor(0).data

        with self._lock:
            self._queue.set_callback(keep)
            for batch in batches([len(sequence) for sequence in tokens]):
                self._queue.start_async(self._inputs([tokens[row] for row in batch]), batch)
            self._queue.wait_all()
        return _normalised(vectors)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text alone, without prompt and special tokens."""
        encoded = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encoded]

    def _tokens(self, prompt: str, texts: Sequence[str]) -> list[list[int]]:
        encoded = self._tokenizer.encode_batch([prompt + text for text in texts])
        return [self._truncated(encoding) for encoding in encoded]

    def _truncated(self, encoding: Any) -> list[int]:
        ids: list[int] = encoding.ids
        # The last token is the end mark, which a cut text keeps.
        return ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], ids[-1]]

    def _inputs(self, tokens: Sequence[list[int]]) -> dict[str, NDArray[np.int64]]:
        longest = max(map(len, tokens))
        ids = np.full((len(tokens), longest), self._pad_id, np.int64)
        mask = np.zeros((len(tokens), longest), np.int64)
        for row, sequence in enumerate(tokens):
            ids[row, : len(sequence)] = sequence
            mask[row, : len(sequence)] = 1
        return {"input_ids": ids, "attention_mask": mask}


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Rows to run together, longest first: of like length, so little is padding, and at most
    BATCH_TOKENS with it, or a single row."""
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        if batch and lengths[batch[0]] * (len(batch) + 1) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _normalised(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def convert(encoder: TorchEncoder, folder: Path) -> None:
    """Write `encoder` as OpenVINO's model, the tokenizer, and a card, into `folder`.

    Raises whatever conversion raises for a model it does not fit (a slow tokenizer, say).
    """
    import torch

    openvino = _openvino()

    model = encoder.model

    class Pipeline(torch.nn.Module):
        """All modules of the model in a row: token ids in, sentence vectors out."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask}
            return self.model(features)["sentence_embedding"]

    tokenizer = model.tokenizer
    # Two texts of unequal length, so that padding is traced too.
    example = dict(tokenizer(["短い", "もう少し長い文です。"], padding=True, return_tensors="pt"))
    inputs = {name: example[name].to("cpu") for name in ("input_ids", "attention_mask")}
    with _quiet(), torch.no_grad():
        converted = openvino.convert_model(Pipeline().to("cpu").eval(), example_input=inputs)
    shrink_tables(converted, openvino)
    openvino.save_model(converted, folder / _MODEL, compress_to_fp16=False)
    tokenizer.backend_tokenizer.save(str(folder / _TOKENIZER))
    card = {
        "dimension": encoder.dimension,
        "max_tokens": encoder.max_tokens,
        "pad_id": tokenizer.pad_token_id,
        "query_prompt": encoder.query_prompt,
        "passage_prompt": encoder.passage_prompt,
    }
    (folder / _CARD).write_text(json.dumps(card, ensure_ascii=False, indent=2))


def _openvino() -> Any:
    """OpenVINO without its telemetry, which calls www.google-analytics.com as soon as imported."""
    # None makes its import fail; OpenVINO then takes the stub that it has for this case.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino
    import openvino.opset13

    return openvino


@contextlib.contextmanager
def _quiet() -> Any:
    """Tracing warns of every constant it makes of a shape, and transformers of its own changes."""
    logger = logging.getLogger("transformers")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)
