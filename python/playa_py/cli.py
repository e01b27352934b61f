"""The command `playa`. All of it is native but the render of movies; this is where Python's process hands over."""

import sys

from playa_py import _native

_MOVIES = (".mp4", ".m4v", ".mov", ".mkv")
"""How the names end of what `playa_py.video` writes."""


def main() -> int:
    """Run the command with the process's arguments and return its exit status, 130 where Ctrl-C ended it."""
    try:
        command, *arguments = sys.argv[1:] or [""]
        if command == "render" and any(word.lower().endswith(_MOVIES) for word in arguments):
            from playa_py.video._command import render

            return render(arguments)
        return _native.cli_main(["playa", *sys.argv[1:]])
    except KeyboardInterrupt:
        return 130
