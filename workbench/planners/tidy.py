"""Garbage collection that comes while nobody waits.

Python looks through all objects of a process when enough new ones have come. In a kernel that holds
a company's data and a prepared study that takes 0.2 to 0.5 s, in the middle of some move of a
slider. So what stands after a planner has been still for a while is collected once and then left
out (`gc.freeze`); the collections that follow look through what came since.

All of a process is meant: only for kernels that show a planner and do nothing else.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

#: Seconds without an answer after which a planner is taken to be at rest.
REST = 1.0
#: Old objects that are worth the effort; looking through fewer takes some 10 ms.
MANY = 20_000


def tidy(*, many: int = MANY) -> bool:
    """Collect garbage and leave out what stands, where many objects are not left out yet.

    What was left out before is looked through as well, so that nothing is kept for good.

    Returns
    -------
    bool
        Whether it was worth it.
    """
    if len(gc.get_objects(generation=2)) < many:
        return False
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return True


@dataclass
class Tidier:
    """Calls `tidy` when nothing has happened for a while.

    Attributes
    ----------
    working : callable
        Whether something is still computed.
    rest : float
        Seconds without `moved`.
    """

    working: Callable[[], bool]
    rest: float = REST
    _until: float = 0.0
    _timer: threading.Timer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def moved(self) -> None:
        """Something happened: wait anew."""
        with self._lock:
            self._until = time.monotonic() + self.rest
            if self._timer is None:
                self._wait(self.rest)

    def _wait(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._look)
        self._timer.daemon = True
        self._timer.start()

    def _look(self) -> None:
        with self._lock:
            left = self.rest if self.working() else self._until - time.monotonic()
            if left > 0:
                self._wait(left)
                return
            self._timer = None
        tidy()
