"""Configs of OpenColorIO give what the C++ library gives, over whole pictures; and are reached by name from everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import OpenEXR
import playa_py as playa
import PyOpenColorIO as ocio
import pytest
from numpy.typing import NDArray
from PIL import Image

NAME = "cg-config-v4.0.0_aces-v2.0_ocio-v2.5"
CG = f"ocio://{NAME}"
ACES = "ACES 2.0 - SDR 100 nits (Rec.709)"
GAMUT = "ACES 1.3 Reference Gamut Compression"

SWEEP = pytest.mark.skipif("PLAYA_OCIO_SWEEP" not in os.environ, reason="takes minutes: set PLAYA_OCIO_SWEEP=1")


def odd_pixels() -> NDArray[np.float32]:
    """Dark, bright, negative, tiny, huge, infinite values and NaN in every combination of three."""
    values = [0, -0.0, 1e-7, 1e-3, 0.18, 0.5, 1, 1.5, 16, 1000, 65504, -1e-4, -0.2, -10, np.inf, -np.inf, np.nan]
    grid = np.stack(np.meshgrid(values, values, values), axis=-1).reshape(-1, 3)
    alphas = np.resize([1, 0, 0.5], len(grid))
    return np.column_stack([grid, alphas]).astype(np.float32)


def picture(shared: Path, name: str = "rgba/Carrots.exr", step: int = 1) -> NDArray[np.float32]:
    pixels = playa.Frame.load(shared / "media" / name).to_numpy()
    return np.ascontiguousarray(pixels[::step, ::step].reshape(-1, 4), np.float32)


def by_ocio(pixels: NDArray, processor: ocio.Processor) -> NDArray[np.float32]:
    result = pixels.copy()
    processor.getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS).applyRGBA(result)
    return result


def assert_same(found: NDArray, expected: NDArray, what: object, error: float = 1e-6) -> float:
    """Colour within an error of the largest of red, green and blue, whose last bit a matrix may leave of them, or of 1; the
    same are NaN and infinite.
    """
    found, expected = found[..., :3], expected[..., :3]
    size = np.abs(np.where(np.isfinite(expected), expected, 0)).max(axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(found.astype(np.float64) - expected) / np.maximum(size, 1)
    apart[(found == expected) | (np.isnan(found) & np.isnan(expected))] = 0
    worst = float(apart.max())
    assert worst <= error, f"{what}: {worst:.2e} apart, {np.count_nonzero(~(apart <= error))} values"
    return worst


def check_config(name: str, pixels: NDArray[np.float32]) -> float:
    """All spaces to and from that of `scene_linear`, and all views of all displays."""
    config = ocio.Config.CreateFromBuiltinConfig(name)
    project = playa.Project()
    project.colour_config = f"ocio://{name}"
    listed = playa.colour_config(f"ocio://{name}")
    assert [space.name for space in listed.spaces] == list(config.getColorSpaceNames())
    light, alpha, worst = listed.roles["scene_linear"], pixels[..., 3:], 0.0
    for space in listed.spaces:
        for source, target in ((space.name, light), (light, space.name)):
            found = playa.convert_colour(pixels, source, target, project=project)
            assert ((found[..., 3:] == alpha) | np.isnan(alpha)).all()
            expected = by_ocio(pixels, config.getProcessor(source, target))
            worst = max(worst, assert_same(found, expected, (source, target)))
    assert listed.displays == {display: tuple(config.getViews(display)) for display in config.getDisplays()}
    straight = np.column_stack([pixels[..., :3], np.ones(len(pixels), np.float32)])
    frame = playa.Frame.from_numpy(straight[None]).convert(light, config=f"ocio://{name}")
    straight = frame.to_numpy()[0]
    for display, views in listed.displays.items():
        for view in views:
            found = frame.to_display(display, view, config=f"ocio://{name}", dtype="float32")[0]
            processor = config.getProcessor(light, display, view, ocio.TRANSFORM_DIR_FORWARD)
            worst = max(worst, assert_same(found, by_ocio(straight, processor), (display, view)))
    return worst


def test_odd_values_become_what_opencolorio_makes_of_them() -> None:
    check_config(NAME, odd_pixels())


def test_a_picture_becomes_what_opencolorio_makes_of_it(shared: Path) -> None:
    check_config(NAME, picture(shared, step=6))


@SWEEP
@pytest.mark.parametrize("name", [name.removeprefix("ocio://") for name in playa.colour_configs()])
def test_every_config_over_whole_pictures(name: str, shared: Path) -> None:
    check_config(name, odd_pixels())
    for file in ("rgba/Carrots.exr", "rgba/CandleGlass.exr", "rgba/StillLife.exr", "colour/WideColorGamut.exr"):
        print(name, file, f"{check_config(name, picture(shared, file)):.2e}")


def test_looks_are_those_of_the_view_or_those_that_are_asked_for() -> None:
    config, pixels = ocio.Config.CreateFromBuiltinConfig(NAME), odd_pixels()
    pixels[:, 3] = 1
    frame = playa.Frame.from_numpy(pixels[None]).convert("acescg")
    pipeline = ocio.LegacyViewingPipeline()
    pipeline.setDisplayViewTransform(ocio.DisplayViewTransform("ACEScg", "sRGB - Display", ACES))
    pipeline.setLooksOverrideEnabled(True)
    codes = {}
    for looks in (GAMUT, f"-{GAMUT}", ""):
        pipeline.setLooksOverride(looks)
        codes[looks] = frame.to_display("srgb - display", ACES.upper(), looks=looks, config=CG, dtype="float32")[0]
        assert_same(codes[looks], by_ocio(frame.to_numpy()[0], pipeline.getProcessor(config)), looks)
    assert np.nanmax(np.abs(codes[GAMUT] - codes[""])) > 0.01
    plain = frame.to_display(config=CG, dtype="float32")[0]
    np.testing.assert_array_equal(plain, codes[""], "the first display and view, which has no look")


def test_codes_are_rounded_and_alpha_stands_beside_them() -> None:
    light = np.full((4, 6, 4), (0.09, 0.18, -1, 0.5), np.float32)
    light[0] = (0.18, 0.18, 0.18, 0)
    light[1] = np.nan
    frame = playa.Frame.from_numpy(light, display_window=(0, 0, 7, 4))
    floats = frame.to_display("sRGB - Display", "Un-tone-mapped", config=CG, dtype="float32", exposure=1)
    assert floats.shape == (4, 7, 4) and (floats[:, 6] == 0).all()
    srgb = np.array([1.055 * 0.36 ** (1 / 2.4) - 0.055, 1.055 * 0.72 ** (1 / 2.4) - 0.055])
    assert np.abs(floats[0, 0, :3] - srgb[0]).max() < 1e-6 and floats[0, 0, 3] == 0, "light without alpha is as it is"
    assert np.abs(floats[2, 0, :2] - srgb).max() < 1e-6 and floats[2, 0, 3] == 0.5
    for dtype, largest in (("uint8", 255), ("uint16", 65535)):
        codes = frame.to_display("sRGB - Display", "Un-tone-mapped", config=CG, dtype=dtype, exposure=1)
        assert codes.dtype == dtype
        expected = np.floor(np.clip(np.nan_to_num(floats), 0, 1).astype(np.float32) * np.float32(largest) + np.float32(0.5))
        assert (codes == expected).all()
    for wrong in ({"dtype": "int8"}, {"exposure": np.inf}):
        with pytest.raises(playa.AttrValueError, match=f"{next(iter(wrong))}="):
            frame.to_display(config=CG, **wrong)


def test_built_in_spaces_and_those_of_a_config_meet() -> None:
    """By `aces_interchange`, or by what OpenColorIO's heuristics find."""
    pixels, config = odd_pixels(), ocio.Config.CreateFromBuiltinConfig(NAME)
    pixels = pixels[np.isfinite(pixels).all(axis=1)]
    project = playa.Project()
    project.colour_config = CG
    for built_in, theirs, other in (("linear", "lin_rec709", "ACEScct"), ("xyz-d65", "CIE XYZ-D65 - Scene-referred", "ACEScg")):
        for source, target, names in ((built_in, other, (theirs, other)), (other, built_in, (other, theirs))):
            # What is infinite in between, as codes of a logarithm far above 1 are, is not the same in one matrix and in two.
            some = pixels[(np.abs(pixels) <= 1.5).all(axis=1)] if source == "ACEScct" else pixels
            found = playa.convert_colour(some, source, target, project=project)
            # Light of 65504 cancels in a matrix down to what a logarithm makes visible, here in one and there in two of them.
            assert_same(found, by_ocio(some, config.getProcessor(*names)), (source, target), 4e-6)
    # Powers of OpenColorIO go on as a line below 0.
    codes = np.abs(pixels)
    found = playa.convert_colour(codes, "display-p3", "ACEScg", project=project)
    assert_same(found, by_ocio(codes, config.getProcessor("srgb_p3d65", "ACEScg")), "display-p3", 2e-6)


