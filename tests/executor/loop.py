"""A program that works through tasks for ever; tests start it, and end it.

python loop.py FILE [SCHEDULER]: notes in FILE each process that tasks have started.
"""

import itertools
import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[2])


def main():
    from workbench.executor import open_executor

    path, *scheduler = sys.argv[1:]
    with open_executor(workers=2, scheduler=next(iter(scheduler), None)) as executor:
        tasks = itertools.chain([("lasting", path)], (("give", n) for n in itertools.count()))
        for count, _ in enumerate(executor.run("tests.executor.functions:behave", tasks)):
            if count == 20:
                print("under way", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, ROOT)
    main()
