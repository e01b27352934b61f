"""What can go wrong, as exceptions.

All of them are a `PlayaError`, and each leaf is also the builtin exception that a caller would expect in its place:
a missing file is a `FileNotFoundError`, an unknown name in `layer["..."]` a `KeyError`. The message says what was
found, where, and what was expected; `hint` says what to do about it.
"""

from os import PathLike


class PlayaError(Exception):
    """Base of all errors of Playa.

    Attributes, each `None` where it does not apply:
        path: the file it is about; a `Path` where Playa raised it.
        node: the project, comp, layer, media or effect it is about, as a person would name it.
        frame: the frame it is about, in the time of the comp that was rendered.
        hint: what to do about it; the last line of the error's text.
    """

    path: str | PathLike[str] | None
    node: str | None
    frame: int | None
    hint: str | None

    def __init__(
        self,
        message: str,
        *,
        path: str | PathLike[str] | None = None,
        node: str | None = None,
        frame: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.path = path
        self.node = node
        self.frame = frame
        self.hint = hint

    def __str__(self) -> str:
        # Not the builtin's: a `KeyError` would show its message in quotes.
        message = str(self.args[0])
        return f"{message}\nhint: {self.hint}" if self.hint else message


# Names and values


class NodeNotFoundError(PlayaError, KeyError):
    """The project has no comp, layer or media of that name or identity."""


class NodeRemovedError(PlayaError, ReferenceError):
    """The comp, layer, media, camera, solid, text or effect behind this object was removed from its project."""


class AttrNameError(PlayaError, AttributeError, KeyError):
    """The node has no attribute of that name. The message lists those it has."""


class AttrReadOnlyError(PlayaError, AttributeError):
    """The attribute can be read, not set."""


class AttrValueError(PlayaError, ValueError):
    """The attribute does not take this value: outside its range, no finite number, or none of its choices."""


class AttrTypeError(AttrValueError, TypeError):
    """The attribute does not take values of this kind."""


class CycleError(PlayaError, ValueError):
    """The edit would have made a comp contain itself, or a layer its own matte. Nothing was changed."""


class NodeInUseError(PlayaError, ValueError):
    """The comp, media, camera, solid or text cannot be removed while layers show it, or the layer while it is the matte
    of others. The message names them.
    """


class PositionError(PlayaError, IndexError):
    """The position is behind the end of the list."""


# History and events


class HistoryError(PlayaError, RuntimeError):
    """There is no undo or redo while an edit is open."""


class EventNameError(PlayaError, ValueError):
    """The name is none that an event, or something that it says, can have."""


class EventNameWarning(UserWarning):
    """The name is almost that of an event of Playa: nobody else emits it."""


# Effects and the files they come from


class EffectNotFoundError(PlayaError, AttributeError, KeyError):
    """No effect of that id or name is loaded. The message lists those that are.

    Also an `AttributeError`, as of `effects.GaussianBlur` where there is none of that name.
    """


class ParamError(PlayaError, ValueError):
    """The effect's parameter does not take this value: outside its range, no finite number, or none of its choices."""


class ParamTypeError(ParamError, TypeError):
    """The effect's parameter does not take values of this kind."""


class ParamNameError(ParamError, AttributeError, KeyError, TypeError):
    """The effect has no parameter of that name. The message lists those it has.

    Also a `TypeError`, as for any function called with a keyword argument it does not have.
    """


class PresetError(PlayaError, ValueError):
    """There is no such preset, or its file is none, or does not fit the effect. The message says what, where and what was
    expected.
    """


class PluginLoadError(PlayaError, ImportError):
    """The file did not become a plugin. That stops no other file from becoming one."""

    # The one of `ImportError`, which takes any object, though its stub says text.
    path: str | PathLike[str] | None  # type: ignore[assignment]


class ConfigError(PlayaError, ValueError):
    """The config file `playa.toml` cannot be used. The message names the line."""


# Files


class MediaError(PlayaError, OSError):
    """The image file could not be read or written: damaged, cut short, or refused by the system."""


class MediaNotFoundError(MediaError, FileNotFoundError):
    """No such image file, or the sequence has no file for this frame."""


class UnsupportedMediaError(MediaError):
    """The image file is whole, of a kind or with a feature that Playa does not read or write."""


class MediaMemoryError(MediaError, MemoryError):
    """The image file would take more memory than its limit, or than there is."""


class ChannelNotFoundError(MediaError, KeyError):
    """The image has no channel, layer or part of that name. The message lists those it has."""


class ArrayError(PlayaError, TypeError, ValueError):
    """The array is no picture: its shape or type is not one that a frame can have."""


class CompareError(PlayaError, ValueError):
    """The pictures cannot be compared: they differ in size, or are too small for what is asked."""


class ProjectFileError(PlayaError, ValueError):
    """The project file cannot be understood. The message names line, what was found, and what was expected."""


class ProjectNotFoundError(ProjectFileError, FileNotFoundError):
    """There is no such project file."""


class ProjectWarning(UserWarning):
    """Something in a project file was kept but not understood, or is missing: it may not render as it was meant."""


# Rendering


class RenderError(PlayaError, RuntimeError):
    """The frame could not be rendered."""


class EffectError(RenderError):
    """An effect failed, or panicked, on this frame."""


class MissingEffectError(RenderError):
    """The project uses an effect that is not loaded, so the frame cannot be rendered as it was meant."""


class RenderTimeoutError(RenderError, TimeoutError):
    """The frame was not rendered within its `timeout`. Nothing of it is left."""


class CancelledError(PlayaError):
    """The work was cancelled before it was done. Nothing half-written is left."""


class MemoryLimitError(PlayaError, MemoryError):
    """There is no memory for it, or it is above the limit that was set."""
