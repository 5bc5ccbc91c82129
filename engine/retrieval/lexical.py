"""The keyword index: BM25 over passages, in tantivy, one generation a folder.

A passage and its document's title are one field, so that a title's words count as often as they
stand there: on SciFact, Cranfield and Wikipedia summaries this beat a field for each with any
boost. A document is as good as its best passage (see `fusion.by_document`).
"""

from __future__ import annotations

import json
import threading
import zlib
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import WorkspaceUnusable
from engine.records import Chunk, ScoredChunk
from engine.retrieval.analyzer import STOPWORDS, analyzer, normalized, terms
from engine.retrieval.damage import IndexDamaged, translated
from engine.retrieval.query import ParsedQuery, parse

if TYPE_CHECKING:
    import tantivy

ANALYSER = "english-1"
"""Names the way that text becomes terms; an index built under another name is not compatible."""

_NAME = "the keyword index"
_WRITER_BYTES = 64_000_000
_COMPLETIONS = 16
"""Words that a last, unfinished word may become; the most frequent ones."""
_COMPLETION_WEIGHT = 0.5
"""Of a completion, where what is typed is a word already."""
_FOOTER_MAGIC = 1337


class LexicalIndex:
    """Passages by their words. One thread at a time writes; any number search meanwhile."""

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self._folder = folder
        self._index = index
        self._writer: tantivy.IndexWriter | None = None
        self._writing = threading.Lock()
        for stemmed, name in ((True, "stemmed"), (False, "words")):
            index.register_tokenizer(name, analyzer(stemmed=stemmed))
        index.config_reader("Manual")
        index.reload()

    @classmethod
    def create(cls, folder: Path) -> LexicalIndex:
        """Make an empty index in a folder, which is made where it is missing."""
        import tantivy

        with translated(_NAME):
            folder.mkdir(parents=True, exist_ok=True)
            return cls(folder, tantivy.Index(_schema(), str(folder), reuse=False))

    @classmethod
    def open(cls, folder: Path, n_chunks: int | None = None) -> LexicalIndex:
        """Open an index, every file of which is checked; raises IndexDamaged.

        Likewise where `n_chunks` is given and is not what the index holds.
        """
        import tantivy

        with translated(_NAME):
            check_files(folder)
            index = cls(folder, tantivy.Index.open(str(folder)))
            index._run(tantivy.Query.all_query(), 1)
        if n_chunks is not None and index.count != n_chunks:
            raise IndexDamaged(
                "Index incomplete", f"{folder} holds {index.count} of {n_chunks} passages."
            )
        return index

    @property
    def count(self) -> int:
        """Passages in the index, as of the last commit."""
        with translated(_NAME):
            return self._index.searcher().num_docs

    def delete(self, document_ids: Iterable[int]) -> None:
        """Take documents out, with the next commit."""
        import tantivy

        gone = list(document_ids)
        with self._writing, translated(_NAME):
            # By query: `delete_documents_by_term` silently misses unsigned fields (tantivy 0.27.0).
            query = tantivy.Query.term_set_query(self._index.schema, "document", gone)
            self._open_writer().delete_documents_by_query(query)

    def add(self, chunks: Iterable[Chunk]) -> None:
        """Put passages in, with the next commit."""
        import tantivy

        with self._writing, translated(_NAME):
            writer = self._open_writer()
            for chunk in chunks:
                document = tantivy.Document()
                document.add_unsigned("chunk", chunk.id)
                document.add_unsigned("document", chunk.document_id)
                for text in (normalized(chunk.context), normalized(chunk.text)):
                    document.add_text("text", text)
                    document.add_text("words", text)
                writer.add_document(document)

    def commit(self) -> None:
        """Make all changes durable and visible; on failure none of them is."""
        with self._writing, translated(_NAME):
            writer = self._open_writer()
            try:
                writer.commit()
            except BaseException:
                self._writer = None
                raise
            self._index.reload()

    def close(self) -> None:
        """Finish merging and let go of the folder's files; changes not committed are lost."""
        with self._writing, translated(_NAME):
            if self._writer is not None:
                writer, self._writer = self._writer, None
                writer.rollback()
                writer.wait_merging_threads()

    def check(self) -> None:
        """Read every file and compare it with its checksum; raises IndexDamaged."""
        with translated(_NAME):
            check_files(self._folder)

    def search(
        self,
        query: str,
        k: int,
        *,
        prefix: bool = False,
        documents: Collection[int] | None = None,
        without: Collection[int] = (),
    ) -> list[ScoredChunk]:
        """The k best passages by BM25 (k1 = 1.2, b = 0.75), the best first, ties by chunk id.

        A passage matches if it has any of the words and every phrase in quotes. With `prefix` the
        last word may be unfinished. `documents` limits the search to these ids, `without` leaves
        these out. A query without any word to look for finds nothing.
        """
        parsed = parse(query, prefix=prefix)
        if parsed.empty or k < 1 or (documents is not None and not documents):
            return []
        with translated(_NAME):
            built = self._query(parsed)
            if documents is not None or without:
                built = self._within(built, documents, without)
            return self._run(built, k)

    def holding(self, phrases: Iterable[str]) -> set[int]:
        """Documents that hold any of these words, or words that stand next to each other."""
        import tantivy

        wanted = [found for phrase in phrases if (found := tuple(terms(phrase)))]
        with translated(_NAME):
            searcher = self._index.searcher()
            n_chunks = searcher.num_docs
            if not wanted or not n_chunks:
                return set()
            schema = self._index.schema
            any_of = tantivy.Query.boolean_query(
                [(tantivy.Occur.Should, _phrase(schema, phrase)) for phrase in wanted]
            )
            every = searcher.search(tantivy.Query.const_score_query(any_of, 1.0), n_chunks)
            addresses = [address for _, address in every.hits]
            document_ids: list[Any] = searcher.fast_field_values("document", addresses)
            return set(document_ids)

    def _query(self, parsed: ParsedQuery) -> tantivy.Query:
        import tantivy

        schema = self._index.schema
        clauses: list[tuple[tantivy.Occur, tantivy.Query]] = []
        for phrase in parsed.phrases:
            clauses.append((tantivy.Occur.Must, _phrase(schema, phrase)))
        counts = Counter(parsed.terms)
        if parsed.prefix:
            last = terms(parsed.prefix)[-1]
            known = counts[last] > 0 and self._index.searcher().doc_freq("text", last) > 0
            counts[last] -= 1
            clauses.append(
                (tantivy.Occur.Should, self._unfinished(parsed.prefix, last, known=known))
            )
        for term, count in counts.items():
            if count > 0:
                query = tantivy.Query.term_query(schema, "text", term)
                if count > 1:
                    query = tantivy.Query.boost_query(query, float(count))
                clauses.append((tantivy.Occur.Should, query))
        return tantivy.Query.boolean_query(clauses)

    def _unfinished(self, word: str, stem: str, *, known: bool) -> tantivy.Query:
        """The best of the words that `word` may become; itself first, if it is one."""
        import tantivy

        schema = self._index.schema
        found = self._index.searcher().terms_with_prefix("words", word, limit=_COMPLETIONS)
        longer = [other for other, _ in found if other != word and other not in STOPWORDS]
        stems = dict.fromkeys(terms(other)[-1] for other in longer)
        stems.pop(stem, None)
        weight = _COMPLETION_WEIGHT if known else 1.0
        ways = [
            tantivy.Query.boost_query(tantivy.Query.term_query(schema, "text", other), weight)
            for other in stems
        ]
        if known:
            ways.append(tantivy.Query.term_query(schema, "text", stem))
        return tantivy.Query.disjunction_max_query(ways)

    def _within(
        self,
        query: tantivy.Query,
        documents: Collection[int] | None,
        without: Collection[int],
    ) -> tantivy.Query:
        import tantivy

        schema = self._index.schema
        clauses = [(tantivy.Occur.Must, query)]
        if documents is not None:
            allowed = tantivy.Query.term_set_query(schema, "document", list(documents))
            clauses.append((tantivy.Occur.Must, tantivy.Query.const_score_query(allowed, 0.0)))
        if without:
            left_out = tantivy.Query.term_set_query(schema, "document", list(without))
            clauses.append((tantivy.Occur.MustNot, left_out))
        return tantivy.Query.boolean_query(clauses)

    def _run(self, query: tantivy.Query, k: int) -> list[ScoredChunk]:
        searcher = self._index.searcher()
        hits = searcher.search(query, k, count=False).hits
        addresses = [address for _, address in hits]
        chunk_ids: list[Any] = searcher.fast_field_values("chunk", addresses)
        document_ids: list[Any] = searcher.fast_field_values("document", addresses)
        found = [
            ScoredChunk(chunk_id, document_id, score)
            for chunk_id, document_id, (score, _) in zip(chunk_ids, document_ids, hits, strict=True)
        ]
        return sorted(found, key=lambda line: (-line.score, line.chunk_id))

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._index.writer(_WRITER_BYTES, 1)
            except ValueError as error:
                if "lock" not in str(error).lower():
                    raise
                raise WorkspaceUnusable(
                    "Index in use", f"Something else writes {_NAME}.", "Close the other program."
                ) from error
        return self._writer


