import itertools
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.executor import functions
from tests.executor.support import BEHAVE, TIMES, by_place, children, gone, numbers_in, readers
from workbench.errors import ParameterError
from workbench.executor import Done, Limits, available_cpus, interface, open_executor
from workbench.text import Language


@pytest.fixture
def pool():
    with open_executor(workers=2) as opened:
        yield opened


# -- values


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_draws_are_the_same_whoever_makes_them(workers):
    tasks = [(seed, name) for seed in range(4) for name in ("deals/amount", "team/leavers")]
    with open_executor(workers=workers) as executor:
        assert executor.workers == workers
        done = by_place(executor.run("tests.executor.functions:draws", tasks, shared=50))
    assert [done[place].value for place in range(8)] == [
        functions.draws(50, task) for task in tasks
    ]


def test_each_task_has_its_number_time_and_memory(pool):
    done = by_place(pool.run(TIMES, range(100), shared=3))
    assert {place: each.value for place, each in done.items()} == {n: 3 * n for n in range(100)}
    assert all(each.fault is None and each.attempts == 1 for each in done.values())
    assert all(0 <= each.seconds < 10 and each.peak_mb > 1 for each in done.values())


def test_the_peak_is_that_of_the_task(pool):
    big, small = (
        by_place(pool.run(BEHAVE, [("fill", 300)])),
        by_place(pool.run(BEHAVE, [("fill", 1)])),
    )
    assert big[0].peak_mb > 300
    if sys.platform == "linux":
        assert small[0].peak_mb < 200


def test_nothing_to_do_is_done_without_workers(pool):
    before = children()
    assert list(pool.run(TIMES, [])) == []
    assert children() == before


def test_an_executor_does_one_kind_after_the_other(pool):
    assert by_place(pool.run(TIMES, [1], shared=2))[0].value == 2
    assert by_place(pool.run(BEHAVE, [("give", "x")]))[0].value == "x"
    assert by_place(pool.run(TIMES, [1], shared=5))[0].value == 5


def test_what_is_shared_is_read_once_a_worker(pool, tmp_path):
    shared = functions.Counted(tmp_path / "read")
    for _ in range(2):
        list(pool.run("tests.executor.functions:path_of", range(200), shared=shared))
    readers = (tmp_path / "read").read_text().split()
    assert len(readers) <= 4
    assert len(set(readers)) <= 2


def test_large_tasks_and_results_pass(pool):
    tasks = [("give", bytes([n]) * 3_000_000) for n in range(8)]
    done = by_place(pool.run(BEHAVE, tasks))
    assert [done[n].value == tasks[n][1] for n in range(8)] == [True] * 8


def test_tasks_may_print_and_find_nothing_to_read(pool):
    done = by_place(pool.run(BEHAVE, [("say", "说")] * 10))
    assert {each.value for each in done.values()} == {""}


def test_workers_compute_in_one_thread_with_files_of_their_own(pool):
    done = by_place(pool.run("tests.executor.functions:setting_of", range(1)))
    threads, seed, folder = done[0].value
    assert (threads, seed) == ("1", "0")
    assert Path(folder).is_dir()
    pool.close()
    assert not Path(folder).exists()


# -- faults

FAULTS = {
    "an error": (("raise", "no such deal"), "error", "LookupError", "no such deal", 1),
    "an error without words": (("speechless",), "error", "Speechless", "?", 1),
    "sys.exit": (("leave", 3), "error", "SystemExit", "3", 1),
    "an exit": (("exit", 3), "crash", "exit 3", "exit code 3", 2),
    "a signal": (("kill",), "crash", "SIGKILL", "SIGKILL", 2),
    "a segmentation fault": (("segfault",), "crash", "SIGSEGV", "SIGSEGV", 2),
    "too long": (("sleep", 60), "time", "TimeLimit", "1.5 seconds", 1),
    "too much memory": (("fill_and_wait", 600), "memory", "MemoryLimit", "400 MB", 1),
    "too much memory of a child": (("fill_a_child", 600), "memory", "MemoryLimit", "400 MB", 1),
    "a result that cannot be sent": (("unsendable",), "error", "TypeError", "sent back", 1),
    "a result that cannot be read": (("unreadable",), "error", "LookupError", "read back", 1),
    "a task that cannot be sent": (("give", lambda: 0), "error", "", "sent to a worker", 1),
    "a task that cannot be read": (("give", functions.Unreadable()), "error", "LookupError", "", 1),
}


