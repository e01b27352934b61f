"""The effects that were found, as Python classes and as an enumeration.

`effects.GaussianBlur(radius=5)` is a Gaussian blur with its parameters checked, to be added to layers, or to be called on
pictures:

    layer.add_effect(effects.GaussianBlur(radius=5))
    blurred = effects.GaussianBlur(radius=5)(pixels)

`EffectType.GaussianBlur` only names it. Both are looked up in the plugins that are loaded when the name is used, so
`dir(effects)` and `list(EffectType)` are what this process has. The types of all this are in `effects.pyi`, which
`playa stubs` writes.
"""

from __future__ import annotations

from playa_py import _native, _pickling
from playa_py.errors import AttrReadOnlyError

TYPE_CHECKING = False
if TYPE_CHECKING:  # both take longer to import than all the rest
    from collections.abc import Iterator
    from typing import Any

__all__ = ["EffectCall", "EffectType"]


class EffectCall:
    """An effect with its parameters, not yet on a layer. Its subclasses are the effects that are loaded.

    Parameters are attributes and items, checked when they are set: `blur.radius = 6`, `blur["radius"] = 6`. When another
    generation of the effect is loaded, the values that were set stay, by their names.
    """

    spec: _native.EffectSpec
    """What the effect says of itself."""

    # The classes of its choices, by the name of the parameter.
    _enums: dict[str, Any] = {}

    def __init__(self, **params: Any) -> None:
        if not hasattr(type(self), "spec"):
            raise TypeError("EffectCall is the base of the effects in playa_py.effects: call one of those")
        # What was set, and all values together with the generation of the effect for which they are.
        self._given: dict[str, Any] = {}
        self._all: tuple[_native.EffectSpec, dict[str, Any]] | None = None
        self._set(params)

    @property
    def id(self) -> str:
        """Identity of the effect, such as `org.playa.gaussian_blur`."""
        return self.spec.id

    @property
    def params(self) -> dict[str, Any]:
        """All parameters with their values."""
        return {name: self._enums[name](value) if name in self._enums else value for name, value in self._now().items()}

    def __call__(
        self, *pictures: Any, frame: int = 0, region: Any = None, size: Any = None, window: Any = None
    ) -> Any:
        """What the effect makes of pictures, one for each of its inputs.

        Of a `Frame` it makes a `Frame`, with windows and metadata of the first one, over all that the effect reaches. Of
        an array, in any layout that `Frame.from_numpy` takes, it makes a new float32 array (H, W, 4) of the same size.
        An effect that takes no picture makes a `Frame` of `size` (width, height), or over `window` (x0, y0, x1, y1).

        `frame` is the time; a picture is the same at every frame. `region` says which pixels to make: "display", "data"
        (all that the effect reaches) or a window. An array is read-only to other threads meanwhile.

        Raises ParamTypeError for pictures that are missing, too many or none; ArrayError, EffectError, MemoryLimitError.
        """
        return _native.apply_effect(
            self.id, self._now(), pictures, frame=frame, region=region, size=size, window=window
        )

    @classmethod
    def presets(cls) -> list[_native.Preset]:
        """Its presets: those of `PLAYA_PRESET_PATH`, the user's, and those of the bundle that it comes from."""
        return _native.presets(cls.spec.id)

    def apply_preset(self, preset: Any) -> list[str]:
        """Sets its parameters to the values of a preset, given by its name, its file or itself. Others stay as they are.

        Returns what was left out, and why: a preset of another version of the effect may have values that do not fit.
        Raises PresetError.
        """
        params, left_out = _native.preset_params(self.id, preset)
        self._set(params)
        return left_out

    def save_preset(self, name: str, *, about: str = "", folder: Any = None, replace: bool = False) -> Any:
        """Saves the values of its parameters as a preset, into the user's folder unless another one is named. Returns the
        file. Raises PresetError, also where it is there already and not to be replaced.
        """
        return _native.save_preset(self.id, self._now(), name, about, folder, replace)

    def _set(self, params: dict[str, Any]) -> None:
        """Checks all of them, and sets them then."""
        names = {self._name(name): name for name in params}
        checked = _native.check_params(self.id, **params)
        self._given = {**self._given, **{name: checked[name] for name in names}}
        self._all = None

    def _now(self) -> dict[str, Any]:
        """The values of all parameters of the generation that is loaded now."""
        spec = self.spec
        if self._all is None or self._all[0] is not spec:
            names = {name: param.name for param in spec.params for name in (*param.renamed_from, param.name)}
            given = {names[name]: value for name, value in self._given.items() if name in names}
            self._all = (spec, _native.check_params(spec.id, **given))
        return self._all[1]

    def _name(self, name: str) -> str:
        """The name of a parameter as it is now. Raises ParamNameError."""
        for param in self.spec.params:
            if name in (param.name, param.argument, *param.renamed_from):
                return param.name
        # This says so, and what there is.
        _native.check_params(self.id, **{name: 0})
        raise AssertionError(f"{self.id} has no parameter {name!r} and takes it")

    def __getitem__(self, name: str) -> Any:
        return self.params[self._name(name)]

    def __setitem__(self, name: str, value: Any) -> None:
        self._set({name: value})

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        elif hasattr(EffectCall, name) or name == "spec":
            raise AttrReadOnlyError(f"`{name}` of an effect cannot be set")
        else:
            self[name] = value

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(param.argument for param in self.spec.params)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EffectCall) and (self.id, self._now()) == (other.id, other._now())

    def __hash__(self) -> int:
        # Parameters may change.
        return hash(self.id)

    def __reduce__(self) -> tuple[Any, ...]:
        return _pickling.effect_call, (self.id, self._given)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._now().items())})"


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

