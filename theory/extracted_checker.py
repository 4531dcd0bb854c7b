"""The verified checker of bisimulation certificates, in Python; do not edit.

Generated from ``theory/proofs/Certificate.v`` by ``theory/proofs/build`` (Coq's extraction and
``theory/proofs/extraction/print_python.py``); ``theory/proofs/build --check`` compares. That it
accepts only correct certificates is the theorem ``accepts_sound``, that it accepts all of them
``accepts_complete``. :mod:`tellapart.theory.verified_checker` is its door.
"""

from collections.abc import Callable

__all__ = ["accepts"]

Table = Callable[[int], int]
Table2 = Callable[[int, int], int]
Test = Callable[[int], bool]

# fmt: off


def forall_below(n: int, test: Test) -> bool:
    """Compute ``forall_below`` of the proofs."""
    while True:
        if n == 0:
            return True
        i = n - 1
        if test(i):
            n = i
            continue
        return False


def exists_below(n: int, test: Test) -> bool:
    """Compute ``exists_below`` of the proofs."""
    while True:
        if n == 0:
            return False
        i = n - 1
        if test(i):
            return True
        n = i
        continue


def closed_tables(n: int, m: int, successor: Table2, k: int, block: Table) -> bool:
    """Compute ``closed_tables`` of the proofs."""
    def test(o: int) -> bool:
        def test(a: int) -> bool:
            return successor(o, a) < n
        return block(o) < k and forall_below(m, test)
    return forall_below(n, test)


def order_is_permutation(k: int, order: Table, place: Table) -> bool:
    """Compute ``order_is_permutation`` of the proofs."""
    def test(i: int) -> bool:
        return order(i) < k and place(order(i)) == i and place(i) < k and order(place(i)) == i
    return forall_below(k, test)


def members_belong(n: int, k: int, block: Table, member: Table) -> bool:
    """Compute ``members_belong`` of the proofs."""
    def test(b: int) -> bool:
        return member(b) < n and block(member(b)) == b
    return forall_below(k, test)


def blocks_are_stable(
    n: int, m: int, successor: Table2, label: Table, block: Table, member: Table
) -> bool:
    """Compute ``blocks_are_stable`` of the proofs."""
    def test(o: int) -> bool:
        r = member(block(o))
        def test(a: int) -> bool:
            return block(successor(o, a)) == block(successor(r, a))
        return label(o) == label(r) and forall_below(m, test)
    return forall_below(n, test)


def distances_are_minima(k: int, separation: Table, distance: Table2) -> bool:
    """Compute ``distances_are_minima`` of the proofs."""
    def test(i: int) -> bool:
        def test(j: int) -> bool:
            return (distance(j, i) == distance(i, j) and distance(i, j) == (separation(j) if (j + 1)
                    == i else min(distance(max(i - 1, 0), j), separation(max(i - 1, 0)))))
        return forall_below(i, test)
    return forall_below(k, test)


def target(
    successor: Table2, block: Table, order: Table, place: Table, member: Table, i: int, a: int
) -> int:
    """Compute ``target`` of the proofs."""
    return place(block(successor(member(order(i)), a)))


def least_target(
    m: int, successor: Table2, block: Table, order: Table, place: Table, member: Table,
    distance: Table2, r: int, i: int, j: int
) -> bool:
    """Compute ``least_target`` of the proofs."""
    def test(a: int) -> bool:
        u = target(successor, block, order, place, member, i, a)
        v = target(successor, block, order, place, member, j, a)
        return u == v or r <= distance(u, v)
    def test_(a: int) -> bool:
        u = target(successor, block, order, place, member, i, a)
        v = target(successor, block, order, place, member, j, a)
        return False if u == v else distance(u, v) == r
    return forall_below(m, test) and exists_below(m, test_)


def depth_equation(
    m: int, successor: Table2, label: Table, block: Table, order: Table, place: Table,
    member: Table, distance: Table2, i: int, j: int
) -> bool:
    """Compute ``depth_equation`` of the proofs."""
    if label(member(order(i))) == label(member(order(j))):
        value = distance(i, j)
        if value == 0:
            return False
        r = value - 1
        return least_target(m, successor, block, order, place, member, distance, r, i, j)
    return distance(i, j) == 0


def depths_hold(
    m: int, successor: Table2, label: Table, k: int, block: Table, order: Table, place: Table,
    member: Table, distance: Table2
) -> bool:
    """Compute ``depths_hold`` of the proofs."""
    def test(i: int) -> bool:
        def test(j: int) -> bool:
            return depth_equation(m, successor, label, block, order, place, member, distance, i, j)
        return forall_below(i, test)
    return forall_below(k, test)


def accepts(
    n: int, m: int, successor: Table2, label: Table, k: int, block: Table, order: Table,
    separation: Table, place: Table, member: Table, distance: Table2
) -> bool:
    """Compute ``accepts`` of the proofs."""
    return (closed_tables(n, m, successor, k, block) and order_is_permutation(k, order, place) and
            members_belong(n, k, block, member) and blocks_are_stable(n, m, successor, label, block,
            member) and distances_are_minima(k, separation, distance) and depths_hold(m, successor,
            label, k, block, order, place, member, distance))
