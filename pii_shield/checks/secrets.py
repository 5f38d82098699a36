"""What looks like a secret, and what only stands where one would be. No I/O."""

import re


def mixed(text: str) -> bool:
    """Random-looking: letters and digits, at least eight different characters, no run of placeholders."""
    return (
        len(set(text)) >= 8
        and any(c.isdigit() for c in text)
        and any(c.isalpha() for c in text)
        and not placeholder(text)
    )


_STAND_INS = (
    "your example sample placeholder changeme change-me change_me redacted dummy insert replace xxxx *** ... … < > "
    "${ $( {{ %( testkey test-key test_key foobar 123456789 123123 abc123 abcdef deadbeef tokenhere keyhere secrethere"
).split()
_NOTHING = frozenset(("null", "none", "nil", "true", "false", "undefined"))
_VARIABLE = re.compile(r"\$[A-Za-z_]|%[A-Za-z_]+%$")


def placeholder(text: str) -> bool:
    """A stand-in that documentation uses where a value would be."""
    folded = text.casefold()
    return folded in _NOTHING or any(word in folded for word in _STAND_INS) or _VARIABLE.match(text) is not None


_ALNUM = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")


def secret_key(text: str) -> bool:
    """A key of a vendor's shape that is not a stand-in."""
    many = len(_ALNUM.intersection(text[:64])) >= 8 or len(_ALNUM.intersection(text)) >= 8
    return many and not placeholder(text)


def password(text: str) -> bool:
    """A pass phrase that is not a stand-in, a variable or the name of its own field."""
    return len(set(text)) > 1 and not placeholder(text) and text.lower() not in _NO_PASSWORDS


_NO_PASSWORDS = frozenset(
    (
        "password passwd pwd secret token string str text bool boolean int required optional yes no on off false true "
        "hidden user username prompt input env file basic bearer set unset empty missing invalid expired changed "
        "incorrect"
    ).split()
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


_URL_OR_PATH = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,12}:)?//|/[\w.-]+/|\.{1,2}/|[\w.-]+\.(?:pem|key|crt|json|txt|env|ya?ml)$", re.IGNORECASE
)
# "PKCS7PrivateKeyTypes", "session.getTokenV2": names of a program.
_CAMEL_WORDS = re.compile(r"(?:[A-Z]{1,5}\d{0,3}|[a-z]{2,16})?(?:[._]?[A-Z][a-z]{2,16}|[._][a-z]{2,16}){1,8}\d{0,2}")
_BARE_WORD = re.compile(r"[A-Za-z]{1,24}(?:[ _.-][A-Za-z]{1,24}){0,6}\.?")


def secret_field(text: str) -> bool:
    """A value that a field calls secret: no stand-in, no address or file name, more than plain words."""
    if len(text) < 8 or (placeholder(text) and "..." not in text):
        return False
    bare = text.strip("\"'`,;")
    ordinary = _URL_OR_PATH.match(bare) or _BARE_WORD.fullmatch(bare) or _CAMEL_WORDS.fullmatch(bare)
    return not ordinary and len(set(text)) > 4


_NO_USERS = frozenset(
    (
        "input name names data id ids agent info account accounts interface experience guide session sessions the a "
        "an is are was to from who that which with and or not by in on at of for has have can may should will your "
        "their user users password unknown null none details profile group groups role roles table list type mode "
        "space defined specified provided friendly level root_user"
    ).split()
)


def user_name(text: str) -> bool:
    """A login name rather than the next word of a sentence."""
    return text.lower() not in _NO_USERS and not placeholder(text) and len(text) > 1
