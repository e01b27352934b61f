"""What a rendered frame says besides its pixels: carried from the lowest footage, and where it comes from."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import OpenEXR
import OpenImageIO as oiio
import playa_py as playa
import pytest
from numpy.typing import NDArray
from PIL import Image
from shared_media import READABLE

SHOT = {
    "owner": "Studio",
    "comments": "slate 3",
    "aperture": 2.75,
    "focus": 1.5,
    "isoSpeed": 800.0,
    "utcOffset": -3600.0,
    "capDate": "2026:11:30 12:00:00",
    "lensModel": "Prime 35",
    "worldToCamera": tuple(float(at) for at in range(16)),
    "keyCode": (1, 2, 3, 4, 5, 6, 64),
    "timeCode": (0x01595923, 0),
}

PROVENANCE = {"playa:project", "playa:version", "playa:hash", "framesPerSecond"}


def white() -> NDArray:
    return np.ones((4, 6, 4), np.float32)


@pytest.fixture
def plate(tmp_path: Path) -> Path:
    frame = playa.Frame.from_numpy(white(), metadata=SHOT, pixel_aspect=2.0)
    frame.save(tmp_path / "plate.exr")
    return tmp_path / "plate.exr"


def rest(frame: playa.Frame) -> dict:
    return {name: value for name, value in frame.metadata.items() if name not in PROVENANCE}


def test_what_the_plate_says_is_carried_to_the_file_that_is_written(comp: playa.Comp, plate: Path, tmp_path: Path) -> None:
    comp.add_layer(plate)
    frame = comp.render(0)
    assert rest(frame) == rest(playa.Frame.load(plate))
    assert {name: frame.metadata[name] for name in SHOT} == SHOT
    assert frame.pixel_aspect == 2.0
    frame.save(tmp_path / "out.exr")
    header = OpenEXR.File(str(tmp_path / "out.exr")).header()
    assert (header["owner"], header["lensModel"], header["pixelAspectRatio"]) == ("Studio", "Prime 35", 2.0)
    assert header["playa:project"] == "Shot 10"
    assert header["playa:version"] == playa.__version__
    assert len(header["playa:hash"]) == 32


def test_the_hash_is_that_of_the_pixels(comp: playa.Comp, plate: Path, tmp_path: Path) -> None:
    layer = comp.add_layer(plate)
    first, again = comp.render(0), comp.render(0, cache=False)
    assert first.metadata["playa:hash"] == again.metadata["playa:hash"] == comp.graph(0)["nodes"][-1]["key"]
    assert comp.render(1).metadata["playa:hash"] == first.metadata["playa:hash"], "a still has the same pixels"
    layer.opacity = 0.5
    assert comp.render(0).metadata["playa:hash"] != first.metadata["playa:hash"]
    # What made the plate is no news of what made the frame.
    first.save(tmp_path / "again.exr")
    other = playa.Project().add_comp("Other", width=6, height=4)
    other.add_layer(tmp_path / "again.exr")
    assert "playa:project" not in other.render(0).metadata
    assert other.render(0).metadata["playa:hash"] != first.metadata["playa:hash"]


def test_equal_pixels_with_other_metadata_are_told_apart(project: playa.Project) -> None:
    """The same pixels of two frames: the cache knows one picture, and each comp says what its own footage says."""
    one = playa.Frame.from_numpy(white(), metadata={"owner": "one"})
    two = playa.Frame.from_numpy(one.to_numpy(), metadata={"owner": "two"})
    for frame, owner in ((one, "one"), (two, "two"), (one, "one")):
        comp = project.add_comp(owner, width=6, height=4)
        comp.add_layer(frame)
        assert comp.render(0).metadata["owner"] == owner


def owned(owner: str) -> playa.Frame:
    return playa.Frame.from_numpy(white(), metadata={"owner": owner})


@pytest.mark.parametrize(
    ("change", "owner"),
    [
        (lambda _layers: None, "low"),
        (lambda layers: layers["low"].set_attr("visible", False), "mid"),
        (lambda layers: layers["low"].set_attr("mute", True), "mid"),
        (lambda layers: layers["low"].set_attr("opacity", 0.0), "mid"),
        (lambda layers: layers["low"].set_attr("opacity", 0.1), "low"),
        (lambda layers: layers["low"].set_attr("trim_in", 3.0), "mid"),
        (lambda layers: layers["top"].set_attr("solo", True), "top"),
        (lambda layers: layers["low"].move(0), "mid"),
        (lambda layers: (layers["low"].remove(), layers["mid"].remove(), layers["top"].remove()), None),
    ],
)
def test_the_lowest_footage_that_is_seen_counts(
    project: playa.Project, comp: playa.Comp, change: Callable, owner: str | None
) -> None:
    comp.add_layer(project.add_solid("sky", color=(1, 1, 1, 1)))
    inner = project.add_comp("Inner", width=6, height=4)
    inner.add_layer(owned("mid"))
    layers = {"low": comp.add_layer(owned("low")), "mid": comp.add_layer(inner), "top": comp.add_layer(owned("top"))}
    change(layers)
    assert comp.render(0).metadata.get("owner") == owner


def test_comps_in_comps_without_footage_are_looked_into_once(project: playa.Project) -> None:
    comp = project.add_comp("0", width=6, height=4)
    for depth in range(1, 40):
        outer = project.add_comp(str(depth), width=6, height=4)
        outer.add_layer(comp)
        outer.add_layer(comp)
        comp = outer
    assert set(comp.render(0).metadata) == PROVENANCE, "and not 2 to the power of 39 times"


@pytest.mark.parametrize(
    ("fps", "frame", "expected"),
    [
        ("24", 0, 0x01595923),
        ("24", 1, 0x02000000),
        ("24", 25, 0x02000100),
        ("24000/1001", 1, 0x02000000),
        ("25", 1, 0x01595924),
        ("25", 2, 0x02000000),
        ("30000/1001", 6, 0x01595929),
        ("30000/1001", 7, 0x02000000),
        ("48", 1, 0x01595923 | 1 << 15),
        ("48", 2, 0x02000000),
        ("120", 1, None),
    ],
)
def test_the_time_code_of_a_still_is_counted_on(
    project: playa.Project, plate: Path, fps: str, frame: int, expected: int | None
) -> None:
    comp = project.add_comp("Rate", width=6, height=4, fps=fps, out=100)
    comp.add_layer(plate)
    metadata = comp.render(frame).metadata
    assert metadata.get("timeCode") == (None if expected is None else (expected, 0))
    assert metadata["framesPerSecond"] == Fraction(fps)


def test_numbers_are_dropped_where_the_flag_says_so(project: playa.Project) -> None:
    drop = 1 << 6
    comp = project.add_comp("NTSC", width=6, height=4, fps=29.97, out=2000)
    comp.add_layer(playa.Frame.from_numpy(white(), metadata={"timeCode": (0x01000000 | drop, 7)}))
    for frame, expected in ((1799, 0x01005929), (1800, 0x01010002)):
        assert comp.render(frame).metadata["timeCode"] == (expected | drop, 7)


def test_frames_of_a_sequence_have_their_own_time_codes_and_are_counted_on_where_they_are_held(
    project: playa.Project, tmp_path: Path
) -> None:
    for number in (10, 11, 13):
        frame = playa.Frame.from_numpy(white(), metadata={"timeCode": (0x10000000 | number // 10 << 4 | number % 10, 0)})
        frame.save(tmp_path / f"a.{number:04d}.exr")
    comp = project.add_comp("Sequence", width=6, height=4, fps=24)
    layer = comp.add_layer(tmp_path / "a.####.exr", trim_out=-2)
    layer.source.missing = "hold"
    code = [comp.render(frame).metadata["timeCode"][0] & 0xFF for frame in (10, 11, 12, 13, 14, 15)]
    assert code == [0x10, 0x11, 0x12, 0x13, 0x14, 0x15]
    outer = project.add_comp("Outer", width=6, height=4, fps=24)
    outer.add_layer(comp, trim_out=-2)
    assert outer.render(17).metadata["timeCode"][0] & 0xFF == 0x17
    # At another speed it is the one of the file that shows.
    layer.speed, layer.trim_out = 0.5, 0
    code = [comp.render(frame).metadata["timeCode"][0] & 0xFF for frame in (10, 11, 12, 13)]
    assert code == [0x10, 0x11, 0x11, 0x12]


def test_colour_says_what_the_frame_holds(project: playa.Project, comp: playa.Comp, shared: Path) -> None:
    comp.width, comp.height = 600, 400
    comp.add_layer(shared / "media" / "rgba" / "Carrots.exr")
    ap0 = playa.Frame.load(shared / "media" / "rgba" / "Carrots.exr").metadata["chromaticities"]
    assert "chromaticities" not in comp.render(0).metadata
    project.working_space = "acescg"
    assert comp.render(0).metadata["chromaticities"] not in (None, ap0)
    project.working_space = "aces2065-1"
    assert comp.render(0).metadata["chromaticities"] == ap0


# What stays behind, because it tells of the file's own pixels or of channels that are not rendered.
STAYS = ("preview", "multiView", "idManifest", "cryptomatte/")

STRUCTURE = {"channels", "chunkCount", "compression", "dataWindow", "displayWindow", "lineOrder", "tiles", "type"}


def same(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray | tuple):
        return np.array_equal(np.asarray(a), np.asarray(b))
    return a == b


@pytest.mark.parametrize("path", READABLE, indirect=True)
def test_a_comp_of_one_exr_changes_nothing_but_provenance(path: Path, tmp_path: Path) -> None:
    """Pixels, attributes and windows as the OpenEXR package sees them, before and after."""
    read = playa.Frame.load(path)
    (x0, y0, x1, y1) = read.display_window
    project = playa.Project("Pass")
    comp = project.add_comp("Pass", width=x1 - x0, height=y1 - y0)
    layer = comp.add_layer(path)
    # Numbers as they are, in whatever primaries.
    layer.source.colour_space = "raw"
    comp.fps = layer.source.fps
    frame = comp.render(0, region="data")
    frame.save(tmp_path / "pass.exr", dtype="float", compression="zip")
    before = playa_part(path)
    after = OpenEXR.File(str(tmp_path / "pass.exr"), separate_channels=True).parts[0]

    # A frame of a comp begins at 0, 0.
    for name in ("dataWindow", "displayWindow"):
        shifted = [(int(x) - x0, int(y) - y0) for x, y in before.header[name]]
        assert [(int(x), int(y)) for x, y in after.header[name]] == shifted, name

    colour = playa.Frame.load(tmp_path / "pass.exr").to_numpy()
    assert colour.tobytes() == read.to_numpy().tobytes()
    for name in "RGBA":
        if name in before.channels and name in after.channels and len({"R", "G", "B"} & set(before.channels)) > 1:
            ours, theirs = after.channels[name].pixels, before.channels[name].pixels.astype(np.float32)
            assert ours.tobytes() == theirs.tobytes(), name

    own = {"chromaticities", "colorInteropID"}
    kept = {name for name in before.header if name not in STRUCTURE | own and not name.startswith(STAYS)}
    lost = kept - set(after.header) - {"name", "dwaCompressionLevel", "maxSamplesPerPixel"}
    assert not lost
    new = set(after.header) - set(before.header) - STRUCTURE
    assert new <= PROVENANCE | {"dwaCompressionLevel"}
    for name in kept & set(after.header) - {"framesPerSecond"}:
        assert same(before.header[name], after.header[name]), name


def playa_part(path: Path) -> OpenEXR.Part:
    """The part that is read of a file: the first with colour among its unprefixed channels."""
    parts = OpenEXR.File(str(path), separate_channels=True).parts
    return next((part for part in parts if {"R", "G", "B", "Y"} & set(part.channels)), parts[0])


def test_stills_say_what_made_them(comp: playa.Comp, plate: Path, tmp_path: Path) -> None:
    comp.add_layer(plate)
    frame = comp.render(0)
    for depth in (8, 16):
        frame.save(tmp_path / "out.png", depth=depth)
        with Image.open(tmp_path / "out.png") as png:
            png.load()
            told = {name: text for name, text in png.info.items() if name.startswith("playa:")}
        assert told == {name: frame.metadata[name] for name in PROVENANCE - {"framesPerSecond"}}
        assert playa.Frame.load(tmp_path / "out.png").to_numpy().max() == 1
    frame.save(tmp_path / "out.tif")
    made_by = oiio.ImageInput.open(str(tmp_path / "out.tif")).spec()["Software"]
    assert made_by == f"playa:project=Shot 10, playa:version={playa.__version__}, playa:hash={frame.metadata['playa:hash']}"
