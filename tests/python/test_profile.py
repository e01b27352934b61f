"""Where the time goes: rows, table and trace."""

import json
import os
import threading
import time
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest


@pytest.fixture
def comp(project: playa.Project, footage: Path) -> playa.Comp:
    """A comp of 96x54 pixels over 8 frames of files, with two effects and a turned layer."""
    comp = project.add_comp("Main", width=96, height=54)
    comp.add_layer(footage / "bg.####.exr", name="sky").add_effect("GaussianBlur", radius=4)
    turned = comp.add_layer(footage / "fg.####.exr", name="sun", rotation=(0, 0, 30))
    turned.add_effect("BrightnessContrast", brightness=0.1)
    playa.cache.clear()
    return comp


def kinds_of(profile: playa.Profile) -> dict[tuple[str, str], playa.ProfileRow]:
    return {(row.kind, row.label): row for row in profile.rows()}


def test_every_file_effect_and_moved_layer_has_a_row(comp: playa.Comp, tmp_path: Path) -> None:
    with playa.Profile() as profile:
        comp.render(3).save(tmp_path / "a.exr")
    rows = kinds_of(profile)
    expected = {
        ("graph", 'comp "Main"'),
        ("read", "bg.0003.exr"),
        ("read", "fg.0003.exr"),
        ("effect", 'GaussianBlur of layer "sky" of comp "Main"'),
        ("effect", 'BrightnessContrast of layer "sun" of comp "Main"'),
        ("sample", 'transform (bilinear) of layer "sun" of comp "Main"'),
        ("paint", 'comp "Main"'),
        ("encode", "a.exr"),
    }
    assert set(rows) == expected
    assert all(row.seconds >= 0 and row.pieces >= 1 and row.threads >= 1 for row in rows.values())
    assert list(rows.values()) == sorted(rows.values(), key=lambda row: -row.seconds)
    assert rows["paint", 'comp "Main"'].bytes == 96 * 54 * 16, "each pixel once"
    assert rows["encode", "a.exr"].bytes == (tmp_path / "a.exr").stat().st_size


def test_what_was_found_is_a_row_and_only_the_block_counts(comp: playa.Comp) -> None:
    comp.render(1)
    with playa.Profile() as profile:
        comp.render(1)
        comp.render(1)
    comp.render(2)
    rows = kinds_of(profile)
    assert set(rows) == {("graph", 'comp "Main"'), ("cached", 'comp "Main"')}
    assert rows["cached", 'comp "Main"'].pieces == 2
    with profile:
        comp.render(1)
    assert kinds_of(profile)["cached", 'comp "Main"'].pieces == 3


def test_the_innermost_takes_the_notes_of_its_thread(comp: playa.Comp) -> None:
    with playa.Profile() as outer:
        with playa.Profile() as inner:
            comp.render(1)
        comp.render(2)
        other = threading.Thread(target=comp.render, args=(3,))
        other.start()
        other.join()
    read = [{row.label for row in profile.rows() if row.kind == "read"} for profile in (inner, outer)]
    assert read == [{"bg.0001.exr", "fg.0001.exr"}, {"bg.0002.exr", "fg.0002.exr"}]
    with pytest.raises(LookupError), playa.Profile() as failing:
        raise LookupError
    comp.render(4)
    assert failing.rows() == []


def test_the_trace_is_that_of_chrome(comp: playa.Comp, tmp_path: Path) -> None:
    with playa.Profile() as profile:
        assert [number for number, _ in comp.render_range("1-4", workers=2)] == [1, 2, 3, 4]
    profile.save(tmp_path / "trace.json")
    trace = json.loads((tmp_path / "trace.json").read_text())
    spans = [event for event in trace["traceEvents"] if event["ph"] == "X"]
    frames = {span["name"] for span in spans if span["cat"] == "frame"}
    assert frames == {f'frame {number} of comp "Main"' for number in range(1, 5)}
    assert all(span["ts"] >= 0 and span["dur"] >= 0 for span in spans)
    # Each row's seconds are the spans' without those in them, so together they are less.
    work = sum(span["dur"] for span in spans if span["cat"] not in ("frame", "wait")) / 1e6
    assert 0 < sum(row.seconds for row in profile.rows()) <= work
    with pytest.raises(playa.MediaError) as caught:
        profile.save(tmp_path / "no" / "trace.json")
    assert caught.value.path == tmp_path / "no" / "trace.json"


def test_its_text_is_a_table(comp: playa.Comp) -> None:
    with playa.Profile() as profile:
        comp.render(1)
    head, *rows, last = str(profile).splitlines()
    assert head.split() == ["SECONDS", "KIND", "PIECES", "THREADS", "BYTES", "OF"]
    assert len(rows) == len(profile.rows())
    assert any("GaussianBlur" in row for row in rows)
    assert last.endswith("0 pictures were found in the cache")


def test_the_rows_account_for_a_long_render(project: playa.Project) -> None:
    comp = project.add_comp("Slow", width=512, height=512)
    pixels = np.random.default_rng(0).random((512, 512, 4), np.float32)
    for _ in range(4):
        comp.add_layer(pixels, opacity=0.5).add_effect("GaussianBlur", radius=20, quality="exact")
    start = time.perf_counter()
    with playa.Profile() as profile:
        comp.render(0, cache=False)
    wall = time.perf_counter() - start
    seconds = sum(row.seconds for row in profile.rows())
    # One thread at least is busy all of the time, all of them at most.
    assert wall * 0.5 < seconds < wall * 1.1 * (os.cpu_count() or 1)
