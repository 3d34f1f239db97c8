"""A new study works at once: it runs, its own tests pass, and nothing is overwritten."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.support.projects import make_project
from workbench.cli import main
from workbench.errors import ParameterError, ProjectError, WorkbenchError
from workbench.setup.notebooks import stripped
from workbench.studies import find_project, plan_run, run_study, studies
from workbench.studies.new_study import make_study
from workbench.text import Language
from workbench.text.checks import half_width_faults

EN, ZH = Language("en"), Language("zh")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    own = find_project(make_project(tmp_path_factory.mktemp("own")))
    # The lines of the tiny company are recognised eight days after their order.
    with (own.root / "data/sample/company.yaml").open("a", encoding="utf-8") as settings:
        settings.write("data_as_of: 2026-03-31\n")
    return own


@pytest.fixture(scope="module")
def made(project):
    return make_study(project, "next_year", area=2, title=("Next year", "明年"), lang=EN)


def test_it_is_listed_with_its_parameters(project, made):
    card = studies(project)["next_year"]
    assert (card.title, card.number, card.own) == (("Next year", "明年"), 2, True)
    assert card.parameters == ("growth", "spread", "seed")
    assert made.notebook.name == "02_next_year.ipynb"


@pytest.mark.parametrize(("lang", "words"), [("en", "So what"), ("zh", "结论与建议")])
def test_it_runs_at_once_in_both_languages(project, made, lang, words):
    run = run_study("next_year", sets=["growth=0.1"], lang=lang, project=project)
    report = run.report.read_text(encoding="utf-8")
    assert words in report
    assert {each["name"] for each in run.manifest["results"]} >= {
        "revenue_net",
        "expected_revenue",
        "chance_of_shortfall",
        "repeats",
        "adds_up",
    }
    assert run.manifest["seed"] == 7
    assert (run.folder / "tables" / "regions.parquet").is_file()
    assert (run.folder / "figures" / "expected_by_region.png").is_file()


def test_its_own_tests_pass(project, made):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(made.tests)],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout


def test_its_sentences_are_clean_in_chinese(project, made):
    plan = plan_run("next_year", project=project, lang="zh")
    result = plan.study.compute(plan.company, plan.params)
    said = [*result.so_what(ZH).sentences, *result.assumptions(ZH)]
    said += [block.title for block in result.section(ZH).parts]
    assert len(said) == 6
    assert [text for text in said if half_width_faults(text)] == []


def test_its_params_file_gives_the_defaults_and_its_notebook_is_stripped(project, made):
    plan = plan_run("next_year", params_file=made.params, project=project)
    assert plan.params == plan.study.params()
    text = made.notebook.read_text(encoding="utf-8")
    assert stripped(text) == text
    source = "".join(json.loads(text)["cells"][1]["source"])
    assert 'company = "data/sample"' in source


def test_nothing_is_overwritten(project, made):
    before = {path: path.read_bytes() for path in made.files}
    with pytest.raises(ProjectError, match="there is a study next_year already"):
        make_study(project, "next_year", lang=EN)
    assert {path: path.read_bytes() for path in made.files} == before


@pytest.mark.parametrize("there", ["notebooks/07_other.ipynb", "params/other/base.yaml",
                                   "tests/test_other.py"])  # fmt: skip
def test_one_file_that_is_there_stops_all(tmp_path, there):
    own = find_project(make_project(tmp_path))
    path = own.root / there
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ProjectError, match="nothing is overwritten") as caught:
        make_study(own, "other", lang=EN)
    assert caught.value.where == there
    assert path.read_text(encoding="utf-8") == "mine"
    assert not (own.studies / "study_other.py").exists()


@pytest.mark.parametrize(
    ("name", "area", "message", "zh"),
    [
        ("9x", 7, "'9x' is no name for a study", "'9x'不能作研究名称"),
        ("Next", 7, "'Next' is no name for a study", "'Next'不能作研究名称"),
        ("a-b", 7, "'a-b' is no name for a study", "'a-b'不能作研究名称"),
        ("../x", 7, "'../x' is no name for a study", "'../x'不能作研究名称"),
        ("class", 7, "'class' is no name for a study", "'class'不能作研究名称"),
        ("x", 12, "there is no area 12", "没有编号为12的领域"),
        ("sales_analysis", 7, "there is a study sales_analysis already",
         "已有名为sales_analysis的研究"),
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_is_refused(project, name, area, message, zh):
    for lang, words in ((EN, message), (ZH, zh)):
        with pytest.raises(WorkbenchError) as caught:
            make_study(project, name, area=area, lang=lang)
        assert isinstance(caught.value, ParameterError | ProjectError)
        assert caught.value.message == words
        assert caught.value.do


def test_titles_may_hold_anything(tmp_path):
    own = find_project(make_project(tmp_path))
    title = ('What "now"\n\\n?', "“现在”？'\\")
    make_study(own, "odd", title=title, lang=EN)
    found = studies(own)["odd"].load()
    assert found.title == ('What "now" \\n?', "“现在”？'\\")
    assert plan_run("odd", project=own).params == found.params()


# -- the commands --------------------------------------------------------------------------------


@pytest.fixture
def call(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(make_project(tmp_path / "own"))
    monkeypatch.setenv("COLUMNS", "200")

    def called(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(words)
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return called


def test_the_command_says_what_it_wrote_and_what_is_next(call, tmp_path):
    code, said, _ = call("new-study", "next_year", "--title-zh", "明年", "--lang", "zh")
    assert code == 0
    assert said.splitlines() == [
        "已写入：studies/study_next_year.py",
        "已写入：notebooks/07_next_year.ipynb",
        "已写入：params/next_year/base.yaml",
        "已写入：tests/test_next_year.py",
        "下一步：workbench run next_year；再改成自己的问题",
    ]
    code, _, said = call("new-study", "next_year", "--lang", "en")
    assert code == 2
    assert "there is a study next_year already" in said


def test_studies_are_listed_with_question_area_and_parameters(call):
    _, said, _ = call("studies", "--lang", "en")
    line = next(line for line in said.splitlines() if "tiny" in line)
    assert line.rstrip().endswith("  top, share, seed, note")
    for word in ("How much was sold?", "Market"):
        assert word in line


def test_params_are_printed_or_written_to_a_new_file(call, tmp_path):
    code, printed, _ = call("params", "tiny", "--lang", "zh")
    assert code == 0
    assert "# 行数：表的行数" in printed
    _, said, _ = call("params", "tiny", "--lang", "zh", "-o", "params/tiny/more.yaml")
    assert said == "已写入：params/tiny/more.yaml\n"
    assert (tmp_path / "own/params/tiny/more.yaml").read_text(encoding="utf-8") == printed
    code, _, said = call("params", "tiny", "--lang", "en", "-o", "params/tiny/more.yaml")
    assert code == 2
    assert "nothing is overwritten" in said


def test_the_schema_is_json(call):
    _, printed, _ = call("params", "tiny", "--schema", "--lang", "zh")
    assert json.loads(printed)["properties"]["top"]["title"] == "行数"
