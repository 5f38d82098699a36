"""`python -m pii_shield` and the `pii-shield` command."""

import sys


def main() -> int:
    """Run the command line; returns the exit code."""
    from .cli import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
