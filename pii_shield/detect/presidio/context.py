"""Presidio's scores, raised by words of context as Presidio raises them, and its thresholds. No I/O.

Presidio looks through the whole text for each result's neighbours. Here its own enhancer gets the text around a result
only, WINDOW characters to either side, and the words of the field's name.
"""

import re
from collections.abc import Sequence
from typing import Any

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

WINDOW = 200
"""Characters of context before and after a result."""

_TOKEN = re.compile(r"\w+|[^\w\s]")


def analyzed(start: int, end: int, score: float, recognizer: Any, entity: str) -> RecognizerResult:
    """A result as a recogniser gives it, without explanation of how the pattern matched."""
    return RecognizerResult(
        entity_type=entity,
        start=start,
        end=end,
        score=score,
        analysis_explanation=AnalysisExplanation(recognizer=recognizer.name, original_score=score),
        recognition_metadata={
            RecognizerResult.RECOGNIZER_NAME_KEY: recognizer.name,
            RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: recognizer.id,
        },
    )


class Enhancer:
    """Applies context and thresholds.

    Args:
        recognizers: all that give results.
        enhancer: Presidio's, or a user's own.
        nlp: gives the words of a text; None: words are what looks like one, in lower case.
        language: of the texts.
        threshold: lowest score for recognisers that set none.
    """

    def __init__(
        self,
        recognizers: Sequence[Any],
        enhancer: ContextAwareEnhancer,
        nlp: NlpEngine | None,
        language: str,
        threshold: float,
    ) -> None:
        self._recognizers = {recognizer.id: recognizer for recognizer in recognizers}
        self._enhancer = enhancer
        self._nlp = nlp
        self._language = language
        self._threshold = threshold

    def settle(self, text: str, results: list[RecognizerResult], context: Sequence[str]) -> list[RecognizerResult]:
        """The results that reach their threshold, with their scores in context, without what others contain."""
        raised = [self._raised(text, result, context) for result in results]
        kept = [result for result in raised if result.score >= self._threshold_of(result)]
        return EntityRecognizer.remove_duplicates(kept) if len(kept) > 1 else kept

    def _raised(self, text: str, result: RecognizerResult, context: Sequence[str]) -> RecognizerResult:
        recognizer = self._recognizer(result)
        if recognizer is None or not recognizer.context:
            return result
        first = max(0, result.start - WINDOW)
        piece = text[first : result.end + WINDOW]
        shifted = RecognizerResult(
            result.entity_type,
            result.start - first,
            result.end - first,
            result.score,
            result.analysis_explanation,
            result.recognition_metadata,
        )
        (raised,) = self._enhancer.enhance_using_context(
            piece, [shifted], self._artifacts(piece), [recognizer], list(context)
        )
        raised.start, raised.end = result.start, result.end
        return raised

    def _artifacts(self, text: str) -> NlpArtifacts:
        if self._nlp is not None:
            return self._nlp.process_text(text, self._language)
        tokens: Any = [token[0] for token in _TOKEN.finditer(text)]
        places = [token.start() for token in _TOKEN.finditer(text)]
        words = [token.lower() for token in tokens]
        artifacts = NlpArtifacts([], tokens, places, words, None, self._language)
        artifacts.keywords = [word for word in words if word[0].isalnum()]
        return artifacts

    def _recognizer(self, result: RecognizerResult) -> Any:
        said = result.recognition_metadata or {}
        return self._recognizers.get(said.get(RecognizerResult.RECOGNIZER_IDENTIFIER_KEY, ""))

    def _threshold_of(self, result: RecognizerResult) -> float:
        recognizer = self._recognizer(result)
        own: dict[str, float] = recognizer.score_thresholds if recognizer is not None else {}
        return own.get(result.entity_type, own.get("default", self._threshold))
