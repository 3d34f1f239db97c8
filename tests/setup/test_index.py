"""Pip's settings told to uv, and uv's to pip."""

from __future__ import annotations

import pytest

from workbench.setup import index

LISTING = """\
:env:.default-timeout='30'
:env:.index-url='https://variable.example/simple'
download.index-url='https://download.example/simple'
global.cert='/certs/own.pem'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.index-url='https://file.example/simple'
install.trusted-host='one.example'
"""


def test_the_nearest_of_pips_settings_counts() -> None:
    assert index.parse_pip_config(LISTING) == {
        "timeout": "30",
        "index-url": "https://variable.example/simple",
        "cert": "/certs/own.pem",
        "extra-index-url": "https://one.example/simple https://two.example/simple",
        "trusted-host": "one.example",
    }


def test_no_settings_are_no_settings() -> None:
    assert index.parse_pip_config("") == {}


@pytest.mark.parametrize(
    ("pip", "environ", "variable", "value"),
    [
        ({"index-url": "https://a.example/s"}, {}, "UV_DEFAULT_INDEX", "https://a.example/s"),
        ({"index-url": "a"}, {"UV_DEFAULT_INDEX": "b"}, "UV_DEFAULT_INDEX", "b"),
        ({"index-url": "a"}, {"UV_INDEX_URL": "b"}, "UV_DEFAULT_INDEX", None),
        ({"extra-index-url": "a b"}, {}, "UV_EXTRA_INDEX_URL", "a b"),
        ({"extra-index-url": "a b"}, {}, "UV_INDEX_STRATEGY", "unsafe-best-match"),
        ({"extra-index-url": "a"}, {"UV_INDEX_STRATEGY": "c"}, "UV_INDEX_STRATEGY", "c"),
        ({}, {}, "UV_INDEX_STRATEGY", None),
        ({"find-links": "one two"}, {}, "UV_FIND_LINKS", "one,two"),
        ({"cert": "/c.pem"}, {}, "SSL_CERT_FILE", "/c.pem"),
        ({}, {"REQUESTS_CA_BUNDLE": "/r.pem"}, "SSL_CERT_FILE", "/r.pem"),
        ({"cert": "/c.pem"}, {"SSL_CERT_FILE": "/s.pem"}, "SSL_CERT_FILE", "/s.pem"),
        ({"client-cert": "/me.pem"}, {}, "SSL_CLIENT_CERT", "/me.pem"),
        ({"proxy": "http://p.example:8"}, {}, "ALL_PROXY", "http://p.example:8"),
        ({"proxy": "a"}, {"HTTPS_PROXY": "b"}, "ALL_PROXY", None),
        ({"trusted-host": "h.example"}, {}, "UV_INSECURE_HOST", "h.example"),
        ({"timeout": "180"}, {}, "UV_HTTP_TIMEOUT", "180"),
        ({}, {"HTTPS_PROXY": "kept"}, "HTTPS_PROXY", "kept"),
    ],
)
def test_uv_hears_what_pip_was_told(
    pip: dict[str, str], environ: dict[str, str], variable: str, value: str | None
) -> None:
    assert index.for_uv(environ, pip).get(variable) == value


@pytest.mark.parametrize(
    ("environ", "pip", "variable", "value"),
    [
        ({"UV_DEFAULT_INDEX": "https://a.example/s"}, {}, "PIP_INDEX_URL", "https://a.example/s"),
        ({"UV_DEFAULT_INDEX": "m=https://a.example"}, {}, "PIP_INDEX_URL", "https://a.example"),
        ({"UV_INDEX_URL": "a"}, {}, "PIP_INDEX_URL", "a"),
        ({"UV_DEFAULT_INDEX": "a"}, {"index-url": "b"}, "PIP_INDEX_URL", None),
        ({"UV_INDEX": "one=a two=b"}, {}, "PIP_EXTRA_INDEX_URL", "a b"),
        ({"UV_FIND_LINKS": "a,b"}, {}, "PIP_FIND_LINKS", "a b"),
        ({"SSL_CERT_FILE": "/s.pem"}, {}, "PIP_CERT", "/s.pem"),
        ({"SSL_CERT_FILE": "/s.pem"}, {"cert": "/c.pem"}, "PIP_CERT", None),
        ({"HTTPS_PROXY": "http://p.example"}, {}, "PIP_PROXY", None),
        ({"HTTPS_PROXY": "http://p.example"}, {}, "HTTPS_PROXY", "http://p.example"),
    ],
)
def test_pip_hears_what_uv_was_told(
    environ: dict[str, str], pip: dict[str, str], variable: str, value: str | None
) -> None:
    assert index.for_pip(environ, pip).get(variable) == value


@pytest.mark.parametrize(
    ("said", "options"), [("1", ["--no-index"]), ("true", ["--no-index"]), ("0", []), ("", [])]
)
def test_no_index_is_an_option_of_uv(said: str, options: list[str]) -> None:
    assert index.uv_options({"no-index": said}) == options


def test_the_lock_is_made_from_the_main_index_alone() -> None:
    pip = {"index-url": "main", "extra-index-url": "here", "find-links": "wheels"}
    env = index.for_lock({"UV_INDEX": "other"}, pip)
    assert env["UV_DEFAULT_INDEX"] == "main"
    assert not {"UV_EXTRA_INDEX_URL", "UV_INDEX", "UV_FIND_LINKS"} & set(env)
