"""Presidio as a detector of ours: harvested patterns, recognisers with code of their own, an NLP engine. No I/O."""

from collections.abc import Iterable, Sequence
from typing import Any

from presidio_analyzer import RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer, LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from ...types import Finding
from ..database import Source
from ..scanner import Scanner
from .choice import THRESHOLD
from .context import Enhancer, analyzed
from .harvest import Harvest
from .types import type_of


class PresidioDetector:
    """Finds what Presidio finds. Safe to use from several threads at once if its models are.

    An error or a time-out in a recogniser is raised, where Presidio would log it and go on.

    Args:
        recognizers: of one registry; those that only match patterns are harvested.
        nlp: a loaded engine, for recognisers and context that need one.
        language: of the texts, as the recognisers and the engine call it.
        threshold: see `choice.THRESHOLD`.
        enhancer: how context raises scores.
    """

    def __init__(
        self,
        recognizers: Iterable[Any],
        nlp: NlpEngine | None = None,
        language: str = "en",
        threshold: float = THRESHOLD,
        enhancer: ContextAwareEnhancer | None = None,
    ) -> None:
        chosen = [recognizer for recognizer in recognizers if recognizer.supported_language == language]
        for recognizer in chosen:
            if not recognizer.is_loaded:
                recognizer.load()
                recognizer.is_loaded = True
        self._harvest = Harvest(chosen)
        self._nlp = nlp
        self._language = language
        self._enhancer = Enhancer(chosen, enhancer or LemmaContextAwareEnhancer(), nlp, language, threshold)

    def sources(self) -> list[Source]:
        """What a scanner for the harvested patterns must look for, in order."""
        return self._harvest.sources()

    def use(self, scanner: Scanner) -> None:
        """Search with a scanner of `sources` from now on."""
        self._harvest.use(scanner)

    def find(self, texts: Sequence[str], names: Sequence[str]) -> list[list[Finding]]:
        """Findings of each text; `names` are the words of the field each stands in. See `engine.Detector`."""
        return [
            [_finding(result) for result in results]
            for results in self.analyze(texts, [name.split() for name in names])
        ]

    def analyze(self, texts: Sequence[str], contexts: Sequence[Sequence[str]]) -> list[list[RecognizerResult]]:
        """Presidio's own results per text, as its `AnalyzerEngine` would give them for these words of context."""
        found = []
        for text, context, hits in zip(texts, contexts, self._harvest.find(texts), strict=True):
            results = self._asked(text) if self._harvest.others else []
            for hit in hits:
                recognizer = self._harvest.recognizers[hit.recognizer]
                entity = recognizer.supported_entities[0]
                results.append(analyzed(hit.start, hit.end, hit.score, recognizer, entity))
            found.append(self._enhancer.settle(text, results, context) if results else [])
        return found

    def _asked(self, text: str) -> list[RecognizerResult]:
        """What the recognisers with code of their own find."""
        artifacts = self._nlp.process_text(text, self._language) if self._nlp is not None else _no_words(self._language)
        found = []
        for recognizer in self._harvest.others:
            for result in recognizer.analyze(text, recognizer.supported_entities, artifacts) or ():
                said = result.recognition_metadata = dict(result.recognition_metadata or {})
                said.setdefault(RecognizerResult.RECOGNIZER_IDENTIFIER_KEY, recognizer.id)
                said.setdefault(RecognizerResult.RECOGNIZER_NAME_KEY, recognizer.name)
                found.append(result)
        return found


def _no_words(language: str) -> NlpArtifacts:
    nothing: Any = []
    return NlpArtifacts([], nothing, [], [], None, language)


def _finding(result: RecognizerResult) -> Finding:
    said = result.recognition_metadata or {}
    name = said.get(RecognizerResult.RECOGNIZER_NAME_KEY, "recognizer")
    return Finding(type_of(result.entity_type), result.start, result.end, result.score, f"presidio:{name}")
