"""The shared picture files, as cases of tests: `@pytest.mark.parametrize("path", media("tiled/*.exr"), indirect=True)`.

The fixture `path` makes a file of a case. Where there are no shared files, the pattern is the only case, and the fixture skips it.
"""

from pathlib import Path

MEDIA = Path(__file__).parents[2].parent / "shared" / "media"


def media(pattern: str) -> list[str]:
    """The files that match, counted from the folder of pictures."""
    return sorted(file.relative_to(MEDIA).as_posix() for file in MEDIA.glob(pattern)) or [pattern]


READABLE = [case for case in media("*/*.exr") if case.split("/")[0] not in ("damaged", "unsupported")]
"""The EXR files that are whole, and of kinds that can be read."""
