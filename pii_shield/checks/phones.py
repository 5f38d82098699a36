"""Telephone numbers, by the metadata of libphonenumber, which is loaded at the first number. No I/O."""

import re
from functools import lru_cache
from typing import NamedTuple

from .text import digits


@lru_cache(maxsize=65536)
def phone_e164(text: str, region: str = "") -> str:
    """E.164 form of a number that phonenumbers calls valid, or "" if it is not. `region` is for national forms."""
    if _PLAIN.fullmatch(text):
        bare = digits(text)
        plain = _plain(bare)
        if plain is not None:
            return "+" + bare if plain.valid else ""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_PLAIN = re.compile(r"\+[1-9][0-9 ()./-]{6,24}")


class _Said(NamedTuple):
    """What `phonenumbers` says of a number."""

    valid: bool
    possible: bool


def _plain(bare: str) -> _Said | None:
    """What `phonenumbers` makes of plus and digits, in the cases that need no parsing; else None."""
    for size in (1, 2, 3):
        plan = _plan(bare[:size])
        if plan is not None:
            rest = bare[size:]
            if not _MIN_LENGTH <= len(rest) <= _MAX_LENGTH or plan.prefix.match(rest):
                return None
            valid = bool(plan.general.fullmatch(rest) and plan.lines.fullmatch(rest)) and len(rest) in plan.lengths
            return _Said(valid, len(rest) in plan.possible) if valid or plan.alone else None
    return None


_MIN_LENGTH, _MAX_LENGTH = 4, 15
"""Of national numbers that are parsed at all."""


class _Plan(NamedTuple):
    """A country's numbers.

    Attributes:
        prefix: what national forms begin with; a number that does is left to the parser.
        general, lines: what all its numbers look like, and what each kind of line does.
        lengths: how many digits they have.
        possible: the same, and how many one may leave out where one lives.
        alone: whether no other country has the same code.
    """

    prefix: re.Pattern[str]
    general: re.Pattern[str]
    lines: re.Pattern[str]
    lengths: frozenset[int]
    possible: frozenset[int]
    alone: bool


