"""The whole flow in Python: every design gets a verdict that does not lie."""

import pytest
import torch

from tellapart.models.designs import scaled_label_subject
from tellapart.models.subject import Subject, SubjectError
from tellapart.properties.check import CheckReport, check
from tellapart.theory.gallery import counting_chain
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verdict import Grade, Verdict

CHAIN = counting_chain(9)


class Predictor(torch.nn.Module):
    """A predictor a reader would write: action one-hot beside the latent."""

    def __init__(self, d, n_actions, hidden=64):
        super().__init__()
        self.n_actions = n_actions
        self.net = torch.nn.Sequential(
            torch.nn.Linear(d + n_actions, hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, d)
        )

    def forward(self, z, a):
        onehot = torch.nn.functional.one_hot(a, self.n_actions).to(z)
        return self.net(torch.cat([z, onehot], dim=1))


def parts(mdp, seed, d=6):
    torch.manual_seed(seed)
    encoder = torch.nn.Sequential(
        torch.nn.Linear(mdp.n_obs, 32), torch.nn.Tanh(), torch.nn.Linear(32, d)
    )
    return encoder, Predictor(d, mdp.n_actions), torch.nn.Linear(d, mdp.label_vectors.shape[1])


def factory(mdp, seed):
    return Subject(*parts(mdp, seed))


def test_exact_holds_with_grade_exact():
    report = check("exact", CHAIN)
    assert (report.verdict, report.judgement.grade) == (Verdict.HOLDS, Grade.EXACT)
    assert report.exit_code == 0


def test_joint_holds_certified():
    report = check("joint", "gallery:counting-9")
    assert (report.verdict, report.judgement.grade) == (Verdict.HOLDS, Grade.CERTIFIED)
    assert report.margin_check is not None
    assert report.margin_check.n_claims == 36
    assert report.judgement.resolution.ratio < 1
    assert report.training is not None
    assert report.training.history


def test_constant_collapses_all_36_pairs():
    report = check("constant", CHAIN)
    assert report.verdict is Verdict.COLLAPSED
    assert report.exit_code == 1
    assert report.judgement.separation.n_merged == 36
    assert "along -1 -1 -1 -1" in report.explain()


def test_a_raw_loss_of_1e_minus_24_does_not_hide_seven_merged_observations():
    def scaled(mdp, seed):
        return scaled_label_subject(mdp, 1e-12)

    report = check(scaled, counting_chain(8))
    assert report.dynamics_loss + report.aux_loss < 1e-24
    assert report.verdict is Verdict.COLLAPSED
    assert report.judgement.separation.n_merged == 21  # every pair among the seven
    assert report.judgement.resolution.ratio >= 1


@pytest.mark.parametrize("design", ["dynamics-only", "aux-only"])
def test_one_loss_alone_is_never_a_pass(design):
    report = check(design, CHAIN)
    assert report.verdict in (Verdict.COLLAPSED, Verdict.VACUOUS)
    hypothesis = "aux_loss" if design == "dynamics-only" else "dynamics_loss"
    assert any(hypothesis in reason for reason in report.judgement.reasons)


def test_a_plain_module_of_a_user_is_trained_and_holds():
    report = check(factory, CHAIN)
    assert report.verdict is Verdict.HOLDS, report.explain()


def test_the_same_seed_gives_the_same_bytes():
    assert check("joint", CHAIN, seed=3).to_json() == check("joint", CHAIN, seed=3).to_json()


def test_a_report_survives_a_round_trip():
    report = check("constant", CHAIN)
    again = CheckReport.from_json(report.to_json())
    assert again.to_json() == report.to_json()
    assert again.verdict is report.verdict
    assert again.bisimulation.depth == 4


