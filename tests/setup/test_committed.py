"""What is committed: stripped notebooks, links that lead somewhere, READMEs in step."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from workbench.setup import files, notebooks

ROOT = Path(__file__).parents[2]
COMMITTED = files.committed(ROOT)
PAGES = [path for path in COMMITTED if path.suffix == ".md"]
MACHINE = "/" + "tmp"  # in two parts, because this file is committed as well
CHECKED_CELL = {
    "cell_type": "code",
    "execution_count": 4,
    "id": "a",
    "metadata": {"execution": {"started": "now"}, "tags": ["parameters"]},
    "outputs": [{"output_type": "stream", "name": "stdout", "text": ["386\n"]}],
    "source": ["# NBVAL_CHECK_OUTPUT\n", "print(386)"],
}


def test_notebooks_are_committed_stripped() -> None:
    found = [path for path in COMMITTED if path.suffix == ".ipynb"]
    assert not notebooks.strip(found, write=False)


def test_only_checked_outputs_stay() -> None:
    other = {**CHECKED_CELL, "source": ["print(386)"], "id": "b"}
    notebook = {
        "cells": [CHECKED_CELL, other],
        "metadata": {"kernelspec": {"name": "python3"}, "widgets": {}, "papermill": {}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    stripped = json.loads(notebooks.stripped(json.dumps(notebook)))
    checked, plain = stripped["cells"]
    assert checked["outputs"] == CHECKED_CELL["outputs"]
    assert plain["outputs"] == []
    assert (checked["execution_count"], plain["execution_count"]) == (1, None)
    assert checked["metadata"] == {"tags": ["parameters"]}
    assert stripped["metadata"] == {"kernelspec": {"name": "python3"}}


def test_stripping_writes_once_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    text = {"cells": [{**CHECKED_CELL, "source": "1"}], "metadata": {}, "nbformat": 4}
    path.write_text(json.dumps({**text, "nbformat_minor": 5}), encoding="utf-8")
    assert notebooks.strip([path], write=False) == [path]
    assert "386" in path.read_text(encoding="utf-8")
    assert notebooks.strip([path], write=True) == [path]
    assert notebooks.strip([path], write=True) == []


def test_committed_files_are_small_and_hold_on_every_machine() -> None:
    assert not files.complaints(COMMITTED)


@pytest.mark.parametrize(
    "text", [f"read {MACHINE}/a.csv", "see https://files.python" + "hosted.org/x"]
)
def test_an_address_of_one_machine_is_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    assert len(files.complaints([tmp_path / "page.md"])) == 1


def test_a_big_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "big.bin").write_bytes(bytes(files.LARGEST + 1))
    assert "MB" in files.complaints([tmp_path / "big.bin"])[0]


@pytest.mark.parametrize(
    "text", ["pip install -r x", f"a{MACHINE}/b", "https://mirror.example.com"]
)
def test_ordinary_text_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    assert not files.complaints([tmp_path / "page.md"])


def anchors(page: Path) -> set[str]:
    """Names that the headings of a page can be linked by."""
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^#+ +(.+?) *$", text)
    named = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return named | set(re.findall(r'<a id="([^"]+)"', text))


def broken_links(page: Path) -> list[str]:
    """Relative links and pictures of a page that lead nowhere."""
    prose = re.sub(r"(?s)```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\(([^)\s]+)", prose) + re.findall(r'(?:src|href)="([^"]+)"', prose)
    broken = []
    for link in links:
        path, _, anchor = unquote(link).partition("#")
        target = page.parent / path if path else page
        if re.match(r"\w+:", link):
            continue
        if not target.exists() or (
            anchor and target.suffix == ".md" and anchor not in anchors(target)
        ):
            broken.append(link)
    return broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert not broken_links(page)


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One\n[a](no.md) [b](#one) [c](#two) ![d](no.png) `[e](f)`", encoding="utf-8")
    assert broken_links(page) == ["no.md", "#two", "no.png"]


def commands(page: str) -> list[str]:
    """Commands a README shows, without comments and choice of language."""
    blocks = "\n".join(re.findall(r"(?s)```sh\n(.*?)```", (ROOT / page).read_text("utf-8")))
    bare = re.sub(r" +#.*|^LANG=\S+ |(?<=--lang) \w\w", "", blocks, flags=re.M)
    return bare.splitlines()


def test_the_readmes_are_in_step() -> None:
    english, chinese = "README.md", "README.zh-CN.md"
    assert commands(english) == commands(chinese)
    shapes = [
        re.findall(r"(?m)^(?:## |\| |- \*\*)", (ROOT / page).read_text("utf-8"))
        for page in (english, chinese)
    ]
    assert shapes[0] == shapes[1]
