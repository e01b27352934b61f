"""`playa_py.testing`: plugins are validated from Python."""

from pathlib import Path

import pytest

import playa_py
from playa_py import testing

PLUGINS = Path(playa_py.__file__).parent / "plugins"


def plugin(name: str) -> Path:
    (path,) = [path for path in PLUGINS.iterdir() if path.stem.removeprefix("lib") == f"playa_{name}"]
    return path


def test_a_plugin_that_comes_with_playa_conforms() -> None:
    results = testing.validate(plugin("gamma"), level=2, seed=3, skip=["load-time", "presets-apply"])
    assert all(isinstance(result, testing.CheckResult) for result in results)
    assert {result.outcome for result in results} == {"passed"}, results
    assert {result.printed for result in results} == {""}
    assert all(result.is_good and result.level <= 2 and result.seconds > 0 for result in results)
    names = [result.name for result in results]
    assert "file-complete" in names and "size-zoo" in names and "load-time" not in names
    effects = {result.effect for result in results}
    assert effects == {None, "org.playa.gamma"}


def test_only_what_is_named_is_checked() -> None:
    results = testing.validate(plugin("gamma"), plugin("exposure"), only=["pixel-wise-*"], level=10, effects=["*.gamma"])
    ((name, effect, outcome),) = [(result.name, result.effect, result.outcome) for result in results]
    assert (name, effect, outcome) == ("pixel-wise-claim", "org.playa.gamma", "passed")


def test_what_is_no_plugin_fails_and_can_be_waived(tmp_path: Path) -> None:
    text = tmp_path / "text.so"
    text.write_text("no library")
    (failed, *others) = testing.validate(text, level=1)
    assert failed.name == "file-complete" and failed.outcome == "failed" and not failed.is_good
    assert "is no dynamic library" in failed.message and failed.reproduce.startswith("playa validate ")
    assert {result.outcome for result in others} == {"skipped"}
    waivers = tmp_path / "known.toml"
    waivers.write_text('[[waive]]\ncheck = "file-complete"\nreason = "a text"\nexpires = 2999-01-01\n')
    (borne,) = testing.validate(text, only=["file-complete"], waivers=waivers)
    assert borne.waived == "a text" and borne.is_good


@pytest.mark.parametrize(
    ("names", "level", "message"), [(["none.so"], 5, "no such file"), ([], 5, "PLUGIN"), (None, 11, r"1\.\.=10")]
)
def test_wrong_arguments_are_value_errors(names: list[str] | None, level: int, message: str) -> None:
    paths = [str(plugin("gamma"))] if names is None else names
    with pytest.raises(ValueError, match=message):
        testing.validate(*paths, level=level)
