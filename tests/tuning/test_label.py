"""The audit log's word for what people tuned: another one after every change that concerns the server, and no value."""

import hashlib
import tomllib

import pytest

from pii_shield.tuning.entries import Tuning, read
from pii_shield.tuning.label import NOTHING, label

BASE = '[[allow]]\nvalue = "jane@acme.example"\n'


def said(text: str, server: str = "crm") -> str:
    return label(read(tomllib.loads(text), "x"), server, lambda facts: hashlib.sha256(facts.encode()).hexdigest()[:12])


def test_nothing_tuned_needs_no_key() -> None:
    assert label(Tuning(), "crm", lambda _: pytest.fail("asked for the key")) == NOTHING


@pytest.mark.parametrize(
    "more",
    [
        '[[allow]]\ntype = "IP"\n',
        '[[deny]]\ntype = "IP"\n',
        '[[deny]]\npattern = "FLC-[0-9]{4}"\n',
        '[[deny]]\npattern = "FLC-[0-9]{5}"\n',
        '[[allow]]\ntype = "IP"\ntool = "t"\n',
        f'[[allow]]\ndigest = ["{"0" * 32}"]\n',
        "[thresholds]\nPHONE = 0.8\n",
        "[servers.crm.thresholds]\nPHONE = 0.8\n",
        "[servers.crm.tools.t.thresholds]\nPHONE = 0.8\n",
        '[servers.crm]\ntypes = ["EMAIL"]\n',
    ],
)
def test_every_change_changes_it(more: str) -> None:
    assert said(BASE + more) not in (said(BASE), NOTHING)
    assert said(more) != NOTHING


def test_it_counts_what_concerns_the_server_and_shows_no_value() -> None:
    text = BASE + '[[deny]]\ntype = "IP"\nserver = "mailer"\n[thresholds]\nPHONE = 0.8\nall = 0.7\n'
    assert said(text).startswith("1 allowed, 0 denied, 2 thresholds @")
    assert said(text, "mailer").startswith("1 allowed, 1 denied, 2 thresholds @")
    assert "jane" not in said(text)
    assert said(BASE) == said(BASE + '[[allow]]\ntype = "IP"\nserver = "mailer"\n')
    assert said(BASE) == said(BASE + "# a remark\n") == said(BASE + 'note = "mine"\n')
