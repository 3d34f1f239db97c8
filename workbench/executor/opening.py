"""Which executor: the local pool, a Dask cluster started here, or a scheduler that is running."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from workbench.errors import ParameterError
from workbench.executor.interface import Executor, available_cpus

if TYPE_CHECKING:
    from workbench.text import Language

LOCAL_CLUSTER = "local-cluster"
INSTALL = 'pip install ".[cluster]"'


def open_executor(
    *, workers: int | None = None, scheduler: str | None = None, lang: Language | None = None
) -> AbstractContextManager[Executor]:
    """Open an executor; leaving it ends all its workers and what they started.

    Parameters
    ----------
    workers : int, optional
        How many tasks at a time; else one a processor, or all that a running scheduler has.
    scheduler : str, optional
        None: processes of the local pool. "local-cluster": a Dask cluster of processes, started
        for this. "tcp://host:port": a Dask scheduler that is running, its workers with the same
        version of the workbench.
    lang : Language, optional
        Of errors and faults; English.

    Returns
    -------
    context manager of Executor

    Raises
    ------
    ParameterError
        If the number or the scheduler is none of these, or the extra `cluster` is missing.
    ProjectError
        On entering, if the scheduler cannot be reached, has no workers, or they cannot help.
    """
    from workbench.text import Language

    lang = lang or Language("en")
    if workers is not None and workers < 1:
        raise ParameterError(
            lang.say("there is no work without workers"),
            where=f"workers={workers}",
            do=lang.say("give 1 or more"),
        )
    if scheduler is None:
        from workbench.executor.pool import LocalPool

        return LocalPool(workers or available_cpus(), lang=lang)
    if scheduler != LOCAL_CLUSTER and not re.fullmatch(r"tcp://[^\s/]+:\d+", scheduler):
        raise ParameterError(
            lang.say("a scheduler {name} is unknown", name=scheduler),
            where="scheduler",
            do=lang.say("give local-cluster or tcp://host:port; without it, the local pool works"),
        )
    try:
        from workbench.executor.cluster import open_cluster
    except ImportError as error:
        raise ParameterError(
            lang.say("Dask is not installed"),
            where="scheduler",
            do=lang.say("install it: {command}; or leave the scheduler out", command=INSTALL),
        ) from error

    address = None if scheduler == LOCAL_CLUSTER else scheduler
    return open_cluster(address, workers=workers, lang=lang)
