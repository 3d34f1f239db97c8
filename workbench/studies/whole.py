"""Files that are there whole or not at all: written under another name, then renamed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, making its folder where there is none; a fault leaves nothing half done."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}-{os.getpid()}.partial")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def write_json(path: Path, content: Any) -> None:
    """Write a file of JSON so."""
    write_whole(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
