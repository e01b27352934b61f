//! `Layers`: the layers of a frame as a mapping.

use playa_host::media;
use pyo3::prelude::*;

use crate::call::call;
use crate::errors::Raise;
use crate::frame::Frame;

/// The layers of a frame, by name: what stands before the last dot of a channel's name. Each is a `Frame` of its own, with
/// the colour that `Frame.load(path, layer=name)` shows, and its channels named without the prefix.
#[pyclass(frozen, mapping, module = "playa_py")]
pub struct Layers {
    pub frame: Py<Frame>,
}

impl Layers {
    fn names(&self) -> Vec<&str> {
        media::layers(self.frame.get().host())
    }

    fn find(&self, py: Python<'_>, name: &str) -> PyResult<Option<Frame>> {
        if !self.names().contains(&name) {
            return Ok(None);
        }
        let frame = self.frame.get().host();
        let no_memory = |error: playa_host::image::ImageError| Raise::new("MemoryLimitError", error.to_string());
        let layer = call(py, || media::layer(frame, name).map_err(|error| no_memory(error).into()))?;
        Ok(layer.map(Frame::new))
    }
}

#[pymethods]
impl Layers {
    /// The names, in the order of the channels.
    fn keys(&self) -> Vec<&str> {
        self.names()
    }

    /// The layers, in the order of their names.
    fn values(&self, py: Python<'_>) -> PyResult<Vec<Frame>> {
        self.names().into_iter().filter_map(|name| self.find(py, name).transpose()).collect()
    }

    /// Pairs of name and layer.
    fn items(&self, py: Python<'_>) -> PyResult<Vec<(&str, Frame)>> {
        Ok(self.names().into_iter().zip(self.values(py)?).collect())
    }

    /// The layer of that name, or `default` if there is none.
    #[pyo3(signature = (name, default=None))]
    fn get(&self, py: Python<'_>, name: &str, default: Option<Py<PyAny>>) -> PyResult<Option<Py<PyAny>>> {
        match self.find(py, name)? {
            Some(layer) => Ok(Some(Py::new(py, layer)?.into_any())),
            None => Ok(default),
        }
    }

    fn __len__(&self) -> usize {
        self.names().len()
    }

    fn __contains__(&self, name: &Bound<'_, PyAny>) -> bool {
        name.extract::<String>().is_ok_and(|name| self.names().contains(&&*name))
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.names().into_pyobject(py)?.try_iter()?.into_any())
    }

    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Frame> {
        let unknown = || {
            let message = format!("there is no layer {name:?} beyond the colour; there are {:?}", self.names());
            PyErr::from(Raise::new("ChannelNotFoundError", message))
        };
        self.find(py, name)?.ok_or_else(unknown)
    }

    fn __repr__(&self) -> String {
        format!("<Layers {:?}>", self.names())
    }
}
