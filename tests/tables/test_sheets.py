"""What is made from the declarations: templates, the data dictionary, Parquet files."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.companies import order_lines
from workbench.errors import InputError
from workbench.tables import TABLES, table
from workbench.tables.dictionary import FILES, page
from workbench.tables.store import arrow_schema, decimals, to_arrow, write_parquet
from workbench.tables.template import write_template

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_data_dictionary_is_in_step(lang):
    committed = (DOCS / FILES[lang]).read_text(encoding="utf-8")
    assert committed == page(lang), "run: python -m workbench.tables.dictionary docs"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_template_has_labels_lists_and_text_cells(tmp_path, lang):
    path = write_template("opportunity", tmp_path / "deals.xlsx", lang)
    sheet, explained = openpyxl.load_workbook(path).worksheets
    declared = table("opportunity")
    assert [c.value for c in sheet[1]] == [c.title(lang) for c in declared.columns]
    assert sheet.cell(2, 1).number_format == "@"
    assert {v.formula1 for v in sheet.data_validations.dataValidation} >= {'"open,won,lost"'}
    assert [r[0].value for r in explained.iter_rows(min_row=3)] == list(declared.column_names)


def test_a_template_never_overwrites(tmp_path):
    path = tmp_path / "deals.xlsx"
    path.write_text("mine")
    with pytest.raises(InputError, match="there already"):
        write_template("opportunity", path)
    assert path.read_text() == "mine"
    with pytest.raises(InputError, match="xlsx"):
        write_template("opportunity", tmp_path / "deals.csv")


@pytest.mark.parametrize("name", TABLES)
def test_every_table_has_an_arrow_schema_of_the_declared_types(name):
    schema = arrow_schema(name)
    declared = [str(c.arrow_type).removesuffix("[day]") for c in table(name).columns]
    stored = [str(t).removesuffix("[day]").replace("double", "float64") for t in schema.types]
    assert stored == declared


def test_the_same_frame_gives_the_same_bytes(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    frame = order_lines(amount=[1.005, 2.0])
    first = write_parquet(frame, "order_line", tmp_path / "a").read_bytes()
    assert write_parquet(frame, "order_line", tmp_path / "b").read_bytes() == first
    stored = pq.read_table(tmp_path / "a" / "order_line.parquet")
    assert stored.schema.field("amount").type == pa.decimal128(18, 2)
    assert stored.schema.field("order_date").type == pa.date32()


def test_values_of_the_wrong_kind_name_the_column():
    with pytest.raises(InputError, match="quantity"):
        to_arrow(order_lines(quantity=["many"]), "order_line")


@given(
    st.lists(
        st.one_of(st.just(float("nan")), st.integers(-(10**13), 10**13).map(lambda c: c / 100)),
        max_size=20,
    )
)
def test_cents_survive_the_way_into_decimals(values):
    stored = decimals(values, 2).to_pylist()
    for value, decimal in zip(values, stored, strict=True):
        if np.isnan(value):
            assert decimal is None
        else:
            assert decimal == Decimal(str(round(value * 100))) / 100


def test_exact_decimals_are_kept_as_they_are():
    frame = order_lines(amount=pd.Series([Decimal("0.01"), Decimal("99999999999.99")]))
    assert to_arrow(frame, "order_line")["amount"].to_pylist() == [
        Decimal("0.01"),
        Decimal("99999999999.99"),
    ]
