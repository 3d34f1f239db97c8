"""Archives, links and names that lead astray: a clear refusal, and the other files are read."""

import gzip
import io
import stat
import zipfile

import openpyxl
import pytest

from workbench.loaders.files import Limits, open_paths

TABLE = "客户,金额\n甲,1\n".encode()
SMALL = Limits(total=4 << 20, ratio=200, free=1 << 20, entries=50)


def zipped(entries, path, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def names(grids):
    return [grid.source.file for grid in grids]


def test_a_zip_of_months_is_read_in_order_of_names(tmp_path):
    entries = [(f"2026/2026-{m:02d}.csv", TABLE) for m in (3, 1, 2)]
    path = zipped(
        [*entries, ("2026/说明.pdf", b"%PDF-1"), ("__MACOSX/._x.csv", b"x")], tmp_path / "m.zip"
    )
    grids, skipped = open_paths([path], work=tmp_path / "work")
    assert names(grids) == [f"m.zip/2026/2026-{m:02d}.csv" for m in (1, 2, 3)]
    assert [list(grid.rows()) for grid in grids] == [[(1, ["客户", "金额"]), (2, ["甲", "1"])]] * 3
    assert [(s.file, s.refused) for s in skipped] == [("m.zip/2026/说明.pdf", False)]


def test_names_in_gbk_are_read(tmp_path):
    path = zipped([("XXXX.csv", TABLE)], tmp_path / "z.zip")
    path.write_bytes(path.read_bytes().replace(b"XXXX", "客户".encode("gbk")))
    grids, _ = open_paths([path], work=tmp_path / "work")
    assert names(grids) == ["z.zip/客户.csv"]


def test_a_zip_in_a_zip_is_opened_and_no_deeper(tmp_path):
    def nested(depth):
        content = io.BytesIO()
        inner = ("t.csv", TABLE) if not depth else ("in.zip", nested(depth - 1))
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(*inner)
        return content.getvalue()

    (tmp_path / "a.zip").write_bytes(nested(1))
    (tmp_path / "b.zip").write_bytes(nested(2))
    grids, [skipped] = open_paths([tmp_path / "a.zip", tmp_path / "b.zip"], work=tmp_path / "work")
    assert names(grids) == ["a.zip/in.zip/t.csv"]
    assert (skipped.file, skipped.refused) == ("b.zip/in.zip/in.zip", True)


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:\\evil.csv"]
)
def test_names_that_lead_out_are_refused_and_the_others_read(tmp_path, name):
    path = zipped([("ok.csv", TABLE), (name, TABLE)], tmp_path / "z.zip")
    work = tmp_path / "deep" / "work"
    grids, [skipped] = open_paths([path], work=work)
    assert names(grids) == ["z.zip/ok.csv"]
    assert "leads out of the archive" in skipped.message
    assert not list(tmp_path.rglob("evil.csv"))


def test_a_link_in_a_zip_is_refused(tmp_path):
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = zipped([(link, "/etc/passwd"), ("ok.csv", TABLE)], tmp_path / "z.zip")
    grids, [skipped] = open_paths([path], work=tmp_path / "work")
    assert names(grids) == ["z.zip/ok.csv"]
    assert "a link" in skipped.message


def test_a_protected_entry_is_refused(tmp_path):
    path = zipped([("t.csv", TABLE)], tmp_path / "z.zip")
    content = bytearray(path.read_bytes())
    for mark, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(mark) + flag] |= 1
    path.write_bytes(content)
    grids, [skipped] = open_paths([path], work=tmp_path / "work")
    assert not grids
    assert "password" in skipped.message


@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ([("zeros.csv", b"0" * (3 << 20))], "times its size"),
        ([(f"{i}.csv", bytes([48 + i]) * (1 << 20)) for i in range(6)], "more than 4 MB"),
        ([(f"{i}.csv", b"a,b") for i in range(60)], "more than 50"),
    ],
)
@pytest.mark.parametrize("name", ["bomb.zip", "bomb.xlsx"])
def test_bombs_are_not_unpacked(tmp_path, entries, told, name):
    if name.endswith("xlsx"):
        entries = [("[Content_Types].xml", "<x/>"), ("xl/workbook.xml", "<x/>"), *entries]
    path = zipped(entries, tmp_path / name)
    (tmp_path / "ok.csv").write_bytes(TABLE)
    grids, [skipped] = open_paths([tmp_path], work=tmp_path.parent / "work", limits=SMALL)
    assert names(grids) == ["ok.csv"]
    assert told in skipped.message
    assert skipped.file == path.name
    assert skipped.refused


def _lying(path, name, true, said):
    """A zip whose lists say less than an entry unpacks to."""
    content = path.read_bytes()
    path.write_bytes(content.replace(true.to_bytes(4, "little"), said.to_bytes(4, "little")))


def test_an_archive_that_lies_about_its_size_is_no_way_around(tmp_path):
    size = 3 << 20
    path = zipped([("t.csv", b"0" * size)], tmp_path / "z.zip")
    _lying(path, "t.csv", size, 1000)
    grids, [skipped] = open_paths([path], work=tmp_path / "work", limits=SMALL)
    assert not grids
    assert skipped.refused
    assert sum(f.stat().st_size for f in (tmp_path / "work").rglob("*") if f.is_file()) <= 1 << 20


