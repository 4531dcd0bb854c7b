"""Engines on small campaigns, and a ledger in memory."""

from collections import Counter

from campaign_parts import answer

from tellapart.properties.suite.engine import Engine
from tellapart.properties.suite.executors import InlineExecutor
from tellapart.properties.suite.registry import Check, SuiteCost, Tier
from tellapart.properties.suite.tally import Recalled, tally_of


def a_check(id: str, tier: Tier) -> Check:
    return Check(
        id, tier, SuiteCost.INSTANT, "A title", "A reason.", frozenset(), (), lambda profile: (),
        lambda trial: None, ("joint",), ("merged-ends",),
    )  # fmt: skip


class Memory:
    """A ledger in memory that counts what it is given."""

    def __init__(self, results=()):
        self.results = {one.id: one for one in results}
        self.given = Counter()

    def recall(self, ids):
        found = [one for id, one in self.results.items() if id in ids]
        checks = {one.check for one in found}
        tallies = {check: tally_of(one for one in found if one.check == check) for check in checks}
        return Recalled(frozenset(one.id for one in found), tallies)

    def add(self, result):
        self.given[result.id] += 1
        self.results.setdefault(result.id, result)


def engine(jobs, open_executor=InlineExecutor, work=answer, consumers=(), **more):
    checks = {one.check: a_check(one.check, Tier(one.tier)) for one in jobs}
    checks = {id: checks[id] for id in sorted(checks)}

    def submit(executor, job):
        return executor.submit(work, job)

    return Engine(jobs, checks, submit, open_executor, consumers, 0.2, {}, **more)


def text(results):
    return [one.to_json() for one in results]


def cases(results):
    return {case.id: case for one in results for case in one.cases}
