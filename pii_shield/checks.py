"""Is this string what it looks like? Check digits and syntax, one function per kind, str -> bool. No I/O.

Rules name these functions (`check = "luhn"`), see `CHECKS` at the end. A check sees the matched text with its
separators and must be fast and bounded: it runs on hostile input.
"""

import re
from collections.abc import Callable
from functools import lru_cache

Check = Callable[[str], bool]

_NOT_DIGITS = re.compile(r"[^0-9]+")
_NOT_ALNUM = re.compile(r"[^0-9A-Za-z]+")


def digits(text: str) -> str:
    """The ASCII digits of a text, in order."""
    return text if text.isdigit() and text.isascii() else _NOT_DIGITS.sub("", text)


def alnum(text: str) -> str:
    """The ASCII letters and digits of a text, upper case."""
    return _NOT_ALNUM.sub("", text).upper()


_LUHN_DOUBLE = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(text: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1), and not all the same digit."""
    number = digits(text)
    if len(number) < 8 or len(set(number)) == 1:
        return False
    total = sum(map(int, number[-1::-2])) + sum(_LUHN_DOUBLE[int(d)] for d in number[-2::-2])
    return total % 10 == 0


# First digits and lengths of the card networks (ISO/IEC 7812 issuer ranges).
_CARD = re.compile(
    r"""4[0-9]{12} | 4[0-9]{15} | 4[0-9]{18}
    | (?: 5[1-5][0-9]{2} | 222[1-9] | 22[3-9][0-9] | 2[3-6][0-9]{2} | 27[01][0-9] | 2720 ) [0-9]{12}
    | 3[47][0-9]{13}
    | 3(?: 0[0-5] | 09 | [689][0-9] ) [0-9]{11,13}
    | (?: 6011 | 65[0-9]{2} | 64[4-9][0-9] ) [0-9]{12,15}
    | 62[0-9]{14,17}
    | 35(?: 2[89] | [3-8][0-9] ) [0-9]{12,15}
    | 220[0-4][0-9]{12}
    | (?: 2131 | 1800 ) [0-9]{11}
    | 9792[0-9]{12}
    | (?: 5[0678][0-9]{2} | 6[0-9]{3} ) [0-9]{8,15}""",
    re.VERBOSE,
)
# The same without the lengths and ranges that ordinary identifiers share: for digits without any context.
_CARD_SURE = re.compile(
    r"""4[0-9]{15} | 5[1-5][0-9]{14} | 2(?: 22[1-9] | 2[3-9][0-9] | [3-6][0-9]{2} | 7[01][0-9] | 720 )[0-9]{12}
    | 3[47][0-9]{13} | 3(?:0[0-5]|[68][0-9])[0-9]{11} | (?:6011|65[0-9]{2}|64[4-9][0-9]|35(?:2[89]|[3-8][0-9]))[0-9]{12}
    | 62[0-9]{14}""",
    re.VERBOSE,
)


def card(text: str) -> bool:
    """A payment card number: known issuer range, length for it, Luhn."""
    number = digits(text)
    return _CARD.fullmatch(number) is not None and luhn(number)


def card_sure(text: str) -> bool:
    """A payment card number of the common lengths, for digits that nothing introduces."""
    number = digits(text)
    return _CARD_SURE.fullmatch(number) is not None and luhn(number) and len(set(number)) > 3


def card_like(text: str) -> bool:
    """12 to 19 digits that pass Luhn, or are grouped as on a card: enough where a field says it is a card."""
    number = digits(text)
    return 12 <= len(number) <= 19 and len(set(number)) > 1 and (luhn(number) or len(number) in (15, 16))


# Length of an IBAN by country (SWIFT IBAN registry, release 99).
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH CR HR LI LV",
        22: "BG BH DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG DZ",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI BJ DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
_IBAN_LENGTHS |= {"BJ": 28, "CI": 28, "SN": 28, "ML": 28, "CM": 27, "BF": 28, "MG": 27, "AO": 25, "MZ": 25, "CV": 25}


def iban(text: str) -> bool:
    """ISO 13616: the country's length and mod 97 == 1."""
    code = alnum(text)
    if _IBAN_LENGTHS.get(code[:2]) != len(code) or not code[2:4].isdigit():
        return False
    return int("".join(str(int(c, 36)) for c in code[4:] + code[:4])) % 97 == 1


