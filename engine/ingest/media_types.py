"""Which files are worth reading, by their name: the type of content behind each known ending."""

from __future__ import annotations

from pathlib import PurePath

MARKDOWN = "text/markdown"
HTML = "text/html"
MAIL = "message/rfc822"
RST = "text/x-rst"
TEX = "text/x-tex"
PLAIN = "text/plain"
PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.12"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
SLIDE_SHOW = "application/vnd.openxmlformats-officedocument.presentationml.slideshow"
MACRO_SLIDES = "application/vnd.ms-powerpoint.presentation.macroEnabled.12"
SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OLD_SHEETS = "application/vnd.ms-excel"
MACRO_SHEETS = "application/vnd.ms-excel.sheet.macroEnabled.12"
BINARY_SHEETS = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
OPEN_SHEETS = "application/vnd.oasis.opendocument.spreadsheet"
OPEN_SLIDES = "application/vnd.oasis.opendocument.presentation"
FICTION_BOOK = "application/x-fictionbook+xml"

OUTLOOK = "application/vnd.ms-outlook"
NOTEBOOK = "application/x-ipynb+json"
SUBTITLES = "text/vtt"
CSV = "text/csv"
TSV = "text/tab-separated-values"
JSON = "application/json"
MBOX = "application/mbox"
HEIC = "image/heic"
SVG = "image/svg+xml"
RAW = "image/x-raw"
"""Of any camera."""
ZIP = "application/zip"
TAR = "application/x-tar"
GZIP = "application/gzip"
BZIP2 = "application/x-bzip2"
XZ = "application/x-xz"
SEVEN_ZIP = "application/x-7z-compressed"

WORD_TYPES = frozenset({WORD, MACRO_WORD})
SHEET_TYPES = frozenset({SHEETS, OLD_SHEETS, MACRO_SHEETS, BINARY_SHEETS, OPEN_SHEETS})
SLIDE_TYPES = frozenset({SLIDES, SLIDE_SHOW, MACRO_SLIDES})
ARCHIVE_TYPES = frozenset({ZIP, TAR, GZIP, BZIP2, XZ, SEVEN_ZIP, MBOX})
"""Hold other files and no text of their own."""
MAIL_TYPES = frozenset({MAIL, OUTLOOK})
"""Hold text, and other files: the attachments."""

_PARSED = {
    PDF: "pdf",
    WORD: "docx",
    MACRO_WORD: "docm",
    "application/msword": "doc",
    SLIDES: "pptx",
    SLIDE_SHOW: "ppsx",
    MACRO_SLIDES: "pptm",
    "application/vnd.ms-powerpoint": "ppt",
    SHEETS: "xlsx",
    OLD_SHEETS: "xls",
    MACRO_SHEETS: "xlsm",
    BINARY_SHEETS: "xlsb",
    OPEN_SHEETS: "ods",
    "application/vnd.oasis.opendocument.text": "odt",
    OPEN_SLIDES: "odp",
    "application/rtf": "rtf",
    "application/epub+zip": "epub",
    FICTION_BOOK: "fb2",
    OUTLOOK: "msg",
}
"""Read by kreuzberg, whose names for the types these are, but for `OPEN_SLIDES`."""

HOLDER_ENDINGS = (
    *("pdf", "docx", "docm", "doc", "pptx", "ppsx", "pptm", "ppt"),
    *("xlsx", "xlsm", "odt", "odp", "ods", "epub"),
)
"""Documents that hold text, and pictures that are documents of their own."""

_PROSE = {
    PLAIN: "txt text log org adoc asciidoc textile wiki mediawiki creole nfo me 1st typ",
    MARKDOWN: "md markdown mdown mkd mdx rmd qmd",
    HTML: "html htm xhtml shtml",
    MAIL: "eml",
    RST: "rst",
    TEX: "tex latex ltx",
    SUBTITLES: "vtt srt",
    NOTEBOOK: "ipynb",
}
"""Decoded as text, and HTML, mail and the like made readable; their content names them."""

