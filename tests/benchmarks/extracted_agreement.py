"""Do the extracted checkers and the fast checkers agree, for total systems and for partial data?

Usage: ``python tests/benchmarks/extracted_agreement.py 10000 --seed 0``

Makes N random MDPs with their certificates, and N certificates that are corrupted in one to three
entries. Both checkers judge each; for MDPs of at most 6 observations the claims are also compared
with the length of shortest words, found by trying all words. Then the same for N claims about
random partial data (forced merges, infeasibility, pairs) and N with corrupted evidence; for at most
6 observations accepted claims are compared with all admissible partitions. Exit code 1 at the first
disagreement, which is printed.
"""

import argparse
import collections
import dataclasses
import itertools
import random
import sys
import time

import data_agreement
import numpy as np

from tellapart.theory.bisimulation import bisimulation
from tellapart.theory.certificate import Certificate
from tellapart.theory.checker import check_certificate
from tellapart.theory.mdp import DeterministicMDP
from tellapart.theory.verified_checker import check_certificate_verified

SMALL = 6


def random_system(rng: random.Random) -> DeterministicMDP:
    """Return an MDP of 1 to 24 observations; few labels and near successors make depths large."""
    n, m = rng.choice((rng.randint(1, SMALL), rng.randint(1, 24))), rng.randint(1, 3)
    reach = rng.choice((1, 2, n))
    rows = [
        [min(n - 1, max(0, o + rng.randint(-reach, reach))) for _ in range(m)] for o in range(n)
    ]
    labels = [int(rng.random() < 0.2) * rng.randint(1, 2) for _ in range(n)]
    return DeterministicMDP(rows, labels)


def corrupted(certificate: Certificate, rng: random.Random) -> Certificate:
    """Return another certificate: one to three entries changed or swapped, lengths kept."""
    fields = {
        name: getattr(certificate, name).copy() for name in ("block_ids", "order", "separations")
    }
    for _ in range(rng.randint(1, 3)):
        values = fields[rng.choice([name for name, v in fields.items() if len(v)])]
        i, j = rng.randrange(len(values)), rng.randrange(len(values))
        if rng.random() < 0.5:
            values[[i, j]] = values[[j, i]]
        else:
            values[i] = rng.randint(0, certificate.n_blocks)
    other = dataclasses.replace(certificate, **fields)
    return corrupted(certificate, rng) if other == certificate else other


def shortest_word(mdp: DeterministicMDP, x: int, y: int) -> int | None:
    """Return the length of a shortest word that tells two observations apart; None if none does."""
    table, labels = mdp.successors.tolist(), mdp.label_ids.tolist()
    seen: set[tuple[int, int]] = set()
    now = {(x, y)}
    for length in itertools.count():
        if any(labels[p] != labels[q] for p, q in now):
            return length
        seen |= now
        now = {pair for p, q in now for pair in zip(table[p], table[q], strict=True)} - seen
        if not now:
            return None
    raise AssertionError("unreachable: there are finitely many pairs")


def is_true(mdp: DeterministicMDP, certificate: Certificate) -> bool:
    """Judge a certificate by brute force."""
    blocks, m = certificate.block_ids, certificate.n_blocks
    if not np.array_equal(np.sort(certificate.order), np.arange(m)):
        return False
    if not np.array_equal(np.unique(blocks), np.arange(m)):
        return False
    return all(
        certificate.separation_depth(int(blocks[x]), int(blocks[y])) == shortest_word(mdp, x, y)
        for x, y in itertools.combinations(range(mdp.n_obs), 2)
    )


def agree(mdp: DeterministicMDP, certificate: Certificate) -> bool:
    """Return what all judges say; stop where they differ."""
    verdicts = {
        "extracted": check_certificate_verified(mdp, certificate).ok,
        "fast": check_certificate(mdp, certificate).ok,
    }
    if mdp.n_obs <= SMALL:
        verdicts["brute force"] = is_true(mdp, certificate)
    if len(set(verdicts.values())) > 1:
        print(f"they differ: {verdicts}\n{mdp.successors.tolist()} {mdp.label_ids.tolist()}")
        print(certificate.to_json())
        sys.exit(1)
    return verdicts["extracted"]


def agree_on_data(
    data: data_agreement.TransitionData,
    evidence: data_agreement.Evidence,
    truth: data_agreement.Truth | None,
) -> bool:
    """Return what both checkers say; stop where they differ, or accept what is not true."""
    extracted, fast = data_agreement.verdicts(data, evidence)
    untrue = extracted and truth is not None and not truth.is_true(evidence)
    if extracted != fast or untrue:
        print(f"extracted {extracted}, fast {fast}, untrue {untrue}: {evidence}")
        print(data.triples.tolist(), data.label_ids.tolist())
        sys.exit(1)
    return extracted


def compare_data(n: int, rng: random.Random) -> bool:
    """Compare on N claims about partial data and N corruptions; tell whether all N were right."""
    kinds: collections.Counter[str] = collections.Counter()
    confirmed = still_right = small = 0
    for _ in range(n):
        data = data_agreement.random_data(rng)
        evidence = data_agreement.evidence_of(data, rng)
        truth = data_agreement.Truth(data) if data.n_obs <= data_agreement.SMALL else None
        kinds[type(evidence).__name__] += 1
        confirmed += agree_on_data(data, evidence, truth)
        changed = data_agreement.corrupted(data, evidence, rng)
        still_right += agree_on_data(data, changed, truth)
        small += 2 * (truth is not None)
    shown = ", ".join(f"{kind} {kinds[kind]}" for kind in sorted(kinds))
    print(f"{n} claims about partial data ({shown}): {confirmed} confirmed by both checkers")
    print(f"{n} corruptions: both refuse {n - still_right}; {still_right} are still right")
    print(
        f"{small} of both have at most {data_agreement.SMALL} observations: none accepted is false"
    )
    return confirmed == n


def main() -> None:
    """Compare on N certificates and N corruptions, for systems and for data."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", type=int)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    confirmed = still_correct = small = 0
    started = time.process_time()
    for _ in range(arguments.n):
        mdp = random_system(rng)
        certificate = bisimulation(mdp, method="numpy").certificate()
        confirmed += agree(mdp, certificate)
        still_correct += agree(mdp, corrupted(certificate, rng))
        small += 2 * (mdp.n_obs <= SMALL)
    print(f"{arguments.n} certificates: {confirmed} confirmed by both checkers")
    refused = arguments.n - still_correct
    print(f"{arguments.n} corruptions: both refuse {refused}; {still_correct} are still correct")
    print(f"{small} of both have at most {SMALL} observations: brute force says the same")
    right = compare_data(arguments.n, rng)
    print(f"{time.process_time() - started:.0f} s of processor time")
    sys.exit(0 if right and confirmed == arguments.n else 1)


if __name__ == "__main__":
    main()
