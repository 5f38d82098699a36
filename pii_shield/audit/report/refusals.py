"""Why a message was refused or blocked, in words for people who do not read code, by the code of the row. No I/O."""

from typing import Final

REASONS: Final = {
    "PS500": "the message was larger than is searched",
    "PS501": "the message was not valid",
    "PS502": "the message was nested too deeply to be searched",
    "PS503": "the message said the same key twice",
    "PS504": "the message was not valid",
    "PS505": "the message had more parts than are searched",
    "PS506": "the message was nested too deeply to be searched",
    "PS507": "more new personal values in one message than are allowed",
    "PS508": "the message was not valid text",
    "PS510": "a token that is unknown, mangled or erased",
    "PS511": "the value did not fit what the tool takes",
    "PS512": "the value's retention is over",
    "PS513": "a token was passed on in another form",
    "PS520": "a detector failed",
    "PS521": "a server tried which values are known",
    "PS600": "the policy did not allow it",
    "PS601": "a value may return to its server only as a whole argument",
    "PS602": "values of other servers are not released under this profile",
    "PS603": "the value came from another server, and this one is not trusted with it",
    "PS604": "the argument could carry the value away (address, path, query, command, code)",
    "PS605": "an answer to a server's own question to the model releases nothing",
    "PS606": "a recipient must be a whole argument at a trusted server",
    "PS607": "secrets, financial and government ids stay with their server",
    "PS608": "too many values would have left their servers at once",
    "PS609": "the value holds special characters and stood within a longer text",
    "PS610": "it was addressed to a server that was not known",
    "PS701": "the record could not be written, so nothing was released",
}


def reason(code: str) -> str:
    """In words."""
    if code in REASONS:
        return REASONS[code]
    return "vault or key could not be used" if code.startswith("PS4") else "an error: nothing went on"
