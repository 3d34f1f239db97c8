"""Mapping files: what is written comes back; what is wrong is said with its line."""

import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sheets import ListSheet
from workbench.errors import InputError
from workbench.loaders.mapping import HELPERS, FieldMapping, Question, SheetMapping
from workbench.loaders.mapping_files import (
    MappingEntry,
    entry_for,
    read_mapping,
    remembered,
    write_mapping,
)
from workbench.loaders.raw import Source
from workbench.loaders.recognise import recognise
from workbench.tables import TABLES

TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=40
)
READS = st.fixed_dictionaries(
    {},
    optional={
        "unit": st.sampled_from(["万元", "元", "USD'000", "千", "null", "~"]),
        "order": st.sampled_from(["ymd", "dmy", "mdy"]),
        "scale": st.sampled_from(["share", "percent"]),
        "discount": st.sampled_from(["paid", "off", "money"]),
        "tax_basis": st.sampled_from(["incl", "excl"]),
        "prefix": st.just("zcrm_"),
    },
)


@st.composite
def mappings(draw) -> SheetMapping:
    table = draw(st.sampled_from(sorted(TABLES)))
    names = TABLES[table].column_names
    possible = st.sampled_from([*names, *HELPERS, "account.name", "rep.name"])
    headers = draw(st.lists(TEXT, unique=True, min_size=1, max_size=8))
    fields = []
    for place, header in enumerate(headers):
        target = draw(st.none() | possible)
        verified = target is not None and draw(st.booleans())
        how = draw(st.sampled_from(["system", "headers", "values", "answer", ""]))
        read = draw(READS)
        fields.append(FieldMapping(header, place, target, how, verified, read))
    return SheetMapping(
        table,
        draw(st.sampled_from(["", "zoho", "generic_zh", "workbench"])),
        draw(st.sampled_from(["system", "headers", "mapping"])),
        tuple(fields),
        draw(st.dictionaries(st.sampled_from(names), TEXT, max_size=3)),
        draw(st.dictionaries(TEXT, st.sampled_from(["open", "won", "lost", "void"]), max_size=3)),
        draw(st.sampled_from([(), (Question("tax_basis", "x"),)])),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("mappings")


def sheet_of(mapping: SheetMapping, file: str = "a.csv") -> ListSheet:
    headers = [field.header for field in mapping.fields]
    return ListSheet(headers, [["v"] * len(headers)], file=file)


# -- laws ----------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(known=st.lists(mappings(), min_size=1, max_size=3))
def test_what_is_written_comes_back(folder, known):
    pairs = [(sheet_of(mapping, f"s{i}.csv"), mapping) for i, mapping in enumerate(known)]
    entries = read_mapping(write_mapping(folder / "m.yaml", pairs))
    written, found = [remembered(mapping) for mapping in known], [e.mapping for e in entries]
    assert all(mapping in found for mapping in written)
    assert all(mapping in written for mapping in found) and len(found) <= len(written)
    again = read_mapping(write_mapping(folder / "n.yaml", entries))
    assert again == entries


@settings(max_examples=30, deadline=None)
@given(mapping=mappings())
def test_a_sheet_read_with_its_own_mapping_is_mapped_the_same(folder, mapping):
    sheet = sheet_of(mapping)
    entries = read_mapping(write_mapping(folder / "o.yaml", [(sheet, mapping)]))
    found = recognise(sheet, mappings=entries)
    assert found.fields == remembered(mapping).fields
    assert (found.table, found.system, found.set, found.stages) == (
        mapping.table,
        mapping.system,
        mapping.set,
        mapping.stages,
    )


# -- the file ------------------------------------------------------------------------------------


def test_the_file_is_for_people(tmp_path):
    sheet = ListSheet(
        ["商机名称", "商机金额（万元）", "阶段", "备注"],
        [["p", "1", "报价", "x"]],
        file="in/2026年11月商机.xlsx",
    )
    sheet.source = Source("in/2026年11月商机.xlsx", "商机")
    mapping = recognise(sheet)
    text = write_mapping(tmp_path / "m.yaml", [(sheet, mapping)]).read_text(encoding="utf-8")
    head, _, body = text.partition("version: 1\n")
    assert all(line.startswith("#") for line in head.splitlines())
    assert body == (
        "sheets:\n"
        "  - table: opportunity\n"
        "    system: generic_zh\n"
        "    file: '*年*月商机.xlsx'\n"
        "    sheet: 商机\n"
        "    columns:\n"
        "      商机名称: name\n"
        "      商机金额（万元）: amount\n"
        "      阶段: stage\n"
        "      备注: ignore\n"
        "    verified: [商机名称]\n"
    )


def test_a_mapping_without_sheets_is_a_file_too(tmp_path):
    unknown = SheetMapping(None, "", "", (FieldMapping("a", 0, None),))
    path = write_mapping(tmp_path / "m.yaml", [(ListSheet(["a"], [["1"]]), unknown)])
    assert read_mapping(path) == []


def test_a_file_written_by_hand_may_say_little(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "sheets:\n"
        "  - table: order_line\n"
        "    file: orders-*.csv\n"
        "    columns:\n"
        "      2024: ignore\n"
        "      No: order_id\n"
        "      Sum: {target: amount, read: {unit: 万元}}\n"
        "      Note:\n"
        "    set: {tax_basis: incl, tax_rate: 0.13}\n"
        "    stages: {\u7b7e\u7ea6: won}\n",
        encoding="utf-8",
    )
    (entry,) = read_mapping(path)
    assert entry.headers == ("2024", "No", "Sum", "Note")
    assert [f.target for f in entry.mapping.fields] == [None, "order_id", "amount", None]
    assert entry.mapping.fields[2].read == {"unit": "万元"}
    assert entry.mapping.set == {"tax_basis": "incl", "tax_rate": "0.13"}
    assert entry.mapping.stages == {"签约": "won"}


@pytest.mark.parametrize(
    ("text", "message", "where", "do"),
    [
        ("sheets:\n  - a: [\n", "not valid YAML", "line ", "mend"),
        (
            "sheets:\n  - table: orderline\n",
            "no table 'orderline'",
            "line 2",
            "did you mean order_line",
        ),
        (
            "sheets:\n  - table: order_line\n    columns:\n      A: ammount\n",
            "no column 'ammount'",
            "line 4",
            "did you mean amount",
        ),
        (
            "sheets:\n  - table: order_line\n    columns:\n      A: account.nam\n",
            "no column 'nam'",
            "line 4",
            "name",
        ),
        (
            "sheets:\n  - table: order_line\n    columns:\n      A: acount.name\n",
            "no table 'acount'",
            "line 4",
            "account",
        ),
        (
            "sheets:\n  - table: order_line\n    columns:\n      A: '@discout'\n",
            "no helper '@discout'",
            "line 4",
            "@discount",
        ),
        (
            "sheets:\n  - table: order_line\n    set:\n      tax_bases: incl\n",
            "no column 'tax_bases'",
            "line 4",
            "tax_basis",
        ),
        (
            "sheets:\n  - table: account\n    colums: {}\n",
            "colums",
            "line 3",
            "did you mean columns",
        ),
        (
            "sheets:\n  - table: account\n    stages:\n      x: wonn\n",
            "'open', 'won', 'lost' or 'void'",
            "line 4",
            "",
        ),
        (
            "sheets:\n  - table: rep\n    columns:\n      A: {target: name, read: {order: my}}\n",
            "'ymd', 'dmy' or 'mdy'",
            "line 4",
            "",
        ),
        ("version: 2\n", "version", "line 1", ""),
        ("- a\n", "", "", ""),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, text, message, where, do):
    path = tmp_path / "m.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_mapping(path)
    assert message in caught.value.message
    assert str(path) in str(caught.value.where) and where in str(caught.value.where)
    assert do in str(caught.value.do)


def test_what_is_open_is_asked_again(tmp_path):
    sheet = ListSheet(
        ["商机名称", "阶段", "商机金额", "预计金额", "备注"], [["p", "报价", "100", "90", "x"]]
    )
    first = recognise(sheet)
    path = write_mapping(tmp_path / "m.yaml", [(sheet, first)])
    text = path.read_text(encoding="utf-8")
    assert "商机金额: ask\n" in text and "预计金额: ask\n" in text and "备注: ignore\n" in text
    entries = read_mapping(path)
    assert entries[0].headers == tuple(sheet.headers)
    again = recognise(sheet, mappings=entries)
    assert [q for q in again.questions if q.code == "column"] == [
        q for q in first.questions if q.code == "column"
    ]
    assert again.how == "mapping"
    assert read_mapping(write_mapping(tmp_path / "n.yaml", entries)) == entries


# -- which entry ---------------------------------------------------------------------------------


def entry(*headers: str, file: str = "", sheet: str = "", table: str = "account") -> MappingEntry:
    fields = tuple(FieldMapping(h, i, None, "mapping") for i, h in enumerate(headers))
    return MappingEntry(headers, file, sheet, SheetMapping(table, "", "mapping", fields))


def test_the_same_headers_go_before_the_name():
    named, same = entry("a", "b", file="deals-*.csv"), entry("c", "b", "a", file="other.csv")
    sheet = ListSheet(["a", "b", "c"], [["1"] * 3], file="x/deals-12.csv")
    assert entry_for(sheet, [named, same]) is same
    assert entry_for(sheet, [named]) is named


def test_a_name_alone_is_not_enough():
    sheet = ListSheet(["a", "x", "y"], [["1"] * 3], file="deals-12.csv")
    assert entry_for(sheet, [entry("a", "b", "c", file="deals-*.csv")]) is None
    assert entry_for(sheet, [entry("a", "b", file="deals-*.csv", sheet="other")]) is None
    assert entry_for(sheet, [entry("a", "b")]) is None
    found = entry("a", "b", file="deals-*.csv")
    assert entry_for(sheet, [found], table="account") is found
    assert entry_for(sheet, [found], table="rep") is None


@given(name=st.text(string.printable.replace("/", ""), min_size=1))
@settings(max_examples=40, deadline=None)
def test_a_file_fits_the_pattern_made_from_its_name(folder, name):
    mapping = SheetMapping("account", "", "headers", (FieldMapping("a", 0, "name"),))
    sheet = ListSheet(["a"], [["1"]], file=f"in/{name}")
    (found,) = read_mapping(write_mapping(folder / "p.yaml", [(sheet, mapping)]))
    grown = ListSheet(["a", "b"], [["1", "2"]], file=f"in/{name}")
    assert entry_for(grown, [found]) is found
