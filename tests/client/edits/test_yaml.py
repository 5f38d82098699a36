import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield.client.edits import yaml
from pii_shield.client.edits.tree import BadText, look_up
from pii_shield.errors import ConfigError

from ..written import Yaml, servers

SERVERS = servers(
    st.none() | st.booleans() | st.text(max_size=6).filter(str.isprintable), st.text("abcxyz-", min_size=1)
)


@given(SERVERS, st.data())
def test_written_servers_are_read(named: dict[str, Any], data: st.DataObject) -> None:
    root = yaml.parse(Yaml(data.draw).text(named))
    for name, keys in named.items():
        assert look_up(root, ("extensions", name)).value == {  # type: ignore[union-attr]
            "cmd" if key == "command" else key: value for key, value in keys.items()
        }


def test_an_alias_has_no_span_so_that_nobody_edits_its_anchor() -> None:
    root = yaml.parse("a: &x [1]\nb: *x\n")
    assert look_up(root, ("a",)).start == 3  # type: ignore[union-attr]
    assert look_up(root, ("b",)).start == -1  # type: ignore[union-attr]


def test_a_blocks_span_ends_with_its_last_value() -> None:
    text = "a:\n  - x\n  - y   # c\n\nb: 1\n"
    node = look_up(yaml.parse(text), ("a",))
    assert node is not None
    assert text[node.start : node.end] == "- x\n  - y"


def test_without_ruamel_one_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)
    with pytest.raises(ConfigError, match=r"needs the package ruamel\.yaml") as caught:
        yaml.parse("a: 1\n")
    assert "pii-shield-mcp[yaml]" in caught.value.fix


def test_an_empty_file_is_an_empty_object() -> None:
    assert yaml.parse("# nothing\n").value == {}


@pytest.mark.parametrize(
    ("text", "line"), [("a: 1\nb: [\n", 3), ("a: 1\na: 2\n", 2), ("a:\n\t- b\n", 2), ("? [x]\n: 1\n", 1)]
)
def test_what_is_wrong_is_named_by_its_line(text: str, line: int) -> None:
    with pytest.raises(BadText) as caught:
        yaml.parse(text)
    assert caught.value.line == line
