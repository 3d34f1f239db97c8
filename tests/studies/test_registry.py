"""Which studies there are, found by their files."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.projects import STUDY, make_project
from workbench.errors import ProjectError
from workbench.studies import find_project, studies, study
from workbench.studies.registry import card
from workbench.text import Language


@pytest.fixture
def project(tmp_path):
    return find_project(make_project(tmp_path))


def test_a_list_of_studies_imports_none_of_them():
    code = (
        "import sys; from workbench.studies import studies; found = studies();"
        "print(sorted(found), [m for m in sys.modules if '.study_' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "sales_analysis" in done.stdout
    assert done.stdout.strip().endswith("[]")


def test_own_studies_come_last(project):
    found = studies(project)
    assert list(found)[-1] == "tiny"
    tiny = found["tiny"]
    assert (tiny.title, tiny.own) == (("Tiny study", "小研究"), True)
    assert tiny.area(Language("zh")) == "市场"


def test_a_study_is_imported_by_name(project):
    found = study("tiny", project)
    assert found.params(top=4).top == 4
    assert study("tiny", project) is found


def test_every_study_of_the_package_can_be_imported_and_is_what_its_card_says():
    for name, about in studies().items():
        found = about.load()
        assert (found.name, found.number, found.title, found.question) == (
            name,
            about.number,
            about.title,
            about.question,
        )
        assert about.parameters == tuple(found.params.model_fields)


def test_an_unknown_study_names_the_nearest(project):
    with pytest.raises(ProjectError, match="there is no study tinny") as caught:
        study("tinny", project)
    assert caught.value.do == "did you mean tiny?"
    with pytest.raises(ProjectError) as caught:
        card("zzz", project, Language("zh"))
    *others, last = studies(project)
    assert last == "tiny"
    assert caught.value.do == f"可用：{'、'.join(others)}或tiny"


def test_a_study_written_in_an_unusual_way_is_imported_to_be_read(project):
    text = STUDY.replace('name="tiny"', 'name="ti" + "ny2"')
    (project.studies / "study_tiny2.py").write_text(text, encoding="utf-8")
    assert studies(project)["tiny2"].number == 1
    assert studies(project)["tiny2"].parameters == ("top", "share", "seed", "note")


@pytest.mark.parametrize(
    ("old", "new", "imported"),
    [
        ("class Params(Base):", "class Params(Base):\n    limit = 3", False),
        ("class Params(Base):", "class Shared(Base):\n    pass\n\nclass Params(Shared):", False),
        ("def compute", "class Wide(Params):\n    pass\n\ndef compute", False),
        ("def compute", "class Wide(Params):\n    top: int = Params.model_fields['top']\n\n"
         "def compute", False),
        ("from workbench.contract import Params as Base", "from workbench.params import Params\n"
         "Base = Params", True),
    ],
)  # fmt: skip
def test_parameters_are_read_from_the_class_and_its_bases(project, old, new, imported):
    text = STUDY.replace(old, new, 1).replace('name="tiny"', 'name="wide"')
    text = text.replace("params=Params", "params=Wide") if "class Wide" in new else text
    path = project.studies / "study_wide.py"
    path.write_text(text, encoding="utf-8")
    assert studies(project)["wide"].parameters == ("top", "share", "seed", "note")
    assert (f"_workbench_studies_{path.stem}" in sys.modules) is imported
    sys.modules.pop(f"_workbench_studies_{path.stem}", None)


@pytest.mark.parametrize(
    ("text", "reason", "do"),
    [
        ("x = (", r"study_other\.py, line 1: SyntaxError", "mend the file"),
        ("x = 1", r"no STUDY = Study\(\.\.\.\)", "give it STUDY = Study"),
        ("import nowhere_to_be_found", "nowhere_to_be_found", "mend the file"),
    ],
)
def test_a_file_that_is_no_study_stops_no_other(project, text, reason, do):
    (project.studies / "study_other.py").write_text(text, encoding="utf-8")
    found = studies(project)
    assert found["tiny"].load().name == "tiny"
    assert found["other"].question == (
        "study_other.py cannot be read as a study", "study_other.py不能作为研究读取"
    )  # fmt: skip
    with pytest.raises(ProjectError, match=reason) as caught:
        found["other"].load()
    assert (caught.value.do or "").startswith(do)


def test_a_study_that_fails_on_import_says_why(project):
    text = STUDY.replace("class Params", "import nowhere_to_be_found\n\nclass Params")
    (project.studies / "study_tiny.py").write_text(text, encoding="utf-8")
    with pytest.raises(ProjectError, match="nowhere_to_be_found"):
        studies(project)["tiny"].load()
