"""The source distribution is the whole repository: what cargo and the tests need is in it."""

import importlib.util
import json
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest


def packages(root: Path) -> set[str]:
    """The crates of the workspace, which cargo finds only if all their manifests are there."""
    command = ["cargo", "metadata", "--no-deps", "--locked", "--offline", "--format-version=1"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {package["name"] for package in json.loads(done.stdout)["packages"]}


def test_it_has_every_file_of_the_repository(repository: Path, tmp_path: Path) -> None:
    if not (repository / ".git").exists() or not all(map(shutil.which, ["git", "cargo"])):
        pytest.skip("needs git and cargo, and a checkout: maturin packs what git knows")
    if importlib.util.find_spec("maturin") is None:
        pytest.skip("needs maturin")
    command = [sys.executable, "-m", "maturin", "sdist", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (archive,) = tmp_path.glob("playa_py-*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(tmp_path, filter="data")
    root = tmp_path / archive.name.removesuffix(".tar.gz")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, check=True)
    names = listed.stdout.decode("utf-8").strip("\0").split("\0")
    # One that was just removed is listed until then.
    wanted = {name for name in names if (repository / name).exists()}
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert found == wanted | {"PKG-INFO"}
    assert all((root / name).read_bytes() == (repository / name).read_bytes() for name in wanted)
    assert packages(root) == packages(repository)
