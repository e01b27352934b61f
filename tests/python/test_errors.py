"""Every exception of Playa is raised by what it is for, and says where: `.path`, `.node`, `.frame`, `.hint`."""

import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import playa_py as playa
import pytest
from playa_py import effects, errors

LEAVES = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, errors.PlayaError) and error is not errors.PlayaError
]


class Case:
    """What raises an error, and what it says besides its message."""

    def __init__(self, act: Callable[[Path], object], **details: Any) -> None:
        self.act, self.details = act, details


def picture() -> np.ndarray:
    return np.zeros((4, 6, 4), np.float32)


def layer(name: str = "fg") -> playa.Layer:
    return playa.Project("Shot").add_comp("Main", width=6, height=4).add_layer(picture(), name=name)


def cycle() -> None:
    comp = playa.Project().add_comp("Main")
    comp.add_layer(comp)


def in_use() -> None:
    shown = layer().comp
    shown.project.add_comp("Outer").add_layer(shown)
    shown.project.remove(shown)


def removed() -> object:
    gone = layer()
    gone.remove()
    return gone.opacity


def undo_within_an_edit(_: Path) -> None:
    project = layer().comp.project
    with project.edit("half done"):
        project.undo()


def lost_frame(folder: Path) -> object:
    for frame in (1, 2, 4):
        playa.Frame.from_numpy(picture()).save(folder / f"shot.{frame:04}.exr")
    comp = playa.Project().add_comp("Main", width=6, height=4)
    comp.add_layer(folder / "shot.####.exr", name="fg")
    return comp.render(3)


def damaged_picture(folder: Path) -> object:
    playa.Frame.from_numpy(picture()).save(folder / "damaged.exr")
    (folder / "damaged.exr").write_bytes((folder / "damaged.exr").read_bytes()[:-9])
    return playa.Frame.load(folder / "damaged.exr")


def large_picture(folder: Path) -> object:
    playa.Frame.from_numpy(np.zeros((64, 64, 4), np.float32)).save(folder / "large.exr")
    return playa.Frame.load(folder / "large.exr", max_bytes=1000)


def unsupported_picture(folder: Path) -> object:
    (folder / "notes.txt").write_text("no picture")
    return playa.Frame.load(folder / "notes.txt")


def missing_channel(folder: Path) -> object:
    playa.Frame.from_numpy(picture()).save(folder / "plain.exr")
    return playa.Frame.load(folder / "plain.exr", channels="diffuse")


def damaged_project(folder: Path) -> object:
    (folder / "damaged.playa").write_text("playa = 1\nname =\n")
    return playa.Project.load(folder / "damaged.playa")


def missing_effect(folder: Path) -> object:
    playa.Frame.from_numpy(np.ones((4, 6, 4), np.float32)).save(folder / "fg.exr")
    uuids = [f"00000000-0000-4000-8000-{number:012}" for number in range(4)]
    text = f"""playa = 1
[[media]]
uuid = "{uuids[0]}"
path = "fg.exr"
[[comp]]
uuid = "{uuids[1]}"
name = "Main"
[[comp.layer]]
uuid = "{uuids[2]}"
media = "{uuids[0]}"
src_len = 10
[[comp.layer.effect]]
uuid = "{uuids[3]}"
id = "com.example.glow"
"""
    (folder / "shot.playa").write_text(text)
    with pytest.warns(playa.ProjectWarning, match="glow"):
        project = playa.Project.load(folder / "shot.playa")
    return project.get_comp("Main").render(5)


def too_large(_: Path) -> object:
    return playa.Project().add_comp("Huge", width=1 << 20, height=1 << 20).render(7)


def bad_plugin(folder: Path) -> object:
    (folder / "bad.so").write_bytes(b"no library")
    return playa.load_plugin(folder / "bad.so")


