"""The page "Write your first plan" says what happens, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGES = [Path("docs/first_plan.md"), Path("docs/first_plan.zh-CN.md")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_page_pays_what_it_shows(page, tmp_path, monkeypatch, capsys):
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```(\w*)\n(.*?)```", text, flags=re.DOTALL)
    plan = next(code for kind, code in blocks if kind == "yaml")
    code = next(code for kind, code in blocks if kind == "python")
    shown = next(code for kind, code in blocks if kind == "")
    (tmp_path / "my_plan.yaml").write_text(plan, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(code, {})
    assert capsys.readouterr().out == shown


def test_both_pages_have_the_same_parts():
    heads = [re.findall(r"^#+", page.read_text(encoding="utf-8"), flags=re.M) for page in PAGES]
    assert heads[0] == heads[1]
