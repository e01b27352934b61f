"""The built-in effects, each compared with an independent peer or its formula over whole pictures, how they are named and
set from Python, and called on arrays and frames."""

import copy
import enum
import inspect
import json
import math
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import playa_py as playa
import pytest
from playa_py import effects


def picture(height: int = 61, width: int = 83, *, alpha: bool = True, seed: int = 5) -> np.ndarray:
    """Premultiplied noise with peaks of a hundred, and pixels of light without alpha."""
    random = np.random.default_rng(seed)
    pixels = random.random((height, width, 4), np.float32)
    pixels[..., :3] **= 8
    pixels[..., :3] *= 100
    if not alpha:
        pixels[..., 3] = 1
        return pixels
    pixels[..., :3] *= pixels[..., 3:]
    pixels[::9, ::7, 3] = 0
    return pixels


def through(pixels: np.ndarray, effect: object, **params: object) -> np.ndarray:
    """What a layer of these pixels looks like with the effect."""
    height, width = pixels.shape[:2]
    comp = playa.Project().add_comp("Main", width=width, height=height)
    comp.add_layer(pixels.copy()).add_effect(effect, **params)
    return comp.render(0).to_numpy()


@pytest.mark.parametrize("radius", [0.3, 1, 2.5, 5, 17, 60])
def test_gaussian_blur_is_that_of_opencv(radius: float) -> None:
    pixels = picture()
    size, sigma = 2 * math.ceil(2 * radius) + 1, radius / 2
    expected = cv2.GaussianBlur(pixels.astype(np.float64), (size, size), sigma, borderType=cv2.BORDER_REPLICATE)
    # OpenCV sums in float64 here, Playa in float32.
    exact = through(pixels, "GaussianBlur", radius=radius, quality="exact")
    assert np.abs(exact - expected).max() <= 2e-6 * pixels.max()
    # What the effect states of its fast way.
    fast = through(pixels, "GaussianBlur", radius=radius)
    assert np.abs(fast - expected).max() <= 3.5e-4 * (pixels.max() - pixels.min())


def test_gaussian_blur_of_a_real_picture_is_that_of_opencv(shared: Path) -> None:
    pixels = playa.Frame.load(shared / "media" / "rgba" / "Desk.exr").to_numpy()
    expected = cv2.GaussianBlur(pixels, (21, 21), 2.5, borderType=cv2.BORDER_REPLICATE)
    assert np.abs(through(pixels, effects.GaussianBlur(radius=5)) - expected).max() <= 2e-6 * pixels.max()


def test_gaussian_blur_with_transparent_edges_grows() -> None:
    comp = playa.Project().add_comp("Main", width=83, height=61)
    comp.add_layer(picture()).add_effect("GaussianBlur", radius=4, edges="transparent")
    frame = comp.render(0, region="data")
    assert frame.data_window == (-8, -8, 91, 69)
    padded = np.pad(picture(), ((8, 8), (8, 8), (0, 0)))
    expected = cv2.GaussianBlur(padded, (17, 17), 2, borderType=cv2.BORDER_CONSTANT)
    assert np.abs(frame.to_numpy() - expected).max() <= 2e-6 * picture().max()


def test_adjust_hsv_is_that_of_opencv() -> None:
    pixels = picture(alpha=False)
    hue, saturation, value = cv2.split(cv2.cvtColor(pixels[..., :3], cv2.COLOR_RGB2HSV))
    # More saturation than 1 leaves the domain of OpenCV's way back.
    adjusted = cv2.merge([(hue + 250) % 360, saturation * 0.75, value * 1.5])
    expected = cv2.cvtColor(adjusted, cv2.COLOR_HSV2RGB)
    result = through(pixels, "AdjustHSV", hue_shift=250, saturation=0.75, value=1.5)
    # A round trip of OpenCV alone is off by 2.4e-6 of the peak.
    assert np.abs(result[..., :3] - expected).max() <= 4e-6 * expected.max()
    assert (result[..., 3] == 1).all()


def test_adjust_hsv_works_on_straight_colour() -> None:
    straight = picture(alpha=False)
    alpha = np.random.default_rng(2).uniform(0.1, 1, (61, 83, 1)).astype(np.float32)
    params = {"hue_shift": -40, "saturation": 1.3, "value": 0.7}
    expected = through(straight, "AdjustHSV", **params) * alpha
    result = through(straight * alpha, "AdjustHSV", **params)
    assert np.abs(result - expected).max() <= 2e-6 * expected.max()


