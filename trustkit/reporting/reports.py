"""A study's report: what changed is run, the site is rendered if it would be another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from trustkit.arguments import PATH, accepts
from trustkit.reporting.notebook_files import notebook_paths
from trustkit.reporting.run_records import stale_notebooks, study_state
from trustkit.reporting.site_records import site_inputs, site_is_fresh
from trustkit.reporting.warm_kernels import warm_start

if TYPE_CHECKING:
    import pandas as pd


class Progress(Protocol):
    """Is told the name of each step before it begins, and how many steps there are."""

    def __call__(self, step: str, total: int | None = None, /) -> None:
        """Take the step."""


@dataclass(frozen=True, eq=False)
class Report:
    """A report that was made.

    Attributes
    ----------
    site
        The folder of its site.
    notebooks
        How many notebooks it has.
    ran
        The names of those that were run, as they or what they rest on had changed.
    verdicts
        The verdicts on published figures, as `trustkit.reporting.verdict_outputs.verdict_frame` returns them.
    """

    site: Path
    notebooks: int
    ran: tuple[str, ...]
    verdicts: pd.DataFrame


def make_report(
    root: str | Path,
    out: str | Path | None = None,
    *,
    jobs: int | None = None,
    every: bool = False,
    pdf: bool = False,
    tell: Progress,
) -> Report:
    """Check a project's raw data, run its notebooks, and render its site.

    Parameters
    ----------
    root
        The project's folder.
    out
        The folder of the site; ``site`` in the project's folder if not given.
    jobs
        How many notebooks run at a time; as many as there are processors if not given.
    every
        Whether everything is made again, changed or not.
    pdf
        Whether the site also gets the whole report as one PDF, ``report.pdf``.
    tell
        Is told each step.

    Raises
    ------
    DataError
        If a raw file differs from its digest.
    ReportError
        With every notebook that failed; or as `trustkit.reporting.render.render_site`. An older site is left
        as it was.
    """
    accepts(root=(root, PATH), out=(root if out is None else out, PATH))
    root = Path(root)
    site = root / "site" if out is None else Path(out)
    state = study_state(root)
    stale = stale_notebooks(state, every=every)
    steps = len(stale) + 1 + pdf
    if stale:
        with warm_start(stale[0].parent, len(stale), state.followed) as warm:
            from trustkit.reporting.study_runs import run_notebooks  # noqa: PLC0415  # loads Jupyter

            run_notebooks(stale, state, jobs=jobs, warm=warm, tell=lambda step: tell(step, steps))
    if every or not site_is_fresh(site, site_inputs(state, None)):
        tell("rendering the site", steps)
        from trustkit.reporting.render import render_site  # noqa: PLC0415  # loads Jupyter

        render_site(root, out)
    if pdf:
        tell("making the PDF", steps)
        from trustkit.reporting.pdf_report import make_pdf  # noqa: PLC0415  # loads matplotlib

        make_pdf(root, site)
    from trustkit.reporting.verdict_outputs import verdict_frame  # noqa: PLC0415  # loads pandas

    return Report(site, len(notebook_paths(root)), tuple(path.name for path in stale), verdict_frame(root))
