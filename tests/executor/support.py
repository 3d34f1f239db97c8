"""What tests of executors ask of processes."""

import threading
import time

import psutil

BEHAVE = "tests.executor.functions:behave"
TIMES = "tests.executor.functions:times"
DRAWS = "tests.executor.functions:draws"


def by_place(done):
    done = list(done)
    places = {each.place: each for each in done}
    assert len(places) == len(done)
    return places


def children():
    return {process.pid for process in psutil.Process().children(recursive=True)}


def gone(pids, seconds=10):
    """Whether processes end within some seconds."""
    until = time.monotonic() + seconds
    while any(_lives(pid) for pid in pids):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def readers():
    return [thread for thread in threading.enumerate() if "_read" in thread.name]


def _lives(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def numbers_in(path, count, seconds=20):
    """Numbers that tasks note in a file, once there are as many."""
    until = time.monotonic() + seconds
    while not path.exists() or len(path.read_text().split()) < count:
        assert time.monotonic() < until, "the tasks noted nothing"
        time.sleep(0.02)
    return [int(word) for word in path.read_text().split()]
