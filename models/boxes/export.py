"""Hand a claim about two boxes to somebody else's verifier: ``query.onnx`` and ``query.vnnlib``."""

from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from tellapart.models.boxes.boxes import encoder_program
from tellapart.models.boxes.claims import System
from tellapart.models.boxes.export_onnx import twin_onnx
from tellapart.models.boxes.export_vnnlib import merging_query
from tellapart.models.boxes.region import checked_number, region_around
from tellapart.models.subject import Subject
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["ExportedQuery", "export_query"]


@dataclass(frozen=True)
class ExportedQuery:
    """Where a query lies, and what an answer to it says.

    Attributes
    ----------
    onnx, vnnlib
        The two files.
    dtype
        Type of the numbers in the ONNX file.
    weights_exact
        Whether all weights survived the conversion to that type. If not, the query is about a
        slightly different encoder.
    n_inputs, n_outputs
        Variables of the query: twice the numbers of an observation, and the latent dimension.
    delta
        The distance asked about.
    """

    onnx: Path
    vnnlib: Path
    dtype: str
    weights_exact: bool
    n_inputs: int
    n_outputs: int
    delta: float

    def explain(self) -> str:
        """Return what was written and how to read the answer of a verifier."""
        exact = "exactly as stored" if self.weights_exact else "rounded, so not quite the encoder's"
        return (
            f"{self.onnx.name}: E(x) - E(y) in {self.dtype}, weights {exact}; "
            f"{self.n_inputs} inputs, {self.n_outputs} outputs.\n"
            f"{self.vnnlib.name}: sat means that two inputs in the boxes have codes at most "
            f"{self.delta:.3g} apart; unsat that there are none."
        )


def export_query(
    subject: Subject,
    system: System,
    x: Hashable,
    y: Hashable,
    radius: float,
    folder: str | Path,
    *,
    delta: float = 0.0,
    clip: tuple[float, float] | None = None,
    dtype: Literal["float32", "float64"] | None = None,
) -> ExportedQuery:
    """Write "can inputs in the boxes of x and y have codes at most delta apart?" as two files.

    Parameters
    ----------
    subject, system
        The encoder, and what its observations are of.
    x, y
        Names of two observations.
    radius, clip
        As for :func:`~tellapart.models.boxes.boxes.certify_boxes`.
    folder
        Where ``query.onnx`` and ``query.vnnlib`` are written; made when it does not exist.
    delta
        Sup-norm distance.
    dtype
        Type of the numbers in the ONNX file; None: float32 if it holds all weights, else float64.

    Returns
    -------
    ExportedQuery

    Raises
    ------
    NotExactlyEvaluable
        When the encoder cannot be read as a program, or is a table of codes.
    InvalidArgumentError
        For a name, radius, range, distance, type or folder that is none.

    Notes
    -----
    ONNX operator set 17, without the packages of ONNX. VNN-LIB 1.0; the boxes are the smallest
    ones with float64 edges that contain those of the claim.
    """
    delta = checked_number(delta, "delta", 0.0)
    program, observations = encoder_program(subject, system)
    i, j = (system.observation_index(name) for name in (x, y))
    if i == j:
        raise InvalidArgumentError(f"x and y are both {x!r}; give two observations.")
    region = region_around(observations, radius, clip)
    with np.errstate(over="ignore"):
        survives = all((c.astype(np.float32) == c).all() for c in program.constants)
    if dtype is None:
        dtype = "float32" if survives else "float64"
    if dtype not in ("float32", "float64"):
        raise InvalidArgumentError(f"dtype is {dtype!r}; use 'float32' or 'float64'.")
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise InvalidArgumentError(f"folder is {str(target)!r}, which is a file; give a folder.")
    target.mkdir(parents=True, exist_ok=True)
    d = int(np.prod(program.shape_of(program.output), dtype=np.int64))
    pair = [i, j]
    lo, hi = region.outer_lo[pair].reshape(-1), region.outer_hi[pair].reshape(-1)
    title = (
        f"Can two inputs have codes at most {delta!r} apart, within radius {region.radius!r}?\n"
        f"The first {len(lo) // 2} variables are near observation {x!r}, the others near {y!r}."
    )
    onnx, vnnlib = target / "query.onnx", target / "query.vnnlib"
    onnx.write_bytes(twin_onnx(program, dtype))
    vnnlib.write_text(merging_query(lo, hi, d, delta, title) + "\n", encoding="utf-8")
    exact = survives or dtype == "float64"
    return ExportedQuery(onnx, vnnlib, dtype, exact, len(lo), d, delta)
