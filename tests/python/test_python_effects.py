"""Effects written in Python: on layers and on arrays, in threads and ranges, replaced and refused."""

from __future__ import annotations

import enum
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Annotated, Any, Literal

import cv2
import numpy as np
import playa_py as playa
import pytest
from playa_py import effects
from playa_py.fingerprint import fingerprint

HERE = Path(__file__)


class Side(enum.StrEnum):
    LEFT = "left"
    RIGHT = "right"


@playa.effect(id="com.example.invert", label="Invert", version="1.2.0", tags=["colour"], pixelwise=True)
def invert(pixels, *, amount: Annotated[float, playa.Param(0.0, 1.0, doc="How much of it.")] = 1.0):
    """Turns light into dark.

    Alpha stays.
    """
    result = pixels * np.float32(1 - amount)
    result[..., :3] += np.float32(amount) * (pixels[..., 3:] - pixels[..., :3])
    result[..., 3] = pixels[..., 3]
    return result


def inverted(pixels: np.ndarray, amount: float = 1.0) -> np.ndarray:
    return invert(pixels, amount=amount)


def noise(height: int = 40, width: int = 60, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width, 4), np.float32)


def layer_of(pixels: np.ndarray) -> tuple[playa.Comp, playa.Layer]:
    height, width = pixels.shape[:2]
    comp = playa.Project().add_comp("Main", width=width, height=height)
    return comp, comp.add_layer(pixels.copy())


def test_it_is_an_effect_like_any_other() -> None:
    spec = playa.EffectType.Invert.spec
    assert (spec.id, spec.name, spec.label, spec.version) == ("com.example.invert", "Invert", "Invert", "1.2.0")
    assert (spec.help, spec.tags, spec.path, spec.inputs) == (
        "Turns light into dark.\n\nAlpha stays.",
        ["colour"],
        HERE,
        ["pixels"],
    )
    (amount,) = spec.params
    assert (amount.kind, amount.default, amount.range, amount.doc) == ("float", 1.0, (0, 1), "How much of it.")
    assert "Invert" in dir(effects)
    assert "com.example.invert" in playa.EffectType
    (file,) = [file for file in playa.plugins() if file.path == HERE]
    assert "com.example.invert" in file.effects
    assert file.error is None


@pytest.mark.parametrize("effect", ["Invert", "com.example.invert", invert, playa.EffectType("Invert")], ids=repr)
def test_on_a_layer_it_gives_what_the_function_gives(effect: object) -> None:
    pixels = noise()
    comp, layer = layer_of(pixels)
    added = layer.add_effect(effect, amount=0.75)
    assert (comp.render(0).to_numpy() == inverted(pixels, 0.75)).all()
    added.set_key("amount", 0, 0.25)
    assert (comp.render(0).to_numpy() == inverted(pixels, 0.25)).all()
    # Only the pixels that are asked for.
    part = comp.render(0, region=(10, 5, 30, 25)).to_numpy()
    assert (part == inverted(pixels, 0.25)[5:25, 10:30]).all()


def test_parameters_are_checked_as_those_of_files() -> None:
    _, layer = layer_of(noise())
    with pytest.raises(playa.ParamError, match="0..=1"):
        layer.add_effect(invert, amount=2)
    with pytest.raises(playa.ParamNameError, match="amount"):
        effects.Invert(amuont=1)


def test_on_an_array_and_on_a_frame() -> None:
    pixels = noise()
    assert (effects.Invert(amount=0.5)(pixels) == inverted(pixels, 0.5)).all()
    frame = effects.Invert()(playa.Frame.from_numpy(pixels.copy()))
    assert (frame.to_numpy() == inverted(pixels)).all()


