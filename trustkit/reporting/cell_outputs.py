"""What a notebook's cells show while they run: refused beyond a size, and joined in time linear in it."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from nbclient import NotebookClient

if TYPE_CHECKING:
    from nbformat import NotebookNode

MEGABYTE = 1_000_000
"""Its bytes."""

MOST_MEGABYTES = 5
"""How much one cell may print and show; a page of a report holds far less."""


class TooMuchOutputError(Exception):
    """A cell printed or showed more than `MOST_MEGABYTES`."""


class LimitedClient(NotebookClient):
    """Runs a notebook; a cell that shows too much is interrupted, and what it shows from then on is dropped.

    The outputs of a cell stay as they came; `join_printed` joins them. The library's own way to do so takes
    time that grows with the square of the longest line, during which nothing can interrupt it.
    """

    def __init__(self, notebook: NotebookNode, **options: Any) -> None:  # noqa: ANN401  # traitlets
        super().__init__(notebook, coalesce_streams=False, **options)
        self._size = 0
        self._interrupt: asyncio.Future[None] | None = None
        self.on_cell_execute = self._begin
        self.on_cell_executed = self._end

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Take a message of the kernel, unless the cell has shown too much."""
        kind = msg["msg_type"]
        if kind == "clear_output":
            self._size = 0
        elif kind not in ("status", "execute_input", "error"):
            self._size += text_size(msg["content"])
            if self.shows_too_much:
                if self._interrupt is None and self.km is not None:
                    self._interrupt = asyncio.ensure_future(ensure_async(self.km.interrupt_kernel()))
                return None
        shown: NotebookNode | None = super().process_message(msg, cell, cell_index)
        return shown

    @property
    def shows_too_much(self) -> bool:
        """Whether the cell that runs, or ran last, has shown too much."""
        return self._interrupt is not None or self._size > MOST_MEGABYTES * MEGABYTE

    def _begin(self, **_: object) -> None:
        """Count from nothing, for the next cell."""
        self._size, self._interrupt = 0, None

    def _end(self, **_: object) -> None:
        """Fail a cell that showed too much, however it ended."""
        if self.shows_too_much:
            raise TooMuchOutputError


def text_size(content: object) -> int:
    """Return how many characters all texts of a message have together.

    Examples
    --------
    >>> text_size({"data": {"text/plain": "a b", "image/png": ["cc", "d"]}, "execution_count": 7})
    6
    """
    if isinstance(content, str):
        return len(content)
    parts = content.values() if isinstance(content, dict) else content
    return sum(text_size(part) for part in parts) if isinstance(parts, list | type({}.values())) else 0


def join_printed(outputs: list[NotebookNode]) -> list[NotebookNode]:
    r"""Return a cell's outputs with all that it printed to a stream as one, where it began to.

    What was printed to standard output goes before what was printed to standard error beside it, as the
    two arrive in any order. Of a line that was printed over, what was printed last remains.

    Examples
    --------
    >>> from nbformat.v4 import new_output
    >>> pieces = [new_output("stream", text=text) for text in ("1 of 2\r", "2 of 2\n", "done")]
    >>> [output.text for output in join_printed(pieces)]
    ['2 of 2\ndone']
    """
    texts: dict[str, list[str]] = {}
    joined: list[NotebookNode] = []
    for output in outputs:
        if output.output_type != "stream":
            joined.append(output)
        elif output.name in texts:
            texts[output.name].append(output.text)
        else:
            texts[output.name] = [output.text]
            joined.append(output)
    for output in joined:
        if output.output_type == "stream":
            output.text = "\n".join(_last_printed(line) for line in "".join(texts[output.name]).split("\n"))
    for at, (one, other) in enumerate(pairwise(joined)):
        if [part.get("name") for part in (one, other)] == ["stderr", "stdout"]:
            joined[at], joined[at + 1] = other, one
            break
    return joined


def _last_printed(line: str) -> str:
    """Return what remains of a line: what follows the last carriage return before its end."""
    return line[line.rfind("\r", 0, max(len(line) - 1, 0)) + 1 :]
