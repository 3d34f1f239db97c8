"""What all tests share: reproducible examples, no network, and the browser."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support.shots import chromium_path

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
NO_BROWSER = "no browser found; install one: sudo apt-get install chromium"

# The same examples on every run: a failure is the change's, and a second run shows it again.
settings.register_profile("dev", derandomize=True, deadline=None, database=None, max_examples=50)
settings.register_profile("ci", settings.get_profile("dev"), max_examples=100)
settings.load_profile("ci" if IN_CI else "dev")


def pytest_report_header() -> str:
    """Say at the start whether browser tests will run."""
    return f"browser: {chromium_path() or NO_BROWSER}"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a Chromium; without one the test is skipped, and in CI it fails."""
    path = chromium_path()
    if path is None:
        (pytest.fail if IN_CI else pytest.skip)(NO_BROWSER)
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """Socket folder of a PostgreSQL started for the tests; without one as for `chromium`."""
    from tests.support import postgres as server

    programs = server.server_programs()
    if programs is None:
        (pytest.fail if IN_CI else pytest.skip)(server.NO_SERVER)
    with server.running(programs) as folder:
        yield folder


@pytest.fixture(autouse=True, scope="session")
def _only_this_machine() -> Iterator[None]:
    """Refuse connections that leave the machine: nothing here may need a network."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            host = str(address[0])
            assert host in ("localhost", "::1") or host.startswith("127."), f"connects to {host}"
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield
