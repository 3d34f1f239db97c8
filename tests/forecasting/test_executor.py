"""Series forecast by workers in processes of their own get the same bits as here."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from workbench.errors import RunError
from workbench.executor import Done, Fault, open_executor
from workbench.forecasting import engine, forecast
from workbench.scenarios import streams

pytest.importorskip("workbench.executor.cluster")

COUNT = 90


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "CHUNK", 20)


def panel() -> pd.DataFrame:
    """Steady series of several lengths and some with pauses, so that both groups have chunks."""
    generator = streams(3)["executor"]
    months = pd.period_range("2020-01", periods=60, freq="M").astype(str)
    parts = []
    for number in range(COUNT):
        length = int(generator.integers(20, 61))
        season = 1 + 0.3 * np.sin(2 * np.pi * np.arange(60) / 12)
        values = 100 * season * np.exp(0.1 * generator.standard_normal(60))
        if number % 3 == 0:
            values = values * (generator.random(60) < 0.4)
        parts.append(
            pd.DataFrame(
                {
                    "series_id": f"S{number:02d}",
                    "period": months[-length:],
                    "value": values[-length:],
                }
            )
        )
    return pd.concat(parts)


@pytest.mark.parametrize(
    ("workers", "scheduler"), [(1, "local-cluster"), (2, "local-cluster"), (2, None)]
)
def test_workers_give_the_same_numbers(workers: int, scheduler: str | None) -> None:
    here = forecast(panel(), horizon=6)
    told: list[tuple[int, int]] = []
    with open_executor(workers=workers, scheduler=scheduler) as executor:
        away = forecast(panel(), horizon=6, executor=executor, progress=lambda *at: told.append(at))
    pd.testing.assert_frame_equal(away.table(), here.table(), check_exact=True)
    counts = [done for done, _ in told]
    assert len(counts) >= 5
    assert counts == sorted(counts)
    assert told[-1] == (COUNT, COUNT)


def test_a_worker_that_fails_names_the_chunk() -> None:
    class Broken:
        """Answers the second task with the fault of a worker."""

        def run(self, function: str, tasks: object, *, shared: object) -> Iterator[Done]:
            fault = Fault("memory", "MemoryError", "it took too much memory")
            yield Done(1, None, fault, seconds=1.0, peak_mb=900.0, attempts=1)

    with pytest.raises(RunError, match="too much memory") as caught:
        forecast(panel(), horizon=6, executor=Broken())
    assert "chunk 2" in (caught.value.where or "")
