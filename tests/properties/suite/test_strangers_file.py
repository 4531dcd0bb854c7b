"""A stranger's file of twenty lines passes; broken in one place, its story names the place."""

from pathlib import Path

import pytest

from tellapart.properties.suite.running import check_encoder

pytest_plugins = ["pytester"]

PLAIN = ("-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error", "--strict-markers")
SMOKE = (*PLAIN, "--tellapart-profile=smoke")
EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "test_my_suite.py"


@pytest.fixture(scope="module", autouse=True)
def loaded():
    """Import what a run imports on the way: pytester forgets what is imported inside of it."""
    only = ["contract", "exact-capacity", "exact-counting"]
    check_encoder("constant", profile="smoke", only=only, on_fail=None)
    check_encoder("joint", profile="smoke", only=only, on_fail=None)


def stranger(pytester, changes, *options):
    """Run the example, changed, in a folder of its own."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    pytester.makepyfile(test_my_suite=text)
    return pytester.runpytest_inprocess(*SMOKE, *options)


def test_a_strangers_file_is_short_and_passes(pytester):
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 20
    tiers = "tellapart(tier='contract') or tellapart(tier='exact')"
    shown = stranger(pytester, [], "-m", tiers)
    found = shown.parseoutcomes()
    assert found["passed"] >= 20
    assert set(found) <= {"passed", "skipped", "deselected"}


ENCODER = "encoder, head = torch.nn.Linear(mdp.n_obs, 8)"
HEAD = "torch.nn.Linear(8, mdp.label_vectors.shape[1])"
DETACHED = """class Encoder(torch.nn.Linear):
    def forward(self, observations):
        return super().forward(observations).detach()


def my_design"""
BATCH_NORM = "torch.nn.Sequential(torch.nn.Linear(mdp.n_obs, 8), torch.nn.BatchNorm1d(8))"
BROKEN = {
    "a head that reads nothing": (
        [(HEAD, "lambda z: torch.zeros(len(z), mdp.label_vectors.shape[1])")],
        "contract-auxiliary-gradient", "*the head does not depend on the codes.*",
    ),
    "no head": (
        [("Predictor(*layers), head", "Predictor(*layers)")],
        "contract-shapes", "*The factory*returned tuple*Subject(encoder, predictor, head)*",
    ),
    "an encoder that is detached": (
        [(ENCODER, ENCODER.replace("torch.nn.Linear", "Encoder")), ("def my_design", DETACHED)],
        "contract-encoder-gradient", "*no gradient to the weights of the encoder.*",
    ),
    "BatchNorm in train mode": (
        [(ENCODER, f"encoder, head = {BATCH_NORM}")],
        "contract-modes", "*encoder.1 (BatchNorm1d*leaves train mode on.*",
    ),
    "one dimension too few": (
        [
            ("Predictor(torch.nn.Sequential)", "Predictor(torch.nn.ModuleList)"),
            ("action = torch.nn.functional.one_hot(a, self[0].in_features - z.shape[1])",
             "each = torch.stack([one(z) for one in self])"),
            ("super().forward(torch.cat([z, action], dim=1))", "each[a, torch.arange(len(z))]"),
            ("torch.nn.Linear(8 + mdp.n_actions, 64), torch.nn.Tanh(), torch.nn.Linear(64, 8)",
             "[torch.nn.Linear(8, 8) for _ in range(mdp.n_actions)]"),
            ("Predictor(*layers)", "Predictor(layers)"),
            ("(8, ", "(7, "), (", 8)", ", 7)"),
        ],
        "exact-capacity", "*counting-9: *dimension must be at least 8*it is 7.*",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_strangers_file_fails_and_the_story_names_the_culprit(pytester, fault):
    changes, check, told = BROKEN[fault]
    shown = stranger(pytester, changes, "-k", "contract or exact-capacity")
    assert shown.parseoutcomes()["failed"] == 1
    shown.stdout.fnmatch_lines([f"my_design *: {check} (profile smoke, seed 0).", told])
    assert "Traceback" not in shown.stdout.str()
