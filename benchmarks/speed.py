"""How fast values are found and replaced, beside Presidio, datafog and scrubadub in the same run.

    python -m benchmarks.speed [--sizes 1000 100000] [--peers presidio-noop datafog ...] [--json FILE]

"pii_shield" is the whole way of a server's message: a JSON-RPC line in, the line with tokens out, a vault in memory.
"engine" is finding alone. Peers find in the same text, which is what Presidio's `analyze` is for; they replace nothing.
Times are CPU seconds of this process, the best of a few runs, each with values the engine has not seen before.
"""

import argparse
import gc
import json
import logging
import secrets
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pii_shield import compiled, entities, jsontext, policy, rules, tokens
from pii_shield.conversation import Conversation
from pii_shield.detect.engine import Engine
from pii_shield.engines import Engines
from pii_shield.settings import Config
from pii_shield.shielding import Party, Shield
from pii_shield.types import Leaf
from pii_shield.vault.memory import MemoryVault
from pii_shield.wire.protect import Options

from . import texts

SIZES = (1_000, 100_000, 1_000_000, 10_000_000)
PEER_LIMIT = {"presidio-noop": 100_000, "presidio-blank": 100_000, "scrubadub": 100_000, "datafog": 1_000_000}
"""Longest text for each peer, in bytes: some take minutes for more."""
RUNS = {1_000: 30, 100_000: 5, 1_000_000: 2, 10_000_000: 1}

Run = Callable[[str], object]
Row = dict[str, Any]


def seconds(run: Run, kind: str, size: int) -> tuple[float, int]:
    """(CPU seconds of the best of a few runs, bytes of its text), each run with another text of the kind."""
    best, length = float("inf"), 0
    run(texts.text(kind, min(size, 50_000), seed=1))
    for number in range(RUNS.get(size, 1)):
        text = texts.text(kind, size, seed=100 + number)
        gc.collect()
        gc.freeze()
        started = time.process_time()
        run(text)
        spent = time.process_time() - started
        if spent < best:
            best, length = spent, len(text.encode())
    return best, length


def leaves(text: str) -> list[Leaf]:
    """The leaves of a JSON document, or the text itself."""
    if text[:1] != "{":
        return [Leaf(text)]
    return [
        Leaf(str(node.value), node.path, "number" if isinstance(node.value, jsontext.Number) else "string")
        for node in jsontext.walk(jsontext.loads(text))
        if isinstance(node.value, str) and not node.is_key
    ]


def message(text: str) -> bytes:
    """A server's answer to a tool call that holds a text."""
    content = [{"type": "text", "text": text}]
    answer = {"jsonrpc": "2.0", "id": 1, "result": {"content": content}}
    return json.dumps(answer, ensure_ascii=False).encode()


def engine(folder: Path, *, tagger: bool, fast: bool) -> Engine:
    """The engine of `run`: with or without the tagger of names in prose, with or without Vectorscan."""
    made = Engines(Config())() if tagger else Engine(rules.load(), entities.DEFAULT_TYPES)
    if fast:
        scanner = compiled.build(made.sources(), folder)
        if scanner is None:
            raise SystemExit("the hyperscan wheel is not installed")
        made.use(scanner)
    return made


def whole_way(finder: Engine) -> Run:
    """A message through a conversation, over a vault that has not seen its values."""

    def run(text: str) -> object:
        vault = MemoryVault(lambda: tokens.mint_id(8, secrets.randbelow))
        party = Party("bench", "bench#1", False)
        shield = Shield(vault, finder, policy.PROFILES["balanced"], party, time.monotonic)
        conversation = Conversation(lambda: shield, Options())
        conversation.from_client(
            b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get","arguments":{}}}'
        )
        outcome = conversation.from_server(message(text))
        if outcome.forward is None:
            raise SystemExit("the message did not pass")
        return outcome

    return run


def ours(folder: Path) -> Iterator[tuple[str, Run]]:
    """Our own variants by name."""
    for name, tagger, fast in (
        ("pii_shield", True, True),
        ("pii_shield, no tagger", False, True),
        ("pii_shield, reference", False, False),
    ):
        yield name, whole_way(engine(folder, tagger=tagger, fast=fast))
    alone = engine(folder, tagger=False, fast=True)
    yield "engine, no tagger", lambda text: alone.find(leaves(text))


def _registry() -> Any:
    from presidio_analyzer import RecognizerRegistry

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    return registry


