"""The verified checkers of certificates, in Python; do not edit.

Generated from ``theory/proofs/Certificate.v`` and ``theory/proofs/DataCertificate.v`` by
``theory/proofs/build`` (Coq's extraction and ``theory/proofs/extraction/print_python.py``);
``theory/proofs/build --check`` compares. That ``accepts`` accepts only correct certificates of
bisimulation is the theorem ``accepts_sound``, that it accepts all of them ``accepts_complete``. For
logged data the theorems are ``accepts_model_iff``, ``clash_sound``, ``forced_exactly`` and
``clash_complete``, ``forced_complete``, ``model_complete``.
:mod:`tellapart.theory.verified_checker` and :mod:`tellapart.theory.verified_data_checker` are the
doors.
"""

from collections.abc import Callable

__all__ = ["accepts", "accepts_clash", "accepts_forced", "accepts_model"]

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


def rows_exist(n: int, rows: int, source: Table, successor: Table) -> bool:
    """Compute ``rows_exist`` of the proofs."""
    def test(t: int) -> bool:
        return source(t) < n and successor(t) < n
    return forall_below(rows, test)


def follows_rows(
    rows: int, source: Table, taken: Table, successor: Table, code: Table, lead: Table2
) -> bool:
    """Compute ``follows_rows`` of the proofs."""
    def test(t: int) -> bool:
        return lead(code(source(t)), taken(t)) == code(successor(t))
    return forall_below(rows, test)


def reads_labels(n: int, label: Table, code: Table, head: Table) -> bool:
    """Compute ``reads_labels`` of the proofs."""
    def test(o: int) -> bool:
        return label(o) == 0 or label(o) == (head(code(o)) + 1)
    return forall_below(n, test)


def accepts_model(
    n: int, rows: int, source: Table, taken: Table, successor: Table, label: Table, code: Table,
    lead: Table2, head: Table
) -> bool:
    """Compute ``accepts_model`` of the proofs."""
    return (rows_exist(n, rows, source, successor) and follows_rows(rows, source, taken, successor,
            code, lead) and reads_labels(n, label, code, head))


def joined(r: int, r_: int, b: int) -> int:
    """Compute ``joined`` of the proofs."""
    return min(r, r_) if b == r else (min(r, r_) if b == r_ else b)


def starts_with_pair(n: int, u: int, v: int, block: Table2) -> bool:
    """Compute ``starts_with_pair`` of the proofs."""
    def test(o: int) -> bool:
        return block(0, o) == joined(u, v, o)
    return u < n and v < n and forall_below(n, test)


def joins(n: int, block: Table2, i: int, r: int, r_: int) -> bool:
    """Compute ``joins`` of the proofs."""
    def test(o: int) -> bool:
        return block(i + 1, o) == joined(r, r_, block(i, o))
    return forall_below(n, test)


def step_holds(
    n: int, rows: int, source: Table, taken: Table, successor: Table, block: Table2, i: int, s: int,
    t: int
) -> bool:
    """Compute ``step_holds`` of the proofs."""
    return (s < rows and t < rows and taken(s) == taken(t) and block(i, source(s)) == block(i,
            source(t)) and joins(n, block, i, block(i, successor(s)), block(i, successor(t))))


def accepts_replay(
    n: int, rows: int, source: Table, taken: Table, successor: Table, u: int, v: int, steps: int,
    first: Table, second: Table, block: Table2
) -> bool:
    """Compute ``accepts_replay`` of the proofs."""
    def test(i: int) -> bool:
        return step_holds(n, rows, source, taken, successor, block, i, first(i), second(i))
    return (rows_exist(n, rows, source, successor) and starts_with_pair(n, u, v, block) and
            forall_below(steps, test))


def is_known(number: int) -> bool:
    """Compute ``is_known`` of the proofs."""
    return max(number - 1, 0) < number


def labels_clash(n: int, label: Table, steps: int, block: Table2, x: int, y: int) -> bool:
    """Compute ``labels_clash`` of the proofs."""
    return (x < n and y < n and block(steps, x) == block(steps, y) and is_known(label(x)) and
            is_known(label(y)) and (label(x) < label(y) or label(y) < label(x)))


def accepts_clash(
    n: int, rows: int, source: Table, taken: Table, successor: Table, label: Table, u: int, v: int,
    steps: int, first: Table, second: Table, block: Table2, x: int, y: int
) -> bool:
    """Compute ``accepts_clash`` of the proofs."""
    return (accepts_replay(n, rows, source, taken, successor, u, v, steps, first, second, block) and
            labels_clash(n, label, steps, block, x, y))


def same_partition(n: int, steps: int, block: Table2, code: Table, least: Table) -> bool:
    """Compute ``same_partition`` of the proofs."""
    def test(o: int) -> bool:
        return least(code(o)) == block(steps, o) and code(block(steps, o)) == code(o)
    return forall_below(n, test)


def accepts_forced(
    n: int, rows: int, source: Table, taken: Table, successor: Table, u: int, v: int, steps: int,
    first: Table, second: Table, block: Table2, code: Table, least: Table, lead: Table2
) -> bool:
    """Compute ``accepts_forced`` of the proofs."""
    return (accepts_replay(n, rows, source, taken, successor, u, v, steps, first, second, block) and
            same_partition(n, steps, block, code, least) and follows_rows(rows, source, taken,
            successor, code, lead))