def test_every_kind_of_parameter_arrives() -> None:
    seen: dict[str, Any] = {}

    @playa.effect(id="com.example.kinds", pixelwise=True)
    def kinds(
        pixels,
        *,
        flag: bool = False,
        count: int = 3,
        size: float = 0.5,
        text: str = "a",
        two: tuple[float, float] = (1, 2),
        three: tuple[float, float, float] = (1, 2, 3),
        four: tuple[float, float, float, float] = (1, 2, 3, 4),
        tint: Annotated[playa.Color, playa.Param(doc="Of the light.")] = (1, 0.5, 0, 1),
        side: Side = Side.RIGHT,
        word: Literal["soft", "hard light"] = "soft",
    ):
        seen.update(locals())
        return pixels.copy()

    kinds_of = {param.name: param.kind for param in effects.Kinds.spec.params}
    assert list(kinds_of.values()) == [
        "bool", "int", "float", "string", "vec2", "vec3", "vec4", "color", "choice", "choice",
    ]  # fmt: skip
    call = effects.Kinds(flag=True, two=np.array([5, 6]), tint=(0.1, 0.2, 0.3), side="left")
    call.word = effects.Kinds.Word.HARD_LIGHT
    call(noise())
    assert (seen["flag"], seen["count"], seen["size"], seen["text"]) == (True, 3, 0.5, "a")
    assert (seen["two"], seen["three"], seen["four"]) == ((5, 6), (1, 2, 3), (1, 2, 3, 4))
    assert (seen["tint"], seen["side"], seen["word"]) == ((0.1, 0.2, 0.3, 1), Side.LEFT, "hard light")
    assert isinstance(seen["side"], Side)
    assert effects.Kinds.spec.params[7].doc == "Of the light."


def define(function: Callable[..., Any], **options: Any) -> None:
    playa.effect(id="com.example.refused", **options)(function)


def bad_annotation(pixels, *, size: bytes = b""):
    pass


def no_annotation(pixels, *, size=1):
    pass


def no_default(pixels, *, size: float):
    pass


def many(*pixels):
    pass


def picture_with_default(pixels, other=1):
    pass


def half_a_range(pixels, *, size: Annotated[float, playa.Param(0)] = 1):
    pass


def range_of_text(pixels, *, size: Annotated[str, playa.Param(0, 1)] = ""):
    pass


def default_outside(pixels, *, size: Annotated[float, playa.Param(0, 1)] = 2):
    pass


def default_of_another_kind(pixels, *, size: float = "wide"):  # type: ignore[assignment]
    pass


def no_choice(pixels, *, side: Side = "up"):  # type: ignore[assignment]
    pass


def unknown_name(pixels, *, size: Nope = 1):  # type: ignore[name-defined]  # noqa: F821
    pass


def fine(pixels):
    pass


