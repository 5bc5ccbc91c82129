"""The readable text of an HTML page.

kreuzberg's own reading of HTML keeps Markdown's marks and links in the text and ends at an unclosed
table cell, so pages are read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from engine.ingest.decoding import decode

_DECLARED = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]+)|<\?xml[^>]{0,80}encoding=[\"']([\w-]+)",
    re.I,
)
_SKIPPED = {"script", "style", "noscript", "template", "svg", "iframe", "object", "nav"}
_BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt"),
    *("fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "ol"),
    *("option", "section", "summary", "table", "tbody", "thead", "tr", "ul", "br"),
}
_APART = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"}
_HEADINGS = {"h1", "h2"}


@dataclass(frozen=True, slots=True)
class HtmlText:
    """What a page says."""

    title: str
    """Of its head; may be empty."""
    heading: str
    """The first in its body; may be empty."""
    text: str


def read_html(data: bytes) -> HtmlText:
    """Read a page of unknown encoding."""
    declared = _DECLARED.search(data[:4096])
    encoding = (declared[1] or declared[2]).decode() if declared else ""
    return html_text(decode(data, encoding))


def html_text(html: str) -> HtmlText:
    """Read a page without its navigation, unless there is nothing else or an end tag is missing."""
    reader = _read(html, _SKIPPED)
    if not reader.has_text or reader.is_skipping:
        reader = _read(html, {"script", "style"})
    return reader.result()


def _read(html: str, skipped: set[str]) -> _Reader:
    reader = _Reader(skipped)
    reader.feed(html)
    reader.close()
    return reader


class _Reader(HTMLParser):
    """Collects text; blocks begin on a line of their own, cells are parted by tabs."""

    def __init__(self, skipped: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.has_text = False
        self._skipped = skipped
        self._skipping: list[str] = []
        self._parts: list[str] = []
        self._title: list[str] = []
        self._heading: list[str] = []
        self._into: list[str] | None = None
        self._preformatted = 0

    def result(self) -> HtmlText:
        """All that was read."""
        lines = (line.rstrip() for line in "".join(self._parts).split("\n"))
        return HtmlText(
            " ".join("".join(self._title).split()),
            " ".join("".join(self._heading).split()),
            re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(),
        )

    @property
    def is_skipping(self) -> bool:
        """Whether something that is left out has not ended."""
        return bool(self._skipping)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self._skipped:
            self._skipping.append(tag)
        if self._skipping:
            return
        if tag == "title" and not self._title:
            self._into = self._title
        elif tag in _HEADINGS and not self._heading:
            self._into = self._heading
        elif tag in ("td", "th"):
            self._parts.append("\t")
        elif tag == "img":
            self.handle_data(f" {dict(attrs).get('alt') or ''} ")
        self._preformatted += tag == "pre"
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._skipping:
            # Closing an outer one closes what was left open inside.
            del self._skipping[self._skipping.index(tag) :]
            return
        if self._skipping:
            return
        if tag == "title" or tag in _HEADINGS:
            self._into = None
        self._preformatted -= tag == "pre" and self._preformatted > 0
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if self._skipping:
            return
        if self._into is not None:
            self._into.append(data)
            if self._into is self._title:
                return
        if not self._preformatted:
            data = re.sub(r"\s+", " ", data)
            if self._parts and self._parts[-1][-1:] in ("\n", " ", "\t", ""):
                data = data.lstrip()
        if data:
            self.has_text = self.has_text or not data.isspace()
            self._parts.append(data)

    def _break(self, tag: str) -> None:
        if tag in _APART:
            self._parts.append("\n\n")
        elif tag in _BLOCKS:
            self._parts.append("\n")
