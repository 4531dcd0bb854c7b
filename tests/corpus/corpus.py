"""How each case of the corpus is made; no digits of trained weights: every processor agrees.

After a wanted change (of a message, say), in this folder::

    python -c "import corpus; corpus.write()"

and look at the difference before you commit it.
"""

from pathlib import Path

import numpy as np
import torch
from torch import nn

from tellapart.models.designs import scaled_label_subject
from tellapart.models.networks import LinearHead, LinearPredictor, TableEncoder
from tellapart.models.subject import Subject
from tellapart.properties.cases.check_cases import case_of_check
from tellapart.properties.cases.files import save_case
from tellapart.properties.check import check
from tellapart.properties.counterexamples.counterexample import counterexample
from tellapart.properties.laws.examples import LawData, LawKernel, LawSystem
from tellapart.properties.laws.registry import law_named
from tellapart.properties.laws.replaying import case_of_law
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.gallery import counting_chain
from tellapart.theory.hypotheses import Hypothesis
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.partition import Partition


def counts_modulo_three(mdp, seed):
    """Codes that satisfy many losses of inverse dynamics, and merge 0, 3 and 6."""
    subject = Subject(
        TableEncoder(mdp.n_obs, 1), LinearPredictor(1, mdp.n_actions), LinearHead(1, 1)
    )
    with torch.no_grad():
        subject.encoder.table.copy_(torch.arange(mdp.n_obs).remainder(3).unsqueeze(1))
        subject.predictor.weight.fill_(1.0)
        subject.head.weight.fill_(0.0)
    return Subject(
        subject.encoder, subject.predictor, subject.head, name="modulo", fit=lambda *_: None
    )


def labels_only(mdp, seed):
    """Codes that are labels, with the best predictor there is for them."""
    return scaled_label_subject(mdp, 1.0)


class Halves(nn.Module):
    """Adds one half for the last action, so that no residual is zero."""

    def forward(self, codes, actions):
        return codes + actions.unsqueeze(1).to(codes) / 2


def near_the_truth(mdp, seed):
    """Codes of every observation apart, but neither loss is met."""
    subject = Subject(TableEncoder(mdp.n_obs, 2), Halves(), LinearHead(2, 1))
    with torch.no_grad():
        subject.encoder.table.copy_(
            torch.tensor(np.stack([np.arange(mdp.n_obs), np.arange(mdp.n_obs) ** 2], axis=1))
        )
        subject.head.weight.fill_(0.25)
    return Subject(subject.encoder, Halves(), subject.head, name="near", fit=lambda *_: None)


SWITCH = DeterministicMDP(
    [[0, 1], [0, 1]], labels=["off", "on"], observations=["dark", "bright"], actions=["down", "up"]
)


#: A fold tells 0 and 1 apart, no word does: along each the labels are equal or not known.
FOLD = TransitionData([[0, 0, 1], [1, 0, 2], [2, 0, 3], [3, 0, 3]], labels={0: "a", 3: "b"})


def broken(name, bad, example):
    """A known-bad subject of a law, refuted by an example."""
    law = law_named(name)
    try:
        law.check(example, law.bad[bad])
    except Exception as error:
        return case_of_law(law, law.bad[bad], example, str(error))
    raise AssertionError(f"{bad} keeps {name}")


def checks():
    """Return cases of checks: every verdict, designs and subjects of users."""
    return {
        "constant-on-counting-5": case_of_check(check("constant", counting_chain(5))),
        "constant-on-switch": case_of_check(check("constant", SWITCH)),
        "exact-on-pick": case_of_check(check("exact", "gallery:pick")),
        "exact-on-hopcroft-ullman": case_of_check(check("exact", "gallery:hopcroft-ullman")),
        "exact-on-constant-label": case_of_check(
            check("exact", counting_chain(4).with_labels([0, 0, 0, 0]))
        ),
        "modulo-on-counting-9": case_of_check(check(counts_modulo_three, "gallery:counting-9")),
        "labels-on-counting-9": case_of_check(check(labels_only, "gallery:counting-9")),
        "near-on-counting-7": case_of_check(check(near_the_truth, counting_chain(7))),
    }


def laws():
    """Return cases of laws, broken by subjects that are known to be bad."""
    chain = counting_chain(5)
    identity = LawKernel(chain, Partition.identity(5), "onehot", 0)
    return {
        "law-s3-words": broken("S3", "words only", LawData(FOLD)),
        "law-s4-one-code": broken("S4", "one code", identity),
        "law-s7-one-step": broken("S7", "one step suffices", LawSystem(chain)),
    }


def cases():
    """Return the cases by file name stem, made anew."""
    exact = {
        f"without-{dropped.value.replace('_', '-')}": counterexample(dropped, trained=False).case()
        for dropped in Hypothesis
    }
    trained = {"without-aux-loss-trained": counterexample("aux_loss").case()}
    return {**checks(), **laws(), **exact, **trained}


def write():
    """Write all of them into this folder."""
    for stem, case in cases().items():
        save_case(case, Path(__file__).parent / f"{stem}.json")
