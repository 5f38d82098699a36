"""In place of a server that cannot be there: whoever asks is told, and the other servers go on."""

from aiohttp import web

from . import answers
from .auth import Principal
from .caller import Caller

TEXT = "the MCP server cannot be started; its proxy's log says why"


class Absent:
    """A server whose program is missing."""

    async def post(self, _: Caller, __: Principal, body: bytes) -> web.StreamResponse:
        """An error for each request."""
        failed = answers.failures(body, TEXT)
        if not failed:
            return web.Response(status=202)
        return answers.json_response(answers.several(failed, answers.is_batch(body)))

    async def get(self, _: Caller, __: Principal) -> web.StreamResponse:
        """No stream."""
        return answers.error(405, TEXT, headers={"Allow": "POST"})

    async def delete(self, _: Caller, __: Principal) -> web.StreamResponse:
        """No session."""
        return answers.error(404, TEXT)

    async def tidy(self) -> None:
        """Nothing to do."""

    def drain(self) -> None:
        """Nothing to do."""

    async def close(self) -> None:
        """Nothing to do."""