def check_files(folder: Path) -> None:
    """Read every file of an index and compare it with its checksum; raises IndexDamaged."""
    meta = json.loads((folder / "meta.json").read_text("utf-8"))
    segments = [segment["segment_id"].replace("-", "") for segment in meta["segments"]]
    for path in sorted(folder.iterdir()):
        if path.stem.split(".")[0] in segments and not _intact(path.read_bytes()):
            raise IndexDamaged("Index damaged", f"{path.name} of {_NAME} is corrupt.")


def _schema() -> tantivy.Schema:
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("chunk", fast=True)
    builder.add_unsigned_field("document", indexed=True, fast=True)
    builder.add_text_field("text", tokenizer_name="stemmed", index_option="position")
    builder.add_text_field("words", tokenizer_name="words", index_option="basic")
    return builder.build()


def _phrase(schema: tantivy.Schema, stems: tuple[str, ...]) -> tantivy.Query:
    import tantivy

    if len(stems) == 1:
        return tantivy.Query.term_query(schema, "text", stems[0])
    return tantivy.Query.phrase_query(schema, "text", list(stems))


def _intact(content: bytes) -> bool:
    """Whether a tantivy file's body has the checksum that its footer names.

    A file ends in its footer (JSON), the footer's length and a magic number, each of the two a
    little-endian 32-bit number (tantivy, `directory/footer.rs`). Files of deletions have it too.
    """
    if len(content) < 8 or int.from_bytes(content[-4:], "little") != _FOOTER_MAGIC:
        return False
    size = int.from_bytes(content[-8:-4], "little")
    footer = json.loads(content[-8 - size : -8])
    return bool(zlib.crc32(content[: -8 - size]) == footer["crc"])
