"""Frames become a movie, in their order."""

from __future__ import annotations

import os
import secrets
import weakref
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from playa_py import _native
from playa_py.errors import AttrTypeError, AttrValueError, MediaError, UnsupportedMediaError
from playa_py.video._av import pyav

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal, Self, SupportsIndex

    from av.container import OutputContainer
    from av.video.stream import VideoStream
    from playa_py import Comp, Frame

    _Codec = Literal["h264", "prores", "prores4444"]
    _ColourSpace = Literal["bt1886", "srgb", "gamma22", "display-p3"]
    _Preset = Literal[
        "ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"
    ]

PRESETS = ["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow", "placebo"]


class _Kind(NamedTuple):
    encoder: str
    pixel_format: str
    bits: int
    sampling: tuple[int, int]
    suffixes: tuple[str, ...]
    options: dict[str, str]


CODECS: dict[str, _Kind] = {
    "h264": _Kind("libx264", "yuv420p", 8, (2, 2), (".mp4", ".m4v", ".mov", ".mkv"), {}),
    "prores": _Kind("prores_ks", "yuv422p10le", 10, (2, 1), (".mov",), {"profile": "hq", "vendor": "apl0"}),
    "prores4444": _Kind("prores_ks", "yuv444p10le", 10, (1, 1), (".mov",), {"profile": "4444", "vendor": "apl0"}),
}

SPACES = {"bt1886": (1, 1), "srgb": (1, 13), "gamma22": (1, 4), "display-p3": (12, 13)}
"""Primaries and curve by ITU-T H.273. The curve of BT.709 is the name of all that is made to be shown by BT.1886."""

_BT709 = 1
_LIMITED = 1


