from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.loaders.live.servers import Clock, System
from workbench.loaders.live import Pulled, pull

Puller = Callable[..., Pulled]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def line() -> Iterator[httpx.Client]:
    """One client for all, as making one reads the certificates of the world."""
    with httpx.Client(timeout=10, trust_env=False) as client:
        yield client


@pytest.fixture
def pulling(tmp_path: Path, clock: Clock, line: httpx.Client) -> Puller:
    """Pulls into a folder of the test, on the clock of the test."""

    def run(target: str, system: System, **options: Any) -> Pulled:
        ours = {"client": line, "env": system.env, "sleep": clock.sleep, "now": clock}
        options = {**ours, **options}
        return pull(target, into=tmp_path, **options)

    return run


def lines(path: Path) -> list[dict[str, Any]]:
    """Records of a pulled file; its first line says what it is."""
    head, *records = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    assert head["_system"] in ("zoho", "fxiaoke")
    return records
