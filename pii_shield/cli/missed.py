"""`pii-shield why --missed`: what in a text nearly counted."""

from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..detect.nearly import Miss
    from ..settings import Config
    from ..tuning.judge import Judge
    from ..types import Finding

MAX_SHOWN = 100


def tell(stream: BinaryIO, config: "Config", server: str, tool: str) -> int:
    """Read a text, print what was found in it and what nearly was; shapes only.

    Raises:
        ShieldError: the text is none, or settings or rules are wrong.
    """
    from .. import assemble, engines
    from ..detect.nearly import misses
    from ..detect.scan import scan
    from ..tuned import digest, load
    from ..tuning.judge import Judge
    from .scan_files import decoded
    from .scan_formats import mask, placed

    text = decoded(stream.read(), "standard input")
    judge = Judge(load(config.tuning), server, digest(assemble.vault(config)))
    types = judge.types(config.types)
    found = scan(text, engines.Engines(config)(types))
    exempt = _exempt(text, found, judge, tool)
    spans = {(miss.start, miss.end) for miss in exempt}
    protected = [finding for finding in found if (finding.start, finding.end) not in spans]
    near = sorted(
        [*exempt, *misses(text, engines.rule_set(config), types, config.greedy, found)], key=lambda one: one.start
    )
    for finding, line, column in placed(text, protected):
        shape = mask(text[finding.start : finding.end])
        print(f"{line}:{column}\t{finding.type}\t{finding.rule}\t{shape}\tprotected, score {finding.score:.2f}")
    for miss, line, column in placed(text, near[:MAX_SHOWN]):
        shape = mask(text[miss.start : miss.end])
        print(f"{line}:{column}\t{miss.type}\t{miss.rule}\t{shape}\tnot protected: {miss.reason}")
    more = f" ({MAX_SHOWN} shown)" if len(near) > MAX_SHOWN else ""
    print(f"{len(protected)} protected, {len(near)} nearly{more}; profile {config.detect}")
    return 0


def _exempt(text: str, found: "Sequence[Finding]", judge: "Judge", tool: str) -> "list[Miss]":
    from ..detect.nearly import Miss
    from ..types import Leaf

    leaf = Leaf(text)
    reasons = ((finding, judge.exempting(leaf, finding, tool, lambda *_: "")) for finding in found)
    return [Miss(f.type, f.start, f.end, f.score, f.rule, reason) for f, reason in reasons if reason]
