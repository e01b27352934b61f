"""Movies for the host: what is in a file, and its frames as they were compressed.

Each file is opened once. Whoever asks for the next frame gets it without a seek; any other one is decoded from the nearest
picture before it with which that can begin. Threads take turns at a file.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from playa_py.errors import MediaError, UnsupportedMediaError
from playa_py.video._av import pyav
from playa_py.video._index import Index, index_of
from playa_py.video._layout import Component, Layout, layout

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream
    from numpy import uint8
    from numpy.typing import NDArray

Coding = tuple[int, int, int, bool | None]
"""Primaries, transfer and matrix by ITU-T H.273, and whether the range is full, if that is said."""

KEPT_BYTES = 128 << 20
"""Frames of a file that were decoded last are kept in this many bytes, at most `KEPT` of them, for threads that ask for
frames in almost their order."""
KEPT = 8
OPEN = 8
"""Files that are open at a time."""
KNOWN = 256
"""Files of which the index is kept."""
AHEAD = 4
"""So many frames are decoded rather than looked for."""

ATTACHED = 1 << 10
"""The disposition of FFmpeg of a cover."""

MATRICES = {0, 1, 2, 3, 4, 5, 6, 7, 9}


@dataclass(frozen=True)
class Facts:
    """What is in a movie. Names are those of `MovieInfo` of the host."""

    frames: int
    rate: tuple[int, int] | None
    size: tuple[int, int]
    rotation: int
    pixel_aspect: float
    codec: str
    pixel_format: str
    model: str
    alpha: bool
    bits: int
    sampling: tuple[int, int]
    coding: Coding
    warning: str | None


@dataclass(frozen=True)
class Picture:
    """A frame as it was compressed. Names are those of `Planes` of the host."""

    size: tuple[int, int]
    rotation: int
    model: str
    alpha: bool
    bits: int
    sampling: tuple[int, int]
    centred: bool
    coding: Coding
    planes: list[NDArray[uint8]]
    components: list[tuple[int, int, int, int, int]]


class Movie:
    """An open file, with its index."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.lock = Lock()
        self._opened: tuple[InputContainer, VideoStream] | None = None
        self._frames: Iterator[VideoFrame | None] = iter(())
        self._next: int | None = None
        self._kept: OrderedDict[int, VideoFrame] = OrderedDict()
        container, stream = self._open()
        try:
            self.index: Index = index_of(container, stream)
            aspect = stream.sample_aspect_ratio
            self.pixel_aspect = float(aspect) if aspect else 1.0
            self.codec = stream.codec_context.name
        except pyav().FFmpegError as error:
            self.close()
            raise MediaError(f"it cannot be taken apart: {error.strerror}") from error
        for first in self.steps(0):
            if first is not None:
                self._first = first
        self.facts = self._facts(self._first)

    def close(self) -> None:
        """Lets go of file and decoder. It is opened again when a frame is asked for."""
        self._kept.clear()
        self._forget_place()
        if self._opened is not None:
            self._opened[0].close()
            self._opened = None

    def steps(self, number: int) -> Iterator[Picture | None]:
        """Decodes up to a frame: None for each packet, and at last the picture. Raises MediaError."""
        if not 0 <= number < len(self.index.times):
            raise MediaError(f"there is no frame {number}, it has 0 to {len(self.index.times) - 1}")
        with self.lock:
            try:
                yield from self._decode(number)
            except pyav().FFmpegError as error:
                self._forget_place()
                raise MediaError(f"frame {number} cannot be decoded: {error.strerror}") from error
            found = self._kept[number]
        # Other threads go on while this one is looked at.
        yield picture_of(found, self.codec)

    def _facts(self, first: Picture) -> Facts:
        index, rate = self.index, self.index.rate
        frame = self._kept[0]
        warnings: list[str] = []
        if index.varies:
            spans = [(b - a) * index.time_base for a, b in zip(index.times, index.times[1:], strict=False)]
            shown = [f"{float(span) * 1000:.4g}" for span in (min(spans), max(spans))]
            warnings.append(
                f"its frames last {shown[0]} to {shown[1]} ms: they are counted, and shown at the mean of {float(rate or 0):.6g}"
                " per second"
            )
        if frame.interlaced_frame:
            warnings.append("it is interlaced: both fields are shown at once")
        if frame.rotation % 90:
            warnings.append(f"it is turned by {frame.rotation} degrees, which is left out")
        return Facts(
            frames=len(index.times),
            rate=None if rate is None else (rate.numerator, rate.denominator),
            size=first.size,
            rotation=first.rotation,
            pixel_aspect=self.pixel_aspect,
            codec=self.codec,
            pixel_format=frame.format.name,
            model=first.model,
            alpha=first.alpha,
            bits=first.bits,
            sampling=first.sampling,
            coding=first.coding,
            warning="; ".join(warnings) or None,
        )

    def _open(self) -> tuple[InputContainer, VideoStream]:
        """The file and its stream of pictures."""
        if self._opened is None:
            av = pyav()
            try:
                container = av.open(self.path)
            except av.FFmpegError as error:
                raise MediaError(f"it is no movie that FFmpeg opens: {error.strerror}") from error
            # A picture that goes with sound is none of a movie.
            pictures = [stream for stream in container.streams.video if not stream.disposition & ATTACHED]
            if not pictures or pictures[0].codec_context is None:
                container.close()
                raise UnsupportedMediaError("it has no stream of pictures that FFmpeg decodes")
            pictures[0].thread_type = "AUTO"
            self._opened = container, pictures[0]
        return self._opened

    def _forget_place(self) -> None:
        self._frames, self._next = iter(()), None

    def _decode(self, number: int) -> Iterator[None]:
        """Decodes until the frame is among those that are kept."""
        if number in self._kept:
            self._kept.move_to_end(number)
            return
        starts = list(self.index.starts(number))
        near = self.index.numbers.get(starts[0][0], 0) if starts else 0
        if self._next is not None and self._next <= number and near - self._next <= AHEAD:
            yield from self._until(number)
        for time, place in starts:
            if number in self._kept:
                return
            self._seek(time, place)
            yield from self._until(number)
        if number not in self._kept:
            self._reopen()
            yield from self._until(number)
        if number not in self._kept:
            self._forget_place()
            raise MediaError(f"frame {number} cannot be decoded: the file is damaged there, or lacks what it is made of")

    def _until(self, number: int) -> Iterator[None]:
        """Decodes from where the file is up to a frame, or until it is clear that it will not come."""
        for frame in self._frames:
            if frame is None:
                yield
                continue
            shown = self._next if self.index.counted else self.index.number(frame.pts)
            if shown is None or frame.is_corrupt:
                continue
            self._next = shown + 1
            self._keep(shown, frame)
            if shown >= number:
                return
        self._forget_place()

    def _keep(self, number: int, frame: VideoFrame) -> None:
        self._kept[number] = frame
        self._kept.move_to_end(number)
        size = sum(plane.buffer_size for plane in frame.planes)
        while len(self._kept) > max(1, min(KEPT, KEPT_BYTES // max(size, 1))):
            self._kept.popitem(last=False)

    def _seek(self, time: int, place: int) -> None:
        """Goes to a picture with which decoding can begin, or to one before it. Where the file leads elsewhere, nothing comes."""
        container, stream = self._open()
        container.seek(time, stream=stream)
        self._next = None
        self._frames = self._from(container, stream, place)

    def _from(self, container: InputContainer, stream: VideoStream, place: int) -> Iterator[VideoFrame | None]:
        begun = False
        for packet in container.demux(stream):
            if not begun and packet.size > 0:
                found = None if packet.pts is None else self.index.places.get(packet.pts)
                if found is None or found > place:
                    return
                # Between packets that begin nothing, the one that was looked for may still come.
                if not packet.is_keyframe:
                    continue
                begun = True
            yield None
            yield from packet.decode()

    def _reopen(self) -> None:
        """Goes to the very beginning."""
        kept = self._kept.copy()
        self.close()
        self._kept = kept
        container, stream = self._open()
        self._next = 0 if self.index.counted else None
        self._frames = self._all(container, stream)

    @staticmethod
    def _all(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame | None]:
        for packet in container.demux(stream):
            yield None
            yield from packet.decode()


def picture_of(frame: VideoFrame, codec: str) -> Picture:
    """A decoded frame, its planes lent. Raises UnsupportedMediaError for a pixel format that is not read."""
    import numpy as np

    name = frame.format.name
    found: Layout | None = layout(name)
    if found is None:
        raise UnsupportedMediaError(f"its pixel format {name} is not read")
    matrix = frame.colorspace
    if found.model == "ycc" and matrix not in MATRICES:
        raise UnsupportedMediaError(f"its matrix of colour, number {matrix} of ITU-T H.273, is not read")
    said = {1: False, 2: True}.get(frame.color_range)
    full = True if found.full else said
    planes = [np.frombuffer(memoryview(plane), np.uint8) for plane in frame.planes]

    def component(at: Component) -> tuple[int, int, int, int, int]:
        plane, step, start, shift = at
        return plane, frame.planes[plane].line_size, step, start, shift

    return Picture(
        size=(frame.width, frame.height),
        rotation=-frame.rotation % 360 if frame.rotation % 90 == 0 else 0,
        model=found.model,
        alpha=found.alpha,
        bits=found.bits,
        sampling=found.sampling,
        # JPEG and MPEG-1 put samples of colour between columns, all later ones at the first of them.
        centred=codec in ("mjpeg", "mpeg1video"),
        coding=(frame.color_primaries, frame.color_trc, matrix, full),
        planes=planes,
        components=[component(at) for at in found.components],
    )


def identity(path: str) -> tuple[int, ...]:
    """What tells a file from the one that was there before. Raises OSError."""
    facts = os.stat(path)
    return facts.st_size, facts.st_mtime_ns, facts.st_ino, facts.st_ctime_ns


_lock = Lock()
_movies: OrderedDict[str, tuple[tuple[int, ...], Movie]] = OrderedDict()
_opening: dict[str, Lock] = {}


def movie(path: str | os.PathLike[str]) -> Movie:
    """The movie of a path, looked into where it is another file than the last time. Raises MediaError."""
    text = os.fspath(path)
    try:
        now = identity(text)
    except OSError as error:
        raise MediaError(f"{error.strerror}") from error
    with _lock:
        opening = _opening.setdefault(text, Lock())
    # One thread looks into a file, the others wait for it.
    with opening:
        with _lock:
            then, known = _movies.get(text, (None, None))
            if known is not None and then == now:
                _movies.move_to_end(text)
                return known
        try:
            found = Movie(text)
        except MediaError:
            with _lock:
                _opening.pop(text, None)
            raise
        with _lock:
            _movies[text] = now, found
            _movies.move_to_end(text)
            while len(_movies) > KNOWN:
                _opening.pop(_movies.popitem(last=False)[0], None)
            idle = [other for _, other in list(_movies.values())[:-OPEN]]
        for other in idle:
            # One that is in use is closed another time.
            if other.lock.acquire(blocking=False):
                try:
                    other.close()
                finally:
                    other.lock.release()
        return found


def probe(path: str | os.PathLike[str]) -> Facts:
    """What is in a movie. Raises MediaError."""
    return movie(path).facts


def steps(path: str | os.PathLike[str], number: int) -> Iterator[Picture | None]:
    """Decodes up to a frame: None for each packet, and at last the picture. Raises MediaError."""
    yield from movie(path).steps(number)


