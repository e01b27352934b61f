"""Presets: saved, listed, applied and refused, on layers and on effects of their own."""

from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
from playa_py import _native, effects


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of presets, and no other one."""
    folder = tmp_path / "presets"
    monkeypatch.setenv("PLAYA_PRESET_PATH", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return folder


@pytest.fixture
def blur(comp: playa.Comp) -> playa.Effect:
    return comp.add_layer(np.ones((4, 6, 4), np.float32)).add_effect(effects.GaussianBlur(radius=3.0))


def test_what_is_saved_is_listed_and_applied(blur: playa.Effect, folder: Path) -> None:
    assert blur.presets() == []
    blur.radius, blur.edges = 9.0, "transparent"
    path = blur.save_preset("Very soft", about="For skies.", folder=folder)
    assert path == folder / "org.playa.gaussian_blur" / "very-soft.toml"
    [preset] = blur.presets()
    assert (preset.name, preset.about, preset.origin, preset.path) == ("Very soft", "For skies.", "path", path)
    assert (preset.effect, preset.version) == (blur.id, blur.version)
    assert preset.params == blur.params
    assert repr(preset).startswith("<Preset 'Very soft'") or repr(preset).startswith('<Preset "Very soft" of ')
    assert [found.name for found in effects.GaussianBlur.presets()] == ["Very soft"]
    assert [found.name for found in _native.presets("Gaussian Blur")] == ["Very soft"]
    assert effects.Gamma.presets() == []
    for which in ("Very soft", path, str(path), preset, playa.Preset.load(path)):
        blur.radius, blur.edges = 1.0, "clamp"
        assert blur.apply_preset(which) == []
        assert (blur.radius, blur.edges) == (9.0, "transparent")
    assert playa.Preset.load(path).origin is None


def test_applying_is_one_step_and_leaves_other_parameters_alone(project, blur: playa.Effect, folder: Path) -> None:
    path = blur.save_preset("Soft", folder=folder)
    text = path.read_text().split("[params]")[0]
    path.write_text(f'{text}[params]\nradius = 2.0\nedges = "transparent"\n')
    blur.quality = "exact"
    blur.set_key("radius", 0, 1.0)
    blur.apply_preset("Soft")
    assert (blur.radius, blur.edges, blur.quality, blur.keys("radius")) == (2.0, "transparent", "exact", [])
    assert project.undo() == "apply preset Soft"
    assert (blur.edges, blur.quality, len(blur.keys("radius"))) == ("clamp", "exact", 1)


def test_an_effect_of_its_own_has_presets_too(folder: Path) -> None:
    blur = effects.GaussianBlur(radius=4.0)
    path = blur.save_preset("Four", folder=folder)
    assert path.is_file()
    other = effects.GaussianBlur(quality="exact")
    text = path.read_text()
    path.write_text(text.split("[params]")[0] + "[params]\nradius = 4.0\n")
    assert other.apply_preset("Four") == []
    assert (other.radius, other.quality) == (4.0, "exact")
    with pytest.raises(playa.PresetError, match="the preset is there already"):
        blur.save_preset("Four", folder=folder)
    blur.radius = 5.0
    blur.save_preset("Four", folder=folder, replace=True)
    assert other.apply_preset("Four") == [] and other.radius == 5.0
    assert _native.preset_params("GaussianBlur", "Four")[0]["radius"] == 5.0
    # Without a folder it is the user's.
    assert blur.save_preset("Mine").is_relative_to(folder.parent / "home")
    assert [(found.name, found.origin) for found in blur.presets()] == [("Four", "path"), ("Mine", "user")]
    params = effects.GaussianBlur(radius=6.0).params
    assert _native.save_preset("GaussianBlur", params, "Six", "", folder, False).name == "six.toml"


def test_of_another_version_what_fits_is_applied_and_the_rest_told(blur: playa.Effect, folder: Path) -> None:
    path = blur.save_preset("Old", folder=folder)
    version = f'version = "{blur.version}"'
    text = path.read_text().replace(version, 'version = "0.1.0"').split("[params]")[0]
    path.write_text(text + '[params]\nradius = 2.5\nsharpness = 1.0\nedges = "mirror"\n')
    left_out = blur.apply_preset("Old")
    assert blur.radius == 2.5 and blur.edges == "clamp"
    assert len(left_out) == 2 and left_out[0].startswith("`sharpness` is of version 0.1.0, this is ")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ("radios = 1.0", r"soft\.toml:7: parameter `radios` of preset \"Soft\": found no such parameter.*did you mean `radius`"),
        ('radius = "wide"', r"soft\.toml:7: parameter `radius` of preset \"Soft\": found \"wide\" \(string\), expected float"),
        ("radius = -1.0", "expected float within 0"),
        ('edges = "soft"', "expected one of clamp, "),
    ],
)
def test_in_its_version_everything_has_to_fit(blur: playa.Effect, folder: Path, params: str, message: str) -> None:
    path = blur.save_preset("Soft", folder=folder)
    path.write_text(path.read_text().split("[params]")[0] + f"[params]\n{params}\n")
    lines = path.read_text().splitlines()
    message = message.replace(":7:", f":{lines.index(params) + 1}:")
    before = blur.params
    with pytest.raises(playa.PresetError, match=message) as raised:
        blur.apply_preset("Soft")
    assert raised.value.path == path and blur.params == before


def test_what_is_no_preset_is_an_error_and_hides_no_other(blur: playa.Effect, folder: Path, caplog) -> None:
    blur.save_preset("Soft", folder=folder)
    (folder / "broken.toml").write_text("preset = 2\n")
    assert [preset.name for preset in blur.presets()] == ["Soft"]
    with pytest.raises(playa.PresetError, match=r"has no preset `Sofd` \(did you mean `Soft`\?\); it has: Soft"):
        blur.apply_preset("Sofd")
    with pytest.raises(playa.PresetError, match="saved by a newer Playa"):
        playa.Preset.load(folder / "broken.toml")
    with pytest.raises(playa.PresetError, match="could not read the preset"):
        playa.Preset.load(folder / "absent.toml")
    with pytest.raises(playa.PresetError, match="expected one for org.playa.gamma"):
        effects.Gamma().apply_preset(folder / "org.playa.gaussian_blur" / "soft.toml")
    with pytest.raises(playa.ParamTypeError, match="expected a preset by its name"):
        blur.apply_preset(3)
    for name in ("", "a\nb", "x" * 101):
        with pytest.raises(playa.PresetError, match="of a preset: expected 1 to 100 characters"):
            blur.save_preset(name, folder=folder)