CASES: dict[type[errors.PlayaError], Case] = {
    errors.ArrayError: Case(lambda _: playa.Frame.from_numpy(np.zeros((2, 2, 4), np.uint8), copy=False)),
    errors.AttrNameError: Case(lambda _: layer().opactiy, node="fg"),
    errors.AttrReadOnlyError: Case(lambda _: layer().set_attr("uuid", "x"), node="fg"),
    errors.AttrTypeError: Case(lambda _: layer().set_attr("opacity", "half"), node="fg"),
    errors.AttrValueError: Case(lambda _: layer().set_attr("opacity", 1.5), node="fg"),
    errors.ChannelNotFoundError: Case(missing_channel, path="plain.exr"),
    errors.CycleError: Case(lambda _: cycle()),
    errors.EffectNotFoundError: Case(lambda _: layer().add_effect("GausianBlur"), node="GausianBlur"),
    errors.MediaError: Case(damaged_picture, path="damaged.exr"),
    errors.MediaMemoryError: Case(large_picture, path="large.exr"),
    errors.MediaNotFoundError: Case(lambda folder: playa.Frame.load(folder / "no.exr"), path="no.exr"),
    errors.MemoryLimitError: Case(too_large, node="Huge", frame=7),
    errors.MissingEffectError: Case(missing_effect, frame=5, node=True),
    errors.NodeInUseError: Case(lambda _: in_use(), node="comp `Main`"),
    errors.NodeNotFoundError: Case(lambda _: playa.Project().get_comp("Main"), node="Main"),
    errors.NodeRemovedError: Case(lambda _: removed(), node=True),
    errors.ParamError: Case(lambda _: effects.GaussianBlur(radius=-1), node="GaussianBlur"),
    errors.CompareError: Case(lambda _: playa.diff(picture(), np.zeros((5, 6, 4), np.float32))),
    errors.EventNameError: Case(lambda _: playa.events.emit("Not a name")),
    errors.HistoryError: Case(undo_within_an_edit),
    errors.RenderTimeoutError: Case(lambda _: layer().comp.render(3, timeout=1e-9), node="Main", frame=3),
    errors.ParamNameError: Case(lambda _: effects.GaussianBlur(size=1), node="GaussianBlur"),
    errors.ParamTypeError: Case(lambda _: effects.GaussianBlur(radius="x"), node="GaussianBlur"),
    errors.PluginLoadError: Case(bad_plugin, path="bad.so"),
    errors.PositionError: Case(lambda _: layer().move(5)),
    errors.PresetError: Case(lambda _: effects.GaussianBlur().apply_preset("none")),
    errors.ProjectFileError: Case(damaged_project, path="damaged.playa"),
    errors.ProjectNotFoundError: Case(lambda folder: playa.Project.load(folder / "no.playa"), path="no.playa"),
    errors.RenderError: Case(lost_frame, node="fg", frame=3, path="shot.0003.exr"),
    errors.UnsupportedMediaError: Case(unsupported_picture, path="notes.txt"),
}

# Raised by what a test of this process cannot do alone: see the tests below, and test_render_range.
ELSEWHERE = {errors.CancelledError, errors.ConfigError, errors.EffectError, errors.RenderTimeoutError}


def test_every_leaf_is_raised_here() -> None:
    assert set(LEAVES) == set(CASES) | ELSEWHERE


@pytest.mark.parametrize("error", LEAVES)
def test_a_leaf_is_a_playa_error_and_a_builtin(error: type[errors.PlayaError]) -> None:
    builtins = [base for base in error.__mro__ if base.__module__ == "builtins" and issubclass(base, Exception)]
    assert issubclass(error, errors.PlayaError)
    assert error is errors.CancelledError or set(builtins) > {Exception}


@pytest.mark.parametrize("error", CASES)
def test_it_is_raised_with_what_it_is_about(error: type[errors.PlayaError], tmp_path: Path) -> None:
    case = CASES[error]
    with pytest.raises(errors.PlayaError) as caught:
        case.act(tmp_path)
    raised = caught.value
    assert type(raised) is error, raised
    for name in ("path", "node", "frame", "hint"):
        expected, found = case.details.get(name), getattr(raised, name)
        if name == "path":
            assert found == (None if expected is None else tmp_path / expected)
        elif name == "hint":
            assert expected is None or expected in found
        elif expected is True:
            assert found
        else:
            assert found == expected, name
    again = pickle.loads(pickle.dumps(raised))
    assert (type(again), str(again), vars(again)) == (error, str(raised), vars(raised))


def test_a_config_that_cannot_be_used_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "playa.toml").write_text("[plugins]\npath = 3\n")
    code = """
import playa_py as playa
try:
    playa.plugins()
except playa.ConfigError as error:
    print(error.path, "|", error)
"""
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=config_in(tmp_path), check=False)
    assert done.returncode == 0, done.stderr
    path, _, message = done.stdout.partition(" | ")
    assert path.endswith("playa.toml"), done.stdout
    assert "2" in message


def config_in(folder: Path) -> dict[str, str]:
    import os

    return {**os.environ, "PLAYA_CONFIG": str(folder / "playa.toml"), "XDG_CONFIG_HOME": str(folder)}


@pytest.fixture
def panics(repository: Path) -> Iterator[str]:
    """An effect that panics, where the fixtures of the Rust tests were built."""
    libraries = [*repository.glob("target/*/*fixture_panics.*")]
    library = next((path for path in libraries if path.suffix in {".so", ".dylib", ".dll"}), None)
    if library is None:
        pytest.skip("needs the fixture plugins, which `cargo test` builds into target/")
    assert "com.example.panics_in_render" in playa.load_plugin(library)
    yield "com.example.panics_in_render"


def test_an_effect_that_panics_is_an_error_of_that_frame(panics: str) -> None:
    shown = layer()
    shown.add_effect(panics)
    with pytest.raises(errors.EffectError) as caught:
        shown.comp.render(2)
    assert caught.value.frame == 2
    assert caught.value.node
    again = pickle.loads(pickle.dumps(caught.value))
    assert vars(again) == vars(caught.value)