OWN = """\
ocio_profile_version: 2.1
environment: {SHOT_GAIN: "2"}
search_path: luts
strictparsing: true
roles: {default: raw, scene_linear: lin, $INTERCHANGE}
file_rules:
  - !<Rule> {name: Plates, colorspace: half, pattern: "*plate*", extension: "*"}
  - !<Rule> {name: Default, colorspace: raw}
displays:
  monitor:
    - !<View> {name: Film, colorspace: film, looks: warm}
    - !<View> {name: Plain, colorspace: film}
active_displays: []
active_views: []
looks:
  - !<Look> {name: warm, process_space: lin, transform: !<MatrixTransform> {matrix: [2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 1]}}
colorspaces:
  - !<ColorSpace> {name: lin, aliases: [the light], description: Light., isdata: false, encoding: scene-linear}
  - !<ColorSpace> {name: half, isdata: false, to_scene_reference: !<MatrixTransform> {matrix: [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 1]}}
  - !<ColorSpace> {name: film, isdata: false, from_scene_reference: !<FileTransform> {src: film.spi1d, interpolation: linear}}
  - !<ColorSpace> {name: raw, isdata: true}
"""
LUT = "Version 1\nFrom 0.0 1.0\nLength 3\nComponents 1\n{\n0.0\n0.75\n1.0\n}\n"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A config whose light is that of AP0, with a table of numbers beside it."""
    (tmp_path / "luts").mkdir()
    (tmp_path / "luts" / "film.spi1d").write_text(LUT)
    file = tmp_path / "own.ocio"
    file.write_text(OWN.replace("$INTERCHANGE", "aces_interchange: lin"))
    return file


def test_a_config_of_ones_own_is_read_from_its_file(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = playa.colour_config(own)
    assert isinstance(config, playa.ColourConfig) and config.name == str(own)
    assert [space.name for space in config.spaces] == ["lin", "half", "film", "raw"]
    assert [space.linear for space in config.spaces] == [True, False, False, False], "half of light is no gamut"
    assert config.spaces[0].aliases == ("the light",) and config.spaces[0].doc == "Light."
    assert config.roles["scene_linear"] == "lin" and config.looks == ("warm",)
    assert config.displays == {"monitor": ("Film", "Plain")}
    light = playa.Frame.from_numpy(np.zeros((1, 1))).convert("aces2065-1").metadata
    frame = playa.Frame.from_numpy(np.full((2, 3, 3), (0.25, 0.5, 0.5), np.float32), metadata=light)
    film = lambda v: np.interp(v, [0, 0.5, 1], [0, 0.75, 1])  # noqa: E731
    for view, looks, expected in (("Plain", None, (0.25, 0.5, 0.5)), (None, None, (0.5, 0.5, 0.25)), ("Film", "", (0.25, 0.5, 0.5))):
        codes = frame.to_display(None, view, looks=looks, config=own, dtype="float32")
        assert np.abs(codes[0, 0, :3] - film(expected)).max() < 1e-6, (view, looks)
    monkeypatch.setenv("OCIO", str(own))
    assert playa.colour_config("$OCIO").displays == config.displays
    monkeypatch.setenv("OCIO", "ocio://default")
    assert playa.colour_config("$OCIO").displays == playa.colour_config(CG).displays
    monkeypatch.delenv("OCIO")
    with pytest.raises(playa.AttrValueError, match=r"`\$OCIO`: this variable of the environment is not set"):
        playa.colour_config("$OCIO")
    own.write_text(own.read_text().replace("name: Plain", "name: Simple"))
    os.utime(own, ns=(1, 1))
    assert playa.colour_config(own).displays == {"monitor": ("Film", "Simple")}, "a file that changed is read again"


def test_without_a_space_that_both_know_only_the_configs_own_are_found(own: Path) -> None:
    own.write_text(OWN.replace("$INTERCHANGE", "data: raw"))
    project = playa.Project()
    with pytest.raises(playa.AttrValueError, match="no colour space or role `linear`"):
        project.colour_config = own
    assert project.colour_config == "", "what fails changes nothing"


def shown(project: playa.Project, source: object, frame: int = 0, **size: int) -> playa.Frame:
    comp = project.add_comp("Main", width=size.get("width", 6), height=size.get("height", 4))
    comp.add_layer(source)
    return comp.render(frame)


def test_layers_come_through_the_config_into_the_working_space(own: Path, tmp_path: Path) -> None:
    """Fused into tiles, on straight colour, the file rules of the config after the file's own word."""
    codes = np.random.default_rng(5).integers(0, 256, (40, 60, 4), dtype=np.uint8)
    Image.fromarray(codes).save(tmp_path / "plate.png")
    project = playa.Project()
    project.attrs.update(colour_config=str(own), working_space="scene_linear")
    told = playa.explain_colour(tmp_path / "plate.png", project)
    assert (told.space, told.by, told.working_space) == ("half", "config", "lin")
    assert 'file rule "Plates" of the config' in told.why and told.otherwise[0].by == "type"
    frame = shown(project, tmp_path / "plate.png", width=60, height=40)
    alpha = codes[..., 3:] / 255
    assert np.abs(frame.to_numpy() - np.dstack([codes[..., :3] / 255 * 0.5 * alpha, alpha])).max() < 1e-6
    assert frame.colour_space == "aces2065-1"
    project.media[0].colour_space = "FILM"
    assert playa.explain_colour(tmp_path / "plate.png", project).steps == ("film to lin by OpenColorIO (Lut1D)",)
    frame = shown(project, tmp_path / "plate.png", width=60, height=40)
    light = np.interp(codes[..., :3] / 255, [0, 0.75, 1], [0, 0.5, 1])
    visible = alpha[..., 0] > 0
    assert np.abs(frame.to_numpy()[visible] - np.dstack([light * alpha, alpha])[visible]).max() < 1e-6
    project.media[0].colour_space = ""
    frame.save(tmp_path / "tagged.exr")
    (tmp_path / "tagged.exr").rename(tmp_path / "plate.exr")
    told = playa.explain_colour(tmp_path / "plate.exr", project)
    assert (told.by, told.space, told.steps) == ("tag", "aces2065-1", ())
    assert [word.by for word in told.otherwise] == ["config", "type"] and told.otherwise[1].space == "lin"
    kinds = [node["kind"] for node in project.comps[0].graph(0)["nodes"]]
    assert kinds.count("colour") == 1, "a step of its own, which is made tile by tile"


