"""The PEP 517 backend of `playa-py`: maturin, after the built-in effects.

Built-in effects are ordinary plugins in ordinary files, and a wheel is where the host finds them. So before maturin
builds the native module, this backend has cargo build every effect crate under `plugins/` and lays the libraries in
`playa_py/plugins/`, from where maturin packs them.

`build-args`, maturin's own setting for its command line, is also read here, so that the effects and the native module
are built alike: `pip install . --config-settings=build-args="--profile dev"`. The default profile is `release`.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import maturin
from maturin import (
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable",
    "prepare_metadata_for_build_wheel",
]

Settings = Mapping[str, Any] | None

ROOT = Path(__file__).resolve().parent.parent
EFFECT_CRATES = ROOT / "plugins"
PACKAGED_EFFECTS = ROOT / "python" / "playa_py" / "plugins"
DYNAMIC_LIBRARY = {".so", ".dylib", ".dll"}

# Where there is no cargo, say so, instead of fetching a toolchain for which nobody asked.
os.environ.setdefault("MATURIN_NO_INSTALL_RUST", "1")


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build the effects, then the wheel that holds them; returns the wheel's file name."""
    package_effects(config_settings)
    return maturin.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build the effects into the source tree, then the wheel that points there; returns the wheel's file name."""
    package_effects(config_settings)
    return maturin.build_editable(wheel_directory, config_settings, metadata_directory)


def package_effects(config_settings: Settings) -> None:
    """Make `playa_py/plugins/` hold the libraries of all built-in effects, and nothing else."""
    if PACKAGED_EFFECTS.exists():
        shutil.rmtree(PACKAGED_EFFECTS)
    PACKAGED_EFFECTS.mkdir()
    packages = effect_packages()
    if not packages:
        print(f"warning: no effect crate is under {EFFECT_CRATES}: the wheel has no built-in effects", file=sys.stderr)
        return
    for library in build_libraries(packages, cargo_options(config_settings)):
        shutil.copy2(library, PACKAGED_EFFECTS)


def effect_packages() -> list[str]:
    """The workspace members below `plugins/` which build a dynamic library, by package name."""
    metadata = json.loads(cargo("metadata", "--no-deps", "--format-version=1"))
    return [
        package["name"]
        for package in metadata["packages"]
        if Path(package["manifest_path"]).is_relative_to(EFFECT_CRATES)
        and any("cdylib" in target["kind"] for target in package["targets"])
    ]


def build_libraries(packages: list[str], options: list[str]) -> Iterator[Path]:
    """Have cargo build the packages, and tell which library file came of each of them."""
    selection = [f"--package={name}" for name in packages]
    messages = cargo("build", "--lib", "--locked", "--message-format=json-render-diagnostics", *selection, *options)
    for line in messages.splitlines():
        message = json.loads(line)
        if message["reason"] == "compiler-artifact" and "cdylib" in message["target"]["kind"]:
            # Beside the library itself, cargo lists import libraries and debug symbols on some systems.
            yield from (path for path in map(Path, message["filenames"]) if path.suffix in DYNAMIC_LIBRARY)


def cargo_options(config_settings: Settings) -> list[str]:
    """What of maturin's arguments decides how and where cargo builds, as arguments for cargo."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--profile", default="release")
    parser.add_argument("--target", default=os.environ.get("CARGO_BUILD_TARGET"))
    parser.add_argument("--target-dir")
    parser.add_argument("--jobs", "-j")
    known, _for_maturin_alone = parser.parse_known_args(maturin.get_maturin_pep517_args(config_settings))
    return [f"--{name.replace('_', '-')}={value}" for name, value in vars(known).items() if value is not None]


def cargo(*arguments: str) -> str:
    """What cargo says on standard output; its diagnostics go to ours. Ends the build where cargo fails."""
    try:
        return subprocess.run(
            ["cargo", *arguments], cwd=ROOT, stdout=subprocess.PIPE, check=True, encoding="utf-8"
        ).stdout
    except FileNotFoundError:
        sys.exit("error: cargo was not found: install Rust from https://rustup.rs and have it on PATH")
    except subprocess.CalledProcessError as failure:
        sys.exit(f"error: `cargo {arguments[0]}` failed with status {failure.returncode}, see its messages above")
