"""Whether a log is what was written: the chain row by row, and its state at every signed checkpoint. No I/O.

The chain alone shows damage and clumsy edits. Whoever can write the file can also build a new chain; only a checkpoint
that somebody else holds shows that. So the verdict says which rows such checkpoints cover.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from .note import Checkpoint
from .read import RawRow, Start

MAX_PROBLEMS: Final = 100
STEP: Final = 50_000
_AT: Final = slice(7, 34)
_MINUTE: Final = 17


class Problem(NamedTuple):
    """Something that is not as it was written.

    Attributes:
        kind: "edited", "missing", "cut", "rewritten", "forked", "forged", "seal".
        seq: the row where it shows.
        text: for people.
    """

    kind: str
    seq: int
    text: str


class Verdict(NamedTuple):
    """What was found.

    Attributes:
        rows: how many were read; first and last are their numbers.
        head: after the last one.
        started, ended: times of the first and the last row.
        problems: the first hundred; `trouble` counts all.
        covered: number of the last row that an outside checkpoint stands for; 0 if there is none.
        proven, unproven: sentences for people.
    """

    rows: int
    first: int
    last: int
    head: str
    started: str
    ended: str
    problems: list[Problem]
    trouble: int
    covered: int
    proven: list[str]
    unproven: list[str]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.trouble


class Trusted(NamedTuple):
    """What the verdict may lean on.

    Attributes:
        outside: checkpoints from a second place, signatures checked.
        inside: checkpoints that lie with the log, signatures checked.
        seal: the note about rows that were deleted, signature checked, if there is one.
        key_given: whether the public key came from the person, not from the log itself.
        refused: what is wrong with notes that are not trusted, in sentences.
    """

    outside: Sequence[Checkpoint]
    inside: Sequence[Checkpoint] = ()
    seal: Checkpoint | None = None
    key_given: bool = True
    refused: Sequence[str] = ()


class _Findings:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.count = 0

    def add(self, kind: str, seq: int, text: str) -> None:
        self.count += 1
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(kind, seq, text))


class _Walk(NamedTuple):
    rows: int
    first: int
    last: int
    head: bytes
    started: str
    ended: str
    backwards: int
    heads: dict[int, bytes]


def verify(
    rows: Iterable[RawRow], start: Start, trusted: Trusted, progress: Callable[[int], None] = lambda _: None
) -> Verdict:
    """Read the whole log once. `progress` is told the number of rows so far, now and then."""
    found = _Findings()
    for text in trusted.refused:
        found.add("forged", 0, text)
    checkpoints = [*trusted.outside, *trusted.inside]
    known = _agreed(checkpoints, found)
    start = _checked_start(start, trusted, known, found)
    walk = _walk(rows, start, known.keys(), found, progress)
    matched = _compare(walk, start, trusted, found)
    covered = max((c.size for c in trusted.outside if c.size in matched), default=0)
    return Verdict(
        walk.rows,
        walk.first,
        walk.last,
        walk.head.hex(),
        walk.started,
        walk.ended,
        found.problems,
        found.count,
        covered,
        _proven(walk, trusted, covered, found),
        _unproven(walk, start, trusted, covered),
    )


def _agreed(checkpoints: Sequence[Checkpoint], found: _Findings) -> dict[int, bytes]:
    """Head by size; two signed heads of one size mean two logs under one name."""
    known: dict[int, bytes] = {}
    for checkpoint in checkpoints:
        if known.setdefault(checkpoint.size, checkpoint.head) != checkpoint.head:
            found.add("forked", checkpoint.size, f"two checkpoints of {checkpoint.size} rows name different heads")
    return known


def _checked_start(start: Start, trusted: Trusted, known: dict[int, bytes], found: _Findings) -> Start:
    if start.head is None:
        return start._replace(head=known.get(start.size))
    if start.size and trusted.seal is None:
        found.add("seal", start.size, f"{start.size} rows are gone, and no signed seal stands for them")
    elif trusted.seal and (trusted.seal.size, trusted.seal.head) != (start.size, start.head):
        found.add("seal", start.size, "the seal of the deleted rows speaks of another state than the log")
    return start


def _walk(
    rows: Iterable[RawRow], start: Start, sizes: Iterable[int], found: _Findings, progress: Callable[[int], None]
) -> _Walk:
    wanted = frozenset(sizes)
    heads: dict[int, bytes] = {} if start.head is None else {start.size: start.head}
    expected, head, count, backwards = start.size + 1, start.head, 0, 0
    first_at = last_at = latest = b""
    hash_ = sha256
    for seq, body, stored in rows:
        if seq != expected:
            found.add("missing", expected, f"row {expected} is followed by row {seq}")
            expected = seq
            head = None
        if head is not None:
            head = hash_(b"\1" + head + hash_(b"\0" + body).digest()).digest()
            if head != stored:
                found.add("edited", seq, f"row {seq} is not what the chain says, or the row before it")
        head = stored
        if seq in wanted:
            heads[seq] = head
        last_at = body[_AT]
        if last_at < latest:
            backwards += last_at[:_MINUTE] != latest[:_MINUTE]
        else:
            latest = last_at
        count += 1
        first_at = first_at or last_at
        expected += 1
        if not count % STEP:
            progress(count)
    times = (first_at.decode("ascii", "replace"), last_at.decode("ascii", "replace"))
    return _Walk(count, start.size + 1, expected - 1, head or bytes(32), *times, backwards, heads)


def _compare(walk: _Walk, start: Start, trusted: Trusted, found: _Findings) -> set[int]:
    """Sizes of the checkpoints whose state the log went through."""
    matched: set[int] = set()
    for where, checkpoints in (("outside", trusted.outside), ("inside", trusted.inside)):
        for checkpoint in checkpoints:
            size = checkpoint.size
            if size < start.size or (size == start.size and start.head is None):
                continue
            if size > walk.last:
                text = f"an {where} checkpoint of {checkpoint.at} counts {size} rows, the log ends after {walk.last}"
                found.add("cut", walk.last, text)
            elif walk.heads.get(size) != checkpoint.head:
                text = f"the first {size} rows are not those of the {where} checkpoint of {checkpoint.at}"
                found.add("rewritten", size, text)
            else:
                matched.add(size)
    return matched


def _proven(walk: _Walk, trusted: Trusted, covered: int, found: _Findings) -> list[str]:
    if found.count:
        return []
    proven = [f"rows {walk.first} to {walk.last} form one unbroken chain"] if walk.rows else []
    if covered:
        last = max((c for c in trusted.outside if c.size == covered), key=lambda c: c.at)
        whose = "the key that you gave" if trusted.key_given else "the key that the log names"
        proven.append(f"rows up to {covered} are those of the outside checkpoint of {last.at}, signed with {whose}")
    return proven


def _unproven(walk: _Walk, start: Start, trusted: Trusted, covered: int) -> list[str]:
    """What cannot be seen, whatever the result."""
    said = []
    if not trusted.outside:
        said.append(
            "no checkpoint from a second place was given: if the tail was cut, or the whole log was replaced by "
            "somebody with its signing key, this cannot be seen"
        )
    elif covered < walk.last:
        said.append(
            f"rows {covered + 1} to {walk.last} came after the last outside checkpoint: they could be rewritten"
        )
    if not trusted.key_given:
        said.append("no public key was given: the key was taken from the log itself")
    if start.head is None:
        said.append(f"the file begins with row {start.size + 1}, and nothing tells the head before it")
    elif start.size:
        said.append(f"rows 1 to {start.size} were deleted under a signed seal: their content is gone")
    if walk.backwards:
        said.append(f"the clock went back {walk.backwards} times: times of rows are what the machine said, not proof")
    said.append("that every event was reported in the first place: a process that never ran the shield leaves no row")
    return said
