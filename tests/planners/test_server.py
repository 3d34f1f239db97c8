"""What the app refuses, and which pages it serves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.planners.served import make_little_project
from workbench.errors import ParameterError
from workbench.planners import Planner
from workbench.planners.app.server import serve, write_pages
from workbench.planners.app.uploads import LARGEST, refusal, safe_name
from workbench.studies.project import find_project
from workbench.text import Language

EN, ZH = Language("en"), Language("zh")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "planner.example.com", "::"])
def test_other_addresses_need_a_token(host: str, tmp_path: Path):
    project = find_project(make_little_project(tmp_path / "p"))
    with pytest.raises(ParameterError) as raised:
        serve(project, lang=EN, host=host)
    assert "proxy" in str(raised.value) and "WORKBENCH_APP_TOKEN" in str(raised.value)


def test_every_study_has_a_page_and_those_with_a_notebook_are_started_ahead(tmp_path: Path):
    project = find_project(make_little_project(tmp_path / "p"))
    heated = write_pages(project, tmp_path / "pages")
    assert heated == ["little.ipynb"]
    pages = {path.stem for path in (tmp_path / "pages").iterdir()}
    assert {"little", "sales_analysis"} <= pages
    notebook = json.loads((tmp_path / "pages" / "sales_analysis.ipynb").read_text("utf-8"))
    assert '"sales_analysis")' in "".join(notebook["cells"][-1]["source"])


def test_small_messages_of_a_kernel_leave_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

    from workbench.planners.app import connection, server

    project = find_project(make_little_project(tmp_path / "p"))
    app = server._made(project, EN, tmp_path, [])
    app.load_config_environ()
    assert app.kernel_websocket_connection_class is connection.PromptConnection

    said: list[object] = []
    monkeypatch.setattr(
        connection.ZMQChannelsWebsocketConnection, "connect", lambda self: said.append("connected")
    )
    handler = KernelWebsocketHandler.__new__(KernelWebsocketHandler)
    handler.kernel_id = "k"
    monkeypatch.setattr(handler, "set_nodelay", said.append, raising=False)
    connection.PromptConnection(websocket_handler=handler).connect()
    assert said == [True, "connected"]


def test_what_a_page_sends_is_not_told_back_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    project = make_little_project(tmp_path / "p")
    monkeypatch.chdir(project)
    planner = Planner(project / "company", "little")
    _, down, up = planner.widget().children
    assert planner.session.worker.wait(20)
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(type(up), "_send", lambda self, content, **_: sent.append(content))
    event = {"id": 1, "do": "set", "name": "people", "value": "20"}
    up.set_state({"value": json.dumps({"events": [event]})})
    assert planner.session.trial.now.people == 20
    assert planner.session.worker.wait(20)
    assert '"ack": 1' in down.value
    assert sent == []
    planner.session.worker.close()


def test_a_large_file_is_refused_with_the_command_to_use():
    words = refusal(b"x" * (LARGEST + 1), "orders.csv", ZH)
    assert "workbench import orders.csv --into" in words and words.startswith("orders.csv")


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "passwd"), ("C:\\a\\订单.xlsx", "订单.xlsx"), ("a;b.csv", "a_b.csv"),
     ("...", "data.csv")],
)  # fmt: skip
def test_names_of_files_lead_nowhere(name: str, safe: str):
    assert safe_name(name) == safe
