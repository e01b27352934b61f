"""The effects that were found, as Python classes and as an enumeration.

`effects.GaussianBlur(radius=5)` is a Gaussian blur with its parameters checked, to be added to layers:

    layer.add_effect(effects.GaussianBlur(radius=5))

`EffectType.GaussianBlur` only names it. Both are looked up in the plugins that are loaded when the name is used, so
`dir(effects)` and `list(EffectType)` are what this process has.
"""

from __future__ import annotations

from playa_py import _native, _pickling

TYPE_CHECKING = False
if TYPE_CHECKING:  # both take longer to import than all the rest
    from collections.abc import Iterator
    from typing import Any

__all__ = ["EffectCall", "EffectType"]


class EffectCall:
    """An effect with its parameters, not yet on a layer. Its subclasses are the effects that are loaded."""

    spec: _native.EffectSpec
    """What the effect says of itself."""

    def __init__(self, **params: Any) -> None:
        if not hasattr(type(self), "spec"):
            raise TypeError("EffectCall is the base of the effects in playa_py.effects: call one of those")
        self._params: dict[str, Any] = _native.check_params(self.spec.id, **params)

    @property
    def id(self) -> str:
        """Identity of the effect, such as `org.playa.gaussian_blur`."""
        return self.spec.id

    @property
    def params(self) -> dict[str, Any]:
        """All parameters with their values."""
        return dict(self._params)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EffectCall) and (self.id, self._params) == (other.id, other._params)

    def __hash__(self) -> int:
        return hash((self.id, repr(self._params)))

    def __reduce__(self) -> tuple[Any, ...]:
        return _pickling.effect_call, (self.id, self._params)

    def __repr__(self) -> str:
        return f"{self.spec.name}({', '.join(f'{name}={value!r}' for name, value in self._params.items())})"


class _EffectTypes(type):
    def __getattr__(cls, name: str) -> EffectType:
        if name.startswith("_"):
            raise AttributeError(name)
        return EffectType(name)

    def __iter__(cls) -> Iterator[EffectType]:
        return (EffectType(spec.id) for spec in _native.effect_specs())

    def __len__(cls) -> int:
        return len(_native.effect_specs())

    def __contains__(cls, effect: object) -> bool:
        wanted = effect.id if isinstance(effect, EffectType) else effect
        return any(wanted in (spec.id, spec.name) for spec in _native.effect_specs())

    def __dir__(cls) -> list[str]:
        return [*super().__dir__(), *(spec.name for spec in _native.effect_specs())]


class EffectType(metaclass=_EffectTypes):
    """The effects that are loaded: `EffectType.GaussianBlur`, `EffectType("org.playa.gaussian_blur")`.

    Iterating over the class gives all of them.
    """

    __slots__ = ("spec",)

    spec: _native.EffectSpec
    """What the effect says of itself."""

    def __init__(self, name: str) -> None:
        """The effect with this id, type name or label."""
        self.spec = _native.find_effect(name)

    @property
    def id(self) -> str:
        """Identity, stored in projects: `org.playa.gaussian_blur`."""
        return self.spec.id

    @property
    def name(self) -> str:
        """Name of the type: `GaussianBlur`."""
        return self.spec.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EffectType) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __reduce__(self) -> tuple[type[EffectType], tuple[str]]:
        return EffectType, (self.id,)

    def __repr__(self) -> str:
        return f"EffectType.{self.name}"


_classes: dict[str, type[EffectCall]] = {}


def _class_of(spec: _native.EffectSpec) -> type[EffectCall]:
    """The class of an effect, the same one as long as the effect comes from the same version."""
    # Not at the top: it takes longer to import than all of this package.
    import inspect

    known = _classes.get(spec.id)
    if known is not None and known.spec.version == spec.version:
        return known
    doc = [spec.help, "", f"{spec.id}, version {spec.version}", *(["", "Parameters:"] if spec.params else [])]
    for param in spec.params:
        limits = [f"default {param.default!r}"]
        if param.unit:
            limits.append(f"in {param.unit}")
        if param.range is not None:
            limits.append("within {:g}..{:g}".format(*param.range))
        if param.choices:
            limits.append("one of " + ", ".join(param.choices))
        doc.append(f"    {param.name} ({param.kind}): {param.doc} {'; '.join(limits)}.")
    params = [
        inspect.Parameter(param.name, inspect.Parameter.KEYWORD_ONLY, default=param.default) for param in spec.params
    ]
    body = {
        "__doc__": "\n".join(doc),
        "__module__": __name__,
        "__signature__": inspect.Signature(params),
        "spec": spec,
    }
    _classes[spec.id] = type(spec.name, (EffectCall,), body)
    return _classes[spec.id]


def __getattr__(name: str) -> type[EffectCall]:
    if name.startswith("_"):
        raise AttributeError(name)
    return _class_of(_native.find_effect(name))


def __dir__() -> list[str]:
    return [*__all__, *(spec.name for spec in _native.effect_specs())]
