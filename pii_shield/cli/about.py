"""What there is to say of a rule, for people. No I/O."""

from typing import NamedTuple

from ..detect.patterns import THRESHOLD
from ..rules import FieldRule, Rule, RuleSet

BUILT_IN = {
    "recall": "a value that was known from before",
    "deny": "an entry of a deny list",
    "token": "text that reads like a token of ours",
    "seam": "an address that goes on in the next text",
}
"""What finds without being a rule of a file."""
_TAGGER = "tagger."


class About(NamedTuple):
    """What there is to say of a rule.

    Attributes:
        text: what it goes by.
        check: name of the check that findings pass, or "".
        context: words that it wants nearby.
        references: where the shape is documented.
    """

    text: str
    check: str = ""
    context: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


def about(name: str, known: RuleSet) -> About:
    """What there is to say of a rule, by the name that findings carry."""
    for rule in known.patterns:
        if rule.id == name:
            return About(_by_shape(rule), rule.check, rule.context, rule.references)
    for field in known.fields:
        if field.id == name:
            return About(_by_name(field), field.check, (), field.references)
    if name.startswith(_TAGGER):
        return About("how the words of a sentence stand to each other")
    return About(BUILT_IN.get(name, "not a rule of this program's files"))


def is_known(name: str, known: RuleSet) -> bool:
    """Whether findings can carry this name."""
    ids = {rule.id for rule in known.patterns} | {rule.id for rule in known.fields}
    return name in ids or name in BUILT_IN or name.startswith(_TAGGER)


def _by_shape(rule: Rule) -> str:
    weak = f", near a word such as {', '.join(rule.context[:3])}" if rule.context and rule.score < THRESHOLD else ""
    return f"its shape{weak}"


def _by_name(field: FieldRule) -> str:
    names = [*field.keys, *field.exact]
    return f"the name of its field: {', '.join(names[:3])}{', ...' if len(names) > 3 else ''}"
