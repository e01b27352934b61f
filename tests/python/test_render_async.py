"""Frames that are rendered while Python does something else: futures, asyncio, time limits, the end of the process."""

import asyncio
import concurrent.futures
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest

LONG = 60


@pytest.fixture
def ramp(project: playa.Project) -> playa.Comp:
    """A comp whose pixels are the number of the frame, 0 to 63, divided by 64."""
    comp = project.add_comp("Ramp", width=6, height=4)
    layer = comp.add_layer(np.ones((4, 6, 4), np.float32), src_len=64)
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 64, 1.0)
    return comp


@pytest.fixture
def slow() -> playa.Comp:
    """A comp of 1000 frames, each of which takes some seconds."""
    comp = playa.Project().add_comp("Slow", width=512, height=512)
    pixels = np.random.default_rng(0).random((512, 512, 4), np.float32)
    for _ in range(60):
        layer = comp.add_layer(pixels, src_len=1000)
        layer.add_effect("GaussianBlur", radius=200, quality="exact")
    return comp


def is_frame(frame: playa.Frame, number: int) -> bool:
    return bool((frame.to_numpy() == number / 64).all())


def begins(future: playa.RenderFuture) -> bool:
    """Whether it comes to run."""
    deadline = time.monotonic() + LONG
    while not future.running() and not future.done() and time.monotonic() < deadline:
        time.sleep(0.001)
    return future.running()


# As a future


def test_a_future_has_the_frame_of_the_project_as_it_was(ramp: playa.Comp) -> None:
    future = ramp.render_async(16)
    ramp.layers[0].remove()
    assert isinstance(future, playa.RenderFuture) and isinstance(future, concurrent.futures.Future)
    assert is_frame(future.result(LONG), 16)
    assert future.number == 16 and future.done() and not future.running() and not future.cancelled()
    assert future.exception() is None and not future.cancel()
    assert repr(future) == "<RenderFuture of frame 16: done>"
    assert future.result() is future.result()


def test_options_are_those_of_render(ramp: playa.Comp) -> None:
    assert ramp.render_async(1, region=(1, 1, 3, 2), cache=False).result(LONG).data_window == (1, 1, 3, 2)
    with pytest.raises(playa.AttrValueError, match="region='all'"):
        ramp.render_async(1, region="all")  # type: ignore[arg-type]


def test_an_error_is_the_future_s(ramp: playa.Comp) -> None:
    ramp.layers[0].opacity = 0.5
    ramp.project.remove(ramp)
    error = ramp.render_async(3).exception(LONG)
    assert isinstance(error, playa.NodeRemovedError)


def test_wait_and_as_completed_take_them(ramp: playa.Comp) -> None:
    futures = [ramp.render_async(number) for number in range(20)]
    done, pending = concurrent.futures.wait(futures, timeout=LONG)
    assert done == set(futures) and not pending
    for future in concurrent.futures.as_completed([ramp.render_async(number) for number in range(20)], LONG):
        assert isinstance(future, playa.RenderFuture) and is_frame(future.result(), future.number)


def test_callbacks_run_and_their_errors_are_logged(ramp: playa.Comp, caplog: pytest.LogCaptureFixture) -> None:
    called = threading.Event()

    def fails(future: concurrent.futures.Future[playa.Frame]) -> None:
        raise LookupError("the callback's own")

    future = ramp.render_async(5)
    future.add_done_callback(fails)
    future.add_done_callback(lambda future: called.set())
    assert called.wait(LONG) and is_frame(future.result(), 5)
    assert "the callback's own" in caplog.text


def test_a_running_render_is_cancelled_and_so_is_one_that_waits(slow: playa.Comp) -> None:
    futures = [slow.render_async(number, cache=False) for number in range(8)]
    assert begins(futures[0]) and repr(futures[0]) == "<RenderFuture of frame 0: running>"
    assert not futures[7].running() and repr(futures[7]) == "<RenderFuture of frame 7: pending>", "4 at most at once"
    called = threading.Event()
    futures[0].add_done_callback(lambda _: called.set())
    for future in futures:
        assert future.cancel() and future.cancelled() and future.done() and not future.running()
        assert future.cancel(), "a second time changes nothing"
    assert called.is_set()
    done, pending = concurrent.futures.wait(futures, timeout=0)
    assert len(done) == 8 and not pending
    with pytest.raises(concurrent.futures.CancelledError):
        futures[0].result()
    # The workers are free again.
    assert slow.render_async(0, region=(0, 0, 1, 1)).result(LONG).width == 1
    assert playa.memory.stats().frames == 0


