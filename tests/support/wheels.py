"""Tiny wheels and a package index of them on this machine, for tests of the set-up."""

from __future__ import annotations

import hashlib
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class LocalIndex:
    """A simple index: `url`/simple/<name>/, all files under `url`/files/; `asked` is its log."""

    url: str
    folder: Path
    asked: list[str] = field(default_factory=list)

    def add(self, name: str, version: str, files: Mapping[str, str], *, script: str = "") -> str:
        """Put a wheel up; return its line for a lock."""
        wheel = make_wheel(self.folder / "files", name, version, files, script=script)
        page = self.folder / "simple" / name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        link = f'<a href="../../files/{wheel.name}">{wheel.name}</a>\n'
        page.write_text((page.read_text() if page.exists() else "") + link)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        return f"{name}=={version} \\\n    --hash=sha256:{digest}\n"


def make_wheel(
    folder: Path, name: str, version: str, files: Mapping[str, str], *, script: str = ""
) -> Path:
    """Write a wheel of text files; `script` is an entry point (`uv = module:main`)."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = f"{stem}.dist-info"
    content = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{script}\n" if script else "",
    }
    content[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in [*content, f"{info}/RECORD"])
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in content.items():
            archive.writestr(path, text)
    return wheel


@contextmanager
def serve(folder: Path) -> Iterator[LocalIndex]:
    """Serve an empty index on a free port; it answers as a proxy for any host, too."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.path = urlsplit(self.path).path
            super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    for name in ("files", "simple"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *arguments: Handler(*arguments, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield LocalIndex(f"http://127.0.0.1:{server.server_port}", folder, asked)
    finally:
        server.shutdown()
        server.server_close()
