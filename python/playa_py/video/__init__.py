"""Movies, in and out: what `pip install 'playa-py[video]'` adds.

A layer takes the path of a movie as that of any other file, and so does `Frame.load(path, frame=12)`. `Movie` tells what is
in one, `write` renders a comp into one, `MovieWriter` takes frames as they come. All of it goes through PyAV, which brings
FFmpeg, and is imported when the first movie is opened.
"""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, SupportsIndex

from playa_py import _native
from playa_py.errors import MediaError, MediaNotFoundError
from playa_py.video import _reader
from playa_py.video._writer import MovieWriter, write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from playa_py import Frame

__all__ = ["Movie", "MovieWriter", "write"]

_MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}


class Movie:
    """What is in a movie, and its frames: `len(movie)`, `movie[5]`, `for frame in movie`. Frames count from 0 in the order in
    which they are seen. The file is looked into once, and is open while its frames are asked for.

    Raises MediaNotFoundError, UnsupportedMediaError or MediaError.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        """The file."""
        if not self.path.is_file():
            raise MediaNotFoundError(f"{self.path}: no such file", path=self.path)
        try:
            movie = _reader.movie(self.path)
        except MediaError as error:
            raise type(error)(f"{self.path}: {error.args[0]}", path=self.path) from error
        self._facts, self._index = movie.facts, movie.index

    @property
    def width(self) -> int:
        """Columns, of a movie on its side those of the upright picture."""
        return self._facts.size[self._facts.rotation % 180 == 90]

    @property
    def height(self) -> int:
        """Rows of the upright picture."""
        return self._facts.size[self._facts.rotation % 180 == 0]

    @property
    def rate(self) -> Fraction | None:
        """Frames per second. The mean where it varies; None of a single frame whose file does not say it."""
        return self._index.rate

    @property
    def varies(self) -> bool:
        """Whether frames last for different times. They are counted all the same."""
        return self._index.varies

    @property
    def times(self) -> list[Fraction]:
        """When each frame is seen, in seconds; of the first one too this need not be 0."""
        return [time * self._index.time_base for time in self._index.times]

    @property
    def codec(self) -> str:
        """What it is compressed with, as FFmpeg calls it, such as `h264`."""
        return self._facts.codec

    @property
    def pixel_format(self) -> str:
        """How its codes lie in memory, as FFmpeg calls it, such as `yuv420p`."""
        return self._facts.pixel_format

    @property
    def bits(self) -> int:
        """Bits of a code."""
        return self._facts.bits

    @property
    def alpha(self) -> bool:
        """Whether it has alpha."""
        return self._facts.alpha

    @property
    def sampling(self) -> tuple[int, int]:
        """One sample of colour for so many columns and rows: `(2, 2)` for 4:2:0."""
        return self._facts.sampling

    @property
    def rotation(self) -> int:
        """By how many degrees it is turned clockwise when it is shown."""
        return self._facts.rotation

    @property
    def pixel_aspect(self) -> float:
        """Width of a pixel divided by its height, as it lies in the file."""
        return self._facts.pixel_aspect

    @property
    def coding(self) -> tuple[int, int, int]:
        """Primaries, transfer and matrix as the file has them, numbers of ITU-T H.273; 2 where it says nothing."""
        return self._facts.coding[:3]

    @property
    def matrix(self) -> str:
        """The matrix that is undone, such as `bt709`; `rgb` or `grey` for a movie without one. Where the file does not say
        it, `bt709` for at least 720 rows and else `bt601`."""
        if self._facts.model != "ycc":
            return self._facts.model
        by_rows = "bt709" if self._facts.size[1] >= 720 else "bt601"
        return _MATRICES.get(self._facts.coding[2], by_rows)

    @property
    def range(self) -> Literal["limited", "full"]:
        """Whether codes use all numbers. Where the file does not say it, `limited` for a movie with a matrix."""
        said = self._facts.coding[3]
        return "full" if (self._facts.model != "ycc" if said is None else said) else "limited"

    @property
    def warning(self) -> str | None:
        """What one should know of it: that its rate varies, or that it is interlaced."""
        return self._facts.warning

    def read(self, number: SupportsIndex, *, colour_space: str | None = None, max_bytes: int | None = None) -> Frame:
        """A frame, counted from 0, from the end below 0: linear, premultiplied. `colour_space` is what the file holds, or
        `"raw"`, for a file that is wrong about it. Raises IndexError or MediaError."""
        index = number.__index__()
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self.path}: there is no frame {index}, it has 0 to {len(self) - 1}")
        frame = index % len(self)
        return _native.Frame.load(self.path, frame=frame, colour_space=colour_space, max_bytes=max_bytes)

    def __len__(self) -> int:
        return len(self._index.times)

    def __getitem__(self, number: SupportsIndex) -> Frame:
        return self.read(number)

    def __iter__(self) -> Iterator[Frame]:
        return (self.read(number) for number in range(len(self)))

    def __repr__(self) -> str:
        rate = "" if self.rate is None else f" at {float(self.rate):.6g} per second"
        size = f"{self.width}x{self.height}"
        return f"<Movie {str(self.path)!r}: {size}, {len(self)} frames{rate}, {self.codec} {self.pixel_format}>"
