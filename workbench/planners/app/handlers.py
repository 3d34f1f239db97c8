"""What the app serves beside the planners: first page, style, script, fonts, runs, uploads.

All but style, script and fonts need the token, as the planners do. A run's files and an upload's
report are served from their own folders only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import tornado.web
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join

from workbench.planners import page
from workbench.planners.app import home, uploads
from workbench.studies import Project
from workbench.text import Language, fonts

#: A report holds no script; should one get in, it is not run.
SEALED = "default-src 'none'; style-src 'unsafe-inline'; img-src data: 'self'; font-src data:"
_TEXTS = {"planner.css": "text/css", "planner.js": "text/javascript", "app.js": "text/javascript"}
_RUN_FILES = r"([\w-]+/[\w-]+/(?:report\.html|results\.xlsx|params\.yaml))"
_UPLOAD_FILES = r"([0-9a-f]{32}/company/imports/[\w.-]+(?:/[\w.-]+)*/(?:report\.html|cells\.csv))"


@dataclass(frozen=True)
class Place:
    """What the handlers know."""

    project: Project
    lang: Language
    uploads: Path
    kernels: Any


def handlers(base: str, place: Place) -> list[Any]:
    """Return the handlers of the app, to stand before those of Voila."""
    at = url_path_join(base, "workbench")
    known = {"place": place}
    return [
        (base, HomeHandler, known),
        (url_path_join(at, r"(planner\.css|planner\.js|app\.js)"), TextHandler),
        (url_path_join(at, r"fonts/(NotoSansSC-(?:Regular|Bold)\.otf)"), FontHandler, _fonts()),
        (
            url_path_join(at, "runs/" + _RUN_FILES),
            SealedFileHandler,
            {"path": str(place.project.runs)},
        ),
        (
            url_path_join(at, "uploads/" + _UPLOAD_FILES),
            SealedFileHandler,
            {"path": str(place.uploads)},
        ),
        (url_path_join(at, "upload"), UploadHandler, known),
    ]


class HomeHandler(JupyterHandler):
    """The first page."""

    def initialize(self, place: Place) -> None:
        """Keep what is known."""
        self.place = place

    @tornado.web.authenticated
    def get(self) -> None:
        """Write it, in the language asked for."""
        asked = self.get_query_argument("lang", self.get_cookie("workbench-lang") or "")
        lang = Language(asked) if asked in ("en", "zh") else self.place.lang
        self.set_cookie("workbench-lang", lang.code)
        _ = self.xsrf_token  # sets the cookie that an upload sends back
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(home.page(self.place.project, lang, base=self.base_url))


class UploadHandler(JupyterHandler):
    """Takes a file, imports it into a company of its own, answers with the report's address."""

    def initialize(self, place: Place) -> None:
        """Keep what is known."""
        self.place = place

    @tornado.web.authenticated
    async def post(self) -> None:
        """Import the body."""
        lang = Language(self.get_cookie("workbench-lang") or self.place.lang.code)
        name = self.get_query_argument("name", "")
        answer = await uploads.bring(
            self.request.body, name, into=self.place.uploads, lang=lang, base=self.base_url
        )
        if "links" in answer:
            answer["links"] += home.planner_links(
                self.place.project, lang, base=self.base_url, company=answer["company"]
            )
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(answer, ensure_ascii=False))


class TextHandler(tornado.web.RequestHandler):
    """Style and script; the style with the fonts' addresses."""

    def get(self, name: str) -> None:
        """Write the file."""
        text = whole_css() if name == "planner.css" else page.asset(name)
        self.set_header("Content-Type", f"{_TEXTS[name]}; charset=utf-8")
        self.set_header("Cache-Control", "no-cache")
        if not self.check_etag_header():
            self.finish(text)


class FontHandler(tornado.web.StaticFileHandler):
    """The shipped fonts; they never change under one version."""

    def get_content_type(self) -> str:
        """Type of the fonts."""
        return "font/otf"

    def get_cache_time(self, path: str, modified: Any, mime_type: str) -> int:
        """Keep them for a month."""
        return 30 * 24 * 3600


class SealedFileHandler(JupyterHandler, tornado.web.StaticFileHandler):
    """A file for who has the token; it must not run anything."""

    @tornado.web.authenticated
    async def get(self, path: str, include_body: bool = True) -> None:  # type: ignore[override]
        """Write the file."""
        await tornado.web.StaticFileHandler.get(self, path, include_body)

    def set_extra_headers(self, path: str) -> None:
        """Forbid scripts and other addresses."""
        self.set_header("Content-Security-Policy", SEALED)
        self.set_header("X-Content-Type-Options", "nosniff")
        if not path.endswith(".html"):
            self.set_header("Content-Disposition", f'attachment; filename="{Path(path).name}"')

    def compute_etag(self) -> str | None:
        """Tag of the file's content."""
        return tornado.web.StaticFileHandler.compute_etag(self)

    def validate_absolute_path(self, root: str, absolute_path: str) -> str:
        """Follow no link out of the folder."""
        inside = Path(absolute_path).resolve().is_relative_to(Path(root).resolve())
        path = tornado.web.StaticFileHandler.validate_absolute_path(self, root, absolute_path)
        if not inside or path is None:
            raise tornado.web.HTTPError(404)
        return path


def whole_css() -> str:
    """Return the style of the app's pages: tokens for the whole page, fonts, the planner."""
    from workbench.report.style import style

    faces = "".join(
        f'@font-face{{font-family:"{fonts.FAMILY}";font-weight:{weight};font-display:swap;'
        f"src:url(fonts/NotoSansSC-{name}.otf)}}"
        for weight, name in ((400, "Regular"), (700, "Bold"))
    )
    return "\n".join([faces, style("document"), page.css(), page.asset("home.css")])


def _fonts() -> dict[str, str]:
    return {"path": str(resources.files("workbench.text").joinpath("fonts"))}
