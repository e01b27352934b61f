"""The scripts that Playa's users were promised, each run as it stands in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(script: Path, *arguments: Path) -> str:
    """What the script printed; warnings are errors there too."""
    command = [sys.executable, "-W", "error", str(script), *map(str, arguments)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def folders(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Where the footage is, made by the promised script, and where results go."""
    footage, out = tmp_path_factory.mktemp("footage"), tmp_path_factory.mktemp("out")
    run(shared / "acceptance" / "make_footage.py", footage)
    return footage, out


def test_first_steps_then_batch_render(shared: Path, folders: tuple[Path, Path]) -> None:
    assert "saved" in run(shared / "acceptance" / "first_steps.py", *folders)
    assert "rendered 24 frames (1080, 1920, 4)" in run(shared / "acceptance" / "batch_render.py", *folders)


def test_layer_automation(shared: Path, folders: tuple[Path, Path]) -> None:
    assert "layers ['fg.####.exr', 'bg.####.exr']" in run(shared / "acceptance" / "layer_automation.py", *folders)


def test_event_listener(shared: Path, folders: tuple[Path, Path]) -> None:
    run(shared / "acceptance" / "layer_automation.py", *folders)
    told = run(shared / "acceptance" / "event_listener.py", *folders)
    assert "Frame changed to 2\n" in told and "saw" in told
