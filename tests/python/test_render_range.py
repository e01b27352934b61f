"""Many frames in order, while the next ones are rendered."""

import contextlib
import io
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import playa_py as playa
import pytest
from rich.console import Console
from rich.progress import Progress, TextColumn
from tqdm import tqdm  # type: ignore[import-untyped]


@pytest.fixture
def ramp(project: playa.Project) -> playa.Comp:
    """A comp whose pixels are the number of the frame, 0 to 63, divided by 64."""
    comp = project.add_comp("Ramp", width=6, height=4)
    layer = comp.add_layer(np.ones((4, 6, 4), np.float32), src_len=64)
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 64, 1.0)
    return comp


def slow_comp() -> playa.Comp:
    """A comp of 1000 frames, each of which takes some seconds."""
    comp = playa.Project().add_comp("Slow", width=512, height=512)
    pixels = np.random.default_rng(0).random((512, 512, 4), np.float32)
    for _ in range(60):
        layer = comp.add_layer(pixels, src_len=1000)
        layer.add_effect("GaussianBlur", radius=20, quality="exact")
    return comp


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        (None, list(range(64))),
        (range(3, 40, 5), list(range(3, 40, 5))),
        ([7, 7, 2, -1, 99], [7, 7, 2, -1, 99]),
        (np.array([5, 4]), [5, 4]),
        ("1-9x2,20", [1, 3, 5, 7, 9, 20]),
        ([], []),
    ],
)
@pytest.mark.parametrize("workers", [None, 1, 5])
def test_frames_come_in_order_with_their_pixels(
    ramp: playa.Comp, frames: Any, expected: list[int], workers: int | None
) -> None:
    numbers = []
    for number, frame in ramp.render_range(frames, workers=workers):
        numbers.append(number)
        value = number / 64 if 0 <= number < 64 else 0
        np.testing.assert_array_equal(frame.to_numpy(), np.full((4, 6, 4), value, np.float32))
    assert numbers == expected


def test_an_iterator_that_is_used_up_serves_as_frames(ramp: playa.Comp) -> None:
    assert [number for number, _ in ramp.render_range(iter([3, 1]))] == [3, 1]


def test_options_are_those_of_render(ramp: playa.Comp) -> None:
    (_, frame), *_ = ramp.render_range([2], region=(1, 1, 3, 2))
    assert frame.data_window == (1, 1, 3, 2)
    before = playa.cache.stats()
    assert len(list(ramp.render_range("1-5", cache=False))) == 5
    after = playa.cache.stats()
    assert (after.hits, after.misses, after.entries) == (before.hits, before.misses, before.entries)


def test_the_project_is_that_of_the_call(ramp: playa.Comp) -> None:
    frames = ramp.render_range("1-20", workers=1)
    next(frames)
    ramp.layers[0].opacity = 0
    ramp.project.remove(ramp)
    rest = [(number, frame.to_numpy().max()) for number, frame in frames]
    assert rest == [(number, number / 64) for number in range(2, 21)]


def test_a_missing_file_fails_its_frame_alone(project: playa.Project, tmp_path: Path) -> None:
    for number in range(1, 7):
        playa.Frame.from_numpy(np.full((4, 6, 4), number, np.float32)).save(tmp_path / f"a.{number:04}.exr")
    comp = project.add_comp("Main", width=6, height=4)
    comp.add_layer(tmp_path / "a.####.exr", name="plate")
    (tmp_path / "a.0004.exr").unlink()
    frames = comp.render_range(range(1, 7))
    came: list[int] = []
    for _ in range(6):
        try:
            number, frame = next(frames)
            assert (frame.to_numpy() == number).all()
            came.append(number)
        except playa.RenderError as error:
            assert (error.frame, error.node) == (4, "plate")
            came.append(-4)
    assert came == [1, 2, 3, -4, 5, 6]
    assert next(frames, None) is None


