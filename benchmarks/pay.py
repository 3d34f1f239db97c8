"""The exact pay engine on the full B2B plan, against pandas by group.

Credit lines are made from named streams: 5,000 payees, 12 months, five kinds of events, splits,
returns. The way by group computes commission with its gate and line factors, margin pay, the SPIF
and the team override with the same rules in the plainest pandas: `groupby(...).apply` with a
function that walks a person's lines.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import harness

FOLDER = Path(tempfile.gettempdir()) / f"workbench-bench-pay-{os.getuid()}"
PLAN = Path(__file__).parents[1] / "params" / "incentives" / "plans" / "b2b.yaml"
PAYEES = 5_000
NAMES = ("commission", "margin_pay", "spiff", "override")
ROLES = ("hunter", "farmer", "key_account", "channel")


def make() -> None:
    """Write credit lines of 1 and 10 million, quotas and people."""
    FOLDER.mkdir(exist_ok=True)
    for lines in (1_000_000, 10_000_000):
        if not (FOLDER / f"credits_{lines}.parquet").exists():
            _make_credits(lines)
    people, quotas = _people()
    people.to_parquet(FOLDER / "people.parquet")
    quotas.to_parquet(FOLDER / "quotas.parquet")


def _people():
    import numpy as np
    import pandas as pd

    number = np.arange(PAYEES)
    manager = number % 8 == 0
    ids = np.array([f"R{each:05d}" for each in number], object)
    people = pd.DataFrame(
        {
            "rep_id": ids,
            "role": np.where(manager, "manager", np.array(ROLES, object)[number % 4]),
            "manager_id": np.where(manager, None, ids[number // 8 * 8]),
            "team_id": ids[number // 8 * 8],
            "hired_date": pd.Timestamp("2024-01-01"),
            "base_pay": 8_000.0 + number % 70 * 100,
            "target_incentive": 60_000.0 + number % 50 * 1_000,
        }
    )
    quotas = pd.DataFrame(
        {"rep_id": ids, "quota": "collected", "value": 9_000_000.0 + number % 40 * 100_000}
    )
    return people, quotas


def _make_credits(lines: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from workbench.scenarios import streams

    rng = streams(7)[f"benchmark/pay/{lines}"]
    events = np.array(["paid", "invoiced", "refunded", "returned"])
    kind = rng.choice(4, lines, p=[0.55, 0.42, 0.02, 0.01])
    amount = np.round(rng.lognormal(10.3, 1.0, lines), 2) * (1_000_000 / lines)
    days = np.datetime64("2026-01-01") + rng.integers(0, 365, lines)
    table = pa.table(
        {
            "line_id": pa.array(np.char.add("L", np.char.zfill(np.arange(lines).astype(str), 8))),
            "rep_id": pa.array(_people()[0]["rep_id"].to_numpy()[rng.integers(0, PAYEES, lines)]),
            "date": pa.array(days.astype("datetime64[D]")),
            "event": pa.array(events[kind]),
            "amount": pa.array(np.round(amount, 2)),
            "margin": pa.array(np.round(amount * rng.uniform(0.2, 0.5, lines), 2)),
            "units": pa.array(rng.integers(1, 20, lines)),
            "product_line": pa.array(np.array(["new", "main", "service"])[rng.choice(3, lines)]),
            "days_overdue": pa.array(np.maximum(rng.integers(-60, 220, lines), 0)),
        }
    )
    pq.write_table(table, FOLDER / f"credits_{lines}.parquet", row_group_size=1_000_000)


def _tables():
    import pandas as pd

    return pd.read_parquet(FOLDER / "quotas.parquet"), pd.read_parquet(FOLDER / "people.parquet")


def ours(lines: int) -> Callable[[], Callable[[], object]]:
    def ready() -> Callable[[], object]:
        import pandas as pd

        from workbench.pay import load_plan, pay

        plan = load_plan(PLAN)
        quotas, people = _tables()
        credits = pd.read_parquet(FOLDER / f"credits_{lines}.parquet")
        pay(plan, credits.head(1000), quotas, people)  # compiles what is kept on disk

        def run() -> object:
            statement = pay(plan, credits, quotas, people)
            return _answer({name: statement.earned[name].base.sum() / 100 for name in NAMES})

        return run

    return ready


def in_chunks() -> Callable[[], object]:
    """Ten million lines, read from Parquet a million at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from workbench.pay import load_plan, pay

    plan = load_plan(PLAN)
    quotas, people = _tables()
    file = pq.ParquetFile(FOLDER / "credits_10000000.parquet", pre_buffer=False)
    few = next(file.iter_batches(batch_size=1000))
    pay(plan, pa.Table.from_batches([few]), quotas, people)

    def run() -> object:
        batches = file.iter_batches(batch_size=1_000_000)
        chunks = (pa.Table.from_batches([batch]) for batch in batches)
        statement = pay(plan, chunks, quotas, people)
        return _answer({name: statement.earned[name].base.sum() / 100 for name in NAMES})

    return run