def us_ssn(text: str) -> bool:
    """Nine digits the Social Security Administration can have assigned; no advertised numbers."""
    number = digits(text)
    if len(number) != 9 or number in {"078051120", "219099999", "123456789", "987654321"}:
        return False
    area = number[:3]
    return area not in {"000", "666"} and area < "900" and number[3:5] != "00" and number[5:] != "0000"


def us_itin(text: str) -> bool:
    """Nine digits, 9xx and a fourth-fifth pair of the ITIN ranges."""
    number = digits(text)
    group = number[3:5]
    ranges = ("50" <= group <= "65", "70" <= group <= "88", "90" <= group <= "92", "94" <= group <= "99")
    return len(number) == 9 and number[0] == "9" and any(ranges)


def aba_routing(text: str) -> bool:
    """A US bank routing number: nine digits, weights 3-7-1, a Federal Reserve prefix."""
    number = digits(text)
    if len(number) != 9 or number == "000000000" or not ("00" < number[:2] <= "12" or "21" <= number[:2] <= "32"):
        return False
    return sum(int(d) * w for d, w in zip(number, (3, 7, 1) * 3, strict=True)) % 10 == 0


def ipv4(text: str) -> bool:
    """Four octets without leading zeros that can name a host: not loopback, unspecified, broadcast or a netmask."""
    parts = text.split(".")
    if len(parts) != 4 or any(not p.isdigit() or len(p) > 3 or int(p) > 255 or (p[0] == "0" and p != "0") for p in parts):
        return False
    return parts[0] not in {"0", "127", "255"} and text != "1.1.1.0"


def ipv6(text: str) -> bool:
    """An IPv6 address that can name a host: not loopback or unspecified, not a mere abbreviation."""
    import ipaddress

    try:
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and len(_NOT_ALNUM.sub("", text)) >= 4


def mac(text: str) -> bool:
    """A hardware address that is not the null, broadcast or a counting example."""
    code = alnum(text)
    return len(code) in (12, 16) and len(set(code)) > 2


_MAILBOX_ROBOTS = re.compile(
    r"(?:.*[._+-])?(?:no|do[._-]?not)[._-]?(?:reply|response)(?:[._+-].*)?|mailer[._-]daemon|bounces?(?:[._+-].*)?",
    re.IGNORECASE,
)
# "pkg@1.2.3", "icon@2x.png": the last label of a host is letters and no file ending.
_FILE_ENDINGS = frozenset(
    "png jpg jpeg gif svg webp avif bmp css scss less js mjs cjs jsx ts tsx map json yaml yml toml xml html htm md rst txt"
    " py pyc go java class jar c h cpp hpp so dll exe lock log cfg conf ini sh bat zip gz tar tgz whl service timer socket"
    " target mount slice local_only".split()
)


def email(text: str) -> bool:
    """An address of a person or a team: host with dots and a plausible last label, mailbox not a no-reply robot."""
    mailbox, _, host = text.replace("%40", "@").rpartition("@")
    if not mailbox or len(mailbox) > 64 or len(host) > 253 or ".." in text or mailbox[0] == "." or mailbox[-1] == ".":
        return False
    last = host.rpartition(".")[2].lower()
    if last in _FILE_ENDINGS or _MAILBOX_ROBOTS.fullmatch(mailbox):
        return False
    # The user of a clone address or of a service account's machine name is no mailbox.
    return mailbox.lower() != "git"