def test_a_workbook_that_lies_about_its_size_is_not_opened(tmp_path):
    size = 3 << 20
    parts = [
        ("[Content_Types].xml", "<x/>"),
        ("xl/workbook.xml", "<x/>"),
        ("xl/s.xml", b"0" * size),
    ]
    path = zipped(parts, tmp_path / "t.xlsx")
    _lying(path, "xl/s.xml", size, 1000)
    grids, [skipped] = open_paths([path], work=tmp_path / "work", limits=SMALL)
    assert not grids
    assert "a part is larger than it says" in skipped.message


@pytest.mark.parametrize(("far", "refused"), [("XFD1048576", True), ("B200000", False)])
def test_a_cell_far_away_does_not_fill_the_memory(tmp_path, far, refused):
    book = openpyxl.Workbook()
    book.active.append(["客户", "金额"])
    book.active[far] = 1
    book.save(tmp_path / "t.xlsx")
    grids, skipped = open_paths([tmp_path / "t.xlsx"], work=tmp_path / "work")
    assert len(grids) == (not refused)
    assert ["spans 1,048,576 rows and 16,384 columns" in s.message for s in skipped] == [
        True
    ] * refused


def test_a_workbook_with_a_password_is_told(tmp_path):
    envelope = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    (tmp_path / "t.xlsx").write_bytes(envelope + "EncryptedPackage".encode("utf-16-le"))
    grids, [skipped] = open_paths([tmp_path / "t.xlsx"], work=tmp_path / "work")
    assert not grids
    assert skipped.message == "the workbook is protected by a password"


def test_a_gzip_bomb_stops(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"0" * (8 << 20)))
    grids, [skipped] = open_paths([tmp_path / "t.csv.gz"], work=tmp_path / "work", limits=SMALL)
    assert not grids
    assert "unpacks to more than is allowed" in skipped.message


@pytest.mark.parametrize("name", ["t.zip", "t.csv.gz"])
def test_archives_cut_off_are_refused(tmp_path, name):
    path = tmp_path / name
    content = bytes(range(256)) * 40
    if name == "t.zip":
        zipped([("a.csv", content), ("b.csv", content)], path)
    else:
        path.write_bytes(gzip.compress(content))
    path.write_bytes(path.read_bytes()[:-20])
    grids, [skipped] = open_paths([path], work=tmp_path / "work")
    assert not grids
    assert "not copied whole" in skipped.message
    assert skipped.do


def test_links_that_leave_the_folder_are_not_followed(tmp_path):
    folder, outside = tmp_path / "in", tmp_path / "out"
    for one in (folder, outside):
        one.mkdir()
        (one / "t.csv").write_bytes(TABLE)
    (folder / "secret.csv").symlink_to(outside / "t.csv")
    (folder / "more").symlink_to(outside)
    (folder / "again.csv").symlink_to(folder / "t.csv")
    (folder / "gone.csv").symlink_to(folder / "nowhere.csv")
    grids, skipped = open_paths([folder], work=tmp_path / "work")
    assert names(grids) == ["t.csv"]
    refused = {s.file: s.refused for s in skipped}
    assert refused == {"secret.csv": True, "more": True, "again.csv": False, "gone.csv": True}


def test_hidden_files_and_locks_are_not_read(tmp_path):
    for name in (".hidden.csv", "~$t.xlsx", ".git/t.csv", "ok.csv", "sub/ok.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(TABLE)
    grids, skipped = open_paths([tmp_path], work=tmp_path.parent / "w")
    assert (names(grids), skipped) == (["ok.csv", "sub/ok.csv"], [])


def test_one_bad_file_stops_no_other(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,\x80\xff\n")
    (tmp_path / "b.xlsx").write_bytes(b"PK\x03\x04 broken")
    (tmp_path / "c.json").write_bytes(b"{")
    (tmp_path / "d.parquet").write_bytes(b"PAR1 broken")
    (tmp_path / "e.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken")
    (tmp_path / "f.rar").write_bytes(b"Rar!\x1a\x07")
    (tmp_path / "ok.csv").write_bytes(TABLE)
    grids, skipped = open_paths([tmp_path, tmp_path / "gone"], work=tmp_path.parent / "w")
    assert names(grids) == ["ok.csv"]
    assert len(skipped) == 7
    assert all(one.refused and one.message and one.do for one in skipped)


def test_the_order_of_paths_does_not_matter_and_none_is_read_twice(tmp_path):
    for name in ("one/t.csv", "two/t.csv", "two/u.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(TABLE)
    paths = [tmp_path / "one", tmp_path / "two", tmp_path / "two/u.csv"]
    there, _ = open_paths(paths, work=tmp_path / "w1")
    back, _ = open_paths(paths[::-1], work=tmp_path / "w2")
    assert names(there) == names(back) == ["one/t.csv", "two/t.csv", "u.csv"]
