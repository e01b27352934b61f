"""Projects saved and loaded: what is kept, what is warned of, what is refused."""

import json
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest


def grey(value: float, height: int = 4, width: int = 6) -> np.ndarray:
    """An opaque picture of one grey."""
    pixels = np.full((height, width, 4), value, np.float32)
    pixels[..., 3] = 1
    return pixels


def test_a_saved_project_loads_with_the_same_content_and_pixels(
    project: playa.Project, sequence: playa.Layer, tmp_path: Path
) -> None:
    sequence.position, sequence.opacity = (3.5, -2, 0), 0.9
    sequence.add_effect("GaussianBlur", radius=2.5, edges="transparent").mix = 0.5
    path = tmp_path / "shot.playa"
    project.save(path)
    again = playa.Project.load(str(path))
    assert again.diagnostics == []
    comp = again.get_comp("Time")
    assert dict(comp.layers[0].attrs) == dict(sequence.attrs)
    assert comp.layers[0].effects[0].params == {"radius": 2.5, "edges": "transparent", "quality": "fast"}
    assert comp.layers[0].effects[0].mix == 0.5
    assert (comp.render(3).to_numpy() == sequence.comp.render(3).to_numpy()).all()
    assert again != project
    before = path.read_bytes()
    again.save(path)
    assert path.read_bytes() == before


def test_json_has_the_same_content(project: playa.Project, sequence: playa.Layer) -> None:
    text = project.to_json()
    assert isinstance(json.loads(text), dict)
    again = playa.Project.from_json(text)
    assert again.to_json() == text
    assert (again.get_comp("Time").render(2).to_numpy() == sequence.comp.render(2).to_numpy()).all()
    with pytest.raises(playa.ProjectFileError):
        playa.Project.from_json("{")


def test_arrays_are_written_beside_the_project_or_refused(project: playa.Project, comp: playa.Comp, tmp_path: Path) -> None:
    comp.add_layer(grey(0.1), name="Paint")
    path = tmp_path / "shot.playa"
    with pytest.raises(playa.ProjectFileError, match="layer `Paint` shows an image in memory") as caught:
        project.save(path, memory="refuse")
    assert caught.value.node == "Paint"
    with pytest.raises(playa.ProjectFileError, match="image in memory"):
        project.to_json()
    with pytest.raises(playa.AttrValueError, match="expected \"write\" or \"refuse\""):
        project.save(path, memory="keep")
    assert list(tmp_path.iterdir()) == []
    project.save(path)
    comp = playa.Project.load(path).get_comp("Main")
    assert isinstance(comp.layers[0].source, playa.FileNode)
    assert (comp.render(0).to_numpy() == grey(0.1)).all()


def saved_with(tmp_path: Path, project: playa.Project, old: str, new: str) -> Path:
    """The project's file with a text replaced in it."""
    path = tmp_path / "shot.playa"
    project.save(path)
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return path


def test_an_unknown_effect_is_warned_of_kept_and_written_back(
    project: playa.Project, sequence: playa.Layer, tmp_path: Path
) -> None:
    sequence.add_effect("GaussianBlur", radius=2.5)
    path = saved_with(tmp_path, project, "org.playa.gaussian_blur", "com.example.glow")
    with pytest.warns(playa.ProjectWarning, match="com.example.glow") as warned:
        again = playa.Project.load(path)
    assert warned[0].filename == __file__
    (diagnostic,) = again.diagnostics
    assert isinstance(diagnostic, playa.Diagnostic)
    assert (diagnostic.severity, diagnostic.path) == ("error", path)
    assert "com.example.glow" in diagnostic.message
    assert path.read_text("utf-8").splitlines()[diagnostic.line - 1].strip().startswith(("[[", "id"))
    assert str(diagnostic) in repr(diagnostic)
    comp = again.get_comp("Time")
    (glow,) = comp.layers[0].effects
    assert (glow.id, glow.name, glow.loaded, glow.params) == ("com.example.glow", "com.example.glow", False, {"radius": 2.5})
    assert repr(glow) == "<Effect com.example.glow(radius=2.5), not loaded>"
    with pytest.raises(playa.MissingEffectError, match="com.example.glow.*install its plugin") as caught:
        comp.render(3)
    assert caught.value.frame == 3
    for change in (lambda: setattr(glow, "radius", 3), lambda: comp.layers[0].add_effect(glow)):
        with pytest.raises(playa.EffectNotFoundError, match="com.example.glow"):
            change()
    sequence.effects[0].remove()
    skipped = comp.render(3, skip_missing_effects=True)
    assert (skipped.to_numpy() == sequence.comp.render(3).to_numpy()).all()
    before = path.read_bytes()
    again.save(path)
    assert path.read_bytes() == before
    with pytest.raises(playa.ProjectFileError, match="com.example.glow"):
        playa.Project.load(path, strict=True)