def test_a_fault_stops_no_other_task(pool):
    bad = [task for task, *_ in FAULTS.values()]
    good = [("give", n) for n in range(len(bad))]
    tasks = [task for pair in zip(good, bad, strict=True) for task in pair]
    done = by_place(pool.run(BEHAVE, tasks, limits=Limits(seconds=1.5, memory_mb=400)))
    assert [done[2 * n].value for n in range(len(good))] == list(range(len(good)))
    assert {done[2 * n].attempts for n in range(len(good))} == {1}
    for place, (case, (_, kind, error, words, attempts)) in enumerate(FAULTS.items()):
        found = done[2 * place + 1]
        assert found.value is None, case
        assert (found.fault.kind, found.attempts) == (kind, attempts), case
        assert error in found.fault.error, case
        assert words in found.fault.message, case


def test_the_trace_of_an_error_is_that_of_the_task(pool):
    fault = by_place(pool.run(BEHAVE, [("raise", "gone")]))[0].fault
    assert "in raise_" in fault.trace
    assert "pool_process" not in fault.trace


def test_the_last_words_of_a_worker_are_told(pool):
    fault = by_place(pool.run(BEHAVE, [("segfault",)]))[0].fault
    assert "Segmentation fault" in fault.trace


def test_faults_are_told_in_chinese():
    with open_executor(workers=1, lang=Language("zh")) as pool:
        tasks = [("exit", 3), ("sleep", 60)]
        done = by_place(pool.run(BEHAVE, tasks, limits=Limits(seconds=0.5, retries=0)))
    assert done[0].fault.message == "工作进程已退出，退出码3"
    assert done[1].fault.message == "0.5秒内未完成"


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (1, 2), (3, 4)])
def test_a_crash_is_tried_again_as_often_as_said(pool, retries, attempts):
    done = by_place(pool.run(BEHAVE, [("exit", 1)], limits=Limits(retries=retries)))
    assert (done[0].fault.kind, done[0].attempts) == ("crash", attempts)


def test_a_task_that_survives_its_second_worker_has_its_value(pool, tmp_path):
    done = by_place(pool.run(BEHAVE, [("die_once", str(tmp_path / "died"))]))
    assert (done[0].value, done[0].fault, done[0].attempts) == ("alive", None, 2)


def test_tasks_given_ahead_to_a_worker_that_dies_are_not_blamed():
    tasks = [("give", n) for n in range(300)]
    tasks[150] = ("kill",)
    with open_executor(workers=1) as pool:
        done = by_place(pool.run(BEHAVE, tasks))
    assert done[150].fault.kind == "crash"
    assert {place: each.value for place, each in done.items() if place != 150} == {
        n: n for n in range(300) if n != 150
    }
    assert {each.attempts for place, each in done.items() if place != 150} == {1}


def test_tasks_given_ahead_do_not_wait_behind_a_long_one(pool, tmp_path):
    """The one that waits for the file would wait forever if the other stood behind it."""
    file = str(tmp_path / "file")
    tasks = [("give", n) for n in range(400)]
    tasks[200] = tasks[201] = ("until_there", file)
    tasks[-1] = ("note", file, "here")
    tasks[202:-1] = []
    with open_executor(workers=3) as three:
        done = by_place(three.run(BEHAVE, tasks))
    assert (done[200].value, done[201].value) == ("seen", "seen")


