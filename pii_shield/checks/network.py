"""Addresses of machines and mailboxes. No I/O."""

import re

from .text import alnum


def ipv4(text: str) -> bool:
    """Four octets without leading zeros that can name a host: not loopback, unspecified, broadcast or a netmask."""
    parts = text.split(".")
    if len(parts) != 4 or any(
        not p.isdecimal() or len(p) > 3 or int(p) > 255 or (p[0] == "0" and p != "0") for p in parts
    ):
        return False
    return parts[0] not in {"0", "127", "255"}


def ipv6(text: str) -> bool:
    """An IPv6 address that can name a host: not loopback or unspecified, not a mere abbreviation."""
    import ipaddress

    try:
        address = ipaddress.IPv6Address(text.partition("%")[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified) and len(alnum(text)) >= 4


def ip(text: str) -> bool:
    """An address of either family that can name a host."""
    return ipv6(text) if ":" in text else ipv4(text)


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
    (
        "png jpg jpeg gif svg webp avif bmp css scss less js mjs cjs jsx ts tsx map json yaml yml toml xml html htm "
        "md rst txt py pyc go java class jar c h cpp hpp so dll exe lock log cfg conf ini sh bat zip gz tar tgz whl "
        "service timer socket target mount slice local_only"
    ).split()
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
