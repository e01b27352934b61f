//! `Player`: a comp in time.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use playa_host::player::{Direction, Player as HostPlayer, PlayerStats, Transport};
use playa_host::project::time::Rate;
use playa_host::project::{Value, schema};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyDict;

use crate::call::{call, listening};
use crate::comp::Comp;
use crate::engine::engine;
use crate::errors::{Raise, raise};
use crate::event_bus::{EventBus, Subscription, deadline, subscribe};
use crate::frame::Frame;
use crate::project::Project;
use crate::value::{Slot, attr_to_python, from_python, type_name};

/// Plays a comp: a current frame that follows an exact clock on a thread of its own, and pictures that are rendered ahead.
#[pyclass(frozen, module = "playa_py")]
pub struct Player {
    player: HostPlayer,
}

impl Player {
    fn control(&self, py: Python<'_>, command: impl FnOnce(&mut Transport, Duration) + Send) -> PyResult<()> {
        call(py, || {
            self.player.control(command);
            Ok(())
        })
    }

    fn transport(&self, py: Python<'_>) -> PyResult<Transport> {
        call(py, || Ok(self.player.transport()))
    }
}

#[pymethods]
impl Player {
    /// A player, with a comp open or nothing yet.
    #[new]
    #[pyo3(signature = (source=None))]
    fn new(py: Python<'_>, source: Option<&Bound<'_, PyAny>>) -> PyResult<Self> {
        let engine = Arc::clone(engine(py)?);
        let no_threads = |error| Raise::new("PlayaError", format!("no threads for a player: {error}")).into();
        let player = Self { player: call(py, || HostPlayer::new(engine).map_err(no_threads))? };
        source.map_or(Ok(()), |source| player.open(py, source, None)).map(|()| player)
    }

    /// Opens a comp, or a comp of a project: the one of this name or identity, else its first one. It is paused at the first
    /// frame of its work area.
    #[pyo3(signature = (source, comp=None))]
    fn open(&self, py: Python<'_>, source: &Bound<'_, PyAny>, comp: Option<&str>) -> PyResult<()> {
        let (project, uuid) = match (source.cast::<Project>(), source.cast::<Comp>()) {
            (Ok(project), _) => Project::comp_to_open(project, comp)?,
            (_, Ok(found)) if comp.is_none() => Comp::place(found),
            _ => {
                let found = type_name(source);
                let message = format!("open: expected a Project or a Comp, found an object of type {found}");
                return Err(Raise::new("AttrTypeError", message).into());
            }
        };
        call(py, || self.player.open(&project, uuid).map_err(raise))
    }

