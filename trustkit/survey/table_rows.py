"""Rows of tables that a codebook describes: nets of answers, the statistic, answers that stay last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from trustkit.errors import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from trustkit.yaml_documents import Entry

Statistic = Literal["mean", "nps", "none"]
"""The row below the answers of an ordinal question: the mean of scores, the Net Promoter Score, or none."""

Nets = dict[str, tuple[str, ...]]
"""The name of a net -> the answers that it counts together."""

PROMOTER_SCORES = list(range(11))
"""The scores of the answers of a question that has a Net Promoter Score."""

FEWEST = 2
"""Answers of a net; with one, it would be that answer."""


def read_nets(entry: Entry, labels: Sequence[str]) -> Nets:
    """Read the nets of a question; record an error for a net of unknown answers, or of fewer than two."""
    nets: Nets = {}
    for name, own in entry.children():
        answers = own.texts()
        for label in answers:
            if label not in labels:
                own.fault(f"{label!r} is not a label", suggest(label, labels))
        if len(set(answers)) < FEWEST:
            own.fault("a net needs at least two different answers", "list more answers, or drop the net")
        elif len(set(answers)) < len(answers):
            own.fault("a net lists the same answer twice", "list each answer once")
        if str(name) in labels:
            own.fault(f"the net {str(name)!r} has the label of an answer", "give the net another name")
        nets[str(name)] = answers
    return nets


def read_last(entry: Entry, labels: Sequence[str]) -> tuple[str, ...]:
    """Read the answers that stay last in a sorted table; record an error for an unknown one."""
    for label in entry.texts():
        if label not in labels:
            entry.fault(f"{label!r} is not a label", suggest(label, labels))
    return entry.texts()


def read_statistic(entry: Entry, kind: str, scores: Collection[float]) -> Statistic:
    """Read the statistic of a question; record an error if it does not fit its kind or scores."""
    statistic: Statistic = entry.choice(get_args(Statistic), "mean")
    if entry.value is None:
        return statistic
    if kind != "ordinal":
        entry.fault(f"a {kind} variable takes no statistic", "drop it, or make the kind ordinal")
    elif statistic == "nps" and sorted(scores) != PROMOTER_SCORES:
        shown = ", ".join(f"{score:g}" for score in sorted(scores)) or "none"
        entry.fault(
            f"a Net Promoter Score needs the scores 0, 1, ..., 10, and the answers have: {shown}",
            "write statistic: mean, or correct the codes or scores",
        )
    elif statistic == "mean" and not scores:
        entry.fault("the answers have no scores", "give scores, or write statistic: none")
    return statistic


def renamed_nets(nets: Mapping[str, Sequence[str]], labels: Mapping[str, str], kept: Collection[str]) -> Nets:
    """Return the nets of a question whose answers were renamed or merged, without incomplete ones.

    Examples
    --------
    >>> renamed_nets({"Top 2": ("A lot", "Fully")}, {"Fully": "Completely"}, ["No", "A lot", "Completely"])
    {'Top 2': ('A lot', 'Completely')}
    >>> renamed_nets({"Top 2": ("A lot", "Fully")}, {"A lot": "High", "Fully": "High"}, ["No", "High"])
    {}
    """
    renamed = {
        name: tuple(dict.fromkeys(labels.get(answer, answer) for answer in answers))
        for name, answers in nets.items()
    }
    return {
        name: answers
        for name, answers in renamed.items()
        if len(answers) >= FEWEST and set(answers) <= set(kept) and name not in kept
    }