def test_a_comp_in_aces_is_what_opencolorio_makes_of_its_source(shared: Path, tmp_path: Path) -> None:
    config, path = ocio.Config.CreateFromBuiltinConfig(NAME), shared / "media" / "rgba" / "CandleGlass.exr"
    source = playa.Frame.load(path).to_numpy()
    project = playa.Project()
    project.attrs.update(colour_config=CG, working_space="scene_linear", colour_rules=[("*.exr", "sRGB - Texture")])
    frame = shown(project, path, width=source.shape[1], height=source.shape[0])
    window = playa.Frame.load(path)
    assert window.data_window == window.display_window, "so that both arrays lie on each other"
    by = np.where(source[..., 3:] > 0, source[..., 3:], 1)
    straight = np.dstack([source[..., :3] / by, source[..., 3]]).reshape(-1, 4)
    expected = by_ocio(straight, config.getProcessor("sRGB - Texture", "ACEScg")).reshape(source.shape)
    assert_same(frame.to_numpy(), np.dstack([expected[..., :3] * by, source[..., 3]]), "the comp", 2e-6)
    assert (frame.to_numpy()[..., 3] == source[..., 3]).all()
    frame.save(tmp_path / "view.png", display="sRGB - Display", view=ACES, config=project.colour_config, depth=16, alpha=False)
    codes = np.asarray(playa.Frame.load(tmp_path / "view.png", colour_space="raw").to_numpy())[..., :3]
    display = config.getProcessor("ACEScg", "sRGB - Display", ACES, ocio.TRANSFORM_DIR_FORWARD)
    light = frame.to_numpy()
    by = np.where(light[..., 3:] > 0, light[..., 3:], 1)
    straight = np.ascontiguousarray(np.dstack([light[..., :3] / by, light[..., 3]]).reshape(-1, 4))
    seen = by_ocio(straight, display).reshape(light.shape)[..., :3] * by
    assert np.abs(codes - np.clip(seen, 0, 1)).max() <= 0.51 / 65535 + 2e-6


