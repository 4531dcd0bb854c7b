"""Cases on a Dask cluster: the same results, and workers that die."""

import warnings
from collections import Counter
from collections.abc import Iterator

import pytest
from campaign_parts import answer, answer_or_die, job, plan
from campaign_runs import Memory, cases, engine, text

from tellapart.properties.suite.executors import dask_executors
from tellapart.properties.suite.verdicts import SuiteVerdict
from tellapart.theory.errors import InvalidArgumentError

distributed = pytest.importorskip("distributed")

pytestmark = [
    pytest.mark.oracle,
    # Clusters warn of taken ports, and of their own threads when they end.
    pytest.mark.filterwarnings("ignore"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
        with distributed.LocalCluster(**options, processes=True, protocol="tcp") as made:
            yield made


def test_the_same_results_as_here(cluster):
    jobs = plan(10)
    ledger = Memory()
    with dask_executors(cluster.scheduler_address) as opened:
        executor = opened()
        assert executor.width == 4
        found = engine(jobs, opened, ledger=ledger).run()
    assert text(found) == text(engine(jobs).run())
    assert ledger.given == Counter(one.id for one in jobs)


def test_dying_workers_lose_and_double_nothing(cluster, tmp_path):
    names = ["a-0", "mortal", "a-1", "deadly", "a-2", "a-3"]
    jobs, ledger = tuple(job("fatal", name) for name in names), Memory()

    def submit(executor, one):
        return executor.submit(answer_or_die, one, str(tmp_path))

    with dask_executors(cluster.scheduler_address) as opened:
        made = engine(jobs, opened, ledger=ledger)
        made.submit = submit
        found = cases(made.run())
    assert ledger.given == Counter(found.keys()) == Counter(one.id for one in jobs)
    for one in jobs:
        if one.scenario == "deadly":
            assert found[one.id].verdict is SuiteVerdict.ERROR
            assert "died 2 times" in found[one.id].outcome.summary
        else:
            assert found[one.id] == answer(one)


def test_workers_with_several_threads_are_refused():
    from distributed import LocalCluster

    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=2,
            processes=False,
            dashboard_address=None,
            protocol="tcp",
        ) as other,
        dask_executors(other.scheduler_address) as opened,
        pytest.raises(InvalidArgumentError, match=r"has 2 threads.*--nthreads 1"),
    ):
        engine(plan(2), opened).run()


def test_a_scheduler_that_goes_away_is_told(cluster):
    from distributed import LocalCluster

    jobs, ledger = plan(4), Memory()
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": None}
    with (
        LocalCluster(**options, processes=True, protocol="tcp") as other,
        dask_executors(other.scheduler_address) as opened,
    ):
        made = engine(jobs, opened, ledger=ledger, consumers=[lambda event: other.close()])
        with pytest.raises(InvalidArgumentError, match="workers are up"):
            made.run()
    assert 1 <= len(ledger.given) < len(jobs)
