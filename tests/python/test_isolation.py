"""Plugins in processes of their own, from Python: each test is a process whose plugins nobody else sees."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import playa_py as playa
import pytest

HEAD = """
    import os, signal, sys, time
    from pathlib import Path
    import numpy as np
    import playa_py as playa

    folder = Path(os.environ["PLAYA_PLUGIN_PATH"])
    path = next(folder.iterdir())

    def file():
        return next(file for file in playa.plugins() if file.path == path)

    def workers():
        found = set()
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                # The name of the program may have spaces in it, but no field behind it has a bracket.
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == os.getpid():
                found.add(int(folder.name))
        return found

    pixels = np.random.default_rng(1).random((40, 60, 4), np.float32)
"""


@pytest.fixture
def run(tmp_path: Path):
    """Runs a script in a process that has a copy of the blur as its first plugin, and returns what it prints."""
    folder = tmp_path / "plugins"
    folder.mkdir(mode=0o755)
    shutil.copy(playa.effects.GaussianBlur.spec.path, folder)

    def run(script: str, **environment: str) -> str:
        cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        environment = {**os.environ, **cache, "PLAYA_PLUGIN_PATH": str(folder), "PLAYA_WATCH": "0", **environment}
        text = textwrap.dedent(HEAD) + textwrap.dedent(script)
        done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no worker processes")


def test_isolated_effects_make_the_same_bits(run) -> None:
    script = """
        import hashlib
        print(hashlib.sha256(playa.effects.GaussianBlur(radius=5.5)(pixels).tobytes()).hexdigest())
        print(file().isolated, file().state)
    """
    here = run(script, PLAYA_ISOLATION="in-process").split()
    there = run(script, PLAYA_ISOLATION="process").split()
    assert here[0] == there[0]
    assert (here[1:], there[1:]) == (["False", "live"], ["True", "live"])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_after_a_process_was_killed_a_new_one_takes_over(run) -> None:
    run(
        """
        blur = playa.effects.GaussianBlur(radius=5.5)
        expected = blur(pixels)
        for _ in range(2):
            killed = workers()
            assert killed, "there is a process"
            for process in killed:
                os.kill(process, signal.SIGKILL)
            while killed & workers():
                time.sleep(0.01)
            assert np.array_equal(blur(pixels), expected)
        assert file().quarantine is None, "nobody was waiting for it"
        """,
        PLAYA_ISOLATION="process",
    )


def test_a_file_that_is_not_quarantined_cannot_be_retried(run) -> None:
    run("""
        assert file().quarantine is None
        try:
            playa.retry_plugin(path)
        except playa.PluginLoadError as error:
            assert "is not quarantined" in str(error) and error.path == path
        else:
            raise AssertionError("there is nothing to retry")
    """)


def test_new_files_are_tried_and_remembered(run, tmp_path: Path) -> None:
    script = """
        assert file().state == "live", file()
        print(file().hash)
    """
    digits = run(script, PLAYA_PROBE="1").strip()
    assert digits in (tmp_path / "cache" / "playa" / "plugins.toml").read_text()
    # One that was tried by another process needs no trial.
    run(script, PLAYA_PROBE="1")


def test_a_wrong_setting_is_told(run) -> None:
    run(
        """
        try:
            playa.plugins()
        except playa.ConfigError as error:
            assert "PLAYA_ISOLATION" in str(error) and "third-party" in str(error) and "sometimes" in str(error)
        else:
            raise AssertionError("it is no setting")
        """,
        PLAYA_ISOLATION="sometimes",
    )


def test_a_process_for_plugins_that_nobody_talks_to_says_what_it_is() -> None:
    script = "import sys; from playa_py import _native; sys.exit(_native.serve_worker())"
    done = subprocess.run([sys.executable, "-c", script], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "") and "Playa" in done.stderr
