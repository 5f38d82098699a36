"""What was used lately is remembered, and memory stays bounded."""

from pii_shield.detect.memo import Memo


def test_lately_used_entries_survive_and_old_ones_go() -> None:
    memo: Memo[int, str] = Memo(4)
    for number in range(20):
        memo.put(number, str(number))
        assert memo.get(number) == str(number)
    assert memo.get(1) is None
    assert memo.get(19) == "19"


def test_what_is_asked_for_stays() -> None:
    memo: Memo[int, str] = Memo(3)
    for number in range(50):
        memo.put(number, str(number))
        assert memo.get(0) == "0"
