"""PNG of the figures of a run, made here while the notebook goes on in its kernel."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_PAUSE = 0.1
#: Pictures of 50 to 300 kB that a process keeps: many charts of a study stay as they are from one
#: run to the next.
_KEPT = 64
_NEEDED = (
    "workbench.report.notebook",
    "workbench.report.labels",
    "workbench.report.xlsx",
    "pyarrow.parquet",
    "jinja2",
)


class Pictures:
    """Makes a PNG beside each SVG that appears in a folder, in a thread of its own.

    The thread also imports what the report and the workbook need, as the runner is idle then.

    Parameters
    ----------
    folder : Path
        Need not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._over = threading.Event()
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def __enter__(self) -> Pictures:
        return self

    def __exit__(self, *_: object) -> None:
        """Make the pictures still to be made; raise what went wrong."""
        self._over.set()
        self._thread.join()
        if self._fault is not None:
            raise self._fault

    def _work(self) -> None:
        try:
            _prepare()
            over = False
            while not over:
                over = self._over.wait(_PAUSE)
                for drawing in self._open():
                    _picture(drawing)
        except Exception as error:  # told in the thread that waits
            self._fault = error

    def _open(self) -> Iterable[Path]:
        drawings = sorted(self.folder.glob("*.svg")) if self.folder.is_dir() else []
        return [path for path in drawings if not path.with_suffix(".png").exists()]


def _prepare() -> None:
    for name in _NEEDED:
        importlib.import_module(name)


def _picture(drawing: Path) -> None:
    drawing.with_suffix(".png").write_bytes(_drawn(drawing.read_text(encoding="utf-8")))


@lru_cache(_KEPT)
def _drawn(source: str) -> bytes:
    from workbench.charts.render import svg_png

    return svg_png(source)
