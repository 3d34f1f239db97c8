"""A PostgreSQL of our own for tests: started in a temporary folder, reached by a local socket.

Debian keeps the programs out of the PATH, and `initdb` refuses to run as root; then the server
runs as the package's own user, in a folder that belongs to it.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

NO_SERVER = "no PostgreSQL found; install it: sudo apt-get install postgresql"

DATABASE = "postgres"
OWNER = "tester"


def server_programs() -> Path | None:
    """Folder of initdb and postgres, the newest version there is; None without one."""
    debian = Path("/usr/lib/postgresql")
    versions = [path for path in debian.glob("*/bin") if (path / "initdb").exists()]
    if versions:
        return max(versions, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def url_of(socket: Path, *, user: str = OWNER, password: str = "") -> str:
    """Address of the server in SQLAlchemy's form."""
    secret = f":{quote(password, safe='')}" if password else ""
    return f"postgresql://{user}{secret}@/{DATABASE}?host={quote(str(socket), safe='')}"


@contextmanager
def running(programs: Path) -> Iterator[Path]:
    """Start a server without any port; yields the folder of its socket; stops it at the end."""
    folder = Path(tempfile.mkdtemp(prefix="wb-pg-", dir="/tmp"))  # a socket's path must be short
    owner = _server_user()
    try:
        if owner:
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = folder / "data"
        _make(programs, data, folder / "initdb.log", owner)
        with (folder / "server.log").open("w") as log:
            server = _start(programs, data, folder, log.fileno(), owner)
        try:
            _wait(folder, server)
            yield folder
        finally:
            server.send_signal(2)  # fast shutdown: sessions are ended, files left whole
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_user() -> pwd.struct_passwd | None:
    """Whom to run the server as; None: as we are."""
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else None


def _as(owner: pwd.struct_passwd | None) -> dict[str, object]:
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def _make(programs: Path, data: Path, log: Path, owner: pwd.struct_passwd | None) -> None:
    command = [
        programs / "initdb", "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync",
    ]  # fmt: skip
    made = subprocess.run(
        [str(part) for part in command],
        cwd=data.parent,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        **_as(owner),  # type: ignore[call-overload]
    )
    log.write_text(made.stdout + made.stderr)
    assert made.returncode == 0, made.stderr


def _start(
    programs: Path, data: Path, socket: Path, log: int, owner: pwd.struct_passwd | None
) -> subprocess.Popen[bytes]:
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(socket),
        "fsync": "off",
        "shared_buffers": "16MB",
        "max_connections": "10",
        "timezone": "Asia/Shanghai",
    }
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [str(programs / "postgres"), "-D", str(data), *options],
        cwd=data.parent,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        stdout=log,
        stderr=log,
        **_as(owner),  # type: ignore[call-overload]
    )


def _wait(socket: Path, server: subprocess.Popen[bytes], *, seconds: float = 30) -> None:
    import psycopg

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert server.poll() is None, (socket / "server.log").read_text()
        try:
            psycopg.connect(host=str(socket), user=OWNER, dbname=DATABASE).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise AssertionError("PostgreSQL did not answer: " + (socket / "server.log").read_text())
