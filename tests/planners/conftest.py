from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.planners import little
from tests.support.companies import make_company, order_lines
from workbench.company import open_company
from workbench.planners.layout import Layout
from workbench.planners.session import Session
from workbench.studies.project import Project
from workbench.text import Language


class Talk:
    """A session with what it has said, and one call an event."""

    def __init__(self, session: Session, *, hello: bool = True) -> None:
        self.session = session
        self.said: list[dict[str, Any]] = []
        session.send = self.said.append
        self._id = 0
        if hello:
            self.do("hello")

    def do(self, act: str, **event: Any) -> dict[str, Any]:
        """Send an event, wait for all that follows, return it as one message."""
        before = len(self.said)
        self._id += 1
        self.session.handle([{"id": self._id, "do": act, **event}])
        assert self.session.worker.wait(20)
        merged: dict[str, Any] = {}
        for message in self.said[before:]:
            merged |= {k: v for k, v in message.items() if k not in ("regions", "told")}
            merged.setdefault("regions", {}).update(message["regions"])
            if "told" in message:
                merged["told"] = message["told"]
        return merged

    def set(self, name: str, value: Any, **event: Any) -> dict[str, Any]:
        return self.do("set", name=name, value=value, **event)

    @property
    def figures(self) -> dict[str, float]:
        assert self.session._shown is not None
        return {each.name: each.value for each in self.session._shown.figures}


Opened = Callable[..., Talk]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "workbench.yaml").write_text("company: company\n")
    make_company(tmp_path / "company", {"order_line": order_lines(amount=[100.0])})
    return Project(tmp_path, company="company")


@pytest.fixture
def opened(project: Project) -> Iterator[Opened]:
    made: list[Session] = []

    def make(
        study: Any = little.STUDY,
        *,
        lang: str = "en",
        layout: Layout | None = None,
        hello: bool = True,
    ) -> Talk:
        session = Session(
            open_company(project.root / "company"),
            study,
            study.params(),
            layout=layout or Layout(),
            lang=Language(lang),
            project=project,
            uid="p1",
        )
        made.append(session)
        return Talk(session, hello=hello)

    yield make
    for session in made:
        session.worker.close()