def test_eight_threads_wait_for_futures(ramp: playa.Comp) -> None:
    def work(seed: int) -> bool:
        numbers = [(seed * 7 + step) % 64 for step in range(30)]
        futures = [ramp.render_async(number) for number in numbers]
        return all(is_frame(future.result(LONG), future.number) for future in futures)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


# In asyncio


def test_it_can_be_awaited(ramp: playa.Comp) -> None:
    async def main() -> None:
        assert is_frame(await ramp.render_async(12), 12)
        frames = await asyncio.gather(*(ramp.render_async(number) for number in range(10)))
        assert all(is_frame(frame, number) for number, frame in enumerate(frames))
        futures = [ramp.render_async(number) for number in range(10)]
        came = {round(float((await done).to_numpy()[0, 0, 0]) * 64) for done in asyncio.as_completed(futures)}
        assert came == set(range(10))
        ramp.project.remove(ramp)
        with pytest.raises(playa.NodeRemovedError):
            await ramp.render_async(0)

    asyncio.run(main())


def test_the_loop_runs_meanwhile_and_a_cancelled_task_stops_the_render(slow: playa.Comp) -> None:
    async def main() -> None:
        future = slow.render_async(0, cache=False)

        async def wait() -> playa.Frame:
            return await future

        task = asyncio.create_task(wait())
        await asyncio.sleep(0.01)
        while not future.running():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert future.cancelled()

        future = slow.render_async(0, cache=False)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(future, 0.05)
        assert future.cancelled()

    asyncio.run(main())
    assert slow.render_async(0, region=(0, 0, 1, 1)).result(LONG).width == 1


# Futures of a range


def test_a_range_gives_futures_in_order(ramp: playa.Comp) -> None:
    futures = list(ramp.render_range("3-20x2").futures())
    assert [future.number for future in futures] == list(range(3, 20, 2))
    assert all(is_frame(future.result(LONG), future.number) for future in futures)

    async def main() -> list[int]:
        numbers = []
        for future in ramp.render_range("1-9").futures():
            assert is_frame(await future, future.number)
            numbers.append(future.number)
        return numbers

    assert asyncio.run(main()) == list(range(1, 10))


def test_futures_go_on_behind_what_came_and_then_the_range_gives_nothing(ramp: playa.Comp) -> None:
    frames = ramp.render_range("1-6")
    assert next(frames)[0] == 1
    futures = frames.futures()
    with pytest.raises(playa.RenderError, match="as futures"):
        next(frames)
    with pytest.raises(playa.RenderError, match="as futures already"):
        frames.futures()
    assert [future.number for future in futures] == [2, 3, 4, 5, 6]


def test_one_of_a_range_is_cancelled_and_closing_cancels_the_rest(ramp: playa.Comp, slow: playa.Comp) -> None:
    first, second, third = ramp.render_range([1, 2, 3]).futures()
    cancelled = second.cancel()
    assert second.cancelled() is cancelled
    assert is_frame(first.result(LONG), 1) and is_frame(third.result(LONG), 3)

    frames = slow.render_range(workers=2, cache=False)
    iterator = frames.futures()
    futures = [next(iterator) for _ in range(4)]
    assert begins(futures[1])
    assert futures[1].cancel() and futures[3].cancel()
    frames.close()
    assert next(iterator, None) is None
    done, _ = concurrent.futures.wait(futures, timeout=LONG)
    assert len(done) == 4 and all(future.cancelled() for future in futures)


def test_a_range_of_futures_has_the_backlog_of_a_range(ramp: playa.Comp) -> None:
    def made(profile: playa.Profile) -> int:
        return sum(row.pieces for row in profile.rows() if row.kind == "graph")

    with playa.Profile() as profile:
        futures = ramp.render_range(range(30), workers=3).futures()
    for taken in range(30):
        deadline = time.monotonic() + LONG
        expected = min(taken + 3, 30)
        while made(profile) < expected and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(0.002)
        assert made(profile) == expected, f"after {taken} futures"
        next(futures).result(LONG)


