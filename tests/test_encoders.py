"""The bundled encoder: prepared for real once, and what is said when it cannot be."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from policyqa import indexing
from policyqa.encoders import EncoderChoice, bundled, four_bit, openvino_runtime, prepared
from policyqa.encoders.openvino_runtime import OpenVinoEncoder
from policyqa.encoders.processor import Processor, described
from policyqa.errors import EncoderError


def test_two_processes_prepare_it_at_once(tmp_path):
    code = (
        "import sys; from pathlib import Path; from policyqa.encoders.bundled import "
        "prepared_folder; print(prepared_folder(Path(sys.argv[1])))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    folders = {run.communicate(timeout=300)[0].strip() for run in runs}
    assert [run.returncode for run in runs] == [0, 0]
    assert len(folders) == 1
    folder = next(tmp_path.iterdir())
    assert folders == {str(folder)}
    assert [path.name for path in tmp_path.iterdir()] == [folder.name], "no draft is left"
    assert prepared.damaged_files(folder) == []


def test_damaged_folder_is_replaced(tmp_path):
    folder, draft = tmp_path / "encoder", tmp_path / "draft"
    for place, content in ((folder, "half"), (draft, "whole")):
        place.mkdir()
        (place / "model").write_text(content)
    (draft / "checksums.json").write_text(json.dumps({"model": {"bytes": 5, "sha256": ""}}))
    (folder / "checksums.json").write_text(json.dumps({"model": {"bytes": 5, "sha256": ""}}))
    prepared.put_in_place(draft, folder)
    assert (folder / "model").read_text() == "whole"
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_missing_data_package_names_the_setting():
    with pytest.raises(EncoderError, match="POLICYQA_ENCODER"):
        bundled._data_file("no_such_package")


def test_unknown_model_folder_is_one_clear_line(tmp_path):
    (tmp_path / "model").mkdir()
    with pytest.raises(EncoderError, match="POLICYQA_ENCODER") as caught:
        EncoderChoice(str(tmp_path / "model"), cache=tmp_path).load()
    assert "\n" not in str(caught.value)


def test_id_changes_with_what_changes_vectors(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    ids = [EncoderChoice().id, EncoderChoice(query_prompt="問：").id, EncoderChoice(str(folder)).id]
    (folder / "config.json").write_text('{"a": 1}')
    ids.append(EncoderChoice(str(folder)).id)
    assert len(set(ids)) == 4
    assert EncoderChoice().id == ids[0]


def test_dequantise_by_hand():
    # One block: scale 0.5, byte j holds weight j (low nibble) and weight j + 16 (high nibble).
    raw = np.float16(0.5).tobytes() + bytes([0x80 | j for j in range(16)])
    weights = bundled._dequantise(memoryview(raw))
    assert weights.tolist() == [(j - 8) * 0.5 for j in range(16)] + [0.0] * 16


def test_four_bit_numbers_stay_what_they_are():
    numbers = np.arange(64).reshape(2, 32) % 16 - 8
    table = (numbers * np.array([[0.5], [-0.25]])).astype(np.float32)
    found, scales = four_bit.blocks_of(table)
    assert found.tolist() == numbers.tolist()
    assert scales.tolist() == [0.5, -0.25]
    assert four_bit.blocks_of(np.zeros((2, 32), np.float32))[1].tolist() == [0, 0]


@pytest.mark.parametrize("table", [np.full((2, 31), 1), np.linspace(0, 1, 32).reshape(1, 32)])
def test_other_numbers_are_not_touched(table):
    assert four_bit.blocks_of(table.astype(np.float32)) is None


def test_layers_of_four_bit_numbers_stay_what_they_are():
    openvino = openvino_runtime._openvino()
    ops = openvino.opset13
    layer = (np.arange(128).reshape(2, 64) % 16 - 8).astype(np.float32) / 4
    other = np.linspace(0, 1, 64, dtype=np.float32).reshape(2, 32)
    given = ops.parameter([1, 64], np.float32)
    inside = ops.matmul(given, ops.constant(layer), False, True)
    outside = ops.matmul(inside, ops.constant(other), False, False)
    model = openvino.Model([outside], [given])
    four_bit.shrink_layers(model, openvino)
    kept = [
        (node.get_element_type().to_string(), list(node.shape))
        for node in model.get_ordered_ops()
        if node.get_type_name() == "Constant" and node.get_element_type() != openvino.Type.i64
    ]
    assert sorted(kept) == [("f32", [2, 2, 1]), ("f32", [2, 32]), ("i8", [2, 2, 32])]
    vector = np.arange(64, dtype=np.float32)[None]
    exactly = {"INFERENCE_PRECISION_HINT": "f32", "DYNAMIC_QUANTIZATION_GROUP_SIZE": "0"}
    compiled = openvino.Core().compile_model(model, "CPU", exactly)
    assert np.allclose(compiled(vector)[0], vector @ layer.T @ other)


@pytest.mark.parametrize(
    ("vendor", "flags", "bfloat16", "eight_bit"),
    [
        ("GenuineIntel", "avx2 avx512_vnni avx512_bf16 amx_bf16 amx_int8", True, True),
        ("GenuineIntel", "avx2 avx512_vnni avx512_bf16", False, True),
        ("AuthenticAMD", "avx2 avx512_vnni avx512_bf16", True, True),
        ("AuthenticAMD", "avx2 fma", False, False),
        ("GenuineIntel", "", False, False),
    ],
)
def test_what_a_processor_is_fast_at(vendor, flags, bfloat16, eight_bit):
    told = f"processor\t: 0\nvendor_id\t: {vendor}\nflags\t\t: {flags}\nbugs\t\t: none\n"
    found = described(f"{told}\nprocessor\t: 1\nflags\t\t: other\n")
    assert (found.multiplies_bfloat16, found.multiplies_bytes) == (bfloat16, eight_bit)


def test_processors_that_say_nothing_have_nothing():
    assert described("processor\t: 0\nBogoMIPS\t: 243.75\n") == Processor()


def test_batches_hold_every_row_once_within_the_budget():
    lengths = [3, 512, 40, 40, 1, 700, 39] + [100] * 11
    made = list(openvino_runtime.batches(lengths))
    assert sorted(row for batch in made for row in batch) == list(range(len(lengths)))
    assert [len(batch) for batch in made] == [1, 1, 5, 5, 5, 1]
    assert list(openvino_runtime.batches([])) == []


def test_what_openvino_cannot_run_goes_to_torch_with_a_warning(monkeypatch, caplog):
    def broken(folder):
        raise RuntimeError("no such operation\nand a long trace")

    monkeypatch.setattr("policyqa.encoders.OpenVinoEncoder", broken)
    monkeypatch.setattr(EncoderChoice, "_load_torch", lambda self: "torch's encoder")
    assert EncoderChoice().load() == "torch's encoder"
    (warning,) = [record.getMessage() for record in caplog.records]
    assert warning.endswith("(RuntimeError: no such operation); using torch instead")


@pytest.fixture(scope="module")
def encoder():
    return EncoderChoice().load()


def test_vectors_are_normalised_and_prompted(encoder):
    queries = encoder.encode_queries(["保険料の免除", "保険料の免除"])
    passage = encoder.encode_passages(["保険料の免除"])
    assert queries.shape == (2, encoder.dimension) == (2, 384)
    assert queries.dtype == np.float32
    assert np.allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-5)
    assert not np.allclose(queries[0], passage[0])
    assert encoder.encode_passages([]).shape == (0, 384)


def test_questions_of_many_threads_get_their_own_vectors(encoder):
    questions = [f"{number}歳で受けられる" + "保険料の免除" * (number % 4) for number in range(24)]
    alone = [encoder.encode_queries([question])[0] for question in questions]
    with ThreadPoolExecutor(len(questions)) as pool:
        together = list(pool.map(lambda question: encoder.encode_queries([question])[0], questions))
    # A CPU with bfloat16 rounds sooner.
    assert np.sum(np.multiply(alone, together), axis=1).min() > 0.9999
    assert np.argmax(alone @ np.transpose(together), axis=1).tolist() == list(range(24))


@pytest.mark.parametrize(
    "flags",
    [[], ["avx512_vnni"], ["avx512_vnni", "amx_bf16"]],
    ids=["OpenVINO's choice", "8 bits", "AMX"],
)
def test_runtimes_agree(flags):
    folder = EncoderChoice().converted_folder()
    encoder = OpenVinoEncoder(folder, Processor("GenuineIntel", frozenset(flags)))
    texts = ["国民年金の保険料を免除する。", "長い文。" * 400, "short", "①㈱ＡＩ\t\u200b😀"]
    torch = EncoderChoice(runtime="torch").load()
    for method in ("encode_passages", "encode_queries"):
        cosines = (getattr(encoder, method)(texts) * getattr(torch, method)(texts)).sum(axis=1)
        assert cosines.min() > 0.999
        assert cosines.mean() > 0.9999
    assert encoder.count_tokens(texts) == torch.count_tokens(texts)
    assert (encoder.dimension, encoder.max_tokens) == (torch.dimension, torch.max_tokens)


def test_openvino_searches_without_torch(encoder, tmp_path):
    (tmp_path / "年金.txt").write_text("１．免除\n国民年金の保険料を免除する。\n", encoding="utf-8")
    indexing.build([tmp_path], tmp_path / "library", EncoderChoice())
    code = """