def test_the_next_frames_are_made_while_one_is_in_use_and_no_more(ramp: playa.Comp) -> None:
    def made(profile: playa.Profile) -> int:
        return sum(row.pieces for row in profile.rows() if row.kind == "graph")

    with playa.Profile() as profile:
        frames = ramp.render_range(range(40), workers=3)
    for taken in range(41):
        expected = min(taken + 3, 40)
        deadline = time.monotonic() + 30
        while made(profile) < expected and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.002)
        assert made(profile) == expected, f"after {taken} frames"
        assert next(frames, (None, None))[0] == (taken if taken < 40 else None)


def runs_out(profile: playa.Profile) -> bool:
    """Whether nothing new is noted for a while."""
    before = sum(row.pieces for row in profile.rows())
    time.sleep(0.1)
    return before == sum(row.pieces for row in profile.rows())


@pytest.mark.parametrize("stop", ["close", "drop", "closing"])
def test_closing_it_stops_the_work_within_a_tenth_of_a_second(stop: str) -> None:
    comp = slow_comp()
    comp.render(0, region=(0, 0, 1, 1))
    with playa.Profile() as profile:
        frames = comp.render_range(workers=2, cache=False)
    time.sleep(0.2)
    start = time.perf_counter()
    if stop == "close":
        frames.close()
        assert next(frames, None) is None
        frames.close()
    elif stop == "drop":
        del frames
    else:
        with contextlib.closing(frames):
            pass
    assert time.perf_counter() - start < 0.1
    # What is being done at that moment ends, and that is a part of one effect.
    time.sleep(0.1)
    assert any(runs_out(profile) for _ in range(3))


@pytest.mark.skipif(sys.platform == "win32", reason="no other process can press Ctrl-C there for one process alone")
def test_ctrl_c_ends_it_within_a_tenth_of_a_second() -> None:
    comp = slow_comp()
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    def seconds_until_the_end() -> float:
        timer = threading.Timer(0.2, press)
        frames = comp.render_range(workers=2, cache=False)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            next(frames)
        end = time.perf_counter()
        timer.join()
        assert next(frames, None) is None, "it is closed"
        return end - pressed[-1]

    assert min(seconds_until_the_end() for _ in range(3)) < 0.1


def test_other_threads_run_meanwhile_and_may_close_it() -> None:
    frames = slow_comp().render_range(workers=2, cache=False)
    threading.Timer(0.2, frames.close).start()
    assert list(frames) == []


# Errors, progress, length


@pytest.fixture
def gappy(project: playa.Project, footage: Path, tmp_path: Path) -> playa.Comp:
    """A comp of frames 1 to 8, of which 3 and 4 are missing on disk."""
    for number in (1, 2, 5, 6, 7, 8):
        (tmp_path / f"bg.{number:04d}.exr").write_bytes((footage / f"bg.{number:04d}.exr").read_bytes())
    comp = project.add_comp("Gappy", width=96, height=54)
    comp.add_layer(tmp_path / "bg.####.exr")
    return comp


def test_errors_stand_in_the_place_of_their_frames(gappy: playa.Comp) -> None:
    came = list(gappy.render_range("1-8", on_error="collect"))
    assert [number for number, _ in came] == list(range(1, 9))
    errors = {number: error for number, error in came if isinstance(error, playa.PlayaError)}
    assert sorted(errors) == [3, 4]
    assert all(isinstance(error, playa.RenderError) and error.frame == number for number, error in errors.items())
    assert all(isinstance(frame, playa.Frame) for number, frame in came if number not in errors)


def test_an_error_is_raised_in_its_place_and_the_next_call_goes_on(gappy: playa.Comp) -> None:
    frames = gappy.render_range("1-8", workers=3)
    came: list[int] = []
    while len(came) < 8:
        try:
            came.append(next(frames)[0])
        except playa.RenderError as error:
            came.append(-(error.frame or 0))
    assert [abs(number) for number in came] == list(range(1, 9)) and sorted(came)[:2] == [-4, -3]


