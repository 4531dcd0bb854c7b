from pathlib import Path

import pytest
from tellapart.properties.cases.files import load_case
from tellapart.properties.cases.replaying import replay_case

FOLDER = Path(__file__).parents[1] / "cases"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_case(path):
    found = replay_case(load_case(path))
    assert found.same, found.explain()
