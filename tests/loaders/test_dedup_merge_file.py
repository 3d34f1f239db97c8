"""The file in which a person approves merges: written for a spreadsheet, read back from one."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from workbench.errors import InputError
from workbench.loaders.dedup import propose, read_merge_file, write_merge_file
from workbench.loaders.dedup.merge_file import HEADINGS
from workbench.text import Language


def proposals() -> tuple[pd.DataFrame, pd.DataFrame]:
    accounts = pd.DataFrame(
        {
            "account_id": ["001", "002", "003", "004"],
            "name": ["上海溯源泵业有限公司", "溯源泵业(上海)有限公司", "=恒拓", "恒拓"],
            "credit_code": ["913100009900000066", None, None, None],
            "geo_code": ["310000", None, None, None],
        }
    )
    return propose(accounts), accounts


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("saved", ["utf-8-sig", "gb18030", "utf-16", "xlsx"])
def test_a_file_saved_by_a_spreadsheet_is_read_back(tmp_path: Path, lang: str, saved: str) -> None:
    found, accounts = proposals()
    path = write_merge_file(found, accounts, tmp_path / "merge.csv", lang=Language(lang))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read_merge_file(path, known=accounts["account_id"]) == {}  # nothing approved by itself
    sheet = pd.read_csv(path, dtype=str)
    sheet.iloc[0, -1] = {"en": "Yes", "zh": "是"}[lang]
    if saved == "xlsx":
        path = tmp_path / "merge.xlsx"
        sheet.to_excel(path, index=False)
    else:
        mark = "\t" if saved == "utf-16" else ","
        sheet.to_csv(path, index=False, encoding=saved, sep=mark)
    assert read_merge_file(path, known=accounts["account_id"]) == {"002": "001"}


def test_the_file_shows_what_a_person_needs(tmp_path: Path) -> None:
    found, accounts = proposals()
    path = write_merge_file(found, accounts, tmp_path / "merge.csv", lang=Language("zh"))
    sheet = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(sheet) == [Language("zh").say(heading) for heading in HEADINGS.values()]
    first = sheet.iloc[0].tolist()
    assert first[:8] == ["001", "002", "上海溯源泵业有限公司", "溯源泵业(上海)有限公司",
                         "913100009900000066", "", "上海市", ""]  # fmt: skip
    assert first[9] == "名称相同"
    assert "'=恒拓" in sheet.to_numpy()  # not computed when the sheet is opened


def merge_csv(folder: Path, *rows: str) -> Path:
    path = folder / "merge.csv"
    path.write_text("\n".join(["keep_id,merge_id,approve", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("rows", "merges"),
    [
        (["A,B,yes", "A,C,", "A,D,no"], {"B": "A"}),
        (["A,B,是", "B,C,y", "C,D,1"], {"B": "A", "C": "A", "D": "A"}),  # a chain
        (["A,B,y", "A,C,y", "B,C,y"], {"B": "A", "C": "A"}),  # three rows of one company
        (["A,B,y", "A,B,√"], {"B": "A"}),
        (["", "A,B, YES "], {"B": "A"}),
    ],
)
def test_approvals_are_followed_to_the_account_that_stands(
    tmp_path: Path, rows: list[str], merges: dict[str, str]
) -> None:
    assert read_merge_file(merge_csv(tmp_path, *rows), known="ABCD") == merges


@pytest.mark.parametrize(
    ("rows", "said", "where"),
    [
        (["A,X,y"], "1 ids are no accounts", 'row 2 \\("X"\\)'),
        (["A,1.23E+17,y"], "1 ids are no accounts", "1.23E"),
        (["A,B,y", "B,A,y"], "in a circle", "A"),
        (["A,A,y"], "in a circle", "A -> A"),
        (["A,B,y", "B,C,y", "C,B,y"], "in a circle", "B"),
        (["A,C,y", "B,C,y"], "two that stay apart", "C into A and B"),
        (["A,C,y", "B,D,y", "C,E,y", "D,E,y"], "two that stay apart", "E into A and B"),
        (["A,B,maybe"], "neither yes nor no", 'row 2 \\("maybe"\\)'),
    ],
)
def test_approvals_that_cannot_hold_are_refused(
    tmp_path: Path, rows: list[str], said: str, where: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        read_merge_file(merge_csv(tmp_path, *rows), known="ABCDE")
    assert caught.match(where)


def test_a_file_without_its_columns_or_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "merge.csv"
    with pytest.raises(InputError, match="not there"):
        read_merge_file(path)
    path.write_text("keep_id,name\nA,x\n")
    with pytest.raises(InputError, match="no column merge_id"):
        read_merge_file(path)
    book = openpyxl.Workbook()
    book.save(tmp_path / "empty.xlsx")
    with pytest.raises(InputError):
        read_merge_file(tmp_path / "empty.xlsx")
