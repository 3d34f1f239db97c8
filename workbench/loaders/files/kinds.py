"""What a file is by its first bytes, because its name may be wrong.

Chinese systems send HTML and CSV under the name of an Excel file; a wrong name is noted, not an
error. Neighbour: `opening.py`, which opens each kind.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from workbench.loaders.files.archives import ZIP_FAULTS

#: Kinds that `opening.py` opens, and what people call them.
READ = {
    "zip": "ZIP",
    "gzip": "gzip",
    "xlsx": "XLSX",
    "xlsb": "XLSB",
    "xls": "XLS",
    "ods": "ODS",
    "parquet": "Parquet",
    "json": "JSON",
    "jsonl": "JSON lines",
    "html": "HTML",
    "xml": "SpreadsheetML",
    "text": "text",
}

_MAGIC = (
    (b"PAR1", "parquet"),
    (b"\x1f\x8b", "gzip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xls"),
    (b"\x09\x08", "xls"),  # a bare stream of records, as old programs wrote
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"{\\rtf", "a document"),
)

#: Files that hold no table, by their ending: nothing is lost when they are left out.
_NO_TABLE = {
    "docx": "a document", "doc": "a document", "pptx": "slides", "ppt": "slides", "md": "a text",
    "rst": "a text", "pdf": "a PDF", "png": "a picture", "jpg": "a picture", "jpeg": "a picture",
    "gif": "a picture", "svg": "a picture", "py": "a program", "ipynb": "a notebook",
    "yaml": "settings", "yml": "settings", "toml": "settings", "ini": "settings", "sql": "a query",
    "log": "a log", "lnk": "a shortcut", "eml": "a mail", "msg": "a mail", "mp4": "a film",
    "mp3": "a sound", "exe": "a program",
}  # fmt: skip

#: Files of a kind that surely holds something and cannot be read here.
UNREADABLE = {"a RAR archive", "a 7z archive", "an SQLite database"}


def kind_of(path: Path, name: str) -> str:
    """Kind of a file: a key of `READ`, "empty", or words for what it is."""
    ending = name.lower().rpartition(".")[2]
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        return "empty"
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return _inside(path) if kind == "zip" else kind
    if ending in _NO_TABLE:
        return _NO_TABLE[ending]
    return _text_kind(head, ending)


def _inside(path: Path) -> str:
    """What a zip is: a workbook, a document, or an archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            mime = archive.read("mimetype")[:100] if "mimetype" in names else b""
    except ZIP_FAULTS:
        return "zip"
    if "xl/workbook.bin" in names:
        return "xlsb"
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "word/document.xml" in names:
        return "a document"
    if "ppt/presentation.xml" in names:
        return "slides"
    if "opendocument" in mime.decode("latin-1"):
        return "ods" if b"spreadsheet" in mime else "a document"
    return "zip"


def _text_kind(head: bytes, ending: str) -> str:
    text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "ignore")
    start = text.removeprefix("ï»¿").lstrip().lower()
    if start.startswith("<"):
        return "xml" if "urn:schemas-microsoft-com:office:spreadsheet" in start else "html"
    if ending in ("jsonl", "ndjson"):
        return "jsonl"
    if ending == "json" or (start.startswith(("{", "[")) and ending not in ("csv", "tsv")):
        return "json"
    return "text"
