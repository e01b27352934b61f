"""Colour spaces are what formulas and OpenColorIO say, files are taken for what they are, and layers meet in one space."""

import json
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

D65, D60 = (0.3127, 0.3290), (0.32168, 0.33767)
GAMUTS = {
    "linear": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65),
    "lin_rec2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65),
    "lin_p3d65": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65),
    "lin_adobergb": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), D65),
    "acescg": ((0.713, 0.293), (0.165, 0.830), (0.128, 0.044), D60),
    "aces2065-1": ((0.7347, 0.2653), (0.0, 1.0), (0.0001, -0.077), D60),
}
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])

CONFIG = "cg-config-v2.2.0_aces-v1.3_ocio-v2.4"


def xyz(xy: tuple[float, float]) -> NDArray[np.float64]:
    return np.array([xy[0] / xy[1], 1, (1 - xy[0] - xy[1]) / xy[1]])


def to_xyz(name: str) -> NDArray[np.float64]:
    """SMPTE RP 177."""
    *primaries, white = GAMUTS[name]
    lights = np.array([[x, y, 1 - x - y] for x, y in primaries]).T
    return lights * np.linalg.solve(lights, xyz(white))


def matrix(source: str, target: str) -> NDArray[np.float64]:
    a, b = (BRADFORD @ xyz(GAMUTS[name][3]) for name in (source, target))
    adapted = np.linalg.solve(BRADFORD, np.diag(b / a) @ BRADFORD)
    return np.linalg.solve(to_xyz(target), adapted @ to_xyz(source))


def odd(curve):
    return lambda v: np.copysign(curve(np.abs(v)), v)


def cineon(v: NDArray) -> NDArray:
    black = 10 ** ((95 - 685) * 0.002 / 0.6)
    return (10 ** ((1023 * v - 685) * 0.002 / 0.6) - black) / (1 - black)


def acescct(v: NDArray) -> NDArray:
    return np.where(v <= 0.155251141552511, (v - 0.0729055341958355) / 10.5402377416545, 2 ** (v * 17.52 - 9.72))


DECODE = {
    "srgb": odd(lambda v: np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)),
    "rec709": odd(lambda v: np.where(v < 0.081, v / 4.5, ((v + 0.099) / 1.099) ** (1 / 0.45))),
    "bt1886": odd(lambda v: v**2.4),
    "gamma24": odd(lambda v: v**2.4),
    "gamma22": odd(lambda v: v**2.2),
    "gamma18": odd(lambda v: v**1.8),
    "cineon": cineon,
    "acescct": acescct,
}


