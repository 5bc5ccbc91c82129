from __future__ import annotations

from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from engine.ingest.mail_text import read_mail


def test_that_headers_and_the_plain_alternative_are_read() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Größe 🎉"
    mail["From"] = "Ann <ann@example.org>"
    mail["To"] = "bob@example.org"
    mail["Date"] = "Mon, 02 Mar 2026 10:00:00 +0000"
    mail.set_content("The plain text.")
    mail.add_alternative("<p>The <b>HTML</b> text.</p>", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="plan.pdf")
    read = read_mail(mail.as_bytes())
    subject, text = read.subject, read.text
    assert subject == "Größe 🎉"
    assert text == (
        "Subject: Größe 🎉\nFrom: Ann <ann@example.org>\nTo: bob@example.org\n"
        "Date: Mon, 02 Mar 2026 10:00:00 +0000\nAttachments: plan.pdf\n\nThe plain text."
    )


def test_that_a_mail_of_html_alone_is_made_readable() -> None:
    mail = EmailMessage()
    mail.set_content("<p>Fish &amp; chips</p>", subtype="html")
    assert read_mail(mail.as_bytes()).text.strip() == "Fish & chips"


def test_that_old_encodings_and_raw_headers_are_read() -> None:
    korean = "한국말로 하는 것"
    raw = b"Subject: " + korean.encode() + b"\nContent-Type: text/plain; charset=euc-kr\n\n"
    read = read_mail(raw + korean.encode("euc-kr"))
    subject, text = read.subject, read.text
    assert subject == korean
    assert text.endswith(korean)


def test_that_a_forwarded_mail_is_part_of_the_text() -> None:
    inner = EmailMessage()
    inner.set_content("What was forwarded.")
    outer = EmailMessage()
    outer.set_content("Look at this:")
    outer.add_attachment(inner)
    assert read_mail(outer.as_bytes()).text.split("\n\n")[1:] == [
        "Look at this:",
        "What was forwarded.",
    ]


@given(st.binary(max_size=300))
def test_that_any_bytes_are_survived(data: bytes) -> None:
    read_mail(b"Content-Type: multipart/mixed; boundary=x\n" + data)
