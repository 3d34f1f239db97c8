"""What workers are told to do in tests: `function(shared, task)`."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

FILLED = "import time; filled = bytearray({mb} << 20); print(flush=True); time.sleep(60)"


def times(shared, task):
    return shared * task


def draws(shared, task):
    from workbench.scenarios import streams  # numpy, which the others need not load

    seed, name = task
    return streams(seed)[name].normal(size=shared).tolist()


def behave(shared, task):
    """A task is what to do and, where that needs it, with what."""
    what, *more = task
    return BEHAVIOURS[what](*more)


def note(path, text):
    with Path(path).open("a") as file:
        file.write(f"{text}\n")


def lasting(path):
    """Start a process in a session of its own, as kernels are, note it and wait."""
    code = "import time; time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    note(path, os.getpid())
    note(path, child.pid)
    time.sleep(60)


def until_there(path):
    """Wait for a file that another task writes."""
    until = time.monotonic() + 30
    while not Path(path).exists():
        if time.monotonic() > until:
            raise TimeoutError("nobody wrote the file")
        time.sleep(0.01)
    return "seen"


def die_once(path):
    if Path(path).exists():
        return "alive"
    note(path, "died")
    os._exit(1)


def fill_a_child(mb):
    child = subprocess.Popen([sys.executable, "-c", FILLED.format(mb=mb)], stdout=subprocess.PIPE)
    child.stdout.readline()
    time.sleep(60)


def fill(mb):
    return len(bytearray(mb << 20)) and None


def fill_and_wait(mb):
    filled = bytearray(mb << 20)
    time.sleep(60)
    return filled


def say(words):
    print(words, flush=True)
    os.write(1, words.encode() * 1000)
    print(words, file=sys.stderr)
    return sys.stdin.read()


def raise_(message):
    raise LookupError(message)


class Unreadable:
    """Pickles, and is an error to read."""

    def __reduce__(self):
        return raise_, ("not to be read",)


class Speechless(Exception):
    def __str__(self):
        raise ValueError("no words")


class Counted:
    """Notes each time it is read from its pickle."""

    def __init__(self, path):
        self.path = str(path)

    def __setstate__(self, state):
        self.__dict__.update(state)
        note(self.path, os.getpid())


def speechless():
    raise Speechless


def path_of(shared, task):
    return shared.path


def setting_of(shared, task):
    return os.environ["OMP_NUM_THREADS"], os.environ["PYTHONHASHSEED"], os.environ["TMPDIR"]


BEHAVIOURS = {
    "give": lambda value: value,
    "raise": raise_,
    "speechless": speechless,
    "leave": sys.exit,
    "exit": os._exit,
    "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "segfault": lambda: ctypes.string_at(0),
    "sleep": time.sleep,
    "fill": fill,
    "fill_and_wait": fill_and_wait,
    "fill_a_child": fill_a_child,
    "unsendable": lambda: lambda: None,
    "unreadable": Unreadable,
    "say": say,
    "note": note,
    "lasting": lasting,
    "die_once": die_once,
    "until_there": until_there,
}
