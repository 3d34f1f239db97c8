"""The first page of the app: planners by area, recent runs, data of one's own."""

from __future__ import annotations

from itertools import islice

from workbench.planners.app.uploads import LARGEST
from workbench.report.html import element, paragraph, text
from workbench.studies import Project, StudyCard, runs, studies
from workbench.text import Language

RECENT = 8  # runs listed


def page(project: Project, lang: Language, *, base: str) -> str:
    """Return the page."""
    say = lang.say
    other, name = lang.pick("zh", "en"), lang.pick("中文", "English")
    body = (
        f'<div class="mast"><span><b>Sales Workbench</b></span>'
        f'<a href="{base}?lang={other}" lang="{other}">{name}</a></div>'
        f"<h1>{text(say('What do you want to try?'))}</h1>"
        f"{_planners(project, lang, base)}{_runs(project, lang, base)}{_upload(lang)}"
    )
    return (
        f'<!doctype html><html lang="{lang.html}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<link rel="icon" href="data:;base64,=">'
        f"<title>Sales Workbench</title>"
        f'<link rel="stylesheet" href="{base}workbench/planner.css"></head>'
        f'<body data-workbench-app="{base}workbench/"><main class="home">{body}</main>'
        f'<script src="{base}workbench/app.js"></script></body></html>'
    )


def planner_links(project: Project, lang: Language, *, base: str, company: str) -> str:
    """Return links to every planner on a company that was brought."""
    links = "".join(f"<li>{_link(each, lang, base, company)}</li>" for each in _studies(project))
    return f"<ul>{links}</ul>"


def _studies(project: Project) -> list[StudyCard]:
    return [card for card in studies(project).values() if card.fault is None]


def _link(card: StudyCard, lang: Language, base: str, company: str = "") -> str:
    more = f"&company={company}" if company else ""
    address = f"{base}voila/render/{card.name}.ipynb?lang={lang.code}{more}"
    return element("a", text(lang.pick(*card.title)), href=address)


def _planners(project: Project, lang: Language, base: str) -> str:
    cards = "".join(
        f"<li><h3>{_link(card, lang, base)}</h3>"
        f"{paragraph(lang.pick(*card.question), '')}{paragraph(card.area(lang), 'hint')}</li>"
        for card in _studies(project)
    )
    title = text(lang.say("Planners"))
    return f'<section><h2>{title}</h2><ul class="cards">{cards}</ul></section>'


def _runs(project: Project, lang: Language, base: str) -> str:
    known = studies(project)
    rows = ""
    for run in islice(runs(project), RECENT):
        card = known.get(run.study)
        title = lang.pick(*card.title) if card else run.study
        named = text(title)
        if run.report.is_file():
            address = f"{base}workbench/runs/{run.study}/{run.id}/report.html"
            named = element("a", named, href=address)
        begun = f"{run.started.astimezone():%Y-%m-%d %H:%M}" if run.started else ""
        sheet = f"{base}workbench/runs/{run.study}/{run.id}/results.xlsx"
        book = element("a", "XLSX", href=sheet) if run.report.is_file() else ""
        status = {
            "finished": lang.say("finished"),
            "failed": lang.say("failed"),
            "partial": lang.say("not finished"),
        }
        cells = (begun, status.get(run.status, ""), lang.pause.join(run.tags))
        rows += (
            f'<tr><th scope="row">{named}</th>'
            + "".join(element("td", text(cell)) for cell in cells)
            + f"<td>{book}</td></tr>"
        )
    empty = paragraph(lang.say("No study has been run yet; a planner can run one."), "hint")
    heads = (lang.say("Study"), lang.say("Started"), lang.say("Status"), lang.say("Tags"), "")
    head = "".join(element("th", text(each), scope="col") for each in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    title = text(lang.say("Recent runs and reports"))
    return f"<section><h2>{title}</h2>{table if rows else empty}</section>"


def _upload(lang: Language) -> str:
    say = lang.say
    size = str(LARGEST // 10**6)
    large = say(
        "FILE is larger than {size} MB; import it with: workbench import FILE --into FOLDER",
        size=size,
    )
    words = {
        "limit": str(LARGEST),
        "large": large,
        "sending": say("Sending"),
        "reading": say("Reading the file; a large one takes a minute …"),
        "broken": say("The file did not arrive. Try again."),
    }
    data = "".join(f' data-{name}="{text(word)}"' for name, word in words.items())
    lead = say("Drop a CSV or XLSX here, up to {size} MB: deals, orders, receipts.", size=size)
    note = say("It stays on this machine and is gone when the app ends.")
    return (
        f"<section><h2>{text(say('Your own data'))}</h2>"
        f'<div class="state drop" data-upload{data}>{paragraph(lead, "")}{paragraph(note, "hint")}'
        f'<label class="btn">{text(say("Choose a file"))}'
        '<input type="file" class="sr" accept=".csv,.tsv,.txt,.xlsx,.xlsm,.xls"></label>'
        '<p role="status"></p><div data-links></div></div></section>'
    )