@pytest.mark.parametrize(("brightness", "contrast"), [(0.25, 0), (0, 0.5), (-0.75, -0.5), (1, 1), (0.1, -1)])
def test_brightness_contrast_is_its_formula(brightness: float, contrast: float) -> None:
    pixels = picture()
    alpha = pixels[..., 3:].astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        adjusted = ((pixels[..., :3] / alpha - 0.5) * (1 + contrast) + 0.5 + brightness) * alpha
    expected = np.concatenate([np.where(alpha == 0, pixels[..., :3], adjusted), alpha], axis=-1)
    result = through(pixels, "BrightnessContrast", brightness=brightness, contrast=contrast)
    np.testing.assert_allclose(result, expected, rtol=2e-6, atol=2e-6)


@pytest.mark.parametrize("name", ["GaussianBlur", "AdjustHSV", "BrightnessContrast"])
def test_neutral_parameters_leave_every_bit(name: str) -> None:
    neutral = {"radius": 0} if name == "GaussianBlur" else {}
    assert through(picture(), name, **neutral).tobytes() == picture().tobytes()


def test_effects_act_in_their_order_with_their_mix_unless_disabled() -> None:
    pixels = picture()
    comp = playa.Project().add_comp("Main", width=83, height=61)
    layer = comp.add_layer(pixels.copy())
    bright = layer.add_effect("BrightnessContrast", brightness=0.5)
    blur = layer.add_effect("GaussianBlur", radius=3)
    both = comp.render(0).to_numpy()
    assert (both == through(through(pixels, "BrightnessContrast", brightness=0.5), "GaussianBlur", radius=3)).all()
    blur.move(0)
    assert layer.effects == [blur, bright]
    blurred = through(pixels, "GaussianBlur", radius=3)
    assert (comp.render(0).to_numpy() == through(blurred, "BrightnessContrast", brightness=0.5)).all()
    bright.enabled = False
    assert (comp.render(0).to_numpy() == blurred).all()
    blur.mix = 0.25
    np.testing.assert_allclose(comp.render(0).to_numpy(), blurred * 0.25 + pixels * 0.75, rtol=1e-6, atol=1e-6)
    blur.remove()
    assert (comp.render(0).to_numpy() == pixels).all()


def on_a_layer() -> tuple[playa.Layer, playa.Effect]:
    layer = playa.Project().add_comp("Main").add_layer(picture())
    return layer, layer.add_effect("GaussianBlur", radius=3)


def test_an_effect_says_what_it_is() -> None:
    layer, blur = on_a_layer()
    assert (blur.id, blur.name, blur.version) == ("org.playa.gaussian_blur", "GaussianBlur", "1.0.0")
    assert (blur.enabled, blur.mix, blur.loaded) == (True, 1, True)
    assert blur.params == {"radius": 3, "edges": "clamp", "quality": "fast"}
    assert repr(blur) == "<Effect GaussianBlur(radius=3.0, edges='clamp', quality='fast')>"
    assert layer.effects == [blur]
    assert hash(layer.effects[0]) == hash(blur)
    assert blur.uuid == layer.effects[0].uuid
    assert {"radius", "edges", "params", "mix"} <= set(dir(blur))


def test_parameters_are_attributes_and_items() -> None:
    _, blur = on_a_layer()
    blur.radius = np.float32(8)
    assert blur.radius == blur["radius"] == blur.params["radius"] == 8
    blur["edges"] = "transparent"
    assert blur.edges == "transparent"