# Time


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), float("inf")])
def test_a_time_that_is_none_is_refused(ramp: playa.Comp, seconds: float) -> None:
    for render in (ramp.render, ramp.render_async):
        with pytest.raises(playa.AttrValueError, match="timeout=.*expected seconds, more than 0"):
            render(0, timeout=seconds)


def test_a_render_out_of_time_says_which_and_leaves_nothing(slow: playa.Comp) -> None:
    entries = playa.cache.stats().entries
    for render in (
        lambda: slow.render(7, timeout=0.05, cache=False),
        lambda: slow.render_async(7, timeout=0.05, cache=False).result(LONG),
        lambda: next(slow.render_range([7], timeout=0.05, cache=False)),
    ):
        with pytest.raises(playa.RenderTimeoutError, match="not done within 0.05 seconds") as caught:
            render()
        assert isinstance(caught.value, TimeoutError) and isinstance(caught.value, playa.RenderError)
        assert caught.value.frame == 7 and caught.value.node is not None
    assert playa.cache.stats().entries == entries
    assert slow.render(0, region=(0, 0, 1, 1), timeout=LONG).width == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a file that can be opened and never read")
@pytest.mark.parametrize("stop", ["timeout", "interrupt"])
def test_nobody_waits_for_a_file_that_does_not_answer(project: playa.Project, tmp_path: Path, stop: str) -> None:
    path = tmp_path / "plate.exr"
    playa.Frame.from_numpy(np.ones((4, 6, 4), np.float32)).save(path)
    comp = project.add_comp("Main", width=6, height=4)
    comp.add_layer(path)
    path.unlink()
    os.mkfifo(path)
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    try:
        start = time.perf_counter()
        if stop == "timeout":
            with pytest.raises(playa.RenderTimeoutError, match='comp "Main", frame 0: not done within 0.2 seconds'):
                comp.render(0, timeout=0.2)
            assert time.perf_counter() - start < 0.2 + 0.1
        else:
            timer = threading.Timer(0.2, press)
            timer.start()
            with pytest.raises(KeyboardInterrupt):
                comp.render(0)
            timer.join()
            assert time.perf_counter() - pressed[0] < 0.1
    finally:
        # Whoever still reads finds the end of the file.
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK))


@pytest.mark.skipif(sys.platform == "win32", reason="no other process can press Ctrl-C there for one process alone")
def test_ctrl_c_ends_waiting_for_a_future(slow: playa.Comp) -> None:
    future = slow.render_async(0, cache=False)
    timer = threading.Timer(0.2, os.kill, [os.getpid(), signal.SIGINT])
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        future.result(LONG)
    timer.join()
    assert future.cancel()


# The end of the process

ENDS = """
import logging, sys, threading
import numpy as np
import playa_py as playa

logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
comp = playa.Project().add_comp("Slow", width=512, height=512)
pixels = np.random.default_rng(0).random((512, 512, 4), np.float32)
for _ in range(60):
    comp.add_layer(pixels, src_len=1000).add_effect("GaussianBlur", radius=200, quality="exact")
futures = [comp.render_async(number, cache=False) for number in range(20)]
more = comp.render_range(cache=False)
iterator = more.futures()
futures += [next(iterator) for _ in range(5)]
while not futures[0].running():
    pass
for future in futures:
    future.add_done_callback(lambda future: print("cancelled" if future.cancelled() else "done"))
"""


@pytest.mark.parametrize("end", ["", "raise SystemExit(0)", "del futures, iterator, more"])
def test_the_interpreter_ends_with_futures_in_flight(end: str) -> None:
    ended = subprocess.run([sys.executable, "-c", ENDS + end], capture_output=True, text=True, timeout=LONG)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split() == ["cancelled"] * 25


def test_importing_playa_imports_neither_futures_nor_logging() -> None:
    code = (
        "import sys, playa_py; "
        "print([name for name in ('logging', 'asyncio', 'concurrent.futures', 'numpy') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=LONG)
    assert ended.stdout.strip() == "[]"
    assert logging.getLogger("playa_py").name == "playa_py"
