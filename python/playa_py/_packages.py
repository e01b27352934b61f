"""Which installed packages bring plugins: those with an entry point of the group `playa.plugins`.

Its value names a package in which bundles lie. The package is found and not imported: none of its code runs.
"""

from __future__ import annotations

import importlib.machinery
import importlib.metadata
import sys

_GROUP = "playa.plugins"


def folders() -> list[str]:
    """The folders of these packages, in the order of their names."""
    modules = {entry.module for entry in importlib.metadata.entry_points(group=_GROUP)}
    return [folder for module in sorted(modules) for folder in _folders(module)]


def _folders(module: str) -> list[str]:
    """Where a package is. None if it is not there: what has left its metadata behind stops nobody."""
    path: list[str] | None = None
    for part in module.split("."):
        try:
            spec = _find(part, path)
        except (AttributeError, ImportError, ValueError):
            return []
        if spec is None or spec.submodule_search_locations is None:
            return []
        path = list(spec.submodule_search_locations)
    return path or []


def _find(name: str, path: list[str] | None) -> importlib.machinery.ModuleSpec | None:
    """What `importlib.util.find_spec` finds, also in packages, without importing those."""
    for finder in sys.meta_path:
        spec = finder.find_spec(name, path, None)
        if spec is not None:
            return spec
    return None
