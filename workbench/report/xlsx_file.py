"""An XLSX file, written part by part: the little of the format (ECMA-376) that a workbook needs.

Sheets are written row by row and never held as objects, which takes a sixth of the time of a
general library. Texts stand once in the file and are shared; no cell is a formula. What stands in
a workbook: `xlsx.py`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any
from xml.sax.saxutils import escape

from workbench.tables.export import neutral

_SIGNS = ("+", "-")  # of numbers and phones kept as text
_LONGEST = 32_767  # characters a cell may hold
_LEVEL = 4  # of compression: level 6 takes half as long again for 4 % of the size
_BATCH = 1_000  # rows handed to the compression at once
# Signs XML forbids; and what Excel reads as the code of a sign, which has to be written as one.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LINE_END = {"\r": "&#13;"}

# Days count from the last of 1899; Excel takes 1900 for a leap year, so before March one less.
_EPOCH, _LEAP = dt.datetime(1899, 12, 30), 60.0
_DAY = dt.timedelta(days=1)

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_NUMBER_FORMATS = {"General": 0, "@": 49}  # those with a number of their own
_FIRST_OWN = 164


@dataclass(frozen=True, slots=True)
class Look:
    """How cells look.

    Attributes
    ----------
    shape : str
        Number format.
    size : int
        Of the letters, in points.
    bold, underlined : bool
    colour : str
        RGB in hex; "" for black.
    head : bool
        A rule below, long words wrapped.
    """

    shape: str = "General"
    size: int = 11
    bold: bool = False
    underlined: bool = False
    colour: str = ""
    head: bool = False


class XlsxFile:
    """A workbook that is being written; leaving its context completes the file.

    Cells are made by `text` and `values`, which must be called before their sheet is written.

    Parameters
    ----------
    path : Path
    title, creator : str
        As the properties of the file say.
    looks : mapping of str to Look
        All looks of its cells, by name.
    """

    def __init__(self, path: Path, *, title: str, creator: str, looks: Mapping[str, Look]) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL)
        self._about = title, creator
        self._looks = list(looks.values())
        self._place = {name: place for place, name in enumerate(looks)}
        self._texts: dict[str, int] = {}
        self._made: dict[tuple[str, str], str] = {}
        self._used = 0
        self._sheets: list[tuple[str, str]] = []

    def text(self, words: str, look: str) -> str:
        """Make a cell of text that no spreadsheet computes, and that stays text when edited."""
        if not (clean := _FORBIDDEN.sub("", words)[:_LONGEST]):
            return ""
        self._used += 1
        made = self._made.get((words, look))
        if made is None:
            marked = neutral(clean)
            quoted = marked == clean and clean.startswith(_SIGNS)
            place = self._texts.setdefault(marked, len(self._texts))
            made = f' s="{self._style(look, quoted)}" t="s"><v>{place}</v></c>'
            self._made[words, look] = made
        return made

    def values(self, values: Iterable[Any], look: str) -> list[str]:
        """Make cells of numbers, flags, dates and moments; "" for None and what is no number."""
        begin = f' s="{self._style(look)}"'
        made = ["" if value is None else _valued(value) for value in values]
        return [begin + end if end else "" for end in made]

    def sheet(
        self,
        name: str,
        rows: Iterable[Sequence[str]],
        *,
        widths: Sequence[float],
        frozen: str = "",
        filtered: str = "",
        links: Mapping[str, str] | None = None,
    ) -> None:
        """Write a sheet behind those that are there.

        Parameters
        ----------
        name : str
            One that a workbook allows and no other sheet has.
        rows : iterable of sequence of str
            Cells as `text` and `values` make them; "" leaves one empty.
        widths : sequence of float
            Of the columns, in letters.
        frozen : str
            Cell above and left of which all stays in place, such as "B4".
        filtered : str
            Range with a filter, such as "A3:F8".
        links : mapping of str to str, optional
            Cell to the name of the sheet it leads to.
        """
        self._sheets.append((name, filtered))
        part = f"xl/worksheets/sheet{len(self._sheets)}.xml"
        first = ' tabSelected="1"' if len(self._sheets) == 1 else ""
        with self._zip.open(part, "w", force_zip64=True) as stream:
            begin = (
                f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews>'
                f'<sheetView workbookViewId="0"{first}>{_pane(frozen)}</sheetView></sheetViews>'
                f'<sheetFormatPr defaultRowHeight="15"/>{_columns(widths)}<sheetData>'
            )
            stream.write(begin.encode())
            for piece in _pieces(rows):
                stream.write(piece.encode())
            filters = f'<autoFilter ref="{filtered}"/>' if filtered else ""
            stream.write(f"</sheetData>{filters}{_links(links or {})}</worksheet>".encode())

    def close(self) -> None:
        """Write what holds the sheets together."""
        parts = {
            "xl/sharedStrings.xml": self._strings(),
            "xl/styles.xml": _styles(self._looks),
            "xl/workbook.xml": self._workbook(),
            "xl/_rels/workbook.xml.rels": self._relations(),
            "docProps/core.xml": self._core(),
            "_rels/.rels": _relations(
                {
                    "xl/workbook.xml": f"{_DOCUMENT}/officeDocument",
                    "docProps/core.xml": f"{_PACKAGE}/relationships/metadata/core-properties",
                }
            ),
            "[Content_Types].xml": self._types(),
        }
        for name, part in parts.items():
            self._zip.writestr(name, _HEAD + part)
        self._zip.close()

    def __enter__(self) -> XlsxFile:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self.close()
        else:
            self._zip.close()

    # -- parts ----------------------------------------------------------------------------------

    def _style(self, look: str, quoted: bool = False) -> int:
        """Number of a look; all of them once more for texts that stand as typed."""
        return 1 + self._place[look] + (len(self._looks) if quoted else 0)

    def _strings(self) -> str:
        texts = "".join(
            f"<si><t{_space(words)}>{_escaped(words)}</t></si>" for words in self._texts
        )
        return (
            f'<sst xmlns="{_MAIN}" count="{self._used}" uniqueCount="{len(self._texts)}">'
            f"{texts}</sst>"
        )

    def _workbook(self) -> str:
        sheets = "".join(
            f'<sheet name="{_attribute(name)}" sheetId="{number}" r:id="rId{number}"/>'
            for number, (name, _) in enumerate(self._sheets, start=1)
        )
        ranges = "".join(
            f'<definedName name="_xlnm._FilterDatabase" localSheetId="{place}" hidden="1">'
            f"{_escaped(_absolute(name, filtered))}</definedName>"
            for place, (name, filtered) in enumerate(self._sheets)
            if filtered
        )
        defined = f"<definedNames>{ranges}</definedNames>" if ranges else ""
        return (
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}"><bookViews><workbookView/>'
            f"</bookViews><sheets>{sheets}</sheets>{defined}</workbook>"
        )

    def _relations(self) -> str:
        numbers = range(1, len(self._sheets) + 1)
        return _relations(
            {f"worksheets/sheet{number}.xml": f"{_DOCUMENT}/worksheet" for number in numbers}
            | {
                "styles.xml": f"{_DOCUMENT}/styles",
                "sharedStrings.xml": f"{_DOCUMENT}/sharedStrings",
            }
        )

    def _core(self) -> str:
        title, creator = map(_escaped, self._about)
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        moments = "".join(
            f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{now}</dcterms:{name}>'
            for name in ("created", "modified")
        )
        return (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
            ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
            ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
            f"<dc:title>{title}</dc:title><dc:creator>{creator}</dc:creator>{moments}"
            "</cp:coreProperties>"
        )

    def _types(self) -> str:
        numbers = range(1, len(self._sheets) + 1)
        kinds = {
            "/xl/workbook.xml": f"{_TYPE}.sheet.main+xml",
            **{f"/xl/worksheets/sheet{n}.xml": f"{_TYPE}.worksheet+xml" for n in numbers},
            "/xl/styles.xml": f"{_TYPE}.styles+xml",
            "/xl/sharedStrings.xml": f"{_TYPE}.sharedStrings+xml",
            "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        }
        own = "".join(f'<Override PartName="{p}" ContentType="{k}"/>' for p, k in kinds.items())
        return (
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels"'
            ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{own}</Types>'
        )


def letters(place: int) -> str:
    """Letters of a column, counted from 1: 28 is AB."""
    name = ""
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


# -- cells --------------------------------------------------------------------------------------


def _valued(value: Any) -> str:
    """The end of a cell that holds a value; "" for what a sheet has no number for."""
    if isinstance(value, bool):
        return f' t="b"><v>{value:d}</v></c>'
    if isinstance(value, int):
        return f"><v>{value}</v></c>"
    if isinstance(value, float):
        return f"><v>{value!r}</v></c>" if math.isfinite(value) else ""
    if isinstance(value, Decimal):
        return f"><v>{value:f}</v></c>" if value.is_finite() else ""
    return f"><v>{_serial(value):.15g}</v></c>"


def _serial(value: dt.date | dt.time | dt.timedelta) -> float:
    """A date, moment or span as days, as spreadsheets count them."""
    if isinstance(value, dt.time):
        value = dt.datetime.combine(dt.date.min, value) - dt.datetime.min
    if isinstance(value, dt.timedelta):
        return value / _DAY
    moment = value if isinstance(value, dt.datetime) else dt.datetime(*value.timetuple()[:3])
    days = (moment - _EPOCH) / _DAY
    return days - 1 if 0 < days <= _LEAP else days


def _pieces(rows: Iterable[Sequence[str]]) -> Iterable[str]:
    """Rows as XML, many at a time."""
    names: list[str] = []
    piece: list[str] = []
    for number, row in enumerate(rows, start=1):
        names += map(letters, range(len(names) + 1, len(row) + 1))
        cells = [
            f'<c r="{name}{number}"{cell}'
            for name, cell in zip(names, row, strict=False)
            if cell
        ]  # fmt: skip
        piece.append(f'<row r="{number}">{"".join(cells)}</row>')
        if len(piece) == _BATCH:
            yield "".join(piece)
            piece = []
    yield "".join(piece)


def _pane(frozen: str) -> str:
    if not frozen:
        return ""
    name = frozen.rstrip("0123456789")
    across, down = _place_of(name) - 1, int(frozen[len(name) :]) - 1
    return (
        f'<pane xSplit="{across}" ySplit="{down}" topLeftCell="{frozen}" activePane="bottomRight"'
        ' state="frozen"/><selection pane="topRight"/><selection pane="bottomLeft"/>'
        '<selection pane="bottomRight"/>'
    )


def _place_of(name: str) -> int:
    place = 0
    for letter in name:
        place = place * 26 + ord(letter) - 64
    return place


def _columns(widths: Sequence[float]) -> str:
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width:g}" customWidth="1"/>'
        for place, width in enumerate(widths, start=1)
    )
    return f"<cols>{columns}</cols>" if columns else ""


def _links(links: Mapping[str, str]) -> str:
    made = "".join(
        f'<hyperlink ref="{cell}" location="{_attribute(_quoted(name))}!A1"/>'
        for cell, name in links.items()
    )
    return f"<hyperlinks>{made}</hyperlinks>" if made else ""


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def _absolute(name: str, cells: str) -> str:
    """A range with its sheet, each letter and number fixed."""
    fixed = re.sub(r"([A-Z]+)([0-9]+)", r"$\1$\2", cells)
    return f"{_quoted(name)}!{fixed}"


# -- looks --------------------------------------------------------------------------------------


def _styles(looks: Sequence[Look]) -> str:
    shapes = dict.fromkeys(look.shape for look in looks if look.shape not in _NUMBER_FORMATS)
    numbers = _NUMBER_FORMATS | {shape: _FIRST_OWN + n for n, shape in enumerate(shapes)}
    own = "".join(
        f'<numFmt numFmtId="{numbers[shape]}" formatCode="{_attribute(shape)}"/>'
        for shape in shapes
    )
    fonts = "".join(map(_font, [Look(), *looks]))
    forms = "".join(
        _form(look, numbers[look.shape], place, quoted)
        for quoted in (False, True)
        for place, look in enumerate(looks, start=1)
    )
    side = "<left/><right/><top/>"
    rule = '<bottom style="thin"><color rgb="FF66727F"/></bottom>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(shapes)}">{own}</numFmts>'
        f'<fonts count="{len(looks) + 1}">{fonts}</fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        f'<borders count="2"><border>{side}<bottom/><diagonal/></border>'
        f"<border>{side}{rule}<diagonal/></border></borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        f'</cellStyleXfs><cellXfs count="{2 * len(looks) + 1}">'
        f'<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>{forms}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )


def _font(look: Look) -> str:
    bold = "<b/>" if look.bold else ""
    line = "<u/>" if look.underlined else ""
    colour = f'<color rgb="FF{look.colour}"/>' if look.colour else ""
    return f'<font>{bold}{line}<sz val="{look.size}"/>{colour}<name val="Calibri"/></font>'


def _form(look: Look, shape: int, font: int, quoted: bool) -> str:
    given = f'numFmtId="{shape}" fontId="{font}" fillId="0" borderId="{look.head:d}" xfId="0"'
    applied = 'applyNumberFormat="1" applyFont="1"' + (' quotePrefix="1"' if quoted else "")
    if look.head:
        wrapped = '<alignment vertical="bottom" wrapText="1"/>'
        return f'<xf {given} {applied} applyBorder="1" applyAlignment="1">{wrapped}</xf>'
    return f"<xf {given} {applied}/>"


# -- XML ----------------------------------------------------------------------------------------


def _relations(targets: Mapping[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'


def _escaped(words: str) -> str:
    return escape(_CODED.sub("_x005F_", words), _LINE_END)


def _attribute(words: str) -> str:
    return escape(_FORBIDDEN.sub("", words), {'"': "&quot;"})


def _space(words: str) -> str:
    """Say that space at the ends, and ends of lines, belong to the text."""
    return "" if words == words.strip() and "\n" not in words else ' xml:space="preserve"'
