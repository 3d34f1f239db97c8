"""What a study may be told: declarations, values, projects."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.support.companies import make_company, order_lines
from workbench.contract import Params, Study, field, open_project_company, project_root
from workbench.errors import InputError, ParameterError, ProjectError
from workbench.recording import read_journal
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
WORDS = {"title": "Rows", "help": "Rows of the table", "zh": ("行数", "表的行数")}
NUMBER = {"ge": 1, "le": 9, "step": 1, "unit": "rows"}


class Plan(Params):
    top: int = field(3, **NUMBER, **WORDS)
    share: float = field(0.5, gt=0, lt=1, step=0.1, unit="share", **WORDS)
    start: dt.date | None = field(None, **WORDS)
    regions: tuple[str, ...] = field((), **WORDS)
    basis: str = field(
        "excl", choices={"excl": ("net", "不含税"), "incl": ("gross", "含税")}, **WORDS
    )


def declare(annotation: object, **options: object) -> type[Params]:
    return type("Tried", (Params,), {"__annotations__": {"x": annotation}, "x": field(**options)})


@pytest.mark.parametrize("missing", ["unit", "step", "ge", "le"])
def test_a_number_without_bounds_unit_and_step_is_refused(missing):
    options = {key: value for key, value in NUMBER.items() if key != missing}
    with pytest.raises(TypeError, match=missing):
        declare(int, default=3, **options, **WORDS)


def test_an_optional_number_is_a_number():
    with pytest.raises(TypeError, match="needs unit, step, ge or gt, le or lt"):
        declare(float | None, default=None, **WORDS)


@pytest.mark.parametrize("zh", [("行数",), ("行数", " "), ("", "表的行数")])
def test_both_languages_are_needed(zh):
    with pytest.raises(TypeError, match="English and Chinese"):
        field(3, **NUMBER, **{**WORDS, "zh": zh})


def test_a_field_without_declaration_is_refused():
    with pytest.raises(TypeError, match=r"Plain\.x is not declared"):
        type("Plain", (Params,), {"__annotations__": {"x": str}, "x": "a"})


def test_an_unknown_unit_is_refused():
    with pytest.raises(TypeError, match="furlongs"):
        field(3, **{**NUMBER, "unit": "furlongs"}, **WORDS)


@pytest.mark.parametrize("unit", ["rows", "CNY", ("miles", "英里")])
def test_units_come_as_words_currencies_or_pairs(unit):
    assert declare(int, default=3, **{**NUMBER, "unit": unit}, **WORDS)().x == 3


@pytest.mark.parametrize(
    "given_",
    [{"top": 0}, {"top": 10}, {"share": 1}, {"share": float("inf")}, {"basis": "x"}, {"tpo": 3}],
)
def test_values_out_of_bounds_and_unknown_names_are_refused(given_):
    with pytest.raises(ValidationError):
        Plan(**given_)


def test_parameters_are_frozen():
    with pytest.raises(ValidationError):
        Plan().top = 4  # type: ignore[misc]


def test_literals_are_plain():
    literals = Plan(start="2026-07-31", regions=("east",)).literals()
    assert literals["start"] == "2026-07-31"
    assert literals["regions"] == ["east"]
    assert json.loads(json.dumps(literals)) == literals


@given(
    top=st.integers(1, 9),
    share=st.floats(0, 1, exclude_min=True, exclude_max=True),
    start=st.none() | st.dates(),
    regions=st.lists(st.text(max_size=5), max_size=3),
)
def test_literals_make_the_same_parameters_again(top, share, start, regions):
    params = Plan(top=top, share=share, start=start, regions=regions)
    assert Plan(**json.loads(json.dumps(params.literals()))) == params


def test_parameters_are_found_among_the_variables_of_a_notebook():
    variables = {"lang": "en", **Plan(top=5).literals()}
    assert Plan.among(variables) == Plan(top=5)
    del variables["share"]
    with pytest.raises(ParameterError, match="no variable share"):
        Plan.among(variables)


@pytest.mark.parametrize("lang", ["zh", ZH])
def test_a_wrong_value_in_a_notebook_is_one_error_in_its_language(lang):
    variables = {"lang": lang, **Plan().literals(), "top": 99, "basis": "x"}
    with pytest.raises(ParameterError) as caught:
        Plan.among(variables)
    error = caught.value
    assert error.message == "行数（top）不能为99；行数（basis）不能为'x'"
    assert error.where == "标记为parameters的单元格"
    assert (error.do or "").startswith("允许：1至9；允许：")
    with pytest.raises(ParameterError, match=r"Rows \(top\) cannot be 99"):
        Plan.among({**variables, "lang": "en"})


def test_a_parameter_table_speaks_the_language():
    rows = {row.parameter.name: row for row in Plan(top=5, basis="incl").describe(ZH)}
    assert (rows["top"].parameter.title, rows["top"].value, rows["top"].parameter.unit) == (
        "行数",
        "5",
        "行",
    )
    assert rows["basis"].value == "含税"
    assert rows["start"].value == "–"
    assert [row.is_default for row in rows.values()] == [False, True, True, True, False]


def test_bounds_in_words():
    declared = {each.name: each for each in Plan.declared(EN)}
    assert declared["top"].bounds(EN) == "1 to 9"
    assert declared["share"].bounds(EN) == "above 0, below 1"
    assert declared["share"].bounds(ZH) == "大于0，小于1"
    assert declared["basis"].bounds(EN) == "excl (net), incl (gross)"
    assert declared["start"].bounds(EN) == ""


def test_the_notebook_of_a_study_has_area_and_name():
    study = Study(
        name="tiny", number=7, title=("T", "题"), question=("Q", "问"), params=Plan, compute=print
    )
    assert study.notebook == "07_tiny.ipynb"


def test_the_contract_imports_nothing_heavy():
    heavy = "pandas numpy pyarrow duckdb altair papermill jinja2"
    code = (
        f"import sys, workbench.contract; print([m for m in '{heavy}'.split() if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- project and company ------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.delenv("WORKBENCH_PROJECT", raising=False)
    (tmp_path / "workbench.yaml").touch()
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    make_company(tmp_path / "data" / "mine", {"order_line": order_lines(amount=[1.0, 2.0])})
    return tmp_path


def test_a_project_is_found_upward(home, monkeypatch):
    monkeypatch.chdir(home / "notebooks" / "deep")
    assert project_root() == home.resolve()


def test_without_the_file_there_is_no_project(tmp_path, monkeypatch):
    monkeypatch.delenv("WORKBENCH_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError, match=r"no workbench\.yaml"):
        project_root()


@pytest.mark.parametrize("folder", [".", "notebooks", "notebooks/deep"])
def test_a_company_is_found_whatever_the_working_directory(home, monkeypatch, folder):
    monkeypatch.chdir(home / folder)
    company = open_project_company("data/mine")
    assert len(company.table("order_line")) == 2


def test_a_run_names_its_project(home, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    monkeypatch.setenv("WORKBENCH_PROJECT", str(home))
    assert open_project_company("data/mine").has("order_line")


def test_an_absolute_company_needs_no_project(home, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert open_project_company(home / "data" / "mine").has("order_line")
    with pytest.raises(InputError):
        open_project_company(home / "data" / "none")


def test_inside_a_run_the_tables_read_are_noted(home, monkeypatch):
    monkeypatch.chdir(home)
    monkeypatch.setenv("WORKBENCH_RUN", str(home))
    company = open_project_company("data/mine")
    company.sql("select 1 as one")
    assert read_journal(home) == []
    company.at_the_time().table("order_line")
    assert [entry["tables"] for entry in read_journal(home)] == [["order_line"]]
    assert isinstance(company.sql("select count(*) as n from order_line"), pd.DataFrame)
    assert os.environ["WORKBENCH_RUN"] == str(home)
