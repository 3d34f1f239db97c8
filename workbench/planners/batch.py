"""A run of a study beside the planner, in a process of its own, with progress.

`python -m workbench.planners.batch` reads what to run as JSON and tells how far it is, a line of
JSON at a time: {"done": 3, "all": 21}, then {"run": "NAME/ID"} or {"error": ..., "do": ...}.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Told = Callable[[dict[str, Any]], None]


@dataclass
class BatchRun:
    """A run that has been started."""

    process: subprocess.Popen[str]

    def cancel(self) -> None:
        """End it; what it had written stays as an unfinished run."""
        self.process.terminate()


def start(
    study: str,
    values: Mapping[str, Any],
    *,
    project: Path,
    company: Path,
    lang: str,
    tags: Iterable[str],
    told: Told,
) -> BatchRun:
    """Start a run and return at once; `told` hears each line, at the end once with "ended"."""
    asked = {
        "study": study,
        "values": dict(values),
        "project": str(project),
        "company": str(company),
        "lang": lang,
        "tags": list(tags),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "workbench.planners.batch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(asked))
    process.stdin.close()
    threading.Thread(target=_listen, args=(process, told), daemon=True).start()
    return BatchRun(process)


def _listen(process: subprocess.Popen[str], told: Told) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            told(json.loads(line))
    told({"ended": process.wait()})


def main() -> int:
    """Run what standard input asks for; the exit status is 0 where the run finished."""
    from workbench.errors import WorkbenchError
    from workbench.studies import run_study
    from workbench.studies.runs import REPORT

    asked = json.load(sys.stdin)
    try:
        run = run_study(
            asked["study"],
            values=asked["values"],
            project=asked["project"],
            company=asked["company"],
            lang=asked["lang"],
            tag=asked["tags"],
            on_cell=lambda done, whole: _tell({"done": done, "all": whole}),
        )
    except WorkbenchError as error:
        _tell({"error": error.message, "do": error.do or ""})
        return 1
    _tell({"run": f"{run.study}/{run.id}", "report": f"{run.study}/{run.id}/{REPORT}"})
    return 0


def _tell(line: Mapping[str, Any]) -> None:
    print(json.dumps(line, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    sys.exit(main())
