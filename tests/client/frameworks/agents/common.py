"""What every agent here knows: where the server is, and how to tell what its model saw.

argv: the server's command line. stdout: a JSON list of the texts that came to the model.
"""

import json
import re
import sys
from collections.abc import Sequence

COMMAND, ARGS = sys.argv[1], sys.argv[2:]


def token_in(text: str) -> str:
    """The token that the model passes on; the whole text if there is none, so that the test can show it."""
    found = re.search(r"\[EMAIL_\w+\]", text)
    return found[0] if found else text


def report(seen: Sequence[object]) -> None:
    print(json.dumps([str(text) for text in seen]))
