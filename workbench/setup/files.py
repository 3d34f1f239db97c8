"""Files as they may be committed: small, and free of addresses that hold on one machine only."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

LARGEST = 4_000_000  # bytes; the sample company and the font stay below, file by file
# Folders of one machine, and addresses of package indexes: the user's own settings decide those.
# The brackets keep the pattern from finding itself.
_ONE_MACHINE = re.compile(
    r"(?<![\w./~-])/(?:wor[k]|roo[t]|hom[e]|tm[p])/[\w.-]+"
    r"|https?://[\w.-]*(?:pyp[i]|registr[y]|pythonhoste[d]|debia[n])[\w.-]*\.[\w./-]*"
)


def committed(root: Path) -> list[Path]:
    """Return the files of the checkout `root` that git knows and that still exist."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, encoding="utf-8", check=True
    )
    paths = (root / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def complaints(files: Iterable[Path]) -> list[str]:
    """Return what is wrong with files that are to be committed, one line each.

    Parameters
    ----------
    files : iterable of Path
        Any files; those that are not text are only weighed.

    Returns
    -------
    list of str
        "path: what", empty if all is well.
    """
    found = []
    for path in files:
        size = path.stat().st_size
        if size > LARGEST:
            found.append(f"{path}: {size / 1e6:.1f} MB, more than {LARGEST / 1e6:.0f} MB")
        else:
            found += [f"{path}: names {address}" for address in _addresses(path)]
    return found


def _addresses(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    return sorted({match.group() for match in _ONE_MACHINE.finditer(text)})
