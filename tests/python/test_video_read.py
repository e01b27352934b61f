"""Movies as footage: which frames they have, which one is shown, and that its colour is that of the standards."""

import random
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import playa_py as playa
import pytest
from playa_py import video

av = pytest.importorskip("av", reason="needs PyAV: pip install 'playa-py[video]'")

NTSC = Fraction(24000, 1001)
LOSSLESS = {"qp": "0", "g": "12", "bf": "3", "sc_threshold": "0"}


def clip(
    path: Path,
    pictures: Sequence[Sequence[np.ndarray]],
    *,
    codec: str = "ffv1",
    pixel_format: str = "yuv420p",
    options: dict[str, str] | None = None,
    rate: Fraction = NTSC,
    times: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    tags: tuple[int, int, int, int] = (2, 2, 2, 0),
    rotation: int = 0,
) -> Path:
    """A movie of pictures, each the planes of its codes. `tags` are primaries, transfer, matrix, range."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options or {})
        height, width = pictures[0][0].shape
        if pixel_format in ("bgr0", "bgra", "yuyv422"):
            width //= 2 if pixel_format == "yuyv422" else 4
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        stream.time_base = stream.codec_context.time_base = time_base or 1 / rate
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace, context.color_range = tags
        if rotation:
            stream.set_display_rotation(-rotation)
        for number, planes in enumerate(pictures):
            frame = av.VideoFrame(width, height, pixel_format)
            for plane, codes in zip(frame.planes, planes, strict=True):
                rows = np.frombuffer(memoryview(plane), codes.dtype).reshape(-1, plane.line_size // codes.itemsize)
                rows[: codes.shape[0], : codes.shape[1]] = codes
            frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range = tags
            frame.pts = number if times is None else times[number]
            frame.time_base = time_base or 1 / rate
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def numbered(count: int, width: int = 64, height: int = 48) -> list[list[np.ndarray]]:
    """Pictures that show their number as brightness, beside noise that has to be decoded right as well."""
    noise = np.random.default_rng(1)
    pictures: list[list[np.ndarray]] = []
    for number in range(count):
        luma = noise.integers(16, 236, (height, width), np.uint8)
        luma[:, : width // 2] = 16 + number
        chroma = [np.full((height // 2, width // 2), 128, np.uint8) for _ in range(2)]
        pictures.append([luma, *chroma])
    return pictures


def shown(frame: playa.Frame) -> int:
    """The number that such a picture shows, of a frame that was read raw."""
    return round(float(frame.to_numpy()[0, 0, 1]) * 219)


def codes(bits: int, *shapes: tuple[int, int], seed: int = 7) -> list[np.ndarray]:
    kind = np.uint16 if bits > 8 else np.uint8
    noise = np.random.default_rng(seed)
    return [noise.integers(0, 1 << bits, shape, kind) for shape in shapes]


def between(samples: np.ndarray, count: int, by: int, axis: int, centred: bool) -> np.ndarray:
    """Samples at every column or row, on a straight line between the two on either side."""
    at = (np.arange(count) + 0.5) / by - 0.5 if centred else np.arange(count) / by
    line = np.arange(samples.shape[axis])
    return np.apply_along_axis(lambda values: np.interp(at, line, values), axis, samples)


def by_formula(
    planes: Sequence[np.ndarray], bits: int, matrix: tuple[float, float], *, full: bool = False, centred: bool = False
) -> np.ndarray:
    """Red, green and blue by ITU-T H.273, in double precision. `matrix` has Kr and Kb."""
    luma = planes[0].astype(np.float64)
    height, width = luma.shape
    colour = [
        between(
            between(plane.astype(np.float64), height, round(height / plane.shape[0]), 0, centred=True),
            width,
            round(width / plane.shape[1]),
            1,
            centred,
        )
        for plane in planes[1:3]
    ]
    unit, most = 1 << (bits - 8), (1 << bits) - 1
    y = luma / most if full else (luma / unit - 16) / 219
    cb, cr = ((c - 128 * unit) / most if full else (c / unit - 128) / 224 for c in colour)
    red, blue = matrix
    r, b = y + 2 * (1 - red) * cr, y + 2 * (1 - blue) * cb
    return np.stack([r, (y - red * r - blue * b) / (1 - red - blue), b], axis=-1)


BT601, BT709, BT2020 = (0.299, 0.114), (0.2126, 0.0722), (0.2627, 0.0593)


# Colour


@pytest.mark.parametrize(
    ("pixel_format", "bits", "shrink"),
    [
        ("yuv444p", 8, (1, 1)),
        ("yuv422p", 8, (1, 2)),
        ("yuv420p", 8, (2, 2)),
        ("yuv411p", 8, (1, 4)),
        ("yuv440p", 8, (2, 1)),
        ("yuv444p10le", 10, (1, 1)),
        ("yuv422p10le", 10, (1, 2)),
        ("yuv420p10le", 10, (2, 2)),
        ("yuv422p12le", 12, (1, 2)),
        ("yuv420p16le", 16, (2, 2)),
    ],
)
@pytest.mark.parametrize("full", [False, True])
def test_whole_frames_are_those_of_the_formula(
    pixel_format: str, bits: int, shrink: tuple[int, int], full: bool, tmp_path: Path
) -> None:
    smaller = (48 // shrink[0], 72 // shrink[1])
    planes = codes(bits, (48, 72), smaller, smaller)
    path = clip(tmp_path / "a.mkv", [planes], pixel_format=pixel_format, tags=(1, 1, 1, 2 if full else 1))
    movie = video.Movie(path)
    assert (movie.bits, movie.sampling) == (bits, shrink[::-1])
    assert (movie.matrix, movie.range, movie.coding) == ("bt709", "full" if full else "limited", (1, 1, 1))
    expected = by_formula(planes, bits, BT709, full=full)
    raw = movie.read(0, colour_space="raw").to_numpy()
    # Single precision, and a matrix with factors up to 2.
    assert np.abs(raw[..., :3] - expected).max() < 2e-6
    assert (raw[..., 3] == 1).all()
    # The display curve of BT.1886: a power of 2.4, mirrored below 0.
    light = np.copysign(np.abs(expected) ** 2.4, expected)
    assert np.abs(movie[0].to_numpy()[..., :3] - light).max() < 6e-6


@pytest.mark.parametrize(
    ("rows", "tag", "matrix", "name"),
    [
        (720, 2, BT709, "bt709"),
        (718, 2, BT601, "bt601"),
        (720, 6, BT601, "bt601"),
        (480, 1, BT709, "bt709"),
        (480, 5, BT601, "bt601"),
        (720, 9, BT2020, "bt2020"),
    ],
)
def test_the_matrix_is_that_of_the_tag_or_of_the_rows(
    rows: int, tag: int, matrix: tuple[float, float], name: str, tmp_path: Path
) -> None:
    planes = codes(8, (rows, 64), (rows // 2, 32), (rows // 2, 32))
    movie = video.Movie(clip(tmp_path / "a.mkv", [planes], tags=(2, 2, tag, 0)))
    assert movie.matrix == name
    assert movie.range == "limited", "what is not said is limited"
    raw = movie.read(0, colour_space="raw").to_numpy()[..., :3]
    assert np.abs(raw - by_formula(planes, 8, matrix)).max() < 2e-6


def test_opencv_agrees_where_it_has_the_formula(tmp_path: Path) -> None:
    """Its conversion of 4:4:4 has BT.601 in full range and 8 bits."""
    planes = codes(8, *[(32, 40)] * 3)
    path = clip(tmp_path / "a.mkv", [planes], pixel_format="yuv444p", tags=(6, 6, 6, 2))
    raw = video.Movie(path).read(0, colour_space="raw").to_numpy()[..., :3]
    peer = cv2.cvtColor(np.stack([planes[0], planes[2], planes[1]], axis=-1), cv2.COLOR_YCrCb2RGB)
    # It rounds to codes, and its factors to 14 bits.
    assert np.abs(np.clip(raw, 0, 1) * 255 - peer).max() <= 1


@pytest.mark.parametrize("pixel_format", ["yuyv422", "bgr0", "bgra", "gray", "gray10le", "yuva444p10le", "gbrp10le"])
def test_codes_are_found_wherever_they_lie(pixel_format: str, tmp_path: Path) -> None:
    match pixel_format:
        case "yuyv422":
            luma, blue, red = codes(8, (16, 24), (16, 12), (16, 12))
            packed = np.stack([luma[:, ::2], blue, luma[:, 1::2], red], axis=-1).reshape(16, 48)
            path = clip(tmp_path / "a.mov", [[packed]], codec="rawvideo", pixel_format=pixel_format)
            expected = by_formula([luma, blue, red], 8, BT601)
        case "bgr0" | "bgra":
            packed = codes(8, (16, 24 * 4))[0]
            path = clip(tmp_path / "a.mkv", [[packed]], pixel_format=pixel_format)
            expected = packed.reshape(16, 24, 4)[..., 2::-1] / 255
        case "gray" | "gray10le":
            most = 255 if pixel_format == "gray" else 1023
            planes = codes(8 if most == 255 else 10, (16, 24))
            path = clip(tmp_path / "a.mkv", [planes], pixel_format=pixel_format)
            expected = np.repeat(planes[0][..., None] / most, 3, axis=-1)
        case "gbrp10le":
            planes = codes(10, *[(16, 24)] * 3)
            path = clip(tmp_path / "a.mkv", [planes], pixel_format=pixel_format)
            expected = np.stack([planes[2], planes[0], planes[1]], axis=-1) / 1023
        case _:
            planes = codes(10, *[(16, 24)] * 4)
            path = clip(tmp_path / "a.mkv", [planes], pixel_format=pixel_format)
            expected = by_formula(planes, 10, BT601)
    movie = video.Movie(path)
    assert movie.pixel_format in (pixel_format, "bgr0")
    raw = movie.read(0, colour_space="raw").to_numpy()
    alpha = np.ones((16, 24))
    if pixel_format == "bgra":
        alpha = packed.reshape(16, 24, 4)[..., 3] / 255
    elif pixel_format == "yuva444p10le":
        alpha = planes[3] / 1023
    assert movie.alpha == (pixel_format in ("bgra", "yuva444p10le"))
    # Alpha of a movie is straight and of full range; a frame is premultiplied.
    assert np.abs(raw[..., 3] - alpha).max() < 1e-6
    assert np.abs(raw[..., :3] - expected * alpha[..., None]).max() < 2e-6


def test_colour_of_jpeg_lies_between_columns(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(0, 256, 8, dtype=np.uint8), (24, 1))
    planes = [np.full((48, 64), 128, np.uint8), ramp, ramp[:, ::-1].copy()]
    path = clip(tmp_path / "a.avi", [planes], codec="mjpeg", pixel_format="yuvj420p", options={"qmin": "1", "q:v": "1"})
    movie = video.Movie(path)
    assert movie.range == "full"
    raw = movie.read(0, colour_space="raw").to_numpy()[..., :3]
    right = by_formula(planes, 8, BT601, full=True, centred=True)
    wrong = by_formula(planes, 8, BT601, full=True)
    # JPEG loses something; the other place is off by a quarter of a step of 8 codes everywhere.
    assert np.abs(raw - right).mean() < 0.5 * np.abs(raw - wrong).mean()


@pytest.mark.parametrize(
    ("tags", "space"),
    [
        ((2, 2), "bt1886"),
        ((1, 1), "bt1886"),
        ((1, 13), "srgb"),
        ((1, 4), "gamma22"),
        ((1, 8), "linear"),
        ((12, 13), "display-p3"),
    ],
)
def test_the_curve_is_that_of_the_tag(tags: tuple[int, int], space: str, tmp_path: Path) -> None:
    planes = codes(8, *[(32, 40)] * 3)
    path = clip(tmp_path / "a.mkv", [planes], pixel_format="yuv444p", tags=(*tags, 1, 1))
    told = playa.explain_colour(path)
    assert (told.space, told.by) == (space, "type" if tags == (2, 2) else "tag")
    movie = video.Movie(path)
    straight = playa.convert_colour(
        movie.read(0, colour_space="raw").to_numpy(), space, "lin_p3d65" if tags[0] == 12 else "linear"
    )
    assert np.abs(movie[0].to_numpy() - straight).max() < 1e-5
    assert movie[0].colour_space == ("lin_p3d65" if tags[0] == 12 else "linear")


@pytest.mark.parametrize(("primaries", "name"), [(6, "SMPTE C"), (5, "EBU")])
def test_light_of_old_television_has_its_primaries(primaries: int, name: str, tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv", numbered(1), tags=(primaries, 6, 6, 1))
    metadata = video.Movie(path)[0].metadata
    red = {"SMPTE C": (0.630, 0.340), "EBU": (0.64, 0.33)}[name]
    assert np.abs(np.array(metadata["chromaticities"][:2]) - red).max() < 1e-6


def test_a_curve_that_is_not_known_is_an_error_until_someone_says_what_it_is(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mkv", numbered(1), tags=(9, 18, 9, 1))
    movie = video.Movie(path)
    with pytest.raises(playa.MediaError, match=r"transfer 18.*colour_space"):
        movie.read(0)
    assert movie.read(0, colour_space="rec709").width == 64


# Frames


X264 = {
    "mp4": ("a.mp4", LOSSLESS),
    "matroska": ("a.mkv", LOSSLESS),
    "transport stream": ("a.ts", LOSSLESS),
    "avi": ("a.avi", LOSSLESS),
    "open groups": ("a.mp4", {**LOSSLESS, "x264-params": "open-gop=1"}),
    "open groups in a stream": ("a.ts", {**LOSSLESS, "x264-params": "open-gop=1"}),
    "groups shorter than the delay": ("a.mp4", {**LOSSLESS, "g": "2", "bf": "1"}),
    "no key but the first": ("a.mp4", {"qp": "0", "x264-params": "intra-refresh=1:keyint=20:bframes=0"}),
}


@pytest.mark.parametrize("kind", X264)
def test_every_frame_is_found_in_any_order(kind: str, tmp_path: Path) -> None:
    name, options = X264[kind]
    pictures = numbered(40)
    movie = video.Movie(clip(tmp_path / name, pictures, codec="libx264", options=options))
    assert (len(movie), movie.rate, movie.varies, movie.warning) == (40, NTSC, False, None)
    order = list(range(40))
    random.Random(3).shuffle(order)
    for number in [*range(40), *range(39, -1, -1), *order]:
        pixels = movie.read(number, colour_space="raw").to_numpy()
        assert np.abs(pixels[..., 1] - (pictures[number][0].astype(np.float32) - 16) / 219).max() < 2e-6, number
    assert shown(movie.read(-1, colour_space="raw")) == 39
    with pytest.raises(IndexError, match="no frame 40, it has 0 to 39"):
        movie[40]


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.avi", "mpeg4", {"g": "12", "bf": "2", "qmin": "1", "qmax": "1"}),
        ("a.mpg", "mpeg2video", {"g": "12", "bf": "2", "qmin": "1", "qmax": "1"}),
        ("a.webm", "libvpx-vp9", {"lossless": "1", "g": "12", "auto-alt-ref": "1", "lag-in-frames": "16"}),
        ("a.mp4", "libx265", {"x265-params": "lossless=1:keyint=12:bframes=3:open-gop=1:log-level=none"}),
        ("a.mkv", "libx265", {"x265-params": "lossless=1:keyint=12:bframes=3:radl=2:open-gop=0:log-level=none"}),
    ],
)
def test_other_codecs_are_found_as_well(name: str, codec: str, options: dict[str, str], tmp_path: Path) -> None:
    path = clip(tmp_path / name, numbered(40), codec=codec, options=options, rate=Fraction(25))
    movie = video.Movie(path)
    assert (len(movie), movie.rate) == (40, 25)
    order = list(range(40))
    random.Random(4).shuffle(order)
    # Codes of MPEG are off by one at times.
    assert all(abs(shown(movie.read(number, colour_space="raw")) - number) <= 1 for number in order)


def test_opencv_counts_and_shows_the_same(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", numbered(30), codec="libx264", options=LOSSLESS)
    movie = video.Movie(path)
    peer = cv2.VideoCapture(str(path))
    assert int(peer.get(cv2.CAP_PROP_FRAME_COUNT)) == len(movie)
    for frame in movie:
        _, pixels = peer.read()
        raw = np.clip(playa.convert_colour(frame.to_numpy(), "linear", "bt1886")[:, :32, 1], 0, 1) * 255
        assert np.abs(raw - pixels[:, :32, 1]).max() < 1.5


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_rate_that_varies_is_told_and_frames_are_counted(suffix: str, tmp_path: Path) -> None:
    times = [0, 40, 80, 200, 240, 1000, 1040]
    path = clip(
        tmp_path / f"a.{suffix}",
        numbered(7),
        codec="libx264",
        options=LOSSLESS,
        rate=Fraction(25),
        times=times,
        time_base=Fraction(1, 1000),
    )
    movie = video.Movie(path)
    assert [time * 1000 for time in movie.times] == times
    assert movie.varies
    assert movie.warning is not None and "its frames last 40 to 760 ms: they are counted" in movie.warning
    assert movie.rate == Fraction(6, 1) / Fraction(1040, 1000)
    assert [shown(movie.read(number, colour_space="raw")) for number in (5, 0, 6)] == [5, 0, 6]
    project = playa.Project()
    project.add_comp("Main", width=64, height=48).add_layer(path)
    assert any("its frames last 40 to 760 ms" in note.message for note in project.diagnostics)


@pytest.mark.parametrize("suffix", ["mkv", "ts", "mp4"])
def test_the_first_frame_may_be_seen_late(suffix: str, tmp_path: Path) -> None:
    times = [number * 40 + 2000 for number in range(10)]
    path = clip(
        tmp_path / f"a.{suffix}",
        numbered(10),
        codec="libx264",
        options=LOSSLESS,
        rate=Fraction(25),
        times=times,
        time_base=Fraction(1, 1000),
    )
    movie = video.Movie(path)
    assert (len(movie), movie.rate, movie.varies) == (10, 25, False)
    assert movie.times[0] > 0
    assert {b - a for a, b in zip(movie.times, movie.times[1:], strict=False)} == {Fraction(1, 25)}
    assert [shown(movie.read(number, colour_space="raw")) for number in (9, 0, 5)] == [9, 0, 5]


def test_what_an_edit_list_cuts_off_is_no_frame(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mov", numbered(30), codec="libx264", options=LOSSLESS, rate=Fraction(25))
    data = bytearray(path.read_bytes())
    at = data.index(b"elst") + 4
    version, entries = data[at], int.from_bytes(data[at + 4 : at + 8], "big")
    assert (version, entries) == (0, 1)
    start = int.from_bytes(data[at + 12 : at + 16], "big")
    step = 25 * 512 // 25
    # From the seventh frame on, which is in the middle of a group.
    data[at + 12 : at + 16] = (start + 7 * step).to_bytes(4, "big")
    path.write_bytes(data)
    movie = video.Movie(path)
    assert shown(movie.read(0, colour_space="raw")) == 7
    assert [shown(movie.read(number, colour_space="raw")) for number in (5, 15, 1)] == [12, 22, 8]
    assert len(movie) == 23


def test_a_stream_that_was_cut_begins_with_what_can_be_decoded(tmp_path: Path) -> None:
    whole = clip(
        tmp_path / "a.ts", numbered(40), codec="libx264", options={**LOSSLESS, "x264-params": "open-gop=1"}
    ).read_bytes()
    cut = tmp_path / "cut.ts"
    cut.write_bytes(whole[len(whole) // 188 // 2 * 188 :])
    movie = video.Movie(cut)
    first = shown(movie.read(0, colour_space="raw"))
    assert 0 < first and first + len(movie) == 40
    assert shown(movie.read(-1, colour_space="raw")) == 39


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_movie_on_its_side_is_upright(rotation: int, tmp_path: Path) -> None:
    planes = codes(8, (48, 64), (24, 32), (24, 32))
    path = clip(tmp_path / "a.mp4", [planes], codec="libx264", options=LOSSLESS, rotation=rotation)
    movie = video.Movie(path)
    assert movie.rotation == rotation
    assert (movie.width, movie.height) == ((64, 48) if rotation == 180 else (48, 64))
    raw = movie.read(0, colour_space="raw").to_numpy()[..., :3]
    upright = np.rot90(by_formula(planes, 8, BT601), -rotation // 90)
    assert raw.shape == upright.shape
    assert np.abs(raw - upright).max() < 2e-6
    layer = playa.Project().add_comp("Main").add_layer(path)
    assert (layer.source.width, layer.source.height) == (movie.width, movie.height)


def test_threads_share_a_movie(tmp_path: Path) -> None:
    path = clip(tmp_path / "a.mp4", numbered(40), codec="libx264", options=LOSSLESS)
    found: dict[int, int] = {}

    def read(first: int) -> None:
        for number in range(first, 40, 4):
            found[number] = shown(playa.Frame.load(path, frame=number, colour_space="raw"))

    threads = [threading.Thread(target=read, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number for number in range(40)}


# As footage


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return clip(tmp_path / "shot.mp4", numbered(30), codec="libx264", options=LOSSLESS, tags=(1, 1, 1, 1))


def test_a_layer_shows_a_movie(path: Path, tmp_path: Path) -> None:
    project = playa.Project()
    comp = project.add_comp("Main", width=64, height=48)
    layer = comp.add_layer(path)
    source = layer.source
    assert isinstance(source, playa.FileNode)
    assert (source.in_, source.out, source.fps, source.width, source.height) == (0, 29, NTSC, 64, 48)
    assert (layer.in_, layer.out, comp.out) == (0, 29, 29)
    movie = video.Movie(path)
    for number in (0, 17, 29):
        assert (comp.render(number).to_numpy() == movie[number].to_numpy()).all()
    layer.in_, layer.speed = 100, -1
    assert (comp.render(103).to_numpy() == movie[26].to_numpy()).all()
    project.save(tmp_path / "shot.playa")
    text = (tmp_path / "shot.playa").read_text("utf-8")
    assert 'path = "shot.mp4"' in text
    again = playa.Project.load(tmp_path / "shot.playa")
    assert again.diagnostics == []
    assert (again.comps[0].render(103).to_numpy() == movie[26].to_numpy()).all()


def test_a_layer_shows_one_channel_of_a_movie(path: Path) -> None:
    comp = playa.Project().add_comp("Main", width=64, height=48)
    comp.add_layer(path, channels="R")
    red = video.Movie(path)[7].to_numpy()[..., :1]
    for frame in (comp.render(7), playa.Frame.load(path, frame=7, channels="R")):
        assert (frame.to_numpy()[..., :3] == red).all()


def test_what_a_movie_says_of_itself_stays_with_it(path: Path) -> None:
    comp = playa.Project().add_comp("Main", width=64, height=48, fps=25)
    comp.add_layer(path)
    metadata = comp.render(7).metadata
    assert metadata["framesPerSecond"] == 25, "that of the comp"
    assert not [name for name in metadata if name.startswith("movie:")]


def test_frames_are_kept_and_a_movie_that_was_written_again_is_another(path: Path) -> None:
    comp = playa.Project().add_comp("Main", width=64, height=48)
    layer = comp.add_layer(path)
    before = comp.render(3).to_numpy()
    hits = playa.cache.stats().hits
    comp.render(3)
    assert playa.cache.stats().hits > hits
    clip(path, numbered(50)[::-1], codec="libx264", options=LOSSLESS, tags=(1, 1, 1, 1))
    assert (comp.render(3).to_numpy() != before).any()
    assert layer.source.refresh() and layer.source.out == 49
    assert not layer.source.refresh()


def test_a_frame_beyond_the_end_is_what_missing_says(path: Path) -> None:
    comp = playa.Project().add_comp("Main", width=64, height=48)
    layer = comp.add_layer(path)
    clip(path, numbered(10), codec="libx264", options=LOSSLESS, tags=(1, 1, 1, 1))
    with pytest.raises(playa.RenderError, match="no frame 20, it has 0 to 9"):
        comp.render(20)
    layer.source.refresh()
    assert layer.source.out == 9


def test_a_batch_comes_in_order_from_several_threads(path: Path) -> None:
    comp = playa.Project().add_comp("Main", width=64, height=48)
    comp.add_layer(path)
    movie = video.Movie(path)
    for number, frame in comp.render_range(workers=4, cache=False):
        assert (frame.to_numpy() == movie[number].to_numpy()).all()


def test_a_render_stops_on_its_way_to_a_frame(tmp_path: Path) -> None:
    """The last frame is decoded from the first, which takes longer than there is time."""
    noise = np.random.default_rng(5)
    pictures = [
        [noise.integers(0, 256, (720, 1280), np.uint8), *[noise.integers(0, 256, (360, 640), np.uint8)] * 2]
    ] * 40
    path = clip(tmp_path / "a.mp4", pictures, codec="libx264", options={"qp": "0", "g": "250", "preset": "ultrafast"})
    comp = playa.Project().add_comp("Main", width=1280, height=720)
    comp.add_layer(path)
    with pytest.raises(playa.RenderTimeoutError):
        comp.render(39, timeout=0.02)
    assert comp.render(39).width == 1280


def test_what_is_no_movie_says_so(tmp_path: Path) -> None:
    text = tmp_path / "text.mp4"
    text.write_text("this is no movie")
    for call in (video.Movie, playa.Frame.load, playa.Project().add_comp("Main").add_layer):
        with pytest.raises(playa.MediaError, match=r"text.mp4: it is no movie that FFmpeg opens"):
            call(text)
    with pytest.raises(playa.MediaNotFoundError, match="none.mp4"):
        video.Movie(tmp_path / "none.mp4")
    with pytest.raises(playa.MediaNotFoundError, match="none.mp4"):
        playa.Frame.load(tmp_path / "none.mp4")
    with av.open(str(tmp_path / "sound.mkv"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), format="s16", layout="mono")
        sound.rate = 48000
        for packet in [*stream.encode(sound), *stream.encode(None)]:
            container.mux(packet)
    with pytest.raises(playa.UnsupportedMediaError, match="no stream of pictures"):
        video.Movie(tmp_path / "sound.mkv")


def test_a_pixel_format_that_is_not_read_is_named(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mov"), "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        stream.width, stream.height, stream.pix_fmt = 24, 16, "rgb555le"
        for packet in [*stream.encode(av.VideoFrame(24, 16, "rgb555le")), *stream.encode(None)]:
            container.mux(packet)
    path = tmp_path / "a.mov"
    with pytest.raises(playa.UnsupportedMediaError, match="pixel format rgb555.e is not read"):
        video.Movie(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_half_a_file_shows_what_is_there_or_says_what_it_lacks(share: float, tmp_path: Path) -> None:
    whole = clip(tmp_path / "a.mkv", numbered(40), codec="libx264", options=LOSSLESS)
    half = tmp_path / "half.mkv"
    data = whole.read_bytes()
    half.write_bytes(data[: int(len(data) * share)])
    try:
        movie = video.Movie(half)
    except playa.MediaError:
        return
    assert len(movie) < 40
    for number in range(len(movie)):
        try:
            assert shown(movie.read(number, colour_space="raw")) == number
        except playa.MediaError as error:
            assert f"frame {number} cannot be decoded" in str(error)


def test_damage_is_never_shown_as_a_frame(tmp_path: Path) -> None:
    data = bytearray(clip(tmp_path / "a.mp4", numbered(40), codec="libx264", options=LOSSLESS).read_bytes())
    path = tmp_path / "damaged.mp4"
    noise = random.Random(6)
    for _ in range(10):
        bad = data.copy()
        for _ in range(20):
            bad[noise.randrange(len(bad))] = noise.randrange(256)
        path.write_bytes(bad)
        try:
            movie = video.Movie(path)
            for number in (0, len(movie) // 2, len(movie) - 1):
                assert movie.read(number).width > 0
        except playa.MediaError:
            continue


def test_only_what_a_movie_has_is_asked_of_it(path: Path, tmp_path: Path) -> None:
    with pytest.raises(playa.ChannelNotFoundError, match="diffuse"):
        playa.Frame.load(path, channels="diffuse")
    with pytest.raises(playa.MediaMemoryError, match="limit is 100"):
        playa.Frame.load(path, max_bytes=100)
    with pytest.raises(playa.MediaError, match="one frame as a movie cannot be written"):
        video.Movie(path)[0].save(tmp_path / "one.mp4")
    with pytest.raises(playa.MediaError, match="no frame -1"):
        playa.Frame.load(path, frame=-1)


def test_movies_of_a_folder_are_no_sequence(path: Path) -> None:
    shutil.copy(path, path.with_name("shot_001.mov"))
    shutil.copy(path, path.with_name("shot_002.mov"))
    found = playa.find_sequences(path.parent)
    assert [Path(movie.pattern).name for movie in found] == ["shot.mp4", "shot_001.mov", "shot_002.mov"]


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def command() -> Command:
    def run(*words: object, python: str = "") -> subprocess.CompletedProcess[str]:
        script = f"{python}\nimport sys; from playa_py.cli import main; sys.exit(main())"
        arguments = [sys.executable, "-c", script, *map(str, words)]
        return subprocess.run(arguments, capture_output=True, encoding="utf-8", check=False)

    return run


def test_the_command_tells_movies(path: Path, command: Command) -> None:
    done = command("info", path)
    assert done.returncode == 0, done.stderr
    for part in ["0-29", "yuv420p, compression h264", "64 x 48", "framesPerSecond = 24000/1001", "BT.709", "limited"]:
        assert part in done.stdout, done.stdout
    assert '"frames":30' in command("info", "--json", path).stdout.replace(" ", "")
    assert "shot.mp4" in command("ls", path.parent).stdout
    assert "BT.1886" in command("colour", path).stdout or "bt1886" in command("colour", path).stdout


def test_without_pyav_it_says_what_to_install(path: Path, command: Command) -> None:
    without = "import sys; sys.modules['av'] = None"
    done = command("info", path, python=without)
    assert done.returncode != 0
    assert "pip install 'playa-py[video]'" in done.stderr
    script = f"""
    {without}
    import playa_py as playa
    from playa_py import video
    for call in (video.Movie, playa.Frame.load, playa.Project().add_comp("Main").add_layer):
        try:
            call({str(path)!r})
        except playa.MediaError as error:
            assert "pip install 'playa-py[video]'" in str(error), error
        else:
            raise AssertionError("PyAV is not there")
    """
    lines = "\n".join(line.removeprefix("    ") for line in script.splitlines())
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    check = "import playa_py, playa_py.video, sys; sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0, "PyAV comes with the first movie"
