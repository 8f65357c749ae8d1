"""Which columns hold replicate weights and how they were made, as a codebook's ``design`` says it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from trustkit.yaml_documents import Entry

ReplicateKind = Literal["JK1", "JKn", "BRR", "Fay", "bootstrap", "SDR", "other"]
REPLICATE_KINDS: tuple[ReplicateKind, ...] = ("JK1", "JKn", "BRR", "Fay", "bootstrap", "SDR", "other")
CENTRES: tuple[Literal["mean", "estimate"], ...] = ("mean", "estimate")


@dataclass(frozen=True)
class ReplicateColumns:
    """The columns of replicate weights and how they were made; see `trustkit.Replicates`.

    Attributes
    ----------
    columns
        The columns, at least two.
    kind
        How they were made.
    rho, scale, rscales, centre, df
        As in `trustkit.Replicates`.
    """

    columns: tuple[str, ...]
    kind: ReplicateKind
    rho: float = 0.0
    scale: float | None = None
    rscales: tuple[float, ...] | None = None
    centre: Literal["mean", "estimate"] = "mean"
    df: float | None = None

    def stated(self) -> dict[str, object]:
        """Return what is not at its default, as a codebook states it.

        Examples
        --------
        >>> ReplicateColumns(("r1", "r2"), "Fay", rho=0.5).stated()
        {'columns': ('r1', 'r2'), 'kind': 'Fay', 'rho': 0.5}
        """
        usual = {item.name: item.default for item in fields(self)}
        return {name: value for name, value in vars(self).items() if value != usual[name]}


def read_replicate_columns(entry: Entry) -> ReplicateColumns:
    """Read and check ``replicates`` of a codebook's design."""
    known = [item.name for item in fields(ReplicateColumns)]
    entry.keys(known, needed=["columns", "kind"])
    columns = entry.child("columns").texts()
    if len(columns) == 1 or len(set(columns)) < len(columns):
        entry.child("columns").fault("replicates need two or more different columns", "list each column once")
    kind = entry.child("kind").choice(REPLICATE_KINDS, "other")
    rho = entry.child("rho").number(0.0)
    if not 0 <= rho < 1:
        entry.child("rho").fault(f"rho is {rho:g}", "write a number from 0 to below 1")
    scale = entry.child("scale").number() if entry.has("scale") else None
    rscales = None
    if entry.has("rscales"):
        rscales = tuple(item.number(0.0) for item in entry.child("rscales").items())
        if len(rscales) != len(columns):
            entry.child("rscales").fault(
                f"{len(rscales)} numbers for {len(columns)} columns", "write one number for each column"
            )
    if kind == "JKn" and rscales is None:
        entry.fault("JKn needs rscales", "write (n - 1) / n of each dropped PSU's stratum")
    if kind == "other" and entry.has("kind") and scale is None:
        entry.fault("replicates of the kind other need a scale", "write scale")
    df = entry.child("df").number() if entry.has("df") else None
    if df is not None and not df > 0:
        entry.child("df").fault(f"df is {df:g}", "write a number above 0")
    centre = entry.child("centre").choice(CENTRES, CENTRES[0])
    return ReplicateColumns(columns, kind, rho, scale, rscales, centre, df)