def test_frames_are_written_and_read_in_spaces_of_a_config(tmp_path: Path) -> None:
    light = np.random.default_rng(4).uniform(-0.2, 3, (20, 30, 4)).astype(np.float32)
    light[..., 3] = 1
    frame, path = playa.Frame.from_numpy(light).convert("acescg"), tmp_path / "a.exr"
    config = ocio.Config.CreateFromBuiltinConfig(NAME)
    for name, interop, gamut in (
        ("ACEScct", "ocio:acescct_ap1_scene", None),
        ("texture_paint", "srgb_rec709_scene", None),
        ("lin_rec2020", "lin_rec2020_scene", "lin_rec2020"),
    ):
        frame.save(path, colour_space=name, config=CG)
        stored = OpenEXR.File(str(path), separate_channels=True)
        planes = np.stack([stored.channels()[channel].pixels for channel in "RGB"], axis=-1)
        expected = by_ocio(frame.to_numpy().reshape(-1, 4), config.getProcessor("ACEScg", name))
        assert_same(planes.reshape(-1, 3), expected, name, 2e-6)
        assert stored.header().get("colorInteropID") == interop
        assert ("chromaticities" in stored.header()) == (gamut is not None)
        back = playa.Frame.load(path, colour_space=name, config=CG)
        assert back.colour_space == (gamut or "acescg")
        assert_same(back.convert("acescg").to_numpy(), frame.to_numpy(), name, 4e-6)
    frame.save(path, colour_space="ACEScct", config=CG)
    project = playa.Project()
    with pytest.raises(playa.MediaError, match='colorInteropID "ocio:acescct_ap1_scene": that space is not built in'):
        playa.explain_colour(path, project)
    project.colour_config = CG
    told = playa.explain_colour(path, project)
    assert (told.space, told.by) == ("ACEScct", "tag"), "the config knows what is not built in"
    frame.save(path, display="Rec.2100-PQ - Display", config=CG)
    header = OpenEXR.File(str(path)).header()
    assert "chromaticities" not in header and "colorInteropID" not in header, "codes are no light"
    assert frame.convert("scene_linear", config=CG).colour_space == "acescg"
    with pytest.raises(playa.AttrValueError, match="frame holds light"):
        frame.convert("ACEScct", config=CG)
    with pytest.raises(playa.AttrValueError, match="leave one of both out"):
        frame.save(path, colour_space="ACEScct", display="sRGB - Display", config=CG)
    with pytest.raises(playa.AttrValueError, match="give `config`"):
        frame.save(path, view="Raw")


