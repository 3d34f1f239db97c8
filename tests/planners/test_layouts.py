"""Every layout fits its study; every study has a planner, with or without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planners import little
from workbench.contract import Params as Base
from workbench.contract import field
from workbench.errors import ProjectError
from workbench.planners.control_html import control_html
from workbench.planners.controls import controls
from workbench.planners.layout import Group, Layout, layout_of
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
