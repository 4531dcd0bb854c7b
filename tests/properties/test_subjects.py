"""SUBJECT arguments: designs, files, modules, and one clear error for each that is not one."""

import pytest

from tellapart.models.designs import DESIGNS
from tellapart.models.subject import Subject, SubjectError
from tellapart.properties.errors import SubjectSourceError
from tellapart.properties.subjects import load_subject
from tellapart.theory.gallery import counting_chain

GOOD = """
import torch
from tellapart.models.subject import Subject

class Predictor(torch.nn.Module):
    def __init__(self, d, n_actions):
        super().__init__()
        self.net = torch.nn.Linear(d + n_actions, d)
        self.n_actions = n_actions

    def forward(self, z, a):
        onehot = torch.nn.functional.one_hot(a, self.n_actions).to(z)
        return self.net(torch.cat([z, onehot], dim=1))

def factory(mdp, seed):
    torch.manual_seed(seed)
    encoder = torch.nn.Linear(mdp.n_obs, 4)
    head = torch.nn.Linear(4, mdp.label_vectors.shape[1])
    return Subject(encoder, Predictor(4, mdp.n_actions), head)

def triple(mdp, seed):
    made = factory(mdp, seed)
    return made.encoder, made.predictor, made.head

def raising(mdp, seed):
    raise RuntimeError("no weights found")

def nothing(mdp, seed):
    return None

def leaving(mdp, seed):
    raise SystemExit(0)

def no_seed(mdp):
    return factory(mdp, 0)

constant = 3
"""


@pytest.fixture
def my_encoder(tmp_path):
    path = tmp_path / "my_encoder.py"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["factory", "triple"])
def test_a_file_with_a_factory_gives_a_subject(my_encoder, name):
    source = load_subject(f"{my_encoder}:{name}")
    assert isinstance(source.build(counting_chain(3), 0), Subject)


@pytest.mark.parametrize("name", list(DESIGNS))
def test_every_design_is_found_by_name(name):
    source = load_subject(name)
    assert source.design is DESIGNS[name]
    assert isinstance(source.build(counting_chain(3), 0), Subject)


def test_a_module_path_works(tmp_path, monkeypatch):
    (tmp_path / "pkg_for_subjects.py").write_text(GOOD, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert load_subject("pkg_for_subjects:factory").factory is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jiont", "Did you mean 'joint'"),
        ("no_such_file.py:factory", "does not exist"),
        ("no.such.module:factory", "does not import"),
        ("{file}:missing", "Functions there: factory"),
        ("{file}:constant", "must be a function"),
        ("{file}:no_seed", r"factory\(mdp, seed\)"),
    ],
)
def test_what_cannot_be_loaded_is_named(my_encoder, text, message):
    with pytest.raises(SubjectSourceError, match=message):
        load_subject(text.format(file=my_encoder))


def test_a_file_with_a_syntax_error_is_named(tmp_path):
    path = tmp_path / "broken.py"
    path.write_text("def factory(:\n", encoding="utf-8")
    with pytest.raises(SubjectSourceError, match="SyntaxError"):
        load_subject(f"{path}:factory")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("raising", "no weights found"),
        ("nothing", "returned NoneType"),
        ("leaving", "raised SystemExit: 0"),
    ],
)
def test_a_factory_that_fails_is_named(my_encoder, name, message):
    source = load_subject(f"{my_encoder}:{name}")
    with pytest.raises(SubjectError, match=message) as caught:
        source.build(counting_chain(3), 0)
    assert caught.value.part == "factory"


@pytest.mark.parametrize("place", ["{file}", "module_that_leaves"])
def test_a_file_that_ends_the_program_is_named(tmp_path, monkeypatch, capsys, place):
    path = tmp_path / "module_that_leaves.py"
    path.write_text('print("hello")\nraise SystemExit(0)\n', encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(SubjectSourceError, match=r"does not import: SystemExit: 0.*__main__"):
        load_subject(f"{place.format(file=path)}:factory")
    assert capsys.readouterr().out == ""


def test_something_that_is_no_factory_is_refused():
    with pytest.raises(SubjectSourceError, match="callable"):
        load_subject(3)
