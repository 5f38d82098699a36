"""Addresses of one's own that stay readable: `install` asks once, and keeps them as [[allow]] entries."""

import sys
import tomllib
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from ..client.installers import show
from ..errors import ConfigError
from ..settings import Config
from ..tuning import edit
from ..tuning.entries import read
from . import clients, tune
from .clients import UsageError

EVERYBODYS: Final = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com mac.com aol.com "
    "gmx.de gmx.net gmx.at gmx.ch web.de t-online.de proton.me protonmail.com mail.com zoho.com fastmail.com qq.com "
    "163.com 126.com mail.ru yandex.ru yandex.com orange.fr free.fr laposte.net libero.it".split()
)
"""Domains under which strangers have their addresses too."""
_QUESTION: Final = (
    "Which mail addresses are your own, so that the model may read them as they are? A whole address, or a domain for "
    "all of its addresses, as acme.example."
)


def check(names: Sequence[str]) -> None:
    """Refuse options that do not name a domain of one's own.

    Raises:
        UsageError: says why.
    """
    for name in names:
        if "@" in name:
            raise UsageError("others can see an address on a command line", fix="pii-shield allow --value asks for it")
        if problem := _problem(name):
            raise UsageError(problem, fix="name a domain of your own, as --own acme.example")


def wanted(args: Namespace, config: Config) -> list[str]:
    """What the options say; else what the person says, who is asked once, before there is any tuning."""
    if args.own or args.yes or config.tuning[0].exists():
        return list(args.own)
    print("\n".join(["", *show.paragraph(_QUESTION, clients.width())]))
    while True:
        said = clients.answer("Addresses or domains, with commas between (Enter: none): ")
        names = [name.strip() for name in said.split(",") if name.strip()]
        problem = next(filter(None, map(_problem, names)), "")
        if not problem:
            return names
        print(problem)


def let_through(names: Sequence[str], config: Config) -> None:
    """Write them into the user's tuning.

    Raises:
        ShieldError: the file cannot be changed, or the vault's key, which hides whole addresses in it, not be used.
    """
    if not names:
        return
    path = config.tuning[0]
    before = text = tune.text_of(path)
    for name in names:
        fields = {**_fields(name, config), "note": "your own", "added": date.today()}
        known = [{**row, "added": None} for row in tomllib.loads(text).get("allow", [])]
        text = text if {**fields, "added": None} in known else edit.added(text, "allow", fields)
    tune.write(path, before, text)
    print(f"Readable, since they are your own: {len(names)}  (in {path})", file=sys.stderr)


def _fields(name: str, config: Config) -> Mapping[str, Any]:
    if "@" not in name:
        return {"domain": name.lower()}
    from .. import assemble
    from ..tuned import digest
    from ..tuning.judge import digests

    store = assemble.vault(config)
    try:
        return {"type": "EMAIL", "digest": digests(name, digest(store))}
    finally:
        store.close()


def _problem(name: str) -> str:
    """Why this is no address and no domain of one's own; "" if it is."""
    local, at, domain = name.rpartition("@")
    if at:
        return "" if local and "." in domain else "that is no mail address"
    if domain.lower() in EVERYBODYS:
        return f"{domain} is everybody's: all its addresses would reach the model. Give your whole address."
    try:
        read({"allow": [{"domain": domain}]}, "this")
    except ConfigError:
        return f"{show.printable(domain)} is no domain"
    return "" if "." in domain else f"{show.printable(domain)} is no domain"
