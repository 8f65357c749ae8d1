"""Erase somebody, or old columns, in a process that is killed or fails at one file operation after the other.

``python stopped_erasures.py HELD NEVER WHAT MODE OPERATIONS`` writes as JSON how each study was found, and
whether it could be finished. WHAT is an id, or ``until DAY`` for columns whose last day is before that day.
Each runs in a process of its own, made by fork; this one starts no thread.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from contextlib import contextmanager
from pathlib import Path

import trustkit as tk
from trustkit.erasure import erasure
from trustkit.erasure.journal import finish
from trustkit.errors import DataError
from trustkit.files import excel, foreign_files, parquet
from trustkit.files.erased_ids import refuse_unfinished

sys.path.insert(0, str(Path(__file__).parents[1]))
from erasable_studies import contents, stopped

MOST = 400
UNTIL = "until "
WHEN = {"reason": "request of 3 May", "on": "2026-05-04", "report": "leave"}


def read_in_one_process():
    """Read all files that this process reads in one other process, which ends with this one."""
    process = foreign_files.ReadingProcess()

    @contextmanager
    def kept():
        yield process

    for module in (foreign_files, excel, parquet):
        module.reading_process = kept


def erase(study, who, stop=0, mode="", operations=()):
    """Erase in a process of its own; return whether it came to its end."""
    child = os.fork()
    if child == 0:
        read_in_one_process()
        count = [0]
        for name in operations:
            setattr(os, name, stopped(getattr(os, name), count, stop, mode))
        code = 3
        try:
            if who.startswith(UNTIL):
                tk.expire(study, on=who.removeprefix(UNTIL))
            else:
                erasure.erase(study, who, unwritable="convert", **WHEN)
            code = 4 if count[0] >= stop > 0 else 0
        except (tk.TrustkitError, OSError):
            code = 5
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def state(study, before, never):
    """Return how a study was found: as it was, half changed, or done."""
    try:
        refuse_unfinished(study)
    except DataError:
        return "half"
    now = contents(study)
    return "as it was" if now == before else "done" if now == never else "broken"


def main(held, never, who, mode, operations):
    found = []
    before, after = contents(held), contents(never)
    for stop in range(1, MOST):
        study = held.with_name(f"{mode}_{stop}")
        shutil.copytree(held, study)
        code = erase(study, who, stop, mode, operations)
        if code == 0:
            break
        found.append(state(study, before, after))
        if found[-1] == "as it was":
            found[-1] += f", {erase(study, who)}"
        finish(study)
        left = {path.name for path in (study / ".trustkit").rglob("*") if path.is_file()}
        if contents(study) != after or not left <= {".gitignore", "erasure.key", ".trustkit-new"}:
            found[-1] += f", and not finished: {left}"
        shutil.rmtree(study)
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4], sys.argv[5].split(","))
