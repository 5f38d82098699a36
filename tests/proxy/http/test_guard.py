import pytest

from pii_shield.proxy.http.guard import Guard, is_loopback


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "127.8.9.10"])
def test_addresses_of_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "127.evil.example.com", "10.0.0.1", "example.com"])
def test_addresses_that_others_reach(host: str) -> None:
    assert not is_loopback(host)


def test_only_our_names_are_ours() -> None:
    guard = Guard("10.0.0.5", ["pii.example.com"])
    for host in ("10.0.0.5:8717", "PII.example.com", "localhost:1", "[::1]:5"):
        assert guard.objection(host, None) == ""
        assert guard.objection(host, "https://pii.example.com") == ""
    for host in (None, "", "example.com", "pii.example.com.evil.org", "a@b", "[", "pii.example.com@evil.org"):
        assert guard.objection(host, None)
    assert guard.objection("localhost", "https://evil.org")
    assert guard.objection("localhost", "")


def test_a_star_takes_every_name() -> None:
    assert Guard("0.0.0.0", ["*"]).objection("anything", "https://any.where") == ""
