"""From residues to rationals: primes, Chinese remainders, reconstruction, exact product checks."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import isqrt
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["combine", "primes_below", "product_is", "reconstruct", "reconstruct_all"]

#: Residues below 2^21: 2048 products of two of them add up to less than 2^53, exactly in float64.
_SMALL = 1 << 21
_CHUNK = 2048

#: A random residue passes for a small fraction with this probability (as a power of two).
_GUARD_BITS = 10


def primes_below(bound: int) -> Iterator[int]:
    """Yield the primes below ``bound`` (at most 2^32), from the largest down.

    Examples
    --------
    >>> from itertools import islice
    >>> list(islice(primes_below(100), 3))
    [97, 89, 83]
    """
    for number in range(bound - 1, 1, -1):
        if _is_prime(number):
            yield number


def _is_prime(number: int) -> bool:
    """Miller-Rabin with the bases 2, 3, 5, 7: proved correct below 3 215 031 751."""
    if number < 8:
        return number in (2, 3, 5, 7)
    if number % 2 == 0:
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    return all(_passes(number, base, odd, twos) for base in (2, 3, 5, 7))


def _passes(number: int, base: int, odd: int, twos: int) -> bool:
    power = pow(base, odd, number)
    if power in (1, number - 1):
        return True
    for _ in range(twos - 1):
        power = power * power % number
        if power == number - 1:
            return True
    return False


def combine(
    residues: npt.NDArray[Any], modulus: int, more: npt.NDArray[Any], prime: int
) -> npt.NDArray[Any]:
    """Return the residues modulo ``modulus * prime`` (Python integers, dtype object)."""
    old = residues.astype(object)
    step = (more.astype(object) - old) * pow(modulus, -1, prime) % prime
    return np.asarray(old + modulus * step, dtype=object)


def reconstruct(residue: int, modulus: int) -> Fraction | None:
    """Return the fraction of small numerator and denominator with this residue, if there is one.

    "Small" leaves some bits of the modulus unused, so that a residue that is no small fraction is
    taken for one rarely. Nothing rests on it: what is reconstructed is verified.

    Examples
    --------
    >>> reconstruct(pow(3, -1, 1000003), 1000003)
    Fraction(1, 3)
    """
    bound = isqrt(modulus >> (_GUARD_BITS + 1))
    old, new, x, y = modulus, residue % modulus, 0, 1
    while new > bound:
        quotient = old // new
        old, new = new, old - quotient * new
        x, y = y, x - quotient * y
    if y == 0 or abs(y) > bound:
        return None
    found = Fraction(new, y)
    return found if found.denominator == abs(y) else None


def reconstruct_all(residues: npt.NDArray[Any], modulus: int) -> npt.NDArray[Any] | None:
    """Reconstruct every entry (dtype object, ``Fraction``), or return None if one fails."""
    known: dict[int, Fraction] = {}
    flat = np.empty(residues.size, dtype=object)
    for place, residue in enumerate(residues.reshape(-1).tolist()):
        if residue not in known:
            found = reconstruct(residue, modulus)
            if found is None:
                return None
            known[residue] = found
        flat[place] = known[residue]
    return flat.reshape(residues.shape)


def product_is(target: npt.NDArray[Any], left: npt.NDArray[Any], right: npt.NDArray[Any]) -> bool:
    """Decide ``left @ right == target`` for matrices of integers (int64 or Python integers).

    Compared modulo primes whose product exceeds any difference there could be; an integer smaller
    than a number that divides it is 0.

    Notes
    -----
    O(a b c) floating operations of BLAS for each 20 bits of the entries.
    """
    if not target.size:
        return True
    inner = left.shape[1]
    bound = _largest(target) + inner * _largest(left) * _largest(right)
    covered = 1
    small: Mapping[str, Any] = {"dtype": np.float64}
    for prime in primes_below(_SMALL):
        a, b, c = (np.asarray(x % prime).astype(**small) for x in (left, right, target))
        total = np.zeros(c.shape)
        for start in range(0, inner, _CHUNK):
            part = slice(start, start + _CHUNK)
            total = (total + (a[:, part] @ b[part]) % prime) % prime
        if not np.array_equal(total, c):
            return False
        covered *= prime
        if covered > bound:
            return True
    raise OverflowError("entries of more than two million bits")


def _largest(matrix: npt.NDArray[Any]) -> int:
    return max(abs(int(matrix.max())), abs(int(matrix.min()))) if matrix.size else 0
