"""What a report is made of. No I/O."""

from typing import NamedTuple

from ..verify import Verdict
from .around import Around
from .collect import Figures


class Report(NamedTuple):
    """Figures of the log, the verdict on it, and what stands around it."""

    figures: Figures
    verdict: Verdict
    around: Around
    title: str
