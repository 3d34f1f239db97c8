"""The command `workbench`: run studies, list and open what they left, make projects and data.

Exit codes: 0 done; 1 something failed (a notebook, data that cannot be used) or an import refused
rows; 2 the command was not right (an unknown parameter, no such study, no project); 3 an import
found nothing usable. Errors are told as three answers, what, where and what to do, in the language
of the command. Heavy imports happen inside the commands, so that `--help` is quick.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer

from workbench.commands import (
    compiling,
    data,
    forecasting,
    pay,
    projects,
    runs,
    studies,
    sweeps,
    targets,
)
from workbench.commands.shared import Lang
from workbench.errors import InputError, ParameterError, ProjectError, WorkbenchError
from workbench.planners import command as planners
from workbench.terminal import error_text, language_of_system, language_wanted
from workbench.text import Language, mark

USAGE, FAILED = 2, 1

app = typer.Typer(
    name="workbench",
    help=mark("Sales Workbench: analyse a company's sales, from data to a report."),
    epilog=mark("Exit codes: 0 done, 1 something failed, 2 the command was not right."),
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for each in (studies, sweeps, runs, forecasting, targets, pay, planners, projects, data, compiling):
    app.add_typer(each.app)


@app.callback()
def root(lang: Lang = None) -> None:
    """Take --lang before the command as well."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command with the arguments given, or those of the process, and exit."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    lang = Language(language_of_system())  # of the error where another one is asked for
    command = typer.main.get_command(app)
    try:
        lang = Language(language_wanted(words))
        _translate(command, lang)
        command.main(args=words, prog_name="workbench", obj=lang)
    except WorkbenchError as error:
        print(error_text(error, lang), file=sys.stderr)
        sys.exit(USAGE if isinstance(error, ParameterError | ProjectError) else FAILED)
    except OSError as error:  # of a file named on the command line, or a full disk
        place = " → ".join(str(name) for name in (error.filename, error.filename2) if name)
        refused = InputError(
            lang.say("a file cannot be read or written"),
            where=lang.colon.join(filter(None, [place, error.strerror or str(error)])),
            do=lang.say("see that the folder is there, may be written to and has room"),
        )
        print(error_text(refused, lang), file=sys.stderr)
        sys.exit(FAILED)


def _translate(command: Any, lang: Language) -> None:
    """Put the help of a command, its options and the commands below it into the language."""
    if command.help:
        command.help = lang.say(command.help)
    if command.epilog:
        command.epilog = lang.say(command.epilog)
    for param in command.params:
        if getattr(param, "help", None):
            param.help = lang.say(param.help)
    for below in getattr(command, "commands", {}).values():
        _translate(below, lang)


if __name__ == "__main__":
    main()