class MovieWriter:
    """Writes frames to a movie as they come. Used in a `with` block, after which the file is there whole; after an exception
    in it, or where it is never closed, nothing is, and a file that was there before is as it was.

    `size` are the columns and rows of the frames, `rate` frames per second, an exact fraction such as
    `Fraction(24000, 1001)`. `codec` is `"h264"` (8 bits, 4:2:0; of `.mp4`, `.m4v`, `.mov` and `.mkv`), `"prores"` (422 HQ,
    10 bits; of `.mov`) or `"prores4444"` (10 bits, 4:4:4, with alpha unless `alpha=False`; of `.mov`); by the
    suffix, where it is not said: `h264`, or for a `.mov` `prores`.

    `colour_space` is what codes are: `"bt1886"`, tagged as BT.709, `"srgb"`, `"gamma22"` or `"display-p3"`. Frames are
    brought to its primaries, clamped to 0..1, and split by the matrix of BT.709 in limited range. Alpha is straight; without
    it, colour is what is seen over black. `crf`, from 0 to 51, is how much H.264 may lose, 18 unless told otherwise, 0 nothing
    but rounding; `preset` how long it may take for it. It takes even sizes, and ProRes 422 even widths: `pad=True` repeats the
    last column and row where they are odd.

    Raises AttrValueError, UnsupportedMediaError or MediaError.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        size: tuple[int, int],
        rate: Fraction | int,
        *,
        codec: _Codec | None = None,
        crf: float | None = None,
        preset: _Preset | None = None,
        alpha: bool | None = None,
        colour_space: _ColourSpace = "bt1886",
        pad: bool = False,
    ) -> None:
        self.path = Path(path)
        """The file that is made."""
        self.frames = 0
        """How many frames have come."""
        name, kind = _kind(self.path, codec)
        rate = Fraction(rate)
        if not 0 < rate <= 1000:
            raise AttrValueError(f"rate={rate}: expected more than 0 and at most 1000 frames per second")
        if colour_space not in SPACES:
            raise AttrValueError(f"colour_space={colour_space!r}: a movie can be in {', '.join(SPACES)}")
        options = {**kind.options, **_options(name, crf, preset)}
        if alpha and name != "prores4444":
            raise AttrValueError(f"alpha=True: {name} has no alpha, prores4444 does")
        self._alpha = name == "prores4444" and alpha is not False
        if self._alpha:
            kind = kind._replace(pixel_format="yuva444p10le")
            options["alpha_bits"] = "16"
        self._kind, self._size, self._space = kind, size, colour_space
        self._coded = _coded(name, kind, size, pad)
        self._time_base = 1 / rate
        self._done = False
        folder = self.path.parent
        if not folder.is_dir():
            raise MediaError(f"{self.path}: {folder} is no folder", path=self.path)
        self._part = folder / f".playa-{secrets.token_hex(6)}{self.path.suffix}.part"
        av = pyav()
        muxer = _MUXERS[self.path.suffix.lower()]
        # The table of frames comes first, so that a player begins before it has the whole file.
        faststart = {} if muxer == "matroska" else {"movflags": "+faststart"}
        try:
            container: OutputContainer = av.open(str(self._part), "w", format=muxer, options=faststart)
        except (av.FFmpegError, OSError) as error:
            self._part.unlink(missing_ok=True)
            raise MediaError(f"{self.path}: {error.strerror}", path=self.path) from error
        self._container = container
        # Where nobody closes it, nothing stays.
        self._forget = weakref.finalize(self, _discard, container, self._part)
        try:
            # Which kind of stream it is, PyAV types for some encoders only.
            stream: Any = container.add_stream(kind.encoder, rate=rate, options=options)
            self._stream: VideoStream = stream
            self._describe(stream)
        except (av.FFmpegError, ValueError) as error:
            self._forget()
            raise UnsupportedMediaError(f"{self.path}: this FFmpeg has no encoder {kind.encoder}") from error

    def _describe(self, stream: VideoStream) -> None:
        stream.width, stream.height = self._coded
        stream.pix_fmt = self._kind.pixel_format
        stream.time_base = self._time_base
        stream.thread_type = "AUTO"
        context = stream.codec_context
        context.time_base = self._time_base
        context.color_primaries, context.color_trc = SPACES[self._space]
        context.colorspace, context.color_range = _BT709, _LIMITED

    def append(self, frame: Frame) -> None:
        """Adds a frame: its display window, transparent where it has no pixels. Raises AttrValueError for one of another size."""
        if self._done:
            raise MediaError(f"{self.path}: the movie is closed", path=self.path)
        x0, y0, x1, y1 = frame.display_window
        if (x1 - x0, y1 - y0) != tuple(self._size):
            wide, high = self._size
            raise AttrValueError(f"a frame of {x1 - x0} x {y1 - y0} in a movie of {wide} x {high}")
        planes = _native.movie_planes(
            frame,
            size=self._coded,
            colour_space=self._space,
            matrix=_BT709,
            full_range=False,
            bits=self._kind.bits,
            sampling=self._kind.sampling,
            alpha=self._alpha,
        )
        av = pyav()
        picture = av.VideoFrame(*self._coded, self._kind.pixel_format)
        for plane, codes in zip(picture.planes, planes, strict=True):
            _fill(plane, codes, self._kind.bits)
        picture.pts, picture.time_base = self.frames, self._time_base
        picture.color_primaries, picture.color_trc = SPACES[self._space]
        picture.colorspace, picture.color_range = _BT709, _LIMITED
        self._write(picture)
        self.frames += 1

    def _write(self, picture: Any) -> None:
        av = pyav()
        try:
            for packet in self._stream.encode(picture):
                self._container.mux(packet)
        except (av.FFmpegError, OSError) as error:
            self.abort()
            raise MediaError(f"{self.path}: {error.strerror or error}", path=self.path) from error

    def close(self) -> None:
        """Ends the movie, which then has its name. Raises MediaError, and leaves nothing, where it has no frame."""
        if self._done:
            return
        if self.frames == 0:
            self.abort()
            raise MediaError(f"{self.path}: a movie without a frame is not written", path=self.path)
        self._write(None)
        av = pyav()
        try:
            self._container.close()
            _to_disk(self._part)
            target = self.path.resolve() if self.path.is_symlink() else self.path
            if target.exists():
                self._part.chmod(target.stat().st_mode & 0o7777)
            os.replace(self._part, target)
        except (av.FFmpegError, OSError) as error:
            self.abort()
            raise MediaError(f"{self.path}: {error.strerror or error}", path=self.path) from error
        self._done = True
        self._forget.detach()

    def abort(self) -> None:
        """Ends it without a file."""
        self._done = True
        self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __repr__(self) -> str:
        wide, high = self._size
        state = "closed" if self._done else "open"
        return f"<MovieWriter {str(self.path)!r}: {wide}x{high}, {self.frames} frames, {state}>"


def write(
    comp: Comp,
    path: str | os.PathLike[str],
    frames: str | Iterable[SupportsIndex] | None = None,
    *,
    codec: _Codec | None = None,
    crf: float | None = None,
    preset: _Preset | None = None,
    alpha: bool | None = None,
    colour_space: _ColourSpace = "bt1886",
    pad: bool = False,
    workers: SupportsIndex | None = None,
    progress: Callable[[int, int, int], object] | None = None,
    timeout: float | None = None,
    skip_missing_effects: bool = False,
    skip_failing_effects: bool = False,
    cache: bool = True,
) -> None:
    """Renders frames of a comp into a movie at the rate of the comp: a frame is encoded while the next ones are rendered.

    `frames` and what else a render takes are as in `Comp.render_range`, all others as in `MovieWriter`. Frames follow each
    other, also where numbers are left out. The file is there whole, or after an error as it was before.

    Raises what these two raise.
    """
    absolute = os.path.abspath(path)
    if any(absolute == media.path for media in comp.project.media):
        raise MediaError(f"{absolute}: this file is footage of the project", path=absolute)
    rendered = comp.render_range(
        frames,
        workers=workers,
        progress=progress,
        timeout=timeout,
        skip_missing_effects=skip_missing_effects,
        skip_failing_effects=skip_failing_effects,
        cache=cache,
    )
    with (
        rendered,
        MovieWriter(
            path,
            (comp.width, comp.height),
            comp.fps,
            codec=codec,
            crf=crf,
            preset=preset,
            alpha=alpha,
            colour_space=colour_space,
            pad=pad,
        ) as movie,
    ):
        for _, frame in rendered:
            movie.append(frame)


_MUXERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}


def _kind(path: Path, codec: str | None) -> tuple[str, _Kind]:
    suffix = path.suffix.lower()
    if suffix not in _MUXERS:
        known = ", ".join(_MUXERS)
        raise UnsupportedMediaError(f"{path}: the file name must end in one of {known}", path=path)
    name = codec or ("prores" if suffix == ".mov" else "h264")
    kind = CODECS.get(name)
    if kind is None:
        raise AttrValueError(f"codec={name!r}: expected one of {', '.join(CODECS)}")
    if suffix not in kind.suffixes:
        raise AttrValueError(f"{path}: {name} goes into {', '.join(kind.suffixes)}")
    return name, kind


def _options(name: str, crf: float | None, preset: str | None) -> dict[str, str]:
    if name != "h264":
        if crf is not None or preset is not None:
            raise AttrTypeError(f"crf and preset are options of h264, not of {name}")
        return {}
    crf = 18 if crf is None else crf
    if not 0 <= crf <= 51:
        raise AttrValueError(f"crf={crf}: expected 0 to 51")
    if preset is not None and preset not in PRESETS:
        raise AttrValueError(f"preset={preset!r}: expected one of {', '.join(PRESETS)}")
    return {"crf": f"{crf:g}", "preset": preset or "medium"}


def _coded(name: str, kind: _Kind, size: tuple[int, int], pad: bool) -> tuple[int, int]:
    """Columns and rows that are compressed."""
    wide, high = (-(-side // by) * by for side, by in zip(size, kind.sampling, strict=True))
    if min(size) < 1:
        raise AttrValueError(f"size={size}: expected at least 1 column and row")
    if (wide, high) != tuple(size) and not pad:
        sides = "an even width" if kind.sampling == (2, 1) else "an even width and height"
        raise AttrValueError(
            f"size={size}: {name} takes {sides}", hint="pad=True repeats the last column or row where it is odd"
        )
    return wide, high


def _fill(plane: Any, codes: Any, bits: int) -> None:
    """Writes codes into a plane, whose rows may be longer."""
    import numpy as np

    kind = np.dtype("<u2" if bits > 8 else "u1")
    wide = plane.width
    rows = np.frombuffer(memoryview(plane), kind).reshape(-1, plane.line_size // kind.itemsize)
    rows[: plane.height, :wide] = codes.reshape(plane.height, wide)


def _to_disk(path: Path) -> None:
    # Windows brings only a file to the disk that is open for writing.
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _discard(container: Any, part: Path) -> None:
    """Lets go of a movie that was not finished."""
    # It is thrown away, and what it lacks is no news.
    with suppress(Exception):
        container.close()
    part.unlink(missing_ok=True)
