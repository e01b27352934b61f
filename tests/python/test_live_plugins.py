"""Plugins that change while Python runs: each test is a process of its own, whose plugins nobody else sees."""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import playa_py as playa
import pytest

HEAD = """
    import os, sys, time
    from pathlib import Path
    import playa_py as playa

    folder = Path(os.environ["PLAYA_PLUGIN_PATH"])
    path = next(folder.iterdir())

    def file():
        return next(file for file in playa.plugins() if file.path == path)

    def build():
        # What lies behind the end of a library means nothing: another build of the same effects.
        new = folder.parent / "new"
        new.write_bytes(path.read_bytes() + b"again")
        new.rename(path)

    def wait(condition):
        end = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < end, file()
            time.sleep(0.005)
"""


@pytest.fixture
def run(tmp_path: Path):
    """Runs a script in a process that has a copy of the blur as its first plugin."""
    folder = tmp_path / "plugins"
    folder.mkdir(mode=0o755)
    shutil.copy(playa.effects.GaussianBlur.spec.path, folder)

    def run(script: str, **environment: str) -> None:
        cache = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
        environment = {**os.environ, **cache, "PLAYA_PLUGIN_PATH": str(folder), **environment}
        text = textwrap.dedent(HEAD) + textwrap.dedent(script)
        done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr

    return run


def test_a_new_build_is_in_use_a_moment_later_and_can_be_gone_back_from(run) -> None:
    run("""
        first = file()
        assert (first.state, first.generation, first.error) == ("live", 1, None)
        assert first.api.startswith("1.") and len(first.hash) == 64
        assert set(first.build) == {"rustc", "target", "sdk", "cpu_features", "panic"}
        assert first.build["panic"] == "unwind"
        build()
        wait(lambda: file().generation == 2)
        second = file()
        assert second.hash != first.hash and second.effects == first.effects == ["org.playa.gaussian_blur"]
        assert playa.rollback_plugin(path).hash == first.hash
        assert file().generation == 1
        try:
            playa.rollback_plugin(folder / "absent.so")
        except playa.PluginLoadError as error:
            assert "no earlier generation" in str(error) and error.path == folder / "absent.so"
        else:
            raise AssertionError("there is nothing to go back to")
    """)


def test_a_removed_plugin_is_missing_until_it_is_back_and_open_projects_go_on(run) -> None:
    # The blur that comes with the package must not stand in for the one that is gone.
    run("""
        import numpy as np
        project = playa.Project()
        comp = project.add_comp("Main", width=4, height=4)
        layer = comp.add_layer(np.ones((4, 4, 4), np.float32))
        layer.add_effect("GaussianBlur", radius=2)
        content = path.read_bytes()
        path.unlink()
        wait(lambda: file().state == "missing")
        # The one that was refused as its double takes its place, until it is back: what is found first wins.
        def double():
            [other] = [other for other in playa.plugins() if other.path.name == path.name and other.path != path]
            return other
        wait(lambda: "org.playa.gaussian_blur" in double().effects)
        assert np.asarray(comp.render(0)).shape == (4, 4, 4)
        path.write_bytes(content)
        wait(lambda: file().state == "live")
        assert double().state == "refused" and "already there" in double().error
        assert playa.effects.GaussianBlur.spec.path == path
    """)


def test_a_pause_and_no_watching_leave_everything_to_reload(run) -> None:
    paused = """
        playa.plugins()
        playa.pause_watch()
        build()
        time.sleep(1.5)
        assert file().generation == 1
        [told] = playa.reload_plugins(path)
        assert told.generation == file().generation == 2
        playa.resume_watch()
        os.chdir(folder)
        [told] = playa.reload_plugins(path.name)
        assert told.path == path and told.generation == 2, "the same content, named in another way"
    """
    run(paused)
    run(paused, PLAYA_WATCH="0")


def test_what_happens_to_plugins_is_told_on_the_bus_of_the_process(run) -> None:
    run("""
        playa.plugins()
        with playa.events.listen("plugin_reloaded", "plugin_failed", "plugin_removed", timeout=60) as events:
            build()
            event = next(events)
            assert (event.name, event.path, event.generation) == ("plugin_reloaded", path, 2)
            assert event.effects == ("org.playa.gaussian_blur",) and not event.gone and not event.lost
            assert "org.playa.gaussian_blur.radius" in event.kept and event.seconds > 0
            path.write_text("no library")
            event = next(events)
            assert (event.name, event.path) == ("plugin_failed", path) and "no dynamic library" in event.error
            assert file().state == "live", "the generation before goes on"
            path.unlink()
            event = next(events)
            assert (event.name, event.effects) == ("plugin_removed", ("org.playa.gaussian_blur",))
    """)


def test_nothing_is_watched_before_the_first_plugin_is_asked_for(run) -> None:
    run("""
        def name(task):
            try:
                return task.joinpath("comm").read_text().strip()
            except (FileNotFoundError, ProcessLookupError):
                return None  # It ended meanwhile.
        names = lambda: [name(task) for task in Path("/proc/self/task").iterdir()]
        if sys.platform == "linux":
            assert "playa-watch" not in names()
            playa.plugins()
            # A thread gives itself its name.
            wait(lambda: "playa-watch" in names())
    """)
