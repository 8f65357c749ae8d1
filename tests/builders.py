"""What tests in several folders build: small surveys."""

from __future__ import annotations

import pandas as pd

from trustkit.survey.codebook import Codebook
from trustkit.survey.survey import Survey


def survey(frame, *variables, **study):
    """Return a survey of a frame (or what makes one) and the variables that describe its columns."""
    return Survey(pd.DataFrame(frame), Codebook({v.name: v for v in variables}, **study))