def by_group() -> Callable[[], object]:
    """Commission, margin pay, SPIF and override as one writes them first: a function a person."""
    import pandas as pd

    quotas, people = _tables()
    credits = pd.read_parquet(FOLDER / "credits_1000000.parquet")

    def run() -> object:
        lines = credits.assign(month=credits["date"].map(lambda day: day.month - 1))
        lines = lines.sort_values(["date", "line_id"]).merge(people, on="rep_id").merge(quotas)
        back = lines["event"].isin(["refunded", "returned"])
        for name in ("amount", "margin", "units"):
            lines[name] = lines[name].where(~back, -lines[name])
        selling = lines["role"].isin(["hunter", "farmer", "key_account"])
        cash = lines["event"].isin(["paid", "refunded"])
        shifted = lines[cash & lines["manager_id"].notna()]
        spiff = lines["month"].between(3, 8) & lines["product_line"].eq("new") & ~cash
        pays = {
            "commission": lines[selling].groupby("rep_id").apply(_commission),
            "margin_pay": lines[selling & ~cash].groupby("rep_id").apply(_margin_pay),
            "spiff": lines[spiff].groupby("rep_id").apply(_spiff),
            "override": shifted.groupby("manager_id").apply(_override),
        }
        return _answer({name: float(pays[name].to_numpy().sum()) for name in NAMES})

    return run


def _commission(group):
    import numpy as np
    import pandas as pd

    cash = group[group["event"].isin(["paid", "refunded"])]
    billed = group[~group["event"].isin(["paid", "refunded"])]
    quota = group["value"].iloc[0]
    starts = np.array([0, 0.5, 1, 1.5]) * quota
    steps, factors = [0, 31, 91, 181], np.array([1, 0.8, 0.5, 0])
    factor = factors[np.searchsorted(steps, cash["days_overdue"], side="right") - 1]
    amount, month = cash["amount"].to_numpy(), cash["month"].to_numpy()
    pay, settled = [], 0.0
    for now in range(12):
        x = amount[month <= now]
        invoiced = billed.loc[billed["month"] <= now, "amount"].sum()
        open_ = invoiced > 0 and x.sum() >= 0.8 * invoiced
        rates = [0.008, 0.012, 0.02 if open_ else 0.012, 0.01]
        upper = x.cumsum()
        part = _slices(upper - x, upper, starts, rates) * factor[month <= now]
        total = round(part.sum(), 2)
        pay.append(total - settled)
        settled = total
    return pd.Series(pay)


def _margin_pay(group):
    import pandas as pd

    pay = []
    for _, quarter in group.groupby(group["month"] // 3):
        settled = 0.0
        for now in sorted(quarter["month"].unique()):
            total = quarter.loc[quarter["month"] <= now, "margin"].sum()
            rate = 0.005 if total < 200_000 else 0.008 if total < 500_000 else 0.011
            pay.append(round(total * rate, 2) - settled)
            settled = round(total * rate, 2)
    return pd.Series([sum(pay)])


def _spiff(group):
    import numpy as np
    import pandas as pd

    units = group["units"].to_numpy(float)  # a return is taken back at the first rate
    return pd.Series([(60 * np.minimum(units, 10) + 90 * np.maximum(units - 10, 0)).sum()])


def _override(group):
    import numpy as np
    import pandas as pd

    amount, month = group["amount"].to_numpy(), group["month"].to_numpy()
    upper = amount.cumsum()
    part = _slices(upper - amount, upper, np.array([0, 5e7]), [0.0015, 0.002])
    to_date = [round(part[month <= now].sum(), 2) for now in range(12)]
    return pd.Series(np.diff(to_date, prepend=0))


def _slices(low, high, starts, rates):
    """Marginal pay between two totals, by line."""
    import numpy as np

    part = np.zeros(len(low))
    for number, (start, rate) in enumerate(zip(starts, rates, strict=True)):
        end = starts[number + 1] if number + 1 < len(starts) else np.inf
        from_ = -np.inf if number == 0 else start
        part += rate * (np.clip(high, from_, end) - np.clip(low, from_, end))
    return part


def _answer(pays: dict[str, float]) -> dict[str, int]:
    """Pay by component in thousands: floats and exact sums agree so far."""
    return {name: round(value / 1000) for name, value in pays.items()}


JOBS = [
    harness.Job(
        title="1 million credit lines, 5,000 payees, 12 months, the full B2B plan",
        ways={"workbench": ours(1_000_000), "pandas groupby-apply": by_group},
        goal="at most 3 s and 2 GB; 20 times as fast as pandas by group, goal 50 times",
    ),
    harness.Job(
        title="10 million credit lines in chunks of a million",
        ways={"workbench": in_chunks},
        goal="memory bounded by the lines' own arrays: at most 1.5 GB",
    ),
]

if __name__ == "__main__":
    harness.main("benchmarks.pay", JOBS, prepare=make)
