"""The command `playa`. All of it is native; this is where Python's process hands over."""

import sys

from playa_py import _native


def main() -> int:
    """Run the command with the process's arguments and return its exit status, 130 where Ctrl-C ended it."""
    try:
        return _native.cli_main(["playa", *sys.argv[1:]])
    except KeyboardInterrupt:
        return 130