def test_a_float32_code_that_is_constant_up_to_rounding_is_collapsed():
    def make(mdp, seed):
        _, predictor, head = parts(mdp, seed)
        noise = torch.rand(mdp.n_obs, 6, generator=torch.Generator().manual_seed(seed))
        return Subject(
            lambda onehot: 1 + 1e-7 * (onehot @ noise), predictor, head, fit=lambda *_: None
        )

    report = check(make, CHAIN)
    assert report.dtype == "float32"
    assert report.verdict is Verdict.COLLAPSED
    assert report.judgement.separation.n_merged == 36


def test_constant_label_is_vacuous():
    report = check("exact", CHAIN.with_labels([0] * 9))
    assert report.verdict is Verdict.VACUOUS
    assert report.exit_code == 3


def test_one_observation_is_vacuous_not_an_error():
    assert check("joint", DeterministicMDP([[0]], labels=[0])).verdict is Verdict.VACUOUS


def test_progress_names_the_stages():
    seen = []
    check("joint", CHAIN, progress=lambda stage, *_: seen.append(stage))
    assert {"audit", "train", "evaluate"} <= set(seen)


def test_an_own_fit_replaces_ours():
    def own_fit(subject, mdp, seed):
        with torch.no_grad():
            for parameter in subject.encoder.parameters():
                parameter.zero_()

    def make(mdp, seed):
        return Subject(*parts(mdp, seed), fit=own_fit)

    report = check(make, CHAIN)
    assert report.verdict is Verdict.COLLAPSED
    assert report.training.method == "own"


def _broken(part, value):
    def make(mdp, seed):
        encoder, predictor, head = parts(mdp, seed)
        replaced = {"encoder": encoder, "predictor": predictor, "head": head, part: value}
        return Subject(**replaced, fit=lambda *_: None)

    return make


class Dropout(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.net = torch.nn.Sequential(torch.nn.Linear(9, 6), torch.nn.Dropout(0.5))

    def forward(self, x):
        return self.net(x)


def _raise(*_):
    raise RuntimeError("kernel not found")


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("encoder", lambda x: x.sum(), "shape"),
        ("encoder", lambda x: x[:, :6] * float("nan"), "NaN"),
        ("encoder", Dropout(), "not deterministic"),
        ("encoder", _raise, "kernel not found"),
        ("encoder", lambda x: "latent", "str"),
        ("predictor", lambda z, a: z[:, :2], "shape"),
        ("predictor", lambda z: z, "raised TypeError"),
        ("head", lambda z: z, "shape"),
        ("head", lambda z: z[:, :1] / 0, "head"),
    ],
)
def test_a_misbehaving_part_is_named(part, value, message):
    with pytest.raises(SubjectError, match=message) as caught:
        check(_broken(part, value), CHAIN)
    assert caught.value.part == part


def test_an_own_fit_that_raises_is_named():
    def make(mdp, seed):
        return Subject(*parts(mdp, seed), fit=_raise)

    with pytest.raises(SubjectError, match="kernel not found") as caught:
        check(make, CHAIN)
    assert caught.value.part == "fit"


def test_systems_too_large_for_margins_say_so(monkeypatch):
    for module in ("tellapart.models.certify", "tellapart.properties.check_report"):
        monkeypatch.setattr(f"{module}.MAX_OBSERVATIONS", 4)
    report = check("exact", counting_chain(5), require="certified")
    assert report.verdict is Verdict.HOLDS  # exact is more than certified
    assert report.margins is None
    assert "no margins above 4 observations" in report.no_margins


def test_a_part_outside_of_its_domain_is_judged_in_floats():
    class Root(torch.nn.Module):
        """A square root whose argument is only just positive: enclosures reach below zero."""

        def forward(self, codes, actions):
            return torch.sqrt((codes - codes) + torch.exp(-700 + 0 * codes) * 0) + codes

    def make(mdp, seed):
        encoder, _, head = parts(mdp, seed)
        return Subject(encoder, Root(), head, fit=lambda *_: None)

    report = check(make, CHAIN)
    assert report.precision.arithmetic == "float"
    assert report.precision.reason
    assert report.margins is None