@pytest.mark.parametrize(
    ("name", "value", "error", "reason"),
    [
        ("radius", -1, playa.ParamError, "-1.0 is outside its range, expected float within 0..=10000"),
        ("radius", math.nan, playa.ParamError, "NaN"),
        ("radius", "wide", playa.ParamTypeError, "expected float, found \"wide\" .string."),
        ("radius", None, playa.ParamTypeError, "parameter `radius`: .* NoneType"),
        ("radius", 10**30, playa.ParamError, "beyond 64 bits"),
        ("edges", "mirror", playa.ParamError, "one of clamp, transparent"),
        ("raduis", 1, playa.ParamNameError, "did you mean `radius`.*; it has: radius, edges"),
        ("mix", 1.5, playa.ParamError, "expected a number within 0..=1"),
        ("mix", "half", playa.ParamTypeError, "found str"),
        ("enabled", "yes", playa.ParamTypeError, "expected a bool, found str"),
        ("params", {}, playa.AttrReadOnlyError, "`Effect.params` cannot be set"),
        ("id", "x", playa.AttrReadOnlyError, "`Effect.id` cannot be set"),
    ],
)
def test_a_wrong_parameter_is_refused_and_changes_nothing(name: str, value: object, error: type, reason: str) -> None:
    _, blur = on_a_layer()
    with pytest.raises(error, match=reason):
        setattr(blur, name, value)
    assert (blur.params, blur.mix, blur.enabled) == ({"radius": 3, "edges": "clamp", "quality": "fast"}, 1, True)


def test_an_unknown_parameter_is_asked_for_like_any_attribute() -> None:
    _, blur = on_a_layer()
    assert not hasattr(blur, "raduis")
    assert getattr(blur, "_repr_html_", None) is None
    with pytest.raises(KeyError, match="raduis"):
        blur["raduis"]


def test_a_removed_effect_raises_and_its_repr_says_so() -> None:
    layer, blur = on_a_layer()
    blur.remove()
    assert layer.effects == []
    assert repr(blur) == f"<Effect {blur.uuid}: removed>"
    assert not hasattr(blur, "_repr_html_")
    assert "params" in dir(blur)
    for use in (
        lambda: blur.radius,
        lambda: blur.params,
        lambda: blur.id,
        lambda: blur.mix,
        lambda: blur.remove(),
        lambda: blur.move(0),
        lambda: setattr(blur, "radius", 1),
        lambda: setattr(blur, "mix", 1),
        lambda: layer.add_effect(blur),
    ):
        with pytest.raises((playa.NodeRemovedError, playa.ParamTypeError), match="not in the project|expected an effect"):
            use()


@pytest.mark.parametrize(
    "effect",
    [
        "GaussianBlur",
        "org.playa.gaussian_blur",
        "Gaussian Blur",
        playa.EffectType.GaussianBlur,
        playa.EffectType("org.playa.gaussian_blur"),
        effects.GaussianBlur,
        effects.GaussianBlur(radius=5),
        effects.GaussianBlur.spec,
    ],
    ids=repr,
)
def test_an_effect_may_be_named_in_many_ways(effect: object) -> None:
    layer, _ = on_a_layer()
    added = layer.add_effect(effect, edges="transparent")
    assert added.id == "org.playa.gaussian_blur"
    assert added.params == {"radius": 5, "edges": "transparent", "quality": "fast"}
    assert layer.effects[-1] == added


def test_an_effect_of_another_layer_is_copied() -> None:
    (_, blur), (layer, _) = on_a_layer(), on_a_layer()
    again = layer.add_effect(blur, edges="transparent")
    assert again != blur
    assert again.params == {"radius": 3, "edges": "transparent", "quality": "fast"}


@pytest.mark.parametrize(
    ("effect", "params", "error", "reason"),
    [
        ("GausianBlur", {}, playa.EffectNotFoundError, "did you mean `GaussianBlur`.*AdjustHSV"),
        ("GaussianBlur", {"size": 3}, playa.ParamNameError, "no parameter `size`.*radius, edges"),
        ("GaussianBlur", {"radius": -3}, playa.ParamError, "0..=10000"),
        (42, {}, playa.ParamTypeError, "expected an effect .*, found an object of type int"),
    ],
)
def test_a_wrong_effect_is_refused_and_adds_nothing(effect: object, params: dict, error: type, reason: str) -> None:
    layer, blur = on_a_layer()
    with pytest.raises(error, match=reason):
        layer.add_effect(effect, **params)
    assert layer.effects == [blur]


