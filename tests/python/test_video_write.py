"""Movies that are written: what is in them is read back by others, frames, times, tags, and how much was lost."""

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import playa_py as playa
import pytest
from playa_py import video

av = pytest.importorskip("av", reason="needs PyAV: pip install 'playa-py[video]'")

NTSC = Fraction(24000, 1001)
WIDTH, HEIGHT, FRAMES = 96, 64, 12


def picture(number: int, width: int = WIDTH, height: int = HEIGHT) -> np.ndarray:
    """Light from dark to bright in each colour, with an edge of alpha, moving a little from frame to frame."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    pixels = np.empty((height, width, 4), np.float32)
    pixels[..., 0] = (x + number) / (width + FRAMES)
    pixels[..., 1] = (y + number) / (height + FRAMES)
    pixels[..., 2] = 0.5 + 0.4 * np.sin((x + y + number) / 9)
    pixels[..., 3] = np.clip((x - 8) / 24, 0, 1)
    pixels[..., :3] *= pixels[..., 3:]
    return pixels


@pytest.fixture
def comp(tmp_path: Path) -> playa.Comp:
    """A comp of twelve different frames at 24000/1001 per second."""
    for number in range(FRAMES):
        playa.Frame.from_numpy(picture(number)).save(tmp_path / f"f.{number:04}.exr")
    comp = playa.Project().add_comp("Main", width=WIDTH, height=HEIGHT, fps=NTSC)
    comp.add_layer(tmp_path / "f.####.exr")
    return comp


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(1 / np.mean((a.astype(np.float64) - b) ** 2)))


def display(pixels: np.ndarray) -> np.ndarray:
    """What a display of BT.1886 is sent, of light over black."""
    return np.clip(pixels[..., :3].astype(np.float64), 0, 1) ** (1 / 2.4)


def test_h264_is_what_it_says_and_comes_back(comp: playa.Comp, tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    video.write(comp, path)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.pix_fmt, stream.frames) == ("h264", "yuv420p", FRAMES)
        assert (stream.average_rate, stream.width, stream.height) == (NTSC, WIDTH, HEIGHT)
        frames = list(container.decode(stream))
        assert [frame.pts * stream.time_base for frame in frames] == [number / NTSC for number in range(FRAMES)]
        tags = {(f.color_primaries, f.color_trc, f.colorspace, f.color_range) for f in frames}
        assert tags == {(1, 1, 1, 1)}, "BT.709, limited"
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "the table of frames comes first"
    movie = video.Movie(path)
    assert (len(movie), movie.rate, movie.varies, movie.matrix) == (FRAMES, NTSC, False, "bt709")
    for number, frame in enumerate(movie):
        assert psnr(display(frame.to_numpy()), display(picture(number))) > 39
    peer = cv2.VideoCapture(str(path))
    assert peer.get(cv2.CAP_PROP_FPS) == pytest.approx(float(NTSC))
    assert int(peer.get(cv2.CAP_PROP_FRAME_COUNT)) == FRAMES
    for number in range(FRAMES):
        _, pixels = peer.read()
        # OpenCV takes colour without interpolation, and rounds.
        assert psnr(pixels[..., ::-1] / 255, display(picture(number))) > 34


def test_codes_are_those_of_the_formula(comp: playa.Comp, tmp_path: Path) -> None:
    """Of H.264 without loss: brightness and differences by BT.709, rounded, the latter of 2 x 2 pixels."""
    path = tmp_path / "out.mkv"
    video.write(comp, path, crf=0)
    with av.open(str(path)) as container:
        frames = [
            [np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[:, : plane.width].copy() for plane in f.planes]
            for f in container.decode(video=0)
        ]
    for number, planes in enumerate(frames):
        r, g, b = np.moveaxis(display(picture(number)), -1, 0)
        y = 0.2126 * r + 0.7152 * g + 0.0722 * b
        expected = [16 + 219 * y]
        for colour, share in ((b, 0.0722), (r, 0.2126)):
            difference = 128 + 224 * (colour - y) / (2 * (1 - share))
            rows = (difference[::2] + difference[1::2]) / 2
            padded = np.pad(rows, ((0, 0), (1, 1)), "edge")
            expected.append((padded[:, :-2:2] + 2 * padded[:, 1:-1:2] + padded[:, 2::2]) / 4)
        for plane, exact in zip(planes, expected, strict=True):
            # Half a code, and what the vector functions are off by.
            assert np.abs(plane - exact).max() < 0.5 + 1e-3


@pytest.mark.parametrize(("codec", "profile", "sampling"), [("prores", "HQ", (2, 1)), ("prores4444", "4444", (1, 1))])
def test_prores_is_what_it_says_and_comes_back(
    codec: str, profile: str, sampling: tuple[int, int], comp: playa.Comp, tmp_path: Path
) -> None:
    path = tmp_path / "out.mov"
    video.write(comp, path, codec=codec)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.profile, stream.frames) == ("prores", profile, FRAMES)
        assert stream.average_rate == NTSC
        tags = {(f.color_primaries, f.color_trc, f.colorspace) for f in container.decode(stream)}
        assert tags == {(1, 1, 1)}
    movie = video.Movie(path)
    assert (len(movie), movie.rate, movie.sampling) == (FRAMES, NTSC, sampling)
    assert movie.alpha == (codec == "prores4444")
    for number, frame in enumerate(movie):
        found, expected = frame.to_numpy(), picture(number)
        if movie.alpha:
            # FFmpeg writes 10 bits of alpha, and reads 12.
            assert np.abs(found[..., 3] - expected[..., 3]).max() < 0.5 / 1023 + 0.5 / 4095
            assert psnr(found, expected) > 60
        else:
            assert (found[..., 3] == 1).all()
            assert psnr(display(found), display(expected)) > 50


def test_alpha_of_4444_may_be_left_out(comp: playa.Comp, tmp_path: Path) -> None:
    path = tmp_path / "out.mov"
    video.write(comp, path, "0-2", codec="prores4444", alpha=False)
    movie = video.Movie(path)
    assert (len(movie), movie.alpha) == (3, False)
    assert psnr(display(movie[2].to_numpy()), display(picture(2))) > 50


@pytest.mark.parametrize(
    ("space", "tags"), [("srgb", (1, 13, 1)), ("gamma22", (1, 4, 1)), ("display-p3", (12, 13, 1)), ("bt1886", (1, 1, 1))]
)
def test_the_space_is_tagged_and_read_again(
    space: str, tags: tuple[int, int, int], comp: playa.Comp, tmp_path: Path
) -> None:
    path = tmp_path / "out.mov"
    video.write(comp, path, "3", codec="prores4444", colour_space=space)
    movie = video.Movie(path)
    if space != "gamma22":
        assert movie.coding == tags
        assert playa.explain_colour(path).space == space
    found = movie.read(0, colour_space=space).convert("linear").to_numpy()
    assert psnr(found, picture(3)) > 45


@pytest.mark.parametrize("rate", [Fraction(24), NTSC, Fraction(25), Fraction(30000, 1001), Fraction(60000, 1001), Fraction(12)])
@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
def test_rates_are_exact(rate: Fraction, name: str, tmp_path: Path) -> None:
    frame = playa.Frame.from_numpy(picture(0))
    with video.MovieWriter(tmp_path / name, (WIDTH, HEIGHT), rate) as movie:
        for _ in range(50):
            movie.append(frame)
        assert movie.frames == 50
    read = video.Movie(tmp_path / name)
    assert (read.rate, len(read)) == (rate, 50)
    assert read.times == [number / rate for number in range(50)]


def test_overscan_is_cut_and_what_is_missing_is_black(tmp_path: Path) -> None:
    pixels = np.ones((HEIGHT, WIDTH, 4), np.float32)
    frame = playa.Frame.from_numpy(pixels, data_window=(-10, -4, WIDTH - 10, HEIGHT - 4), display_window=(0, 0, WIDTH, HEIGHT))
    with video.MovieWriter(tmp_path / "a.mov", (WIDTH, HEIGHT), 24, codec="prores4444") as movie:
        movie.append(frame)
    back = video.Movie(tmp_path / "a.mov")[0].to_numpy()
    assert np.abs(back[: HEIGHT - 8, : WIDTH - 16] - 1).max() < 0.01
    assert np.abs(back[HEIGHT - 2 :]).max() < 0.01 and np.abs(back[:, WIDTH - 8 :]).max() < 0.01


def test_odd_sizes_are_refused_or_padded(tmp_path: Path) -> None:
    odd = picture(0, 37, 21)
    frame = playa.Frame.from_numpy(odd)
    for name, word in [("a.mp4", "an even width and height"), ("a.mov", "an even width")]:
        with pytest.raises(playa.AttrValueError, match=f"{word}.*\n?.*pad=True"):
            video.MovieWriter(tmp_path / name, (37, 21), 24)
    for name in ["a.mp4", "a.mov"]:
        with video.MovieWriter(tmp_path / name, (37, 21), 24, pad=True) as movie:
            movie.append(frame)
        back = video.Movie(tmp_path / name)[0].to_numpy()
        assert back.shape[:2] == ((22, 38) if name == "a.mp4" else (21, 38))
        assert psnr(display(back[:21, :37]), display(odd)) > 34
    with video.MovieWriter(tmp_path / "b.mov", (37, 21), 24, codec="prores4444") as movie:
        movie.append(frame)
    assert video.Movie(tmp_path / "b.mov")[0].to_numpy().shape == (21, 37, 4)


def parts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.suffix == ".part" or path.suffix in (".mp4", ".mov"))


def test_nothing_is_left_of_a_movie_that_was_not_finished(tmp_path: Path) -> None:
    frame = playa.Frame.from_numpy(picture(0))
    path = tmp_path / "a.mp4"
    with pytest.raises(ZeroDivisionError), video.MovieWriter(path, (WIDTH, HEIGHT), 24) as movie:
        movie.append(frame)
        assert not path.exists()
        raise ZeroDivisionError
    assert parts(tmp_path) == []
    assert repr(movie) == f"<MovieWriter {str(path)!r}: 96x64, 1 frames, closed>"
    with pytest.raises(playa.MediaError, match="the movie is closed"):
        movie.append(frame)
    forgotten = video.MovieWriter(path, (WIDTH, HEIGHT), 24)
    forgotten.append(frame)
    del forgotten
    assert parts(tmp_path) == []
    with pytest.raises(playa.MediaError, match="without a frame"), video.MovieWriter(path, (WIDTH, HEIGHT), 24):
        pass
    assert parts(tmp_path) == []
    path.write_bytes(b"what was there before")
    with pytest.raises(playa.AttrValueError, match="a frame of 6 x 4 in a movie of 96 x 64"):
        with video.MovieWriter(path, (WIDTH, HEIGHT), 24) as movie:
            movie.append(frame)
            movie.append(playa.Frame.from_numpy(np.zeros((4, 6, 4), np.float32)))
    assert path.read_bytes() == b"what was there before" and parts(tmp_path) == ["a.mp4"]
    aborted = video.MovieWriter(path, (WIDTH, HEIGHT), 24)
    aborted.abort()
    aborted.close()
    assert path.read_bytes() == b"what was there before" and parts(tmp_path) == ["a.mp4"]


def test_a_frame_that_fails_leaves_no_movie(comp: playa.Comp, tmp_path: Path) -> None:
    (tmp_path / "f.0007.exr").write_bytes(b"no picture")
    with pytest.raises(playa.RenderError, match=r"f.0007.exr"):
        video.write(comp, tmp_path / "out.mp4")
    assert parts(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_disk_that_is_full_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "full")
    part = tmp_path / ".playa-full.mp4.part"
    part.symlink_to("/dev/full")
    noise = np.random.default_rng(1)
    with pytest.raises(playa.MediaError, match=r"a.mp4: No space left"):
        with video.MovieWriter(tmp_path / "a.mp4", (WIDTH, HEIGHT), 24, crf=0) as movie:
            for _ in range(30):
                movie.append(playa.Frame.from_numpy(noise.random((HEIGHT, WIDTH, 4), np.float32)))
    assert parts(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX")
def test_a_file_that_is_replaced_keeps_its_mode_and_its_link(comp: playa.Comp, tmp_path: Path) -> None:
    real = tmp_path / "real.mp4"
    real.write_bytes(b"")
    real.chmod(0o640)
    link = tmp_path / "link.mp4"
    link.symlink_to(real)
    video.write(comp, link, "0")
    assert link.is_symlink() and real.stat().st_mode & 0o777 == 0o640
    assert len(video.Movie(real)) == 1


def test_what_cannot_be_written_says_why(comp: playa.Comp, tmp_path: Path) -> None:
    size, out = (WIDTH, HEIGHT), tmp_path / "a.mp4"
    for error, match, call in [
        (playa.UnsupportedMediaError, r"end in one of .mp4, .m4v, .mov, .mkv", lambda: video.MovieWriter("a.avi", size, 24)),
        (playa.AttrValueError, "expected one of h264, prores", lambda: video.MovieWriter(out, size, 24, codec="vp9")),
        (playa.AttrValueError, "prores goes into .mov", lambda: video.MovieWriter(out, size, 24, codec="prores")),
        (playa.AttrValueError, "expected 0 to 51", lambda: video.MovieWriter(out, size, 24, crf=52)),
        (playa.AttrValueError, "expected one of ultrafast", lambda: video.MovieWriter(out, size, 24, preset="best")),
        (playa.AttrValueError, "h264 has no alpha", lambda: video.MovieWriter(out, size, 24, alpha=True)),
        (playa.AttrValueError, "a movie can be in bt1886", lambda: video.MovieWriter(out, size, 24, colour_space="log")),
        (playa.AttrTypeError, "options of h264", lambda: video.MovieWriter(tmp_path / "a.mov", size, 24, crf=3)),
        (playa.AttrValueError, "rate=0", lambda: video.MovieWriter(out, size, 0)),
        (playa.AttrValueError, "at least 1 column", lambda: video.MovieWriter(out, (0, 4), 24)),
        (playa.MediaError, "is no folder", lambda: video.MovieWriter(tmp_path / "none" / "a.mp4", size, 24)),
    ]:
        with pytest.raises(error, match=match):
            call()
    assert parts(tmp_path) == []
    video.write(comp, out, "0-3")
    shown = playa.Project().add_comp("Main", width=WIDTH, height=HEIGHT)
    shown.add_layer(out)
    with pytest.raises(playa.MediaError, match="is footage of the project"):
        video.write(shown, out)


def command(*words: object) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-m", "playa_py", *map(str, words)]
    return subprocess.run(arguments, capture_output=True, encoding="utf-8", check=False)


def test_the_command_renders_a_movie(comp: playa.Comp, tmp_path: Path) -> None:
    project = tmp_path / "shot.playa"
    comp.project.save(project)
    out = tmp_path / "out.mov"
    done = command("render", project, "-o", out, "-F", "2-5", "--codec", "prores4444", "--no-alpha")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert done.stderr.startswith("4 of 4 frames, in ") and done.stderr.endswith(f" s to {out}\n")
    movie = video.Movie(out)
    assert (len(movie), movie.rate, movie.alpha) == (4, NTSC, False)
    assert psnr(display(movie[0].to_numpy()), display(picture(2))) > 50
    assert command("render", project, "-o", tmp_path / "quiet.mp4", "-F", "0", "-q").stderr == ""
    for status, words, message in [
        (3, (tmp_path / "none.playa", "-o", out), "none.playa"),
        (2, (project, "-o", out, "--comp", "Other"), "no comp is called `Other`; there are: Main"),
        (2, (project, "-o", out, "--crf", "4"), "options of h264"),
        (2, (project, "-o", out, "--depth", "16"), "--depth"),
        (2, (project, "-o", f"{out},crv=4"), "a movie has no option \"crv\" (did you mean `crf`?)"),
        (2, (project, "-o", f"{tmp_path / 'a.mp4'},crf=some"), "crf='some': expected a number"),
        (2, (project, "-o", f"{tmp_path / 'a.mp4'},pad=yes"), "pad='yes': expected true or false"),
        (2, (project, "-o", out, "--existing", "error"), "the file is there already"),
        (2, (project, "-o", out, "-o", out), "are the same files"),
        (2, (project, "-o", tmp_path / "no" / "folder" / "a.mp4"), "the folder above it does not exist"),
        (2, (project, "-o", tmp_path / "a.webm"), "must end in one of .mp4"),
        (2, (project, "-o", tmp_path / "a.mp4", "-F", "5:7"), "write 1-10x2"),
    ]:
        done = command("render", *words)
        assert (done.returncode, message in done.stderr) == (status, True), done.stderr
    (tmp_path / "f.0003.exr").write_bytes(b"no picture")
    done = command("render", project, "-o", tmp_path / "bad.mp4")
    assert done.returncode == 1 and "f.0003.exr" in done.stderr and not (tmp_path / "bad.mp4").exists()


def test_pictures_and_movies_come_of_one_render(comp: playa.Comp, tmp_path: Path) -> None:
    project = tmp_path / "shot.playa"
    comp.project.save(project)
    small, report = tmp_path / "out" / "small.mov", tmp_path / "report.json"
    words = ["-o", tmp_path / "out" / "shot.####.exr", "-o", f"{small},codec=prores4444,proxy=2", "--report", report]
    done = command("render", project, *words, "-F", "2-5")
    assert done.returncode == 0, done.stderr
    told = json.loads(report.read_text())
    assert told["outputs"] == [str(words[1]), str(small)]
    assert told["movies"] == [{"path": str(small), "frames": 4, "bytes": small.stat().st_size, "error": None}]
    assert [len(frame["outputs"]) for frame in told["frames"]] == [1] * 4
    movie = video.Movie(small)
    assert (len(movie), movie[0].width, movie[0].height) == (4, comp.width // 2, comp.height // 2)
    for number in (2, 5):
        whole = playa.Frame.load(tmp_path / "out" / f"shot.{number:04}.exr").to_numpy()
        mean = whole.reshape(comp.height // 2, 2, comp.width // 2, 2, 4).mean((1, 3))
        assert psnr(display(movie[number - 2].to_numpy()), display(mean)) > 50
    # The pictures are there, and the movie needs all frames all the same.
    small.unlink()
    done = command("render", project, *words, "-F", "2-5", "--resume")
    assert done.returncode == 0 and len(video.Movie(small)) == 4, done.stderr
    assert json.loads(report.read_text())["totals"]["skipped"] == 4


def test_a_movie_of_which_a_frame_fails_is_not_there_and_the_pictures_are(comp: playa.Comp, tmp_path: Path) -> None:
    (tmp_path / "f.0003.exr").write_bytes(b"no picture")
    movie = tmp_path / "a.mp4"
    report = comp.write([tmp_path / "a.####.png", movie], "2-4", on_error="collect")
    assert [frame["outcome"] for frame in report["frames"]] == ["made", "failed", "made"]
    assert report["movies"] == [
        {"path": str(movie), "frames": 1, "bytes": None, "error": f"{movie}: its frame 3 failed"}
    ]
    assert not movie.exists() and not list(tmp_path.glob(".playa-*"))
    assert (tmp_path / "a.0004.png").exists()
    movie.write_bytes(b"before")
    with pytest.raises(playa.RenderError, match="f.0003.exr"):
        comp.write([movie, {"path": tmp_path / "b.mov", "proxy": 2, "pad": True}], "2-4")
    assert movie.read_bytes() == b"before" and not (tmp_path / "b.mov").exists()
    assert not list(tmp_path.glob(".playa-*"))
