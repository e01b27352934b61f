"""Frames in the hands of other libraries, each of which is really called."""

import copy
import gc
import pickle
import sys
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import playa_py as playa
import pytest

PIXELS = np.random.default_rng(3).uniform(0, 1, (54, 96, 4)).astype(np.float32)


@pytest.fixture
def frame() -> playa.Frame:
    """96 x 54 random pixels between 0 and 1."""
    return playa.Frame.from_numpy(PIXELS.copy())


def srgb_codes(pixels: np.ndarray, white: int = 255) -> np.ndarray:
    """Premultiplied linear pixels as straight sRGB, in float64, not rounded."""
    pixels = pixels.astype(np.float64)
    alpha = pixels[..., 3:]
    straight = np.clip(pixels[..., :3] / np.where(alpha > 0, alpha, 1), 0, 1)
    curved = np.where(straight <= 0.0031308, straight * 12.92, 1.055 * straight ** (1 / 2.4) - 0.055)
    return np.concatenate([curved, np.clip(alpha, 0, 1)], axis=-1) * white


# OpenCV, scipy, OpenEXR


def test_opencv_takes_the_view(frame: playa.Frame) -> None:
    for view in frame.to_numpy(), np.asarray(frame):
        assert (cv2.resize(view, (48, 27)) == cv2.resize(PIXELS, (48, 27))).all()
        assert (cv2.GaussianBlur(view, (0, 0), 2) == cv2.GaussianBlur(PIXELS, (0, 0), 2)).all()


def test_pictures_of_opencv_are_taken_with_channels_turned(tmp_path: Path) -> None:
    codes = np.random.default_rng(4).integers(0, 256, (20, 30, 4), np.uint8)
    cv2.imwrite(str(tmp_path / "in.png"), codes)
    bgra = cv2.imread(str(tmp_path / "in.png"), cv2.IMREAD_UNCHANGED)
    loaded = playa.Frame.load(tmp_path / "in.png").to_numpy()
    assert playa.Frame.from_numpy(bgra[..., [2, 1, 0, 3]]).to_numpy().tobytes() == loaded.tobytes()
    colour = playa.Frame.from_numpy(bgra[..., 2::-1]).to_numpy()
    cv2.imwrite(str(tmp_path / "in.png"), bgra[..., :3])
    assert colour.tobytes() == playa.Frame.load(tmp_path / "in.png").to_numpy().tobytes()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_an_array_of_a_png_is_that_png(tmp_path: Path, dtype: type) -> None:
    codes = np.random.default_rng(5).integers(0, np.iinfo(dtype).max + 1, (64, 80, 4), dtype)
    cv2.imwrite(str(tmp_path / "in.png"), codes[..., [2, 1, 0, 3]])
    loaded = playa.Frame.load(tmp_path / "in.png").to_numpy()
    assert playa.Frame.from_numpy(codes).to_numpy().tobytes() == loaded.tobytes()


def test_scipy_filters_the_view(frame: playa.Frame) -> None:
    ndimage = pytest.importorskip("scipy.ndimage", reason="scipy is not installed")
    assert (ndimage.gaussian_filter(frame.to_numpy(), (2, 2, 0)) == ndimage.gaussian_filter(PIXELS, (2, 2, 0))).all()
    assert (ndimage.zoom(frame, (0.5, 0.5, 1), order=1) == ndimage.zoom(PIXELS, (0.5, 0.5, 1), order=1)).all()


def test_openexr_writes_the_view(frame: playa.Frame, tmp_path: Path) -> None:
    path = tmp_path / "view.exr"
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {"RGBA": frame.to_numpy()}) as file:
        file.write(str(path))
    assert playa.Frame.load(path).to_numpy().tobytes() == PIXELS.tobytes()


def test_imageio_writes_and_reads_png(frame: playa.Frame, tmp_path: Path) -> None:
    imageio = pytest.importorskip("imageio.v3", reason="imageio is not installed")
    frame.save(tmp_path / "ours.png")
    codes = imageio.imread(tmp_path / "ours.png")
    assert (codes == np.asarray(frame.to_pil())).all()
    imageio.imwrite(tmp_path / "theirs.png", codes)
    again = playa.Frame.from_numpy(imageio.imread(tmp_path / "theirs.png"))
    assert again.to_numpy().tobytes() == playa.Frame.load(tmp_path / "ours.png").to_numpy().tobytes()


def test_pixels_in_other_hands_outlive_frame_comp_and_project(footage: Path) -> None:
    project = playa.Project()
    comp = project.add_comp("Main", width=96, height=54)
    comp.add_layer(footage / "bg.####.exr")
    frame = comp.render(3)
    expected = frame.copy()
    views = [np.asarray(frame), memoryview(frame), frame.__array__()[::2, 1:], frame.to_numpy().reshape(-1)]
    del frame, comp, project
    gc.collect()
    ballast = [np.full((54, 96, 4), 7, np.float32) for _ in range(64)]  # would land in the memory, were it free
    assert (views[0] == expected).all()
    assert views[1].tobytes() == expected.tobytes()
    assert (views[2] == expected[::2, 1:]).all()
    assert (views[3] == expected.ravel()).all()
    assert len(ballast) == 64


