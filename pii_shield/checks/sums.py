"""What check digits are made of: weighted sums, Luhn, Verhoeff, ISO 7064, days of the calendar. No I/O."""

from collections.abc import Iterable, Sequence
from operator import mul

from .text import digits

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def numbers(text: str, *lengths: int) -> list[int]:
    """The digits of a text as numbers; none if there are not as many as one of `lengths`, or all are the same."""
    found = list(map(int, digits(text)))
    return found if len(found) in lengths and len(set(found)) > 1 else []


def weighted(number: Iterable[int], weights: Iterable[int]) -> int:
    """Sum of products; what is longer than the other is not counted."""
    return sum(map(mul, number, weights))


def value(number: Iterable[int]) -> int:
    """The digits read as one decimal number."""
    total = 0
    for digit in number:
        total = total * 10 + digit
    return total


def luhn_sum(number: Sequence[int]) -> int:
    """Luhn's sum modulo 10, the last digit being the check digit: 0 if it is right."""
    return (sum(number[-1::-2]) + sum(_DOUBLED[digit] for digit in number[-2::-2])) % 10


def mod_11_10(number: Sequence[int]) -> bool:
    """ISO 7064 Mod 11,10 of a number with its check digit."""
    check = 5
    for digit in number:
        check = ((check or 10) * 2 % 11 + digit) % 10
    return check == 1


# Verhoeff's table of the dihedral group D5 and his permutations.
_GROUP = "0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 9876543210"
_D5 = [[int(char) for char in row] for row in _GROUP.split()]
_STEPS = "0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258"
_PERMUTED = [[int(char) for char in row] for row in _STEPS.split()]


def verhoeff(number: Sequence[int]) -> bool:
    """Verhoeff's check digit, the last one."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        check = _D5[check][_PERMUTED[place % 8][digit]]
    return check == 0


def is_day(month: int, day: int) -> bool:
    """Whether some year has such a day."""
    return 1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]


def is_date(number: Sequence[int], order: str = "ymd") -> bool:
    """Whether six digits are a date, in the order "ymd" or "dmy"."""
    first, middle, last = (number[place] * 10 + number[place + 1] for place in (0, 2, 4))
    return is_day(middle, last) if order == "ymd" else is_day(middle, first)
