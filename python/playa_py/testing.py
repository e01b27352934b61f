"""Whether plugins are what they say: the checks of `playa validate`, for tests of one's own."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = ["CheckResult", "validate"]


@dataclass(frozen=True)
class CheckResult:
    """What came of one check of a plugin."""

    plugin: str
    """The file."""
    name: str
    """The check, such as `tile-invariance`."""
    effect: str | None
    """Id of the effect; None in a check of the whole file."""
    level: int
    """From 1, what every plugin has to pass, to 10."""
    severity: Literal["error", "warning"]
    """What a failure means."""
    outcome: Literal["passed", "warning", "failed", "crashed", "skipped"]
    """What came of it."""
    message: str
    """What was found, or why it was skipped."""
    seconds: float
    """How long it took."""
    printed: str
    """The end of what the plugin printed."""
    reproduce: str
    """The command that does it again; empty where nothing was found."""
    waived: str | None
    """Why the finding is borne, if a waiver says so."""

    @property
    def is_good(self) -> bool:
        """Whether it is no failure: passed, skipped, only a warning, or waived."""
        bad = self.outcome in ("failed", "crashed") and self.severity == "error"
        return not bad or self.waived is not None


def validate(
    *plugins: str | os.PathLike[str],
    level: int = 5,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    effects: Sequence[str] = (),
    seed: int | None = None,
    jobs: int | None = None,
    timeout: float | None = None,
    report: str | os.PathLike[str] | None = None,
    waivers: str | os.PathLike[str] | None = None,
) -> list[CheckResult]:
    """Run the conformance checks up to a level (1 to 10) on plugin files, each check in a process of its own.

    `only` and `skip` are names of checks and `effects` ids of effects, with `*` and `?`. The same `seed` makes the same
    calls. `jobs` processes run at a time, each for `timeout` seconds at most. `report` is a folder for pictures of what
    is wrong, `waivers` a file of findings that are known. Returns every check, in order of level for each plugin.

    ValueError where a file, a name or a number is none.
    """
    options: list[str] = ["--level", str(level)]
    for option, names in (("--only", only), ("--skip", skip), ("--effect", effects)):
        for name in names:
            options += [option, name]
    values = {"--seed": seed, "--jobs": jobs, "--timeout": timeout, "--report": report, "--waivers": waivers}
    for option, value in values.items():
        if value is not None:
            options += [option, os.fspath(value) if isinstance(value, os.PathLike) else str(value)]
    paths = [os.fspath(plugin) for plugin in plugins]
    command = [sys.executable, "-m", "playa_py", "validate", "--json", *options, "--", *paths]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode not in (0, 1):
        raise ValueError(done.stderr.strip())
    found = json.loads(done.stdout)
    return [CheckResult(plugin=plugin["path"], **check) for plugin in found["plugins"] for check in plugin["checks"]]
