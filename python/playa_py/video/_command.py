"""`playa render PROJECT -o FILE.mp4`: the command where its output is a movie."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from playa_py import Comp, Project
from playa_py.errors import (
    AttrTypeError,
    AttrValueError,
    PlayaError,
    ProjectFileError,
    ProjectNotFoundError,
    UnsupportedMediaError,
)
from playa_py.video._writer import CODECS, PRESETS, SPACES, write

FAILED, USAGE, BAD_PROJECT = 1, 2, 3


def render(arguments: list[str]) -> int:
    """Renders a comp into a movie, tells what is wrong on stderr, and returns the exit status of the command."""
    told = _parser().parse_args(arguments)
    if len(told.output) > 1:
        return _failed("a movie is rendered by itself: give one -o, and render pictures with another command", USAGE)
    (output,) = told.output
    try:
        project = Project.load(told.project)
    except (ProjectFileError, ProjectNotFoundError) as error:
        return _failed(error, BAD_PROJECT)
    for note in project.diagnostics:
        print(note, file=sys.stderr)
    comp = _comp(project, told.comp)
    if isinstance(comp, str):
        return _failed(comp, USAGE)
    options: dict[str, Any] = {"codec": told.codec, "crf": told.crf, "preset": told.preset, "pad": told.pad}
    if told.no_alpha:
        options["alpha"] = False
    rendered = 0

    def count(done: int, total: int, number: int) -> None:
        nonlocal rendered
        rendered = done
        if not told.quiet and sys.stderr.isatty():
            print(f"\rframe {number}, {done} of {total} ", end="\n" if done == total else "", file=sys.stderr, flush=True)

    try:
        write(
            comp,
            output,
            told.frames,
            colour_space=told.colour,
            workers=told.workers,
            skip_missing_effects=told.skip_missing_effects,
            skip_failing_effects=told.skip_failing_effects,
            progress=count,
            **options,
        )
    except (AttrTypeError, AttrValueError, UnsupportedMediaError) as error:
        return _failed(error, USAGE)
    except PlayaError as error:
        return _failed(error, FAILED)
    if not told.quiet:
        print(f"{rendered} frames to {output}", file=sys.stderr)
    return 0


def _comp(project: Project, name: str | None) -> Comp | str:
    """The comp of a name, else the only one or the one called Main; or what is wrong."""
    comps = project.comps
    wanted = [comp for comp in comps if comp.name == ("Main" if name is None else name)]
    if name is None and len(comps) == 1:
        wanted = comps
    if wanted:
        return wanted[0]
    known = ", ".join(repr(comp.name) for comp in comps) or "none"
    return f"there is no comp {name!r}; there are {known}" if name else f"--comp says which of {known} is meant"


def _failed(error: object, status: int) -> int:
    print(f"error: {error}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="playa render",
        description="Render frames of a project into a movie. A movie is there whole or not at all.",
        epilog="Exit status: 0 the movie is there, 1 a frame failed, 2 wrong usage, 3 the project cannot be opened, 130"
        " interrupted.",
        allow_abbrev=False,
    )
    parser.add_argument("project", help="the project file")
    parser.add_argument(
        "-o", "--output", action="append", required=True, help="a file ending in .mp4, .m4v, .mov or .mkv, no other beside it"
    )
    parser.add_argument("-F", "--frames", help="which frames, such as 1-24 [default: the comp's work area]")
    parser.add_argument("--comp", metavar="NAME", help="which comp [default: the only one, else the one called Main]")
    parser.add_argument("--codec", choices=CODECS, help="[default: prores for .mov, else h264]")
    parser.add_argument("--crf", type=float, metavar="N", help="H.264: 0 to 51, how much may be lost [default: 18]")
    parser.add_argument("--preset", choices=PRESETS, help="H.264: how long it may take [default: medium]")
    parser.add_argument("--colour", choices=SPACES, default="bt1886", help="what it holds [default: bt1886]")
    parser.add_argument("--no-alpha", action="store_true", help="prores4444: what is seen over black")
    parser.add_argument("--pad", action="store_true", help="repeat the last column and row of odd sizes")
    parser.add_argument("--workers", type=int, metavar="N", help="how many frames are in the making at once")
    parser.add_argument("--skip-missing-effects", action="store_true", help="as of pictures")
    parser.add_argument("--skip-failing-effects", action="store_true", help="as of pictures")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress and no summary")
    return parser
