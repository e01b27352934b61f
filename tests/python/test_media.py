"""Files become the pixels that the OpenEXR, OpenImageIO and OpenCV packages see in them, or an error that says why not."""

import json
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import OpenImageIO as oiio
import playa_py as playa
import pytest
from numpy.typing import NDArray
from shared_media import READABLE, media

# What each one needs and this version lacks, as its error must call it.
UNSUPPORTED = {
    "Balls.exr": "deep",
    "Flowers.exr": "subsampled",
    "Rec709_YC.exr": "subsampled",
    "htj2k32_stilllife_crop.exr": "HTJ2K",
}


def same_bits(a: NDArray, b: NDArray) -> bool:
    """Equal in type, shape and every bit, so that NaN is the same NaN and -0.0 is no 0.0."""
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def assert_same_as_openexr(path: Path) -> None:
    """Every part: both windows, and every channel in the type and bits of the OpenEXR package's."""
    file = OpenEXR.File(str(path), separate_channels=True)
    for index, part in enumerate(file.parts):
        frame = playa.Frame.load(path, part=index)
        for ours, theirs in ((frame.data_window, "dataWindow"), (frame.display_window, "displayWindow")):
            (x0, y0), (x1, y1) = part.header[theirs]
            assert ours == (x0, y0, x1 + 1, y1 + 1)
        pixels, extra = frame.to_numpy(), frame.channels
        for name, channel in part.channels.items():
            if name in extra:
                assert same_bits(frame.channel(name), channel.pixels), f"part {index}, channel {name}"
            else:
                # Colour is float32, and every half has one: widened, not rounded, NaN bits included.
                ours, theirs = pixels[..., "RGBA".index(name)], channel.pixels.astype(np.float32)
                assert same_bits(ours, theirs), f"part {index}, channel {name}"
        if not {"A"} & part.channels.keys():
            assert (pixels[..., 3] == 1).all()


@pytest.mark.parametrize("path", READABLE, indirect=True)
def test_exr_is_bit_equal_to_openexr(path: Path) -> None:
    assert_same_as_openexr(path)


def typed_channels(width: int, height: int) -> dict[str, NDArray]:
    """Halves with infinities and NaN, floats that no half holds, whole numbers that no float holds."""
    random = np.random.default_rng(7)
    halves = random.normal(0, 100, (4, height, width)).astype(np.float16)
    halves[0, 0, :3] = np.inf, -np.inf, np.nan
    ids = random.integers(0, 2**32, (height, width), dtype=np.uint32)
    depth = random.normal(0, 1e30, (height, width)).astype(np.float32)
    return {**dict(zip("RGBA", halves, strict=True)), "Z": depth, "id": ids, "diffuse.R": halves[1].copy()}


@pytest.mark.parametrize("compression", ["NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB"])
@pytest.mark.parametrize("corner", [(0, 0), (-7, 11)], ids=["at the origin", "elsewhere"])
def test_every_compression_is_bit_equal_to_openexr(tmp_path: Path, compression: str, corner: tuple[int, int]) -> None:
    width, height = 67, 45  # neither blocks of lines nor of pixels divide them
    header = {
        "compression": getattr(OpenEXR, f"{compression}_COMPRESSION"),
        "type": OpenEXR.scanlineimage,
        "dataWindow": (np.array(corner, np.int32), np.array(corner, np.int32) + np.array([width - 1, height - 1], np.int32)),
        "displayWindow": (np.array([0, 0], np.int32), np.array([99, 49], np.int32)),
    }
    path = tmp_path / "typed.exr"
    with OpenEXR.File(header, typed_channels(width, height)) as file:
        file.write(str(path))
    assert_same_as_openexr(path)
    frame = playa.Frame.load(path)
    assert frame.channels == ["Z", "diffuse.R", "id"]
    assert (frame.channel("Z").dtype, frame.channel("id").dtype) == (np.float32, np.uint32)


