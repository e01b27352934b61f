"""What is counted and measured, as named tuples: of the cache, of profiles, of frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
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
    """Bytes of the pictures that renders have in their hands now; they count towards the budget."""
    budget: int
    """Bytes that both together should not exceed."""
    evicted: int
    """How many pictures had to go."""
    seconds_saved: float
    """How long making what was found took, when it was made."""


class ProfileRow(NamedTuple):
    """What all pieces of work of one kind on one thing took."""

    label: str
    """What was made: an effect with its layer, a file, a comp."""
    kind: Literal["graph", "read", "effect", "sample", "paint", "encode", "cached"]
    """`graph` finds out what a frame is made of, `read` reads a file, `effect` is an effect's own work, `sample` moves a
    layer to its place, `paint` blends the layers of a comp, `encode` packs and writes a file, and `cached` is a picture
    that was found, `pieces` times."""
    seconds: float
    """Seconds of all threads together, without what has rows of its own."""
    bytes: int
    """Bytes of pixels that it wrote; of an `encode`, the bytes of the file."""
    pieces: int
    """In how many pieces."""
    threads: int
    """On how many threads."""


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