@lru_cache(maxsize=512)
def _plan(country: str) -> _Plan | None:
    """The plan of a country code of which one country is the first; None if there is no such code."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

    regions = COUNTRY_CODE_TO_REGION_CODE.get(int(country), ())
    data = PhoneMetadata.metadata_for_region(regions[0]) if regions else None
    if data is None or data.leading_digits or data.general_desc is None:
        return None
    kinds = [data.fixed_line, data.mobile, data.toll_free, data.premium_rate, data.shared_cost, data.voip]
    kinds += [data.personal_number, data.pager, data.uan, data.voicemail]
    lines = "|".join(kind.national_number_pattern for kind in kinds if kind and kind.national_number_pattern)
    return _Plan(
        re.compile(data.national_prefix_for_parsing or r"(?!)"),
        re.compile(data.general_desc.national_number_pattern or r"(?!)"),
        re.compile(lines or r"(?!)"),
        frozenset(data.general_desc.possible_length),
        frozenset((*data.general_desc.possible_length, *data.general_desc.possible_length_local_only)),
        len(regions) == 1,
    )


_PHONE_EXTENSION = re.compile(r"[\s,;]*(?:ext\.?|extension|x|#|Durchwahl|poste)\s*\.?:?\s*\d{1,6}$", re.IGNORECASE)


def without_extension(text: str) -> str:
    """A phone number without the extension that ends it."""
    return _PHONE_EXTENSION.sub("", text)


def phone_international(text: str) -> bool:
    """A number with its country code: valid, or of a length that the country uses (fictional ones are not valid)."""
    number = without_extension(text)
    bare = digits(number).removeprefix("00")
    if len(bare) == 11 and bare[0] == "1" and bare[1] > "1":  # North America, where most test data lives
        return len(set(bare)) > 2
    return phone_e164("+" + bare) != "" or (len(bare) >= 9 and len(set(bare)) > 3 and _possible("+" + bare))


@lru_cache(maxsize=65536)
def _possible(text: str) -> bool:
    plain = _plain(digits(text)) if _PLAIN.fullmatch(text) else None
    if plain is not None:
        return plain.possible
    import phonenumbers

    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text, None))
    except phonenumbers.NumberParseException:
        return False


def phone_us(text: str) -> bool:
    """A North American number written nationally, in its usual grouping."""
    bare = digits(without_extension(text))
    bare = bare[1:] if len(bare) == 11 and bare[0] == "1" else bare
    if len(bare) != 10 or bare[0] in "01" or len(set(bare)) < 3:
        return False
    # Brackets or an extension leave no doubt, whatever the numbering plan says today.
    return "(" in text or "x" in text.lower() or bare[3:6] == "555" or phone_e164("+1" + bare) != ""


# Where national forms without any hint are worth the doubt.
REGIONS = (
    "GB DE FR IT ES NL BE CH AT SE NO DK FI PL CZ PT IE GR HU RO BG TR UA RU IL ZA NG KE EG IN PK BD LK ID MY PH TH VN"
    " JP KR CN TW AU NZ BR AR MX CL CO PE EC VE SD SK SI HR RS LT LV EE IR SA AE MA DZ TN GH TZ UG ET KZ UZ KH LA MM NP"
).split()


@lru_cache(maxsize=1)
def _national_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """(trunk prefix, pattern of fixed and mobile numbers) of each of REGIONS."""
    from phonenumbers import PhoneMetadata

    rows = []
    for region in REGIONS:
        data = PhoneMetadata.metadata_for_region(region)
        if data is None:
            continue
        kinds = [kind.national_number_pattern for kind in (data.fixed_line, data.mobile, data.toll_free) if kind]
        rows.append((data.national_prefix or "", re.compile("|".join(kind for kind in kinds if kind))))
    return tuple(dict.fromkeys(rows))


@lru_cache(maxsize=65536)
def _nationally_valid(bare: str) -> bool:
    for prefix, pattern in _national_patterns():
        if bare.startswith(prefix) and pattern.fullmatch(bare, len(prefix)):
            return True
    return False


def phone_national(text: str) -> bool:
    """A number written nationally that is a fixed, mobile or free line in one of REGIONS, and no date."""
    bare = digits(without_extension(text))
    if _ZIP.fullmatch(text) or not 7 <= len(bare) <= 12:
        return False
    return len(set(bare)) > 2 and not_a_date(text) and _nationally_valid(bare)


_ZIP = re.compile(r"\d{5}-\d{4}")
_DATE_LIKE = re.compile(
    r"(?:19|20)\d\d[-/. ][01]?\d[-/. ][0-3]?\d(?:\D.*)?|[0-3]?\d[-/. ][0-3]?\d[-/. ](?:19|20)?\d\d|"
    r"(?:19|20)\d\d[ ]?[-–/][ ]?(?:19|20)\d\d"
)


def not_a_date(text: str) -> bool:
    """Neither a calendar date nor a pair of years."""
    return _DATE_LIKE.fullmatch(text.strip()) is None


def phone_shape(text: str) -> bool:
    """7 to 15 digits in any grouping: enough where a field or a word says that it is a phone number."""
    bare = digits(without_extension(text))
    return 6 <= len(bare) <= 15 and len(set(bare)) > 1 and not_a_date(text)


_SHORT = 6
"""Digits: where all numbers are that short, one is found only right behind a word."""


@lru_cache(maxsize=1)
def _groupings() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """How numbers are written nationally: groups, like "(dd) ddd dddd", with trunk prefix and pattern of numbers."""
    import phonenumbers
    from phonenumbers import PhoneNumberType as Kind

    found: dict[str, dict[tuple[str, str], None]] = {}
    for region in phonenumbers.SUPPORTED_REGIONS:
        data = phonenumbers.PhoneMetadata.metadata_for_region(region)
        for kind in (Kind.FIXED_LINE, Kind.MOBILE, Kind.TOLL_FREE, Kind.VOIP):
            example = data and phonenumbers.example_number_for_type(region, kind)
            if not data or not example:
                continue
            lines = (data.fixed_line, data.mobile, data.toll_free, data.voip)
            pattern = "|".join(line.national_number_pattern for line in lines if line and line.national_number_pattern)
            written = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.NATIONAL)
            trunk = data.national_prefix or ""
            trunk = trunk if len(digits(written)) > len(str(example.national_number)) else ""
            found.setdefault(_groups(written), {})[trunk, pattern] = None
    return {groups: [(trunk, re.compile(text)) for trunk, text in rows] for groups, rows in found.items()}


def _groups(text: str) -> str:
    return re.sub(r"\d", "d", text.strip())


def _is_grouped(text: str) -> bool:
    """Whether some region writes a number of its own like that."""
    bare = digits(text)
    rows = _groupings().get(_groups(text), ())
    return any(bare.startswith(trunk) and pattern.fullmatch(bare, len(trunk)) for trunk, pattern in rows)


_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?: \d{3})+")
_YEARS = re.compile(r"(?:19|20)\d\d[ -](?:19|20)\d\d")


def phone_grouped(text: str) -> bool:
    """A number in three groups or more, or with brackets, as a region writes its own; not 12 345 678."""
    if _THOUSANDS.fullmatch(text) or (len(text.split()) < 3 and "(" not in text and text.count("-") < 2):
        return False
    return phone_written(text)


def phone_written(text: str) -> bool:
    """A number of seven digits or more as a region writes its own, no date."""
    bare = digits(text)
    apart = len(set(bare)) > 2 and not _YEARS.fullmatch(text) and not_a_date(text)
    return len(bare) > _SHORT and apart and _is_grouped(text)


def phone_short(text: str) -> bool:
    """A number of up to six digits, of a region where they are that short."""
    return len(digits(text)) <= _SHORT and _is_grouped(text)
