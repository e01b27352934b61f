"""Which frames a movie has: every packet is looked at once, and none is decoded, unless the file leaves it open when its
frames are seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from playa_py.errors import MediaError

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

STANDARD = [Fraction(n, d) for n in (24, 25, 30, 48, 50, 60, 100, 120) for d in (1,)] + [
    Fraction(n * 1000, 1001) for n in (24, 30, 48, 60, 120)
]
"""Rates that a mean is taken for, where it is as near as times are exact."""


@dataclass
class Index:
    """The frames in the order in which they are seen."""

    times: list[int]
    """When each is seen, in units of `time_base`."""
    time_base: Fraction
    rate: Fraction | None
    """Frames per second; the mean where that varies."""
    varies: bool
    """Whether frames last for different times."""
    keys: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """When pictures are seen with which decoding can begin, and the place of their packets, in order of decoding."""
    places: dict[int, int] = field(default_factory=dict[int, int])
    """The place of each packet in order of decoding, by when it is seen."""
    counted: bool = False
    """Whether frames are told by counting them from the first, because packets do not say when they are seen."""

    def __post_init__(self) -> None:
        self.numbers = {time: number for number, time in enumerate(self.times)}

    def starts(self, number: int) -> Iterator[tuple[int, int]]:
        """Where decoding may begin to show a frame, the nearest first: the time of a picture, and the place of its packet.
        What is seen before such a picture may need others before it, so the picture is not seen after the frame."""
        if not self.counted:
            after = bisect_right(self.keys, (self.times[number], len(self.places)))
            yield from reversed(self.keys[:after])

    def number(self, time: int | None) -> int | None:
        """The frame that is seen then; None for a picture that is none, such as one that an edit cut off."""
        return None if time is None else self.numbers.get(time)


def index_of(container: InputContainer, stream: VideoStream) -> Index:
    """Reads all packets. The container is somewhere else then."""
    time_base = stream.time_base
    if time_base is None:
        raise MediaError("its stream of pictures has no unit of time")
    seen: list[tuple[int, bool]] = []
    keys: list[tuple[int, int]] = []
    places: dict[int, int] = {}
    for place, packet in enumerate(packets(container, stream)):
        if packet.pts is None or packet.pts in places:
            return _counted(container, stream, time_base)
        places[packet.pts] = place
        if packet.is_keyframe:
            keys.append((packet.pts, place))
        seen.append((packet.pts, packet.is_discard))
    if not keys:
        raise MediaError("it has no picture with which decoding can begin")
    # Pictures before the first one that can be decoded are what a cut left of the scene before.
    place_of_first = keys[0][1]
    times = sorted(time for time, is_cut_off in seen if not is_cut_off and places[time] >= place_of_first)
    leading = [time for time in times if time < keys[0][0]]
    if leading:
        shown = _first_times(container, stream, keys[0][0])
        times = [time for time in times if time not in set(leading) - shown]
    if not times:
        raise MediaError("it has no picture that is shown")
    rate, varies = _rate(times, time_base, stream)
    return Index(times, time_base, rate, varies, sorted(keys), places)


def packets(container: InputContainer, stream: VideoStream) -> Iterator[Packet[VideoStream]]:
    """Those of a stream from where the container is, without the empty ones at the end."""
    return (packet for packet in container.demux(stream) if packet.size > 0)


def _first_times(container: InputContainer, stream: VideoStream, key: int) -> set[int]:
    """When the pictures are seen that can be decoded from the beginning, up to the first key."""
    container.seek(_first_offset(stream), stream=stream)
    times: set[int] = set()
    for packet in container.demux(stream):
        for frame in packet.decode():
            if frame.pts is None or frame.pts >= key:
                return times
            if not frame.is_corrupt:
                times.add(frame.pts)
    return times


def _first_offset(stream: VideoStream) -> int:
    """A time before all packets."""
    return min(0, stream.start_time or 0) - 10 * round(1 / (stream.time_base or Fraction(1)))


def _counted(container: InputContainer, stream: VideoStream, time_base: Fraction) -> Index:
    """That of a file whose packets do not say when they are seen: all are decoded."""
    container.seek(_first_offset(stream), stream=stream)
    times = [frame.pts for packet in container.demux(stream) for frame in packet.decode()]
    if not times:
        raise MediaError("it has no picture that is shown")
    known = [time for time in times if time is not None]
    if len(set(known)) == len(times) and known == sorted(known):
        rate, varies = _rate(known, time_base, stream)
        return Index(known, time_base, rate, varies, counted=True)
    # Nor do its pictures: they follow each other at the rate of the file.
    rate = stream.guessed_rate or stream.average_rate
    step = 1 if not rate else max(1, round(1 / (rate * time_base)))
    return Index([number * step for number in range(len(times))], time_base, rate, False, counted=True)


def _rate(times: list[int], time_base: Fraction, stream: VideoStream) -> tuple[Fraction | None, bool]:
    """Frames per second, and whether that varies by more than times are rounded."""
    told = [rate for rate in (stream.guessed_rate, stream.average_rate) if rate]
    if len(times) < 2:
        return (told[0] if told else None), False
    span = (times[-1] - times[0]) * time_base
    mean = (len(times) - 1) / span
    for rate in (*told, *sorted(STANDARD, key=lambda rate: abs(rate - mean))[:2]):
        step = 1 / (rate * time_base)
        if all(abs(time - times[0] - number * step) <= 1 for number, time in enumerate(times)):
            return rate, False
    return mean.limit_denominator(1001), True
