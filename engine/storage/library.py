"""library.db: the truth. Its schema, one migration a version; a released one never changes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from engine.records import BackupInfo
from engine.storage import restore
from engine.storage.database import Database
from engine.storage.lock import WorkspaceLock

MIGRATIONS = (
    # 1
    """
    CREATE TABLE settings (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL                     -- JSON
    );
    CREATE TABLE roots (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        path TEXT NOT NULL UNIQUE,              -- absolute
        kind TEXT NOT NULL CHECK (kind IN ('folder', 'dataset')),
        added_at REAL NOT NULL
    );
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY AUTOINCREMENT,   -- never used twice: indexes refer to it
        content_hash TEXT NOT NULL UNIQUE,
        media_type TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        pages TEXT NOT NULL,                    -- JSON [[number, start, end], ...]
        chunker INTEGER NOT NULL                -- version of the chunker that cut it
    );
    CREATE TABLE files (
        id INTEGER PRIMARY KEY,
        root_id INTEGER NOT NULL REFERENCES roots ON DELETE CASCADE,
        path TEXT NOT NULL,                     -- relative to the root; a dataset's document id
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        content_hash TEXT NOT NULL,             -- empty where the file could not be read
        document_id INTEGER REFERENCES documents,
        error_reason TEXT,
        error_hint TEXT,
        error_at REAL,
        UNIQUE (root_id, path)
    );
    CREATE INDEX files_of_document ON files (document_id);
    CREATE INDEX files_of_hash ON files (content_hash);
    CREATE TABLE chunks (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        start INTEGER NOT NULL,
        end INTEGER NOT NULL,
        page INTEGER,
        context TEXT NOT NULL,
        encoding_hash BLOB NOT NULL
    );
    CREATE INDEX chunks_of_document ON chunks (document_id);
    CREATE TABLE changes (                      -- the last change of each document, ever
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        document_id INTEGER NOT NULL UNIQUE,
        deleted INTEGER NOT NULL
    );
    CREATE TABLE generations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('lexical', 'vectors')),
        fingerprint TEXT NOT NULL,              -- of the encoder, or the analyser's version
        change_number INTEGER NOT NULL,         -- the last change that is in it
        n_chunks INTEGER NOT NULL,
        dirty INTEGER NOT NULL                  -- set before, cleared after writing
    );
    CREATE TABLE relevance_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL CHECK (kind IN ('judgment', 'feedback')),
        query TEXT NOT NULL,
        content_hash TEXT NOT NULL,             -- of the document: it finds it after a move
        document TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        text_hash TEXT NOT NULL,
        value INTEGER,                          -- NULL takes the label away
        rank INTEGER,
        scores TEXT NOT NULL,                   -- JSON
        model TEXT NOT NULL,
        at REAL NOT NULL,
        undone INTEGER NOT NULL DEFAULT 0       -- 1: can be redone; 2: no longer
    );
    CREATE INDEX relevance_of_pair ON relevance_events (query, content_hash, kind, id);
    CREATE VIEW labels AS                       -- those in force
        SELECT * FROM relevance_events AS event
        WHERE value IS NOT NULL AND undone = 0 AND id = (
            SELECT max(id) FROM relevance_events
            WHERE query = event.query AND content_hash = event.content_hash
                AND kind = event.kind AND undone = 0);
    CREATE TABLE evalsets (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        root_id INTEGER NOT NULL REFERENCES roots ON DELETE CASCADE,
        created_at REAL NOT NULL
    );
    CREATE TABLE evalset_queries (
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        query_id TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (evalset_id, query_id)
    ) WITHOUT ROWID;
    CREATE TABLE qrels (
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        split TEXT NOT NULL,
        query_id TEXT NOT NULL,
        document TEXT NOT NULL,                 -- its id in the dataset
        grade INTEGER NOT NULL,
        PRIMARY KEY (evalset_id, split, query_id, document)
    ) WITHOUT ROWID;
    CREATE TABLE models (
        id TEXT PRIMARY KEY,
        gate TEXT,                              -- JSON; NULL for a bundled model
        last_event INTEGER NOT NULL,            -- the newest relevance event when it was tuned
        registered_at REAL NOT NULL
    );
    CREATE TABLE activations (                  -- the last one is the active model
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        model_id TEXT NOT NULL REFERENCES models,
        at REAL NOT NULL
    );
    """,
    # 2
    """
    CREATE TABLE new_files (
        id INTEGER PRIMARY KEY,
        root_id INTEGER NOT NULL REFERENCES roots ON DELETE CASCADE,
        path TEXT NOT NULL,                     -- relative to the root; a dataset's document id
        inside TEXT NOT NULL DEFAULT '',        -- path within an archive or a mail; empty: itself
        size INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        content_hash TEXT NOT NULL,             -- empty where the file could not be read
        document_id INTEGER REFERENCES documents,
        error_reason TEXT,
        error_hint TEXT,
        error_at REAL,
        ignored INTEGER NOT NULL DEFAULT 0,     -- the user does not want to hear of the error
        UNIQUE (root_id, path, inside)
    );
    INSERT INTO new_files (id, root_id, path, size, mtime_ns, content_hash, document_id,
        error_reason, error_hint, error_at)
        SELECT id, root_id, path, size, mtime_ns, content_hash, document_id, error_reason,
            error_hint, error_at FROM files;
    DROP TABLE files;
    ALTER TABLE new_files RENAME TO files;
    CREATE INDEX files_of_document ON files (document_id);
    CREATE INDEX files_of_hash ON files (content_hash);
    ALTER TABLE documents ADD COLUMN unit TEXT NOT NULL DEFAULT '';
    ALTER TABLE documents ADD COLUMN author TEXT NOT NULL DEFAULT '';
    ALTER TABLE documents ADD COLUMN created_at REAL;
    ALTER TABLE documents ADD COLUMN language TEXT NOT NULL DEFAULT '';
    ALTER TABLE documents ADD COLUMN details TEXT NOT NULL DEFAULT '{}';    -- JSON
    ALTER TABLE documents ADD COLUMN ocr_confidence REAL;
    ALTER TABLE documents ADD COLUMN boxes TEXT NOT NULL DEFAULT '[]';      -- JSON
    ALTER TABLE documents ADD COLUMN signature BLOB NOT NULL DEFAULT x'';   -- sketch of its text
    """,
    # 3
    """
    -- How far pictures of text were read where some were left out: off, cheap, all; else empty.
    ALTER TABLE files ADD COLUMN pictures TEXT NOT NULL DEFAULT '';
    UPDATE files SET pictures = 'off' WHERE error_reason = 'No text found';
    """,
    # 4
    """
    CREATE TABLE pictures (                     -- what the document's picture says of itself
        document_id INTEGER PRIMARY KEY REFERENCES documents ON DELETE CASCADE,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        taken_at REAL,
        camera TEXT NOT NULL,
        latitude REAL,
        longitude REAL
    );
    CREATE TABLE caption_events (               -- what the user wrote on pictures
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        step INTEGER NOT NULL,                  -- events of one step are undone together
        after_event INTEGER NOT NULL,           -- the newest relevance event when it was written
        content_hash TEXT NOT NULL,
        caption TEXT NOT NULL,
        tags TEXT NOT NULL,                     -- JSON
        at REAL NOT NULL,
        undone INTEGER NOT NULL DEFAULT 0       -- 1: can be redone; 2: no longer
    );
    CREATE INDEX captions_of_picture ON caption_events (content_hash, id);
    CREATE INDEX captions_undone ON caption_events (id) WHERE undone = 1;
    CREATE VIEW captions AS                     -- those in force
        SELECT * FROM caption_events AS event WHERE undone = 0 AND id = (
            SELECT max(id) FROM caption_events
            WHERE content_hash = event.content_hash AND undone = 0);
    ALTER TABLE models ADD COLUMN kind TEXT NOT NULL DEFAULT 'text';    -- or image
    -- Picture files without text become documents, and those with text are looked at once more.
    UPDATE files SET pictures = 'unseen'
        WHERE document_id IS NULL AND error_reason IS NULL AND content_hash != ''
        AND id IN (SELECT id FROM (SELECT id, iif(inside = '', path, inside) AS name FROM files)
            WHERE name LIKE '%.png' OR name LIKE '%.jpg' OR name LIKE '%.jpeg' OR name LIKE '%.jpe'
            OR name LIKE '%.jfif' OR name LIKE '%.webp' OR name LIKE '%.tif' OR name LIKE '%.tiff'
            OR name LIKE '%.bmp' OR name LIKE '%.dib' OR name LIKE '%.gif');
    UPDATE files SET pictures = 'again:' || pictures WHERE document_id IN
        (SELECT id FROM documents WHERE media_type LIKE 'image/%');
    """,
    # 5
    """
    -- Content hash at which the pictures inside a document were looked at.
    ALTER TABLE files ADD COLUMN looked_inside TEXT NOT NULL DEFAULT '';
    """,
    # 6
    """
    CREATE TABLE new_evalsets (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        root_id INTEGER REFERENCES roots ON DELETE SET NULL,
        dataset INTEGER NOT NULL,               -- documents are named by their ids in a dataset
        guideline TEXT NOT NULL DEFAULT '',
        scale TEXT NOT NULL,                    -- JSON: names of the grades from 0 on
        created_at REAL NOT NULL
    );
    INSERT INTO new_evalsets (id, name, root_id, dataset, scale, created_at)
        SELECT id, name, root_id, 1,
            iif((SELECT max(grade) FROM qrels WHERE evalset_id = evalsets.id) > 1,
                '["Not relevant","Touches on it","Relevant","Exactly it"]',
                '["Not relevant","Relevant"]'),
            created_at FROM evalsets;
    DROP TABLE evalsets;
    ALTER TABLE new_evalsets RENAME TO evalsets;
    CREATE INDEX qrels_of_pair ON qrels (evalset_id, query_id, document);
    ALTER TABLE evalset_queries ADD COLUMN origin TEXT NOT NULL DEFAULT 'imported';
    ALTER TABLE evalset_queries ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;  -- as they came
    CREATE TABLE evalset_splits (
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        query_id TEXT NOT NULL,
        split TEXT NOT NULL,
        PRIMARY KEY (evalset_id, query_id, split)
    ) WITHOUT ROWID;
    INSERT INTO evalset_splits SELECT DISTINCT evalset_id, query_id, split FROM qrels;
    CREATE TABLE evalset_documents (            -- as it was when it was pooled or imported
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        document TEXT NOT NULL,                 -- its id in a dataset, else its content hash
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        place TEXT NOT NULL,
        PRIMARY KEY (evalset_id, document)
    ) WITHOUT ROWID;
    CREATE TABLE pool (
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        query_id TEXT NOT NULL,
        document TEXT NOT NULL,
        ranks TEXT NOT NULL,                    -- JSON: by system's name
        added_at REAL NOT NULL,
        PRIMARY KEY (evalset_id, query_id, document)
    ) WITHOUT ROWID;
    CREATE TABLE evalset_runs (                 -- of systems outside this program
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        name TEXT NOT NULL,
        n_queries INTEGER NOT NULL,
        n_lines INTEGER NOT NULL,
        n_outside INTEGER NOT NULL,             -- documents that nothing was known of
        added_at REAL NOT NULL,
        percent_encoded INTEGER NOT NULL,       -- whether the ids in it are
        content BLOB NOT NULL,                  -- compressed: its file, to the byte
        PRIMARY KEY (evalset_id, name)
    ) WITHOUT ROWID;
    CREATE TABLE assignments (
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        query_id TEXT NOT NULL,
        rater TEXT NOT NULL,
        PRIMARY KEY (evalset_id, query_id, rater)
    ) WITHOUT ROWID;
    CREATE TABLE judgment_events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        query_id TEXT NOT NULL,
        document TEXT NOT NULL,
        rater TEXT NOT NULL,
        grade INTEGER,                          -- NULL takes it away
        skipped INTEGER NOT NULL,
        flagged INTEGER NOT NULL,
        note TEXT NOT NULL,
        span_start INTEGER,
        span_end INTEGER,
        span_text TEXT NOT NULL,
        seconds REAL,
        origin TEXT NOT NULL,                   -- room, search, thumb or merged
        at REAL NOT NULL,
        undone INTEGER NOT NULL DEFAULT 0       -- 1: can be redone; 2: no longer
    );
    CREATE INDEX judgments_of_pair
        ON judgment_events (evalset_id, query_id, document, rater, undone, id);
    CREATE INDEX judgments_of_rater ON judgment_events
        (evalset_id, rater, undone, query_id, document, id, grade, skipped, flagged);
    CREATE INDEX judgments_in_order ON judgment_events (evalset_id, rater, undone, id);
    CREATE VIEW judgments AS                    -- those in force
        SELECT * FROM judgment_events AS event
        WHERE undone = 0 AND id = (
            SELECT max(id) FROM judgment_events
            WHERE evalset_id = event.evalset_id AND query_id = event.query_id
                AND document = event.document AND rater = event.rater AND undone = 0);
    CREATE TABLE evalset_versions (
        evalset_id INTEGER NOT NULL REFERENCES evalsets ON DELETE CASCADE,
        number INTEGER NOT NULL,
        frozen_at REAL NOT NULL,
        note TEXT NOT NULL,
        n_queries INTEGER NOT NULL,
        n_judgments INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        content BLOB NOT NULL,                  -- compressed JSON: queries, splits, grades, scale
        PRIMARY KEY (evalset_id, number)
    ) WITHOUT ROWID;
    -- Given from the search page into a set: in the one line of time, but no label of the user's.
    ALTER TABLE relevance_events ADD COLUMN
        judgment_id INTEGER REFERENCES judgment_events ON DELETE CASCADE;
    CREATE INDEX relevance_of_judgment ON relevance_events (judgment_id)
        WHERE judgment_id IS NOT NULL;
    DROP VIEW labels;
    CREATE VIEW labels AS                       -- those in force
        SELECT * FROM relevance_events AS event
        WHERE value IS NOT NULL AND undone = 0 AND judgment_id IS NULL AND id = (
            SELECT max(id) FROM relevance_events
            WHERE query = event.query AND content_hash = event.content_hash
                AND kind = event.kind AND undone = 0 AND judgment_id IS NULL);
    CREATE TABLE searches (                     -- the user's own, finished ones
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        query TEXT NOT NULL,
        at REAL NOT NULL
    );
    """,
    # 7
    """
    CREATE TABLE visits (                       -- results that were opened or read
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        query TEXT NOT NULL,
        content_hash TEXT NOT NULL,             -- of the document
        document TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,                     -- the passage that was shown
        rank INTEGER NOT NULL,
        opened INTEGER NOT NULL,                -- in another program; else read here
        seconds REAL NOT NULL,
        model TEXT NOT NULL,
        at REAL NOT NULL
    );
    CREATE TABLE excluded_pairs (               -- that the user does not want to be learnt
        pair TEXT PRIMARY KEY,
        at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE made_pairs (                   -- without anybody's judgment
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        origin TEXT NOT NULL,
        query TEXT NOT NULL,
        content_hash TEXT NOT NULL,             -- of the positive's document
        text TEXT NOT NULL,                     -- the positive passage as it is encoded
        negatives TEXT NOT NULL,                -- JSON: their texts
        scores TEXT NOT NULL,                   -- JSON: the cross-encoder's, the positive's first
        detail TEXT NOT NULL,                   -- JSON: model and prompt that made it
        at REAL NOT NULL,
        UNIQUE (origin, query, content_hash)
    );
    CREATE TABLE mined_negatives (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        query TEXT NOT NULL,                    -- normalised
        positive TEXT NOT NULL,                 -- the passage that it was compared with
        content_hash TEXT NOT NULL,             -- of its document
        text TEXT NOT NULL,                     -- as it is encoded
        source TEXT NOT NULL,                   -- bm25 or dense
        margin REAL NOT NULL,                   -- the positive's score less its own
        state TEXT NOT NULL CHECK (state IN ('hard', 'doubtful', 'false')),
        answers INTEGER,                        -- what the user said of it; NULL: nothing
        at REAL NOT NULL,
        UNIQUE (query, content_hash, text)
    );
    CREATE TABLE mined_queries (                -- where negatives were looked for
        query TEXT PRIMARY KEY,                 -- normalised
        made_of TEXT NOT NULL,                  -- digest of its positives and of what was asked
        at REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE recipes (                      -- the user's own
        name TEXT PRIMARY KEY,
        recipe TEXT NOT NULL,                   -- JSON
        at REAL NOT NULL
    ) WITHOUT ROWID;
    ALTER TABLE models ADD COLUMN name TEXT;    -- that the user gave it
    ALTER TABLE models ADD COLUMN notes TEXT NOT NULL DEFAULT '';
    ALTER TABLE models ADD COLUMN overruled TEXT NOT NULL DEFAULT '';   -- why, in spite of the gate
    CREATE TABLE ab_tests (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        first TEXT NOT NULL,                    -- ids of models
        second TEXT NOT NULL,
        began_at REAL NOT NULL,
        ended_at REAL
    );
    CREATE TABLE ab_searches (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        test_id INTEGER NOT NULL REFERENCES ab_tests ON DELETE CASCADE,
        query TEXT NOT NULL,                    -- normalised
        teams TEXT NOT NULL,                    -- JSON: document id -> 1 or 2
        at REAL NOT NULL,
        UNIQUE (test_id, query)
    );
    CREATE TABLE ab_credits (                   -- for what was opened or read
        test_id INTEGER NOT NULL REFERENCES ab_tests ON DELETE CASCADE,
        query TEXT NOT NULL,                    -- normalised
        document_id INTEGER NOT NULL,
        amount REAL NOT NULL,
        PRIMARY KEY (test_id, query, document_id)
    ) WITHOUT ROWID;
    CREATE TABLE runs (                         -- every job, for the run log
        job TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        title TEXT NOT NULL,
        state TEXT NOT NULL,
        began_at REAL NOT NULL,
        ended_at REAL,
        params TEXT NOT NULL,                   -- JSON: name -> text
        metrics TEXT NOT NULL,                  -- JSON: name -> number
        artefacts TEXT NOT NULL,                -- JSON: ids and paths
        message TEXT NOT NULL,
        points TEXT NOT NULL                    -- JSON [[series, step, value], ...]
    ) WITHOUT ROWID;
    CREATE INDEX runs_in_order ON runs (began_at);
    CREATE TABLE model_measures (               -- what models reached, the newest of each
        model_id TEXT NOT NULL REFERENCES models ON DELETE CASCADE,
        evalset TEXT NOT NULL,                  -- the set's name
        split TEXT NOT NULL,
        version INTEGER,                        -- of the set; NULL: as it stood
        mode TEXT NOT NULL,
        reranked INTEGER NOT NULL,
        measures TEXT NOT NULL,                 -- JSON: notation -> mean
        at REAL NOT NULL,
        PRIMARY KEY (model_id, evalset, split, mode, reranked)
    ) WITHOUT ROWID;
    """,
)


def open_library(workspace: Path) -> Database:
    """Open `library.db`, migrating it to the newest version first.

    A backup that lies ready takes its place before.
    """
    restore.put_in_place(workspace)
    return Database(workspace / "library.db", MIGRATIONS, workspace / "backups")


def prepare_restore(workspace: Path, name: str) -> None:
    """Lay a backup ready to take the place of `library.db` when it is opened next.

    Raises NotFound, WorkspaceUnusable where the backup is damaged, StorageFull.
    """
    restore.lay_ready(workspace, name, len(MIGRATIONS))


def restorable(workspace: Path) -> tuple[BackupInfo, ...]:
    """The backups that can be put back, the newest first; the first of them was checked."""
    return restore.candidates(workspace, len(MIGRATIONS))


def restore_now(workspace: Path, name: str) -> None:
    """Put a backup in the place of `library.db`, be that damaged or missing.

    Raises WorkspaceLocked, NotFound, WorkspaceUnusable where the backup is damaged, StorageFull.
    """
    with closing(WorkspaceLock(workspace)):
        prepare_restore(workspace, name)
        restore.put_in_place(workspace)
