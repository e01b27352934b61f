"""The installed distribution: what importing costs, what is in it, how the command starts, how errors behave."""

import copy
import importlib.metadata
import inspect
import pickle
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import playa_py
import pytest
from playa_py import _native, cli, errors

ERRORS = [error for _, error in inspect.getmembers(errors, inspect.isclass) if issubclass(error, errors.PlayaError)]

# Each leaf, and what a caller who knows only Python's own exceptions would catch.
BUILTINS = {
    errors.ArrayError: (TypeError, ValueError),
    errors.AttrNameError: (AttributeError, KeyError),
    errors.AttrReadOnlyError: (AttributeError,),
    errors.AttrTypeError: (TypeError, ValueError),
    errors.AttrValueError: (ValueError,),
    errors.CancelledError: (),
    errors.ChannelNotFoundError: (OSError, KeyError),
    errors.ConfigError: (ValueError,),
    errors.CycleError: (ValueError,),
    errors.EffectError: (RuntimeError,),
    errors.EffectNotFoundError: (AttributeError, KeyError),
    errors.MediaError: (OSError,),
    errors.MediaMemoryError: (OSError, MemoryError),
    errors.MediaNotFoundError: (FileNotFoundError,),
    errors.CompareError: (ValueError,),
    errors.EventNameError: (ValueError,),
    errors.HistoryError: (RuntimeError,),
    errors.MemoryLimitError: (MemoryError,),
    errors.MissingEffectError: (RuntimeError,),
    errors.NodeInUseError: (ValueError,),
    errors.NodeNotFoundError: (KeyError,),
    errors.NodeRemovedError: (ReferenceError,),
    errors.ParamError: (ValueError,),
    errors.ParamNameError: (AttributeError, KeyError, TypeError),
    errors.ParamTypeError: (TypeError, ValueError),
    errors.PlayaError: (),
    errors.PresetError: (ValueError,),
    errors.PluginLoadError: (ImportError,),
    errors.PositionError: (IndexError,),
    errors.ProjectFileError: (ValueError,),
    errors.ProjectNotFoundError: (ValueError, FileNotFoundError),
    errors.RenderError: (RuntimeError,),
    errors.RenderTimeoutError: (RuntimeError, TimeoutError),
    errors.UnsupportedMediaError: (OSError,),
}


def import_milliseconds() -> dict[str, float]:
    """What a fresh interpreter imports for `playa_py`, each module with the time it took with all that it imports."""
    command = [sys.executable, "-X", "importtime", "-c", "import playa_py"]
    report = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stderr
    rows = (line.removeprefix("import time:").split("|") for line in report.splitlines() if "cumulative" not in line)
    return {module.strip(): int(cumulative) / 1000 for _own, cumulative, module in rows}


def test_importing_takes_less_than_30_ms() -> None:
    # The best of five: the others measure what else the machine was doing.
    assert min(import_milliseconds()["playa_py"] for _ in range(5)) < 30


def test_importing_leaves_numpy_and_what_is_slow_alone() -> None:
    assert not {"numpy", "typing", "re", "enum", "inspect", "json"} & set(import_milliseconds())


def test_the_wheel_is_for_every_python_from_3_11_on() -> None:
    wheel = importlib.metadata.distribution("playa-py").read_text("WHEEL")
    if wheel is None:
        pytest.skip("it was not installed from a wheel")
    tags = [line.removeprefix("Tag: ") for line in wheel.splitlines() if line.startswith("Tag: ")]
    assert tags
    assert all(tag.startswith("cp311-abi3-") for tag in tags)


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "playa_py", "--version"]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    assert playa_py.__version__ in said


def test_the_version_is_one() -> None:
    assert playa_py.__version__ == importlib.metadata.version("playa-py")


def test_every_public_name_is_there_and_every_error_is_public() -> None:
    assert all(hasattr(playa_py, name) for name in playa_py.__all__)
    assert {error.__name__ for error in ERRORS} <= set(playa_py.__all__)


def test_type_checkers_find_types() -> None:
    assert files("playa_py").joinpath("py.typed").is_file()


def test_every_effect_crate_is_in_the_wheel_as_a_library(repository: Path) -> None:
    crates = [tomllib.loads(path.read_text("utf-8")) for path in repository.glob("plugins/*/Cargo.toml")]
    built = {crate["lib"].get("name", crate["package"]["name"]).replace("-", "_") for crate in crates}
    libraries = files("playa_py").joinpath("plugins").iterdir()
    packaged = {Path(library.name).stem.removeprefix("lib") for library in libraries}
    assert packaged == built
    assert packaged, "a wheel without effects"


def test_the_command_gets_the_arguments_and_gives_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[str]] = []
    monkeypatch.setattr(_native, "cli_main", lambda args: seen.append(args) or 3, raising=False)
    monkeypatch.setattr(sys, "argv", ["/anywhere/playa.exe", "render", "a b.playa"])
    assert cli.main() == 3
    assert seen == [["playa", "render", "a b.playa"]]


def test_ctrl_c_ends_the_command_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(args: list[str]) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(_native, "cli_main", interrupted, raising=False)
    assert cli.main() == 130


def test_all_errors_are_covered() -> None:
    assert set(ERRORS) == set(BUILTINS)


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_caught_as_the_builtin_that_fits(error: type[errors.PlayaError]) -> None:
    for builtin in (errors.PlayaError, *BUILTINS[error]):
        with pytest.raises(builtin):
            raise error("what happened")


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_shows_its_message_and_its_hint(error: type[errors.PlayaError]) -> None:
    assert str(error("no 'blur' here")) == "no 'blur' here"
    assert str(error("no 'blur' here", hint="try 'gaussian_blur'")) == "no 'blur' here\nhint: try 'gaussian_blur'"


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("duplicate", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))], ids=["copy", "pickle"])
def test_an_error_survives(error: type[errors.PlayaError], duplicate) -> None:
    details = {"path": Path("a/b.exr"), "node": "Main", "frame": -3, "hint": "look again"}
    original = error("what happened", **details)
    again = duplicate(original)
    assert type(again) is error
    assert str(again) == str(original)
    assert {name: getattr(again, name) for name in details} == details


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_without_details_has_none(error: type[errors.PlayaError]) -> None:
    plain = error("what happened")
    assert (plain.path, plain.node, plain.frame, plain.hint) == (None, None, None, None)