_CODE = {
    CSV: "csv",
    TSV: "tsv tab",
    JSON: "json jsonl ndjson json5 geojson",
    "text/xml": "xml xsd xsl xslt rss atom opml",
    "text/yaml": "yaml yml",
    "text/toml": "toml",
    "text/x-ini": "ini cfg conf properties env editorconfig desktop service",
    "text/x-bibtex": "bib",
    "text/x-diff": "diff patch",
    "text/x-sql": "sql ddl psql",
    "text/x-python": "py pyi pyw pyx",
    "text/javascript": "js mjs cjs jsx",
    "text/x-typescript": "ts tsx mts cts",
    "text/css": "css scss sass less",
    "text/x-c": "c h",
    "text/x-c++": "cc cpp cxx hh hpp hxx ipp inl",
    "text/x-shell": "sh bash zsh fish ksh bat cmd ps1",
    "text/x-code": (
        "ada adb ads asm s awk clj cljs cljc cls cmake coffee cr cs csx cu cuh d dart dockerfile"
        " ejs el elm erl ex exs f f77 f90 f95 f03 for fs fsi fsx fth gd glsl go gradle graphql"
        " groovy hbs hcl hlsl hrl hs idl java jl kt kts lean lhs lisp lsp lua m mk ml mli mm nim"
        " nix p pas php phtml pl pm pod pp proto pug purs r raku rb rake re rei rkt rs scala scm"
        " sol st sty sv svelte swift tcl tf thrift v vala vb vbs vhd vhdl vim vue wat wgsl zig"
    ),
}
"""Decoded as text; their file name, ending included, is what they go by (`scan.py`)."""

_PICTURES = {
    "image/png": "png",
    "image/jpeg": "jpg jpeg jpe jfif",
    "image/webp": "webp",
    "image/tiff": "tif tiff",
    "image/bmp": "bmp dib",
    "image/gif": "gif",
    "image/avif": "avif",
    HEIC: "heic heif hif",
    "image/x-icon": "ico",
    SVG: "svg svgz",
    RAW: "cr2 cr3 nef nrw arw dng orf rw2 raf pef srw",
}
"""They are looked at, and text in them is recognised where that is wanted."""

_ARCHIVES = {
    ZIP: "zip",
    TAR: "tar tgz tbz tbz2 txz",
    GZIP: "gz",
    BZIP2: "bz2",
    XZ: "xz",
    SEVEN_ZIP: "7z",
    MBOX: "mbox mbx",
}

_NAMES = {
    PLAIN: (
        "readme license licence copying copyright notice authors contributors changelog changes"
        " news todo install history"
    ),
    "text/x-code": (
        "makefile gnumakefile dockerfile containerfile rakefile gemfile vagrantfile jenkinsfile"
        " procfile justfile"
    ),
}
"""Files that are known by a name without an ending."""

_GENERATED = (".min.js", ".min.css", ".js.map", ".css.map", "-lock.json", ".lock")
"""Made by programs for programs: long, and never what is searched for."""

_BY_ENDING = {
    ending: kind
    for table in (_PARSED, _PROSE, _CODE, _PICTURES, _ARCHIVES)
    for kind, endings in table.items()
    for ending in endings.split()
}
_BY_NAME = {name: kind for kind, names in _NAMES.items() for name in names.split()}


def media_type(path: PurePath | str) -> str | None:
    """The type of a file's content by its name, None where it is not worth reading."""
    # Asked for every file of every look: a path is taken apart only where it is one.
    name = (path.rpartition("/")[2] if isinstance(path, str) else path.name).lower()
    if name.endswith(_GENERATED):
        return None
    stem, _, ending = name.rpartition(".")
    return _BY_ENDING.get(ending) if stem else _BY_NAME.get(name)


def holds_pictures(path: PurePath | str) -> bool:
    """Whether a file of this name is a document that may hold pictures."""
    name = path if isinstance(path, str) else path.name
    return name.rpartition(".")[2].lower() in HOLDER_ENDINGS


def is_parsed(kind: str) -> bool:
    """Whether files of this type need a parser; the others are decoded as text."""
    return kind in _PARSED


def is_code(kind: str) -> bool:
    """Whether such files have no title of their own: code, data, settings."""
    return kind in _CODE


def is_picture(kind: str) -> bool:
    """Whether such files are pictures: what text they hold is recognised in them."""
    return kind in _PICTURES