def test_an_unknown_key_is_warned_of_with_its_line_and_kept(project: playa.Project, comp: playa.Comp, tmp_path: Path) -> None:
    path = saved_with(tmp_path, project, 'name = "Main"', 'name = "Main"\nmood = "bleak"')
    with pytest.warns(playa.ProjectWarning, match="mood"):
        again = playa.Project.load(path)
    (diagnostic,) = again.diagnostics
    assert diagnostic.severity == "warning"
    assert path.read_text("utf-8").splitlines()[diagnostic.line - 1] == 'mood = "bleak"'
    again.save(path)
    assert 'mood = "bleak"' in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("width = 6", 'width = "six"', "width"),
        ("width = 6", "width = -6", "width"),
        ("width = 6", "width = ", ""),
    ],
)
def test_a_wrong_value_in_a_file_is_an_error_with_its_line(
    project: playa.Project, comp: playa.Comp, tmp_path: Path, old: str, new: str, reason: str
) -> None:
    path = saved_with(tmp_path, project, old, new)
    line = path.read_text("utf-8").splitlines().index(new) + 1
    with pytest.raises(playa.ProjectFileError, match=f"shot.playa:{line}: .*{reason}") as caught:
        playa.Project.load(path)
    assert caught.value.path == path


def test_missing_media_loads_with_a_warning(project: playa.Project, sequence: playa.Layer, footage: Path, tmp_path: Path) -> None:
    path = saved_with(tmp_path, project, "bg.####.exr", "gone.####.exr")
    with pytest.warns(playa.ProjectWarning, match="gone.####.exr"):
        again = playa.Project.load(path)
    with pytest.raises(playa.RenderError, match="gone"):
        again.get_comp("Time").render(3)
    with pytest.raises(playa.ProjectFileError, match="gone.####.exr"):
        playa.Project.load(path, strict=True)


def test_missing_files_are_named(project: playa.Project, comp: playa.Comp, footage: Path, tmp_path: Path) -> None:
    with pytest.raises(playa.ProjectNotFoundError) as caught:
        playa.Project.load(tmp_path / "none.playa")
    assert isinstance(caught.value, FileNotFoundError)
    assert caught.value.path == tmp_path / "none.playa"
    with pytest.raises(playa.ProjectFileError, match="NAME.playa"):
        project.save(tmp_path / "shot.txt")
    for path in (footage / "none.exr", footage / "none.####.exr", tmp_path / "none" / "x.exr"):
        with pytest.raises(playa.MediaNotFoundError) as caught:
            comp.add_layer(path)
        assert caught.value.path == path
    assert (comp.layers, project.media) == ([], [])
    with pytest.raises(playa.ProjectFileError, match="only paths in UTF-8"):
        comp.add_layer(tmp_path / "byte-\udcff.exr")


def test_damaged_media_is_refused(comp: playa.Comp, tmp_path: Path) -> None:
    (tmp_path / "noise.exr").write_bytes(b"\x76\x2f\x31\x01 and then nothing of the kind")
    with pytest.raises(playa.MediaError, match="noise.exr") as caught:
        comp.add_layer(tmp_path / "noise.exr")
    assert caught.value.path == tmp_path / "noise.exr"
