"""What is counted and measured, as named tuples: of the cache, of memory, of profiles, of frames, of colour."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray


class CacheStats(NamedTuple):
    """What the cache holds and what it was good for, since the process began."""

    hits: int
    """How many times a picture was found."""
    misses: int
    """How many times it had to be made."""
    entries: int
    """How many pictures are kept."""
    bytes: int
    """Their bytes."""
    bytes_in_flight: int
    """Bytes of the pictures that renders make now; they count towards the budget."""
    budget: int
    """Bytes that both together should not exceed."""
    evicted: int
    """How many pictures had to go."""
    seconds_saved: float
    """How long making what was found took, when it was made."""


class CachedPicture(NamedTuple):
    """A picture that the cache keeps."""

    label: str
    """What it is, for people: a file, an effect with its layer, a comp."""
    kind: Literal["file", "reduce", "effect", "colour", "place", "mean", "comp"]
    """What kind of picture it is, as in `Comp.graph`."""
    node: str
    """The uuid of the layer or comp that it was first made for."""
    key: str
    """Its content: the same key means the same pixels."""
    bytes: int
    """Its bytes."""
    hits: int
    """How many times it was found."""
    seconds_saved: float
    """How long making it anew each time would have taken."""


class CacheReport(list[CachedPicture]):
    """The pictures that the cache keeps, the largest first: a list that shows itself as a table."""

    _HEAD = ("MiB", "hits", "seconds saved", "kind", "label")

    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (f"{row.bytes / 2**20:.1f}", str(row.hits), f"{row.seconds_saved:.3f}", row.kind, row.label) for row in self
        ]

    def __str__(self) -> str:
        rows = [self._HEAD, *self._cells()]
        widths = [max(len(row[column]) for row in rows) for column in range(len(self._HEAD))]
        lines = (
            "  ".join(cell.rjust(width) if at < 3 else cell.ljust(width) for at, (cell, width) in enumerate(zip(row, widths)))
            for row in rows
        )
        return "\n".join(line.rstrip() for line in lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        def line(cells: tuple[str, ...], tag: str) -> str:
            return "<tr>" + "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells) + "</tr>"

        body = "".join(line(row, "td") for row in self._cells())
        return f"<table><thead>{line(self._HEAD, 'th')}</thead><tbody>{body}</tbody></table>"


class MemoryStats(NamedTuple):
    """What pixels take of the process's memory, in bytes."""

    limit: int
    """What all together take at most."""
    used: int
    """What is allocated: pictures in the making, frames that were handed out and are still there, and `kept`."""
    peak: int
    """The most that was allocated at once."""
    kept: int
    """What of `used` is kept for the next renders, by the cache and by pools, and goes where memory is short."""
    reserved: int
    """What frames in the making will allocate yet."""
    frames: int
    """How many frames are in the making."""


class PlayerStats(NamedTuple):
    """How a player fares since its comp was opened."""

    due: int
    """How many frames became due while it played."""
    current: int
    """How many of them became the current frame; the others passed before the thread could say so."""
    shown: int
    """How many became the current frame with their picture ready."""


class ProfileRow(NamedTuple):
    """What all pieces of work of one kind on one thing took."""

    label: str
    """What was made: an effect with its layer, a file, a comp."""
    kind: Literal["graph", "read", "effect", "colour", "sample", "paint", "encode", "cached"]
    """`graph` finds out what a frame is made of, `read` reads a file, `effect` is an effect's own work, `colour` brings
    pixels into the working space, `sample` moves a layer to its place or makes a source smaller, `paint` blends the layers of a comp, `encode` packs and writes a file, and `cached` is a picture
    that was found, `pieces` times."""
    seconds: float
    """Seconds of all threads together, without what has rows of its own."""
    bytes: int
    """Bytes of pixels that it wrote; of an `encode`, the bytes of the file."""
    pieces: int
    """In how many pieces."""
    threads: int
    """On how many threads."""


class FoundSequence(NamedTuple):
    """A sequence or a single file, as `find_sequences` tells of it."""

    pattern: str
    """Its path, with `####` in place of the frame number: what `comp.add_layer` takes."""
    first: int | None
    """The first frame; `None` for a single file."""
    last: int | None
    """The last frame; `None` for a single file."""
    files: int
    """How many files there are."""
    gaps: list[tuple[int, int]]
    """The ranges of frames between first and last that have no file, both ends included."""