_TYPES = {
    "bool": bool,
    "int": int,
    "float": float,
    "string": str,
    "uuid": str,
    "vec2": tuple[float, float],
    "vec3": tuple[float, float, float],
    "vec4": tuple[float, float, float, float],
    "color": tuple[float, float, float, float],
    "list": tuple,
    "map": dict,
}


def _update(spec: _native.EffectSpec) -> type[EffectCall]:
    """The class of an effect, as this generation of it says. It stays the same class for all generations.

    Whoever loads effects calls it with each of them.
    """
    known = _classes.get(spec.id)
    if known is not None and _origin(known.spec) == _origin(spec):
        return known
    old: dict[str, Any] = vars(known)["_enums"] if known is not None else {}
    enums = {param.name: _enum(spec, param, old.get(param.name)) for param in spec.params if param.choices}
    # What a class says of its parameters is looked up here, through attributes or `help`.
    body: dict[str, Any] = {
        param.argument: _property(param) for param in spec.params if not hasattr(EffectCall, param.argument)
    }
    body |= {enum.__name__: enum for enum in enums.values()}
    body |= {
        "__doc__": _doc(spec),
        "__qualname__": spec.name,
        "__signature__": _signature(spec, enums),
        "spec": spec,
        "_enums": enums,
    }
    if known is None:
        known = _classes[spec.id] = type(spec.name, (EffectCall,), {"__module__": __name__, **body})
        return known
    for name in vars(known).keys() - body.keys():
        if not name.startswith("_"):
            delattr(known, name)
    known.__name__ = spec.name
    for name, value in body.items():
        setattr(known, name, value)
    return known


def _origin(spec: _native.EffectSpec) -> tuple[object, ...]:
    """What differs when an effect is another one, or comes from another file."""
    return (spec.generation, spec.version, spec.path)


def _enum(spec: _native.EffectSpec, param: _native.ParamSpec, old: Any) -> Any:
    """The class of the choices of a parameter: the one that it had, if that has the same."""
    import enum

    members = {name: key for name, key, _doc in param.members}
    if old is not None and {name: member.value for name, member in old.__members__.items()} == members:
        return old
    name = param.enum_name
    choices: Any = enum.StrEnum(name, members, module=__name__, qualname=f"{spec.name}.{name}")
    choices.__doc__ = param.doc
    for name, _key, doc in param.members:
        choices[name].__doc__ = doc
    return choices


def _property(param: _native.ParamSpec) -> property:
    def get(effect: EffectCall) -> Any:
        return effect[param.name]

    def put(effect: EffectCall, value: Any) -> None:
        effect[param.name] = value

    return property(get, put, None, _meaning(param))


def _signature(spec: _native.EffectSpec, enums: dict[str, Any]) -> Any:
    # Not at the top: it takes longer to import than all of this package.
    import inspect

    def parameter(param: _native.ParamSpec) -> inspect.Parameter:
        choices = enums.get(param.name)
        default = param.default if choices is None else choices(param.default)
        annotation = _TYPES[param.kind] if choices is None else choices
        return inspect.Parameter(
            param.argument, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )

    return inspect.Signature([parameter(param) for param in spec.params])


def _doc(spec: _native.EffectSpec) -> str:
    takes = f"Takes {', '.join(spec.inputs) or 'no picture'}."
    doc = [spec.help, "", f"{takes} {spec.id}, version {spec.version}.", *(["", "Parameters:"] if spec.params else [])]
    doc += [f"    {param.argument} ({param.kind}): {_meaning(param)}" for param in spec.params]
    return "\n".join(doc)


def _meaning(param: _native.ParamSpec) -> str:
    limits = [f"default {param.default!r}"]
    if param.unit:
        limits.append(f"in {param.unit}")
    if param.range is not None:
        limits.append("within {:g}..{:g}".format(*param.range))
    if param.choices:
        limits.append("one of " + ", ".join(param.choices))
    return f"{param.doc} {'; '.join(limits)}.".lstrip()


def __getattr__(name: str) -> type[EffectCall]:
    if name.startswith("_"):
        raise AttributeError(name)
    return _update(_native.find_effect(name))


def __dir__() -> list[str]:
    return [*__all__, *(spec.name for spec in _native.effect_specs())]
