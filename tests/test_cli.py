"""The command line: what it prints, in which language, with which exit code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.support.projects import make_project
from workbench import cli
from workbench.studies import Run
from workbench.terminal import language_wanted
from workbench.text.checks import english_faults, half_width_faults

COMMANDS = (
    "run", "studies", "params", "new-study", "verify", "schedule", "sweep", "runs", "compare",
    "open", "init", "lab", "import", "dedup", "sample", "template", "kpi", "version",
)  # fmt: skip


@pytest.fixture
def project(tmp_path, monkeypatch):
    for name in (
        "LC_ALL",
        "LC_MESSAGES",
        "LANG",
        "WORKBENCH_PROJECT",
        "DISPLAY",
        "WAYLAND_DISPLAY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(make_project(tmp_path))
    return tmp_path


@pytest.fixture
def call(project, capsys):
    """Run a command in the project; give exit code, output and errors."""

    def called(*words: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as exit_:
            cli.main([str(word) for word in words])
        said = capsys.readouterr()
        return int(exit_.value.code or 0), said.out, said.err

    return called


def test_help_lists_the_commands_in_the_language(call):
    code, said, _ = call("--help")
    assert code == 0
    assert all(f"  {name}" in said for name in COMMANDS)
    _, chinese, _ = call("--lang", "zh", "--help")
    assert "运行研究" in chinese


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_each_command_is_chinese_where_asked_for(call, monkeypatch, name):
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    code, said, _ = call(name, "--help")
    assert code == 0
    added = r"\s*\[(required|default: [^\]]+|[^\]]*x[<>]=[^\]]*)\]"  # by the library, in English
    own = re.sub(r"(?m)^\s+-[-\w, ]+|<[^>]+>", "", re.sub(added, "", said))
    words = [line.strip() for line in own.splitlines() if any(ord(c) > 0x2E7F for c in line)]
    assert words
    faults = [f for line in words for f in (*english_faults(line), *half_width_faults(line))]
    assert faults == []


def test_help_imports_nothing_heavy():
    heavy = ("pandas", "pydantic", "rich", "papermill", "duckdb", "yaml")
    code = (
        "import sys; from workbench.cli import main\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("words", "locale", "wanted"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        (["run", "--lang", "zh"], {"LANG": "en_GB"}, "zh"),
        (["run", "--lang=en"], {"LANG": "zh_CN"}, "en"),
        (["run", "--lang"], {"LANG": "zh_CN"}, "zh"),
        (["lab", "--", "--lang", "fr"], {"LANG": "zh_CN"}, "zh"),
    ],
)
def test_the_language_of_a_command(monkeypatch, tmp_path, words, locale, wanted):
    monkeypatch.chdir(tmp_path)
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, locale[name]) if name in locale else monkeypatch.delenv(
            name, raising=False
        )
    assert language_wanted(words) == wanted


def test_the_language_of_a_project_stands_above_that_of_the_system(call, project, monkeypatch):
    (project / "workbench.yaml").write_text("company: data\nlang: zh\n", encoding="utf-8")
    assert call("runs")[1] == "没有符合条件的运行\n"
    code, _, error = call("run", "tinny")
    assert (code, error.split()[-1]) == (2, "处理：是否指tiny？")
    assert call("run", "tinny", "--lang", "en")[2].startswith("there is no study tinny\n  do: ")
    monkeypatch.chdir("/")
    assert call("runs", "--project", project)[1] == "没有符合条件的运行\n"
    monkeypatch.setenv("WORKBENCH_PROJECT", str(project))
    assert call("runs")[1] == "没有符合条件的运行\n"


def test_a_run_that_is_interrupted_says_so(call, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.studies.run_study", interrupted)
    code, said, error = call("run", "tiny", "--lang", "zh")
    assert (code, said, error) == (130, "", "已停止；本次运行未完成\n")


def test_a_file_that_cannot_be_written_is_told(call, project):
    (project / "taken").touch()
    code, _, error = call("params", "tiny", "-o", "taken/new.yaml", "--lang", "zh")
    assert (code, error.splitlines()[0]) == (1, "文件无法读写")
    assert "taken" in error.splitlines()[1]
    assert "Traceback" not in error


def test_a_list_of_studies_cuts_nothing_off(call):
    assert "…" not in call("studies", "--lang", "zh")[1]
    assert "anomaly_limit" in call("studies")[1]


def test_a_language_there_is_not_is_refused_by_every_command(call):
    for words in (["runs"], ["studies"], ["sweep", "status"]):
        code, _, error = call(*words, "--lang", "fr")
        assert (code, error.splitlines()[0]) == (2, "language 'fr' is unknown")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["run", "tiny", "--set", "tpo=3"], 2, "unknown parameter tpo\n  where: --set tpo=3\n"),
        (["run", "tiny", "--set", "top=99", "--lang", "zh"], 2, "行数（top）不能为99\n  位置："),
        (["run", "tinny"], 2, "there is no study tinny\n  do: did you mean tiny?"),
        (["run", "tiny", "--company", "nowhere"], 2, "there is no company in this place"),
        (["run", "tiny", "--lang", "fr"], 2, "fr"),
        (["run"], 2, "Missing argument"),
        (["dance"], 2, "No such command"),
        (["params", "tinny"], 2, "did you mean tiny?"),
        (["open"], 2, "there is no finished run"),
        (["template", "order_lines"], 1, "did you mean order_line"),
        (["kpi", "revenue", "--to", "31.7.2026"], 2, "31.7.2026 is no date"),
        (["kpi", "revenue_nett"], 2, "revenue_net"),
        (["runs", "--project", "notebooks"], 2, "this folder is no project"),
    ],
)
def test_errors_are_told_without_a_traceback(call, words, code, told):
    exit_code, _, said = call(*words)
    assert exit_code == code
    assert told in said
    assert "Traceback" not in said


def test_without_a_project_there_is_one_clear_error(call, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    code, _, said = call("runs")
    assert (code, said.splitlines()[0]) == (2, "there is no project here")
    assert "workbench init FOLDER" in said
    assert call("studies")[0] == 0


def test_studies_with_question_and_area(call):
    said = call("studies")[1]
    (line,) = (line for line in said.splitlines() if line.strip().startswith("tiny"))
    cells = [cell.strip() for cell in line.split("  ") if cell.strip()]
    assert cells == ["tiny", "How much was sold?", "Market", "top, share, seed, note"]
    assert "卖了多少？" in call("studies", "--lang", "zh")[1]


def test_a_template_of_parameters_runs_as_it_is(call, project):
    text = call("params", "tiny")[1]
    assert "# Rows: Rows of the table\n#   1 to 9; rows\ntop: 3\n" in text


def test_a_run_is_reported_and_found_again(call, project, monkeypatch):
    """The run itself is tested in tests/studies; here one stands in for it."""
    folder = project / "runs" / "tiny" / "20261101T080000Z-11111111"
    folder.mkdir(parents=True)
    (folder / "report.html").touch()
    (folder / "manifest.json").write_text(
        '{"status": "finished", "title": "Tiny study", "lang": "en", "seconds": {"a": 1.26},'
        ' "company": {"name": "Acme"}, "warnings": []}'
    )
    asked = {}

    def stand_in(name, **options):
        asked.update(options, name=name)
        return Run(folder)

    monkeypatch.setattr("workbench.studies.run_study", stand_in)
    code, said, _ = call("run", "tiny", "-p", "x.yaml", "--set", "a=1", "--set", "b=2")
    assert code == 0
    assert said.splitlines()[0] == "Tiny study: finished in 1.3 s"
    assert f"report: {folder / 'report.html'}" in said
    assert (asked["name"], asked["sets"], asked["params_file"]) == (
        "tiny",
        ["a=1", "b=2"],
        Path("x.yaml"),
    )
    assert "20261101T080000Z-11111111   tiny    finished" in call("runs")[1]
    assert call("open")[1].strip() == str(folder / "report.html")
    assert call("open", "tiny", "--path")[1].strip() == str(folder / "report.html")


def test_a_failed_run_exits_with_one(call, monkeypatch):
    from workbench.errors import RunError

    def fails(name, **_):
        raise RunError("cell 3 failed", do="mend it", kept="runs/tiny/x")

    monkeypatch.setattr("workbench.studies.run_study", fails)
    code, _, said = call("run", "tiny")
    assert (code, said) == (1, "cell 3 failed\n  do: mend it\n  kept: runs/tiny/x\n")


def test_a_template_of_a_table(call, project):
    code, said, _ = call("template", "order_line", "-o", "lines.xlsx", "--lang", "zh")
    assert (code, said.strip()) == (0, "lines.xlsx")
    assert openpyxl.load_workbook(project / "lines.xlsx").sheetnames[1] == "说明"


def test_a_new_project(call, project):
    code, said, _ = call("init", "mine", "--lang", "zh")
    assert code == 0
    assert "项目已建" in said
    assert (project / "mine" / "workbench.yaml").is_file()


def test_a_kpi_with_its_formula(call):
    period = ("--from", "2026-01-01", "--to", "2026-12-31")
    whole = call("kpi", "revenue_net", *period)[1].splitlines()
    assert whole[0] == "Sales revenue, net of VAT (2026)"
    assert "without VAT" in whole[1]
    assert whole[2].startswith("CNY ")
    said = call("kpi", "revenue_net", *period, "--by", "region,month", "--lang", "zh")[1]
    assert "大区" in said


def test_versions(call):
    said = call("version")[1].splitlines()
    assert any(line.startswith("sales-workbench ") for line in said)
    assert any(line.startswith("pandas ") for line in said)


def test_the_sample_is_written_where_asked(call, project, monkeypatch):
    from workbench.sample import SampleSummary

    asked = {}

    def stand_in(out, **options):
        asked.update(options, out=out)
        return SampleSummary(
            Path(out), options["size"], options["seed"], frozenset(), {"rep": 9}, 12
        )

    monkeypatch.setattr("workbench.sample.generate", stand_in)
    code, said, _ = call("sample", "-o", "x", "--seed", "3", "--size", "medium")
    assert (code, asked) == (0, {"out": Path("x"), "seed": 3, "size": "medium"})
    assert "rep" in said
