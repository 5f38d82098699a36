import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.client.edits import toml
from pii_shield.client.edits.tree import BadText, look_up

from ..written import Toml, servers

SCALARS = st.booleans() | st.integers(-99, 99) | st.text(st.characters(codec="utf-8"), max_size=6)
SERVERS = servers(SCALARS)

EVERYTHING = '''\
# head
title = "a # b" # c
"quoted key"."and \\u00e9" = 'C:\\path'
date = 1979-05-27 07:32:00Z
day = 1979-05-27
float = 6.626e-34
hex = 0xDEAD_BEEF
big = +1_000
multi = """
a ""quoted"" \\
   b"""
literal = \'\'\'
it's''\'\'\'
nested = [ [1, 2], ["a]", 'b#'], [{ x = 1, y.z = 2 }] ] # ]

[a.b.c]
d = true
[a]
e = {}
[[products]]
name = "x"
[[products]]
[products.size]
w = 1
[[products.tags]]
t = "q"
'''


@given(SERVERS, st.data())
def test_written_servers_read_as_tomllib_reads_them(named: dict[str, Any], data: st.DataObject) -> None:
    text = Toml(data.draw).text(named)
    root = toml.parse(text)
    assert root.value == tomllib.loads(text)
    for name, keys in named.items():
        command = look_up(root, ("mcp_servers", name, "command"))
        assert command is not None
        assert tomllib.loads(f"v={text[command.start : command.end]}") == {"v": keys["command"]}


@pytest.mark.parametrize("line", ["\n", "\r\n"])
def test_every_way_of_writing_is_understood(line: str) -> None:
    text = EVERYTHING.replace("\n", line)
    assert toml.parse(text).value == tomllib.loads(text)


@given(st.text("[]{}=.,\"'#\n ab1", max_size=40))
def test_any_text_is_read_as_tomllib_does_or_refused(text: str) -> None:
    try:
        meant = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(BadText):
            toml.parse(text)
    else:
        assert toml.parse(text).value == meant


def test_what_is_wrong_is_named_by_its_line() -> None:
    with pytest.raises(BadText, match="line 2: "):
        toml.parse("a = 1\nb = = 2\n")
