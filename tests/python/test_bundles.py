"""Plugins as bundles and as wheels: made by the command, installed by pip, found without importing anything of them."""

import csv
import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import sys
import textwrap
import zipfile
from base64 import urlsafe_b64encode
from collections.abc import Callable
from pathlib import Path

import playa_py as playa
import pytest
from playa_py import _packages

Run = Callable[..., str]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """One in which nothing of the user's is seen."""
    own = {name: str(tmp_path / "home") for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PLAYA_")}
    return {**kept, **own}


@pytest.fixture
def run(environment: dict[str, str]) -> Run:
    """Runs this Python with arguments, and returns what it prints."""

    def run(*args: object, code: int = 0, **more: str) -> str:
        words = [sys.executable, *map(str, args)]
        done = subprocess.run(words, env={**environment, **more}, capture_output=True, text=True, timeout=300)
        assert done.returncode == code, done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The blur that comes with the package, under another name."""
    original = Path(playa.effects.GaussianBlur.spec.path)
    folder = tmp_path / "built"
    folder.mkdir()
    return Path(shutil.copy(original, folder / f"soft_lens{original.suffix}"))


@pytest.fixture
def wheel(tmp_path: Path, library: Path, run: Run) -> Path:
    """A wheel of that blur with a preset, a help and a licence."""
    presets = tmp_path / "presets"
    presets.mkdir()
    (presets / "soft.toml").write_text(
        'preset = 1\nname = "Soft"\neffect = "org.playa.gaussian_blur"\nversion = "1.0.0"\n[params]\nradius = 7.5\n'
    )
    (tmp_path / "README.md").write_text("# Soft lens\n")
    (tmp_path / "LICENSE").write_text("Do what you like.\n")
    what = ["--license", "MIT", "--presets", presets, "--help-file", tmp_path / "README.md", "--name", "Soft Lens"]
    what += ["--license-file", tmp_path / "LICENSE", "--version", "1.0.0-rc.2", "--out", tmp_path / "dist", "--wheel"]
    run("-m", "playa_py", "bundle", library, *what)
    [wheel] = (tmp_path / "dist").glob("*.whl")
    return wheel


def test_a_wheel_is_what_the_format_asks_for(wheel: Path) -> None:
    name, version, *tags = wheel.stem.split("-")
    assert (name, version, tags[:2]) == ("playa_plugin_soft_lens", "1.0.0rc2", ["py3", "none"])
    from packaging.tags import sys_tags
    from packaging.utils import parse_wheel_filename

    _, _, _, parsed = parse_wheel_filename(wheel.name)
    assert parsed & set(sys_tags()), "pip takes it on this machine"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        texts = {name: archive.read(name) for name in names}
    assert len(names) == len(set(names))
    record = list(csv.reader(io.StringIO(texts[f"{info}/RECORD"].decode())))
    assert {row[0] for row in record} == set(names)
    for path, digest, size in record:
        if path != f"{info}/RECORD":
            expected = urlsafe_b64encode(hashlib.sha256(texts[path]).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={expected}", str(len(texts[path]))), path
    lines = texts[f"{info}/WHEEL"].decode().splitlines()
    assert lines[0] == "Wheel-Version: 1.0" and lines[-1] == f"Tag: py3-none-{tags[2]}"
    assert texts[f"{info}/entry_points.txt"].decode() == f"[playa.plugins]\nsoft_lens = {name}\n"
    metadata = texts[f"{info}/METADATA"].decode()
    for line in ("Name: playa-plugin-soft-lens", "Version: 1.0.0rc2", "License: MIT", "# Soft lens"):
        assert line in metadata.splitlines(), metadata
    bundle = f"{name}/soft-lens.playa"
    for path in ("plugin.toml", "presets/soft.toml", "help/README.md", "LICENSE"):
        assert f"{bundle}/{path}" in names
    assert texts[f"{info}/licenses/LICENSE"] == b"Do what you like.\n"


def test_two_wheels_of_one_bundle_are_equal(wheel: Path, run: Run) -> None:
    before = wheel.read_bytes()
    run("-m", "playa_py", "bundle", wheel.parent / "soft-lens.playa", "--wheel", "--out", wheel.parent)
    assert wheel.read_bytes() == before


def test_an_installed_wheel_brings_its_effect(tmp_path: Path, wheel: Path, run: Run) -> None:
    if importlib.util.find_spec("pip") is None:
        pytest.skip("needs pip")
    site = tmp_path / "site"
    run("-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", site, wheel)
    # Importing the package would be noticed.
    (site / "playa_plugin_soft_lens" / "__init__.py").write_text("raise RuntimeError('it was imported')\n")
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
            import sys
            import numpy as np
            import playa_py as playa

            # What is installed comes before what the package has itself.
            path = playa.effects.GaussianBlur.spec.path
            [file] = [file for file in playa.plugins() if file.path == path]
            assert file.bundle.name == "soft-lens.playa" and path.is_relative_to(file.bundle), file
            assert file.bundle.parent.name == "playa_plugin_soft_lens"
            assert "playa_plugin_soft_lens" not in sys.modules
            assert [other for other in playa.plugins() if other.bundle is not None and other.path != path] == []
            comp = playa.Project().add_comp("Main", width=8, height=8)
            effect = comp.add_layer(np.ones((8, 8, 4), np.float32)).add_effect("GaussianBlur")
            [preset] = effect.presets()
            assert (preset.name, preset.origin) == ("Soft", "bundle")
            assert effect.apply_preset("Soft") == [] and effect.radius == 7.5
            assert comp.render(0).to_numpy().shape == (8, 8, 4)
        """)
    )
    paths = os.pathsep.join([str(site), str(Path(playa.__file__).parents[1])])
    run(script, PYTHONPATH=paths)

    def file(**more: str) -> str:
        return run("-m", "playa_py", "effects", "show", "GaussianBlur", PYTHONPATH=paths, **more)

    assert "soft-lens.playa" in file()
    assert "soft-lens.playa" not in file(PLAYA_PLUGIN_PACKAGES="0")
    config = tmp_path / "playa.toml"
    config.write_text("[plugins]\npackages = false\n")
    assert "soft-lens.playa" not in file(PLAYA_CONFIG=str(config))
    error = run("-m", "playa_py", "effects", PYTHONPATH=paths, PLAYA_PLUGIN_PACKAGES="no", code=2)
    assert 'PLAYA_PLUGIN_PACKAGES: expected 0 or 1, found "no"' in error


