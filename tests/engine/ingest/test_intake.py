from __future__ import annotations

import email.policy
import io
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine.events import Event
from engine.ingest.extract import Extractor
from engine.ingest.intake import Intake
from engine.ingest.look import Tally
from engine.ingest.pipeline import ingest_root, read_again
from engine.ingest.scan import Rules
from engine.jobs.job import Job
from engine.records import Document, Failure, OcrLevel
from engine.storage import documents, failures, roots
from engine.storage.database import Database
from engine.storage.library import open_library
from tests.engine.ingest import sample_files

_RULES = Rules(1 << 24)


def _ignore(_: Event) -> None: ...


def _go_on() -> None: ...


@dataclass
class Library:
    """A library of one root."""

    database: Database
    folder: Path
    extractor: Extractor
    ocr: OcrLevel = "cheap"

    def intake(self) -> Intake:
        with self.database.write() as connection:
            root = roots.add(connection, self.folder, "folder")
        job = Job("index", "Indexing", _ignore)
        return Intake(self.database, root, self.extractor, job, _go_on, Tally(), self.ocr)

    def ingest(self) -> Tally:
        intake = self.intake()
        ingest_root(
            self.database,
            intake.root,
            self.extractor,
            intake.job,
            _go_on,
            intake.tally,
            ocr=self.ocr,
            rules=_RULES,
            retry_failed=False,
        )
        return intake.tally

    def read_pictures(self) -> int:
        """Look at pictures, then read text in them; returns how many files were read for that."""
        intake = self.intake()
        intake.look_at_pictures()
        return intake.read_pictures()

    def retry(self, password: str) -> None:
        with self.database.read() as connection:
            ids = [failure.file_id for failure in failures.every(connection)]
            (paths,) = failures.places(connection, ids).values()
        read_again(self.intake(), paths, password, _RULES)

    def texts(self) -> dict[str, str]:
        """Texts by place relative to the folder, of what has any."""
        return {self.relative(path): d.text for d in self.documents() for path in d.paths if d.text}

    def documents(self) -> list[Document]:
        with self.database.read() as connection:
            return [documents.load(connection, n) for n in documents.every_id(connection)]

    def failures(self) -> dict[str, str]:
        with self.database.read() as connection:
            every: tuple[Failure, ...] = failures.every(connection)
        return {self.relative(failure.path): failure.reason for failure in every}

    def relative(self, path: str) -> str:
        return path.removeprefix(str(self.folder)).lstrip("/\\")


@pytest.fixture(scope="module")
def extractor() -> Iterator[Extractor]:
    with Extractor() as extractor:
        yield extractor


@pytest.fixture
def library(tmp_path: Path, extractor: Extractor) -> Iterator[Library]:
    folder = tmp_path / "files"
    folder.mkdir()
    database = open_library(tmp_path)
    yield Library(database, folder, extractor)
    database.close()


def zipped(members: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def mail(subject: str, body: str, attached: Mapping[str, bytes]) -> bytes:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Subject"], message["From"] = subject, "Ann <ann@example.org>"
    message.set_content(body)
    for name, content in attached.items():
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=name
        )
    return message.as_bytes()


def picture(text: str) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (700, 120), "white")
    ImageDraw.Draw(image).text((20, 30), text, fill="black", font_size=44)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_that_files_in_an_archive_are_documents(library: Library) -> None:
    library.folder.joinpath("a.zip").write_bytes(
        zipped({"one.txt": b"about whales", "sub/two.txt": b"about ships", "bad.pdf": b"%PDF-"})
    )
    library.ingest()
    assert library.texts() == {
        "a.zip!/one.txt": "about whales",
        "a.zip!/sub/two.txt": "about ships",
    }
    assert library.failures() == {"a.zip!/bad.pdf": "Damaged"}


def test_that_equal_content_inside_and_outside_is_one_document(library: Library) -> None:
    library.folder.joinpath("a.zip").write_bytes(zipped({"x.txt": b"the same"}))
    library.folder.joinpath("b.txt").write_bytes(b"the same")
    library.folder.joinpath("c.zip").write_bytes(zipped({"y.txt": b"the same"}))
    library.ingest()
    (document,) = library.documents()
    assert sorted(map(library.relative, document.paths)) == [
        "a.zip!/x.txt",
        "b.txt",
        "c.zip!/y.txt",
    ]


def test_that_members_go_when_their_archive_changes_or_goes(library: Library) -> None:
    library.folder.joinpath("other.txt").write_text("stays")
    archive = library.folder / "a.zip"
    archive.write_bytes(zipped({"old.txt": b"about whales", "kept.txt": b"about ships"}))
    library.ingest()
    archive.write_bytes(zipped({"kept.txt": b"about ships", "new.txt": b"about moons"}))
    library.ingest()
    assert set(library.texts()) == {"a.zip!/kept.txt", "a.zip!/new.txt", "other.txt"}
    archive.unlink()
    library.ingest()
    assert set(library.texts()) == {"other.txt"}


def test_that_an_unchanged_archive_is_left_alone(library: Library) -> None:
    library.folder.joinpath("a.zip").write_bytes(zipped({"x.txt": b"words"}))
    assert library.ingest().added == 1
    tally = library.ingest()
    assert (tally.added, tally.changed, tally.unchanged) == (0, 0, 1)


