"""Aldebaran files: one as lps2lts writes it, and a line number for every defect."""

import pytest

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.data.transitions import TransitionData
from tellapart.theory.errors import DuplicateTransitionError, FileFormatError
from tellapart.theory.formats.aut import aut_bytes, aut_data
from tellapart.theory.formats.files import read_system
from tellapart.theory.mdp import DeterministicMDP

# As `lps2lts system.lps system.aut` writes it: two drones take a charger and give it back.
LPS2LTS = b"""des (0,12,8)
(0,"take(d1, left)",1)
(0,"take(d2, left)",2)
(0,"rest",0)
(1,"charge(d1, [left, right])",3)
(2,"charge(d2, [left, right])",4)
(3,"give(d1, left)",5)
(4,"give(d2, left)",6)
(5,"done(true)",0)
(6,"done(true)",0)
(1,"tau",7)
(2,"tau",7)
(7,"rest|done(false)",0)
"""


def test_a_file_of_lps2lts_has_no_labels():
    data = read_system(LPS2LTS, "aut")
    assert isinstance(data, TransitionData)
    assert (data.n_obs, data.n_transitions, data.n_labelled) == (8, 12, 0)
    assert data.actions[:3] == ("take(d1, left)", "take(d2, left)", "rest")
    assert "charge(d1, [left, right])" in data.actions
    assert data.is_functional
    assert data.row_text(data.find(7, data.action_index("rest|done(false)"))[0]) == "line 13"


def test_enabled_actions_as_labels():
    data = read_system(LPS2LTS, "aut", labels="enabled")
    assert data.label_of(5) == data.label_of(6) == ("done(true)",)
    assert len(data.label_values) == 7


def test_labels_are_self_loops():
    content = b"""des (2, 9, 3)
(0,"label(off)",0)
(1, label(off) ,1)
(2,"label([1, "on"])",2)
(0,press,1)
( 1 , "press" , 2 )
(2,"press",2)\r

(0,label(moved),1)
(1,label(moved),1)
(2,"label( moved)",0)
"""
    with pytest.raises(FileFormatError, match="line 10: state 1 has a second label"):
        aut_data(content)
    content = content.replace(b"(1,label(moved),1)", b"(1,label(moved),0)")
    data = aut_data(content)
    assert data.actions == ("press", "label(moved)", "label( moved)")
    assert [data.label_of(o) for o in range(3)] == ["off", "off", (1, "on")]
    assert data.label_rows.tolist() == [2, 3, 4]


def test_blocks_of_a_labelled_file():
    content = b'des (0,8,4)\n(0,"label(0)",0)\n(1,"label(0)",1)\n(2,"label(1)",2)\n'
    content += b'(3,"label(1)",3)\n(0,"a",2)\n(1,"a",3)\n(2,"a",0)\n(3,"a",1)\n'
    mdp = read_system(content, "aut")
    assert isinstance(mdp, DeterministicMDP)
    assert bisimulation(mdp).partition.blocks == ((0, 1), (2, 3))


def test_actions_that_look_like_labels_stay_actions():
    data = TransitionData([[0, 0, 0]], actions=["label(x)"])
    assert b'"\\"label(x)\\""' in aut_bytes(data)
    assert aut_data(aut_bytes(data)) == data


def test_successors_and_numbers_that_are_equal():
    data = aut_data(b"des (0,3,2)\n(0,1,0)\n(0,1.0,1)\n(1,null,0)\n")
    assert data.actions == (1, "null")
    assert data.successors_of(0, 0) == (0, 1)
    with pytest.raises(DuplicateTransitionError, match=r"\(line 2\) and to 1 \(line 3\)"):
        data.to_mdp()


GOOD = b"des (0,2,2)\n(0,go,1)\n(1,go,1)\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"des", b"dse", r"line 1: 'dse \(0,2,2\)' where 'des \(FIRST"),
        (b"des (0,2,2)", b"des (0,2)", "line 1: "),
        (b"des (0,2,2)", b"des (0,-2,2)", "line 1: "),
        (b"des (0,2,2)", b"des (0,2,0)", "line 1: 0 states"),
        (b"des (0,2,2)", b"des (2,2,2)", "line 1: the first state 2"),
        (b"des (0,2,2)", b"des (0,2,99999999999)", "line 1: 99999999999 states, more than a file"),
        (b"des (0,2,2)", b"des (0,3,2)", "line 1 says 3 transitions, but 2 follow; .* cut off"),
        (b"des (0,2,2)", b"des (0,1,2)", "line 1 says 1 transitions, but 2 follow"),
        (b"(1,go,1)", b"(1,go,2)", "line 3: the state 2 is not in 0..1"),
        (b"(1,go,1)", b"(1,go)", r"line 3: '\(1,go\)' where '\(FROM, ACTION, TO\)'"),
        (b"(1,go,1)", b"(1,,1)", "line 3: "),
        (b"(1,go,1)", b"(1,go,1", "line 3: "),
        (b"(1,go,1)", b"(x,go,1)", "line 3: "),
        (b"(1,go,1)", b'(1,"go,1)', "line 3: the quotes around"),
        (b"(1,go,1)", b'(1,",1)', "line 3: the quotes around"),
        (b"(1,go,1)", b"(1,g\xff,1)", "line 3: not text"),
        (b"(0,go,1)\n(1,go,1)", b"(0,label(0),0)\n(1,label(0),1)", "no transition"),
    ],
)
def test_every_defect_has_its_line(old, new, message):
    with pytest.raises(FileFormatError, match=message):
        aut_data(GOOD.replace(old, new))


def test_empty_lines_and_a_mark_at_the_start_do_no_harm():
    assert aut_data(b"\xef\xbb\xbf" + GOOD.replace(b"\n", b"\r\n\r\n")) == aut_data(GOOD)
