"""The program that uses an executor is interrupted, or killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.executor import loop
from tests.executor.support import gone, numbers_in

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals to a process group")


@pytest.fixture
def program(tmp_path, request):
    """The loop, under way, in a process group as a terminal would give it."""
    (tmp_path / "temporary").mkdir()
    process = subprocess.Popen(
        [sys.executable, loop.__file__, str(tmp_path / "pids"), *request.param],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=Path(loop.ROOT),
        env=os.environ | {"TMPDIR": str(tmp_path / "temporary")},
        text=True,
        start_new_session=True,
        # a shell that started this in the background has it ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        assert process.stdout.readline() == "under way\n", process.stderr.read()
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def offspring(program, tmp_path):
    numbers_in(tmp_path / "pids", 2)
    below = {process.pid for process in psutil.Process(program.pid).children(recursive=True)}
    assert set(numbers_in(tmp_path / "pids", 2)) <= below
    return below


@pytest.mark.parametrize("program", [[], ["local-cluster"]], indirect=True)
def test_ctrl_c_ends_the_program_and_all_it_started(program, tmp_path):
    below = offspring(program, tmp_path)
    os.killpg(program.pid, signal.SIGINT)  # as a terminal does
    _, said = program.communicate(timeout=30)
    assert program.returncode == -signal.SIGINT
    assert said.strip().endswith("KeyboardInterrupt")
    assert gone(below)
    assert not list((tmp_path / "temporary").iterdir())


@pytest.mark.parametrize("program", [[], ["local-cluster"]], indirect=True)
def test_a_program_killed_takes_along_all_it_started(program, tmp_path):
    below = offspring(program, tmp_path)
    program.kill()
    program.wait()
    assert gone(below, seconds=30)


@pytest.mark.parametrize("program", [[]], indirect=True)
def test_the_kill_of_a_whole_group_leaves_nobody_and_nothing(program, tmp_path):
    below = offspring(program, tmp_path)
    os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    assert gone(below)
    assert not list((tmp_path / "temporary").iterdir())
