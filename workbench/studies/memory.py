"""Memory of a process: its peak, as the system counts it, and a pause of its garbage collection."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_MB = 1024 * 1024


def peak_memory_mb(process: int | None = None) -> float | None:
    """Peak of the memory a process has held, MB.

    Parameters
    ----------
    process : int, optional
        Its id; this one where none is given.

    Returns
    -------
    float or None
        None where the process has ended. Where the system keeps no peak of other processes
        (macOS), what it holds now.
    """
    number = process or os.getpid()
    status = Path(f"/proc/{number}/status")
    if status.parent.parent.is_dir() and sys.platform == "linux":
        return _from_status(status)
    return _from_psutil(number)


def forget_peak() -> None:
    """Begin a new peak of this process, where the system can: each of many runs has its own."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


@contextlib.contextmanager
def all_kept() -> Iterator[None]:
    """Collect no garbage while many objects are made that stay: each time all are looked at."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _from_status(status: Path) -> float | None:
    try:
        lines = status.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return None
    for line in lines:  # a process that has ended, and nobody has asked how, holds nothing
        if line.startswith("VmHWM:"):
            return round(int(line.split()[1]) / 1024, 1)
    return None


def _from_psutil(number: int) -> float | None:
    import psutil

    try:
        held = psutil.Process(number).memory_info()
    except psutil.Error:
        return None
    return round(getattr(held, "peak_wset", held.rss) / _MB, 1)
