"""What was asked of a study: merged, checked, and faults told with their place."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, model_validator

from workbench.contract import Params, Study, field
from workbench.errors import ParameterError
from workbench.studies.parameters import Given, merged, resolve, template
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


NESTED = st.recursive(
    st.integers(0, 3), lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
).filter(lambda value: isinstance(value, dict))


@given(a=NESTED, b=NESTED, c=NESTED)
def test_merging_is_associative_and_the_last_word_wins(a, b, c):
    a, b, c = Given(a), Given(b), Given(c)
    assert merged(merged(a, b), c) == merged(a, merged(b, c))
    assert merged(a, Given()) == a == merged(Given(), a)
    for key, value in b.values.items():
        if not isinstance(value, dict):
            assert merged(a, b).values[key] == value
