"""What `cache.stats()` and `Profile.rows()` tell, as named tuples."""

from typing import Literal, NamedTuple


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
