"""A gate for anyone's training loop: every k steps it looks at the pairs that must be apart."""

import logging
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from tellapart.models.diagnostics.border import as_codes
from tellapart.models.diagnostics.summary import Diagnostics, diagnose
from tellapart.models.diagnostics.truth import Truth
from tellapart.models.gate_records import (
    CollapseError,
    CollapseWarning,
    GateCase,
    GateMargins,
    GateReading,
    collapse_message,
)
from tellapart.models.subject import Encoder, Head, Predictor, Subject, SubjectError
from tellapart.theory.errors import InvalidArgumentError
from tellapart.theory.formats.atomic import check_writable, write_bytes_atomically
from tellapart.theory.separation import DEFAULT_MERGE_TOLERANCE

__all__ = ["CollapseError", "CollapseGate", "CollapseWarning", "GateCase", "GateReading"]

FloatArray = npt.NDArray[np.float64]
OnCollapse = Literal["raise", "warn", "log"] | Callable[[GateCase], object]

_LOG = logging.getLogger("tellapart.gate")
_FILE = "collapse-step-{step:08d}.json"


class CollapseGate:
    """Watch an encoder while it trains; call :meth:`step` once for each training step.

    Parameters
    ----------
    system
        A ``DeterministicMDP``, its bisimulation, or ``TransitionData``: says which pairs must be
        told apart (S3, S4).
    encoder
        The encoder that is being trained, ``[batch, *obs_shape]`` to ``[batch, d]``.
    predictor, head
        With both, margins (S10) are computed at each check, where the model can be evaluated
        exactly.
    observations
        One input for each observation of the system, in their order, ``[n_obs, *obs_shape]``.
        None: one-hot vectors.
    every, after
        Check every ``every`` steps, beginning with step ``after``.
    patience
        Act when this many consecutive checks found merged pairs.
    on_collapse
        ``"raise"``: :class:`CollapseError`. ``"warn"``: :class:`CollapseWarning`. ``"log"``: an
        error in the log. A function: called with the :class:`GateCase`. All but ``"raise"`` act
        once, and again only after a check without merged pairs.
    folder
        Where a case file is written when the gate acts; created if need be. None: no file.
    merge_tolerance
        Codes closer than this share of the rms distance between pairs count as one.
    margins, diagnostics
        Whether to compute margins (default: when predictor and head are given) and diagnostics.
    batch_size
        Largest batch given to the encoder.
    seed
        Of the diagnostics.

    Raises
    ------
    InvalidArgumentError
        For arguments out of range, infeasible data, or a folder that cannot be written.
    SubjectError
        When observations do not fit the system, or a part cannot be called.

    Notes
    -----
    The encoder is run in eval mode without gradients, where it is and in its own type; the mode of
    every module and torch's global generator on the CPU are put back. A check costs one pass of
    the encoder, O(n² d) for the pairs and O(256 n d) for the diagnostics; margins cost more.
    Each check writes a line to the logger ``tellapart.gate``.

    Examples
    --------
    >>> from tellapart.theory.gallery import counting_chain
    >>> gate = CollapseGate(counting_chain(9), torch.nn.Linear(9, 4), every=2)
    >>> for _ in range(5):
    ...     reading = gate.step()
    >>> [reading.step for reading in gate.history], gate.history[-1].n_merged
    ([0, 2, 4], 0)
    """

    def __init__(
        self,
        system: Any,
        encoder: Encoder,
        *,
        predictor: Predictor | None = None,
        head: Head | None = None,
        observations: Tensor | None = None,
        every: int = 500,
        after: int = 0,
        patience: int = 1,
        on_collapse: OnCollapse = "raise",
        folder: str | Path | None = None,
        merge_tolerance: float = DEFAULT_MERGE_TOLERANCE,
        margins: bool | None = None,
        diagnostics: bool = True,
        batch_size: int = 1024,
        seed: int = 0,
    ) -> None:
        _check_numbers(every=(every, 1), after=(after, 0), patience=(patience, 1), seed=(seed, 0),
                       batch_size=(batch_size, 1))  # fmt: skip
        if on_collapse not in ("raise", "warn", "log") and not callable(on_collapse):
            raise InvalidArgumentError(
                f"on_collapse is {on_collapse!r}; give 'raise', 'warn', 'log' or a function of a "
                "GateCase."
            )
        given = predictor is not None and head is not None
        if margins and not given:
            raise InvalidArgumentError(
                "margins=True needs predictor= and head=: margins follow from their residuals."
            )
        self.truth = Truth(system)
        self.subject = Subject(
            encoder,
            _missing if predictor is None else predictor,
            _missing if head is None else head,
            observations,
            name="gate",
        )
        self.every, self.after, self.patience, self.seed = every, after, patience, seed
        self.on_collapse: OnCollapse = on_collapse
        self.folder = None if folder is None else _usable(Path(folder))
        self.merge_tolerance, self.batch_size = merge_tolerance, batch_size
        self.margins = given if margins is None else margins
        self.diagnostics = diagnostics
        self.seconds = 0.0
        self._history: list[GateReading] = []
        self._next = 0
        self._last: int | None = None
        self._acted = False
        self.subject.inputs(self.truth.n_obs, torch.arange(1))  # a wrong number of rows, said now

    @property
    def history(self) -> tuple[GateReading, ...]:
        """All readings, first to last."""
        return tuple(self._history)

    def step(self, step: int | None = None) -> GateReading | None:
        """Count one training step; check if it is due.

        Parameters
        ----------
        step
            Number of the step; default: the next one, from 0.

        Returns
        -------
        GateReading, or None when no check was due.

        Raises
        ------
        CollapseError
            When pairs are merged and ``on_collapse`` is ``"raise"``.
        SubjectError
            When the encoder returns something unusable, such as NaN.
        """
        if step is not None:
            _check_numbers(step=(step, 0))
        now = self._next if step is None else step
        self._next = now + 1
        if now < self.after or (now - self.after) % self.every or now == self._last:
            return None
        return self.check(now)

    __call__ = step

    def check(self, step: int | None = None) -> GateReading:
        """Check now, due or not; returns and raises as :meth:`step`."""
        now = self._next if step is None else step
        begin = time.process_time()
        with _in_eval_mode(self.subject):
            codes, epsilon = self._encode()
            proved = self._margins() if self.margins else None
        exact = self.truth.measure(codes, self.merge_tolerance, epsilon=epsilon)
        bad = self._history[-1].streak if self._history else 0
        reading = GateReading(
            step=now,
            exact=exact,
            streak=bad + 1 if exact.collapsed else 0,
            margins=proved,
            diagnostics=self._diagnose(codes, epsilon) if self.diagnostics else None,
        )
        self._history.append(reading)
        self._last = now
        self.seconds += time.process_time() - begin
        _LOG.log(logging.WARNING if reading.collapsed else logging.INFO, reading.line())
        self._acted = self._acted and reading.collapsed
        if reading.streak >= self.patience and not self._acted:
            self._acted = self.on_collapse != "raise"
            self._act(self._case(reading, codes, epsilon))
        return reading

    def lightning_callback(self) -> Any:
        """Return a callback for Lightning's ``Trainer``: a :meth:`step` after each training batch.

        Returns
        -------
        An object with ``on_train_batch_end``. It is a ``lightning.pytorch.Callback`` (or one of
        ``pytorch_lightning``) where that module is imported already, as it is wherever there is a
        ``Trainer``; nothing is imported here.
        """
        gate = self

        class GateCallback(_callback_base()):  # type: ignore[misc] # known at run time only
            """Calls the gate with the trainer's global step."""

            def on_train_batch_end(
                self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int
            ) -> None:
                """Check if the step is due."""
                gate.step(int(trainer.global_step))

        return GateCallback()

    def explain(self) -> str:
        """Return one line for each reading, and what the checks cost."""
        lines = [reading.line() for reading in self._history]
        cost = f"{len(lines)} checks in {self.seconds:.3g} s of processor time"
        return "\n".join([*lines, cost])

    def __repr__(self) -> str:
        last = f", last {self._history[-1].line()}" if self._history else ""
        return f"CollapseGate(every {self.every} steps, {len(self._history)} checks{last})"

    def _encode(self) -> tuple[FloatArray, float]:
        rows = []
        for indices in torch.split(torch.arange(self.truth.n_obs), self.batch_size):
            try:
                output = self.subject.encoder(self.subject.inputs(self.truth.n_obs, indices))
            except Exception as error:  # whatever the user's encoder raises is reported as its own
                raise SubjectError(
                    "encoder",
                    f"raised {type(error).__name__} at the gate, given {len(indices)} "
                    f"observations: {error}",
                ) from error
            rows.append(_checked(output, len(indices)))
        codes = torch.cat(rows)
        finite = torch.isfinite(codes).all(dim=1)
        if not bool(finite.all()):
            name = self.truth.observations[int((~finite).nonzero()[0, 0])]
            raise SubjectError(
                "encoder",
                f"returned NaN or infinity for observation {name!r}. Training may have diverged: "
                "lower the learning rate, or check the inputs.",
            )
        return as_codes(codes), float(torch.finfo(codes.dtype).eps)

    def _margins(self) -> GateMargins:
        from tellapart.models.certify import margin_certificate
        from tellapart.models.translation.errors import NotExactlyEvaluable

        try:
            found = margin_certificate(self.truth.system, self.subject)
        except NotExactlyEvaluable as error:
            return GateMargins(None, None, None, None, str(error))
        threshold = None if found.threshold is None else float(found.threshold)
        return GateMargins(
            found.n_certified, found.n_required, float(found.residual), threshold, None
        )

    def _diagnose(self, codes: FloatArray, epsilon: float) -> Diagnostics:
        return diagnose(
            self.truth,
            codes,
            merge_tolerance=self.merge_tolerance,
            epsilon=epsilon,
            seed=self.seed,
        )

    def _case(self, reading: GateReading, codes: FloatArray, epsilon: float) -> GateCase:
        return GateCase(
            system=self.truth.system,
            codes=np.array(codes),
            reading=reading,
            merge_tolerance=self.merge_tolerance,
            epsilon=epsilon,
            seed=self.seed,
        )

    def _act(self, case: GateCase) -> None:
        path = None
        if self.folder is not None:
            path = self.folder / _FILE.format(step=case.step)
            write_bytes_atomically(path, case.to_json().encode("utf-8"))
        shown = None if path is None else str(path)
        if self.on_collapse == "raise":
            raise CollapseError(case, shown)
        message = collapse_message(case, shown)
        if self.on_collapse == "warn":
            warnings.warn(message, CollapseWarning, stacklevel=4)
        elif self.on_collapse == "log":
            _LOG.error(message)
        else:
            self.on_collapse(case)


