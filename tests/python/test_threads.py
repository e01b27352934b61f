"""Long calls let other Python threads run, share a project safely, and hear Ctrl-C."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest


def slow_comp(blurs: int, radius: int = 20) -> playa.Comp:
    """A comp that takes some thousandths of a second for each of its blurs and 20 of radius, ten times that without
    optimisation."""
    comp = playa.Project().add_comp("Slow", width=512, height=512)
    pixels = np.random.default_rng(0).random((512, 512, 4), np.float32)
    for _ in range(blurs):
        comp.add_layer(pixels, opacity=0.5).add_effect("GaussianBlur", radius=radius, quality="exact")
    return comp


def runs_beside(work: Callable[[], object]) -> bool:
    """Whether this thread runs while another one works: it never pauses for half of that time."""
    # A second and a third try, because the machine too may keep it from running.
    return any(pause < whole / 2 for pause, whole in (measured_beside(work) for _ in range(3)))


def measured_beside(work: Callable[[], object]) -> tuple[float, float]:
    """How long this thread was kept from running at most, and how long another one worked, in seconds."""
    with ThreadPoolExecutor(1) as pool:
        start = last = time.perf_counter()
        longest = 0.0
        future = pool.submit(work)
        while not future.done():
            time.sleep(0.0005)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now
        future.result()
        return longest, last - start


def test_other_threads_run_while_a_frame_is_rendered() -> None:
    comp = slow_comp(2)
    assert runs_beside(lambda: comp.render(0))


def test_other_threads_run_while_files_are_written_and_read(tmp_path: Path) -> None:
    frame = playa.Frame.from_numpy(np.random.default_rng(0).random((1024, 1024, 4), np.float32))
    path = tmp_path / "large.exr"
    for work in (lambda: frame.save(path), lambda: playa.Frame.load(path)):
        assert runs_beside(work)


def test_threads_render_and_edit_one_project(footage: Path) -> None:
    project = playa.Project()
    comp = project.add_comp("Main", width=96, height=54)
    layer = comp.add_layer(footage / "bg.####.exr")
    expected = {frame: comp.render(frame).to_numpy().copy() for frame in range(1, 9)}
    stop = threading.Event()

    def edit() -> None:
        # Names change no pixel; comps come and go beside the one that is rendered.
        while not stop.is_set():
            layer.name = f"{time.perf_counter()}"
            project.remove(project.add_comp("Other"))

    with ThreadPoolExecutor(5) as pool:
        editor = pool.submit(edit)
        frames = list(pool.map(lambda n: (n, comp.render(n).to_numpy()), [n % 8 + 1 for n in range(64)]))
        stop.set()
        editor.result()
    assert all((pixels == expected[frame]).all() for frame, pixels in frames)
    assert project.comps == [comp]


def test_arrays_made_in_one_thread_are_dropped_in_another() -> None:
    comp = playa.Project().add_comp("Main", width=64, height=64)
    with ThreadPoolExecutor(4) as pool:
        arrays = [np.full((64, 64, 4), value, np.float32) for value in range(16)]
        layers = list(pool.map(comp.add_layer, arrays))
        del arrays
        list(pool.map(playa.Layer.remove, layers))
    assert comp.layers == []


@pytest.mark.skipif(sys.platform == "win32", reason="no other process can press Ctrl-C there for one process alone")
def test_ctrl_c_ends_a_render_within_a_tenth_of_a_second() -> None:
    comp = slow_comp(60, radius=200)
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    def seconds_until_the_end() -> float:
        timer = threading.Timer(0.3, press)
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            comp.render(0, cache=False)
        timer.join()
        return time.perf_counter() - pressed[-1]

    assert min(seconds_until_the_end() for _ in range(3)) < 0.1
    assert comp.render(0, region=(0, 0, 1, 1)).width == 1, "what comes after is not interrupted"


def test_an_exception_of_a_signal_handler_comes_through() -> None:
    comp = slow_comp(60, radius=200)
    previous = signal.signal(signal.SIGINT, lambda *_: (_ for _ in ()).throw(LookupError("the handler's own")))
    try:
        timer = threading.Timer(0.1, signal.raise_signal, [signal.SIGINT])
        timer.start()
        with pytest.raises(LookupError, match="the handler's own"):
            comp.render(0)
        timer.join()
    finally:
        signal.signal(signal.SIGINT, previous)


def test_eight_threads_edit_render_and_save_one_project(footage: Path, tmp_path: Path) -> None:
    project = playa.Project("Shared")
    comp = project.add_comp("Main", width=96, height=54)
    comp.add_layer(footage / "bg.####.exr")
    layer = comp.add_layer(footage / "fg.####.exr")
    pictures = [comp.render(2).to_numpy().copy()]
    layer.opacity = 0.5
    pictures.append(comp.render(2).to_numpy().copy())
    start = threading.Barrier(8)

    def edit(number: int) -> None:
        for step in range(40):
            layer.opacity = (1.0, 0.5)[(step + number) % 2]
            other = project.add_comp(f"Thread {number}")
            other.add_layer(comp, name="inner").add_effect("GaussianBlur").radius = 2
            project.remove(other)

    def render(_: int) -> None:
        for _ in range(20):
            # One of the two states, never something between them.
            pixels = comp.render(2).to_numpy()
            assert any((pixels == picture).all() for picture in pictures)

    def save(number: int) -> None:
        for _ in range(10):
            project.save(tmp_path / f"shared{number}.playa")
            loaded = playa.Project.load(tmp_path / f"shared{number}.playa")
            assert loaded.get_comp("Main").layers[0].opacity in (1.0, 0.5)

    def together(work: Callable[[int], None], number: int) -> None:
        start.wait()
        work(number)

    with ThreadPoolExecutor(8) as pool:
        works = [edit, edit, edit, render, render, render, save, save]
        for future in [pool.submit(together, work, number) for number, work in enumerate(works)]:
            future.result()
    assert project.comps == [comp]
    assert [layer.name for layer in comp.layers] == ["fg.####.exr", "bg.####.exr"]
