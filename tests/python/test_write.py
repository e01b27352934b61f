"""Many frames to files, and to functions that want them in order."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import playa_py as playa
import pytest


@pytest.fixture
def ramp(project: playa.Project) -> playa.Comp:
    """A comp of 8x6 pixels whose pixels are the number of the frame, 0 to 15, divided by 16."""
    comp = project.add_comp("Ramp", width=8, height=6)
    layer = comp.add_layer(np.ones((6, 8, 4), np.float32), src_len=16)
    layer.set_key("opacity", 0, 0.0)
    layer.set_key("opacity", 16, 1.0)
    return comp


def pixels(path: Path) -> np.ndarray:
    return playa.Frame.load(path).to_numpy()


def test_one_composite_becomes_files_of_several_formats(ramp: playa.Comp, tmp_path: Path) -> None:
    outputs: list[Any] = [
        tmp_path / "exr" / "a.%04d.exr",
        {"path": tmp_path / "a.#.tif", "dtype": "float", "proxy": 2},
        {"path": str(tmp_path / "a.#.png"), "depth": 16, "alpha": True, "colour_space": "raw"},
    ]
    with playa.Profile() as profile:
        report = ramp.write(outputs, "2-8x3,15", cache=False)
    assert sum(row.pieces for row in profile.rows() if row.kind == "graph") == 4
    assert [frame["frame"] for frame in report["frames"]] == [2, 5, 8, 15]
    for number in (2, 5, 8, 15):
        np.testing.assert_array_equal(pixels(tmp_path / f"exr/a.{number:04}.exr"), np.full((6, 8, 4), number / 16))
        np.testing.assert_array_equal(pixels(tmp_path / f"a.{number}.tif"), np.full((3, 4, 4), number / 16))
        assert (tmp_path / f"a.{number}.png").stat().st_size > 0
    totals = report["totals"]
    assert (totals["frames"], totals["made"], totals["failed"], totals["interrupted"]) == (4, 4, 0, False)
    files = [file for frame in report["frames"] for file in frame["outputs"]]
    assert [Path(file["path"]).stat().st_size for file in files] == [file["bytes"] for file in files]
    assert totals["bytes"] == sum(file["bytes"] or 0 for file in files)
    assert report["outputs"] == [str(tmp_path / "exr/a.%04d.exr"), str(tmp_path / "a.#.tif"), str(tmp_path / "a.#.png")]


def test_good_files_are_skipped_and_damaged_ones_made_again(ramp: playa.Comp, tmp_path: Path) -> None:
    output = tmp_path / "a.####.exr"
    ramp.write(output)
    times = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    os.truncate(tmp_path / "a.0003.exr", 300)
    (tmp_path / "a.0007.exr").unlink()
    playa.Frame.from_numpy(np.ones((5, 5, 4), np.float32)).save(tmp_path / "a.0009.exr")
    report = ramp.write(output, existing="skip")
    made = [frame["frame"] for frame in report["frames"] if frame["outcome"] == "made"]
    assert made == [3, 7, 9]
    messages = [report["frames"][number]["outputs"][0]["message"] for number in made]
    assert "cannot be read" in str(messages[0]) and messages[1] is None and "5x5" in str(messages[2])
    for number in made:
        np.testing.assert_array_equal(pixels(tmp_path / f"a.{number:04}.exr"), np.full((6, 8, 4), number / 16))
    untouched = {path for path, time in times.items() if path.stat().st_mtime_ns == time}
    assert len(untouched) == 13
    with pytest.raises(playa.AttrValueError, match="the file is there already, and so are 15 others"):
        ramp.write(output, existing="error")


def test_a_function_gets_the_frames_in_order_also_those_whose_files_are_there(ramp: playa.Comp, tmp_path: Path) -> None:
    ramp.write(tmp_path / "a.#.exr", "0-7")
    whole: list[tuple[int, float]] = []
    small: list[tuple[int, tuple[int, ...]]] = []
    done: list[tuple[int, int, int]] = []
    report = ramp.write(
        [
            tmp_path / "a.#.exr",
            lambda number, frame: whole.append((number, float(frame.to_numpy()[3, 4, 0]))),
            {"sink": lambda number, frame: small.append((number, frame.to_numpy().shape)), "proxy": 4},
        ],
        existing="skip",
        workers=3,
        progress=lambda *news: done.append(news),
    )
    assert whole == [(number, number / 16) for number in range(16)]
    assert small == [(number, (2, 2, 4)) for number in range(16)]
    assert done == [(number + 1, 16, number) for number in range(16)]
    assert [frame["outcome"] for frame in report["frames"]] == ["skipped"] * 8 + ["made"] * 8
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(f"a.{number}.exr" for number in range(16))


def test_what_a_function_raises_ends_the_work(ramp: playa.Comp) -> None:
    came = []

    def sink(number: int, frame: playa.Frame) -> None:
        came.append(number)
        if number == 3:
            raise ZeroDivisionError("three")

    with pytest.raises(ZeroDivisionError, match="three"):
        ramp.write(sink)
    assert came == [0, 1, 2, 3]


def test_an_error_is_raised_or_stands_in_the_report(project: playa.Project, tmp_path: Path) -> None:
    for number in range(1, 5):
        playa.Frame.from_numpy(np.full((4, 6, 4), number, np.float32)).save(tmp_path / f"in.{number:04}.exr")
    comp = project.add_comp("Main", width=6, height=4)
    comp.add_layer(tmp_path / "in.####.exr", name="plate")
    (tmp_path / "in.0002.exr").unlink()
    came: list[int] = []
    outputs: list[Any] = [tmp_path / "out.#.exr", lambda number, frame: came.append(number)]
    with pytest.raises(playa.RenderError) as caught:
        comp.write(outputs, "1-4")
    assert (caught.value.frame, caught.value.node) == (2, "plate")
    came.clear()
    report = comp.write(outputs, "1-4", on_error="collect")
    assert came == [1, 3, 4]
    assert [frame["outcome"] for frame in report["frames"]] == ["made", "failed", "made", "made"]
    assert "frame 2" in str(report["frames"][1]["error"]) and "in.0002.exr" in str(report["frames"][1]["error"])
    assert (report["totals"]["made"], report["totals"]["failed"]) == (3, 1)
    with pytest.raises(playa.AttrValueError, match="footage of the project"):
        comp.write(tmp_path / "in.####.exr")


@pytest.mark.parametrize(
    ("outputs", "error", "text"),
    [
        ("a.#.gif", playa.AttrValueError, "must end in .exr"),
        ("a.exr", playa.AttrValueError, "16 frames cannot go to one file"),
        ([], playa.AttrValueError, "there is no output"),
        (3, playa.AttrTypeError, "found an object of type int"),
        ({"depth": 8}, playa.AttrValueError, 'has a "path" or a "sink"'),
        ({"path": "a.#.png", "dpeth": 8}, playa.AttrValueError, "did you mean `depth`"),
        ({"path": "a.#.exr", "compression": "lzw"}, playa.AttrValueError, "there is no compression"),
        ({"path": "a.#.png", "proxy": 3}, playa.AttrValueError, "expected 1, 2, 4 or 8"),
        ({"sink": print, "depth": 8}, playa.AttrValueError, "it has proxy"),
        ({"path": "a.#.png", "colour_space": "srgd"}, playa.AttrValueError, "srgb"),
        (["a.#.exr", "./a.%d.exr"], playa.AttrValueError, "the same files"),
    ],
)
def test_outputs_that_cannot_be_written_are_told_before(
    ramp: playa.Comp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outputs: Any, error: type, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error) as caught:
        ramp.write(outputs)
    assert text in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_other_arguments_are_checked(ramp: playa.Comp, tmp_path: Path) -> None:
    with pytest.raises(playa.AttrValueError, match="overwrite, skip, error"):
        ramp.write(tmp_path / "a.#.exr", existing="keep")  # type: ignore[arg-type]
    with pytest.raises(playa.AttrValueError, match='"raise" or "collect"'):
        ramp.write(tmp_path / "a.#.exr", on_error="ignore")  # type: ignore[arg-type]
    with pytest.raises(playa.AttrValueError, match="1 to 256"):
        ramp.write(tmp_path / "a.#.exr", workers=0)
