"""How fast files are scanned, read and cut.

`python -m tests.benchmarks.ingest FOLDER...`: any folders of documents, or BEIR data sets (folders
with a `corpus.jsonl`), whose documents are cut as they are.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

from engine.errors import EngineError
from engine.ingest import scan
from engine.ingest.chunk import Chunker
from engine.ingest.extract import Extractor
from engine.ingest.extractor_worker import StillReading
from engine.records import Extracted

_LIMIT = 200 << 20


def measure_folder(root: Path, chunker: Chunker) -> None:
    """Scan, read and cut a folder of files."""
    began = time.perf_counter()
    changes = list(scan.scan(root, {}, lambda: None, scan.Rules(_LIMIT)))
    added = [change.file for change in changes if isinstance(change, scan.Added)]
    scanned = time.perf_counter()
    list(scan.scan(root, {file.path: file for file in added}, lambda: None, scan.Rules(_LIMIT)))
    rescanned = time.perf_counter()
    with Extractor() as extractor:
        paths = [root / file.path for file in added]
        outcomes = [o for o in extractor.extract_many(paths) if not isinstance(o, StillReading)]
    read = time.perf_counter()
    documents = [o.outcome for o in outcomes if isinstance(o.outcome, Extracted)]
    n = sum(len(chunker.chunk(d)) for d in documents)
    cut = time.perf_counter()
    failed = Counter(o.outcome.title for o in outcomes if isinstance(o.outcome, EngineError))
    print(f"{root}: {len(added)} files, {len(documents)} documents, {n} passages")
    print(f"  scan {scanned - began:.2f} s, again {rescanned - scanned:.2f} s")
    print(f"  read {read - rescanned:.2f} s, cut {cut - read:.2f} s")
    print(f"  not read: {dict(failed)}")


def measure_corpus(corpus: Path, chunker: Chunker) -> None:
    """Cut the documents of a BEIR data set."""
    with corpus.open(encoding="utf-8") as lines:
        documents = [json.loads(line) for line in lines]
    began = time.perf_counter()
    n = sum(
        len(chunker.chunk(Extracted(d.get("title", ""), d["text"], "text/plain")))
        for d in documents
    )
    seconds = time.perf_counter() - began
    megabytes = sum(len(d["text"]) for d in documents) / 1e6
    print(f"{corpus.parent}: {len(documents)} documents, {megabytes:.1f} M characters")
    print(f"  cut into {n} passages in {seconds:.2f} s")


def main() -> None:
    """Measure every folder given."""
    for argument in sys.argv[1:]:
        root = Path(argument)
        corpus = root / "corpus.jsonl"
        if corpus.exists():
            measure_corpus(corpus, Chunker())
        else:
            measure_folder(root, Chunker())


if __name__ == "__main__":
    main()
