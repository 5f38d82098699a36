"""What all servers offer one principal, and how their names, URIs and handles read on either side. No I/O."""

from collections.abc import Iterable, Sequence

from .edits import ANY, Edit, Place, edited, string
from .handles import Handles, Held
from .names import Names, tool
from .uris import Uris

RELATED = "io.modelcontextprotocol/related-task"
STATE, TASK = "state", "task"
_RESULT, _PARAMS = ("result",), ("params",)
_LINKS: tuple[Place, ...] = (
    (*_RESULT, "contents", ANY, "uri"),
    *(
        (*base, *rest)
        for base in (
            (*_RESULT, "content", ANY),
            (*_RESULT, "messages", ANY, "content"),
            (*_RESULT, "messages", ANY, "content", ANY),
            (*_RESULT, "result", "content", ANY),
            (*_PARAMS, "result", "content", ANY),
        )
        for rest in (("uri",), ("resource", "uri"))
    ),
    (*_PARAMS, "uri"),
    (*_PARAMS, "notifications", "resourceSubscriptions", ANY),
)
"""Where a server's messages name resources."""
_RELATED_TASKS: tuple[Place, ...] = ((*_RESULT, "_meta", RELATED, "taskId"), (*_PARAMS, "_meta", RELATED, "taskId"))
_TASKS: tuple[Place, ...] = (
    (*_RESULT, "taskId"),
    (*_RESULT, "task", "taskId"),
    (*_PARAMS, "taskId"),
    (*_PARAMS, "task", "taskId"),
    *_RELATED_TASKS,
)
"""Where a server's messages name its tasks. Its requests are about the client's tasks."""
LIST_PLACES: dict[str, Place] = {
    "tools": ("name",),
    "prompts": ("name",),
    "resources": ("uri",),
    "resourceTemplates": ("uriTemplate",),
    "tasks": ("taskId",),
}
"""What the entries of each list are called by."""
_APPS: tuple[Place, ...] = (("_meta", "ui", "resourceUri"), ("_meta", "ui/resourceUri"))


class Catalogue:
    """Everything by its two names."""

    def __init__(self, handles: Handles) -> None:
        self.handles = handles
        self.tools = Names(tool)
        self.prompts = Names(tool)
        self.uris = Uris()
        self.known: set[str] = set()
        self._learn = {
            "tools": self.tools.learn,
            "prompts": self.prompts.learn,
            "resources": self.uris.learn,
            "resourceTemplates": self.uris.learn_templates,
        }

    def learn(self, key: str, server: str, entries: Iterable[str]) -> None:
        """Take in a server's list."""
        if key in self._learn:
            self._learn[key](server, [string(entry.encode(), LIST_PLACES[key]) for entry in entries])

    def entry(self, key: str, server: str, raw: str) -> str | None:
        """An entry of a list for the client; None: not to be shown."""
        withheld = False

        def called(name: str) -> str | None:
            nonlocal withheld
            text = self._called(key, server, name)
            withheld = text is None
            return text

        edits = [Edit(LIST_PLACES[key], called)]
        if key == "tools" and '"ui' in raw:
            edits += [Edit(place, lambda uri: self.uris.link(server, uri)) for place in _APPS]
        text = edited(raw.encode(), edits).decode()
        return None if withheld else text

    def _called(self, key: str, server: str, name: str) -> str | None:
        if key == "tasks":
            return self.handles.wrap(TASK, server, name)
        if key == "resources":
            return self.uris.shown(server, name)
        if key == "resourceTemplates":
            return self.uris.shown_template(server, name)
        return (self.tools if key == "tools" else self.prompts).shown(server, name)

    def to_client(self, server: str, message: bytes, *, is_request: bool = False) -> bytes:
        """A server's message, not a list, as the client reads it.

        Raises:
            WireError: it is no JSON object.
        """
        edits: list[Edit] = []
        if b'"taskId"' in message:
            places = _RELATED_TASKS if is_request else _TASKS
            edits += [Edit(place, lambda text: self.handles.wrap(TASK, server, text)) for place in places]
        if b'"requestState"' in message:
            edits.append(Edit((*_RESULT, "requestState"), lambda text: self.handles.wrap(STATE, server, text)))
        if not is_request and (b'"uri"' in message or b'"resourceSubscriptions"' in message):
            edits += [Edit(place, lambda text: self.uris.link(server, text)) for place in _LINKS]
        return edited(message, edits) if edits else message

    def needs_work(self, message: bytes) -> bool:
        """Whether `to_client` has to look inside."""
        return any(mark in message for mark in (b'"taskId"', b'"requestState"', b'"uri"'))

    def to_server(self, server: str) -> Sequence[Edit]:
        """What a client's message says of a server's tasks, as the server reads it."""

        def own(text: str) -> str | None:
            held = self.handles.unwrap(TASK, text)
            return held.text if held and held.server == server else None

        return [Edit(place, own) for place in _RELATED_TASKS]

    def held(self, kind: str, text: str) -> Held | None:
        """What a handle means."""
        return self.handles.unwrap(kind, text)
