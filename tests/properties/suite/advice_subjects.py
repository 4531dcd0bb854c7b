"""Subjects that tests of advice are about, checked and trained."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tellapart.models.fit import fit
from tellapart.models.linear import CodeTable
from tellapart.models.networks import LinearHead, LinearPredictor, TableEncoder
from tellapart.models.subject import Subject
from tellapart.properties.check import check
from tellapart.properties.check_report import CheckReport
from tellapart.properties.suite.advice import (
    Advice,
)
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP

MDP = counting_chain(5)


def leave(subject: Subject, mdp: DeterministicMDP, seed: int) -> None:
    """Train nothing, as a fit whose optimiser holds the wrong weights does."""


def causes(found: tuple[Advice, ...]) -> list[str]:
    return [advice.cause for advice in found]


def of_cause(found: tuple[Advice, ...], cause: str) -> Advice:
    return next(advice for advice in found if advice.cause == cause)


def built(subject: Subject, mdp: DeterministicMDP = MDP, *, trains: bool = True) -> CheckReport:
    """Check one subject, whose fit leaves it as it is; trains=False: it has no fit."""
    made = replace(subject, fit=leave) if trains else subject
    return check(lambda mdp, seed: made, on=mdp)


def trained(subject: Subject, mdp: DeterministicMDP = MDP, **options: Any) -> CheckReport:
    """Train by tellapart with options, check the result, and keep what training said."""
    result = fit(subject, mdp, **options)
    return replace(built(subject, mdp), training=result)


def linear_parts(mdp: DeterministicMDP, d: int, seed: int = 0) -> Subject:
    return Subject(
        TableEncoder(mdp.n_obs, d, seed),
        LinearPredictor(d, mdp.n_actions, seed + 1),
        LinearHead(d, mdp.label_vectors.shape[1], seed + 2),
    )


def onehot(mdp: DeterministicMDP) -> tuple[CodeTable, LinearPredictor, LinearHead]:
    """One-hot codes with the linear predictor and head that are right for them."""
    n = mdp.n_obs
    predictor, head = LinearPredictor(n, mdp.n_actions), LinearHead(n, mdp.label_vectors.shape[1])
    eye = torch.eye(n, dtype=torch.float64)
    with torch.no_grad():
        predictor.weight.copy_(torch.stack([eye[to.astype(np.int64)] for to in mdp.successors.T]))
        head.weight.copy_(torch.tensor(mdp.label_vectors))
    return CodeTable(eye), predictor, head


# Properties