def test_that_a_mail_and_what_is_attached_are_documents(library: Library) -> None:
    data = mail("Plans", "See below.", {"plan.txt": b"we sail at dawn"})
    library.folder.joinpath("m.eml").write_bytes(data)
    library.ingest()
    texts = library.texts()
    assert texts["m.eml!/plan.txt"] == "we sail at dawn"
    assert "See below." in texts["m.eml"]
    (read,) = (d for d in library.documents() if d.title == "Plans")
    assert (read.author, read.details["From"]) == ("Ann", "Ann <ann@example.org>")


def test_that_the_mails_of_a_mailbox_are_documents(library: Library) -> None:
    mails = [mail("First", "one", {"a.txt": b"attached"}), mail("Second", "two", {})]
    library.folder.joinpath("x.mbox").write_bytes(
        b"".join(b"From ann@example.org\n" + m.replace(b"\r\n", b"\n") + b"\n" for m in mails)
    )
    library.ingest()
    assert set(library.texts()) == {
        "x.mbox!/00001 First.eml",
        "x.mbox!/00001 First.eml!/a.txt",
        "x.mbox!/00002 Second.eml",
    }


def test_that_pictures_are_read_after_all_else(library: Library) -> None:
    library.folder.joinpath("p.png").write_bytes(picture("Harbour dues 1897"))
    library.folder.joinpath("a.zip").write_bytes(zipped({"in.png": picture("Lamp oil")}))
    library.folder.joinpath("t.txt").write_text("text first")
    library.ingest()
    assert library.texts() == {"t.txt": "text first"}
    assert library.read_pictures() == 2
    texts = library.texts()
    assert texts["p.png"] == "Harbour dues 1897"
    assert texts["a.zip!/in.png"] == "Lamp oil"
    (read,) = (d for d in library.documents() if d.text == "Harbour dues 1897")
    assert read.ocr_confidence is not None and read.ocr_confidence > 0.8
    assert (read.boxes[0].start, read.boxes[0].end) == (0, len(read.text))
    assert library.read_pictures() == 0


def test_that_a_picture_without_text_is_no_failure(library: Library) -> None:
    library.folder.joinpath("p.png").write_bytes(picture(""))
    library.ingest()
    library.read_pictures()
    assert (library.texts(), library.failures()) == ({}, {})
    assert library.read_pictures() == 0


def test_that_equal_pictures_are_read_once(library: Library) -> None:
    logo, stamp = picture(""), picture("Lamp oil")
    library.folder.joinpath("p.png").write_bytes(logo)
    for name in ("a", "b"):
        data = mail(f"Mail {name}", "See below.", {"logo.png": logo, "stamp.png": stamp})
        library.folder.joinpath(f"{name}.eml").write_bytes(data)
    library.ingest()
    began = time.monotonic()
    library.read_pictures()
    first = time.monotonic() - began
    (document,) = (d for d in library.documents() if d.text == "Lamp oil")
    assert sorted(map(library.relative, document.paths)) == [
        "a.eml!/stamp.png",
        "b.eml!/stamp.png",
    ]
    library.folder.joinpath("c.zip").write_bytes(zipped({f"{n}.png": logo for n in range(99)}))
    library.ingest()
    began = time.monotonic()
    assert library.read_pictures() == 0
    assert time.monotonic() - began < max(first, 1.0)
    (document,) = (d for d in library.documents() if not d.text)
    assert len(document.paths) == 1 + 2 + 99


def test_that_a_copy_of_a_half_read_file_is_read_to_its_end_too(library: Library) -> None:
    for name in ("a.pdf", "b.pdf"):
        library.folder.joinpath(name).write_bytes(sample_files.pdf([["Typed"], []]))
    library.ingest()
    assert library.read_pictures() == 2
    assert library.texts() == {"a.pdf": "Typed", "b.pdf": "Typed"}
    assert library.read_pictures() == 0


def test_that_more_is_read_when_the_settings_ask_for_it(library: Library) -> None:
    library.folder.joinpath("p.png").write_bytes(picture("Harbour dues"))
    library.folder.joinpath("scan.pdf").write_bytes(sample_files.pdf([[]]))
    library.ocr = "off"
    library.ingest()
    assert library.read_pictures() == 0
    assert library.failures() == {"scan.pdf": "No text found"}
    library.ocr = "cheap"
    assert library.read_pictures() == 2
    assert library.texts() == {"p.png": "Harbour dues"}


def test_that_a_locked_archive_opens_with_its_password(library: Library) -> None:
    import pyzipper

    path = library.folder / "a.zip"
    with pyzipper.AESZipFile(path, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(b"open sesame")
        archive.writestr("secret.txt", "about treasure")
    library.ingest()
    assert library.failures() == {"a.zip": "Needs a password"}
    library.retry("wrong")
    assert library.failures() == {"a.zip": "Needs a password"}
    library.retry("open sesame")
    assert library.texts() == {"a.zip!/secret.txt": "about treasure"}
    assert library.failures() == {}