def ramp(low: float, high: float, count: int = 90_000) -> NDArray[np.float32]:
    """Every part of a range in each of red, green and blue, the three far from each other."""
    values = np.linspace(low, high, count, dtype=np.float32)
    return np.stack([values, np.roll(values, count // 3), np.roll(values, -count // 3)], axis=-1).reshape(-1, 300, 3)


def assert_close(found: NDArray, expected: NDArray, error: float = 1e-6) -> None:
    """Within an error of the largest of red, green and blue, or of 1."""
    size = np.maximum(np.abs(expected).max(axis=-1, keepdims=True), 1)
    worst = np.max(np.abs(found - expected) / size)
    assert worst <= error, f"{worst:.3e}"


@pytest.mark.parametrize("name", DECODE)
def test_curves_are_those_of_their_formulas(name: str) -> None:
    codes = ramp(-0.25, 1.0) if name in ("cineon", "acescct") else ramp(-2, 8)
    linear = "acescg" if name == "acescct" else "linear"
    light = playa.convert_colour(codes, name, linear)
    assert light.dtype == np.float32 and light.shape == codes.shape
    assert_close(light, DECODE[name](codes.astype(np.float64)), 2e-6 if name in ("cineon", "acescct") else 1e-6)
    back = playa.convert_colour(DECODE[name](codes.astype(np.float64)), linear, name)
    if name == "rec709":  # its constants are rounded: there its pieces do not meet
        gap = (np.abs(codes) > 0.08) & (np.abs(codes) < 0.082)
        back, codes = np.where(gap, 0, back), np.where(gap, 0, codes)
    assert_close(back, codes, 3e-6)


@pytest.mark.parametrize("source", GAMUTS)
@pytest.mark.parametrize("target", GAMUTS)
def test_matrices_are_those_of_their_primaries(source: str, target: str) -> None:
    light = ramp(-4, 100)
    assert_close(playa.convert_colour(light, source, target), light.astype(np.float64) @ matrix(source, target).T)


def by_ocio(pixels: NDArray, source: str, target: str) -> NDArray:
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    processor = config.getProcessor(source, target).getOptimizedCPUProcessor(ocio.OPTIMIZATION_LOSSLESS)
    result = np.ascontiguousarray(pixels, np.float32).copy()
    processor.applyRGB(result)
    return result


@pytest.mark.parametrize(
    "name", ["srgb", "gamma18", "gamma22", "gamma24", "display-p3", "adobergb", "acescct", "acescg", "lin_p3d65", "lin_rec2020"]
)
def test_spaces_are_those_of_opencolorio(name: str) -> None:
    config = ocio.Config.CreateFromBuiltinConfig(CONFIG)
    spaces = {space.name: space for space in playa.colour_spaces()}
    names = spaces.get(name, spaces["bt1886"]).aliases
    theirs = next(alias for alias in (name, *names) if config.getColorSpace(alias))
    if name == "acescct":
        codes = ramp(-0.25, 1.0)
    else:  # below 0 powers are mirrored here; theirs go on as a line, are cut, or pass
        codes = ramp(-1 if spaces.get(name, spaces["bt1886"]).linear else 0, 4)
    # Both round to floats: theirs is off by as much.
    assert_close(playa.convert_colour(codes, name, "aces2065-1"), by_ocio(codes, theirs, "ACES2065-1"), 2e-6)
    assert_close(playa.convert_colour(codes, theirs, "linear"), by_ocio(codes, theirs, "lin_rec709"), 2e-6)


def test_alpha_stays_and_other_arrays_are_refused() -> None:
    pixels = np.array([[0.5, 0.25, 0.125, 0.5]])
    assert playa.convert_colour(pixels, "srgb", "linear")[0, 3] == 0.5
    assert (pixels == [[0.5, 0.25, 0.125, 0.5]]).all(), "what was given is not changed"
    for wrong in (np.zeros((4, 2)), np.zeros(0), 1.0):
        with pytest.raises(playa.ArrayError, match="3 or 4 values"):
            playa.convert_colour(wrong, "srgb", "linear")
    with pytest.raises(playa.AttrValueError, match="`sgrb`.*did you mean `srgb`"):
        playa.convert_colour(pixels, "sgrb", "linear")


def test_spaces_are_listed() -> None:
    spaces = {space.name: space for space in playa.colour_spaces(playa.Project())}
    assert isinstance(spaces["srgb"], playa.ColourSpace)
    assert spaces["acescg"].linear and "lin_ap1" in spaces["acescg"].aliases
    assert not spaces["srgb"].linear and "sRGB - Texture" in spaces["srgb"].aliases
    assert "raw" in spaces and all(space.doc.endswith(".") for space in spaces.values())


def png(path: Path, codes: NDArray) -> Path:
    Image.fromarray(codes).save(path)
    return path


@pytest.fixture
def still(tmp_path: Path) -> Path:
    codes = np.random.default_rng(3).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    return png(tmp_path / "still.png", codes)


def shown(path: Path | playa.Frame | NDArray, **attrs: object) -> NDArray[np.float64]:
    """What a comp of its size shows of a picture alone, in a project with these attributes."""
    project = playa.Project()
    project.attrs.update(**attrs)
    frame = path if isinstance(path, playa.Frame) else None
    size = frame or (playa.Frame.load(path) if isinstance(path, Path) else playa.Frame.from_numpy(path))
    comp = project.add_comp("Main", width=size.width, height=size.height)
    comp.add_layer(path)
    return comp.render(0).to_numpy()[..., :3].astype(np.float64)


def test_layers_of_any_kind_are_brought_into_the_working_space(still: Path, tmp_path: Path) -> None:
    codes = np.asarray(Image.open(still)) / 255
    expected = DECODE["srgb"](codes) @ matrix("linear", "acescg").T
    assert_close(shown(still, working_space="acescg"), expected)
    assert_close(shown(still), DECODE["srgb"](codes))
    light = np.dstack([DECODE["srgb"](codes), np.ones(codes.shape[:2])]).astype(np.float32)
    exr = tmp_path / "light.exr"
    playa.Frame.from_numpy(light.copy()).save(exr)
    for source in (exr, light, playa.Frame.from_numpy(light.copy()).convert("lin_rec2020")):
        assert_close(shown(source, working_space="ACEScg"), expected)


def test_what_the_project_paints_looks_the_same_in_any_working_space() -> None:
    frames = []
    for working in ("linear", "acescg"):
        project = playa.Project()
        project.working_space = working
        comp = project.add_comp("Main", width=64, height=40)
        comp.add_layer(project.add_solid("S", color=(0.2, 0.8, 0.1, 0.5)))
        comp.add_layer(project.add_text("ab", font_size=30, color=(1, 0.2, 0, 1)))
        frames.append(comp.render(0))
    assert [frame.colour_space for frame in frames] == ["linear", "acescg"]
    assert_close(frames[1].convert("linear").to_numpy()[..., :3], frames[0].to_numpy()[..., :3])
    assert np.abs(frames[0].to_numpy() - frames[1].to_numpy()).max() > 0.05


def test_a_frame_tells_what_its_light_is_and_is_shown_and_saved_so(still: Path, tmp_path: Path) -> None:
    project = playa.Project()
    project.working_space = "acescg"
    comp = project.add_comp("Main", width=60, height=40)
    comp.add_layer(still)
    frame = comp.render(0)
    assert frame.colour_space == "acescg" and "chromaticities" in frame.metadata
    codes = np.asarray(Image.open(still))
    assert np.abs(frame.tonemap()[..., :3].astype(int) - codes).max() <= 1
    frame.save(tmp_path / "a.png")
    assert np.abs(np.asarray(Image.open(tmp_path / "a.png"))[..., :3].astype(int) - codes).max() <= 1
    frame.save(tmp_path / "a.exr")
    header = OpenEXR.File(str(tmp_path / "a.exr")).header()
    assert np.allclose(header["chromaticities"], np.ravel(GAMUTS["acescg"]), atol=1e-6)
    assert_close(shown(tmp_path / "a.exr"), DECODE["srgb"](codes / 255), 2e-6)
    plain = comp.render(0).convert("linear")
    plain.save(tmp_path / "b.exr")
    assert "chromaticities" not in OpenEXR.File(str(tmp_path / "b.exr")).header()
    for wrong in ("srgb", "raw"):
        with pytest.raises(playa.AttrValueError, match="linear space"):
            frame.convert(wrong)


def test_files_are_written_and_read_in_a_space_that_is_asked_for(tmp_path: Path) -> None:
    light = np.random.default_rng(4).uniform(-0.2, 3, (20, 30, 4)).astype(np.float32)
    light[..., 3] = 1
    frame = playa.Frame.from_numpy(light)
    for name, interop in (("aces2065-1", "lin_ap0_scene"), ("srgb", "srgb_rec709_scene"), ("cineon", None)):
        path = tmp_path / f"{name}.exr"
        frame.save(path, colour_space=name)
        stored = OpenEXR.File(str(path), separate_channels=True)
        assert stored.header().get("colorInteropID") == interop
        planes = np.stack([stored.channels()[channel].pixels for channel in "RGB"], axis=-1)
        assert_close(planes, playa.convert_colour(light[..., :3], "linear", name), 0)
        back = playa.Frame.load(path, colour_space=name).convert("linear")
        black = 10 ** ((95 - 685) * 0.002 / 0.6)
        least = -black / (1 - black) if name == "cineon" else -1
        assert_close(back.to_numpy()[..., :3], np.maximum(light[..., :3], least), 4e-6)
        assert (playa.Frame.load(path, colour_space="raw").to_numpy()[..., :3] == planes).all()
    frame.save(tmp_path / "a.png", colour_space="gamma22", depth=16)
    codes = playa.Frame.load(tmp_path / "a.png", colour_space="raw").to_numpy()[..., :3]
    assert np.abs(codes - np.clip(light[..., :3], 0, 1) ** (1 / 2.2)).max() <= 0.5001 / 65535 + 1e-7
    with pytest.raises(playa.AttrValueError, match="did you mean"):
        frame.save(tmp_path / "b.png", colour_space="gama22")
    assert not (tmp_path / "b.png").exists()


def test_xyz_light_is_that_of_the_same_picture_in_rec709(shared: Path) -> None:
    """Two files of one picture, in half floats: the plain matrix, no adaptation of white, leads from one to the other."""
    folder = shared / "media" / "colour"
    expected = playa.Frame.load(folder / "Rec709.exr").to_numpy()[..., :3].astype(np.float64)
    xyz = playa.Frame.load(folder / "XYZ.exr")
    for found in (xyz.convert("linear").to_numpy()[..., :3], shown(folder / "XYZ.exr")):
        seen = np.abs(expected) > 1e-3
        relative = np.mean(np.abs(found - expected)[seen] / np.abs(expected)[seen])
        assert relative < 6e-4, relative
    adapted = shown(folder / "XYZ.exr", white_adaptation="bradford")
    assert np.mean(np.abs(adapted - expected)) > 0.05 * np.mean(np.abs(expected))
    told = playa.explain_colour(folder / "XYZ.exr")
    assert told.by == "tag" and told.steps[0].startswith("matrix [3.24")


def test_the_first_who_has_a_word_decides(tmp_path: Path, still: Path) -> None:
    exr = tmp_path / "plates" / "fg.1001.exr"
    exr.parent.mkdir()
    playa.Frame.from_numpy(np.full((4, 6, 4), 0.18, np.float32)).save(exr, colour_space="aces2065-1")
    project = playa.Project()
    comp = project.add_comp("Main", width=6, height=4)
    layer = comp.add_layer(tmp_path / "plates" / "fg.####.exr")
    told = playa.explain_colour(exr, project)
    assert (told.space, told.by, [word.space for word in told.otherwise]) == ("aces2065-1", "tag", ["linear"])
    assert isinstance(told, playa.ColourExplanation) and isinstance(told.otherwise[0], playa.ColourWord)
    assert told.path == exr and told.working_space == "linear" and len(told.steps) == 1
    project.colour_rules = [("*.png", "raw"), ["*/PLATES/*.exr", "acescg"], ("*.exr", "srgb")]
    assert project.colour_rules[1] == ("*/PLATES/*.exr", "acescg")
    told = playa.explain_colour(str(tmp_path / "plates" / "fg.####.exr"), project)
    assert (told.space, told.by) == ("acescg", "rule") and "rule 2" in told.why
    assert [word.space for word in told.otherwise] == ["srgb", "aces2065-1", "linear"]
    by_rule = comp.render(1001).to_numpy()
    stored = OpenEXR.File(str(exr), separate_channels=True).channels()
    planes = np.stack([stored[channel].pixels for channel in "RGB"], axis=-1).astype(np.float64)
    assert_close(by_rule[..., :3], planes @ matrix("acescg", "linear").T)
    layer.source.colour_space = "raw"
    told = playa.explain_colour(exr, project)
    assert (told.space, told.by, told.steps) == ("raw", "attribute", ())
    assert "`colour_space` is set" in str(told) and "otherwise  acescg: rule 2" in str(told) and "step       none" in str(told)
    assert (comp.render(1001).to_numpy()[..., :3] == planes).all()
    assert (comp.render(1001).to_numpy() != by_rule).any(), "the cache knows both"
    told = playa.explain_colour(still, project)
    assert (told.space, told.by) == ("raw", "rule")


def test_colour_of_a_project_is_saved_and_undone(tmp_path: Path, still: Path) -> None:
    project = playa.Project()
    media = project.add_media(still)
    rules = (("*_data.*", "raw"), ("*.png", "gamma22"))
    project.working_space, project.colour_rules, project.white_adaptation = "acescg", rules, "none"
    media.colour_space = "srgb"
    project.save(tmp_path / "shot.playa")
    text = (tmp_path / "shot.playa").read_text()
    assert 'working_space = "acescg"' in text
    again = playa.Project.load(tmp_path / "shot.playa")
    assert (again.working_space, again.colour_rules, again.white_adaptation) == ("acescg", rules, "none")
    assert again.media[0].colour_space == "srgb"
    assert project.undo() == "set colour_space" and media.colour_space == ""
    for _ in range(3):
        project.undo()
    assert (project.working_space, project.colour_rules, project.white_adaptation) == ("linear", (), "known")
    (tmp_path / "odd.playa").write_text(text.replace("acescg", "acescq"))
    with pytest.warns(playa.ProjectWarning, match="`acescq`.*did you mean `acescg`"):
        odd = playa.Project.load(tmp_path / "odd.playa")
    comp = odd.add_comp("Main", width=4, height=4)
    with pytest.raises(playa.RenderError, match="acescq"):
        comp.render(0)
    odd.working_space = "acescg"
    comp.render(0)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("working_space", "srgb", "`srgb` is not.*linear, acescg"),
        ("working_space", "raw", "`raw` is not"),
        ("working_space", "acescq", "did you mean `acescg`"),
        ("white_adaptation", "some", "known, bradford, none"),
        ("colour_rules", [("*.exr", "acescq")], "did you mean `acescg`"),
        ("colour_rules", [("*.exr",)], "pairs of a pattern and a colour space"),
        ("colour_rules", ["*.exr"], "pairs of a pattern and a colour space"),
        ("colour_rules", {"*.exr": "acescg"}, "pairs of a pattern and a colour space"),
        ("colour_rules", [("", "acescg")], "pairs of a pattern and a colour space"),
        ("colour_rules", [("a", "acescg")] * 1025, "at most 1024"),
    ],
)
def test_what_is_no_colour_is_refused(project: playa.Project, name: str, value: object, message: str) -> None:
    with pytest.raises((playa.AttrValueError, playa.AttrTypeError), match=message):
        project.set_attr(name, value)
    assert (project.working_space, project.colour_rules) == ("linear", ())


def test_what_media_hold_is_checked(project: playa.Project, still: Path) -> None:
    media = project.add_media(still)
    with pytest.raises(playa.AttrValueError, match="did you mean `srgb`"):
        media.colour_space = "sgrb"
    assert media.colour_space == ""


def test_conversions_are_fused_and_what_changes_nothing_is_none(still: Path) -> None:
    project = playa.Project()
    comp = project.add_comp("Main", width=60, height=40)
    comp.add_layer(still).opacity = 0.5
    comp.add_layer(still).scale = (0.5, 0.5, 1)

    def nodes() -> list[tuple[str, str]]:
        return [(node["kind"], node["making"]) for node in comp.graph(0)["nodes"] if node["kind"] in ("file", "colour")]

    assert nodes() == [("file", "source")]
    project.working_space = "acescg"
    assert nodes() == [("file", "source"), ("colour", "fused"), ("colour", "fused")], "sampled first, then converted"
    project.working_space = "linear"
    project.colour_rules = [("*.png", "raw")]
    assert nodes() == [("file", "source")]


def test_a_sampled_layer_is_that_of_the_converted_picture(still: Path) -> None:
    frames = []
    for working in ("linear", "acescg"):
        project = playa.Project()
        project.working_space = working
        comp = project.add_comp("Main", width=90, height=70)
        layer = comp.add_layer(still)
        layer.rotation, layer.filter = (0, 0, 20), "lanczos3"
        layer.add_effect("GaussianBlur", radius=2)
        frames.append(comp.render(0).convert("linear").to_numpy())
    assert_close(frames[1], frames[0], 3e-6)


def test_the_bits_depend_on_no_window(still: Path) -> None:
    project = playa.Project()
    project.working_space = "acescg"
    comp = project.add_comp("Main", width=60, height=40)
    comp.add_layer(still)
    whole = comp.render(0, cache=False).to_numpy()
    part = comp.render(0, region=(7, 3, 41, 22), cache=False).to_numpy()
    assert part.tobytes() == np.ascontiguousarray(whole[3:22, 7:41]).tobytes()


def run(*args: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "playa_py", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_command_tells_and_writes_colour(tmp_path: Path, still: Path) -> None:
    assert "acescg" in run("colour").stdout
    told = run("colour", still)
    assert told.returncode == 0 and "srgb: its samples are whole numbers of 8 bits" in told.stdout
    project = playa.Project()
    project.working_space = "acescg"
    project.add_comp("Main", width=60, height=40).add_layer(still)
    project.save(tmp_path / "shot.playa")
    told = run("colour", still, tmp_path / "none.png", "-p", tmp_path / "shot.playa", "--json")
    assert told.returncode == 1
    first, second = json.loads(told.stdout)
    assert (first["colour"]["space"], first["colour"]["by"], first["colour"]["working_space"]) == ("srgb", "type", "acescg")
    assert len(first["colour"]["steps"]) == 2 and not second["ok"]
    out = run("render", tmp_path / "shot.playa", "-o", tmp_path / "out.exr", "-F", "0", "--float", "--colour", "aces2065-1")
    assert out.returncode == 0, out.stderr
    frame = playa.Frame.load(tmp_path / "out.exr")
    assert frame.colour_space == "aces2065-1"
    codes = np.asarray(Image.open(still)) / 255
    assert_close(frame.to_numpy()[..., :3], DECODE["srgb"](codes) @ matrix("linear", "aces2065-1").T, 2e-6)
    wrong = run("render", tmp_path / "shot.playa", "-o", tmp_path / "x.exr", "-F", "0", "--colour", "acescq")
    assert wrong.returncode == 2 and "did you mean `acescg`" in wrong.stderr
