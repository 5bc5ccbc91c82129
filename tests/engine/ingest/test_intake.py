from __future__ import annotations

import email.policy
import io
import time
import zipfile
from collections.abc import Mapping
from email.message import EmailMessage

from tests.engine.ingest import sample_files
from tests.engine.ingest.one_root import Library


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
