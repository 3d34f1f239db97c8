"""Every layout fits its study; every study has a planner, with or without one."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import model_validator

from tests.planners import little
from tests.support.companies import make_company, order_lines
from workbench.company import open_company
from workbench.contract import Params as Base
from workbench.contract import field
from workbench.errors import ProjectError
from workbench.params import broken_rule
from workbench.planners.control_html import control_html
from workbench.planners.controls import controls
from workbench.planners.layout import Group, Layout, layout_of
from workbench.planners.options import regions
from workbench.planners.trial import Trial
from workbench.studies import Project, studies
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


@pytest.mark.parametrize("name", sorted(studies()))
def test_every_parameter_has_its_place(name: str, lang: Language):
    study = studies()[name].load()
    layout = layout_of(study)
    groups = layout.placed(study.params)
    placed = [field for group in groups for field in group.fields]
    assert sorted(placed) == sorted(set(study.params.model_fields) - set(layout.hidden))
    made = controls(study.params, lang)
    values = study.params().literals()
    for each in made.values():
        html = control_html(each, values[each.name], "p", lang)
        assert lang.pick(*_titles(study, each.name)) in html
        assert study.params.model_validate({each.name: each.read(each.written(values[each.name]))})


def _titles(study, name: str) -> tuple[str, str]:
    return tuple(
        next(p.title for p in study.params.declared(lang) if p.name == name) for lang in (EN, ZH)
    )


@pytest.fixture(params=["en", "zh"])
def lang(request: pytest.FixtureRequest) -> Language:
    return Language(request.param)


def test_a_layout_of_an_unknown_parameter_is_refused():
    layout = Layout(groups=(Group(title=("A", "甲"), fields=("prize",)),))
    with pytest.raises(ProjectError, match="prize"):
        layout.placed(little.Params)


def test_a_project_brings_its_own_layout(tmp_path: Path):
    (tmp_path / "studies").mkdir()
    (tmp_path / "studies" / "layout_little.py").write_text(
        "from workbench.planners import Group, Layout\n"
        'LAYOUT = Layout(groups=(Group(title=("Price", "价格"), fields=("price",)),))\n',
        encoding="utf-8",
    )
    groups = layout_of(little.STUDY, Project(tmp_path)).placed(little.Params)
    assert [group.fields for group in groups] == [("price",), ("people", "discount")]
    assert groups[-1].folded


class Many(Base):
    """One parameter of each kind."""

    on: bool = field(True, title="On", help="H", zh=("开", "助"))
    kind: str = field(
        "a", choices={"a": ("A", "甲"), "b": ("B", "乙")}, title="Kind", help="H", zh=("类", "助")
    )
    shares: tuple[float, ...] = field((0.1, 0.2), title="Shares", help="H", zh=("比例", "助"))
    names: tuple[str, ...] = field((), title="Names", help="H", zh=("名称", "助"))
    rates: dict[str, float] = field({"east": 0.04}, title="Rates", help="H", zh=("费率", "助"))


@pytest.mark.parametrize("name", list(Many.model_fields))
def test_each_kind_of_control_gives_back_what_it_holds(name: str):
    made = controls(Many, EN)[name]
    value = Many().literals()[name]
    again = Many.model_validate({name: made.read(made.written(value))})
    assert again == Many()
    assert f'data-name="{name}"' in control_html(made, value, "p", EN)


class Dated(Base):
    """Numbers that name something."""

    year: int | None = field(
        None, ge=2000, le=2100, step=1, unit="calendar year", title="Year", help="H",
        zh=("年度", "助"),
    )  # fmt: skip
    draws: int = field(
        2000, ge=200, le=9000, step=200, unit="draws", title="Draws", help="H", zh=("次数", "助")
    )
    more: float = field(
        0.0, ge=-0.5, le=1, step=0.01, unit="share", title="More", help="H", zh=("增长", "助")
    )


def test_a_year_has_no_thousands_and_no_unit_repeats_the_name():
    english, chinese = controls(Dated, EN), controls(Dated, ZH)
    assert english["year"].said(2027, EN) == "2027"
    assert chinese["year"].said(2027, ZH) == "2027年"
    assert english["year"].bounds(EN) == "2000–2100"
    assert " data-plain " in control_html(english["year"], None, "p", EN)
    assert english["draws"].said(2000, EN) == "2,000"
    assert english["draws"].read("2,000 draws") == 2000
    assert Dated(year=2027).describe(EN)[0].value == "2027"


def test_bounds_below_zero_are_told_apart_from_their_dash():
    assert controls(Dated, EN)["more"].bounds(EN) == "−50 to 100%"
    assert controls(Dated, ZH)["more"].bounds(ZH) == "−50至100%"


class Chosen(Base):
    """Choices of some length."""

    short: str = field(
        "a", choices={"a": ("A", "常规"), "b": ("B", "精细")}, title="S", help="H", zh=("短", "助")
    )
    uneven: str = field(
        "a", choices={"a": ("usual", "常规"), "b": ("more models, slower", "更多模型，较慢")},
        title="U", help="H", zh=("不齐", "助"),
    )  # fmt: skip
    wide: str = field(
        "a", choices={"a": ("bookings, or revenue without contracts", "签约额"), "b": ("B", "乙")},
        title="W", help="H", zh=("宽", "助"),
    )  # fmt: skip


def test_choices_stand_where_their_words_have_room():
    def drawn(name: str, lang: Language) -> str:
        return control_html(controls(Chosen, lang)[name], "a", "p", lang)

    assert 'class="seg"' in drawn("short", ZH)
    assert "<select" in drawn("uneven", ZH) and 'class="ctl k-choice"' in drawn("uneven", ZH)
    assert 'class="ctl long k-choice"' in drawn("wide", EN)


def test_rows_without_a_region_are_named_in_both_languages(tmp_path: Path):
    lines = order_lines(amount=[100.0, 50.0]).assign(region=["east", "unassigned"])
    make_company(tmp_path, {"order_line": lines})
    assert regions(open_company(tmp_path))["unassigned"][1] == "未分配"


class Ruled(Base):
    """Two bounds, and a list that may be empty."""

    low_end: float = field(
        0.3, ge=0, le=1, step=0.1, unit="share", title="From", help="H", zh=("下限", "助")
    )
    high_end: float = field(
        0.8, ge=0, le=1, step=0.1, unit="share", title="To", help="H", zh=("上限", "助")
    )
    locks: tuple[str, ...] = field((), title="Locks", help="H", zh=("锁定", "助"))

    @model_validator(mode="after")
    def _rises(self) -> Ruled:
        if self.low_end >= self.high_end or self.locks:
            raise broken_rule("low_end must lie below high_end", "下限（low_end）须小于high_end")
        return self


@pytest.mark.parametrize(
    ("lang", "told", "still"),
    [
        (EN, "From must lie below To.", "The charts stay as they are."),
        (ZH, "下限须小于上限。", "图表保持不变。"),
    ],
)
def test_a_rule_names_controls_as_the_page_does(lang: Language, told: str, still: str):
    made, trial = controls(Ruled, lang), Trial(Ruled, Ruled())
    assert not trial.set(made["low_end"], "90%", lang)
    assert trial.faults["low_end"].message.startswith(told)
    assert not trial.set(made["locks"], "east=1", lang)
    assert trial.faults["locks"].message.endswith(still)
