from pathlib import Path

import pytest

from pii_shield.client.edits.document import format_of, read
from pii_shield.client.installers.entries import State, entries
from pii_shield.client.installers.places import Place
from pii_shield.client.installers.snippet import snippet
from pii_shield.client.installers.table import CLIENTS, Client
from pii_shield.client.installers.wrapper import words

from ..kit import LAUNCHER


@pytest.mark.parametrize("name", ["crm", "my crm"])
@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.name)
def test_what_is_printed_is_a_protected_server_in_the_clients_own_format(client: Client, name: str) -> None:
    argv = (*words(LAUNCHER, name, client.name), "npx", "-y", "caf\u00e9")
    spot = client.spots[0]
    document = read(snippet(client, name, argv).encode(), format_of(Path(spot.path)))
    [entry] = entries(Place(client, (spot,), Path("x")), document, lambda _: True)
    assert (entry.name, entry.argv, entry.state) == (name, argv, State.PROTECTED)
    if client.new_type:
        assert entry.node.value["type"] == client.new_type
