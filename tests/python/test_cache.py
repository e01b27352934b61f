"""The cache: what is found again, with the same pixels, and how much is kept."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    """Each test begins with nothing kept, no frame in the making, and 64 MiB of room."""
    # Renders that other tests stopped end at their next step.
    deadline = time.monotonic() + 60
    while playa.memory.stats().frames and time.monotonic() < deadline:
        time.sleep(0.01)
    before = playa.cache.budget
    playa.cache.budget = 64 << 20
    playa.cache.clear()
    yield
    playa.cache.budget = before


@pytest.fixture
def blurred(project: playa.Project) -> playa.Layer:
    """A layer of noise under a blur, alone in a comp of 64x48 pixels that lasts for 10 frames."""
    comp = project.add_comp("Blurred", width=64, height=48)
    pixels = np.random.default_rng(7).random((48, 64, 4), np.float32)
    pixels[..., 3] = 1
    layer = comp.add_layer(pixels, src_len=10)
    layer.add_effect("GaussianBlur", radius=6)
    return layer


def counted(work: object) -> tuple[int, int]:
    """How many pictures were found, and how many not, during a call."""
    before = playa.cache.stats()
    assert callable(work)
    work()
    after = playa.cache.stats()
    return after.hits - before.hits, after.misses - before.misses


def test_the_second_render_is_found_and_has_equal_pixels(blurred: playa.Layer) -> None:
    comp = blurred.comp
    first = comp.render(0).to_numpy()
    assert playa.cache.stats().entries > 0
    hits, misses = counted(lambda: comp.render(0))
    assert (hits, misses) == (1, 0), "the comp itself is there, and nothing else is asked for"
    np.testing.assert_array_equal(comp.render(0).to_numpy(), first)
    np.testing.assert_array_equal(comp.render(0, cache=False).to_numpy(), first)
    # It does not change with time.
    assert counted(lambda: comp.render(5)) == (1, 0)


def test_an_edit_misses_and_setting_it_back_hits(blurred: playa.Layer) -> None:
    comp = blurred.comp
    first = comp.render(0).to_numpy()
    blurred.opacity = 0.5
    hits, misses = counted(lambda: comp.render(0))
    assert misses >= 1, "the comp is another one"
    assert hits >= 1, "the blurred layer is the same"
    np.testing.assert_array_equal(comp.render(0).to_numpy(), first * np.float32(0.5))
    blurred.opacity = 1
    assert counted(lambda: comp.render(0)) == (1, 0)
    np.testing.assert_array_equal(comp.render(0).to_numpy(), first)
    blurred.effects[0].radius = 4
    assert (comp.render(0).to_numpy() != first).any()


def test_a_part_of_what_is_there_is_found_and_more_is_made(blurred: playa.Layer) -> None:
    comp = blurred.comp
    whole = comp.render(0).to_numpy()
    part = comp.render(0, region=(8, 4, 40, 30))
    assert counted(lambda: comp.render(0, region=(8, 4, 40, 30))) == (1, 0)
    assert part.data_window == (8, 4, 40, 30)
    np.testing.assert_array_equal(part.to_numpy(), whole[4:30, 8:40])
    playa.cache.clear()
    comp.render(0, region=(8, 4, 40, 30))
    np.testing.assert_array_equal(comp.render(0).to_numpy(), whole)


def test_without_the_cache_nothing_is_looked_for_and_nothing_kept(blurred: playa.Layer) -> None:
    assert counted(lambda: blurred.comp.render(0, cache=False)) == (0, 0)
    assert playa.cache.stats().entries == 0


def test_a_file_written_anew_is_another_picture(project: playa.Project, tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"

    def write(value: float, width: int) -> None:
        playa.Frame.from_numpy(np.full((4, width, 4), value, np.float32)).save(path)

    write(0.25, 6)
    comp = project.add_comp("Main", width=6, height=4)
    comp.add_layer(path)
    assert (comp.render(0).to_numpy() == 0.25).all()
    assert counted(lambda: comp.render(0))[0] == 1
    write(0.75, 6)
    assert (comp.render(0).to_numpy() == 0.75).all()


def test_a_budget_of_0_keeps_nothing(blurred: playa.Layer) -> None:
    expected = blurred.comp.render(0).to_numpy()
    playa.cache.budget = 0
    assert playa.cache.budget == playa.cache.stats().budget == 0
    assert (playa.cache.stats().entries, playa.cache.stats().bytes) == (0, 0), "what was there goes at once"
    np.testing.assert_array_equal(blurred.comp.render(0).to_numpy(), expected)
    assert playa.cache.stats().entries == 0


def test_the_budget_is_kept_whatever_is_rendered(project: playa.Project) -> None:
    comp = project.add_comp("Long", width=64, height=64)
    layer = comp.add_layer(np.ones((64, 64, 4), np.float32), src_len=40)
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 40, 1.0)
    picture = 64 * 64 * 16
    playa.cache.budget = 5 * picture
    before = playa.cache.stats().evicted
    for frame in range(40):
        np.testing.assert_array_equal(comp.render(frame).to_numpy(), np.float32(frame / 40))
        stats = playa.cache.stats()
        assert stats.bytes <= 5 * picture
        assert stats.bytes_in_flight == 0
    assert 1 <= stats.entries <= 5
    assert stats.evicted - before >= 40 - 6


def test_what_was_found_says_what_it_saved(blurred: playa.Layer) -> None:
    blurred.comp.render(0)
    before = playa.cache.stats()
    blurred.comp.render(0)
    after = playa.cache.stats()
    assert after.hits == before.hits + 1
    assert 0 < after.seconds_saved - before.seconds_saved < 60


@pytest.mark.parametrize("budget", [-1, 1.5, "much", None, 1 << 70])
def test_a_budget_that_is_none_is_refused(budget: object) -> None:
    before = playa.cache.budget
    with pytest.raises(playa.AttrValueError, match="budget: expected a number of bytes, 0 or more, found"):
        playa.cache.budget = budget  # type: ignore[assignment]
    assert playa.cache.budget == before


def test_a_project_is_told_what_is_kept_of_its_comps(project: playa.Project, blurred: playa.Layer) -> None:
    comp = blurred.comp
    twin = playa.Project("Twin").add_comp("Other", width=8, height=8)
    twin.add_layer(np.ones((8, 8, 4), np.float32), opacity=0.25)
    totals = playa.events.listen("cache_changed", timeout=60)
    with totals, project.events.listen("cache_changed", timeout=60) as events:
        comp.render(0)
        kept = playa.cache.stats()
        added = 0
        for event in events:
            assert event.comps == (comp,) and event.removed == 0
            added += event.added
            if added == kept.entries:
                break
        assert added == kept.entries > 0
        twin.render(0)
        playa.cache.clear()
        removed = 0
        while removed < kept.entries:
            event = next(events)
            assert (event.comps, event.added) == ((comp,), 0), "the other project is none of its business"
            removed += event.removed
        assert removed == kept.entries
        added = removed = 0
        for event in totals:
            added, removed = added + event.added, removed + event.removed
            if removed == kept.entries + 1:
                break
        assert (added, event.entries, event.bytes) == (kept.entries + 1, 0, 0)


def test_many_changes_are_told_at_once(project: playa.Project) -> None:
    comp = project.add_comp("Ramp", width=8, height=8)
    layer = comp.add_layer(np.ones((8, 8, 4), np.float32), src_len=100)
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 100, 1.0)
    with project.events.listen("cache_changed", timeout=60) as events:
        start = time.monotonic()
        for number in range(100):
            comp.render(number)
        calls = added = 0
        while added < 100:
            added += next(events).added
            calls += 1
        # Never earlier than 0.1 seconds after the one before.
        assert calls <= (time.monotonic() - start) / 0.1 + 1


def test_its_text_says_what_is_kept(blurred: playa.Layer) -> None:
    assert isinstance(playa.cache, playa.Cache) and isinstance(playa.cache.stats(), playa.CacheStats)
    assert repr(playa.cache) == "<Cache: 0 pictures, 0.0 of 64.0 MiB>"
    blurred.comp.render(0)
    assert "0 pictures" not in repr(playa.cache)


def test_its_report_names_what_is_kept_the_largest_first(project: playa.Project, tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    playa.Frame.from_numpy(np.ones((24, 32, 4), np.float32)).save(path)
    comp = project.add_comp("Report <1>", width=64, height=48)
    layer = comp.add_layer(path)
    layer.add_effect("GaussianBlur", radius=4)
    for _ in range(3):
        comp.render(0)
    report = playa.cache.report()
    assert isinstance(report, playa.CacheReport) and all(isinstance(row, playa.CachedPicture) for row in report)
    assert {row.kind for row in report} >= {"file", "effect", "comp"}
    assert [row.bytes for row in report] == sorted((row.bytes for row in report), reverse=True)
    assert sum(row.bytes for row in report) == playa.cache.stats().bytes
    by_kind = {row.kind: row for row in report}
    whole = by_kind["comp"]
    assert (whole.node, whole.label, whole.hits) == (comp.uuid, 'comp "Report <1>"', 2)
    assert whole.bytes == 64 * 48 * 16 and whole.seconds_saved > 0
    assert whole.key in {node["key"] for node in comp.graph(0)["nodes"]}
    assert by_kind["effect"].node == layer.uuid and "GaussianBlur" in by_kind["effect"].label
    assert by_kind["file"].label == "plate.exr" and by_kind["file"].hits == 0
    lines = str(report).splitlines()
    assert lines[0].split() == ["MiB", "hits", "seconds", "saved", "kind", "label"] and len(lines) == 1 + len(report)
    assert repr(report) == str(report)
    assert report._repr_html_().count("<tr>") == 1 + len(report) and "Report &lt;1&gt;" in report._repr_html_()


def test_last_only_keeps_one_picture_of_each_thing(project: playa.Project) -> None:
    comp = project.add_comp("Ramp", width=64, height=64)
    layer = comp.add_layer(np.ones((64, 64, 4), np.float32), src_len=20)
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 20, 1.0)
    other = project.add_comp("Other", width=32, height=32)
    other.add_layer(np.ones((32, 32, 4), np.float32), opacity=0.5)
    assert playa.cache.strategy == "all"
    expected = {number: comp.render(number).to_numpy() for number in range(10)}
    other.render(0)
    assert playa.cache.stats().entries == 11
    try:
        playa.cache.strategy = "last_only"
        assert playa.cache.stats().entries == 2, "the older ones go at once"
        assert counted(lambda: (comp.render(9), other.render(0))) == (2, 0)
        for number in range(10):
            np.testing.assert_array_equal(comp.render(number).to_numpy(), expected[number])
            assert playa.cache.stats().entries == 2
            assert counted(lambda number=number: comp.render(number)) == (1, 0)
        with pytest.raises(playa.AttrValueError, match='no strategy "some", expected "all" or "last_only"'):
            playa.cache.strategy = "some"  # type: ignore[assignment]
        assert playa.cache.strategy == "last_only"
    finally:
        playa.cache.strategy = "all"


def test_files_are_told_apart_by_facts_or_by_content(project: playa.Project, tmp_path: Path) -> None:
    first, copy = tmp_path / "a.exr", tmp_path / "b.exr"
    playa.Frame.from_numpy(np.full((8, 8, 4), 0.5, np.float32)).save(first)
    shutil.copyfile(first, copy)
    comps = [project.add_comp(path.stem, width=8, height=8) for path in (first, copy)]
    for comp, path in zip(comps, (first, copy), strict=True):
        comp.add_layer(path, opacity=0.5)

    def files_read() -> int:
        """How many pictures of files come to those that are kept."""
        before = sum(row.kind == "file" for row in playa.cache.report())
        for comp in comps:
            comp.render(0)
        return sum(row.kind == "file" for row in playa.cache.report()) - before

    assert playa.cache.identity == "facts"
    assert (files_read(), files_read()) == (2, 0)
    os.utime(first, ns=(0, 0))
    assert files_read() == 1, "it may be another one"
    try:
        playa.cache.identity = "content"
        assert (files_read(), files_read()) == (1, 0), "a copy is the same picture"
        os.utime(first, ns=(1, 1))
        assert files_read() == 0, "and so is one of another time"
        playa.Frame.from_numpy(np.full((8, 8, 4), 0.25, np.float32)).save(first)
        assert files_read() == 1
        assert comps[0].render(0).to_numpy()[0, 0, 0] == 0.125
        with pytest.raises(playa.AttrValueError, match='no identity "time", expected "facts" or "content"'):
            playa.cache.identity = "time"  # type: ignore[assignment]
    finally:
        playa.cache.identity = "facts"
