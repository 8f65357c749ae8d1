"""A codebook as a record of plain values, to travel inside a file and come back whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from trustkit.survey.codebook import Codebook, Roles
from trustkit.survey.protection import Protection
from trustkit.survey.purposes import KeepUntil, Purpose
from trustkit.survey.replicate_columns import ReplicateColumns
from trustkit.survey.variable import MissingRange, Variable

KEY = b"trustkit.codebook"
"""The key of the codebook in a Parquet file's metadata."""

RECORDED: dict[str, type] = {
    cls.__name__: cls
    for cls in (Codebook, Variable, MissingRange, Roles, ReplicateColumns, Purpose, KeepUntil, Protection)
}
"""The classes that a record may contain."""


def to_record(value: object) -> object:
    """Return a codebook, or a part of it, as lists and mappings for JSON.

    Mappings become lists of pairs, as their keys may be numbers; what stands at its default is left out.

    Examples
    --------
    >>> to_record(MissingRange(97, 99, "refused"))
    {'is': 'MissingRange', 'low': 97, 'high': 99, 'reason': 'refused'}
    """
    if type(value).__name__ in RECORDED:
        of = RECORDED[type(value).__name__]
        values = {item.name: getattr(value, item.name) for item in fields(of)}
        usual = {item.name: item.default for item in fields(of)}
        return {"is": of.__name__} | {
            name: to_record(part) for name, part in values.items() if part != usual[name]
        }
    if isinstance(value, Mapping):
        return {"pairs": [[key, to_record(part)] for key, part in value.items()]}
    if isinstance(value, list):
        return {"list": [to_record(part) for part in value]}
    return [to_record(part) for part in value] if isinstance(value, tuple) else value


def from_record(value: object) -> object:
    """Return what `to_record` was given.

    Raises
    ------
    KeyError, TypeError
        If the record was not made by it.

    Examples
    --------
    >>> from_record({"is": "MissingRange", "low": 97, "high": 99, "reason": "refused"}).holds(98)
    True
    """
    if isinstance(value, Mapping) and "pairs" in value:
        return {key: from_record(part) for key, part in value["pairs"]}
    if isinstance(value, Mapping) and "list" in value:
        return [from_record(part) for part in value["list"]]
    if isinstance(value, Mapping):
        values = {name: from_record(part) for name, part in value.items() if name != "is"}
        return RECORDED[value["is"]](**values)
    if isinstance(value, list):
        return tuple(from_record(part) for part in value)
    return value