@pytest.mark.parametrize("compression", ["none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab"])
def test_every_compression_that_is_written_is_read_alike_by_openexr(tmp_path: Path, compression: str) -> None:
    height, width = 67, 45
    channels = typed_channels(width, height)
    colour = np.stack([channels[name] for name in "RGBA"], -1).astype(np.float32)
    extra = {name: channel for name, channel in channels.items() if name not in "RGBA"}
    path = tmp_path / "ours.exr"
    frame = playa.Frame.from_numpy(colour, channels=extra, data_window=(-7, 11, width - 7, height + 11))
    frame.save(path, compression=compression, dtype="half")
    assert_same_as_openexr(path)
    if compression not in ("pxr24", "b44", "b44a", "dwaa", "dwab"):
        with OpenEXR.File(str(path), separate_channels=True) as file:
            for name, channel in channels.items():
                theirs = file.channels()[name].pixels
                # NaN of an array of floats is that of a half with as much of its payload as fits.
                assert same_bits(theirs, channel), name


def test_a_level_of_zip_makes_smaller_files_of_the_same_pixels(footage: Path, tmp_path: Path) -> None:
    frame, sizes = playa.Frame.load(footage / "fg.0003.exr"), {}
    for level in (None, 1, 4, 12):
        path = tmp_path / f"{level}.exr"
        frame.save(path, compression="zip", zip_level=level)
        sizes[level] = path.stat().st_size
        assert same_bits(playa.Frame.load(path).to_numpy(), frame.to_numpy())
    assert sizes[None] <= 1.02 * sizes[4] and sizes[12] <= sizes[4] <= sizes[1]
    for level in (0, 13):
        with pytest.raises(playa.MediaError, match=f"the ZIP level {level}"):
            frame.save(tmp_path / "none.exr", zip_level=level)
    with pytest.raises(playa.AttrTypeError, match="dwa_level is an option of .exr files"):
        frame.save(tmp_path / "none.png", dwa_level=1.0)


def chunks(path: Path, count: int) -> list[bytes]:
    """The packed blocks of a file of one part in lines, by its table."""
    data, at = path.read_bytes(), 8
    while data[at]:  # attributes: name, type, length, value
        at = data.index(b"\0", data.index(b"\0", at) + 1) + 1
        at += 4 + int.from_bytes(data[at : at + 4], "little")
    offsets = np.frombuffer(data, "<u8", count, at + 1)
    sizes = [int.from_bytes(data[offset + 4 : offset + 8], "little") for offset in offsets.tolist()]
    return [data[offset + 8 :][:size] for offset, size in zip(offsets.tolist(), sizes, strict=True)]


# What the two first bytes of a zlib stream say of how it was made: by runs alone, or at libdeflate's level 4.
HEADS = {"runs": b"\x78\x01", "repeats": b"\x78\x5e"}