def test_effect_classes_have_signature_documentation_and_equality() -> None:
    radius, edges, quality = inspect.signature(effects.GaussianBlur).parameters.values()
    assert (str(radius), str(quality)) == ("radius: float = 5.0", "quality: playa_py.effects.GaussianBlur.Quality = <Quality.FAST: 'fast'>")
    assert (edges.kind, edges.annotation) == (inspect.Parameter.KEYWORD_ONLY, effects.GaussianBlur.Edges)
    assert "radius (float): " in effects.GaussianBlur.__doc__
    assert "default 5.0; in px; within 0..10000" in effects.GaussianBlur.__doc__
    assert effects.GaussianBlur is effects.GaussianBlur
    blur = effects.GaussianBlur(radius=7)
    assert blur == effects.GaussianBlur(radius=7) != effects.GaussianBlur()
    assert len({blur, effects.GaussianBlur(radius=7)}) == 1
    assert (blur.id, blur.params) == ("org.playa.gaussian_blur", {"radius": 7, "edges": "clamp", "quality": "fast"})
    assert repr(blur) == "GaussianBlur(radius=7.0, edges='clamp', quality='fast')"
    assert isinstance(blur, effects.EffectCall)
    with pytest.raises(playa.ParamError, match="0..=10000"):
        effects.GaussianBlur(radius=1e9)
    with pytest.raises(TypeError, match="no parameter `size`"):
        effects.GaussianBlur(size=3)
    with pytest.raises(TypeError, match="call one of those"):
        effects.EffectCall()


def test_the_module_and_the_enumeration_list_what_is_loaded() -> None:
    names = {"AdjustHSV", "BrightnessContrast", "GaussianBlur"}
    assert names <= set(dir(effects))
    assert names <= set(dir(playa.EffectType))
    assert names <= {effect.name for effect in playa.EffectType}
    assert len(playa.EffectType) == len(list(playa.EffectType))
    blur = playa.EffectType.GaussianBlur
    assert blur == playa.EffectType("Gaussian Blur") != playa.EffectType.AdjustHSV
    assert blur in playa.EffectType
    assert "GaussianBlur" in playa.EffectType
    assert "Nope" not in playa.EffectType
    assert repr(blur) == "EffectType.GaussianBlur"
    assert len({blur, playa.EffectType("GaussianBlur")}) == 1
    for place in (effects, playa.EffectType):
        assert not hasattr(place, "Nope")
        with pytest.raises(AttributeError, match="did you mean `GaussianBlur`"):
            place.GausianBlur  # noqa: B018


def test_the_description_of_an_effect() -> None:
    spec = effects.GaussianBlur.spec
    assert (spec.id, spec.name, spec.label, spec.version) == (
        "org.playa.gaussian_blur",
        "GaussianBlur",
        "Gaussian Blur",
        "1.0.0",
    )
    assert "blur" in spec.tags
    assert spec.help.startswith("Makes a picture softer")
    assert spec.path.is_file()
    radius, edges, quality = spec.params
    assert (quality.kind, quality.default, quality.choices) == ("choice", "fast", ["fast", "exact"])
    assert (radius.name, radius.kind, radius.default, radius.unit) == ("radius", "float", 5, "px")
    assert (radius.range, radius.soft_range, radius.choices) == ((0, 10_000), (0, 100), [])
    assert radius.doc.startswith("How far the blur looks")
    assert (edges.kind, edges.default, edges.choices, edges.range) == ("choice", "clamp", ["clamp", "transparent"], None)
    assert repr(radius) == "<ParamSpec radius: float = 5.0>"
    assert repr(spec).startswith("<EffectSpec org.playa.gaussian_blur 1.0.0: GaussianBlur(radius=5.0, edges=")
    assert (radius.label, edges.label) == ("Radius", "Edges")
    assert (type(spec), type(radius)) == (playa.EffectSpec, playa.ParamSpec)
    assert (quality.enum_name, [(name, key) for name, key, _ in quality.members]) == (
        "Quality",
        [(member.name, member.value) for member in effects.GaussianBlur.Quality],
    )
    assert [doc for _, _, doc in quality.members] == [member.__doc__ for member in effects.GaussianBlur.Quality]
    assert (radius.members, radius.renamed_from) == ([], [])


def test_plugin_files_are_listed_with_their_effects() -> None:
    files = {effect: file for file in playa.plugins() for effect in file.effects}
    blur = files["org.playa.gaussian_blur"]
    assert isinstance(blur, playa.PluginFile)
    assert blur.path == effects.GaussianBlur.spec.path
    assert blur.error is None
    assert repr(blur) == f"<PluginFile {blur.path}: org.playa.gaussian_blur, generation 1>"