# DLPack

versioned = pytest.mark.skipif(
    np.lib.NumpyVersion(np.__version__) < "2.1.0", reason="numpy before 2.1 exports no read-only memory by DLPack"
)


@versioned
def test_dlpack_shares_memory_and_says_read_only(frame: playa.Frame) -> None:
    assert frame.__dlpack_device__() == (1, 0)
    array = np.from_dlpack(frame)
    assert np.shares_memory(array, frame.to_numpy())
    assert not array.flags.writeable
    assert "dltensor_versioned" in repr(frame.__dlpack__(max_version=(1, 0)))
    del frame
    gc.collect()
    assert (array == PIXELS).all()


@versioned
def test_dlpack_copies_where_asked(frame: playa.Frame) -> None:
    array = np.from_dlpack(frame, copy=True)
    assert not np.shares_memory(array, frame.to_numpy())
    assert (array == PIXELS).all()


def test_dlpack_without_read_only_memory_is_refused_or_copied(frame: playa.Frame) -> None:
    with pytest.raises(BufferError, match=r"pass frame.copy\(\)"):
        frame.__dlpack__()
    assert "dltensor" in repr(frame.__dlpack__(copy=True))


def test_from_dlpack_shares_the_memory_of_the_cpu() -> None:
    array = PIXELS.copy()
    frame = playa.Frame.from_dlpack(array)
    assert np.shares_memory(frame.to_numpy(), array)
    assert not np.shares_memory(playa.Frame.from_dlpack(array, copy=True).to_numpy(), array)
    codes = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert playa.Frame.from_dlpack(codes).to_numpy().tobytes() == playa.Frame.from_numpy(codes).to_numpy().tobytes()
    with pytest.raises(playa.ArrayError, match="without a copy"):
        playa.Frame.from_dlpack(codes, copy=False)


class Elsewhere:
    """A tensor on a device."""

    def __init__(self, device: int) -> None:
        self.device = device

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.device, 3

    def __dlpack__(self, **_: object) -> object:
        raise AssertionError("nobody asks for the memory")


@pytest.mark.parametrize(("device", "name"), [(2, "CUDA"), (8, "Metal"), (10, "ROCm"), (14, "oneAPI"), (99, "unknown")])
def test_other_devices_are_refused_by_name(device: int, name: str) -> None:
    with pytest.raises(playa.ArrayError, match=rf"device {name} \(type {device}, number 3\).*\nhint: copy it to the CPU"):
        playa.Frame.from_dlpack(Elsewhere(device))


def test_what_is_no_tensor_is_refused() -> None:
    with pytest.raises(playa.ArrayError, match="type list is no tensor"):
        playa.Frame.from_dlpack([1.0])


def test_torch_shares_memory_by_dlpack() -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    tensor = torch.rand(5, 7, 4)
    frame = playa.Frame.from_dlpack(tensor)
    assert frame.to_numpy().__array_interface__["data"][0] == tensor.data_ptr()
    assert (torch.from_numpy(frame.copy()) == tensor).all()


# Pillow


def test_to_pil_is_straight_srgb_of_the_display_window() -> None:
    pytest.importorskip("PIL", reason="Pillow is not installed")
    frame = playa.Frame.from_numpy(PIXELS, data_window=(-10, 5, 86, 59), display_window=(0, 0, 100, 50), copy=True)
    image = frame.to_pil()
    assert (image.mode, image.size) == ("RGBA", (100, 50))
    codes = np.asarray(image).astype(np.float64)
    wanted = np.zeros((50, 100, 4))
    wanted[5:, :86] = srgb_codes(PIXELS)[:45, 10:]
    # Rounded to the nearest code, of which the curve in float32 or float64 may choose either at half way.
    assert np.abs(codes - wanted).max() <= 0.5 + 1e-4
    empty = playa.Frame.from_numpy(PIXELS, display_window=(3, 3, 3, 3), copy=True)
    assert empty.to_pil().size == (0, 0)


def test_pil_and_back_is_the_same_codes() -> None:
    image_module = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    codes = np.random.default_rng(6).integers(0, 256, (40, 30, 4), np.uint8)
    codes[..., 3] |= 1  # colour without alpha is not kept
    codes[..., 3][codes[..., 3] < 200] = 255
    image = image_module.fromarray(codes)
    for frame in playa.Frame.from_pil(image), playa.Frame.from_numpy(image):
        assert (np.asarray(frame.to_pil()) == codes).all()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV"])