def presidio_noop() -> Run:
    """Presidio's default recognisers without an NLP model."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NoOpNlpEngine

    nlp = NoOpNlpEngine(models=[{"lang_code": "en", "model_name": "no_op"}])
    nlp.load()
    analyzer = AnalyzerEngine(registry=_registry(), nlp_engine=nlp, supported_languages=["en"])
    return lambda text: analyzer.analyze(text, language="en")


def presidio_blank() -> Run:
    """Presidio's default recognisers with spaCy's tokenizer, and words as their own lemmas so that context works."""
    import spacy
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from spacy.language import Language

    @Language.component("lower_lemmas")
    def lower_lemmas(document: Any) -> Any:
        for token in document:
            token.lemma_ = token.lower_
        return document

    nlp = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    pipeline = spacy.blank("en")
    pipeline.add_pipe("lower_lemmas")
    nlp.nlp = {"en": pipeline}
    analyzer = AnalyzerEngine(registry=_registry(), nlp_engine=nlp, supported_languages=["en"])
    return lambda text: analyzer.analyze(text, language="en")


def datafog() -> Run:
    """datafog's regular expressions."""
    from datafog.processing.text_processing.regex_annotator import RegexAnnotator

    annotator = RegexAnnotator()
    return annotator.annotate


def scrubadub() -> Run:
    """scrubadub with its default detectors."""
    import scrubadub as package

    scrubber = package.Scrubber()
    return lambda text: list(scrubber.iter_filth(text))


PEERS = {"presidio-noop": presidio_noop, "presidio-blank": presidio_blank, "datafog": datafog, "scrubadub": scrubadub}


def measure(sizes: list[int], peers: list[str], kinds: list[str], folder: Path) -> Iterator[Row]:
    """One row for each engine, kind of text and size."""
    runs = [*ours(folder), *((name, PEERS[name]()) for name in peers)]
    for name, run in runs:
        for kind in kinds:
            for size in sizes:
                if size > PEER_LIMIT.get(name, sys.maxsize) or (kind == "log" and size > 1_000_000):
                    continue
                spent, length = seconds(run, kind, size)
                row = {"engine": name, "kind": kind, "size": size, "ms": spent * 1e3, "MB/s": length / spent / 1e6}
                print(f"{name:24}{kind:8}{size:>10}{row['ms']:12.2f} ms{row['MB/s']:10.3f} MB/s", flush=True)
                yield row


def harvested(folder: Path, kinds: list[str]) -> Iterator[Row]:
    """Presidio's pattern recognisers one by one, and harvested, on the same texts; the results must be the same."""
    from pii_shield.detect.presidio.harvest import Harvest

    harvest = Harvest(_registry().recognizers)
    scanner = compiled.build(harvest.sources(), folder)
    if scanner is None:
        return
    harvest.use(scanner)

    def one_by_one(text: str) -> list[tuple[int, int, int, float]]:
        return [
            (number, result.start, result.end, float(result.score))
            for number, recognizer in enumerate(harvest.recognizers)
            for result in recognizer.analyze(text, recognizer.supported_entities, None)
        ]

    for kind in kinds:
        text = texts.text(kind, 100_000)
        same = sorted(map(tuple, harvest.find([text])[0])) == sorted(one_by_one(text))
        theirs, _ = seconds(one_by_one, kind, 100_000)
        our, _ = seconds(lambda text: harvest.find([text]), kind, 100_000)
        row = {"engine": "harvested", "kind": kind, "same results": same, "ratio": theirs / our, "ms": our * 1e3}
        print(f"{'harvested':24}{kind:8}{row['ms']:22.2f} ms{row['ratio']:10.1f} x Presidio, same results: {same}")
        yield row


def ratios(rows: list[Row]) -> Iterator[str]:
    """How many times faster the whole way is than each peer, where both were measured."""
    speed = {(row["engine"], row["kind"], row["size"]): row["MB/s"] for row in rows}
    for (name, kind, size), theirs in speed.items():
        our = speed.get(("pii_shield", kind, size))
        if name in PEERS and our:
            yield f"{kind:8}{size:>10}  pii_shield / {name:16}{our / theirs:10.1f} x"


def main() -> None:
    """Measure, print, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--kinds", nargs="*", default=list(texts.KINDS))
    parser.add_argument("--peers", nargs="*", default=list(PEERS))
    parser.add_argument("--json", type=Path)
    said = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measure(said.sizes, said.peers, said.kinds, Path(folder)))
        lines = list(ratios(rows))
        harvest = list(harvested(Path(folder), said.kinds)) if any("presidio" in peer for peer in said.peers) else []
    print(*lines, sep="\n")
    if said.json:
        said.json.write_text(json.dumps({"speed": rows, "harvested": harvest}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
