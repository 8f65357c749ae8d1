"""Files of other programs, opened in a process of their own: a damaged one can't crash the user's.

The libraries that read SPSS, Stata, SAS, Excel and Parquet files are written in C, C++ and Rust. One wrong
byte can make them crash, and a crash ends the process that they run in.
"""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from trustkit.errors import DataError, needs
from trustkit.files.reading_process import AGAIN, NUMBER, TEXT, WHOLE, WHOLE_NUMBER
from trustkit.files.scratch_folders import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEAST_MEMORY = 2 << 30
"""Bytes of memory that a reader may use whatever the size of its file (Python and libraries take 0.4 GB)."""

MEMORY_PER_BYTE = 1_000
"""Bytes of memory that a reader may use beyond that, per byte of its file."""

MEMORY_SHARE = 0.8
"""The share of the computer's memory that a reader may use at most."""

LEAST_SECONDS = 60
"""Seconds of processor time that a reader may take whatever the size of its file."""

SECONDS_PER_MEGABYTE = 5
"""Seconds of processor time that it may take beyond that, per megabyte; it usually needs less than 0.1."""

CLOCK_SHARE = 10
"""How many times as long a reader may take on the clock: on a busy computer it waits for the processor."""

MEGABYTE = 1_000_000

START = "import sys; sys.path[:] = sys.argv[1:]; from trustkit.files.reading_process import serve; serve()"
"""What the process runs. It imports from where this one does, and never from the current folder."""

REMARK = "note: "
"""How a line of a library written in Rust begins that tells its developers how to see more."""

OUT_OF_MEMORY = {getattr(signal, "SIGABRT", None), getattr(signal, "SIGKILL", None)}
"""How a process ends whose library could not get memory, among other reasons."""


@dataclass(frozen=True)
class Limits:
    """What a reader may use.

    Attributes
    ----------
    memory
        Bytes. Linux holds a process to it; macOS may, Windows does not.
    seconds
        Seconds of processor time. Linux and macOS hold a process to it, Windows does not.
    """

    memory: int
    seconds: int

    @property
    def clock(self) -> int:
        """Seconds on the clock, everywhere: many more, as other programs may keep the processor busy."""
        return CLOCK_SHARE * self.seconds


def limits_for(path: Path) -> Limits:
    """Return what the reader of a file may use, by the file's size.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "answers.sav")
    ...     _ = file.write_bytes(bytes(1_000))
    ...     limits = limits_for(file)
    >>> limits.seconds, limits.memory >= 2 << 30
    (61, True)
    """
    size = path.stat().st_size
    wanted = LEAST_MEMORY + MEMORY_PER_BYTE * size
    installed = _installed_memory()
    most = wanted if installed is None else max(LEAST_MEMORY, int(MEMORY_SHARE * installed))
    return Limits(min(wanted, most), math.ceil(LEAST_SECONDS + SECONDS_PER_MEGABYTE * size / MEGABYTE))


