"""Variance functions and link functions of generalised linear models.

Only the variance function of a family is used (a quasi-likelihood): weighted rows have no likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from trustkit.errors import FitError, suggest

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FamilyName = Literal["gaussian", "binomial", "poisson", "gamma"]
LinkName = Literal["identity", "logit", "probit", "cloglog", "log", "inverse"]

NAMES = {
    ("gaussian", "identity"): "linear regression",
    ("binomial", "logit"): "logistic regression",
    ("binomial", "probit"): "probit regression",
}
"""Family and link of models that have a name of their own -> this name."""

PROPER = {"gaussian": "Gaussian", "poisson": "Poisson"}
"""Families called after somebody -> their name."""

SMALLEST = float(np.finfo(float).eps)
LARGEST_LOG = 300.0
"""A linear predictor on the scale of the logarithm is cut here, so that its exponential stays finite."""

LARGEST_LOGIT = 36.0
LARGEST_PROBIT = 8.2
"""Beyond these a probability differs from 0 or 1 by less than a double can hold."""

ROOT_TWO_PI = float(np.sqrt(2 * np.pi))


class Link(Protocol):
    """A link function: eta = g(mu)."""

    def eta(self, mu: Floats) -> Floats:
        """Return the linear predictor of a mean."""

    def mu(self, eta: Floats) -> Floats:
        """Return the mean of a linear predictor."""

    def mu_and_slope(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return the mean, and its derivative with respect to the linear predictor."""


