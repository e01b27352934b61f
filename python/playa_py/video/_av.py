"""PyAV, where it is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playa_py.errors import UnsupportedMediaError

if TYPE_CHECKING:
    from types import ModuleType


def pyav() -> ModuleType:
    """The module. Imported when the first movie is opened, since it brings all of FFmpeg."""
    try:
        import av
    except ImportError as error:
        message = f"movies are read and written with PyAV, which is not there ({error}): pip install 'playa-py[video]'"
        raise UnsupportedMediaError(message) from error
    # What it has to say of a file comes as an exception; the rest would go to stderr of whoever imports Playa.
    av.logging.set_level(None)
    return av
