"""What several test files need: where the repository is, the shared files beside it, and footage to composite."""

from pathlib import Path

import numpy as np
import OpenEXR
import playa_py as playa
import pytest


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def shared(repository: Path) -> Path:
    """The folder of test images and acceptance scripts beside the repository, which not every checkout has."""
    folder = repository.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the shared test files, which are not at {folder}")
    return folder


@pytest.fixture
def path(request: pytest.FixtureRequest, shared: Path) -> Path:
    """A shared picture file, of a case that `shared_media.media` made."""
    file = shared / "media" / request.param
    assert file.is_file(), f"the shared files lack {file}"
    return file


@pytest.fixture(scope="session")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with frames 1-8 of an opaque `bg.####.exr` and a premultiplied, brighter than white `fg.####.exr`.

    Both are 96x54 half ZIP files written by the OpenEXR package. Do not write into the folder: all tests share it.
    """
    folder = tmp_path_factory.mktemp("footage")
    width, height, frames = 96, 54, range(1, 9)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    for frame in frames:
        background = np.stack([x / width, y / height, np.full_like(x, frame / len(frames)), np.ones_like(x)], axis=-1)
        distance = np.hypot(x - width * frame / len(frames), y - height / 2)
        alpha = np.clip(1.5 - distance / (height / 4), 0, 1)
        disc = np.stack([alpha * 4.0, alpha * 0.5, alpha * 0.25, alpha], axis=-1)
        write_exr(folder / f"bg.{frame:04d}.exr", background)
        write_exr(folder / f"fg.{frame:04d}.exr", disc)
    return folder


@pytest.fixture
def project() -> playa.Project:
    """An empty project."""
    return playa.Project("Shot 10")


@pytest.fixture
def comp(project: playa.Project) -> playa.Comp:
    """An empty comp of 6x4 pixels, called Main."""
    return project.add_comp("Main", width=6, height=4)


@pytest.fixture
def bus() -> playa.EventBus:
    """A bus to which nobody has subscribed."""
    return playa.EventBus()


@pytest.fixture
def sequence(project: playa.Project, footage: Path) -> playa.Layer:
    """A layer of the frames 1-8 of `bg.####.exr`, alone in a comp of its size called Time."""
    return project.add_comp("Time", width=96, height=54).add_layer(footage / "bg.####.exr")


def write_exr(path: Path, rgba: np.ndarray) -> None:
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    with OpenEXR.File(header, {"RGBA": np.ascontiguousarray(rgba.astype(np.float16))}) as file:
        file.write(str(path))