def test_a_file_that_is_no_plugin_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "notes.so"
    path.write_text("no library")
    with pytest.raises(playa.PluginLoadError) as caught:
        playa.load_plugin(path)
    assert caught.value.path == path
    assert "\n" not in str(caught.value)
    assert playa.load_plugin(effects.GaussianBlur.spec.path) == ["org.playa.gaussian_blur"]


def test_choices_are_enumerations_that_also_take_their_keys() -> None:
    quality = effects.GaussianBlur.Quality
    assert issubclass(quality, enum.StrEnum)
    assert [(member.name, member.value) for member in quality] == [("FAST", "fast"), ("EXACT", "exact")]
    assert quality.EXACT.__doc__.startswith("Within 2e-6")
    blur = effects.GaussianBlur(quality=quality.EXACT)
    assert blur == effects.GaussianBlur(quality="exact")
    assert blur.quality is quality.EXACT
    assert blur.quality == "exact"
    assert pickle.loads(pickle.dumps(quality.EXACT)) is quality.EXACT
    _, on_layer = on_a_layer()
    on_layer.quality = quality.EXACT
    assert on_layer.quality == quality.EXACT
    with pytest.raises(playa.ParamError, match="one of fast, exact"):
        effects.GaussianBlur(quality="best")


def test_parameters_of_a_call_are_attributes_and_items_and_are_checked() -> None:
    blur = effects.GaussianBlur(radius=5)
    blur.radius = 6
    blur["edges"] = "transparent"
    assert (blur.radius, blur["radius"], blur.edges) == (6, 6, "transparent")
    assert {"radius", "edges", "quality", "params"} <= set(dir(blur))
    with pytest.raises(playa.ParamError, match="0..=10000"):
        blur.radius = -1
    with pytest.raises(playa.ParamTypeError, match="radius"):
        blur.radius = None
    with pytest.raises(playa.ParamNameError, match="did you mean `radius`"):
        blur.raduis = 1
    with pytest.raises(playa.AttrReadOnlyError, match="`id`"):
        blur.id = "x"
    assert not hasattr(blur, "raduis")
    assert repr(blur) == "GaussianBlur(radius=6.0, edges='transparent', quality='fast')"
    for again in (copy.copy(blur), pickle.loads(pickle.dumps(blur))):
        assert again == blur
        again.radius = 7
        assert again != blur
    layer, _ = on_a_layer()
    assert layer.add_effect(blur).params == blur.params


@pytest.mark.parametrize("size", [(61, 83), (5, 31), (3, 64), (40, 1025), (1, 1)])
def test_effects_in_a_row_on_a_layer_are_one_call_after_another(size: tuple[int, int]) -> None:
    pixels = picture(*size)
    calls = [
        effects.Exposure(stops=0.7),
        effects.ColorMatrix(red=(0.9, 0.2, -0.1), green=(0.1, 0.7, 0.2), blue=(-0.2, 0.3, 0.9)),
        effects.Gamma(gamma=(1.8, 2.2, 0.6)),
        effects.BrightnessContrast(brightness=0.1, contrast=0.4),
    ]
    comp = playa.Project().add_comp("Main", width=size[1], height=size[0])
    layer = comp.add_layer(pixels)
    expected = pixels
    for count, call in enumerate(calls, 1):
        layer.add_effect(call)
        expected = call(expected)
        found = comp.render(0).to_numpy()
        assert found.tobytes() == expected.tobytes(), f"after {count} effects"


@pytest.mark.parametrize("radius", [0.5, 5.0, 40.0])
def test_a_blurred_array_is_that_of_a_layer_and_of_opencv(radius: float) -> None:
    pixels = picture()
    before = pixels.copy()
    blurred = effects.GaussianBlur(radius=radius, quality="exact")(pixels)
    assert (blurred.shape, blurred.dtype, blurred.flags.writeable) == ((61, 83, 4), np.float32, True)
    assert blurred.tobytes() == through(pixels, "GaussianBlur", radius=radius, quality="exact").tobytes()
    size = 2 * math.ceil(2 * radius) + 1
    expected = cv2.GaussianBlur(pixels.astype(np.float64), (size, size), radius / 2, borderType=cv2.BORDER_REPLICATE)
    # OpenCV sums in float64 here, Playa in float32.
    assert np.abs(blurred - expected).max() <= 2e-6 * pixels.max()
    # Both are their owner's to change.
    blurred[:] = 0
    assert pixels.tobytes() == before.tobytes()
    pixels[:] = 0