def _installed_memory() -> int | None:
    """Return the computer's memory in bytes, None where Python can't tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows; a name that the system does not know
        return None


class ReadingProcess:
    """A process that reads files for this one; started at the first request, and again if it died."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.errors: IO[bytes] | None = None
        self.listener: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the process."""
        self.close()

    def close(self) -> None:
        """End the process if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            if self.listener is not None:
                self.listener.join()
            for pipe in (self.process.stdin, self.process.stdout, self.errors):
                if pipe is not None:
                    pipe.close()
            self.process = None

    def ask(self, task: str, path: Path, limits: Limits, **arguments: object) -> dict[str, Any]:
        """Have a file read.

        Parameters
        ----------
        task
            One of `reading_process.TASKS`.
        path
            The file.
        limits
            What reading it may use.
        arguments
            Those of the task's function.

        Returns
        -------
        dict
            What the task's function returns.

        Raises
        ------
        DataError
            If the file is refused, or the process crashed, took too long, or needed too much memory.
        """
        request = {"task": task, "path": str(path), **arguments, **vars(limits)}
        process = self._started()
        try:
            if process.stdin is not None:
                process.stdin.write(json.dumps(request) + "\n")
                process.stdin.flush()
            answer = self.answers.get(timeout=limits.clock)
        except OSError:  # the process is gone
            answer = ""
        except queue.Empty:
            self.close()
            raise DataError(
                f"reading the file took more than {limits.clock:,} seconds, and was stopped",
                where=path.as_posix(), expected=WHOLE,
                do=f"read it again when the computer is less busy; if that does not help, {AGAIN}",
            ) from None  # fmt: skip
        if not answer:
            raise self._died(process, path)
        reply: dict[str, Any] = json.loads(answer)
        if "refused" in reply:
            raise DataError(reply["refused"].pop("what"), **reply["refused"])
        return dict(reply["found"])

    def _started(self) -> subprocess.Popen[str]:
        """Return the process, started if it does not run."""
        if self.process is not None:
            return self.process
        self.answers = queue.SimpleQueue()
        self.errors = TemporaryFile()  # noqa: SIM115 - `close` closes it
        self.process = subprocess.Popen(  # noqa: S603 - this Python, and words of our own
            [sys.executable, "-I", "-X", "utf8", "-c", START, *(str(place) for place in sys.path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
            encoding="utf-8", creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        self.listener = threading.Thread(
            target=_pass_on, args=(self.process.stdout, self.answers), daemon=True
        )
        self.listener.start()
        return self.process

    def _died(self, process: subprocess.Popen[str], path: Path) -> DataError:
        """Return the error of a process that ended without an answer."""
        code = process.wait()
        last = ""
        if self.errors is not None:
            self.errors.seek(0)
            lines = self.errors.read().decode("utf-8", errors="replace").strip().splitlines()
            last = next((line for line in reversed(lines) if not line.startswith(REMARK)), "")
        self.close()
        name = signal.Signals(-code).name if -code in list(signal.Signals) else f"exit code {code}"
        if -code == getattr(signal, "SIGXCPU", None):
            what = "reading the file took too much processor time, and was stopped"
        elif -code in OUT_OF_MEMORY:
            what = "reading the file stopped the program that reads it, perhaps for lack of memory"
        else:
            what = "reading the file crashed the program that reads it"
        got = f"{name}: {last}" if last else name
        return DataError(what, where=path.as_posix(), got=got, expected=WHOLE, do=AGAIN)


def _pass_on(pipe: IO[str], answers: queue.SimpleQueue[str]) -> None:
    """Pass answers on as they come, and "" at the end."""
    for line in pipe:
        answers.put(line)
    answers.put("")


@contextmanager
def reading_process() -> Iterator[ReadingProcess]:
    """Give a process that reads files, and end it."""
    with ReadingProcess() as process:
        yield process


@dataclass(frozen=True)
class Told:
    """What a file of SPSS, Stata or SAS tells about its variables.

    Attributes
    ----------
    file_label, file_encoding
        The file's title, and the encoding of its text ("" where it has none).
    guessed_encoding
        The encoding that was guessed where the file names none; ``unknown`` if no guess is plausible.
    labels, codes, measures
        Variable -> its label; its codes with their labels; its level of measurement.
    missing_ranges, missing_values
        Variable -> ranges of numbers, and codes, that the file calls missing.
    sets
        Multiple-response set -> its parts, as pyreadstat names them.
    renamed
        The columns that share a name and were numbered: new name -> words.
    overruled
        Whether the file names another encoding than the one that its codebook names.
    """

    file_label: str = ""
    file_encoding: str = ""
    guessed_encoding: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    codes: dict[str, list[tuple[Any, str]]] = field(default_factory=dict)
    measures: dict[str, str] = field(default_factory=dict)
    missing_ranges: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    missing_values: dict[str, list[Any]] = field(default_factory=dict)
    sets: dict[str, dict[str, Any]] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    overruled: bool = False


def read_statistics(
    path: Path,
    reader: str,
    *,
    user_missing: bool | None = None,
    encoding: str | None = None,
    fallback: str | None = None,
) -> tuple[pd.DataFrame, Told]:
    """Read a file of SPSS, Stata or SAS: its values, and what it tells about them.

    Parameters
    ----------
    path
        The file.
    reader
        The name of pyreadstat's function.
    user_missing
        Whether codes that the file calls missing are kept; None where the format has none.
    encoding
        The encoding of the file's text; None to go by the file.
    fallback
        The encoding of a file that names none, unless ``encoding`` is given.

    Raises
    ------
    DataError
        If the file is damaged, or pyreadstat is not installed.
    """
    needs("pyreadstat", "files", path.as_posix())
    with ExitStack() as stack:
        out = stack.enter_context(temporary_folder()) / "columns"
        process = stack.enter_context(reading_process())
        reply = process.ask(
            "statistics", path, limits_for(path),
            out=str(out), reader=reader, user_missing=user_missing, encoding=encoding,
            fallback=fallback,
        )  # fmt: skip
        data = _frame(out, reply.pop("columns"))
    return data, Told(**reply)


def read_r_frame(
    path: Path, frame: str | None = None, *, encoding: str | None = None
) -> tuple[pd.DataFrame, Told]:
    """Read a data frame of a file that R wrote: its values, and what it tells about them.

    Parameters
    ----------
    path
        The file.
    frame
        The name of the data frame; None if the file has one.
    encoding
        The encoding of texts that do not name theirs; None to go by the file.

    Raises
    ------
    DataError
        If the file is damaged, has no data frame or several, or rdata is not installed.
    """
    needs("rdata", "files", path.as_posix())
    with ExitStack() as stack:
        out = stack.enter_context(temporary_folder()) / "columns"
        process = stack.enter_context(reading_process())
        reply = process.ask("r", path, limits_for(path), out=str(out), frame=frame, encoding=encoding)
        data = _frame(out, reply.pop("columns"))
    return data, Told(**reply)


def _frame(out: Path, columns: list[tuple[str, str]]) -> pd.DataFrame:
    """Put a frame together from the arrays that `reading_process.write_columns` wrote."""
    names = [name for name, _ in columns]
    series = []
    with out.open("rb") as file:
        for _, kind in columns:
            if kind in ("numbers", "dates"):
                series.append(pd.Series(_array(file)))
            elif kind == "texts":
                series.append(pd.Series(_texts(file), dtype="str"))
            else:
                what, numbers, texts = _array(file), _array(file), _texts(file)
                cells = [
                    text if kind == TEXT
                    else int(number) if kind == WHOLE_NUMBER
                    else float(number) if kind == NUMBER
                    else np.nan
                    for kind, number, text in zip(what, numbers, texts, strict=True)
                ]  # fmt: skip
                series.append(pd.Series(cells, dtype=object))
    data = pd.DataFrame(dict(enumerate(series)), copy=False)
    data.columns = pd.Index(names)
    return data


def _array(file: IO[bytes]) -> np.ndarray[Any, Any]:
    """Read one array."""
    array: np.ndarray[Any, Any] = np.load(file, allow_pickle=False)
    return array


def _texts(file: IO[bytes]) -> list[str | None]:
    """Read cells of text: their characters, then each one's length."""
    characters = _array(file).tobytes().decode("utf-8")
    cells: list[str | None] = []
    at = 0
    for length in _array(file).tolist():
        cells.append(None if length < 0 else characters[at : at + length])
        at += max(length, 0)
    return cells
