"""Pairs of ways to do one job, each run in a process of its own, in turn, at least five times.

A way is a function that gets ready (imports, files) and returns the function that is timed; it
is run as `python -m benchmarks.MODULE --run NAME`, so that its peak memory is its own. What the
timed function returns is printed as JSON; ways of one job must agree on it, or the benchmark
fails.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "RESULTS.md"
REPEATS = 5


@dataclass(frozen=True)
class Job:
    """One job, done by several ways; the first is ours, ratios are against it.

    Attributes
    ----------
    title : str
        What is done, with its size.
    ways : dict of name to function
        Each gets ready and returns the function to be timed, which returns something JSON can
        hold: what the ways must agree on.
    goal : str
        What was aimed at, in words.
    repeats : int or None
        Fewer than asked for, where one run takes minutes; said beside the table.
    key : str
        Where given, the job has a section of its own in the results, with its own commit, date and
        load, so that jobs can be measured one by one.
    """

    title: str
    ways: dict[str, Callable[[], Callable[[], object]]]
    goal: str = ""
    repeats: int | None = None
    key: str = ""


def run_one(way: Callable[[], Callable[[], object]]) -> dict[str, object]:
    """Get a way ready, call it, and tell its seconds, peak memory and answer."""
    function = way()
    wall, cpu = time.perf_counter(), time.process_time()
    answer = function()
    return {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "answer": answer,
    }


def main(module: str, jobs: list[Job], prepare: Callable[[], None] | None = None) -> None:
    """Command line of a benchmark module: measure all jobs, or `--run` one way."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--run", help="job number and way, such as 0:ours (used internally)")
    parser.add_argument("--only", type=int, nargs="+", help="numbers of the jobs to measure")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--save", action="store_true", help=f"write to {RESULTS.name}")
    options = parser.parse_args()
    if options.run:
        number, way = options.run.split(":", 1)
        print(json.dumps(run_one(jobs[int(number)].ways[way])))
        return
    if prepare:  # apart, because a child's peak memory begins with that of its parent
        worker = multiprocessing.get_context("spawn").Process(target=prepare)
        worker.start()
        worker.join()
    load = os.getloadavg()[0]
    together = []
    for number, job in enumerate(jobs):
        if number not in (options.only or [number]):
            continue
        before = os.getloadavg()[0]
        text = _measure(module, number, job, options.repeats)
        print(text)
        if not job.key:
            together.append(text)
        elif options.save:
            how = f"{job.repeats or options.repeats} repeats in turn"
            save(
                f"{module}_{job.key}", text, load=before, how=how, asked=f"{module} --only {number}"
            )
    if options.save and together:
        text = "\n\n".join(together)
        save(module, text, load=load, how=f"{options.repeats} repeats in turn")


def _measure(module: str, number: int, job: Job, repeats: int) -> str:
    runs: dict[str, list[dict[str, object]]] = {way: [] for way in job.ways}
    for _ in range(job.repeats or repeats):
        for way in job.ways:
            command = [sys.executable, "-m", module, "--run", f"{number}:{way}"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"{way} failed:\n{done.stderr}")
            runs[way].append(json.loads(done.stdout.splitlines()[-1]))
    answers = {way: run[0]["answer"] for way, run in runs.items()}
    if len({json.dumps(answer) for answer in answers.values()}) > 1:
        raise SystemExit(f"{job.title}: the ways do not agree: {answers}")
    return _table(job, runs)


def _table(job: Job, runs: dict[str, list[dict[str, object]]]) -> str:
    first = next(iter(runs))
    answer = runs[first][0]["answer"]
    told = (
        f"All ways give {json.dumps(answer)}." if len(runs) > 1 else f"Made: {json.dumps(answer)}."
    )
    lines = [
        f"### {job.title}",
        "",
        *([f"Aim: {job.goal}. "] if job.goal else []),
        told + (f" Measured {job.repeats} time." if job.repeats else ""),
        "",
        "| way | wall s, median (min–max) | cpu s | peak MB | time against the first |",
        "|---|---|---|---|---|",
    ]
    for way, rows in runs.items():
        wall = [float(row["wall"]) for row in rows]
        ratios = [
            float(row["wall"]) / float(own["wall"])
            for row, own in zip(rows, runs[first], strict=True)
        ]
        cpu = statistics.median(float(row["cpu"]) for row in rows)
        peak = statistics.median(float(row["peak_mb"]) for row in rows)
        lines.append(
            f"| {way} | {statistics.median(wall):.2f} ({min(wall):.2f}–{max(wall):.2f}) "
            f"| {cpu:.2f} | {peak:.0f} | {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f}–{max(ratios):.2f}) |"
        )
    return "\n".join(lines)


def save(module: str, text: str, *, load: float, how: str, asked: str = "") -> None:
    """Write a section of RESULTS.md with command, commit, load and how it was measured.

    `asked` is what the command ran where that is not the name of the section.
    """
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    ).stdout.strip()
    mark = f"<!-- {module} -->"
    section = "\n".join(
        [
            mark,
            f"## {module.removeprefix('benchmarks.')}",
            "",
            f"`python -m {asked or module} --save`, commit {commit}, {dt.date.today()}, "
            f"Python {platform.python_version()}, {os.cpu_count()} cores, "
            f"load before {load:.2f}, {how}.",
            "",
            text,
            f"<!-- end {module} -->",
        ]
    )
    whole = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Benchmark results\n"
    end = f"<!-- end {module} -->"
    if mark in whole:
        before, rest = whole.split(mark, 1)
        whole = before + section + rest.split(end, 1)[1]
    else:
        whole = whole.rstrip("\n") + "\n\n" + section + "\n"
    RESULTS.write_text(whole, encoding="utf-8")