def test_arrays_of_every_layout_become_four_channels() -> None:
    blur, pixels = effects.GaussianBlur(radius=3), picture(alpha=False)
    expected = blur(pixels)
    for same in (
        pixels.astype(np.float64),
        np.asfortranarray(pixels),
        np.repeat(pixels, 2, axis=1)[:, ::2],
        np.ascontiguousarray(pixels[..., :3]),
    ):
        assert (blur(same) == expected).all()
    grey = blur(pixels[..., 0])
    assert grey.shape == (61, 83, 4)
    assert (grey[..., 0] == expected[..., 0]).all()
    with pytest.raises(playa.ArrayError, match="int16"):
        blur(np.zeros((4, 4, 4), np.int16))


def test_what_changes_nothing_is_a_copy_for_who_may_change_it() -> None:
    pixels = picture()
    same = effects.GaussianBlur(radius=0)(pixels)
    assert same.tobytes() == pixels.tobytes()
    assert not np.shares_memory(same, pixels)
    same[:] = 0
    pixels.flags.writeable = False
    same = effects.GaussianBlur(radius=0)(pixels)
    assert np.shares_memory(same, pixels)
    assert not same.flags.writeable
    assert not pixels.flags.writeable


def test_a_frame_keeps_windows_and_metadata_and_grows(tmp_path: Path) -> None:
    path = tmp_path / "plate.exr"
    comp = playa.Project().add_comp("Main", width=41, height=31, fps=25)
    comp.add_layer(picture())
    comp.render(0, region="data").save(path)
    frame = playa.Frame.load(path)
    assert (frame.data_window, frame.display_window) == ((-21, -15, 62, 46), (0, 0, 41, 31))
    grown = effects.GaussianBlur(radius=4, edges="transparent")(frame)
    assert (grown.data_window, grown.display_window) == ((-29, -23, 70, 54), (0, 0, 41, 31))
    assert grown.metadata == frame.metadata
    assert grown.metadata["framesPerSecond"] == 25
    padded = np.pad(picture(), ((8, 8), (8, 8), (0, 0)))
    expected = cv2.GaussianBlur(padded, (17, 17), 2, borderType=cv2.BORDER_CONSTANT)
    assert np.abs(grown.to_numpy() - expected).max() <= 2e-6 * picture().max()
    blur = effects.GaussianBlur(radius=4, edges="transparent")
    assert blur(frame, region="display").data_window == (0, 0, 41, 31)
    part = blur(frame, region=(-3, 5, 20, 30))
    assert (part.to_numpy() == grown.to_numpy()[28:53, 26:49]).all()
    # An array keeps its size, unless more is asked for.
    assert (blur(picture()) == grown.to_numpy()[8:69, 8:91]).all()
    assert blur(picture(), region="data").shape == (77, 99, 4)


@pytest.mark.parametrize(
    ("pictures", "options", "error", "reason"),
    [
        ((), {}, playa.ParamTypeError, "`source` is missing"),
        ((1,), {}, playa.ParamTypeError, "`source`: expected an array or a Frame, found int"),
        ((None, None), {}, playa.ParamTypeError, "it takes source, found 2 pictures"),
        ((picture(4, 4),), {"size": (3, 3)}, playa.ParamError, "`size` and `window` are for effects that take no picture"),
        ((picture(4, 4),), {"region": "all"}, playa.AttrValueError, "region='all'"),
    ],
)
def test_a_wrong_call_is_refused(pictures: tuple, options: dict, error: type, reason: str) -> None:
    with pytest.raises(error, match=reason):
        effects.GaussianBlur()(*pictures, **options)


@pytest.fixture(scope="module")
def fixtures(repository: Path) -> dict[str, Path]:
    """The plugin files of the tests, by their package, as cargo makes them."""
    cargo = shutil.which("cargo")
    if cargo is None:
        pytest.skip("needs cargo to build the plugins of the tests")
    packages = ["fixture-gain", "fixture-gain-2", "fixture-generator", "fixture-two-inputs"]
    command = [cargo, "build", "--quiet", "--message-format", "json", *(f"--package={package}" for package in packages)]
    built = subprocess.run(command, cwd=repository, check=True, stdout=subprocess.PIPE, encoding="utf-8")
    messages = [json.loads(line) for line in built.stdout.splitlines()]
    artifacts = [message for message in messages if message["reason"] == "compiler-artifact"]
    suffixes = {".so", ".dylib", ".dll"}
    return {
        package: next(
            Path(file)
            for artifact in artifacts
            if artifact["target"]["name"] == package.replace("-", "_")
            for file in artifact["filenames"]
            if Path(file).suffix in suffixes
        )
        for package in packages
    }


