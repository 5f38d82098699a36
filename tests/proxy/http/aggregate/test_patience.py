"""How long a server is waited for."""

from pii_shield.proxy.http.aggregate.patience import FIRST_SECONDS, FORGIVEN_AFTER, LESS_SECONDS, SECONDS, Patience


def test_a_late_server_gets_less_until_it_answers_or_some_time_has_passed() -> None:
    now = [100.0]
    patience = Patience(lambda: now[0])
    assert patience.with_("a") == FIRST_SECONDS
    patience.answered("a")
    assert patience.with_("a") == SECONDS
    patience.was_late("a")
    assert (patience.with_("a"), patience.with_("b")) == (LESS_SECONDS, FIRST_SECONDS)
    now[0] += FORGIVEN_AFTER + 1
    assert patience.with_("a") == SECONDS
    patience.was_late("a")
    patience.answered("a")
    assert patience.with_("a") == SECONDS


def test_an_absence_is_news_once() -> None:
    patience = Patience(lambda: 0.0)
    assert [patience.is_news("a"), patience.is_news("a")] == [True, False]
    patience.answered("a")
    assert patience.is_news("a")
