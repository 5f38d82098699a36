"""What the benchmark's servers answer: JSON text of about the asked size, with values that are known, new or none."""

import json

FINDINGS_IN_BIG = 60_000
"""Values in the "big" results (10 MB)."""
_FILL = "The order was packed, checked twice and handed to the carrier in the afternoon. "


def record(number: int) -> dict[str, object]:
    """A customer with five values; another number gives five other ones."""
    return {
        "customer_name": f"{_NAMES[number % 20]} {_NAMES[20 + number // 20 % 20]}{_letters(number // 400)}".title(),
        "email": f"customer{number}@mail{number % 97}.example.org",
        "phone": f"+1 415 {200 + number // 10_000 % 700} {number % 10_000:04d}",
        "second_email": f"c.{number}@work.example.net",
        "iban": iban(number),
    }


def _letters(number: int) -> str:
    """A different ending for each number, as names hold no digits."""
    return _letters(number // 13) + "abdegiklmnorsu"[number % 13] if number else ""


def iban(number: int) -> str:
    """A German IBAN with right check digits."""
    account = f"37040044{number:010d}"
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def small(kind: str, number: int) -> str:
    """About 1 KB. `kind`: "neutral" holds no value, "known" always the same five, "new" five that depend on number."""
    body: dict[str, object] = {"status": "shipped", "order": number, "lines": 12, "weight": 1.5e0, "note": _FILL * 8}
    if kind != "neutral":
        body["customer"] = record(0 if kind == "known" else number)
    return json.dumps(body)


def big(kind: str, number: int) -> str:
    """About 10 MB, with FINDINGS_IN_BIG values unless `kind` is "neutral"."""
    rows = FINDINGS_IN_BIG // 5
    first = 10_000_000 + (rows * number if kind == "new" else 0)
    pad = _FILL * 7
    if kind == "neutral":
        return json.dumps([{"row": row, "note": pad, "more": pad[:200]} for row in range(rows)])
    return json.dumps([{"row": row, "customer": record(first + row), "note": pad} for row in range(rows)])


_NAMES = (
    "alice boris clara dmitri elena farid greta hassan ingrid jamal katja luis maria nadia oscar petra quentin rosa "
    "stefan tanya weber silva novak rossi dubois jansen kowalski larsen moreau petrov haddad tanaka kim nguyen okafor "
    "mendez costa fischer lindgren walsh"
).split()
