"""Pictures and printed pages of an HTML file by headless Chromium, for tests and for looking."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip


def chromium_path() -> str | None:
    """Return the browser on the PATH, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def shot(html: Path, png: Path, *, width: int = 1440, height: int = 900, scale: float = 1) -> Path:
    """Take a picture of the window."""
    size = f"--window-size={width},{height}"
    _run(html, f"--screenshot={png}", size, f"--force-device-scale-factor={scale}")
    return png


def print_pdf(html: Path, pdf: Path) -> int:
    """Print to PDF by the page rules of the style sheet; return the number of pages."""
    _run(html, f"--print-to-pdf={pdf}", "--no-pdf-header-footer")
    return len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes()))


def _run(html: Path, *arguments: str) -> None:
    browser = chromium_path()
    assert browser, "no Chromium on the PATH"
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *_FLAGS, f"--user-data-dir={profile}", *arguments, html.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