@pytest.mark.parametrize(("picture", "head"), [("noise", "runs"), ("noise over flat", "runs"), ("texture", "repeats")])
def test_zip_that_does_not_look_for_repeats_is_read_by_all(tmp_path: Path, picture: str, head: str) -> None:
    """Python's zlib, OpenEXR and OpenImageIO; and it is no larger than what libdeflate's level 4 makes, to 2 %."""
    random = np.random.default_rng(5)
    height, width = 80, 600
    ramp = np.linspace(0.2, 0.9, height * width * 4, dtype=np.float32).reshape(height, width, 4)
    noisy = (ramp * (1 + 0.05 * random.standard_normal(ramp.shape, np.float32))).astype(np.float16).astype(np.float32)
    if picture == "noise over flat":
        noisy[:, : width // 2] = 0
    if picture == "texture":
        noisy = np.tile(noisy[:, :20], (1, width // 20, 1))
    path, usual = tmp_path / "noise.exr", tmp_path / "level.exr"
    frame = playa.Frame.from_numpy(noisy)
    frame.save(path, compression="zip", dtype="half")
    frame.save(usual, compression="zip", dtype="half", zip_level=4)
    packed = chunks(path, 5)
    assert all(chunk[:2] == HEADS[head] for chunk in packed)
    unpacked = [zlib.decompress(chunk) for chunk in packed]
    assert unpacked == [zlib.decompress(chunk) for chunk in chunks(usual, 5)]
    assert path.stat().st_size <= 1.02 * usual.stat().st_size
    assert same_bits(playa.Frame.load(path).to_numpy(), noisy)
    with OpenEXR.File(str(path)) as file:
        assert (file.channels()["RGBA"].pixels.astype(np.float32) == noisy).all()
    image = oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT)
    assert (image == noisy).all()


def test_dwa_loses_as_much_as_it_is_told(tmp_path: Path) -> None:
    """The error of the reference writer at its default level, on noise over a ramp, is the measure: ours is no larger."""
    random = np.random.default_rng(3)
    ramp = np.linspace(0.1, 2, 256 * 256 * 3, dtype=np.float32).reshape(256, 256, 3)
    pixels = (ramp * (1 + 0.05 * random.standard_normal(ramp.shape))).astype(np.float16).astype(np.float32)

    def error(path: Path) -> float:
        with OpenEXR.File(str(path)) as file:
            return float(np.abs(file.channels()["RGB"].pixels[..., :3].astype(np.float32) - pixels).mean())

    theirs = tmp_path / "theirs.exr"
    header = {"compression": OpenEXR.DWAA_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {"RGB": pixels.astype(np.float16)}) as file:
        file.write(str(theirs))
    errors = {}
    for level in (0.0, 45.0, 450.0):
        path = tmp_path / f"{level}.exr"
        playa.Frame.from_numpy(pixels).save(path, compression="dwaa", dtype="half", dwa_level=level)
        with OpenEXR.File(str(path)) as file:
            channels = file.channels()
            name = "RGBA" if "RGBA" in channels else "RGB"
            errors[level] = float(np.abs(channels[name].pixels[..., :3].astype(np.float32) - pixels).mean())
    assert errors[0.0] < errors[45.0] < errors[450.0]
    assert errors[45.0] <= 1.1 * error(theirs)


# What says how pixels are stored, and so is decided anew; and what is not an attribute of a part in a file of its own.
STORED = {"channels", "chunkCount", "compression", "lineOrder", "tiles", "type"}


def same_attribute(ours: object, theirs: object) -> bool:
    if isinstance(theirs, (tuple, list, np.ndarray)):
        return np.array_equal(np.asarray(ours), np.asarray(theirs))
    if type(theirs).__eq__ is object.__eq__:
        members = [name for name in dir(theirs) if not name.startswith("_") and not callable(getattr(theirs, name))]
        return all(same_attribute(getattr(ours, name), getattr(theirs, name)) for name in members)
    return ours == theirs


@pytest.mark.parametrize("path", READABLE, indirect=True)
def test_read_and_saved_again_it_is_the_same_to_openexr(path: Path, tmp_path: Path) -> None:
    """Pixels and attributes of every part; the colour, which is R, G, B and A in every file of ours, may be wider."""
    again = tmp_path / "again.exr"
    for index, theirs in enumerate(OpenEXR.File(str(path), separate_channels=True).parts):
        frame = playa.Frame.load(path, part=index)
        frame.save(again, compression="zips")
        ours = OpenEXR.File(str(again), separate_channels=True).parts[0]
        for name, channel in theirs.channels.items():
            saved = ours.channels[name].pixels
            wide = np.result_type(saved, channel.pixels)
            assert same_bits(saved.astype(wide), channel.pixels.astype(wide)), f"part {index}, channel {name}"
        for name, value in theirs.header.items():
            if name not in STORED:
                assert same_attribute(ours.header[name], value), f"part {index}, attribute {name}"
        assert playa.Frame.load(again).metadata == frame.metadata


@pytest.mark.parametrize("path", media("tiled/*.exr"), indirect=True)
def test_every_level_is_that_of_openimageio(path: Path) -> None:
    levels = oiio.ImageBuf(str(path)).nmiplevels
    for level in range(levels):
        image = oiio.ImageBuf(str(path), 0, level)
        spec = image.spec()
        frame = playa.Frame.load(path, level=level)
        assert frame.data_window == (spec.x, spec.y, spec.x + spec.width, spec.y + spec.height)
        assert (frame.width, frame.height) == (spec.full_width, spec.full_height)
        theirs, pixels = image.get_pixels(oiio.FLOAT), frame.to_numpy()
        for index, name in enumerate(spec.channelnames):
            ours = frame.channel(name) if name in frame.channels else pixels[..., "RGBA".index(name)]
            assert same_bits(np.ascontiguousarray(ours, np.float32), np.ascontiguousarray(theirs[..., index])), (level, name)
    with pytest.raises(playa.ChannelNotFoundError, match=f"there is no level {levels}"):
        playa.Frame.load(path, level=levels)


def test_missing_pixels_are_those_of_openimageio_or_of_the_tiles_above(shared: Path) -> None:
    path = shared / "media" / "damaged" / "partial.exr"
    with pytest.raises(playa.MediaError, match="unfinished file: 6 of 16"):
        playa.Frame.load(path, missing_pixels="error")
    config = oiio.ImageSpec()
    config.attribute("oiio:missingcolor", "0,0,0,0")
    theirs = oiio.ImageBuf(str(path), 0, 0, config).get_pixels(oiio.FLOAT)
    black = playa.Frame.load(path, missing_pixels="black").to_numpy()
    assert same_bits(np.ascontiguousarray(black[..., :3]), np.ascontiguousarray(theirs[..., :3]))
    hold = playa.Frame.load(path, missing_pixels="hold").to_numpy()
    there = (black[::64, ::64, :3] != 0).any(-1)
    for row, column in np.argwhere(~there):
        above = [other for other in range(row) if there[other, column]]
        below = [other for other in range(row, 4) if there[other, column]]
        line = above[-1] * 64 + 63 if above else below[0] * 64
        columns = slice(column * 64, column * 64 + 64)
        assert (hold[row * 64 : row * 64 + 64, columns] == black[line, columns]).all()
    with pytest.raises(playa.AttrValueError, match="blak"):
        playa.Frame.load(path, missing_pixels="blak")


def test_parts_and_layers_are_reached_by_name(tmp_path: Path) -> None:
    path = tmp_path / "parts.exr"
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    beauty = {name: np.full((4, 6), value, np.float16) for name, value in zip("RGBA", (1, 2, 3, 0.5), strict=True)}
    layers = {f"key.{name}": np.full((4, 6), value, np.float32) for name, value in zip("RGB", (4, 5, 6), strict=True)}
    parts = [OpenEXR.Part(dict(header), beauty, "beauty"), OpenEXR.Part(dict(header), layers, "lights")]
    with OpenEXR.File(parts) as file:
        file.write(str(path))
    assert playa.Frame.load(path).to_numpy()[0, 0].tolist() == [1, 2, 3, 0.5]
    assert playa.Frame.load(path, part="lights", channels="key").to_numpy()[0, 0].tolist() == [4, 5, 6, 1]
    wishes = ({"part": "light"}, "beauty, lights"), ({"part": 2}, "beauty"), ({"channels": "kee"}, "layers beauty, key, lights")
    for wrong, known in wishes:
        with pytest.raises(playa.ChannelNotFoundError, match=known) as caught:
            playa.Frame.load(path, **wrong)
        assert caught.value.path == path


@pytest.mark.parametrize(
    "name",
    ["rgba/checker_with_alpha.exr", "display-window/t08.exr", "flat-deep/composited.exr", "tiled/GoldenGate.exr"],
)
def test_exr_is_bit_equal_to_openimageio(shared: Path, name: str) -> None:
    path = shared / "media" / name
    image = oiio.ImageBuf(str(path))
    spec, theirs = image.spec(), image.get_pixels(oiio.FLOAT)
    frame = playa.Frame.load(path)
    assert frame.data_window == (spec.x, spec.y, spec.x + spec.width, spec.y + spec.height)
    assert same_bits(np.ascontiguousarray(frame.to_numpy()[..., : spec.nchannels]), theirs)


@pytest.mark.parametrize("path", media("unsupported/*.exr"), indirect=True)
def test_an_unsupported_file_is_refused_by_the_name_of_the_feature(path: Path) -> None:
    with pytest.raises(playa.UnsupportedMediaError, match=f"(?i){UNSUPPORTED[path.name]}.* is not supported") as caught:
        playa.Frame.load(path)
    assert caught.value.path == path


# Reads each damaged file under a limit of memory, and a sound one after each; prints what became of it and how long it
# took, and at last the most memory that was in use.
READ_DAMAGED = """
import json, resource, sys, time
import numpy
import playa_py as playa
sound, *damaged = sys.argv[1:]
expected = playa.Frame.load(sound).to_numpy().tobytes()
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
results = {}
for path in damaged:
    start = time.perf_counter()
    try:
        outcome = repr(playa.Frame.load(path))
    except playa.MediaError as error:
        outcome = f"{type(error).__name__}: {error}"
    results[path] = [outcome, time.perf_counter() - start]
    assert playa.Frame.load(sound).to_numpy().tobytes() == expected
# Not getrusage: what that says begins with the memory of the process that started this one.
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM:"))
print(json.dumps([results, int(peak)]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux counts it")
def test_damaged_files_end_in_errors_of_one_process_that_goes_on(shared: Path) -> None:
    damaged = sorted((shared / "media" / "damaged").iterdir())
    sound = shared / "media" / "rgba" / "checker_with_alpha.exr"
    command = [sys.executable, "-c", READ_DAMAGED, *map(str, [sound, *damaged])]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr
    results, peak_kib = json.loads(done.stdout)
    for path, (outcome, seconds) in results.items():
        assert seconds < 1, path
        assert "Error: " in outcome, (path, outcome)
    assert len(results) == 14
    # The limit of a file is 2 GiB. None of these comes near it: they are refused by what their headers claim.
    assert peak_kib < 512 * 1024


def test_a_file_cut_short_anywhere_is_an_error(footage: Path, tmp_path: Path) -> None:
    whole = (footage / "fg.0003.exr").read_bytes()
    path = tmp_path / "cut.exr"
    for length in [0, 3, 8, 100, len(whole) // 2, len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(playa.MediaError, match="cut.exr"):
            playa.Frame.load(path)
    path.write_bytes(whole)
    assert playa.Frame.load(path).width == 96


def test_a_file_above_the_limit_of_memory_is_refused(footage: Path) -> None:
    with pytest.raises(playa.MediaMemoryError, match="takes [0-9]+ bytes of memory, the limit is 1000"):
        playa.Frame.load(footage / "fg.0001.exr", max_bytes=1000)


def srgb_to_linear(coded: NDArray) -> NDArray:
    """IEC 61966-2-1."""
    return np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_png_is_decoded_from_srgb_then_premultiplied(tmp_path: Path, dtype: type, channels: int) -> None:
    path = tmp_path / "straight.png"
    highest = np.iinfo(dtype).max
    written = np.random.default_rng(3).integers(0, highest, (21, 34, channels), dtype, endpoint=True)
    assert cv2.imwrite(str(path), written)  # BGR(A) order
    straight = written.astype(np.float64) / highest
    alpha = straight[..., 3:] if channels == 4 else np.ones((21, 34, 1))
    colour = straight[..., [0, 0, 0] if channels == 1 else [2, 1, 0]]
    expected = np.concatenate([srgb_to_linear(colour) * alpha, alpha], axis=-1)
    # Half a unit in the last place of float32 for the curve, and as much for the product.
    np.testing.assert_allclose(playa.Frame.load(path).to_numpy(), expected, rtol=3e-7, atol=1e-9)


def test_the_shared_pair_composites_to_its_reference(shared: Path) -> None:
    folder = shared / "media" / "composite"
    comp = playa.Project().add_comp("over", width=256, height=256)
    comp.add_layer(folder / "b.exr")
    comp.add_layer(folder / "a.exr")
    result, expected = comp.render(0, region="data"), playa.Frame.load(folder / "a_over_b.exr")
    assert result.data_window == expected.data_window == (3, -41, 285, 357)
    assert result.display_window == expected.display_window
    assert np.abs(result.to_numpy() - expected.to_numpy()).max() <= 1e-6


def test_over_is_its_formula_on_the_union_of_the_windows(footage: Path) -> None:
    above, below = (playa.Frame.load(footage / f"{name}.0004.exr").to_numpy().astype(np.float64) for name in ("fg", "bg"))
    comp = playa.Project().add_comp("over", width=96, height=54)
    comp.add_layer(footage / "bg.0004.exr")
    layer = comp.add_layer(footage / "fg.0004.exr", position=(30, -20, 0), opacity=0.5)
    expected = np.zeros((54 + 20, 96 + 30, 4))
    expected[:54, :96] = below
    # 30 to the right and, +Y being up, 20 down.
    seen = above * layer.opacity
    expected[20:, 30:] = seen + expected[20:, 30:] * (1 - seen[..., 3:])
    result = comp.render(0, region="data")
    assert result.data_window == (0, 0, 126, 74)
    np.testing.assert_allclose(result.to_numpy(), expected, rtol=1e-6, atol=1e-6)
    assert same_bits(comp.render(0).to_numpy(), np.ascontiguousarray(result.to_numpy()[:54, :96]))
