"""Of findings that overlap, one stays; nothing else changes."""

import random
from itertools import pairwise

from pii_shield.detect.overlap import resolve
from pii_shield.types import Finding


def f(type: str, start: int, end: int, score: float = 0.9) -> Finding:
    return Finding(type, start, end, score, "rule")


def test_the_longer_finding_stays_because_it_hides_more() -> None:
    assert resolve([f("PERSON", 0, 4), f("EMAIL", 0, 20)]) == [f("EMAIL", 0, 20)]


def test_of_equally_long_ones_the_surer_stays() -> None:
    assert resolve([f("PHONE", 0, 11, 0.6), f("US_SSN", 0, 11, 0.85)]) == [f("US_SSN", 0, 11, 0.85)]


def test_a_web_address_yields_to_what_is_inside_it() -> None:
    assert resolve([f("URL", 0, 40), f("EMAIL", 10, 25)]) == [f("EMAIL", 10, 25)]


def test_what_sticks_out_of_a_finding_that_yields_is_hidden_too() -> None:
    assert resolve([f("ADDRESS", 0, 30), f("PERSON", 25, 40)]) == [f("ADDRESS", 0, 30), f("PERSON", 30, 40)]
    assert resolve([f("ADDRESS", 0, 30), f("PERSON", 25, 32)]) == [f("ADDRESS", 0, 30)]


def test_a_password_is_kept_before_what_its_end_looks_like() -> None:
    assert resolve([f("SECRET", 5, 10), f("EMAIL", 8, 30)]) == [f("SECRET", 5, 10)]


def test_touching_findings_both_stay() -> None:
    assert resolve([f("PERSON", 5, 9), f("EMAIL", 0, 5)]) == [f("EMAIL", 0, 5), f("PERSON", 5, 9)]


def test_results_are_sorted_disjoint_and_cover_every_contested_place() -> None:
    pick = random.Random(5)
    for _ in range(300):
        findings = []
        for _ in range(pick.randrange(12)):
            start = pick.randrange(40)
            findings.append(
                f(pick.choice(("PERSON", "EMAIL", "URL")), start, start + 1 + pick.randrange(9), pick.random())
            )
        kept = resolve(findings)
        assert all(a.end <= b.start for a, b in pairwise(kept))
        assert all(any(g.start <= k.start and k.end <= g.end and g.type == k.type for g in findings) for k in kept)
        for finding in findings:
            assert any(k.start < finding.end and finding.start < k.end for k in kept)