@given(st.lists(st.sampled_from(["give", "raise", "exit"]), max_size=8), st.integers(1, 3))
@settings(max_examples=8, deadline=None)
def test_every_task_is_answered_once(kinds, workers):
    tasks = [(kind, place) for place, kind in enumerate(kinds)]
    with open_executor(workers=workers) as pool:
        done = by_place(pool.run(BEHAVE, tasks, limits=Limits(retries=0)))
    found = [done[place].fault and done[place].fault.kind for place in range(len(tasks))]
    kinds_of = {"give": None, "raise": "error", "exit": "crash"}
    assert found == [kinds_of[kind] for kind in kinds]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("tests.executor.functions:nobody", "AttributeError"),
        ("tests.executor.nowhere:times", "ModuleNotFoundError"),
        ("nonsense", "ModuleNotFoundError"),
    ],
)
def test_a_function_that_is_not_there_is_the_error_of_each_task(pool, function, error):
    done = by_place(pool.run(function, range(3)))
    assert [done[n].fault.error for n in range(3)] == [error] * 3


def test_what_is_shared_must_pickle(pool):
    with pytest.raises(ParameterError, match="cannot be sent to workers"):
        pool.run(TIMES, [1], shared=lambda: 0)


# -- the end


def test_tasks_are_taken_as_workers_get_free(pool):
    taken = []

    def endless():
        for n in itertools.count():
            taken.append(n)
            yield n

    run = pool.run(TIMES, endless(), shared=1)
    assert len(list(itertools.islice(run, 50))) == 50
    assert len(taken) < 100
    run.close()


def test_a_run_left_early_ends_what_is_under_way(pool, tmp_path):
    tasks = [("give", 1), ("lasting", str(tmp_path / "pids"))]
    for _ in pool.run(BEHAVE, tasks):
        pids = numbers_in(tmp_path / "pids", 2)
        break
    assert gone(pids)
    assert by_place(pool.run(TIMES, [4], shared=2))[0].value == 8


def test_a_limit_ends_what_the_task_has_started(pool, tmp_path):
    tasks = [("lasting", str(tmp_path / "pids"))]
    done = by_place(pool.run(BEHAVE, tasks, limits=Limits(seconds=2)))
    assert done[0].fault.kind == "time"
    assert gone(numbers_in(tmp_path / "pids", 2))


def test_tasks_that_cannot_be_made_end_the_run(pool, tmp_path):
    def made():
        yield ("lasting", str(tmp_path / "pids"))
        yield from [("give", 1)] if numbers_in(tmp_path / "pids", 2) else []
        raise OSError("the list of tasks broke off")

    with pytest.raises(OSError, match="broke off"):
        list(pool.run(BEHAVE, made()))
    assert gone(numbers_in(tmp_path / "pids", 2))


def test_nothing_is_left_of_a_pool(tmp_path):
    before = children()
    with open_executor(workers=2) as pool:
        run = pool.run(BEHAVE, [("lasting", str(tmp_path / "pids")), ("give", 1), ("give", 2)])
        assert isinstance(next(run), Done)
        pids = numbers_in(tmp_path / "pids", 2)
        started = children() - before
        assert readers()
    assert set(pids) <= started
    assert gone(started)
    assert children() <= before
    assert not [thread for thread in readers() if thread.join(5) or thread.is_alive()]
    with pytest.raises(RuntimeError, match="closed"):
        list(pool.run(TIMES, [1]))


# -- what is asked for


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"workers": 0}, "workers=0"),
        ({"scheduler": "cluster"}, "local-cluster or tcp://host:port"),
        ({"scheduler": "http://localhost:8786"}, "scheduler http://localhost:8786 is unknown"),
        ({"scheduler": "tcp://localhost"}, "scheduler tcp://localhost is unknown"),
        ({"workers": 0, "lang": Language("zh")}, "没有工作进程"),
    ],
)
def test_what_cannot_be_opened_is_said(asked, words):
    with pytest.raises(ParameterError, match=words):
        open_executor(**asked)


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "workbench.executor.cluster", raising=False)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ParameterError, match=r'pip install "\.\[cluster\]"'):
        open_executor(scheduler="local-cluster")


@pytest.mark.parametrize(
    ("quota", "most"), [("100000 100000", 1), ("50000 100000", 1), ("max 100000", None)]
)
def test_workers_are_as_many_as_processors_allowed(quota, most, tmp_path, monkeypatch):
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    monkeypatch.setattr(interface, "_QUOTA", file)
    whole = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert available_cpus() == (most or whole)
