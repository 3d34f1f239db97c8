"""Figures asked ahead: those that each question gives by itself, in fewer statements."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from tests.support.companies import make_company, order_lines
from workbench.company import Company
from workbench.errors import BasisError, MissingTableError, ParameterError, WorkbenchError
from workbench.kpis import KPIS, Ask, ask_ahead, kpi
from workbench.kpis.keep import WHOLE, Need

WINDOWS = (("2026-01-01", "2026-06-30"), ("2025-01-01", "2025-06-30"), ("2024-02-01", "2026-06-30"))
DEFINITIONS = [(each.id, number) for each in KPIS.values() for number in each.definitions]

# Sums of floats, not of decimals: their last bits hang on the order of the rows.
OF_FLOATS = {
    ("gross_margin", 2),
    ("weighted_pipeline", 1),
    ("weighted_pipeline", 2),
    ("sell_through", 1),
    ("stock_cover_days", 1),
}


def asks(kpi_id: str, number: int) -> list[Ask]:
    """Whole periods, months, quarters by region, in an order that is not that of the answers."""
    cuts = KPIS[kpi_id].definitions[number].cuts or ("month", "quarter", "region")
    now, ago, long = WINDOWS
    wanted = [((), now), (("month",), long), ((), ago), (("region",), ago), (("region",), now)]
    wanted += [(("quarter", "region"), long), (("region", "year"), long)]
    asked = [
        Ask(kpi_id, *days, by=by, definition=number) for by, days in wanted if set(by) <= set(cuts)
    ]
    days = (
        ["2026-05-15"] if KPIS[kpi_id].definitions[number].derived else ["2026-05-15", "2025-12-31"]
    )
    return [*asked, *(replace(asked[0], as_of=day) for day in days)]


def outcome(company: Company, ask: Ask) -> pd.DataFrame | type:
    try:
        return kpi(company, **vars(ask)).table()
    except WorkbenchError as error:
        return type(error)


@pytest.fixture(scope="module")
def views(little):
    """Two of the little company for each organisation: one asked ahead, one not."""
    both = ("today", "at_the_time")
    return {each: [replace(little, organisation=each) for _ in range(2)] for each in both}


@pytest.fixture
def statements(monkeypatch):
    """The queries run."""
    run: list[str] = []
    query = Company._query

    def noted(company, text, parameters=None):
        run.append(text)
        return query(company, text, parameters)

    monkeypatch.setattr(Company, "_query", noted)
    return run


@pytest.mark.parametrize(("kpi_id", "number"), DEFINITIONS)
def test_an_answer_found_ahead_is_that_of_the_question_alone(views, kpi_id, number):
    organisation = "today" if number == 1 else "at_the_time"
    asked = asks(kpi_id, number)
    ahead, alone = views[organisation]
    ask_ahead(ahead, asked)
    for ask in asked:
        found, single = outcome(ahead, ask), outcome(alone, ask)
        if isinstance(single, pd.DataFrame):
            assert isinstance(found, pd.DataFrame)
            same = (
                {"rtol": 1e-12, "atol": 0}
                if (kpi_id, number) in OF_FLOATS
                else {"check_exact": True}
            )
            pd.testing.assert_frame_equal(found, single, **same)
        else:
            assert found == single


def test_one_statement_answers_what_differs_in_days(little, statements):
    company = replace(little)
    asked = [Ask("bookings", *days, by=by) for days in WINDOWS for by in ((), ("month",))]
    ask_ahead(company, asked)
    assert sum("cut_question" in text for text in statements) == 1
    statements.clear()
    for ask in asked:
        kpi(company, **vars(ask))
    assert not statements


def test_rows_are_kept_where_two_statements_read_them_and_no_wider(little, statements):
    company = replace(little)
    asked = [Ask("revenue_net", *WINDOWS[0], by=by) for by in ((), ("product_line",), ("region",))]
    ask_ahead(company, [*asked, Ask("collections", *WINDOWS[0])])
    made = [text for text in statements if text.startswith("create") and "rebates" in text]
    assert len(made) == 1
    name = made[0].split()[2]
    kept = company.sql(f"select * from {name} limit 0").columns
    assert {"day", "net", "product_line", "region", "account_id"} <= set(kept)
    assert not {"product_id", "partner_id", "channel"} & set(kept)
    kpi(company, "revenue_net", start="2021-01-01", end="2026-06-30", by="channel")
    alone = replace(little)
    for start, by in (("2021-01-01", "channel"), ("2020-01-01", "product_id")):
        found, single = (
            kpi(each, "revenue_net", start=start, end="2026-06-30", by=by).table()
            for each in (company, alone)
        )
        pd.testing.assert_frame_equal(found, single)
    made = [text for text in statements if text.startswith("create") and "rebates" in text]
    assert len(made) == 2 + 2  # a company keeps them narrow, then whole


def test_faults_are_told_when_the_question_is_asked(tmp_path, statements):
    lines = order_lines(account_id=["A1"], order_date=["2026-02-01"], amount=[113.0])
    company = make_company(tmp_path, {"order_line": lines}, {"data_as_of": "2026-03-31"})
    good = Ask("average_order_value", "2026-01-01", "2026-03-31")
    faulty = [Ask("collections", *WINDOWS[0]), Ask("revenue_net", *WINDOWS[0], by="method")]
    ask_ahead(company, [*faulty, Ask("no_such_kpi", *WINDOWS[0]), good])
    statements.clear()
    assert kpi(company, **vars(good)).value == 113.0
    assert not statements
    for ask, error in zip(faulty, (MissingTableError, ParameterError), strict=True):
        with pytest.raises(error):
            kpi(company, **vars(ask))


def test_a_basis_that_is_not_known_stops_only_its_own_question(tmp_path):
    lines = order_lines(account_id=["A1"], order_date=["2026-02-01"], amount=[113.0])
    lines["tax_basis"] = None
    company = make_company(tmp_path, {"order_line": lines}, {"data_as_of": "2026-03-31"})
    asked = [Ask(each, "2026-01-01", "2026-03-31") for each in ("revenue_net", "active_customers")]
    ask_ahead(company, asked)
    with pytest.raises(BasisError):
        kpi(company, **vars(asked[0]))
    assert kpi(company, **vars(asked[1])).value == 1


def test_what_two_needs_have_in_common():
    first, last = dt.date(2026, 1, 1), dt.date(2026, 6, 30)
    narrow = Need(frozenset({"day", "net"}), first, last)
    other = Need(frozenset({"day", "region"}), None, dt.date(2026, 3, 31))
    both = narrow | other
    assert both == Need(frozenset({"day", "net", "region"}), None, last)
    assert both.covers(narrow)
    assert both.covers(other)
    assert not narrow.covers(other)
    assert WHOLE.covers(both)
    assert not both.covers(WHOLE)
