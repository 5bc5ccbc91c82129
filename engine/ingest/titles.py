"""What a document is called: its own title, its first heading, or its file's name."""

from __future__ import annotations

import re
from pathlib import PurePath
from urllib.parse import unquote

from engine.ingest.decoding import clean
from engine.ingest.media_types import (
    MARKDOWN,
    PDF,
    PLAIN,
    RST,
    SHEET_TYPES,
    TEX,
    is_code,
    is_parsed,
)

_LONGEST = 200
_LONGEST_LINE = 120
_BEGINNING = 5000
_JUNK = re.compile(
    r"(microsoft (word|powerpoint|excel)\b.*|untitled.*|(new )?(document|presentation|slide|book)"
    r" ?\d*|powerpoint[- ]pr[äe]sentation|title|titel|no title|\(?anonymous\)?|unknown"
    r"|.*\.(docx?|tex|dvi|ps|eps|pdf|pptx?|xlsx?|indd|qxd|rtf|odt|html?|wpd|cdr|fm|p65|pmd))",
    re.I,
)
_LETTERS = re.compile(r"[^\W\d_]{2}|[\u3040-\u9fff\uac00-\ud7af]")
_FRONT_MATTER = re.compile(r"\A---\n(.*?)\n(?:---|\.\.\.)\s*\n", re.S)
_FRONT_TITLE = re.compile(r"^title:\s*[\"']?(.+?)[\"']?\s*$", re.M)
_MARKDOWN_HEADING = re.compile(
    r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t#]*$|^(\S.*)\n(?:=+|-{3,})[ \t]*$", re.M
)
_RST_HEADING = re.compile(r"^(\S.*)\n([=\-~^\"'*+#])\2{2,}[ \t]*$", re.M)
_TEX_TITLE = re.compile(r"\\(?:title|chapter|section)\*?(?:\[[^\]]*\])?\{([^{}]+)\}")
_MARKS = re.compile(r"[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|!?\[([^\]]*)\]\([^)]*\)|<[^>]+>")


def title_of(path: PurePath, kind: str, text: str, declared: str = "", heading: str = "") -> str:
    """The best title there is.

    Args:
        path: where the file lies; its name is the last resort.
        kind: media type.
        text: the document's text, cleaned.
        declared: what its metadata say, which is often left over from a template.
        heading: its first heading, where the format marks it.
    """
    for candidate in (declared, heading, _heading(kind, text[:_BEGINNING])):
        title = " ".join(clean(candidate).split())
        if _is_sensible(title):
            return title[:_LONGEST]
    return _readable_name(path, kind)


def _is_sensible(title: str) -> bool:
    return len(title) > 1 and bool(_LETTERS.search(title)) and not _JUNK.fullmatch(title)


def _heading(kind: str, text: str) -> str:
    """The first heading as the format marks it; else a first line that looks like one."""
    if kind == MARKDOWN:
        front = _FRONT_MATTER.match(text)
        found = _FRONT_TITLE.search(front[1]) if front else None
        if found:
            return found[1]
        found = _MARKDOWN_HEADING.search(text, front.end() if front else 0)
        return _MARKS.sub(r"\1", found[1] or found[2]) if found else ""
    if kind in (RST, TEX):
        found = (_RST_HEADING if kind == RST else _TEX_TITLE).search(text)
        return found[1] if found else ""
    if kind == PLAIN:
        first, _, rest = text.lstrip().partition("\n")
        follows = rest.partition("\n")[0].strip()
        return first if _is_title_line(first) and not follows.strip("=-~*#") else ""
    if is_parsed(kind) and kind != PDF and kind not in SHEET_TYPES:
        first = text.lstrip().partition("\n")[0]
        return first if _is_title_line(first) else ""
    return ""


def _is_title_line(line: str) -> bool:
    line = line.strip()
    return len(line) <= _LONGEST_LINE and not line.endswith((".", ",", ";", ":", "!", "{", "|"))


def _readable_name(path: PurePath, kind: str) -> str:
    """A file's name as words; code goes by its full name."""
    name = path.name.encode("utf-8", "backslashreplace").decode()
    if is_code(kind):
        return name
    stem = unquote(PurePath(name).stem).replace("_", " ")
    if " " not in stem:
        stem = re.sub(r"(?<=\w)-(?=\w)", " ", stem)
    return " ".join(clean(stem).split()) or name