def test_packages_are_found_and_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, module in [("one", "outer_package.inner"), ("two", "absent_package"), ("three", "plain_module")]:
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[playa.plugins]\n{name} = {module}\n")
    inner = tmp_path / "outer_package" / "inner"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent):
        (folder / "__init__.py").write_text("raise RuntimeError('it was imported')\n")
    (tmp_path / "plain_module.py").write_text("raise RuntimeError('it was imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert _packages.folders() == [str(inner)]


def test_a_bundle_in_a_folder_of_plugins_is_in_use_as_long_as_it_is_there(tmp_path: Path, library: Path, run: Run) -> None:
    out = tmp_path / "plugins"
    run("-m", "playa_py", "bundle", library, "--license", "MIT", "--out", out)
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent("""
            import os, shutil
            from pathlib import Path
            import playa_py as playa

            bundle = Path(os.environ["PLAYA_PLUGIN_PATH"]) / "soft-lens.playa"
            [file] = [file for file in playa.plugins() if file.bundle == bundle]
            assert file.state == "live" and file.effects == ["org.playa.gaussian_blur"]
            assert playa.load_plugin(bundle) == file.effects
            assert playa.reload_plugins(bundle)[0].path == file.path
            manifest = bundle / "plugin.toml"
            whole = manifest.read_text()
            manifest.write_text(whole.replace("bundle = 1", "bundle = 7"))
            try:
                playa.load_plugin(bundle)
            except playa.PluginLoadError as error:
                assert "it is of format 7, this Playa reads 1: update Playa" in str(error), error
                assert error.path == bundle
            else:
                raise AssertionError("it is of a later format")
            manifest.write_text(whole)
            playa.reload_plugins()
            # It comes before the package, whose blur may have taken its place meanwhile.
            [error] = [file.error for file in playa.plugins() if file.bundle == bundle]
            assert error is None, error
            assert playa.effects.GaussianBlur.spec.path.is_relative_to(bundle)
            shutil.rmtree(bundle)
            playa.reload_plugins()
            assert not playa.effects.GaussianBlur.spec.path.is_relative_to(bundle)
        """)
    )
    run(script, PLAYA_PLUGIN_PATH=str(out), PLAYA_WATCH="0")
