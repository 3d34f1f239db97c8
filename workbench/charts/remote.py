"""Drawing by another process: a kernel that comes and goes need not start the engine for itself.

The engine takes half a second of work to start, and must not be started in a process that is
going to fork. A process that stays offers its own to those it has started: it listens at a socket
of the file system, whose path they find in their environment. `render.py` looks there.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import socket
import tempfile
import threading
from collections.abc import Callable
from functools import lru_cache
from multiprocessing.connection import Client, Connection
from pathlib import Path
from typing import Any, Protocol

#: Environment variable: path of the socket at which drawings are made.
ADDRESS = "WORKBENCH_DRAWINGS"

#: Drawings and pictures that a service keeps, of some 30 kB each; a run makes about a hundred.
KEPT = 400

_DONE, _FAILED = b"\0", b"\1"


class Engine(Protocol):
    """What draws: the functions of vl-convert that `render.py` calls."""

    def vegalite_to_svg(self, vl_spec: str, *, config: dict[str, Any]) -> str:
        """Draw a chart given as JSON."""

    def svg_to_png(self, svg: str, *, scale: float) -> bytes:
        """Turn an SVG into a picture, `scale` pixels a unit."""


class Drawings:
    """A service that draws for other processes, in threads of this one.

    The same request is drawn once: a chart goes to the page and to a file, and many charts of a
    study stay as they are where one parameter changes.

    Parameters
    ----------
    engine : callable
        Gives the engine; called when the first drawing is asked for, and for each after it.
    """

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="workbench-drawings-")
        self.address = str(Path(self._folder.name) / "socket")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.address)
        self._listener.listen()
        self._wake, self._woken = socket.socketpair()
        self._engine = engine
        self._draw = lru_cache(KEPT)(self._drawn)
        self._closed = False
        self._busy = threading.Lock()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def close(self) -> None:
        """Draw no more; once more does nothing."""
        if self._closed:
            return
        self._closed = True
        atexit.unregister(self.close)
        self._wake.close()
        self._thread.join()
        self._woken.close()
        self._listener.close()
        self._folder.cleanup()

    def __enter__(self) -> Drawings:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._listener, self._woken], [], [])
            if self._woken in ready:
                return
            with contextlib.suppress(OSError):  # one that hung up at once is no reason to stop
                accepted, _ = self._listener.accept()
                connection = Connection(accepted.detach())
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: Connection) -> None:
        with connection, contextlib.suppress(EOFError, OSError):
            while True:
                request = json.loads(connection.recv_bytes())
                try:
                    answer = _DONE + self._draw(*request)
                except Exception as error:  # told where the drawing is wanted
                    answer = _FAILED + str(error).encode()
                connection.send_bytes(answer)

    def _drawn(self, wanted: str, source: str, how: str) -> bytes:
        with self._busy:
            if wanted == "svg":
                return self._engine().vegalite_to_svg(source, config=json.loads(how)).encode()
            return self._engine().svg_to_png(source, scale=json.loads(how))


class Remote:
    """The engine of another process, called like one of this process.

    Parameters
    ----------
    address : str
        Path of the socket of `Drawings`.

    Raises
    ------
    OSError
        If nobody listens there.
    """

    def __init__(self, address: str) -> None:
        self._connection = Client(address, family="AF_UNIX")
        self._busy = threading.Lock()

    def vegalite_to_svg(self, vl_spec: str, *, config: dict[str, Any]) -> str:
        """Draw a chart given as JSON; ValueError with the engine's words if it is none."""
        return self._ask("svg", vl_spec, json.dumps(config)).decode()

    def svg_to_png(self, svg: str, *, scale: float) -> bytes:
        """Turn an SVG into a picture; ValueError with the engine's words if it is none."""
        return self._ask("png", svg, json.dumps(scale))

    def _ask(self, *request: str) -> bytes:
        with self._busy:
            self._connection.send_bytes(json.dumps(request).encode())
            answer = self._connection.recv_bytes()
        if answer[:1] == _FAILED:
            raise ValueError(answer[1:].decode())
        return answer[1:]


def remote_engine() -> Remote | None:
    """Return the engine that the environment names; None where it names none that answers."""
    address = os.environ.get(ADDRESS)
    if not address:
        return None
    try:
        return Remote(address)
    except OSError:
        return None
