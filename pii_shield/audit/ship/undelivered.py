"""Why rows did not arrive, in words that hold nothing a receiver said. No I/O."""

import ssl


class Undelivered(Exception):
    """Rows did not arrive, or nobody knows whether they did: they will be sent again.

    Attributes:
        words: why, for people.
        wait: seconds that the receiver wants to be left alone; 0 if it did not say.
        too_big: whether fewer rows at once might do.
    """

    def __init__(self, words: str, *, wait: float = 0.0, too_big: bool = False) -> None:
        super().__init__(words)
        self.words = words
        self.wait = wait
        self.too_big = too_big


def because(error: OSError) -> Undelivered:
    """Of a system's error."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Undelivered(f"its certificate is not trusted: {error.verify_message}")
    if isinstance(error, ssl.SSLError):
        return Undelivered("TLS: " + (error.reason or "the connection broke").lower().replace("_", " "))
    if isinstance(error, TimeoutError):
        return Undelivered("it does not answer in time")
    return Undelivered(error.strerror or "the connection broke")
