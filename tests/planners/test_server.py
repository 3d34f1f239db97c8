"""What the app refuses, and which pages it serves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.planners.served import make_little_project
from workbench.errors import ParameterError
from workbench.planners.app.server import serve, write_pages
from workbench.planners.app.uploads import LARGEST, refusal, safe_name
from workbench.studies.project import find_project
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "planner.example.com", "::"])
def test_other_addresses_need_a_token(host: str, tmp_path: Path):
    project = find_project(make_little_project(tmp_path / "p"))
    with pytest.raises(ParameterError) as raised:
        serve(project, lang=EN, host=host)
    assert "proxy" in str(raised.value) and "WORKBENCH_APP_TOKEN" in str(raised.value)


def test_every_study_has_a_page_and_those_with_a_notebook_are_started_ahead(tmp_path: Path):
    project = find_project(make_little_project(tmp_path / "p"))
    heated = write_pages(project, tmp_path / "pages")
    assert heated == ["little.ipynb"]
    pages = {path.stem for path in (tmp_path / "pages").iterdir()}
    assert {"little", "sales_analysis"} <= pages
    notebook = json.loads((tmp_path / "pages" / "sales_analysis.ipynb").read_text("utf-8"))
    assert '"sales_analysis")' in "".join(notebook["cells"][-1]["source"])


def test_a_large_file_is_refused_with_the_command_to_use():
    words = refusal(b"x" * (LARGEST + 1), "orders.csv", ZH)
    assert "workbench import orders.csv --into" in words and words.startswith("orders.csv")


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "passwd"), ("C:\\a\\订单.xlsx", "订单.xlsx"), ("a;b.csv", "a_b.csv"),
     ("...", "data.csv")],
)  # fmt: skip
def test_names_of_files_lead_nowhere(name: str, safe: str):
    assert safe_name(name) == safe
