"""What role an argument plays at its destination: plain data, or something that carries data away. No I/O.

Judged from the names of the tool and of the keys on the way to the argument, from the schema's `format`, and from the
text around the token. Several may apply; the caller takes the strictest. In doubt the answer is the stricter role.
"""

import re
from collections.abc import Iterable
from enum import Enum
from functools import lru_cache

from .types import Path


class Role(Enum):
    """Roles of an argument. All but PLAIN, TEXT and RECIPIENT are ways out."""

    PLAIN = "plain"
    TEXT = "text"
    RECIPIENT = "recipient"
    URL = "URL"
    HOST = "host name"
    PATH = "path"
    HEADER = "header"
    COMMAND = "command"
    QUERY = "query"
    CODE = "code"
    PUBLISH = "publication"
    SAMPLING = "sampling answer"


WAYS_OUT = frozenset(Role) - {Role.PLAIN, Role.TEXT, Role.RECIPIENT}

_KEY_WORDS: dict[Role, str] = {
    Role.URL: "url uri urls uris link links href src endpoint webhook webhooks callback redirect site image avatar",
    Role.HOST: "host hostname domain server ip dns proxy nameserver",
    Role.PATH: "path paths file files filename filepath dir directory folder attachment attachments destination source",
    Role.HEADER: "header headers cookie cookies authorization useragent referer",
    Role.COMMAND: "command commands cmd shell bash exec args argv arguments flags env",
    Role.QUERY: "query queries q sql search filter filters where jql cql soql cypher graphql statement "
    "keyword keywords term terms pattern regex regexp glob find match lookup xpath selector",
    Role.CODE: "code script snippet template expression program function eval formula",
    Role.RECIPIENT: "to cc bcc recipient recipients attendee attendees invitee invitees guest guests assignee "
    "assignees reviewer reviewers participant participants member members subscriber subscribers replyto",
    Role.TEXT: "text body content contents message messages note notes description comment summary title subject html "
    "markdown newtext oldtext newstring oldstring data observation observations value values reason memo prompt",
}
_ROLE_OF_WORD = {word: role for role, words in _KEY_WORDS.items() for word in words.split()}
_TOOL_WORDS: dict[str, Role] = {
    **dict.fromkeys(("publish", "tweet", "toot", "broadcast", "gist", "paste", "pastebin", "pull"), Role.PUBLISH),
    **dict.fromkeys(("webhook", "browse", "navigate", "crawl", "scrape", "curl", "http"), Role.URL),
    **dict.fromkeys(("exec", "shell", "bash", "terminal"), Role.COMMAND),
    **dict.fromkeys(("eval", "evaluate", "python", "javascript"), Role.CODE),
}
_FORMATS: dict[str, Role] = {
    **dict.fromkeys(("uri", "uri-reference", "uri-template", "iri", "iri-reference", "url"), Role.URL),
    **dict.fromkeys(("hostname", "idn-hostname", "ipv4", "ipv6"), Role.HOST),
    "regex": Role.QUERY,
}
# Words that name data even though one part of them names a way out: an SQL statement's bound parameters, a file's text.
_PLAIN_KEYS = frozenset(
    {"params", "parameters", "bindings", "binds", "fields", "properties", "attributes", "record", "row", "rows"}
)

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    words = tuple(word.lower() for word in _WORD.findall(name))
    return (*words, "".join(words))


def key_roles(path: Path) -> frozenset[Role]:
    """Roles that the key names on a path within the arguments tell."""
    names = [step for step in path if isinstance(step, str)]
    if not names or names[-1].lower() in _PLAIN_KEYS:
        return frozenset()
    own, around = _name_roles(names[-1]), frozenset[Role]().union(*map(_name_roles, names[:-1]))
    # files[].content is the text of a file, not a path to one.
    return own | (around - {Role.PATH} if Role.TEXT in own else around)


def _name_roles(name: str) -> frozenset[Role]:
    return frozenset(_ROLE_OF_WORD[word] for word in _words(name) if word in _ROLE_OF_WORD)


def tool_roles(tool: str) -> frozenset[Role]:
    """Roles that every argument of a tool with this name plays."""
    return frozenset(_TOOL_WORDS[word] for word in _words(tool) if word in _TOOL_WORDS)


def format_roles(formats: Iterable[str]) -> frozenset[Role]:
    """Roles that JSON Schema `format`s tell; the pseudo-format "x-mcp-header" marks a mirrored HTTP header."""
    return frozenset(
        Role.HEADER if f == "x-mcp-header" else _FORMATS[f] for f in formats if f in _FORMATS or f == "x-mcp-header"
    )


_RUN_BEFORE = re.compile(r"[^\s\"'<>(){}\[\],;|]{0,200}\Z")
_RUN_AFTER = re.compile(r"[^\s\"'<>(){}\[\],;|]{0,200}")
_LINK_TARGET = re.compile(r"\]\([^)\s]{0,500}\Z")
_SQL = re.compile(
    r"(?is)\A\s*(?:select|insert|update|delete|with|merge|drop|alter|create)\b.{0,2000}\b(?:from|into|set|as|table)\b"
)
_SHELL = re.compile(r"\$\(|&&|\|\||`|\A\s*(?:curl|wget|nc|ssh|scp|bash|sh|python3?|ping|dig|nslookup|sudo)\s")


def syntax_roles(text: str, start: int, end: int) -> frozenset[Role]:
    """Roles that the text around the token at text[start:end] tells."""
    before = _run(_RUN_BEFORE.search(text, max(0, start - 200), start))
    after = _run(_RUN_AFTER.match(text, end))
    roles: set[Role] = set()
    if (
        "://" in before
        or before.lower().startswith(("www.", "data:", "//"))
        or _LINK_TARGET.search(text, max(0, start - 500), start)
    ):
        roles.add(Role.URL)
    if ("?" in before and "=" in before) or before.endswith("&"):
        roles.add(Role.URL)
    if re.match(r"[.@-][\w-]*\w", after) or re.search(r"\w\.\Z", before):
        roles.add(Role.HOST)
    if before.endswith(("/", "\\")) or after.startswith(("/", "\\")):
        roles.add(Role.PATH)
    if _SQL.search(text):
        roles.add(Role.QUERY)
    if _SHELL.search(text):
        roles.add(Role.COMMAND)
    return frozenset(roles)


def _run(match: re.Match[str] | None) -> str:
    return match[0] if match else ""
