"""Where packages come from: what the user told pip or uv is told to the other as well.

uv installs, pip brings uv. uv does not read pip's variables or `pip.conf`, and pip does not read
uv's; many networks are reached only through a mirror or a proxy that is set in one of the two.
Each tool keeps what it was told itself; the other's word fills the gaps.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

# pip's settings by the uv variables of the same meaning; values with several parts are
# separated by spaces, but for `find-links` in uv (commas).
_SAME = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_EXTRA_INDEX_URL",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
}
# Older or other names that uv reads for the same setting: where one is set, pip's is not needed.
_ALSO = {
    "UV_DEFAULT_INDEX": ("UV_INDEX_URL",),
    "UV_EXTRA_INDEX_URL": ("UV_INDEX",),
    "ALL_PROXY": ("all_proxy", "HTTPS_PROXY", "https_proxy"),
    "SSL_CERT_FILE": ("SSL_CERT_DIR",),
}
_FALSE = {"", "0", "false", "no", "off"}


def pip_settings(python: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings in force for `pip install`: variables, user's and machine's files.

    Parameters
    ----------
    python : Path
        Interpreter whose pip is asked.
    environ : mapping
        Environment of that pip.

    Returns
    -------
    dict
        Value by long option name (`index-url`), several parts separated by one space.
        Empty if pip cannot be asked.
    """
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"],
        env=dict(environ),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return parse_pip_config(listed.stdout)


def parse_pip_config(listing: str) -> dict[str, str]:
    """Read what `pip config list` prints: `section.name='value'`, a line each.

    A variable goes before the section of `install`, that before `global`; sections of other pip
    commands are left out.
    """
    found: dict[str, tuple[int, str]] = {}
    order = ("global", "install", ":env:")
    for section, name, quoted in re.findall(r"(?m)^([\w:-]+)\.([\w-]+)=(.*)$", listing):
        if section not in order:
            continue
        name = {"default-timeout": "timeout"}.get(name, name)
        rank = order.index(section)
        if rank >= found.get(name, (0, ""))[0]:
            found[name] = rank, " ".join(str(ast.literal_eval(quoted)).split())
    return {name: value for name, (_, value) in found.items() if value}


def for_uv(environ: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for uv: the user's, gaps filled from pip's settings."""
    env = {**environ, "UV_PYTHON_DOWNLOADS": "never"}
    for name, variable in _SAME.items():
        value = pip.get(name, "")
        if name == "find-links":
            value = value.replace(" ", ",")
        if name == "cert":
            value = value or environ.get("REQUESTS_CA_BUNDLE", "")
        if value and not any(env.get(other) for other in (variable, *_ALSO.get(variable, ()))):
            env[variable] = value
    if env.get("UV_EXTRA_INDEX_URL") or env.get("UV_INDEX"):
        # pip looks into all indexes alike, uv stops at the first that knows a name. The hashes of
        # the lock keep impostors out, so the wider search is safe here.
        env.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return env


def uv_options(pip: Mapping[str, str]) -> list[str]:
    """Return the options of uv for those settings of pip that no uv variable has."""
    return [] if pip.get("no-index", "").lower() in _FALSE else ["--no-index"]


def for_pip(environ: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for pip: the user's, gaps filled from uv's variables."""
    env = {**environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for name, variable in _SAME.items():
        names = (variable, *_ALSO.get(variable, ()))
        value = next((environ[key] for key in names if environ.get(key)), "")
        # pip reads the proxy variables itself, and a folder of certificates is no bundle
        if name in pip or not value or name == "proxy" or Path(value).is_dir():
            continue
        if name == "find-links":
            value = value.replace(",", " ")
        if name in ("index-url", "extra-index-url"):
            value = " ".join(re.sub(r"^[\w.-]+=", "", part) for part in value.split())
        env["PIP_" + name.upper().replace("-", "_")] = value
    return env


def for_lock(environ: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for making the lock: uv's, with the main index alone.

    Extra indexes and folders of wheels hold what one machine needs; the hashes of the lock must
    be those that everybody gets.
    """
    only_here = {"UV_EXTRA_INDEX_URL", "UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY"}
    return {key: value for key, value in for_uv(environ, pip).items() if key not in only_here}
