"""Data brought to the app: a file, imported into a company of its own, with the import's report.

The import is the command `workbench import` in a process of its own, so that a file nobody can read
harms nobody else. The company's name is 128 random bits; whoever has it sees it, nobody else does.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any

from workbench.report.html import element, text
from workbench.text import Language

LARGEST = 50_000_000
#: Seconds an import may take.
PATIENCE = 600
KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")


async def bring(data: bytes, name: str, *, into: Path, lang: Language, base: str) -> dict[str, Any]:
    """Import a file that was brought.

    Parameters
    ----------
    data : bytes
    name : str
        Of the file, as its owner calls it.
    into : Path
        Folder of all that is brought.
    lang : Language
    base : str
        Address of the app.

    Returns
    -------
    dict
        "fault", words; or "status" (that of the command), "words", "company" and "links" (HTML).
    """
    shown = safe_name(name)
    fault = refusal(data, shown, lang)
    if fault:
        return {"fault": fault}
    company = secrets.token_hex(16)
    folder = into / company / "company"
    folder.mkdir(parents=True)
    file = into / company / shown
    file.write_bytes(data)
    status, told = await _import(file, folder, lang)
    report = next(iter(sorted(folder.glob("imports/**/report.html"))), None)
    if report is None:
        return {"fault": told or lang.say("The file could not be read.")}
    address = f"{base}workbench/uploads/{report.relative_to(into).as_posix()}"
    words = {
        0: lang.say("Imported, nothing refused. Plan on it:"),
        3: lang.say("Nothing in this file could be used; the report says why."),
    }
    link = element("a", text(lang.say("Open the import report")), href=address, target="_blank")
    return {
        "status": status,
        "words": words.get(status, lang.say("Imported; the report lists what was refused.")),
        "company": company,
        "links": f"<p>{link}</p>",
    }


def refusal(data: bytes, name: str, lang: Language) -> str:
    """Say why a file is not taken; "" where it is."""
    if len(data) > LARGEST:
        words = lang.say(
            "FILE is larger than {size} MB; import it with: workbench import FILE --into FOLDER",
            size=LARGEST // 10**6,
        )
        return words.replace("FILE", name)
    if not data:
        return lang.say("The file is empty.")
    if Path(name).suffix.lower() not in KINDS:
        return lang.say("Bring a CSV or an XLSX file.")
    return ""


async def _import(file: Path, folder: Path, lang: Language) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "workbench", "import", str(file), "--into", str(folder),
        "--lang", lang.code,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    try:
        _, written = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        process.kill()
        return 1, lang.say("The import took too long; use the command workbench import.")
    words = written.decode("utf-8", "replace").strip()
    return process.returncode or 0, re.sub(r"\S*/(?=[^/\s]+)", "", words)


def safe_name(name: str) -> str:
    """Return a file's name without folders and odd signs."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return re.sub(r"[^\w.\- ]+", "_", last).strip(". ") or "data.csv"
