"""The SQL of a figure: its populations, periods, organisation and cuts in one statement.

The order inside: tables that stand in (converted to one currency, or empty where optional ones
are missing), periods and their days, stages of the company, populations, then the sums by cut.
Every statement orders its rows, so that the same data give the same table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workbench.company import DUCK_TYPES, Company
from workbench.kpis import places
from workbench.kpis.declare import TIME_CUTS, Definition, Part
from workbench.kpis.keep import WHOLE, Need
from workbench.kpis.periods import RUNNING, Lap, Span, fiscal, laps
from workbench.kpis.rows import ROWS, Rows
from workbench.tables import TABLES

QUESTION = "question"
"""The cut that tells apart the questions that one statement answers."""


@dataclass
class Statement:
    """Builds the statement of one definition for one question, or for several at once.

    Attributes
    ----------
    company : Company
    definition : Definition
        Which must not be a derived one.
    periods : sequence of Span
        Not empty.
    by : tuple of str
        Cuts, checked.
    as_of : date
        Last day seen.
    standing_in : dict of str to str
        Tables whose place is taken by a query (currency.py).
    questions : sequence of int
        Where several questions are answered at once: for each period, the number of its
        question. `by` then begins with `QUESTION`.
    kept : mapping of str to str
        What to select from in place of a population (keep.py). The statement gives the same,
        sooner; it can only be run while the company is open.
    """

    company: Company
    definition: Definition
    periods: Sequence[Span]
    by: tuple[str, ...]
    as_of: dt.date
    standing_in: dict[str, str]
    questions: Sequence[int] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    _days: dict[str, str] = field(default_factory=dict)
    _bounds: dict[str, tuple[dt.date, dt.date]] = field(default_factory=dict)

    def sql(self) -> str:
        """The whole statement; columns: the cuts, value, numerator, denominator."""
        body = self._body()  # first, because it finds which days are needed
        head = [*self._tables(), self._periods(), self._stages(), *self._places()]
        head += [f"{name} as (\n{text})" for name, text in self._days.items()]
        head += [f"{name} as (\n{self._population(name)})" for name in self._used()]
        head += [f"{name} as (\n{sql})" for name, sql in self._own().items()]
        order = ", ".join(f'"{cut}" nulls last' for cut in self.by)
        return self._told(
            "with " + ",\n".join(head) + "\n" + body + (f"\norder by {order}" if order else "")
        )

    def _told(self, text: str) -> str:
        return text.replace("{as_of}", f"date '{self.as_of}'")

    def needs(self) -> dict[str, Need]:
        """What it reads of the populations that depend on nothing but tables of the company."""
        self._body()  # it finds which days are needed
        found: dict[str, Need] = {}
        for part in self.definition.all_parts:
            rows = part.population
            if not part.own and self._fixed(rows):
                low, high = self._bounds[self._window(part)]
                first = None if part.window in RUNNING else low
                need = Need(self._words(part), first, high)
                found[part.rows] = need | found.get(part.rows, need)
                found |= {name: WHOLE for name in rows.uses if ROWS[name].held}
            else:
                found |= {name: WHOLE for name in rows.uses if self._fixed(ROWS[name])}
        return found

    # -- sums ----------------------------------------------------------------------------------

    @property
    def _aliases(self) -> list[str]:
        return [f"cut_{cut}" for cut in self.by]

    def _body(self) -> str:
        named = "".join(f'cut_{cut} as "{cut}", ' for cut in self.by)
        if self.definition.sql:
            return (
                f"select {named}cast(value as double) as value,"
                " cast(numerator as double) as numerator,"
                f" cast(denominator as double) as denominator\nfrom (\n{self._special()})"
            )
        groups = "".join(f"{alias}, " for alias in self._aliases)
        parts = [self._sums(part) for part in self.definition.parts]
        added = parts[0]
        if len(parts) > 1:
            added = (
                f"select {groups}sum(numerator) as numerator, sum(denominator) as denominator,"
                " sum(value) as value, sum(lines) as lines from (\n"
                + "\nunion all\n".join(parts)
                + (f") group by {groups[:-2]}" if groups else ")")
            )
        return (
            f"select {named}{self._value()} as value,"
            f" cast({self._numerator()} as double) as numerator,"
            f" cast(denominator as double) as denominator\nfrom (\n{added})"
        )

    def _numerator(self) -> str:
        # Where there is something to divide by, no rows above mean nothing, not unknown.
        if any(part.denominator for part in self.definition.parts):
            return "case when denominator is null then numerator else coalesce(numerator, 0) end"
        return "numerator"

    def _value(self) -> str:
        if any(part.value for part in self.definition.parts):
            return "cast(value as double)"
        if self.definition.is_ratio:
            times = f" * {self.definition.times:g}" if self.definition.times != 1 else ""
            return (
                "case when denominator > 0 then cast(coalesce(numerator, 0) as double)"
                f" / cast(denominator as double){times} end"
            )
        # Without rows the sum is zero; with rows that have no number it is not known.
        return "cast(case when coalesce(lines, 0) = 0 then 0 else numerator end as double)"

    def _sums(self, part: Part) -> str:
        rows, groups = self._rows(part), "".join(f"{alias}, " for alias in self._aliases)
        if part.per:
            measures = ", ".join(f"{sql} as {name}" for name, sql in part.each.items())
            rows = f"(select {groups}{measures} from {rows} group by {groups}{part.per})"
        amounts = ", ".join(
            f"cast({sql or 'null'} as double) as {name}"
            for name, sql in (
                ("numerator", part.numerator),
                ("denominator", part.denominator),
                ("value", part.value),
            )
        )
        grouped = f" group by {groups[:-2]}" if groups else ""
        return f"select {groups}{amounts}, count(*) as lines from {rows}{grouped}"

    def _special(self) -> str:
        text = self.definition.sql
        for name, part in self.definition.inputs.items():
            text = text.replace("{" + name + "}", self._rows(part))
        return text.replace("{cuts}", "".join(f"{alias}, " for alias in self._aliases))

    # -- rows ----------------------------------------------------------------------------------

    def _rows(self, part: Part) -> str:
        rows = part.population
        source = part.own.name if part.own else part.rows
        seen = ["p.first as period_first", "p.seen as period_seen", "p.year_first"]
        if rows.by_period:
            days = "join periods p on p.period = src.period"
        else:
            name = self._window(part)
            low, high = self._bounds[name]
            key = f"greatest(src.day, date '{low}')" if part.window in RUNNING else "src.day"
            source = f"(select * from {source} where day <= date '{high}'"
            source += "" if part.window in RUNNING else f" and day >= date '{low}'"
            source += ")"
            days = f"join {name} d on d.day = {key} join periods p on p.period = d.period"
            seen += ["d.lap", "d.lap_days", "d.ends", "date_diff('day', d.lap_last, p.seen)"]
            seen[-1] += " as days_since"
        wanted = [*self.by, *part.attributes]
        joins = places.joins(self.company, rows, wanted)
        cuts = [f"{self._cut(rows, cut)} as cut_{cut}" for cut in self.by]
        attributes = [f"acc.{name}" for name in part.attributes]
        columns = ", ".join(["src.*", *seen, *attributes, *cuts])
        where = f" where {part.where}" if part.where else ""
        return f"(select * from (select {columns}\n  from {source} src {days} {joins}){where})"

    def _cut(self, rows: Rows, cut: str) -> str:
        if cut in (QUESTION, *TIME_CUTS):
            return f"p.{cut}"
        return places.expression(self.company, rows, cut)

    def _words(self, part: Part) -> frozenset[str]:
        """Words of all that is said about the rows of a part, the columns read among them."""
        rows = part.population
        texts = [part.where, part.per, part.numerator, part.denominator, part.value]
        texts += [*part.each.values(), self.definition.sql, *rows.organisation.split()]
        texts += [self._cut(rows, cut) for cut in self.by]
        texts += [places.joins(self.company, rows, [*self.by, *part.attributes])]
        return frozenset(re.findall(r"\w+", " ".join(texts).lower())) | {"day"}

    def _window(self, part: Part) -> str:
        """Name of the relation of days of a part's window; made when first asked for."""
        name = f"days_{part.window}_{part.laps}"
        if name not in self._days:
            found = laps(self.periods, part.window, part.laps, fiscal(self.company.settings))
            self._bounds[name] = (min(lap.first for lap in found), max(lap.last for lap in found))
            self._days[name] = _days_sql(found)
        return name

    def _population(self, name: str) -> str:
        return f"select * from {self.kept[name]}" if name in self.kept else ROWS[name].sql

    def _fixed(self, rows: Rows) -> bool:
        """Whether rows are the same for every question to this company."""
        asks = rows.by_period or rows.settings or any("{as_of}" in ROWS[u].sql for u in rows.uses)
        whole = self.company.has(*rows.tables, *rows.optional) and not self.standing_in
        return whole and not asks and "{as_of}" not in rows.sql

    # -- what stands before --------------------------------------------------------------------

    def _used(self) -> list[str]:
        names: dict[str, None] = {}
        for part in self.definition.all_parts:
            alone = part.rows in self.kept and not part.own
            names |= {} if alone else dict.fromkeys(part.population.uses)
            if not part.own:
                names[part.rows] = None
        return list(names)

    def _tables(self) -> list[str]:
        found = [f"{name} as not materialized (\n{sql})" for name, sql in self.standing_in.items()]
        found += [
            f"{name} as (\n{_empty(name)})"
            for name in self.definition.optional
            if not self.company.has(name)
        ]
        return found

    def _own(self) -> dict[str, str]:
        parts = self.definition.all_parts
        return {part.own.name: part.own.sql for part in parts if part.own}

    def _periods(self) -> str:
        spans = self.periods
        columns = {QUESTION: _list("integer", self.questions)} if self.questions else {}
        columns |= {
            "period": _list("integer", range(len(spans))),
            "first": _list("date", [span.first for span in spans]),
            "last": _list("date", [span.last for span in spans]),
            "seen": _list("date", [span.seen for span in spans]),
            **{cut: _list("date", [span.labels.get(cut) for span in spans]) for cut in TIME_CUTS},
            "year_first": _list("date", [span.year_first for span in spans]),
        }
        named = ", ".join(f'{values} as "{name}"' for name, values in columns.items())
        return f"periods as (select {named})"

    def _stages(self) -> str:
        stages = self.company.settings.stages
        rows = ", ".join(
            f"('{stage.code}', {place}, '{stage.status}',"
            f" {'null' if stage.probability is None else stage.probability}::double)"
            for place, stage in enumerate(stages, start=1)
        )
        rows = rows or "(null::varchar, null::integer, null::varchar, null::double)"
        columns = "stage, place, status, probability"
        return f"stages as (select * from (values {rows}) as v({columns}) where stage is not null)"

    def _places(self) -> list[str]:
        populations = [part.population for part in self.definition.all_parts]
        if any(places.needs_reps(self.company, rows, self.by) for rows in populations):
            return [f"rep_place as (\n{places.rep_place(self.company)})"]
        return []


def _list(kind: str, values: Iterable[object]) -> str:
    """A column of values; as one text it is planned ten times as fast as a row for each."""
    text = ", ".join("null" if value is None else str(value) for value in values)
    return f"unnest('[{text}]'::{kind}[])"


def _days_sql(found: Sequence[Lap]) -> str:
    columns = {
        "period": _list("integer", [lap.period for lap in found]),
        "lap": _list("integer", [lap.number for lap in found]),
        "first_day": _list("date", [lap.first for lap in found]),
        "last_day": _list("date", [lap.last for lap in found]),
        "ends": _list("integer", [lap.ends for lap in found]),
    }
    return (
        "select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as day,"
        " period, lap, ends, last_day as lap_last,"
        " date_diff('day', first_day, last_day) + 1 as lap_days"
        f" from (select {', '.join(f'{values} as {name}' for name, values in columns.items())})"
    )


def _empty(name: str) -> str:
    columns = ", ".join(
        f'null::{DUCK_TYPES[column.arrow_type]} as "{column.name}"'
        for column in TABLES[name].columns
    )
    return f"select {columns} where false"