@pytest.mark.parametrize(
    ("function", "options", "reason"),
    [
        (bad_annotation, {}, "parameter `size`: no kind of parameter is annotated `bytes`: expected bool, int, .*Literal"),
        (no_annotation, {}, "parameter `size`: it has no annotation"),
        (no_default, {}, "parameter `size` has no default"),
        (many, {}, "fixed number of pictures"),
        (picture_with_default, {}, "picture `other` has a default"),
        (half_a_range, {}, "one end of a range"),
        (range_of_text, {}, "a string has none"),
        (default_outside, {}, '"size".*does not fit: 2.0 is outside its range'),
        (default_of_another_kind, {}, '"size".*its default "wide" is of kind string, not float'),
        (no_choice, {}, '"side".*"up" is no choice'),
        (unknown_name, {}, "annotations cannot be read.*Nope"),
        (fine, {"pixelwise": True, "radius": 3}, "give one of them"),
        (fine, {"radius": -1}, "radius=-1"),
        (fine, {"version": "1"}, "not major.minor.patch"),
        (fine, {"name": "no name"}, "is not a name"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_place(
    function: Callable[..., Any], options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(playa.PluginLoadError, match=reason) as caught:
        define(function, **options)
    assert Path(caught.value.path) == HERE
    assert str(HERE) in str(caught.value)
    assert "com.example.refused" in str(caught.value)
    assert "com.example.refused" not in playa.EffectType


def test_an_id_that_is_none_and_one_of_a_file_are_refused() -> None:
    with pytest.raises(playa.PluginLoadError, match="reverse-DNS"):
        playa.effect(id="invert")(fine)
    with pytest.raises(playa.PluginLoadError, match="already there, from .*gaussian_blur"):
        playa.effect(id="org.playa.gaussian_blur", version="1.0.0")(fine)
    assert effects.GaussianBlur.spec.path.suffix != ".py"


@pytest.mark.parametrize("way", ["radius", "whole", "callable"])
def test_a_window_has_the_same_bits_as_the_whole(way: str) -> None:
    seen: list[tuple[int, ...]] = []
    radius = {"radius": 6, "whole": None, "callable": lambda size: 3 * size}[way]

    @playa.effect(id=f"com.example.box.{way}", name=f"Box{way.title()}", radius=radius)
    def box(pixels, *, size: int = 2):
        seen.append(pixels.shape)
        return cv2.blur(np.ascontiguousarray(pixels), (2 * size + 1, 2 * size + 1), borderType=cv2.BORDER_REPLICATE)

    pixels = noise()
    comp, layer = layer_of(pixels)
    layer.add_effect(f"com.example.box.{way}")
    whole = comp.render(0, cache=False).to_numpy()
    np.testing.assert_allclose(whole, cv2.blur(pixels, (5, 5), borderType=cv2.BORDER_REPLICATE), atol=1e-6)
    part = comp.render(0, region=(20, 10, 30, 20), cache=False).to_numpy()
    # OpenCV's running sums depend on where a row begins: by some units in the last place of float32.
    np.testing.assert_allclose(part, whole[10:20, 20:30], atol=1e-6)
    assert seen == [(40, 60, 4), (40, 60, 4) if way == "whole" else (22, 22, 4)]


def test_out_window_canvas_and_frame() -> None:
    @playa.effect(id="com.example.where", pixelwise=True)
    def where(pixels, *, out, window, canvas, frame):
        assert (out == 0).all()
        assert not pixels.flags.writeable
        out[..., 0] = np.arange(window[0], window[2])
        out[..., 1] = np.arange(window[1], window[3])[:, np.newaxis]
        out[..., 2] = canvas[2]
        out[..., 3] = frame

    comp, layer = layer_of(noise())
    layer.add_effect(where)
    comp.attrs["out"] = 9
    layer["out"] = 9
    pixels = comp.render(7, region=(3, 4, 13, 9)).to_numpy()
    y, x = np.mgrid[4:9, 3:13]
    assert (pixels == np.stack([x, y, np.full_like(x, 60), np.full_like(x, 7)], axis=-1)).all()


def test_a_generator_and_one_of_two_pictures() -> None:
    @playa.effect(id="com.example.ramp")
    def ramp(*, window, top: float = 1.0):
        x0, y0, x1, y1 = window
        return np.broadcast_to(np.linspace(0, top, x1 - x0, dtype=np.float32)[:, np.newaxis], (y1 - y0, x1 - x0, 4))

    frame = effects.Ramp(top=2)(size=(9, 3))
    assert (frame.to_numpy()[1, :, 2] == np.linspace(0, 2, 9, dtype=np.float32)).all()

    @playa.effect(id="com.example.masked", pixelwise=True)
    def masked(pixels, mask=None):
        return pixels * mask[..., 3:] if mask is not None else pixels

    pixels, mask = noise(), noise(seed=4)
    assert (effects.Masked()(pixels) == pixels).all()
    assert (effects.Masked()(pixels, mask) == pixels * mask[..., 3:]).all()
    # A smaller picture is transparent around.
    expected = np.zeros_like(pixels)
    expected[:10, :20] = pixels[:10, :20] * mask[:10, :20, 3:]
    assert (effects.Masked()(pixels, mask[:10, :20]) == expected).all()


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (lambda p: None, "object of type NoneType, expected a float32 array of shape .40, 60, 4."),
        (lambda p: p[:-1], "shape .39, 60, 4., expected"),
        (lambda p: p.astype(np.float64), "array of float64 .*; return it as result.astype.np.float32."),
        (lambda p: p[..., 0], "shape .40, 60., expected"),
    ],
)
def test_a_wrong_result_is_an_effect_error(result: Callable[[np.ndarray], Any], reason: str) -> None:
    playa.effect(id="com.example.wrong_result", name="WrongResult")(lambda pixels: result(pixels))
    comp, layer = layer_of(noise())
    layer.add_effect("WrongResult")
    with pytest.raises(playa.EffectError, match=reason):
        comp.render(0)


def test_nan_and_infinity_are_pixels() -> None:
    @playa.effect(id="com.example.nan", pixelwise=True)
    def no_number(pixels):
        return np.where(pixels > 0.5, np.float32(np.inf), np.float32(np.nan))

    assert set(np.unique(effects.NoNumber()(noise())).astype(str)) == {"inf", "nan"}


def test_an_exception_is_the_cause_and_the_error_says_where() -> None:
    @playa.effect(id="com.example.fails")
    def fails(pixels):
        raise ZeroDivisionError("nothing left")

    comp, layer = layer_of(noise())
    layer["name"] = "plate"
    layer.add_effect(fails)
    with pytest.raises(playa.EffectError, match='comp "Main", frame 0, layer "plate", effect Fails: .*nothing left') as caught:
        comp.render(0)
    cause = caught.value.__cause__
    assert isinstance(cause, ZeroDivisionError)
    traceback = cause.__traceback__
    names = []
    while traceback is not None:
        names.append(traceback.tb_frame.f_code.co_name)
        traceback = traceback.tb_next
    assert names[-1] == "fails"
    assert (caught.value.node, caught.value.frame) == ("Fails", 0)
    with pytest.raises(playa.EffectError, match="^frame 3, effect Fails: "):
        effects.Fails()(noise(), frame=3)


def test_a_radius_that_fails_is_an_effect_error() -> None:
    playa.effect(id="com.example.radius", name="BadRadius", radius=lambda: 1 // 0)(fine)
    with pytest.raises(playa.EffectError, match="BadRadius") as caught:
        effects.BadRadius()(noise())
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def define_scale(factor: float, version: str = "1.0.0") -> None:
    @playa.effect(id="com.example.scale", version=version, pixelwise=True)
    def scale(pixels, *, by: float = 1.0):
        return pixels * np.float32(by * factor)


CELL = """
FACTOR = {factor}

@playa.effect(id="com.example.cell", pixelwise=True)
def cell(pixels):
    return helper(pixels) * np.float32(FACTOR)
"""


def run_cell(number: int, factor: float, helper: object) -> None:
    """As in a notebook, where each cell has a file name of its own."""
    scope = {"playa": playa, "np": np, "helper": helper, "__name__": "__main__"}
    exec(compile(CELL.format(factor=factor), f"<cell {number}>", "exec"), scope)


def test_the_same_code_keeps_pixels_and_other_code_makes_new_ones() -> None:
    pixels = noise()
    comp, layer = layer_of(pixels)
    run_cell(1, 2, np.copy)
    layer.add_effect("com.example.cell")
    assert (comp.render(0).to_numpy() == pixels * 2).all()
    misses, generation = playa.cache.stats().misses, effects.Cell.spec.generation
    run_cell(2, 2, np.copy)
    assert effects.Cell.spec.generation == generation
    assert (comp.render(0).to_numpy() == pixels * 2).all()
    assert playa.cache.stats().misses == misses
    # A constant that the code names is a part of it.
    run_cell(3, 3, np.copy)
    assert effects.Cell.spec.generation != generation
    assert (comp.render(0).to_numpy() == pixels * 3).all()
    # So is a function.
    run_cell(4, 3, lambda pixels: pixels + 1)
    assert (comp.render(0).to_numpy() == (pixels + 1) * 3).all()
    # Nobody knows what an object does that can be called: it is taken to be another each time.
    generations = set()
    for number in (5, 6):
        run_cell(number, 3, threading.Lock().locked)
        generations.add(effects.Cell.spec.generation)
    assert len(generations) == 2
    (listed,) = [file for file in playa.plugins() if "com.example.cell" in file.effects]
    assert listed.path == Path("<cell 6>")


def test_a_new_generation_updates_class_calls_and_layers() -> None:
    define_scale(2)
    before = effects.Scale
    call = before(by=3)
    comp, layer = layer_of(noise())
    layer.add_effect(call)
    assert (comp.render(0).to_numpy() == noise() * np.float32(6)).all()

    @playa.effect(id="com.example.scale", version="2.0.0", pixelwise=True)
    def scale(pixels, *, by: float = 1.0, plus: float = 0.0):
        """Scales and adds."""
        return pixels * np.float32(by) + np.float32(plus)

    assert effects.Scale is before
    assert isinstance(call, effects.Scale)
    assert "Scales and adds." in before.__doc__
    assert call.params == {"by": 3, "plus": 0}
    call.plus = 0.5
    assert (call(noise()) == noise() * np.float32(3) + np.float32(0.5)).all()
    assert (comp.render(0).to_numpy() == noise() * np.float32(3)).all()
    assert effects.Scale.spec.version == "2.0.0"
    # The lower version again: it replaces the higher one.
    define_scale(4)
    assert effects.Scale.spec.version == "1.0.0"
    assert (comp.render(0).to_numpy() == noise() * np.float32(12)).all()


@pytest.mark.parametrize("parallel", [False, True])
def test_threads_and_ranges_call_it_without_deadlock(parallel: bool) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    @playa.effect(id="com.example.slow", version="1.0.0", pixelwise=True, parallel=parallel)
    def slow(pixels, *, frame):
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        time.sleep(0.005)
        with guard:
            inside -= 1
        return pixels + np.float32(frame)

    pixels = noise()
    comp, layer = layer_of(pixels)
    comp["out"], layer["out"] = 15, 15
    layer.add_effect(slow)
    layer.add_effect("GaussianBlur", radius=0.0)
    done: dict[int, bool] = {}

    def work(first: int) -> None:
        for frame in range(first, 16, 4):
            done[frame] = bool((comp.render(frame, cache=False).to_numpy() == pixels + np.float32(frame)).all())

    threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == dict.fromkeys(range(16), True)
    if not parallel:
        assert most == 1
    frames = list(comp.render_range("0-15", workers=4, cache=False))
    assert [number for number, _ in frames] == list(range(16))
    assert all((frame.to_numpy() == pixels + np.float32(number)).all() for number, frame in frames)
    if not parallel:
        assert most == 1


def test_it_may_call_other_effects_and_not_itself() -> None:
    @playa.effect(id="com.example.glow")
    def glow(pixels, *, radius: float = 4.0):
        return pixels + effects.GaussianBlur(radius=radius)(pixels)

    pixels = noise()
    comp, layer = layer_of(pixels)
    layer.add_effect(glow)
    assert (comp.render(0).to_numpy() == pixels + effects.GaussianBlur(radius=4)(pixels)).all()

    @playa.effect(id="com.example.itself")
    def itself(pixels):
        return effects.Itself()(pixels)

    with pytest.raises(playa.EffectError, match="while it renders"):
        effects.Itself()(pixels)

    @playa.effect(id="com.example.ranges")
    def ranges(pixels):
        return next(comp.render_range("0"))[1].to_numpy()

    with pytest.raises(playa.EffectError, match="single frames only"):
        effects.Ranges()(pixels)


def test_pixels_that_it_keeps_stay_what_they_were() -> None:
    kept: list[np.ndarray] = []

    @playa.effect(id="com.example.keeps", pixelwise=True)
    def keeps(pixels):
        kept.append(pixels)
        return pixels

    comp, layer = layer_of(noise())
    layer.add_effect("GaussianBlur", radius=3)
    layer.add_effect(keeps)
    shown = comp.render(0, cache=False).to_numpy().copy()
    del comp, layer
    for seed in range(4):
        effects.GaussianBlur(radius=2)(noise(seed=seed))
    assert (kept[0] == shown).all()
    with pytest.raises(ValueError, match="read-only"):
        kept[0][0, 0, 0] = 1


def test_it_is_saved_by_id_and_version_and_missing_elsewhere(tmp_path: Path) -> None:
    pixels = noise()
    project = playa.Project("Shot")
    source = tmp_path / "plate.exr"
    playa.Frame.from_numpy(pixels.copy()).save(source)
    comp = project.add_comp("Main", width=60, height=40)
    comp.add_layer(source).add_effect(invert, amount=0.5)
    path = tmp_path / "shot.playa"
    project.save(path)
    again = playa.Project.load(path)
    assert (again.comps[0].render(0).to_numpy() == inverted(pixels, 0.5)).all()
    text = path.read_text("utf-8")
    assert "com.example.invert" in text
    assert "1.2.0" in text
    code = """
import sys, warnings, playa_py as playa
warnings.simplefilter("ignore")
comp = playa.Project.load(sys.argv[1]).comps[0]
try:
    comp.render(0)
except playa.MissingEffectError as error:
    print(error)
comp.render(0, skip_missing_effects=True)
"""
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True, encoding="utf-8")
    assert "com.example.invert" in done.stdout
    assert "1.2.0" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to itself")
def test_ctrl_c_ends_a_render_between_effects() -> None:
    code = """
import os, signal, threading, time
import numpy as np, playa_py as playa
@playa.effect(id="com.example.waits")
def waits(pixels):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.2)
    return pixels
try:
    playa.effects.Waits()(np.ones((4, 4, 4), np.float32))
except KeyboardInterrupt:
    print("interrupted")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout == "interrupted\n"


def test_a_renamed_parameter_keeps_what_was_set_under_its_former_name() -> None:
    @playa.effect(id="com.example.renamed", pixelwise=True)
    def renamed(pixels, *, strength: float = 1.0):
        return pixels * np.float32(strength)

    call = effects.Renamed(strength=0.25)
    pixels = noise()
    assert (call(pixels) == pixels * np.float32(0.25)).all()

    @playa.effect(id="com.example.renamed", version="2.0.0", pixelwise=True)
    def renamed(pixels, *, amount: Annotated[float, playa.Param(renamed_from="strength")] = 1.0):
        return pixels * np.float32(amount) + 1

    (amount,) = effects.Renamed.spec.params
    assert amount.renamed_from == ["strength"]
    assert (call.params, call["strength"]) == ({"amount": 0.25}, 0.25)
    assert (call(pixels) == pixels * np.float32(0.25) + 1).all()


def test_the_fingerprint_of_a_function_is_that_of_what_it_does() -> None:
    def scaled(by: float) -> FunctionType:
        def scale(pixels):
            return pixels * by

        return scale

    def other(pixels):
        return pixels * 2.0

    assert fingerprint(scaled(2.0)) == fingerprint(scaled(2.0)) != fingerprint(scaled(3.0))
    assert fingerprint(scaled(2.0), "a") != fingerprint(scaled(2.0), "b")
    assert fingerprint(other) != fingerprint(scaled(2.0))
    unknown = scaled(threading.Lock())  # type: ignore[arg-type]
    assert fingerprint(unknown) != fingerprint(unknown)


def test_a_frame_is_made_without_an_effect_that_fails_if_that_is_asked_for() -> None:
    @playa.effect(id="com.example.breaks")
    def breaks(pixels):
        raise RuntimeError("no pixels today")

    comp = playa.Project().add_comp("Main", width=4, height=3)
    layer = comp.add_layer(np.full((3, 4, 4), 0.5, np.float32))
    layer.add_effect("Exposure", stops=1.0)
    layer.add_effect(breaks)
    with pytest.raises(playa.EffectError, match="no pixels today"):
        comp.render(0)
    frame = comp.render(0, skip_failing_effects=True)
    assert (frame.to_numpy() == np.array([1.0, 1.0, 1.0, 0.5], np.float32)).all()
    (error,) = frame.metadata["playa:passedOver"]
    assert "effect Breaks" in error and "no pixels today" in error
    ((_, collected),) = comp.render_range([0], skip_failing_effects=True)
    assert (collected.to_numpy() == frame.to_numpy()).all()
