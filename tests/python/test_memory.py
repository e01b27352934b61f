"""One limit for all pixels of the process: what is kept goes first, then frames wait, then one fails by name."""

import gc
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import playa_py as playa
import pytest

LONG = 300

MIB = 1 << 20


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Each test begins with nothing kept and no frame in the making, and leaves the limits as they were."""
    limit, budget = playa.memory.limit, playa.cache.budget
    # Renders that other tests stopped end at their next step.
    deadline = time.monotonic() + LONG
    while playa.memory.stats().frames and time.monotonic() < deadline:
        time.sleep(0.01)
    playa.cache.clear()
    gc.collect()
    yield
    playa.memory.limit, playa.cache.budget = limit, budget


def plate(project: playa.Project, width: int, height: int, blur: float = 0) -> playa.Comp:
    """A comp whose every frame is another picture, at 0 to 99."""
    comp = project.add_comp("Plate", width=width, height=height)
    layer = comp.add_layer(np.ones((height, width, 4), np.float32), src_len=100)
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 100, 1.0)
    if blur:
        layer.add_effect("GaussianBlur", radius=blur)
    return comp


def test_it_counts_frames_in_hands_until_they_are_dropped(project: playa.Project) -> None:
    comp = plate(project, 1024, 1024)
    before = playa.memory.stats()
    assert isinstance(playa.memory, playa.Memory) and isinstance(before, playa.MemoryStats)
    frame = comp.render(1, cache=False)
    held = playa.memory.stats()
    assert held.used - held.kept - (before.used - before.kept) == 16 * MIB
    assert held.peak >= held.used and held.limit == playa.memory.limit and (held.frames, held.reserved) == (0, 0)
    array = frame.to_numpy()
    del frame
    assert playa.memory.stats().used == held.used, "the array keeps it"
    del array
    after = playa.memory.stats()
    assert after.used - after.kept == before.used - before.kept


def test_what_the_cache_keeps_counts_as_kept(project: playa.Project) -> None:
    comp = plate(project, 1024, 1024)
    frame = comp.render(1)
    assert playa.cache.stats().bytes == 16 * MIB
    in_hands = playa.memory.stats()
    del frame
    assert playa.memory.stats().kept - in_hands.kept == 16 * MIB, "nobody else has it now"
    assert repr(playa.memory).startswith("<Memory: ")


def test_the_cache_gives_way_and_the_limit_is_kept(project: playa.Project) -> None:
    comp = plate(project, 1024, 1024)
    playa.memory.limit = playa.memory.stats().used - playa.memory.stats().kept + 64 * MIB
    for number in range(20):
        assert comp.render(number).width == 1024
        stats = playa.memory.stats()
        assert stats.used <= stats.limit
    assert 1 <= playa.cache.stats().entries <= 4
    playa.memory.limit -= 40 * MIB
    assert playa.memory.stats().used <= playa.memory.limit, "it goes at once"


def test_a_frame_that_cannot_fit_says_what_it_needs_and_the_next_one_can(project: playa.Project) -> None:
    comp = plate(project, 2048, 1024)
    playa.memory.limit = playa.memory.stats().used - playa.memory.stats().kept + 24 * MIB
    with pytest.raises(playa.MemoryLimitError, match='comp "Plate", frame 7: 32.0 MiB more are needed, and the limit') as it:
        comp.render(7)
    assert isinstance(it.value, MemoryError) and it.value.frame == 7 and it.value.node == "Plate"
    assert "raise the limit" in str(it.value) and "are taken by pictures in use" in str(it.value)
    assert isinstance(comp.render_async(7).exception(LONG), playa.MemoryLimitError)
    collected = list(comp.render_range([1, 2], on_error="collect"))
    assert [type(error) for _, error in collected] == [playa.MemoryLimitError] * 2
    assert comp.render(7, region=(0, 0, 1024, 1024)).width == 1024
    assert (playa.memory.stats().frames, playa.memory.stats().reserved) == (0, 0)


def test_an_effect_that_lacks_scratch_memory_is_named(project: playa.Project) -> None:
    comp = project.add_comp("Blurred", width=2048, height=2048)
    comp.add_layer(np.ones((2048, 2048, 4), np.float32)).add_effect("GaussianBlur", radius=20)
    before = playa.memory.stats().used - playa.memory.stats().kept
    # The comp shows the blur's own picture, and nothing fits beside that.
    playa.memory.limit = before + 65 * MIB
    with pytest.raises(playa.MemoryLimitError, match="effect GaussianBlur: .*scratch memory") as caught:
        comp.render(1, cache=False)
    assert caught.value.frame == 1
    assert (playa.memory.stats().frames, playa.memory.stats().reserved) == (0, 0)
    playa.memory.limit = before + 128 * MIB
    assert comp.render(1, cache=False).width == 2048


def test_frames_that_are_kept_by_a_program_are_told(project: playa.Project) -> None:
    comp = plate(project, 1024, 1024)
    playa.memory.limit = playa.memory.stats().used - playa.memory.stats().kept + 50 * MIB
    frames = comp.render_range(range(10), workers=2)
    held = []
    with pytest.raises(playa.MemoryLimitError, match="frame 3: 16.0 MiB more are needed"):
        for _, frame in frames:
            held.append(frame)
    assert len(held) == 3
    held.clear()
    del frame
    assert [number for number, _ in frames][-1] == 9, "the others go on"


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_a_batch_waits_for_who_works_with_its_frames(project: playa.Project, workers: int) -> None:
    comp = plate(project, 1024, 1024, blur=10)
    # Room for one frame in the hands of the program and one in the making.
    playa.memory.limit = playa.memory.stats().used - playa.memory.stats().kept + 90 * MIB
    numbers = []
    for number, frame in comp.render_range(range(30), workers=workers):
        assert float(frame.to_numpy()[511, 511, 3]) == pytest.approx(number / 100, abs=1e-6)
        numbers.append(number)
    assert numbers == list(range(30))
    assert (playa.memory.stats().frames, playa.memory.stats().reserved) == (0, 0)


def test_other_renders_do_not_wait_for_a_batch_that_nobody_takes(project: playa.Project) -> None:
    comp = plate(project, 1024, 1024)
    playa.memory.limit = playa.memory.stats().used - playa.memory.stats().kept + 50 * MIB
    frames = comp.render_range(range(10), workers=8)
    with pytest.raises(playa.MemoryLimitError):
        while True:
            # Sooner or later the batch has all of it, and waits to be taken.
            comp.render(50, cache=False)
            list(range(10000))
    frames.close()


def test_what_an_effect_renders_is_part_of_its_frame(project: playa.Project) -> None:
    outer, inner = plate(project, 1024, 1024), [plate(project, 1024, 1024)]
    outer.name = "Outer"
    calls = []

    @playa.effect(id="com.example.renders")
    def renders(pixels, *, frame):
        calls.append(frame)
        return pixels + inner[-1].render(round(frame), cache=False).to_numpy()[:, :1024]

    outer.layers[0].add_effect(renders)
    # The comp and the effect have 16 MiB each, and it is guessed that the effect takes as much for itself: there is no
    # room for the inner comp before the outer frame is done.
    playa.memory.limit = playa.memory.stats().used - playa.memory.stats().kept + 40 * MIB
    frame = outer.render(50, cache=False)
    assert float(frame.to_numpy()[7, 9, 3]) == pytest.approx(0.5 * (1 + 0.5), abs=1e-6)
    del frame
    for number, frame in outer.render_range(range(10), workers=2, cache=False):
        assert float(frame.to_numpy()[7, 9, 3]) == pytest.approx(number / 100 * (1 + number / 100), abs=1e-6)
        del frame
    calls.clear()
    inner.append(plate(project, 2048, 1024))
    with pytest.raises(playa.MemoryLimitError, match='comp "Outer", frame 9, .*effect Renders: .*the limit') as caught:
        outer.render(9, cache=False)
    assert isinstance(caught.value.__cause__, playa.MemoryLimitError)
    assert calls == [9, 9], "it is made once more, alone"
    assert (playa.memory.stats().frames, playa.memory.stats().reserved) == (0, 0)


@pytest.mark.parametrize("limit", [-1, 1.5, "much", None, 1 << 70])
def test_a_limit_that_is_none_is_refused(limit: object) -> None:
    before = playa.memory.limit
    with pytest.raises(playa.AttrValueError, match="limit: expected a number of bytes, 0 or more, found"):
        playa.memory.limit = limit  # type: ignore[assignment]
    assert playa.memory.limit == before


PEAK = """
import resource, sys
import numpy as np
import playa_py as playa