class ColourSpace(NamedTuple):
    """A colour space, as `colour_spaces()` lists it."""

    name: str
    """Its name."""
    aliases: tuple[str, ...]
    """Other names for it: those that OpenColorIO's configs have."""
    linear: bool
    """Whether its numbers are light, so that layers can be composited in it."""
    doc: str
    """What it is."""


class ColourConfig(NamedTuple):
    """What is in an OpenColorIO config, as `colour_config()` lists it."""

    name: str
    """Its path, or its name among those that are built in."""
    spaces: tuple[ColourSpace, ...]
    """Its active spaces."""
    roles: dict[str, str]
    """Names that stand for spaces by what these are used for, such as `scene_linear`, and the spaces."""
    displays: dict[str, tuple[str, ...]]
    """Its active displays with their views, the usual one first."""
    looks: tuple[str, ...]
    """Its looks."""


class ColourWord(NamedTuple):
    """What one who may decide about a file's colour says."""

    space: str
    """The space, or `raw`."""
    by: Literal["attribute", "data", "rule", "tag", "config", "type"]
    """Who says it: the user for this file, the names of its channels, a rule of the project, the file, a file rule of the
    project's config, the type of its samples."""
    why: str
    """Why."""


class ColourExplanation(NamedTuple):
    """What `explain_colour` tells of a file. Printed, it is a few lines."""

    path: Path
    """The file; of a sequence the first one."""
    space: str
    """What its colour is taken for, or `raw`."""
    by: Literal["attribute", "data", "rule", "tag", "config", "type"]
    """Who says it, as in `ColourWord`."""
    why: str
    """Why."""
    otherwise: tuple[ColourWord, ...]
    """The words that would count without that one, in their order."""
    working_space: str
    """The space in which layers are composited."""
    steps: tuple[str, ...]
    """What is done to a pixel on the way there; nothing, where that is the same space, or the numbers are no colour."""

    def __str__(self) -> str:
        lines = [str(self.path), f"  space      {self.space}: {self.why}"]
        lines += [f"  otherwise  {word.space}: {word.why}" for word in self.otherwise]
        lines.append(f"  working    {self.working_space}")
        lines += [f"  step       {step}" for step in self.steps or ("none",)]
        return "\n".join(lines)


class FrameStats(NamedTuple):
    """What `frame.stats()` tells: arrays of four, for red, green, blue and alpha.

    `min`, `max`, `mean` and `std` are of the finite values, and NaN where a channel has none.
    """

    min: NDArray[np.float64]
    """The smallest value."""
    max: NDArray[np.float64]
    """The largest value."""
    mean: NDArray[np.float64]
    """The mean, summed up in float64."""
    std: NDArray[np.float64]
    """The standard deviation, as `numpy.std` has it."""
    nan: NDArray[np.uint64]
    """How many values are NaN."""
    inf: NDArray[np.uint64]
    """How many are infinite, of either sign."""
    negative: NDArray[np.uint64]
    """How many are below 0, infinite ones too."""
    above_one: NDArray[np.uint64]
    """How many are above 1, infinite ones too."""


class Histogram(NamedTuple):
    """What `frame.histogram()` counts. The first axis is that of the channels, in the order in which they were named."""

    counts: NDArray[np.uint64]
    """`(channels, bins)`: how many values fall into each bin."""
    edges: NDArray[np.float64]
    """`(bins + 1,)`: where the bins begin, and where the last one ends."""
    under: NDArray[np.uint64]
    """`(channels,)`: how many are below the first bin."""
    over: NDArray[np.uint64]
    """`(channels,)`: how many are above the last one."""
    nan: NDArray[np.uint64]
    """`(channels,)`: how many are NaN."""


class Waveform(NamedTuple):
    """What `frame.waveform()` counts. Level 0 is the lowest: `counts[0, ::-1]` is a picture of it the right way up, and
    `numpy.hstack(counts)[::-1]` of three channels is a parade.
    """

    counts: NDArray[np.uint64]
    """`(channels, levels, width)`: how many pixels of a column fall into each level."""
    edges: NDArray[np.float64]
    """`(levels + 1,)`: where the levels begin, and where the last one ends."""


class Vectorscope(NamedTuple):
    """What `frame.vectorscope()` counts. Row 0 is the lowest Cr: `counts[::-1]` is a picture of it the right way up."""

    counts: NDArray[np.uint64]
    """`(bins, bins)`: how many pixels fall into each square; Cr along the first axis, Cb along the second."""
    edges: NDArray[np.float64]
    """`(bins + 1,)`: where the bins of both axes begin, and where the last one ends."""
