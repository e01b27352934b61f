"""The compiled half of `playa_py`. Import names from `playa_py`, not from here."""

__all__ = ["__version__", "cli_main"]

__version__: str
"""Version of the compiled half, the same as that of the distribution `playa-py`."""

def cli_main(args: list[str]) -> int:
    """Run the command `playa` with these arguments, the program's name first, and return its exit status.

    0 done, 1 frames failed, 2 wrong usage, 3 bad project, 130 interrupted. Releases the GIL while it runs.
    """