MIB = 1 << 20
comp = playa.Project().add_comp("4K", width=4096, height=2160)
tile = np.ones((2160, 4096, 4), np.float32)
layer = comp.add_layer(tile, src_len=100)
layer.set_key("opacity", 0, 0.0)
layer.set_key("opacity", 100, 1.0)
layer.add_effect("GaussianBlur", radius=12)
comp.render(0, region=(0, 0, 64, 64))
playa.cache.clear()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
ceiling = int(sys.argv[1])
playa.memory.limit = ceiling * MIB
for number, frame in comp.render_range(range(12), workers=4):
    assert abs(float(frame.to_numpy()[1000, 1000, 3]) - number / 100) < 1e-6
    del frame
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before, playa.memory.stats().peak / MIB)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="tells the peak of a process's memory in KiB only there")
@pytest.mark.parametrize("ceiling", [700, 1100])
def test_a_batch_of_large_frames_stays_below_a_low_limit(ceiling: int) -> None:
    """A 4K frame takes 135 MiB, its blur as much, and scratch memory; four at once without a limit take far more."""
    ended = subprocess.run(
        [sys.executable, "-c", PEAK, str(ceiling)], capture_output=True, text=True, timeout=LONG, check=False
    )
    assert ended.returncode == 0, ended.stderr
    resident, counted = map(float, ended.stdout.split())
    assert counted <= ceiling
    # What is not counted: stacks of threads and pages around mappings.
    assert resident <= ceiling + 64
