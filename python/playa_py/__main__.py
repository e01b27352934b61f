"""`python -m playa_py`, the same as the command `playa`."""

import sys

from playa_py.cli import main

if __name__ == "__main__":
    sys.exit(main())
