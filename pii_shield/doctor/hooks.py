"""The built-in tools of clients, which no proxy stands before, but hooks do."""

from collections.abc import Iterator

from ..client.hooks import setup
from ..client.hooks.canary import Outcome, canary, words
from ..client.installers import places
from .line import Line, Patient, fail, ok, warn

_WHAT = "own tools"


def claude_code(patient: Patient) -> Iterator[Line]:
    """Whether what Claude Code's own tools show comes back as tokens: only a canary knows."""
    held = setup.look(patient.machine)
    if held is None or not held.events:
        if held is not None or (places.home(patient.machine) / ".claude").is_dir():
            yield warn(
                _WHAT,
                "Claude Code's hooks are not installed",
                "what its built-in tools (Bash, Read, Edit, Grep, WebFetch, ...) show reaches the model as it is",
                "pii-shield install --hooks",
            )
        return
    yield judged(canary(patient.machine))


def judged(outcome: Outcome) -> Line:
    """An outcome as a line."""
    if outcome.is_fine:
        return ok(_WHAT, words(outcome))
    if not outcome.ran:
        return warn(_WHAT, words(outcome), fix="put claude on the PATH, then: pii-shield doctor")
    return fail(_WHAT, words(outcome), "this version ignores what hooks say", "update Claude Code")
