"""Stills become what OpenImageIO, Pillow and OpenCV see in them, whole, and what is written is read by them again."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenImageIO as oiio
import playa_py as playa
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

RANDOM = np.random.default_rng(11)


def to_linear(codes: NDArray) -> NDArray:
    """IEC 61966-2-1."""
    return np.where(codes <= 0.04045, codes / 12.92, ((codes + 0.055) / 1.055) ** 2.4)


def to_codes(linear: NDArray) -> NDArray:
    """The inverse."""
    linear = np.asarray(linear, np.float64)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * np.maximum(linear, 0) ** (1 / 2.4) - 0.055)


def pixels_of(codes: NDArray, channels: int, curve: Callable = to_linear, straight: bool = True) -> NDArray:
    """Grey, grey and alpha, colour, or colour and alpha, as the pixels of a frame."""
    codes = codes.astype(np.float64)
    colour = codes[..., [0, 0, 0]] if channels < 3 else codes[..., :3]
    alpha = codes[..., channels - 1 : channels] if channels in (2, 4) else np.ones((*codes.shape[:2], 1))
    light = curve(colour)
    return np.concatenate([light * alpha if straight else light, alpha], axis=-1)


def same(codes: NDArray) -> NDArray:
    """A curve that is none."""
    return codes


def read_by_oiio(path: Path) -> tuple[NDArray, Any]:
    """The samples as they stand in the file, and what OpenImageIO says of it."""
    config = oiio.ImageSpec()
    config.attribute("oiio:UnassociatedAlpha", 1)
    config.attribute("oiio:RawColor", 1)
    image = oiio.ImageInput.open(str(path), config)
    assert image, oiio.geterror()
    samples = image.read_image(oiio.UNKNOWN)
    spec = image.spec()
    image.close()
    return samples.reshape(spec.height, spec.width, spec.nchannels), spec


def as_fractions(samples: NDArray) -> NDArray:
    """Whole numbers as fractions of the largest."""
    if np.issubdtype(samples.dtype, np.integer):
        return samples.astype(np.float64) / np.iinfo(samples.dtype).max
    return samples.astype(np.float64)


# The curve is rounded once to float32, and so is the product with alpha.
EXACT = {"rtol": 3e-7, "atol": 1e-9}


@pytest.mark.parametrize(
    ("name", "channels", "extra"),
    [
        ("CTC24.TGA", 3, 0),
        ("UTC32.TGA", 4, 0),
        ("bluenoise_image3.tif", 3, 1),
        ("flower-rgb-contig-08.tif", 3, 0),
        ("flower-rgb-contig-16.tif", 3, 0),
        ("flower-rgb-contig-32.tif", 3, 0),
        ("oiio-logo-with-alpha.png", 4, 0),
        ("quad-lzw.tif", 3, 0),
        ("single_channel_tif.tif", 1, 0),
        ("with_nans.tif", 3, 0),
    ],
)
def test_the_shared_stills_are_those_of_openimageio(shared: Path, name: str, channels: int, extra: int) -> None:
    path = shared / "media" / "other-formats" / name
    samples, spec = read_by_oiio(path)
    assert spec.nchannels == channels + extra
    frame = playa.Frame.load(path)
    whole = np.issubdtype(samples.dtype, np.integer)
    expected = pixels_of(as_fractions(samples), channels, to_linear if whole else same)
    tolerance = EXACT if samples.dtype != np.uint32 else {"rtol": 2e-6, "atol": 1e-9}  # the curve in float32
    np.testing.assert_allclose(frame.to_numpy(), expected, **tolerance, equal_nan=True)
    assert frame.channels == [f"channel{channels + at}" for at in range(extra)]
    for at, channel in enumerate(frame.channels):
        np.testing.assert_allclose(frame.channel(channel), as_fractions(samples)[..., channels + at], rtol=1e-7)


def test_the_shared_dpx_is_that_of_openimageio(shared: Path) -> None:
    path = shared / "media" / "other-formats" / "dpx_nuke_10bits_rgb.dpx"
    samples, spec = read_by_oiio(path)
    assert spec["oiio:BitsPerSample"] == 10
    frame = playa.Frame.load(path)
    np.testing.assert_allclose(frame.to_numpy(), pixels_of((samples >> 6) / 1023, 3), **EXACT)
    for name in ("dpx:Transfer", "dpx:Colorimetric", "Software"):
        assert frame.metadata[name] == spec[name]


def test_the_shared_jpeg_is_that_of_openimageio_but_for_rounding(shared: Path) -> None:
    """Decoders differ in the transform and in how they enlarge chroma, by 5 codes at most."""
    path = shared / "media" / "other-formats" / "tahoe-gps.jpg"
    samples, _ = read_by_oiio(path)
    off = np.abs(to_codes(playa.Frame.load(path).to_numpy()[..., :3]) * 255 - samples)
    assert off.max() < 5.01
    assert off.mean() < 0.4


def test_a_bomb_is_refused_by_its_size(shared: Path) -> None:
    path = shared / "media" / "other-formats" / "bomb-65500x65500.jpg"
    with pytest.raises(playa.MediaError, match="limit is 2147483648|cut off"):
        playa.Frame.load(path)


def write_by_oiio(path: Path, samples: NDArray, **attributes: object) -> None:
    height, width, channels = samples.shape
    names = {"float16": "half", "float32": "float", "float64": "double"}
    spec = oiio.ImageSpec(width, height, channels, names.get(str(samples.dtype), str(samples.dtype)))
    if channels == 2:
        spec.channelnames, spec.alpha_channel = ("Y", "A"), 1
    tiles = attributes.pop("tiles", None)
    if tiles:
        spec.tile_width = spec.tile_height = tiles
    for name, value in attributes.items():
        spec.attribute(name.replace("__", ":"), value)
    out = oiio.ImageOutput.create(str(path))
    assert out, oiio.geterror()
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(samples), out.geterror()
    assert out.close(), out.geterror()


def noise(dtype: type, height: int, width: int, channels: int) -> NDArray:
    """Numbers of all sizes; alpha of floats between 0 and 1."""
    if np.issubdtype(dtype, np.integer):
        return RANDOM.integers(0, np.iinfo(dtype).max, (height, width, channels), dtype, endpoint=True)
    numbers = RANDOM.normal(0, 50, (height, width, channels)).astype(dtype)
    if channels in (2, 4):
        numbers[..., -1] = RANDOM.random((height, width)).astype(dtype)
    return numbers


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("layout", [{}, {"tiles": 16}, {"planarconfig": "separate"}, {"tiles": 32, "planarconfig": "separate"}])
@pytest.mark.parametrize("compression", ["none", "lzw", "zip", "packbits"])
def test_tiffs_of_openimageio(tmp_path: Path, dtype: type, channels: int, layout: dict, compression: str) -> None:
    path = tmp_path / "a.tif"
    samples = noise(dtype, 37, 53, channels)
    write_by_oiio(path, samples, compression=compression, **layout)
    # Alpha is associated there, which OpenImageIO undoes for whole numbers or does not. Doubles in tiles it reads wrong: those
    # are held against what was written.
    if dtype is not np.float64:
        samples, _ = read_by_oiio(path)
    frame = playa.Frame.load(path)
    if channels in (1, 3) or not np.issubdtype(dtype, np.integer):
        whole = np.issubdtype(dtype, np.integer)
        expected = pixels_of(as_fractions(samples), channels, to_linear if whole else same, straight=False)
        np.testing.assert_allclose(frame.to_numpy(), expected.astype(np.float32), **EXACT)
    else:
        # Premultiplied codes: the curve is that of the straight colour.
        codes = as_fractions(oiio.ImageBuf(str(path)).get_pixels(oiio.FLOAT))
        alpha = codes[..., -1:]
        by = np.where(alpha > 0, alpha, 1)
        colour = codes[..., :3] if channels == 4 else codes[..., [0, 0, 0]]
        expected = np.concatenate([to_linear(colour / by) * by, alpha], axis=-1)
        np.testing.assert_allclose(frame.to_numpy(), expected, rtol=4e-6, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_tiff_with_straight_alpha_is_premultiplied(tmp_path: Path, dtype: type) -> None:
    path = tmp_path / "a.tif"
    samples = noise(dtype, 9, 21, 4)
    write_by_oiio(path, samples, oiio__UnassociatedAlpha=1)
    np.testing.assert_allclose(playa.Frame.load(path).to_numpy(), pixels_of(as_fractions(samples), 4), **EXACT)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGB", "RGBA", "I;16"])
@pytest.mark.parametrize("suffix", ["png", "tif", "bmp", "tga", "webp"])
def test_the_modes_of_pillow(tmp_path: Path, mode: str, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    base = Image.fromarray(noise(np.uint8, 30, 44, 4), "RGBA")
    if (suffix, mode) == ("tga", "1"):
        pytest.skip("one bit for a pixel of a TGA is refused")
    image = Image.fromarray(noise(np.uint16, 30, 44, 1)[..., 0]) if mode == "I;16" else base.convert(mode)
    try:
        image.save(path, **({"lossless": True, "exact": True} if suffix == "webp" else {}))
    except OSError as error:
        pytest.skip(f"Pillow does not write that: {error}")
    again = Image.open(path)
    if mode == "I;16" and suffix in ("png", "tif"):
        expected = pixels_of(np.asarray(again).astype(np.float64)[..., None] / 65535, 1)
    elif again.mode in ("RGBA", "LA") or "transparency" in again.info:
        expected = pixels_of(np.asarray(again.convert("RGBA")) / 255, 4)
    else:
        expected = pixels_of(np.asarray(again.convert("RGB")) / 255, 3)
    np.testing.assert_allclose(playa.Frame.load(path).to_numpy(), expected, **EXACT)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_lies_on_its_side_is_turned_upright(tmp_path: Path, suffix: str, orientation: int) -> None:
    path = tmp_path / f"a.{suffix}"
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 100, "subsampling": 0} if suffix == "jpg" else {"lossless": True} if suffix == "webp" else {}
    ramp = np.stack([*np.meshgrid(np.arange(24) * 10, np.arange(16) * 15), np.full((16, 24), 90)], axis=-1)
    Image.fromarray(ramp.astype(np.uint8)).save(path, exif=exif, **options)
    with Image.open(path) as image:
        upright = np.asarray(ImageOps.exif_transpose(image))
    frame = playa.Frame.load(path)
    assert (frame.height, frame.width) == upright.shape[:2] == ((24, 16) if orientation > 4 else (16, 24))
    assert np.abs(to_codes(frame.to_numpy()[..., :3]) * 255 - upright).max() < (5.01 if suffix == "jpg" else 0.01)
    # It is written upright, and says so.
    frame.save(path)
    again = playa.Frame.load(path)
    assert again.data_window == frame.data_window
    with Image.open(path) as image:
        assert image.getexif().get(0x0112, 1) == 1


DPX = [
    (bits, packing, endian)
    for bits in (8, 10, 12, 16)
    for packing in (("Packed", "Filled, method A", "Filled, method B") if bits in (10, 12) else ("Packed",))
    for endian in ("big", "little")
]


@pytest.mark.parametrize(("bits", "packing", "endian"), DPX)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_dpx_of_openimageio(tmp_path: Path, bits: int, packing: str, endian: str, channels: int) -> None:
    path = tmp_path / "a.dpx"
    samples = noise(np.uint8 if bits == 8 else np.uint16, 17, 26, channels)
    write_by_oiio(
        path, samples, oiio__BitsPerSample=bits, dpx__Packing=packing, oiio__Endian=endian, dpx__Transfer="ITU-R 709-4"
    )
    theirs, spec = read_by_oiio(path)
    assert spec["oiio:BitsPerSample"] == bits
    codes = theirs >> (theirs.dtype.itemsize * 8 - bits)
    expected = pixels_of(codes / (2**bits - 1), channels)
    np.testing.assert_allclose(playa.Frame.load(path).to_numpy(), expected, **EXACT)


FILLINGS = {"Packed": "packed", "Filled, method A": "a", "Filled, method B": "b"}


@pytest.mark.parametrize(("bits", "packing", "endian"), DPX)
@pytest.mark.parametrize("alpha", [False, True])
def test_dpx_is_read_by_openimageio(tmp_path: Path, bits: int, packing: str, endian: str, alpha: bool) -> None:
    path = tmp_path / "a.dpx"
    # OpenImageIO loses the last sample of a row whose number leaves 1 when it is divided by 3.
    codes = RANDOM.integers(0, 2**bits, (15, 21, 4))
    codes[..., 3] = np.maximum(codes[..., 3], 1) if alpha else 2**bits - 1
    pixels = pixels_of(codes / (2**bits - 1), 4).astype(np.float32)
    frame = playa.Frame.from_numpy(pixels, metadata={"Copyright": "ours", "timeCode": (0x01020304, 5)})
    frame.save(path, depth=bits, alpha=alpha, filling=FILLINGS[packing], endian=endian)
    theirs, spec = read_by_oiio(path)
    assert (spec["oiio:BitsPerSample"], spec["dpx:Transfer"], spec["Copyright"]) == (bits, "Unspecified video", "ours")
    assert spec["smpte:TimeCode"] == (0x01020304, 5)
    assert spec.nchannels == (4 if alpha else 3)
    # A code that was divided by alpha and multiplied again may be rounded to its neighbour.
    off = np.abs((theirs >> (theirs.dtype.itemsize * 8 - bits)).astype(int) - codes[..., : spec.nchannels])
    assert off.max() <= (1 if alpha else 0)


@pytest.mark.parametrize("compression", ["none", "lzw", "deflate", "packbits"])
@pytest.mark.parametrize("kind", [{"depth": 8}, {"depth": 16}, {"dtype": "half"}, {"dtype": "float"}])
@pytest.mark.parametrize("alpha", [True, False])
def test_tiff_is_read_by_openimageio(tmp_path: Path, compression: str, kind: dict, alpha: bool) -> None:
    path = tmp_path / "a.tif"
    codes = noise(np.uint8, 300, 41, 4)
    codes[..., 3] = np.maximum(codes[..., 3], 1)
    pixels = pixels_of(codes / 255, 4).astype(np.float32)
    playa.Frame.from_numpy(pixels, metadata={"Software": "test"}).save(path, compression=compression, alpha=alpha, **kind)
    theirs, spec = read_by_oiio(path)
    assert spec["Software"] == "test"
    assert spec.nchannels == (4 if alpha else 3)
    if "dtype" in kind:
        expected = pixels[..., : spec.nchannels].astype(np.float16 if kind["dtype"] == "half" else np.float32)
        assert np.array_equal(theirs, expected)
    else:
        scale = 2 ** kind["depth"] - 1
        expected = codes / 255 if alpha else to_codes(pixels[..., :3])
        assert np.abs(theirs - expected * scale).max() <= 0.5 + scale * 2e-6
        with Image.open(path) as image:
            assert image.size == (41, 300)


@pytest.mark.parametrize("suffix", ["png", "tga", "webp", "bmp"])
@pytest.mark.parametrize("alpha", [True, False])
def test_stills_of_8_bits_are_read_by_others(tmp_path: Path, suffix: str, alpha: bool) -> None:
    path = tmp_path / f"a.{suffix}"
    codes = noise(np.uint8, 33, 47, 4)
    codes[..., 3] = np.maximum(codes[..., 3], 1)
    pixels = pixels_of(codes / 255, 4).astype(np.float32)
    playa.Frame.from_numpy(pixels).save(path, alpha=alpha)
    expected = codes if alpha else (to_codes(pixels[..., :3]) * 255 + 0.5).astype(np.uint8)
    assert np.array_equal(np.asarray(Image.open(path)), expected)
    theirs, spec = read_by_oiio(path)
    assert np.array_equal(theirs, expected)
    assert spec.nchannels == expected.shape[-1]


def test_jpeg_is_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    ramp = np.stack([*np.meshgrid(np.linspace(0, 1, 80), np.linspace(0, 1, 60)), np.full((60, 80), 0.3)], axis=-1)
    pixels = np.concatenate([ramp, np.ones((60, 80, 1))], axis=-1).astype(np.float32)
    sizes = []
    for quality in (20, 95, 100):
        playa.Frame.from_numpy(pixels).save(path, quality=quality)
        sizes.append(path.stat().st_size)
    assert sizes == sorted(sizes)
    for theirs in (np.asarray(Image.open(path)), cv2.imread(str(path))[..., ::-1], read_by_oiio(path)[0]):
        assert np.abs(theirs - to_codes(ramp) * 255).max() < 4


def test_radiance_is_read_by_others(tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    pixels = np.abs(RANDOM.normal(0, 100, (30, 40, 4))).astype(np.float32)
    playa.Frame.from_numpy(pixels).save(path)
    ours = playa.Frame.load(path).to_numpy()
    assert (ours[..., 3] == 1).all()
    assert np.array_equal(read_by_oiio(path)[0], ours[..., :3])
    assert np.array_equal(cv2.imread(str(path), cv2.IMREAD_UNCHANGED)[..., ::-1], ours[..., :3])
    # 8 bits beside the exponent of the largest.
    assert (np.abs(ours - pixels)[..., :3] <= pixels[..., :3].max(axis=-1, keepdims=True) / 128).all()


def test_radiance_of_opencv(tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    assert cv2.imwrite(str(path), np.abs(RANDOM.normal(0, 9, (20, 50, 3))).astype(np.float32))
    assert np.array_equal(playa.Frame.load(path).to_numpy()[..., :3], read_by_oiio(path)[0])


def saved(image: Image.Image, suffix: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, suffix, **options)
    return file.getvalue()


GREY = Image.fromarray(np.arange(64 * 48, dtype=np.uint8).reshape(48, 64))


@pytest.mark.parametrize(
    ("name", "make", "reason"),
    [
        ("a.jpg", lambda: saved(GREY.convert("CMYK"), "JPEG"), "CMYK colour is not supported"),
        ("a.tif", lambda: saved(GREY.convert("CMYK"), "TIFF"), "CMYK colour is not supported"),
        ("a.tif", lambda: saved(GREY.convert("YCbCr"), "TIFF"), "YCbCr colour is not supported"),
        ("a.tif", lambda: saved(GREY.convert("LAB"), "TIFF"), "L.a.b. colour is not supported"),
        ("a.tif", lambda: saved(GREY.convert("1"), "TIFF", compression="group4"), "fax compression is not supported"),
        ("a.tif", lambda: saved(GREY.convert("RGB"), "TIFF", compression="jpeg"), "JPEG compression|YCbCr colour"),
        ("a.tif", lambda: saved(GREY, "TIFF", compression="zstd"), "Zstandard compression is not supported"),
        ("a.tif", lambda: saved(GREY.convert("I"), "TIFF"), "32-bit signed numbers is not supported"),
        ("a.tga", lambda: saved(GREY.convert("1"), "TGA"), "is not supported"),
        ("a.gif", lambda: saved(GREY, "GIF"), "not a picture file that Playa reads"),
    ],
)
def test_what_is_not_read_is_refused_by_name(tmp_path: Path, name: str, make: Callable, reason: str) -> None:
    path = tmp_path / name
    path.write_bytes(make())
    with pytest.raises(playa.UnsupportedMediaError, match=reason) as caught:
        playa.Frame.load(path)
    assert caught.value.path == path


def test_profiles_and_density_are_kept_and_written(tmp_path: Path) -> None:
    profile = bytes(range(256)) * 3
    for suffix in ("jpg", "png", "tif", "webp"):
        path = tmp_path / f"a.{suffix}"
        GREY.convert("RGB").save(path, icc_profile=profile, dpi=(300, 150))
        metadata = playa.Frame.load(path).metadata
        assert metadata["iccProfile"] == ("iccProfile", profile)
        if suffix in ("jpg", "tif"):
            assert (metadata["xDensity"], metadata["yDensity"]) == (300, 150)
        playa.Frame.load(path).save(path)
        with Image.open(path) as image:
            assert image.info["icc_profile"] == profile