def test_the_config_of_a_project_is_saved_and_undone(own: Path, tmp_path: Path) -> None:
    project = playa.Project()
    project.colour_config = own
    assert project.colour_config == str(own)
    project.working_space = "the light"
    project.save(tmp_path / "shot.playa")
    assert 'colour_config = "own.ocio"' in (tmp_path / "shot.playa").read_text()
    again = playa.Project.load(tmp_path / "shot.playa")
    assert (again.colour_config, again.working_space) == (str(own), "the light") and not again.diagnostics
    with pytest.raises(playa.AttrValueError, match="no colour space `the light`"):
        again.colour_config = None
    again.attrs.update(colour_config="", working_space="acescg")
    again.undo()
    assert again.colour_config == str(own)
    again.attrs.update(colour_config=CG, working_space="scene_linear")
    again.save(tmp_path / "shot.playa")
    assert f'colour_config = "{CG}"' in (tmp_path / "shot.playa").read_text()
    own.unlink()
    project.save(tmp_path / "shot.playa")
    with pytest.warns(playa.ProjectWarning, match="own.ocio"):
        lost = playa.Project.load(tmp_path / "shot.playa")
    assert "own.ocio`: No such file" in str(lost.diagnostics[0])


WRONG = {
    "no name": (lambda: playa.colour_config("ocio://cg-config-v4.0.1"), "did you mean `ocio://cg-config"),
    "no file": (lambda: playa.colour_config("nowhere.ocio"), "expected the path of an .ocio or .ocioz file"),
    "no folder": (lambda: playa.colour_config("."), "it is no file"),
    "display": (lambda: FRAME.to_display("sRGB - Dispaly", config=CG), "did you mean `sRGB - Display`"),
    "view": (lambda: FRAME.to_display(view="Rav", config=CG), "`sRGB - Display` with the view `Rav` .did you mean `Raw`"),
    "look": (lambda: FRAME.to_display(looks="+nice", config=CG), f"no look `nice` in the config {CG}; there are: {GAMUT}"),
    "space": (lambda: FRAME.save("x.exr", colour_space="ACEScgg", config=CG), "did you mean `ACEScg`.*in the config"),
}
FRAME = playa.Frame.from_numpy(np.zeros((2, 2, 4), np.float32))


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_there_is_told_with_what_is(case: str) -> None:
    work, message = WRONG[case]
    with pytest.raises(playa.AttrValueError, match=message):
        work()


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.ocio").open("wb") as file:
        file.truncate((256 << 20) + 1)
    with pytest.raises(playa.AttrValueError, match="268435457 bytes are more than the 268435456 that a config may have"):
        playa.colour_config(tmp_path / "large.ocio")


