"""The command `playa`. All of it is native; this is where Python's process hands over."""

import os
import sys

from playa_py import _native


def main() -> int:
    """Run the command with the process's arguments and return its exit status, 130 where Ctrl-C ended it."""
    if "validate" in sys.argv and sys.executable:
        import json  # Only this command starts others of its kind.

        os.environ["PLAYA_PROGRAM"] = json.dumps([sys.executable, "-m", "playa_py"])
    try:
        return _native.cli_main(["playa", *sys.argv[1:]])
    except KeyboardInterrupt:
        return 130
