"""What is in force that lets values through: servers that are observed or off, exemptions."""

from collections.abc import Iterator
from datetime import UTC, datetime

from .. import assemble, observing, off
from ..tuned import load
from .line import Line, Patient, ok, warn


def passing(patient: Patient) -> Iterator[Line]:
    """Servers whose words pass unchanged."""
    config = patient.config
    said = observing.notices(config, datetime.fromtimestamp(patient.now, UTC).date())
    for sentence in said:
        yield warn("observed", sentence, fix='take mode = "observe" out of config.toml')
    periods = [period for period in off.read(off.file_of(config)) if period.holds(patient.now)]
    sealed = off.Periods(off.file_of(config), lambda: _secret(patient))() if periods else ()
    for period in periods:
        if period not in sealed:
            yield warn("off", f"{period.server} is not off: the file that says so is not sealed with this vault's key")
        elif config.off != off.FORBIDDEN:
            yield warn("off", period.words, fix=f"pii-shield on {period.server}")
    if not said and not sealed:
        yield ok("switched off", f"no server is observed or off; switching off is {config.off}")


def exemptions(patient: Patient) -> Iterator[Line]:
    """What people let through. A wrong file is an error."""
    tuning = load(patient.config.tuning)
    parts = [f"{len(tuning.allow)} allowed", f"{len(tuning.deny)} always protected"]
    parts += [f"{sum(map(len, tuning.thresholds.values()))} thresholds"] if tuning.thresholds else []
    locked = "; the administrator lets only their own count" if tuning.locked else ""
    yield ok("exemptions", ", ".join(parts) + locked)


def _secret(patient: Patient) -> bytes:
    store = assemble.vault(patient.config)
    try:
        return store.secret(off.SECRET)
    finally:
        store.close()
