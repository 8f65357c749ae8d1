"""Whether a variable may be used for the purposes to which the respondents of a design agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustkit.errors import DesignError
from trustkit.survey.permissions import permits

if TYPE_CHECKING:
    from trustkit.survey.codebook import Codebook
    from trustkit.survey.variable import Variable


def allowed(variable: Variable, codebook: Codebook) -> Variable:
    """Return a variable that may be used; every variable may, if the rows have no purpose.

    Raises
    ------
    DesignError
        If respondents did not allow it for every purpose of the rows (`Codebook.used_for`).

    Examples
    --------
    >>> from trustkit import Codebook, Variable
    >>> age = Variable("age", "Age", "numeric", basis="consent", permission=("research",))
    >>> allowed(age, Codebook({"age": age}, used_for=("research",))).name
    'age'
    """
    purpose = next((name for name in codebook.used_for if not permits(variable, name)), None)
    if purpose is None:
        return variable
    raise DesignError(
        f"{variable.name} may not be used for the purpose {purpose!r}",
        where=variable.name,
        got=f"allowed for: {', '.join(variable.permission)}"
        if variable.permission
        else "allowed for no purpose",
        expected=f"a variable whose permission names {purpose!r}, or whose basis needs no permission",
        do="leave it out; if respondents did allow this, write so under permission in the codebook",
    )
