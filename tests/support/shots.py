"""Pictures and printed pages of an HTML file by headless Chromium, for tests and for looking."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--hide-scrollbars",
)  # fmt: skip


def chromium_path() -> str | None:
    """Return the browser on the PATH, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


@dataclass
class Tab:
    """A page in the browser that can be asked about what it shows."""

    page: Any

    @classmethod
    @contextmanager
    def opened(cls, browser: str) -> Iterator[Tab]:
        """Start the browser and open an empty tab."""
        from playwright.sync_api import sync_playwright

        with sync_playwright() as driver:
            started = driver.chromium.launch(executable_path=browser, args=list(_FLAGS[1:]))
            try:
                yield cls(started.new_page())
            finally:
                started.close()

    def show(
        self, html: str, *, width: int, height: int, scheme: str = "light", media: str = "screen"
    ) -> None:
        """Show a document in a window of a size, in the system's light or dark."""
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.emulate_media(color_scheme=scheme, media=media)
        self.page.set_content(html, wait_until="load")

    def ask(self, script: str) -> Any:
        """Return the value of a JavaScript expression."""
        return self.page.evaluate(script)


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
