"""Projects of the original Playa open and render as the same project built by hand."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest

Open = Callable[[str], playa.Project]


@pytest.fixture
def open_fixture(repository: Path, footage: Path, tmp_path: Path) -> Open:
    """Opens a fixture in a folder with the footage that it names."""
    shutil.copytree(footage, tmp_path / "footage")

    def open_it(name: str) -> playa.Project:
        path = tmp_path / f"{name}.json"
        shutil.copyfile(repository / "tests/fixtures/original" / f"{name}.json", path)
        return playa.Project.load(path)

    return open_it


def same(comp: playa.Comp, expected: playa.Comp, frames: range = range(1, 9)) -> None:
    for frame in frames:
        assert (comp.render(frame).to_numpy() == expected.render(frame).to_numpy()).all(), frame
    assert any(expected.render(frame).to_numpy().any() for frame in frames)


@pytest.fixture
def main(footage: Path) -> playa.Comp:
    return playa.Project().add_comp("Main", width=96, height=54)


def test_layers(open_fixture: Open, main: playa.Comp, footage: Path) -> None:
    main.add_layer(footage / "bg.####.exr")
    main.add_layer(
        footage / "fg.####.exr",
        opacity=0.5,
        blend_mode="add",
        position=(10, -4, 0),
        rotation=(0, 0, 30),
        scale=(0.5, 0.75, 1),
        pivot=(3, 2, 0),
    )
    same(open_fixture("basic").get_comp("Main"), main)


def test_nested_comps(open_fixture: Open, main: playa.Comp, footage: Path) -> None:
    inner = main.project.add_comp("Inner", width=96, height=54)
    inner.add_layer(footage / "fg.####.exr", scale=(0.5, 0.5, 1))
    inner.trim_in, inner.trim_out = 2, 1
    main.add_layer(footage / "bg.####.exr")
    main.add_layer(inner, rotation=(0, 0, 90))
    same(open_fixture("nested").get_comp("Main"), main)


def test_effects(open_fixture: Open, main: playa.Comp, footage: Path) -> None:
    below = main.add_layer(footage / "bg.####.exr")
    below.add_effect("AdjustHSV", hue_shift=90, saturation=0.5, value=1.5)
    above = main.add_layer(footage / "fg.####.exr")
    above.add_effect("GaussianBlur", radius=6)
    above.add_effect("BrightnessContrast", brightness=0.125, contrast=-0.25)
    same(open_fixture("effects").get_comp("Main"), main)


def test_mattes(open_fixture: Open, main: playa.Comp, footage: Path) -> None:
    with pytest.warns(playa.ProjectWarning, match="has a matte that shows nothing"):
        original = open_fixture("mattes")
    red = main.add_layer(footage / "bg.####.exr")
    luminance = main.add_layer(footage / "fg.####.exr", visible=False)
    main.add_layer(footage / "fg.####.exr", opacity=0.25)
    main.add_layer(footage / "fg.####.exr", opacity=0.5)
    main.add_layer(footage / "bg.####.exr", scale=(0.5, 0.5, 1), matte=red, matte_channel="red")
    main.add_layer(footage / "fg.####.exr", position=(5, 0, 0), matte=luminance, matte_channel="luminance")
    same(original.get_comp("Main"), main)


def test_cameras(open_fixture: Open, main: playa.Comp, footage: Path) -> None:
    with pytest.warns(playa.ProjectWarning, match="in the order of their z"):
        original = open_fixture("camera")
    main.add_layer(footage / "bg.####.exr", position=(0, 0, -40))
    main.add_layer(footage / "fg.####.exr", position=(0, 0, -20), rotation=(0, 40, 0))
    camera = main.project.add_camera("flat", projection_type="orthographic", ortho_scale=2)
    main.add_layer(camera, position=(8, 0, 800))
    same(original.get_comp("Main"), main)


def test_texts(open_fixture: Open, main: playa.Comp, footage: Path) -> None:
    main.add_layer(footage / "bg.####.exr")
    plain = main.project.add_text("Aa")
    main.add_layer(plain, rotation=(0, 0, 20), **{"in": 1}, src_len=8, trim_out=3)
    # What the original put on the screen as 0.5 and 0.25 is so much light.
    half, quarter = (((code + 0.055) / 1.055) ** 2.4 for code in (0.5, 0.25))
    title = main.project.add_text("Hello\nWorld", font="DejaVu Sans", font_size=12.5, width=80, height=40)
    title.color, title.bg_color = (half, 1, 0, 0.75), (0, 0, quarter, 0.5)
    title.alignment, title.line_height = "right", 1.5
    main.add_layer(title, opacity=0.5, position=(4, -3, 0), **{"in": 1}, src_len=8)
    same(open_fixture("texts").get_comp("Main"), main)


def test_the_clock_of_layers(open_fixture: Open) -> None:
    with pytest.warns(playa.ProjectWarning, match="plays backwards"):
        comp = open_fixture("timing").get_comp("Main")
    for layer in comp.layers:
        layer.visible = layer.name == "trimmed file"
    alone = comp.render(4).to_numpy()
    # Comp frame 4 shows file 4 of fg: the file begins at its frame 3, on comp frame 3.
    expected = comp.project.add_comp("Alone", width=96, height=54)
    expected.add_layer(comp.layers[0].source)
    assert (alone == expected.render(4).to_numpy()).all()
    assert not comp.render(3).to_numpy().any()


def test_an_early_version(open_fixture: Open, main: playa.Comp, footage: Path) -> None:
    main.add_layer(footage / "bg.####.exr")
    same(open_fixture("early").get_comp("Main"), main)


def test_what_is_not_kept_is_warned_of_and_strict_refuses(open_fixture: Open, tmp_path: Path) -> None:
    with pytest.warns(playa.ProjectWarning) as caught:
        project = open_fixture("unknown")
    assert [diagnostic.line is not None for diagnostic in project.diagnostics] == [True] * len(caught)
    assert any("\"AI\"" in diagnostic.message for diagnostic in project.diagnostics)
    with pytest.raises(playa.ProjectFileError, match=r"unknown\.json:\d+: warning"):
        playa.Project.load(tmp_path / "unknown.json", strict=True)


def test_a_damaged_file_is_refused_with_its_line(open_fixture: Open, tmp_path: Path) -> None:
    with pytest.raises(playa.ProjectFileError, match=r"damaged\.json:\d+: EOF") as caught:
        open_fixture("damaged")
    assert caught.value.path == tmp_path / "damaged.json"


def test_it_is_saved_as_a_project_of_ours(open_fixture: Open, tmp_path: Path) -> None:
    project = open_fixture("basic")
    with pytest.raises(playa.ProjectFileError, match=r"NAME\.playa"):
        project.save(tmp_path / "again.json")
    project.save(tmp_path / "again.playa")
    assert playa.Project.load(tmp_path / "again.playa").to_json() == project.to_json()
    (tmp_path / "ours.json").write_text(project.to_json(), encoding="utf-8")
    assert playa.Project.load(tmp_path / "ours.json").to_json() == project.to_json()


def test_the_command_renders_it(open_fixture: Open, tmp_path: Path) -> None:
    project = open_fixture("basic")
    for command in (["info"], ["graph", "-F", "2"], ["render", "-F", "2", "--float", "-o", str(tmp_path / "out.####.exr")]):
        name, *options = command
        path = str(tmp_path / "basic.json")
        done = subprocess.run([sys.executable, "-m", "playa_py", name, path, *options], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    rendered = playa.Frame.load(tmp_path / "out.0002.exr").to_numpy()
    assert np.array_equal(rendered, project.get_comp("Main").render(2).to_numpy())
