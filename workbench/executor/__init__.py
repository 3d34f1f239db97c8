"""Many tasks of one kind, done by workers: processes here, or a Dask cluster.

`open_executor` gives an `Executor`; what goes in and comes out stands in `interface.py`, the local
pool in `pool.py`, Dask in `cluster.py`. An executor keeps no account of what is done: a sweep does,
in its journal.
"""

from workbench.executor.interface import Done, Executor, Fault, Limits, available_cpus
from workbench.executor.opening import open_executor

__all__ = ["Done", "Executor", "Fault", "Limits", "available_cpus", "open_executor"]
