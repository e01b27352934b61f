"""Sequences are found from a folder, a file or a pattern."""

import json
from pathlib import Path

import numpy as np
import playa_py as playa
import pytest
from playa_py import _native


@pytest.fixture
def plates(tmp_path: Path) -> Path:
    folder = tmp_path / "plates"
    folder.mkdir()
    for frame in [*range(1001, 1005), *range(1006, 1010), 1012]:
        (folder / f"plate.{frame}.exr").touch()
    for name in ("bg_1.png", "bg_2.png", "bg_10.png", "still.dpx", "lone.0001.tif", "notes.txt", "notes_2.txt"):
        (folder / name).touch()
    (folder / "old.0001.exr").mkdir()
    return folder


def test_a_folder_is_its_sequences_and_pictures(plates: Path) -> None:
    found = playa.find_sequences(plates)
    assert found == [
        (str(plates / "bg_#.png"), 1, 10, 3, [(3, 9)]),
        (str(plates / "lone.0001.tif"), None, None, 1, []),
        (str(plates / "plate.####.exr"), 1001, 1012, 9, [(1005, 1005), (1010, 1011)]),
        (str(plates / "still.dpx"), None, None, 1, []),
    ]
    assert isinstance(found[0], playa.FoundSequence)
    assert found[2].pattern == str(plates / "plate.####.exr")


def test_a_file_and_a_pattern_are_one_sequence(plates: Path) -> None:
    [of_file] = playa.find_sequences(plates / "plate.1007.exr")
    [of_pattern] = playa.find_sequences(plates / "plate.%04d.exr")
    assert of_file.pattern == str(plates / "plate.####.exr")
    assert of_pattern.pattern == str(plates / "plate.%04d.exr")  # as it was written
    assert of_file[1:] == of_pattern[1:]
    with pytest.raises(playa.MediaNotFoundError, match="did you mean `plate.####.exr`"):
        playa.find_sequences(plates / "plate.#####.exr")
    with pytest.raises(playa.MediaNotFoundError, match="is not a folder"):
        playa.find_sequences(plates / "nowhere" / "a.exr")


def test_tiles_of_textures_are_refused_with_a_hint(plates: Path) -> None:
    comp = playa.Project().add_comp("Main")
    with pytest.raises(playa.PlayaError, match="tiles of a texture.*name one tile, such as 1001, or write ####"):
        comp.add_layer(plates / "skin.<UDIM>.exr")


def test_ls_tells_the_same(plates: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _native.cli_main(["playa", "ls", str(plates)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert lines == [
        f"{plates}/bg_#.png 1-10 (7 missing: 3-9)",
        f"{plates}/lone.0001.tif",
        f"{plates}/plate.####.exr 1001-1012 (3 missing: 1005, 1010-1011)",
        f"{plates}/still.dpx",
    ]
    assert _native.cli_main(["playa", "ls", "--json", str(plates / "plate.1001.exr"), str(plates / "gone.exr")]) == 1
    out, err = capfd.readouterr()
    assert json.loads(out) == [
        {
            "pattern": f"{plates}/plate.####.exr",
            "first": 1001,
            "last": 1012,
            "files": 9,
            "missing": [[1005, 1005], [1010, 1011]],
        }
    ]
    assert "gone.exr: no such file" in err
    assert _native.cli_main(["playa", "ls", "--all", str(plates)]) == 0
    assert f"{plates}/notes.txt" in capfd.readouterr().out.splitlines()


def test_a_sequence_is_looked_at_again(tmp_path: Path) -> None:
    def write(frame: int, value: float) -> None:
        playa.Frame.from_numpy(np.full((4, 4, 4), value, np.float32)).save(tmp_path / f"a.{frame:04}.exr")

    for frame in (1, 2):
        write(frame, frame / 10)
    project = playa.Project()
    comp = project.add_comp("Main", width=4, height=4)
    source = comp.add_layer(tmp_path / "a.####.exr").source
    assert not source.refresh()
    # A file that is written again is another picture, with or without.
    before = comp.render(2).to_numpy()[0, 0, 0]
    write(2, 0.75)
    assert (before, comp.render(2).to_numpy()[0, 0, 0]) == (np.float32(0.2), 0.75)
    write(4, 0.4)
    assert (source.out, source.gaps) == (2, [])
    assert source.refresh()
    assert (source.out, source.gaps) == (4, [(3, 3)])
    project.undo()
    assert source.out == 2
    for path in tmp_path.iterdir():
        path.unlink()
    assert source.refresh()
    with pytest.raises(playa.RenderError, match="frame 2 is missing .the sequence has no file at all"):
        comp.render(2)