    /// Closes what is open.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        call(py, || {
            self.player.close();
            Ok(())
        })
    }

    /// The comp that is open.
    #[getter]
    fn comp(&self, py: Python<'_>) -> PyResult<Option<Py<Comp>>> {
        self.player.opened().map(|(project, comp)| Comp::wrap(py, &project, comp)).transpose()
    }

    /// Plays on from the current frame; if it does not loop and is at the end, from the start.
    fn play(&self, py: Python<'_>) -> PyResult<()> {
        self.control(py, Transport::play)
    }

    /// Stays at the current frame.
    fn pause(&self, py: Python<'_>) -> PyResult<()> {
        self.control(py, Transport::pause)
    }

    /// Pauses, and takes back what jogging changed: speed and direction.
    fn stop(&self, py: Python<'_>) -> PyResult<()> {
        self.control(py, Transport::stop)
    }

    /// Pauses if it plays, plays if it does not.
    fn toggle(&self, py: Python<'_>) -> PyResult<()> {
        self.control(py, |transport, now| match transport.is_playing() {
            true => transport.pause(now),
            false => transport.play(now),
        })
    }

    /// Pauses, and goes so many frames on, or back if negative: around the range if it loops, else to its end.
    #[pyo3(signature = (frames=1))]
    fn step(&self, py: Python<'_>, frames: i64) -> PyResult<()> {
        self.control(py, move |transport, now| transport.step(frames, now))
    }

    /// Plays at `fps`; if it already plays in that direction, faster with each call: 1, 2, 4, 8, 12, 24, 30, 60, 120, 240,
    /// 360, 480, 600, 720, 960 frames per second.
    #[pyo3(signature = (direction=1))]
    fn jog(&self, py: Python<'_>, direction: i64) -> PyResult<()> {
        let direction = match direction {
            1 => Direction::Forward,
            -1 => Direction::Backward,
            other => {
                let message = format!("direction={other}: expected 1 for forward or -1 for backward");
                return Err(Raise::new("AttrValueError", message).into());
            }
        };
        self.control(py, move |transport, now| transport.jog(direction, now))
    }

    /// Goes to a frame, or the end of the range that is nearer to it, and plays on if it played.
    fn seek(&self, py: Python<'_>, frame: i64) -> PyResult<()> {
        self.control(py, move |transport, now| transport.seek(frame, now))
    }

    /// The current frame. Setting it is `seek`.
    #[getter]
    fn frame(&self, py: Python<'_>) -> PyResult<i64> {
        Ok(self.transport(py)?.frame())
    }

    #[setter]
    fn set_frame(&self, py: Python<'_>, frame: i64) -> PyResult<()> {
        self.seek(py, frame)
    }

    /// Whether it plays.
    #[getter]
    fn playing(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.transport(py)?.is_playing())
    }

    /// 1 where it plays, or played last, to higher frames, -1 to lower ones.
    #[getter]
    fn direction(&self, py: Python<'_>) -> PyResult<i64> {
        Ok(self.transport(py)?.direction().sign())
    }

    /// Whether the range is played again and again.
    #[getter]
    fn r#loop(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.transport(py)?.is_looping())
    }

    #[setter]
    fn set_loop(&self, py: Python<'_>, looping: bool) -> PyResult<()> {
        self.control(py, move |transport, now| transport.set_looping(looping, now))
    }

    /// Frames per second that it plays, as a `Fraction`: those of the comp until others are set.
    #[getter]
    fn fps<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        attr_to_python(py, "fps", &Value::String(self.transport(py)?.base().to_string()))
    }

    #[setter]
    fn set_fps(&self, py: Python<'_>, fps: &Bound<'_, PyAny>) -> PyResult<()> {
        let value = from_python(fps, Slot::Attr, "fps").map_err(|raise| *raise)?;
        let rate = match schema::comp().check("fps", &value).map_err(raise)? {
            Value::String(rate) => rate.parse::<Rate>().expect("it was checked"),
            _ => unreachable!("a rate is stored as text"),
        };
        self.control(py, move |transport, now| transport.set_rate(rate, now))
    }

    /// Frames per second of the moment: other than `fps` after jogging.
    #[getter]
    fn speed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        attr_to_python(py, "fps", &Value::String(self.transport(py)?.rate().to_string()))
    }

    /// First and last frame that are played, both included: the work area of the comp until another one is set. `None`
    /// goes back to that.
    #[getter]
    fn range(&self, py: Python<'_>) -> PyResult<(i64, i64)> {
        Ok(self.transport(py)?.range())
    }

    #[setter]
    fn set_range(&self, py: Python<'_>, range: Option<(i64, i64)>) -> PyResult<()> {
        if let Some((first, last)) = range.filter(|(first, last)| first > last) {
            let message = format!("range: the first frame, {first}, is behind the last, {last}");
            return Err(Raise::new("AttrValueError", message).into());
        }
        call(py, || {
            self.player.set_range(range);
            Ok(())
        })
    }

    /// How many pictures are rendered ahead at most.
    #[getter]
    fn ahead(&self) -> usize {
        self.player.ahead()
    }

    #[setter]
    fn set_ahead(&self, py: Python<'_>, frames: usize) -> PyResult<()> {
        call(py, || {
            self.player.set_ahead(frames);
            Ok(())
        })
    }

    /// The picture of the frame that is current now, as `(number, Frame)`. Waits for it, so many seconds at most.
    #[pyo3(signature = (timeout=None))]
    fn picture(&self, py: Python<'_>, timeout: Option<f64>) -> PyResult<(i64, Frame)> {
        let deadline = deadline(timeout)?;
        let picture = listening(py, &AtomicBool::new(false), |patience| {
            let left = deadline.map_or(patience, |end| end.saturating_duration_since(Instant::now()).min(patience));
            match self.player.picture_within(left) {
                Ok(None) if self.player.opened().is_some() && !left.is_zero() => None,
                picture => Some(picture),
            }
        })?;
        match picture {
            Ok(Some((number, picture))) => Ok((number, Frame::shared(picture))),
            Ok(None) if self.player.opened().is_none() => {
                Err(Raise::new("RenderError", "the player has nothing open".to_owned()).into())
            }
            Ok(None) => {
                let message = format!("the picture was not ready within {} s", timeout.unwrap_or_default());
                Err(Raise::new("RenderTimeoutError", message).into())
            }
            Err(error) => Err(raise(&*error)),
        }
    }

    /// The picture that was ready last when its frame was current, as `(number, Frame)`, without waiting for any.
    #[getter]
    fn shown(&self) -> Option<(i64, Frame)> {
        self.player.shown().map(|(number, picture)| (number, Frame::shared(picture)))
    }

    /// The bus on which it tells what happens.
    #[getter]
    fn events(&self) -> EventBus {
        EventBus { bus: self.player.events().clone() }
    }

    /// Calls `callback` with each event of this name: `player.events.subscribe`.
    fn subscribe(&self, name: &str, callback: &Bound<'_, PyAny>) -> PyResult<Subscription> {
        subscribe(self.player.events(), name, callback)
    }

    /// How it fares since the comp was opened.
    fn stats<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let PlayerStats { due, current, shown } = self.player.stats();
        static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        let fields = PyDict::new(py);
        fields.set_item("due", due)?;
        fields.set_item("current", current)?;
        fields.set_item("shown", shown)?;
        CLASS.import(py, "playa_py.records", "PlayerStats")?.call((), Some(&fields))
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, py: Python<'_>, _exception: &Bound<'_, PyAny>) -> PyResult<()> {
        self.close(py)
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let Some((project, comp)) = self.player.opened() else { return Ok("<Player: nothing open>".to_owned()) };
        let name =
            project.snapshot().comps.get(&comp).map_or_else(|| "<removed>".to_owned(), |comp| comp.name().to_owned());
        let transport = self.transport(py)?;
        let (first, last) = transport.range();
        let (frame, rate) = (transport.frame(), transport.rate());
        let state = if transport.is_playing() { format!("plays at {rate} fps") } else { "paused".to_owned() };
        Ok(format!("<Player: {name:?}, frame {frame} of {first}-{last}, {state}>"))
    }
}
