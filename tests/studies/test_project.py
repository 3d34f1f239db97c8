"""Where a project begins, and a new one."""

from __future__ import annotations

import json

import pytest

from workbench.errors import ProjectError
from workbench.studies import find_project, plan_run
from workbench.studies.lab import write_kernelspec
from workbench.studies.new_project import make_project, template_folder
from workbench.text import Language
from workbench.text.checks import english_faults

EN, ZH = Language("en"), Language("zh")


def test_settings_of_a_project(tmp_path):
    (tmp_path / "workbench.yaml").write_text("company: ../data\nlang: zh\n", encoding="utf-8")
    project = find_project(tmp_path)
    assert (project.company, project.lang) == ("../data", "zh")
    assert project.resolve(project.company) == (tmp_path.parent / "data").resolve()


@pytest.mark.parametrize(
    ("text", "message", "chinese"),
    [
        ("langue: zh", "langue is no setting", "langue不是"),
        ("lang: fr", "lang of the project cannot be fr", "lang不能为fr"),
        ("company: [a]", "company of the project cannot be", "company不能为"),
        ("words", "words is no setting", "words不是"),
        ("a: [", "YAML", "YAML"),
        ("a: \xe9", "YAML", "YAML"),
    ],
)
def test_settings_that_are_none(tmp_path, text, message, chinese):
    (tmp_path / "workbench.yaml").write_text(text, encoding="latin-1")
    with pytest.raises(ProjectError, match=message):
        find_project(tmp_path)
    with pytest.raises(ProjectError, match=chinese):
        find_project(tmp_path, ZH)


def test_a_folder_named_must_be_a_project_itself(tmp_path):
    (tmp_path / "workbench.yaml").touch()
    (tmp_path / "below").mkdir()
    with pytest.raises(ProjectError, match="this folder is no project"):
        find_project(tmp_path / "below")
    with pytest.raises(ProjectError, match="该文件夹不是项目"):
        find_project(tmp_path / "below", ZH)


def test_where_there_is_no_project_is_told_in_the_language(tmp_path, monkeypatch):
    monkeypatch.delenv("WORKBENCH_PROJECT", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ProjectError, match="there is no project here"):
        find_project()
    with pytest.raises(ProjectError, match="这里没有项目"):
        find_project(lang=ZH)


def test_paths_are_shown_from_the_root(tmp_path):
    (tmp_path / "workbench.yaml").touch()
    project = find_project(tmp_path)
    assert project.shown(project.root / "runs" / "x") == "runs/x"
    assert project.shown(project.root.parent) == str(project.root.parent)


@pytest.mark.parametrize("lang", [EN, ZH])
def test_a_new_project_has_all_it_needs(tmp_path, lang):
    project = make_project(tmp_path / "mine", lang=lang)
    assert (project.company, project.lang) == ("data/company", lang.code)
    own = {path.name for path in project.notebooks.glob("*.ipynb")}
    assert own == {path.name for path in (template_folder() / "notebooks").glob("*.ipynb")} != set()
    plan = plan_run("sales_analysis", project=project)
    assert plan.place == "data/company"
    assert plan.company.settings.base_currency == "CNY"


def test_notebooks_of_a_new_project_name_its_company_and_hold_no_outputs(tmp_path):
    project = make_project(tmp_path / "mine", lang=ZH)
    for path in project.notebooks.glob("*.ipynb"):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        assert not any(cell["outputs"] for cell in code)
        (parameters,) = (c for c in code if "parameters" in c["metadata"].get("tags", ()))
        lines = "".join(parameters["source"]).splitlines()
        assert lines[:2] == ['company = "data/company"', 'lang = "zh"']


def test_the_readme_of_a_new_project_is_in_its_language(tmp_path):
    make_project(tmp_path / "mine", lang=ZH)
    lines = (tmp_path / "mine" / "README.md").read_text("utf-8").splitlines()
    words = [line for line in lines if not line.startswith("       ")]
    assert [fault for line in words for fault in english_faults(line)] == []


def test_a_folder_in_use_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "x").touch()
    with pytest.raises(ProjectError, match="the folder is not empty"):
        make_project(tmp_path / "mine", lang=EN)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["x"]


def test_the_kernel_of_the_lab_is_this_interpreter(tmp_path):
    import sys

    (tmp_path / "workbench.yaml").touch()
    file = write_kernelspec(tmp_path / "jupyter", find_project(tmp_path))
    spec = json.loads(file.read_text("utf-8"))
    assert file.parent.name == "python3"
    assert spec["argv"][0] == sys.executable
    assert spec["env"]["WORKBENCH_PROJECT"] == str(tmp_path.resolve())
