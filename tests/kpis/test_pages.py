"""The pages of the dictionary are in step with it; so is what it is read from."""

import re
from pathlib import Path

import pytest
import yaml

from workbench.errors import ParameterError
from workbench.kpis import KPIS, UNITS
from workbench.kpis.declare import FOLDER
from workbench.kpis.labels import cut_label, direction_label
from workbench.kpis.pages import FILES, page, write
from workbench.kpis.rows import ROWS, parse
from workbench.tables import TABLES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("lang", FILES)
def test_the_page_in_docs_is_the_dictionary(lang):
    written = (DOCS / FILES[lang]).read_text(encoding="utf-8")
    assert written == page(lang), "run: python -m workbench.kpis.pages docs"


def test_pages_are_written_where_asked(tmp_path):
    assert [path.name for path in write(tmp_path)] == list(FILES.values())
    assert (tmp_path / "kpis.zh-CN.md").read_text(encoding="utf-8").startswith("# 指标字典")


def test_every_kpi_and_definition_stands_on_the_page():
    for entry in KPIS.values():
        for definition in entry.definitions.values():
            assert definition.formulas[0] in page("en")
            assert definition.formulas[1] in page("zh")


def test_the_dictionary_holds_forty_with_known_units_and_directions():
    assert len(KPIS) == 40
    for entry in KPIS.values():
        assert entry.unit in UNITS
        assert entry.direction in ("up", "down", "context", "band")
        assert (entry.direction == "band") == (entry.band is not None)
        assert entry.default == 1 and 1 in entry.definitions


def test_every_recipe_belongs_to_a_definition_and_every_population_is_used():
    recipes = yaml.safe_load((FOLDER / "formulas.yaml").read_text(encoding="utf-8"))
    assert {k: set(v) for k, v in recipes.items()} == {
        entry.id: set(entry.definitions) for entry in KPIS.values()
    }
    used = {
        name
        for entry in KPIS.values()
        for definition in entry.definitions.values()
        for part in definition.all_parts
        for name in (part.rows, *part.population.uses)
    }
    assert used == set(ROWS)


def test_headers_name_every_table_their_query_reads():
    for rows in ROWS.values():
        read = {name for name in TABLES if re.search(rf"\b(from|join) {name}\b", rows.sql)}
        assert read <= {*rows.tables, *rows.optional}, rows.name
        others = {n for n in ROWS if re.search(rf"\b(from|join) {n}\b", rows.sql)} - {rows.name}
        assert others <= set(rows.uses), rows.name


def test_a_query_without_a_name_is_refused():
    with pytest.raises(ParameterError, match="no `-- rows:` line"):
        parse("select 1")


def test_cuts_and_directions_have_labels_in_both_languages():
    for entry in KPIS.values():
        for definition in entry.definitions.values():
            for cut in definition.cuts:
                assert cut_label(cut) != cut and cut_label(cut, "zh") != cut, cut
    assert cut_label("nonsense") == "nonsense"
    assert direction_label("band", (20, 45), "zh") == "以20–45为宜"