@pytest.mark.parametrize("text", ["", "{", "ocio_profile_version: 9", "\0\1\2", "ocio_profile_version: 2\nroles: [", OWN])
def test_what_is_no_config_is_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / "bad.ocio").write_text(text)
    with pytest.raises(playa.AttrValueError, match="colour config `.*bad.ocio`"):
        playa.colour_config(tmp_path / "bad.ocio")


def run(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "playa_py", *map(str, args)], capture_output=True, text=True)


def test_the_command_lists_configs_and_renders_for_displays(own: Path, tmp_path: Path) -> None:
    out = run("colour", own)
    assert out.returncode == 0, out.stderr
    for part in ("Spaces", "lin   Light. [the light]", "Roles", "Displays, and their views\nmonitor  Film, Plain", "Looks\nwarm"):
        assert part in out.stdout, out.stdout
    out = run("colour", CG, tmp_path / "no.ocio", "--json")
    told = json.loads(out.stdout)
    assert out.returncode == 1 and [entry["ok"] for entry in told] == [True, False]
    assert told[0]["has"]["roles"]["scene_linear"] == "ACEScg" and told[0]["has"]["displays"][0]["views"][0] == ACES
    project = playa.Project()
    project.attrs.update(colour_config=CG, working_space="scene_linear")
    comp = project.add_comp("Main", width=6, height=4)
    comp.add_layer(project.add_solid("S", color=(0.5, 0.2, 0.1)))
    project.save(tmp_path / "shot.playa")
    frame = comp.render(0)
    out = run("render", tmp_path / "shot.playa", "-o", tmp_path / "a.png", "-F", 0, "--view", ACES, "--looks", GAMUT)
    assert out.returncode == 0, out.stderr
    expected = frame.to_display(view=ACES, looks=GAMUT, config=CG)
    assert (np.asarray(Image.open(tmp_path / "a.png").convert("RGBA")) == expected).all()
    out = run("render", tmp_path / "shot.playa", "-o", tmp_path / "a.exr", "-F", 0, "--float", "--colour", "compositing_log")
    assert out.returncode == 0, out.stderr
    frame.save(tmp_path / "b.exr", colour_space="ACEScct", config=CG)
    a, b = (playa.Frame.load(tmp_path / name, colour_space="raw").to_numpy() for name in ("a.exr", "b.exr"))
    assert (a == b).all()
    out = run("render", tmp_path / "shot.playa", "-o", tmp_path / "c.png", "-F", 0, "--display", "sRGB")
    assert out.returncode == 2 and "there is no display `sRGB` in the config" in out.stderr
