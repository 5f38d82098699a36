"""Whether what the configuration names is there: said at once, though it is built later, in the background.

Every start of a server comes through here, so nothing is imported that the configuration does not ask for.
"""

from .settings import Config


def need(config: Config) -> None:
    """Refuse what could not be built later.

    Raises:
        ConfigError: something that the configuration names is not there.
    """
    if config.presidio is not None:
        from .detect.presidio import load

        load.need(config.presidio)
    if {config.images, config.other} & {"inspect", "redact"}:
        from .documents import reader

        reader.need()