def test_from_pil_takes_every_mode_as_pillow_shows_it(mode: str) -> None:
    image_module = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    codes = np.random.default_rng(7).integers(0, 256, (12, 9, 4), np.uint8)
    image = image_module.fromarray(codes).convert("RGB" if mode in ("CMYK", "YCbCr", "HSV", "P") else "RGBA").convert(mode)
    shown = np.asarray(image.convert("RGBA"))
    pixels = playa.Frame.from_pil(image).to_numpy()
    assert pixels.tobytes() == playa.Frame.from_numpy(shown).to_numpy().tobytes()


def test_from_pil_knows_keyed_transparency_premultiplied_and_deep_modes() -> None:
    image_module = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    keyed = image_module.new("RGB", (3, 2), (255, 0, 0))
    keyed.info["transparency"] = (255, 0, 0)
    assert (playa.Frame.from_pil(keyed).to_numpy()[..., 3] == 0).all()
    straight = image_module.new("RGBA", (3, 2), (200, 100, 50, 128))
    close = playa.Frame.from_pil(straight.convert("RGBa")).to_numpy(), playa.Frame.from_pil(straight).to_numpy()
    assert np.abs(close[0] - close[1]).max() < 0.01  # a code of 8 bit premultiplied colour is 2 codes of the straight one
    floats = np.linspace(-1, 3, 6, dtype=np.float32).reshape(2, 3)
    assert (playa.Frame.from_pil(image_module.fromarray(floats)).to_numpy()[..., 0] == floats).all()
    words = np.linspace(0, 65535, 6).astype(np.uint16).reshape(2, 3)
    deep = playa.Frame.from_pil(image_module.fromarray(words)).to_numpy()
    assert deep.tobytes() == playa.Frame.from_numpy(words).to_numpy().tobytes()
    with pytest.raises(playa.ArrayError, match="mode I .*\n?.*hint"):
        playa.Frame.from_pil(image_module.fromarray(words.astype(np.int32)))
    with pytest.raises(playa.ArrayError, match=r"expected a PIL.Image.Image, found an object of type ndarray"):
        playa.Frame.from_pil(words)


def test_without_pillow_there_is_a_hint(frame: playa.Frame, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    monkeypatch.delitem(sys.modules, "PIL.Image", raising=False)
    with pytest.raises(ModuleNotFoundError, match="pip install pillow"):
        frame.to_pil()


# Pickle


def whole(frame: playa.Frame) -> tuple[object, ...]:
    """All that a frame says of itself."""
    windows = frame.data_window, frame.display_window, frame.pixel_aspect
    channels = [(name, frame.channel(name).dtype, frame.channel(name).tobytes()) for name in frame.channels]
    return windows, frame.to_numpy().tobytes(), channels, frame.metadata


@pytest.fixture
def full() -> playa.Frame:
    """A frame with everything that there is."""
    return playa.Frame.from_numpy(
        PIXELS,
        copy=True,
        data_window=(-3, 5, 93, 59),
        display_window=(0, 0, 10, 10),
        pixel_aspect=1.5,
        channels={"Z": PIXELS[..., 0], "id": np.arange(54 * 96, dtype=np.uint32).reshape(54, 96)},
        metadata={"owner": "us", "rate": Fraction(24, 1), "precise": 0.1, "timeCode": (1, 2), "raw": ("x", b"y")},
    )


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickled_frame_is_whole(full: playa.Frame, protocol: int, tmp_path: Path) -> None:
    again = pickle.loads(pickle.dumps(full, protocol=protocol))
    assert whole(again) == whole(full)
    full.save(tmp_path / "a.exr")
    again.save(tmp_path / "b.exr")
    assert (tmp_path / "a.exr").read_bytes() == (tmp_path / "b.exr").read_bytes()


def test_pixels_may_go_beside_the_pickle_without_a_copy(full: playa.Frame) -> None:
    buffers: list[pickle.PickleBuffer] = []
    text = pickle.dumps(full, protocol=5, buffer_callback=buffers.append)
    assert len(text) < 2000
    again = pickle.loads(text, buffers=buffers)
    assert whole(again) == whole(full)
    assert np.shares_memory(again.to_numpy(), full.to_numpy())
    del full, buffers
    gc.collect()
    assert (again.to_numpy() == PIXELS).all()


def test_loaded_and_rendered_frames_are_pickled(footage: Path, comp: playa.Comp) -> None:
    for frame in playa.Frame.load(footage / "fg.0001.exr"), comp.render(0):
        again = pickle.loads(pickle.dumps(frame))
        assert whole(again) == whole(frame)
        assert whole(copy.deepcopy(frame)) == whole(frame)


def test_a_broken_pickle_is_an_error(full: playa.Frame) -> None:
    restore, state = full.__reduce_ex__(5)
    for at, wrong in (0, PIXELS[:3]), (4, "quarter"), (5, [("Z", PIXELS)]), (6, [("a", "nothing", 1)]):
        broken = [*state[:at], wrong, *state[at + 1 :]]
        with pytest.raises(playa.PlayaError):
            restore(*broken)
