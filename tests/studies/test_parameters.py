"""What was asked of a study: merged, checked, and faults told with their place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

import pytest
import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from workbench.contract import Params, Study, field
from workbench.errors import ParameterError
from workbench.params import broken_rule
from workbench.studies.given import read_file
from workbench.studies.parameters import resolve, resolved_yaml, template
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")
WORDS = {"title": "Rows", "help": "Rows shown", "zh": ("行数", "显示的行数")}
SHARE = {"title": "Share", "help": "A share", "zh": ("比例", "某比例")}


class Nested(BaseModel):
    a: int = 1
    b: int = 2


class Plan(Params):
    top: int = field(3, ge=1, le=9, step=1, unit="rows", **WORDS)
    share: float = field(0.5, ge=0, le=1, step=0.1, unit="share", **SHARE)
    day: str | None = field(None, **SHARE)
    deep: Nested = field(Nested(), **SHARE)
    basis: str = field(
        "net", choices={"net": ("net", "不含税"), "gross": ("gross", "含税")}, **SHARE
    )

    @model_validator(mode="after")
    def _few_when_small(self):
        if self.top > 5 and self.share < 0.1:
            raise ValueError("top above 5 needs a share of 0.1")
        return self


class Needy(Params):
    target: float = field(ge=0, le=1, step=0.1, unit="share", **SHARE)


def study(params: type[Params]) -> Study:
    return Study(
        name="tiny",
        number=1,
        title=("T", "题"),
        question=("Q?", "问？"),
        params=params,
        compute=print,
    )


TINY = study(Plan)


@pytest.fixture
def write(tmp_path):
    def written(text: str):
        (tmp_path / "base.yaml").write_text(text, encoding="utf-8")
        return tmp_path / "base.yaml"

    return written


def fault(**given_) -> ParameterError:
    with pytest.raises(ParameterError) as caught:
        resolve(given_.pop("study", TINY), **given_)
    return caught.value


def test_defaults_then_file_then_sets_in_order(write):
    params = resolve(TINY, file=write("top: 4\nshare: 0.1\n"), sets=["top=5", "top=6"])
    assert (params.top, params.share, params.basis) == (6, 0.1, "net")


def test_an_unknown_name_is_told_with_its_line_and_the_nearest(write):
    error = fault(file=write("# mine\nshare: 0.1\n\ntpo: 4\n"))
    assert error.message == "unknown parameter tpo"
    assert error.where == "base.yaml, line 4"
    assert error.do == "did you mean top?"


def test_a_name_like_no_other_lists_all(write):
    assert fault(sets=["zzzzz=1"]).do == "use one of: top, share, day, deep or basis"


def test_a_value_out_of_bounds_says_what_is_allowed(write):
    error = fault(file=write("top: 4"), sets=["top=10"])
    assert error.message == "Rows (top) cannot be 10"
    assert error.where == "--set top=10"
    assert error.do == "allowed: 1 to 9 rows"


def test_the_same_in_chinese(write):
    error = fault(sets=["top=10"], lang=ZH)
    assert error.message == "行数（top）不能为10"
    assert error.do == "允许：1至9行"


@pytest.mark.parametrize(
    ("text", "do"),
    [
        ("top=many", "allowed: a whole number, 1 to 9 rows"),
        ("top=2.5", "allowed: a whole number, 1 to 9 rows"),
        ("share=.nan", "allowed: a number, 0 to 1 share (0.13 = 13%)"),
        ("basis=tax", "allowed: net, gross"),
        ("day=[1]", "allowed: a text"),
    ],
)
def test_a_value_of_the_wrong_kind(text, do):
    assert fault(sets=[text]).do == do


def test_all_faults_at_once(write):
    error = fault(file=write("top: 10\nshare: 2\n"), sets=["tpo=1"])
    assert error.message.startswith("3 parameters are not valid: Rows (top) cannot be 10; ")
    assert error.where == "base.yaml, line 1; base.yaml, line 2; --set tpo=1"


def test_a_missing_parameter_is_named():
    error = fault(study=study(Needy))
    assert error.message == "parameter target is missing"
    assert "--set target=..." in error.do


def test_a_rule_between_parameters_speaks_for_itself():
    error = fault(sets=["top=6", "share=0.05"])
    assert error.message == "top above 5 needs a share of 0.1"


def test_dots_go_into_nested_values(write):
    params = resolve(TINY, file=write("deep:\n  a: 5\n  b: 6\n"), sets=["deep.b=7"])
    assert (params.deep.a, params.deep.b) == (5, 7)
    assert fault(sets=["deep.c=1", "deep.a=x"]).where == "--set deep.a=x"


def test_a_date_may_stand_unquoted_where_a_text_is_asked_for(write):
    assert resolve(TINY, file=write("day: 2026-07-31")).day == "2026-07-31"
    assert resolve(TINY, sets=["day=2026-07-31"]).day == "2026-07-31"


@pytest.mark.parametrize("text", ["top", "=3", "a..b=3"])
def test_a_set_that_sets_nothing_is_refused(text):
    assert fault(sets=[text]).where == "--set"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("top: 1\ntop: 2\n", "top is given twice"),
        ("top: [1\n", "the params file is no readable YAML"),
        ("- 1\n", "the params file holds no names and values"),
    ],
)
def test_a_file_that_cannot_be_read(write, text, message):
    assert fault(file=write(text)).message == message


def test_a_file_that_is_not_there(tmp_path):
    assert "params NAME" in fault(file=tmp_path / "none.yaml").do


def test_an_empty_file_means_the_defaults(write):
    assert resolve(TINY, file=write("# nothing yet\n")) == Plan()


@pytest.mark.parametrize("lang", [EN, ZH])
def test_a_template_gives_the_defaults_and_explains_each(write, lang):
    text = template(TINY, lang)
    assert resolve(TINY, file=write(text)) == Plan()
    assert (
        lang.pick("# Rows: Rows shown\n#   1 to 9; rows", "# 行数：显示的行数\n#   1至9；行")
        in text
    )
    assert list(yaml.safe_load(text)) == list(Plan.model_fields)


def test_a_template_leaves_open_what_must_be_given(write):
    text = template(study(Needy), EN)
    assert "# target:   # must be given" in text
    assert yaml.safe_load(text) is None


# -- values of the wrong kind, and traps of YAML -------------------------------------------------


class Strict(Nested):
    model_config = ConfigDict(extra="forbid")


class Kinds(Params):
    count: int = field(3, ge=1, le=9, step=1, unit="rows", **WORDS)
    rate: float = field(0.5, ge=0, le=1, step=0.1, unit="share", **SHARE)
    price: Decimal = field(Decimal("9.50"), ge=0, le=1e7, step=1, unit="CNY", **SHARE)
    day: dt.date | None = field(None, **SHARE)
    region: str = field("east", **SHARE)
    regions: tuple[str, ...] = field((), **SHARE)
    flag: bool = field(False, **SHARE)
    level: Literal["low", "high"] = field("low", **SHARE)
    bases: tuple[str, ...] = field(
        (), choices={"net": ("without VAT", "不含税"), "gross": ("with VAT", "含税")}, **SHARE
    )
    basis: str | None = field(
        None, choices={"net": ("without VAT", "不含税"), "gross": ("with VAT", "含税")}, **SHARE
    )
    deep: Strict = field(Strict(), **SHARE)

    @model_validator(mode="after")
    def _few(self):
        if self.count > 8 and self.flag:
            raise broken_rule("count above 8 goes without flag", "count大于8时flag须为false")
        return self


KINDS = study(Kinds)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("region: NO", "region", "NO"),
        ("region: on", "region", "on"),
        ("regions: [NO, no, Yes, y]", "regions", ("NO", "no", "Yes", "y")),
        ("region: 007", "region", "007"),
        ("region: 1:30", "region", "1:30"),
        ("region: 2026-07-31", "region", "2026-07-31"),
        ("region: '12'", "region", "12"),
        ("region: 华东", "region", "华东"),
        ("flag: yes", "flag", True),
        ("flag: off", "flag", False),
        ("flag: TRUE", "flag", True),
        ("count: '4'", "count", 4),
        ("count: 4.0", "count", 4),
        ("count: 07", "count", 7),
        ("rate: 1e-1", "rate", 0.1),
        ("rate: .5", "rate", 0.5),
        ("price: '12.30'", "price", Decimal("12.30")),
        ("price: 12.3", "price", Decimal("12.3")),
        ("day: 2026-07-31", "day", dt.date(2026, 7, 31)),
        ("day: '2026-07-31'", "day", dt.date(2026, 7, 31)),
        ("day: null", "day", None),
        ("day:", "day", None),
        ("day: ~", "day", None),
        ("bases: [net]", "bases", ("net",)),
        ("basis: null", "basis", None),
        ("\ufeffcount: 4", "count", 4),
        ("count: 4\r\nrate: 0.1\r\n", "rate", 0.1),
        ("deep: {<<: {a: 5}, b: 6}", "deep", Strict(a=5, b=6)),
    ],
)
def test_plain_words_mean_what_they_look_like(write, text, name, value):
    assert getattr(resolve(KINDS, file=write(text)), name) == value


@pytest.mark.parametrize(
    ("text", "message", "do", "zh"),
    [
        ("count: many", "Rows (count) cannot be 'many'", "allowed: a whole number, 1 to 9 rows",
         "允许：整数，1至9行"),
        ("count: 2.5", "Rows (count) cannot be 2.5", "allowed: a whole number, 1 to 9 rows",
         "允许：整数，1至9行"),
        ("count: true", "Rows (count) cannot be true", "allowed: a whole number, 1 to 9 rows",
         "允许：整数，1至9行"),
        ("count:", "Rows (count) cannot be empty", "allowed: a whole number, 1 to 9 rows",
         "允许：整数，1至9行"),
        ("rate: false", "Share (rate) cannot be false",
         "allowed: a number, 0 to 1 share (0.13 = 13%)", "允许：数字，0至1比例（0.13即13%）"),
        ("price: cheap", "Share (price) cannot be 'cheap'",
         "allowed: a number, 0 to 10,000,000 CNY", "允许：数字，0至10,000,000CNY"),
        ("day: 20260731", "Share (day) cannot be 20260731",
         "allowed: a date such as 2026-07-31", "允许：日期，如2026-07-31"),
        ("day: '86400'", "Share (day) cannot be '86400'",
         "allowed: a date such as 2026-07-31", "允许：日期，如2026-07-31"),
        ("day: 2026-02-30", "Share (day) cannot be '2026-02-30'",
         "allowed: a date such as 2026-07-31", "允许：日期，如2026-07-31"),
        ("region: 12", "Share (region) cannot be 12",
         'allowed: a text; a text that looks like none stands in quotes: "12"',
         '允许：文字；看似不是文字的文字请加引号："12"'),
        ("region: true", "Share (region) cannot be true",
         'allowed: a text; a text that looks like none stands in quotes: "true"',
         '允许：文字；看似不是文字的文字请加引号："true"'),
        ("region: [east]", "Share (region) cannot be [east]", "allowed: a text", "允许：文字"),
        ("regions: east", "Share (regions) cannot be 'east'",
         "allowed: a list such as [a, b]", "允许：列表，如`[a, b]`"),
        ("regions: [east, [b]]", "Share (regions.1) cannot be [b]", "allowed: a text",
         "允许：文字"),
        ("flag: maybe", "Share (flag) cannot be 'maybe'", "allowed: true or false",
         "允许：true或false"),
        ("level: middle", "Share (level) cannot be 'middle'", "allowed: low, high",
         "允许：low、high"),
        ("bases: [net, tax]", "Share (bases) cannot be [net, tax]",
         "allowed: net (without VAT), gross (with VAT)", "允许：net（不含税）、gross（含税）"),
        ("basis: tax", "Share (basis) cannot be 'tax'",
         "allowed: net (without VAT), gross (with VAT)", "允许：net（不含税）、gross（含税）"),
        ("deep: 3", "Share (deep) cannot be 3", "allowed: names and values", "允许：名称与值"),
        ("deep: {a: x}", "Share (deep.a) cannot be 'x'", "allowed: a whole number", "允许：整数"),
        ("deep: {bb: 1}", "unknown parameter deep.bb", "did you mean deep.b?", "是否指deep.b？"),
        ("Count: 3", "unknown parameter Count", "did you mean count?", "是否指count？"),
        ("company: x", "unknown parameter company", "say it with --company", "请用--company指定"),
        ("{count: 9, flag: true}", "count above 8 goes without flag", "change one of the two",
         "请改其中之一"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_both_languages(write, text, message, do, zh):
    error = fault(study=KINDS, file=write(f"# first\n{text}\n"))
    assert (error.message, error.do) == (message, do)
    in_chinese = fault(study=KINDS, file=write(text), lang=ZH)
    assert in_chinese.do == zh
    if not text.startswith("{"):
        assert error.where == "base.yaml, line 2"
        assert in_chinese.where == "base.yaml第1行"
    else:
        assert in_chinese.message == "count大于8时flag须为false"


@pytest.mark.parametrize(
    ("raw", "message", "where", "do"),
    [
        ("region: 华东\n".encode("gbk"), "not written in UTF-8", "base.yaml, line 1", "UTF-8"),
        ("count: 1\nregion: 华东\n".encode("gb18030"), "not written in UTF-8",
         "base.yaml, line 2", "UTF-8"),
        ("count: 1\n".encode("utf-16"), "not written in UTF-8", "base.yaml, line 1", "UTF-16"),
        ("count：4\nrate: 0.1\n".encode(), "no readable YAML", "base.yaml, line 2",
         "colon as in English"),
        ("count：4\n".encode(), "holds no names and values", "base.yaml", "colon as in English"),
        (b"count:4\n", "holds no names and values", "base.yaml", "name: value"),
        (b"deep:\n\ta: 1\n", "no readable YAML", "base.yaml, line 2", "no tabs"),
        (b"count: 1\nrate: 1\ncount: 2\n", "count is given twice",
         "base.yaml, line 1; base.yaml, line 3", "keep one"),
        (b"deep: {a: 1, a: 2}\n", "deep.a is given twice", "base.yaml, line 1", "keep one"),
        (b"count: 1\n---\ncount: 2\n", "no readable YAML", "base.yaml, line 2", "mend the line"),
        (b"count: !!python/object:os.system x\n", "no readable YAML", "base.yaml, line 1",
         "mend the line"),
        (b"\x00", "no readable YAML", "base.yaml", "mend the line"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_params_file_is_one_clear_error(tmp_path, raw, message, where, do):
    path = tmp_path / "base.yaml"
    path.write_bytes(raw)
    error = fault(study=KINDS, file=path)
    assert message in error.message
    assert where in error.where
    assert do in error.do


# -- files that extend files ---------------------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    def written(**texts: str):
        for name, text in texts.items():
            path = tmp_path / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return written


def test_a_scenario_states_only_what_differs(files):
    folder = files(
        base="top: 2\nshare: 0.1\ndeep: {a: 5, b: 6}\n",
        plan="extends: base.yaml\ntop: 4\n",
        high="extends: plan.yaml\nshare: 0.9\ndeep: {b: 7}\n",
    )
    params = resolve(TINY, file=folder / "high.yaml", sets=["top=5"])
    assert (params.top, params.share, params.deep.a, params.deep.b) == (5, 0.9, 5, 7)


def test_of_several_files_the_later_wins_and_lists_are_replaced_whole(files):
    folder = files(
        north="regions: [a, b, c]\ncount: 2\n",
        price="count: 3\nprice: 5\n",
        both="extends: [north.yaml, price.yaml]\nregions: [d]\n",
    )
    params = resolve(KINDS, file=folder / "both.yaml")
    assert (params.regions, params.count, params.price) == (("d",), 3, Decimal(5))


def test_each_file_is_sought_from_the_one_that_names_it(files):
    folder = files(
        shared__base="count: 11\n",
        shared__mid="extends: base.yaml\n",
        plans__high="extends: ../shared/mid.yaml\nrate: 0.1\n",
    )
    error = fault(study=KINDS, file=folder / "plans" / "high.yaml")
    assert error.where == "../shared/base.yaml, line 1"


def test_a_fault_is_told_where_the_value_stands_that_holds(files):
    folder = files(
        base="count: 3\nrate: 7\nregions:\n- a\n- [b]\n",
        high="extends: base.yaml\n\ncount: 12\n",
        over="extends: base.yaml\nrate: 0.1\nregions: [a, [c]]\n",
    )
    error = fault(study=KINDS, file=folder / "high.yaml")
    assert error.where == "high.yaml, line 3; base.yaml, line 2; base.yaml, line 5"
    error = fault(study=KINDS, file=folder / "over.yaml")
    assert error.where == "over.yaml, line 3"
    error = fault(study=KINDS, file=folder / "base.yaml", sets=["rate=1", "regions=[a, [c]]"])
    assert error.where == "--set regions=[a, [c]]"


def test_extends_is_no_parameter(files):
    folder = files(base="count: 3\n", high="extends: base.yaml\n")
    given = read_file(folder / "high.yaml", EN)
    assert given.values == {"count": 3}
    assert given.places == {("count",): "base.yaml, line 1"}
    with pytest.raises(TypeError, match="needs this name"):
        type("Own", (Params,), {"__annotations__": {"extends": str}, "extends": field("", **SHARE)})


@pytest.mark.parametrize(
    ("texts", "start", "message", "where", "do"),
    [
        ({"a": "extends: b.yaml", "b": "extends: c.yaml", "c": "top: 1\nextends: b.yaml"}, "a",
         "in a circle", "c.yaml, line 2: b.yaml → c.yaml → b.yaml", "out of the circle"),
        ({"a": "extends: a.yaml"}, "a", "in a circle", "a.yaml, line 1: a.yaml → a.yaml",
         "out of the circle"),
        ({"a": "top: 1\nextends: bse.yaml", "base": ""}, "a", "not there: bse.yaml",
         "a.yaml, line 2", "did you mean base.yaml?"),
        ({"a": "extends: zzzzzzz.yaml"}, "a", "not there: zzzzzzz.yaml", "a.yaml, line 1",
         "from the folder of this one"),
        ({"a": "extends: 3"}, "a", "extends names no file", "a.yaml, line 1", "base.yaml"),
        ({"a": "extends:"}, "a", "extends names no file", "a.yaml, line 1", "base.yaml"),
        ({"a": "extends: [b.yaml, {c: 1}]"}, "a", "extends names no file", "a.yaml, line 1",
         "base.yaml"),
    ],
)  # fmt: skip
def test_what_cannot_be_extended_is_one_clear_error(files, texts, start, message, where, do):
    folder = files(**texts)
    error = fault(file=folder / f"{start}.yaml")
    assert message in error.message
    assert error.where == where
    assert do in error.do


def test_two_ways_to_one_file_are_no_circle(files):
    folder = files(
        base="top: 2\nshare: 0.1\n",
        a="extends: base.yaml\ntop: 3\n",
        b="extends: base.yaml\n",
        all="extends: [a.yaml, b.yaml]\n",
    )
    assert resolve(TINY, file=folder / "all.yaml").top == 2  # b says again what base says


# -- the parameters of a run, kept ---------------------------------------------------------------


@pytest.mark.parametrize("lang", [EN, ZH])
def test_the_resolved_file_gives_the_same_parameters_again(write, lang):
    given = [
        "count=5",
        "region=NO",
        "regions=['007', 1e5x, 'true']",
        "price=12.30",
        "day=2026-07-31",
    ]
    params = resolve(KINDS, sets=given)
    text = resolved_yaml(KINDS, params, lang)
    assert resolve(KINDS, file=write(text)) == params
    assert list(yaml.safe_load(text)) == list(Kinds.model_fields)
    assert yaml.safe_load(text)["regions"] == ["007", "1e5x", "true"]
    assert lang.pick("1 to 9; rows; default 3", "1至9；行；默认3") in text


def test_the_resolved_file_of_what_must_be_given(write):
    text = resolved_yaml(study(Needy), Needy(target=0.5), EN)
    assert resolve(study(Needy), file=write(text)) == Needy(target=0.5)
    assert "default" not in text


def test_the_bounds_of_a_seed_have_no_unit():
    class Drawn(Params):
        seed: int = field(7, ge=0, le=1000, step=1, unit="seed", **WORDS)

    for lang, said in ((EN, "allowed: 0 to 1000"), (ZH, "允许：0至1000")):
        with pytest.raises(ParameterError) as caught:
            resolve(study(Drawn), sets=["seed=-1"], lang=lang)
        assert caught.value.do == said