@pytest.mark.parametrize("on_error", ["raise", "collect"])
def test_progress_is_told_on_the_thread_that_takes(gappy: playa.Comp, on_error: Any) -> None:
    told: list[tuple[int, int, int]] = []
    threads = set()

    def progress(done: int, total: int, number: int) -> None:
        told.append((done, total, number))
        threads.add(threading.current_thread())

    frames = gappy.render_range("2-6x2", on_error=on_error, progress=progress)
    for expected in range(3):
        assert len(told) == expected
        with contextlib.suppress(playa.RenderError):
            next(frames)
    assert told == [(1, 3, 2), (2, 3, 4), (3, 3, 6)] and threads == {threading.current_thread()}


def test_what_progress_raises_comes_out_and_the_next_frame_comes(ramp: playa.Comp) -> None:
    def progress(done: int, total: int, number: int) -> None:
        if number == 1:
            raise LookupError("the callback's own")

    frames = ramp.render_range([0, 1, 2], progress=progress)
    assert next(frames)[0] == 0
    with pytest.raises(LookupError, match="the callback's own"):
        next(frames)
    assert next(frames)[0] == 2


def test_progress_bars_know_how_many_there_are(ramp: playa.Comp, capsys: pytest.CaptureFixture[str]) -> None:
    frames = ramp.render_range("1-20")
    assert len(frames) == 20 and next(frames) is not None and len(frames) == 20
    text = io.StringIO()
    bar = tqdm(ramp.render_range("1-20"), file=text)
    assert bar.total == 20
    assert [number for number, _ in bar] == list(range(1, 21))
    assert "20/20" in text.getvalue()
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    progress = Progress(TextColumn("{task.completed} of {task.total}"), console=console)
    with progress:
        assert len(list(progress.track(ramp.render_range("1-20")))) == 20
        assert (progress.tasks[0].total, progress.tasks[0].completed) == (20, 20)


def test_the_end_of_a_with_block_stops_it(ramp: playa.Comp) -> None:
    with ramp.render_range() as frames:
        assert next(frames)[0] == 0
    assert next(frames, None) is None
    with pytest.raises(LookupError), ramp.render_range() as frames:
        raise LookupError
    assert next(frames, None) is None


def test_it_can_be_named_in_annotations() -> None:
    assert str(playa.RenderRange[playa.Frame]).endswith("RenderRange[playa_py.Frame]")


def test_thread_pools_take_ranges(ramp: playa.Comp) -> None:
    def take(step: int) -> bool:
        frames = ramp.render_range(range(0, 64, step), workers=2)
        return all((frame.to_numpy() == number / 64).all() for number, frame in frames)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(take, range(1, 17)))


def test_threads_may_share_it(ramp: playa.Comp) -> None:
    frames = ramp.render_range("0-63")
    taken: list[int] = []

    def take() -> None:
        for number, frame in frames:
            assert (frame.to_numpy() == number / 64).all()
            taken.append(number)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == list(range(64))


@pytest.mark.parametrize(
    ("call", "error", "reason"),
    [
        (lambda comp: comp.render_range("1-"), playa.AttrValueError, "expected a frame number"),
        (lambda comp: comp.render_range(3), playa.AttrTypeError, "whole numbers, or a text .*found an object of type int"),
        (lambda comp: comp.render_range([1, 2.5]), playa.AttrTypeError, "found an object of type float"),
        (lambda comp: comp.render_range(itertools.count()), playa.AttrValueError, "more than 1000000"),
        (lambda comp: comp.render_range(workers=0), playa.AttrValueError, "workers=0: expected 1 to 256"),
        (lambda comp: comp.render_range(workers=-1), playa.AttrValueError, "workers=-1"),
        (lambda comp: comp.render_range(region="all"), playa.AttrValueError, "region='all'"),
        (lambda comp: comp.render_range(on_error="skip"), playa.AttrValueError, 'on_error="skip": expected "raise" or'),
        (lambda comp: comp.render_range(timeout=0), playa.AttrValueError, "timeout=0: expected seconds"),
    ],
)
def test_what_makes_no_sense_is_refused(
    ramp: playa.Comp, call: Callable[[playa.Comp], object], error: type[Exception], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        call(ramp)


def test_a_removed_comp_has_no_frames(ramp: playa.Comp) -> None:
    ramp.project.remove(ramp)
    with pytest.raises(playa.NodeRemovedError):
        ramp.render_range()
