"""Index a BEIR folder with txtai and ask all its questions. compare.py runs it in .venv-peers.

    python txtai_peer.py FOLDER ENCODER OUT.json QUESTION-IDS.json

The mode is hybrid, as txtai's documentation sets it up: dense and BM25, normalised, half and half.
Its default tokenizer (Unicode's word boundaries) cuts kanji into single signs; so BM25 runs a
second time on words by fugashi, as a user who reads Japanese would set it up.
"""

import json
import os
import sys
import time
from pathlib import Path
from statistics import median

import fugashi
import torch
from txtai.embeddings import Embeddings
from txtai.scoring.bm25 import BM25

DEPTH = 10
TERMS = {"method": "bm25", "terms": True, "normalize": True}


class WordBM25(BM25):
    """txtai's BM25 on the words of UniDic as they are written."""

    def loadtokenizer(self):
        tagger = fugashi.Tagger()
        return lambda text: [word.surface.lower() for word in tagger(text)]


def main(folder: Path, encoder: str, out: Path, timed: list[str]) -> None:
    torch.set_num_threads(os.cpu_count() or 1)
    corpus, queries = rows(folder / "corpus.jsonl"), rows(folder / "queries.jsonl")
    texts = [
        f"{row['title']}\n{row['text']}" if row.get("title") else row["text"] for row in corpus
    ]
    began = time.perf_counter()
    embeddings = Embeddings(
        path=encoder,
        instructions={"query": "query: ", "data": "passage: "},
        scoring=dict(TERMS),
        content=False,
    )
    loaded = time.perf_counter()
    embeddings.index((row["_id"], text) for row, text in zip(corpus, texts, strict=True))
    took = time.perf_counter() - loaded
    result = {"default": measured(embeddings, queries, timed) | {"index_s": took}}

    # The vectors are the same, so only the words are indexed again.
    own = time.perf_counter()
    before = embeddings.scoring
    embeddings.scoring = WordBM25(dict(TERMS))
    embeddings.scoring.insert(((None, text, None) for text in texts), 0)
    embeddings.scoring.index()
    more = time.perf_counter() - own
    result["fugashi"] = measured(embeddings, queries, timed) | {"index_s": took + more}
    before.close()
    result["load_s"] = loaded - began
    out.write_text(json.dumps(result))


def rows(path: Path) -> list[dict]:
    # Not splitlines: a text may hold U+2028.
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


def measured(embeddings: Embeddings, queries: list[dict], timed: list[str]) -> dict:
    """All questions' hits, and the median time of those whose ids are in `timed`, in ms."""
    embeddings.search(queries[0]["text"], DEPTH)  # the first one warms up
    run, took = {}, []
    for query in queries:
        began = time.perf_counter()
        run[query["_id"]] = [list(hit) for hit in embeddings.search(query["text"], DEPTH)]
        if query["_id"] in timed:
            took.append((time.perf_counter() - began) * 1000)
    return {"run": run, "median_ms": median(took)}


if __name__ == "__main__":
    main(
        Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), json.loads(Path(sys.argv[4]).read_text())
    )
