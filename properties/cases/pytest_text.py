"""A case as a pytest file: it fails until what the case shows is fixed."""

import inspect

from tellapart.properties.cases.case import Case
from tellapart.properties.cases.replayers import replayer_module
from tellapart.theory.errors import InvalidArgumentError

__all__ = ["case_to_pytest"]

_GENERAL = '''"""{title}; it fails as long as the case comes out as it was saved."""

from tellapart.properties.cases.files import case_from_json
from tellapart.properties.cases.replaying import replay_case

CASE = {literal}


def test_the_case_does_not_come_out_as_it_was_saved():
    replayed = replay_case(case_from_json(CASE))
    assert not replayed.same, replayed.explain()
'''


def case_to_pytest(case: Case) -> str:
    """Return the text of a self-contained pytest file that fails until the case is fixed.

    Parameters
    ----------
    case
        Of a failure. Where the module that replays it has a ``pytest_text(case)``, that one writes
        the test, with the system as literals; else the test holds the whole case and replays it.

    Returns
    -------
    str
        Python source that imports tellapart and nothing of yours; the same case gives the same
        text.

    Raises
    ------
    InvalidArgumentError
        When ``case`` is none, cannot be replayed, or shows no failure.
    """
    if not isinstance(case, Case):
        raise InvalidArgumentError(
            f"case_to_pytest got a {type(case).__name__}; load a case with load_case(path)."
        )
    write = getattr(replayer_module(case.about), "pytest_text", None)
    if inspect.isfunction(write):
        return str(write(case))
    title = ascii(f"Case {case.about} {case.name}")[1:-1].replace('"', "'")
    lines = "\n".join(f"    {line!a}" for line in case.to_json().splitlines(keepends=True))
    return _GENERAL.format(title=title, literal=f"(\n{lines}\n)")