def _check_numbers(**numbers: tuple[int, int]) -> None:
    for name, (value, least) in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InvalidArgumentError(f"{name} is {value!r}; it must be an integer >= {least}.")


def _missing(*given: Tensor) -> Tensor:
    """Stand for a part that was not given; never run, as margins need both parts."""
    raise SubjectError("predictor", "or the head was not given to the gate.")


def _usable(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidArgumentError(
            f"The folder {folder} for case files cannot be created: {error}. Choose another one."
        ) from error
    check_writable(folder / _FILE.format(step=0))
    return folder


def _checked(output: object, n: int) -> Tensor:
    good = isinstance(output, Tensor) and output.is_floating_point()
    if not isinstance(output, Tensor) or not good or output.ndim != 2 or len(output) != n:
        what = (
            f"shape {list(output.shape)} and dtype {output.dtype}"
            if isinstance(output, Tensor)
            else type(output).__name__
        )
        raise SubjectError(
            "encoder",
            f"returned {what} at the gate; it must return a floating tensor [{n}, d], one latent "
            "per observation (flatten, or wrap the encoder in a function).",
        )
    return output.detach()


@contextmanager
def _in_eval_mode(subject: Subject) -> Iterator[None]:
    """Run in eval mode and without gradients; leave every module and the generator as they were."""
    modes = [(part, part.training) for module in subject.modules for part in module.modules()]
    try:
        for module in subject.modules:
            module.eval()
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            yield
    finally:
        for part, training in modes:
            part.training = training


def _callback_base() -> type:
    """Return Lightning's class of callbacks where it is loaded, else ``object``."""
    for name in ("lightning.pytorch", "pytorch_lightning"):
        base = getattr(sys.modules.get(name), "Callback", None)
        if isinstance(base, type):
            return base
    return object