@lru_cache(maxsize=65536)
def phone_e164(text: str, region: str = "") -> str:
    """E.164 form of a number that phonenumbers calls valid, or "" if it is not. `region` is for national forms."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_PHONE_EXTENSION = re.compile(r"[\s,;]*(?:ext\.?|extension|x|#|Durchwahl|poste)\s*\.?:?\s*\d{1,6}$", re.IGNORECASE)


def without_extension(text: str) -> str:
    """A phone number without the extension that ends it."""
    return _PHONE_EXTENSION.sub("", text)


def phone_international(text: str) -> bool:
    """A number written with its country code. Also the fictional 555-01xx range, which metadata calls invalid."""
    number = without_extension(text)
    number = "+" + number[2:] if number.startswith("00") else number
    if phone_e164(number):
        return True
    bare = digits(number)
    return len(bare) == 11 and bare[0] == "1" and bare[1] > "1" and bare[4:7] == "555" or _fictional_uk(bare)


def _fictional_uk(bare: str) -> bool:
    return bare.startswith(("44207946", "44770090", "441632960")) and len(bare) == 12


def phone_us(text: str) -> bool:
    """A North American number written nationally, in its usual grouping."""
    bare = digits(without_extension(text))
    bare = bare[1:] if len(bare) == 11 and bare[0] == "1" else bare
    if len(bare) != 10 or bare[0] in "01" or len(set(bare)) < 3:
        return False
    return bare[3:6] == "555" or phone_e164("+1" + bare) != ""


# Where national forms without any hint are worth the doubt: many speakers, a trunk prefix that gives the form away.
REGIONS = (
    "GB DE FR IT ES NL BE CH AT SE NO DK FI PL CZ PT IE GR HU RO BG TR UA RU IL ZA NG KE EG IN PK BD LK ID MY PH TH VN"
    " JP KR CN TW AU NZ BR AR MX CL CO PE EC VE SD SK SI HR RS LT LV EE IR SA AE MA DZ TN GH TZ UG ET KZ UZ KH LA MM NP"
).split()


@lru_cache(maxsize=65536)
def phone_national(text: str) -> bool:
    """A number written nationally that is valid in one of REGIONS. Slow for what is none: for introduced numbers."""
    bare = digits(text)
    if not 7 <= len(bare) <= 12 or len(set(bare)) < 3:
        return False
    return any(phone_e164(bare, region) for region in REGIONS)


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


def calendar_date(text: str) -> bool:
    """A day a living person can be born on: parts in range, year 1900 to 2099 or two digits."""
    numbers = [int(n) for n in re.findall(r"\d+", text[:32])]
    if len(numbers) < 3:
        return bool(re.search(r"[^\W\d_]{3}", text)) and bool(numbers)
    year = next((n for n in numbers if 1900 <= n <= 2099), None)
    return all(n <= 31 or n == year or n <= 99 for n in numbers[:3])


def mixed(text: str) -> bool:
    """Random-looking: letters and digits, at least eight different characters, no run of placeholders."""
    return (
        len(set(text)) >= 8
        and any(c.isdigit() for c in text)
        and any(c.isalpha() for c in text)
        and not placeholder(text)
    )


_PLACEHOLDER = re.compile(
    r"""your|example|sample|placeholder|change[_-]?me|redacted|dummy|insert|replace|xxxx|\*\*\*|\.\.\.|…|<|>|\$\{|\$\(|\{\{
    |%\(|test[_-]?key|foobar|123456789|abcdef|deadbeef|^null$|^none$|^nil$|^true$|^false$|^undefined$|^\$[A-Za-z_]|^%[A-Za-z_]+%$""",
    re.VERBOSE | re.IGNORECASE,
)


def placeholder(text: str) -> bool:
    """A stand-in that documentation uses where a value would be."""
    return _PLACEHOLDER.search(text) is not None


def secret_key(text: str) -> bool:
    """A key of a vendor's shape that is not a stand-in."""
    body = re.sub(r"[^0-9A-Za-z]", "", text)
    return len(set(body)) >= 8 and not placeholder(text)


def password(text: str) -> bool:
    """A pass phrase that is not a stand-in, a variable or the name of its own field."""
    return len(set(text)) > 1 and not placeholder(text) and text.lower() not in _NO_PASSWORDS


_NO_PASSWORDS = frozenset(
    "password passwd pwd secret token string str text bool boolean int required optional yes no on off false true hidden"
    " user username prompt input env file basic bearer set unset empty missing invalid expired changed incorrect".split()
)


def jwt(text: str) -> bool:
    """Three base64url parts of which the first decodes to a JSON object with an algorithm."""
    import base64
    import binascii

    head = text.partition(".")[0]
    try:
        decoded = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except (binascii.Error, ValueError):
        return False
    return decoded.startswith(b"{") and (b'"alg"' in decoded or b'"typ"' in decoded or b'"enc"' in decoded)


CHECKS: dict[str, Check] = {
    check.__name__: check
    for check in (
        aba_routing,
        calendar_date,
        card,
        card_like,
        card_sure,
        email,
        iban,
        ipv4,
        ipv6,
        jwt,
        luhn,
        mac,
        mixed,
        not_a_date,
        password,
        phone_international,
        phone_national,
        phone_shape,
        phone_us,
        secret_key,
        us_itin,
        us_ssn,
    )
}