def test_another_generation_updates_the_class_and_calls_in_place(fixtures: dict[str, Path], tmp_path: Path) -> None:
    path = tmp_path / fixtures["fixture-gain"].name
    shutil.copy(fixtures["fixture-gain"], path)
    playa.load_plugin(path)
    gain = effects.Gain

    class Doubled(gain):
        """The user's own."""

    call, own = gain(gain=3), Doubled(gain=2)
    pixels = picture(alpha=False)
    assert (own(pixels)[..., :3] == pixels[..., :3] * np.float32(2)).all()
    assert list(inspect.signature(gain).parameters) == ["gain"]
    shutil.copy(fixtures["fixture-gain-2"], path)
    playa.load_plugin(path)
    assert effects.Gain is gain
    assert isinstance(own, gain)
    assert gain.spec.version == Doubled.spec.version == "2.0.0"
    assert list(inspect.signature(gain).parameters) == list(inspect.signature(Doubled).parameters) == ["factor", "lift"]
    assert "adds a little light" in gain.__doc__
    assert not hasattr(call, "nope")
    # By the name that the parameter had before.
    assert call.params == {"factor": 3, "lift": 0.125}
    assert call.gain == call.factor == 3
    call.lift = 0.5
    expected = pixels[..., :3] * np.float32(3) + np.float32(0.5)
    assert np.abs(call(pixels)[..., :3] - expected).max() <= 1e-6 * expected.max()
    shutil.copy(fixtures["fixture-gain"], path)
    playa.load_plugin(path)
    assert list(inspect.signature(gain).parameters) == ["gain"]
    # What this generation does not know is kept for one that does.
    assert gain().params == {"gain": 1}
    assert own.params == {"gain": 2}
    assert "lift" not in dir(gain)


def test_effects_of_two_pictures_and_of_none(fixtures: dict[str, Path]) -> None:
    playa.load_plugin(fixtures["fixture-generator"])
    playa.load_plugin(fixtures["fixture-two-inputs"])
    board = effects.Generator(size=3)(size=(7, 5))
    assert (board.data_window, board.display_window) == ((0, 0, 7, 5), (0, 0, 7, 5))
    y, x = np.mgrid[0:5, 0:7] // 3
    expected = np.where(((x + y) % 2 == 0)[..., np.newaxis], np.float32([1, 1, 1, 1]), np.float32([0, 0, 0, 0.5]))
    assert (board.to_numpy() == expected).all()
    moved = effects.Generator(size=3)(window=(-4, 2, 3, 7))
    assert moved.data_window == (-4, 2, 3, 7)
    assert (moved.to_numpy() == expected).all()
    with pytest.raises(playa.ParamError, match="say how large"):
        effects.Generator()()
    with pytest.raises(playa.ParamTypeError, match="it takes no pictures, found 1"):
        effects.Generator()(picture())
    above, below = picture(seed=1), picture(seed=2)
    over = effects.TwoInputs()(above, below)
    np.testing.assert_allclose(over, above + below * (1 - above[..., 3:]), rtol=1e-6)
    # A picture may be an array and the other one a frame.
    assert (effects.TwoInputs()(above, playa.Frame.from_numpy(below)) == over).all()
    with pytest.raises(playa.ParamTypeError, match="`background` is missing: it takes source, background"):
        effects.TwoInputs()(above)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to itself")
def test_ctrl_c_stops_a_call() -> None:
    code = """
import os, signal, threading, time
import numpy as np, playa_py as playa
pixels = np.random.default_rng(1).random((1500, 2000, 4), np.float32)
blur = playa.effects.GaussianBlur(radius=2500, quality="exact")
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    for _ in range(1000):
        blur(pixels)
except KeyboardInterrupt:
    assert pixels.flags.writeable
    print("interrupted")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == "interrupted\n"