class Identity:
    """eta = mu."""

    def eta(self, mu: Floats) -> Floats:
        """Return the mean."""
        return mu

    def mu(self, eta: Floats) -> Floats:
        """Return the linear predictor."""
        return eta

    def mu_and_slope(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return the linear predictor, and 1."""
        return eta, np.ones_like(eta)


class Log:
    """eta = log(mu)."""

    def eta(self, mu: Floats) -> Floats:
        """Return the logarithm."""
        return np.log(mu)

    def mu(self, eta: Floats) -> Floats:
        """Return the exponential."""
        return np.exp(np.clip(eta, -LARGEST_LOG, LARGEST_LOG))

    def mu_and_slope(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return the exponential twice."""
        mu = self.mu(eta)
        return mu, mu


class Inverse:
    """eta = 1 / mu."""

    def eta(self, mu: Floats) -> Floats:
        """Return the inverse."""
        return 1 / mu

    def mu(self, eta: Floats) -> Floats:
        """Return the inverse."""
        return 1 / eta

    def mu_and_slope(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return the inverse, and minus its square."""
        mu = 1 / eta
        return mu, -(mu**2)


class Logit:
    """eta = log(mu / (1 - mu))."""

    def eta(self, mu: Floats) -> Floats:
        """Return the log odds."""
        return np.log(mu / (1 - mu))

    def mu(self, eta: Floats) -> Floats:
        """Return the probability."""
        return self.mu_and_slope(eta)[0]

    def mu_and_slope(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return the probability p, and p (1 - p)."""
        against = np.exp(-np.clip(eta, -LARGEST_LOGIT, LARGEST_LOGIT))
        mu = 1 / (1 + against)
        return mu, against * mu**2


class Probit:
    """eta is the normal quantile of mu."""

    def eta(self, mu: Floats) -> Floats:
        """Return the normal quantile."""
        from scipy.special import ndtri  # noqa: PLC0415

        return np.asarray(ndtri(mu), dtype=float)

    def mu(self, eta: Floats) -> Floats:
        """Return the normal probability."""
        from scipy.special import ndtr  # noqa: PLC0415

        return np.asarray(ndtr(np.clip(eta, -LARGEST_PROBIT, LARGEST_PROBIT)), dtype=float)

    def mu_and_slope(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return the normal probability and density."""
        density: Floats = np.maximum(np.exp(-(eta**2) / 2) / ROOT_TWO_PI, SMALLEST)
        return self.mu(eta), density


class Cloglog:
    """eta = log(-log(1 - mu))."""

    def eta(self, mu: Floats) -> Floats:
        """Return the complementary log-log."""
        return np.log(-np.log1p(-mu))

    def mu(self, eta: Floats) -> Floats:
        """Return the probability."""
        return np.clip(-np.expm1(-np.exp(np.minimum(eta, LARGEST_LOG))), SMALLEST, 1 - SMALLEST)

    def mu_and_slope(self, eta: Floats) -> tuple[Floats, Floats]:
        """Return the probability and the density."""
        cut = np.minimum(eta, 700.0)
        density: Floats = np.maximum(np.exp(cut - np.exp(cut)), SMALLEST)
        return self.mu(eta), density


LINKS: dict[str, Link] = {
    "identity": Identity(),
    "log": Log(),
    "inverse": Inverse(),
    "logit": Logit(),
    "probit": Probit(),
    "cloglog": Cloglog(),
}


@dataclass(frozen=True, eq=False)
class Family:
    """A variance function with the links that it takes, the canonical one first.

    Attributes
    ----------
    name, links
        Its name and the names of its links.
    variance
        The variance of an outcome by its mean, up to the dispersion.
    loss
        Minus twice the quasi-likelihood of outcomes of some mean, up to terms that do not depend on the mean.
        Of a mean outcome it is the mean of those of the outcomes, up to such terms.
    start
        A mean for each outcome, from which the fit starts.
    dispersed
        Whether the dispersion is estimated; else it is 1 in theory.
    """

    name: FamilyName
    links: tuple[LinkName, ...]
    variance: Callable[[Floats], Floats]
    loss: Callable[[Floats, Floats], Floats]
    start: Callable[[Floats], Floats]
    dispersed: bool


def _binomial_loss(outcome: Floats, mu: Floats) -> Floats:
    """Return minus twice the log likelihood of outcomes from 0 to 1."""
    if ((outcome == 0) | (outcome == 1)).all():  # one logarithm in place of two
        loss: Floats = -2 * np.log(1 - np.abs(outcome - mu))
        return loss
    return -2 * (outcome * np.log(mu) + (1 - outcome) * np.log1p(-mu))


FAMILIES: dict[FamilyName, Family] = {
    "gaussian": Family(
        "gaussian",
        ("identity", "log"),
        np.ones_like,
        lambda y, mu: (y - mu) ** 2,
        lambda y: y,
        dispersed=True,
    ),
    "binomial": Family(
        "binomial",
        ("logit", "probit", "cloglog"),
        lambda mu: mu * (1 - mu),
        _binomial_loss,
        lambda y: (y + 0.5) / 2,
        dispersed=False,
    ),
    "poisson": Family(
        "poisson",
        ("log",),
        lambda mu: mu,
        lambda y, mu: 2 * (mu - y * np.log(mu)),
        lambda y: y + 0.1,
        dispersed=False,
    ),
    "gamma": Family(
        "gamma",
        ("inverse", "log"),
        lambda mu: mu**2,
        lambda y, mu: 2 * (y / mu + np.log(mu)),
        lambda y: y,
        dispersed=True,
    ),
}


def link_of(family: FamilyName, link: str | None) -> LinkName:
    """Return the name of a link that a family takes; None is the canonical one.

    Raises
    ------
    FitError
        A link that the family does not take.

    Examples
    --------
    >>> link_of("binomial", None)
    'logit'
    """
    links = FAMILIES[family].links
    if link is None:
        return links[0]
    for name in links:
        if name == link:
            return name
    raise FitError(
        f"the family {family} does not take this link", where="link", got=link, expected=" or ".join(links),
        do=suggest(link, links),
    )  # fmt: skip


def regression_name(family: FamilyName, link: str) -> str:
    """Return what readers call a model inside a sentence: its usual name, or its family and link.

    Examples
    --------
    >>> regression_name("binomial", "logit"), regression_name("poisson", "log")
    ('logistic regression', 'Poisson regression (log link)')
    """
    return NAMES.get((family, link), f"{PROPER.get(family, family)} regression ({link} link)")
