"""policyqa beside txtai on the BEIR dev sets: quality and speed. `make bench-peers`

    python benchmarks/peers/compare.py [BEIR FOLDER...]

Both get the same rows, the bundled encoder and the same questions, one after the other on the same
machine; ratios are policyqa's over the peer's. Quality is trec_eval's, by policyqa.evaluation.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from policyqa import indexing
from policyqa.encoders import EncoderChoice, bundled
from policyqa.evaluation.beir import BeirSet, read_beir
from policyqa.evaluation.metrics import Row, measure
from policyqa.library import Library

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PEERS = ROOT / ".venv-peers" / "bin" / "python"
SETS = [ROOT.parent / "shared" / "eval" / name for name in ("localgovfaq-dev", "jaquad-dev")]
DEPTH, TIMED, SEED = 10, 300, 1
METRICS = ("nDCG@10", "P@1", "R@10")

Result = dict[str, Any]
"""run: question id -> [(row id, score)]; median_ms of a search; index_s."""


def main(folders: list[Path]) -> None:
    for folder in folders:
        if not folder.is_dir():
            print(f"no set in {folder}: nothing measured")
            continue
        data = read_beir(folder)
        ids = [question.id for question in data.questions]
        timed = random.Random(SEED).sample(ids, min(TIMED, len(ids)))
        results = {"policyqa": with_policyqa(data, set(timed))}
        peer = with_txtai(folder, timed)
        results |= {f"txtai, {name}": peer[name] for name in ("default", "fugashi")}
        print("\n".join(table(folder.name, data, results)), flush=True)


def with_policyqa(data: BeirSet, timed: set[str]) -> Result:
    names = {source.document_id: source.path for source, _ in data.documents}
    choice = EncoderChoice()
    choice.converted_folder()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        indexing.build_documents(data.documents, Path(folder), choice)
        indexed = time.perf_counter() - began
        library = Library.open(Path(folder), choice)
        library.search(data.questions[0].text, DEPTH)  # the first one warms up
        run, took = {}, []
        for question in data.questions:
            result = library.search(question.text, DEPTH)
            hits: dict[str, float] = {}
            for passage in result.passages:
                hits.setdefault(names[passage.citation.document_id], passage.score)
            run[question.id] = list(hits.items())
            if question.id in timed:
                took.append(result.took_ms)
        library.close()
    return {"run": run, "median_ms": median(took), "index_s": indexed}


def with_txtai(folder: Path, timed: list[str]) -> dict[str, Any]:
    encoder = bundled.prepared_folder(EncoderChoice().converted_folder().parent)
    with tempfile.TemporaryDirectory() as place:
        out, asked = Path(place, "out.json"), Path(place, "asked.json")
        asked.write_text(json.dumps(timed))
        command = [PEERS, HERE / "txtai_peer.py", folder, encoder, out, asked]
        subprocess.run([str(part) for part in command], check=True)
        return json.loads(out.read_text())


def table(name: str, data: BeirSet, results: dict[str, Result]) -> list[str]:
    lines = [
        "",
        f"{name}: {len(data.documents)} rows, {len(data.questions)} questions",
        "",
        "| | " + " | ".join(METRICS) + " | ms a question | index s | questions/s | rows/s |",
        "|---" * (len(METRICS) + 5) + "|",
    ]
    own = results["policyqa"]
    rows = len(data.documents)
    for system, result in results.items():
        figures = measure(rows_of(data, result["run"]))
        cells = [f"{figures[metric]['value']:.3f}" for metric in METRICS]
        cells += [f"{result['median_ms']:.1f}", f"{result['index_s']:.1f}"]
        cells += [
            f"{1000 / result['median_ms']:.1f} ({result['median_ms'] / own['median_ms']:.2f})",
            f"{rows / result['index_s']:.1f} ({result['index_s'] / own['index_s']:.2f})",
        ]
        lines.append(f"| {system} | " + " | ".join(cells) + " |")
    lines += ["", "In brackets: how many times as fast policyqa is."]
    return lines


def rows_of(data: BeirSet, run: dict[str, list[tuple[str, float]]]) -> list[Row]:
    """Rows for the ranking metrics; a question without a hit counts as zero."""
    return [
        {
            "id": question.id,
            "question": question.text,
            "answerable": question.answerable,
            "tags": [],
            "gains": data.gains.get(question.id, {}),
            "ranking": [(target, score) for target, score in run[question.id]],
            "section_hit": None,
            "page_hit": None,
            "answers": [],
            "evidence": [],
            "found": True,
            "probability": 1.0,
        }
        for question in data.questions
    ]


if __name__ == "__main__":
    main([Path(folder) for folder in sys.argv[1:]] or SETS)