import sys
from pathlib import Path
from policyqa.encoders import EncoderChoice
from policyqa.library import Library
found = Library.open(Path(sys.argv[1]), EncoderChoice()).search("保険料の免除")
print(len(found.passages), "torch" in sys.modules, "sentence_transformers" in sys.modules)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "library")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("1 False False", 0), done.stderr


def test_converted_word_table_is_four_bit(encoder):
    folder = EncoderChoice().converted_folder()
    assert (folder / "model.bin").stat().st_size < 150_000_000


def test_openvino_calls_no_one(encoder, tmp_path):
    # OpenVINO's telemetry looks its host up in a thread, and writes an id into HOME.
    code = """
import sys
from pathlib import Path
sys.addaudithook(lambda event, args: event.startswith("socket.") and print(event, args))
from policyqa.encoders import EncoderChoice
EncoderChoice(cache=Path(sys.argv[1])).load().encode_queries(["質問"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code, EncoderChoice().converted_folder().parent],
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.returncode) == ("", 0), done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("runtime", ["torch", "openvino"])
def test_without_torch_one_line_says_what_is_needed(tmp_path, runtime):
    # As installed from a bundle: None makes the import fail.
    code = """
import sys
from pathlib import Path
sys.modules["sentence_transformers"] = None
from policyqa.encoders import EncoderChoice
from policyqa.errors import EncoderError
try:
    EncoderChoice(model="a-model", cache=Path(sys.argv[1]), runtime=sys.argv[2]).load()
except EncoderError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path, runtime], capture_output=True, text=True
    )
    assert done.stdout.count("\n") == 1, done.stderr
    assert done.stdout.startswith("the encoder a-model needs PyTorch and sentence-transformers")
    assert "make bundle TORCH=1" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_meaning_across_words_and_languages(encoder):
    passages = encoder.encode_passages(
        ["スタートアップ企業を海外の大学と連携して育成する。", "国民年金の保険料を免除する。"]
    )
    for question in ("起業家を育てる取組はありますか。", "How are startups supported?"):
        scores = passages @ encoder.encode_queries([question])[0]
        assert scores[0] > scores[1] + 0.02


@pytest.mark.parametrize(
    ("text", "tokens"),
    [("", 0), ("スマートシティ", 6), ("ＡＩ", 1), ("AI", 1), ("a\tb\nc", 3), ("\u200bゼロ", 2)],
)
def test_token_counts(encoder, text, tokens):
    assert encoder.count_tokens([text]) == [tokens]
