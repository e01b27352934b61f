//! What projects, comps, layers, cameras, solids, texts and media have in common: attributes and an identity.

use playa_host::project::{Near, Node as HostNode, Project as HostProject, ProjectError, Schema, Value};
use pyo3::PyTypeInfo;
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyList, PyTuple};

use crate::attrs::Attrs;
use crate::call::call;
use crate::errors::Raise;
use crate::keys::{frame_from_python, key_from_python, keys_to_python};
use crate::pickling::{Reduced, pickled_handle};
use crate::value::{Slot, attr_to_python, from_python, plain_name};

/// Something of a project that has attributes. A handle: it stays valid while the project changes, and raises
/// `NodeRemovedError` once what it stands for was removed.
#[pyclass(subclass, frozen, module = "playa_py")]
pub struct Node {
    pub project: HostProject,
    pub node: HostNode,
    near: Near,
}

impl Node {
    pub fn new(project: &HostProject, node: HostNode) -> PyClassInitializer<Self> {
        Self { project: project.clone(), node, near: Near::default() }.into()
    }

    pub fn get(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let value = self.project.get_attr(self.node, name).map_err(|error| self.failed(error))?;
        Ok(attr_to_python(py, name, &value)?.unbind())
    }

    /// The attribute at a place in the schema.
    fn get_at(&self, py: Python<'_>, index: usize, name: &str) -> PyResult<Py<PyAny>> {
        let value = self.project.get_attr_at(self.node, index, &self.near).map_err(|error| self.failed(error))?;
        Ok(attr_to_python(py, name, &value)?.unbind())
    }

    pub fn set(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let (py, value) = (value.py(), self.value(name, value)?);
        let set = || self.project.set_attr(self.node, name, &value).map_err(|error| self.failed(error));
        match (self.node, name) {
            // A font may have to be looked for on disk.
            (HostNode::Text(_), "font") => call(py, set)?,
            _ => set()?,
        };
        Ok(())
    }

    /// Sets several attributes as one step.
    pub fn set_all(&self, values: &[(String, Value)]) -> PyResult<()> {
        self.project.set_attrs(self.node, values).map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// A value for an attribute, whose name is checked before it is.
    pub fn value(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<Value> {
        self.node.schema().spec(name).map_err(|error| self.failed(error.into()))?;
        let about_this = |raise: Box<Raise>| Raise { node: Some(self.name()), ..*raise };
        Ok(from_python(value, Slot::Attr, name).map_err(about_this)?)
    }

    /// Name for a person, `<removed>` if it was.
    pub fn name(&self) -> String {
        match self.project.get_attr(self.node, "name") {
            Ok(Value::String(name)) => name,
            _ => "<removed>".to_owned(),
        }
    }

    /// What it stands for in a project, which must be its own.
    pub fn within(&self, project: &HostProject) -> PyResult<HostNode> {
        if self.project.is_same(project) {
            return Ok(self.node);
        }
        let name = self.name();
        let message = format!("{name:?} belongs to another project");
        Err(Raise { node: Some(name), ..Raise::new("AttrValueError", message) }.into())
    }

    fn failed(&self, error: ProjectError) -> PyErr {
        let raise = Raise::from(error);
        Raise { node: raise.node.or_else(|| Some(self.name())), ..raise }.into()
    }
}

#[pymethods]
impl Node {
    /// The constant value of an attribute, whether it has keys or not.
    fn get_attr(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.get(py, name)
    }

    /// Sets an attribute to a constant; its keys are removed. Setting an equal value changes nothing.
    fn set_attr(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(name, value)
    }

    /// Sets a key of an attribute: its value at a comp frame, in place of a key on the same frame.
    ///
    /// `interp` says how the value goes from there to the next key: `hold`, `linear` or `bezier`. `incoming` and
    /// `outgoing` are the handles of Bezier curves, `(frames, offset)` from the key; without them they are smooth.
    #[pyo3(signature = (name, frame, value, interp="linear", *, incoming=None, outgoing=None))]
    fn set_key(
        &self,
        name: &str,
        frame: &Bound<'_, PyAny>,
        value: &Bound<'_, PyAny>,
        interp: &str,
        incoming: Option<&Bound<'_, PyAny>>,
        outgoing: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        self.node.schema().spec(name).map_err(|error| self.failed(error.into()))?;
        let key = key_from_python(Slot::Attr, name, frame, value, interp, [incoming, outgoing])?;
        self.project.set_key(self.node, name, &key).map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// Removes the key of an attribute on a frame. With its last key the attribute has its constant value again. Tells
    /// whether there was one.
    fn remove_key(&self, name: &str, frame: &Bound<'_, PyAny>) -> PyResult<bool> {
        let frame = frame_from_python(Slot::Attr, frame)?;
        self.project.remove_key(self.node, name, frame).map_err(|error| self.failed(error))
    }

    /// The keys of an attribute, in the order of their frames.
    fn keys<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyList>> {
        keys_to_python(py, &self.project.keys(self.node, name).map_err(|error| self.failed(error))?)
    }

    /// The value of an attribute at a comp frame, which need not be whole: that of its keys, or the constant one.
    fn value_at(&self, py: Python<'_>, name: &str, frame: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let frame = frame_from_python(Slot::Attr, frame)?;
        let value = self.project.value_at(self.node, name, frame).map_err(|error| self.failed(error))?;
        Ok(attr_to_python(py, name, &value)?.unbind())
    }

    /// Called for what is no property: says which attributes there are.
    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let name = plain_name(name);
        // Before the node is looked for, so that asking a removed one for what no node has is no other error.
        self.node.schema().spec(name).map_err(|error| self.failed(error.into()))?;
        self.get(py, name)
    }

    fn __setattr__(slf: &Bound<'_, Self>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let (node, attr) = (slf.get(), plain_name(name));
        node.set(attr, value).or_else(|error| {
            if node.node.schema().spec(attr).is_err() {
                refuse_own(slf, name)?;
            }
            Err(error)
        })
    }

    fn __getitem__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        self.get(py, name)
    }

    fn __setitem__(&self, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        self.set(name, value)
    }

    /// All attributes as a mapping, with their schema.
    #[getter]
    fn attrs(slf: Bound<'_, Self>) -> Attrs {
        Attrs { node: slf.unbind() }
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Node>().is_ok_and(|other| {
            let other = other.get();
            self.node == other.node && self.project.is_same(&other.project)
        })
    }

    /// What pickle and deepcopy need: the whole project, and what this is in it. See `playa_py._pickling`.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let (kind, uuid) = match self.node {
            HostNode::Project => ("project", None),
            HostNode::Media(uuid) => ("media", Some(uuid)),
            HostNode::Comp(uuid) => ("comp", Some(uuid)),
            HostNode::Camera(uuid) => ("camera", Some(uuid)),
            HostNode::Solid(uuid) => ("solid", Some(uuid)),
            HostNode::Text(uuid) => ("text", Some(uuid)),
            HostNode::Layer(uuid) => ("layer", Some(uuid)),
        };
        // What was removed is not in what will be loaded.
        self.project.get_attr(self.node, "name").map_err(|error| self.failed(error))?;
        pickled_handle(py, &self.project, kind, uuid)
    }

    fn __hash__(&self) -> u64 {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        self.node.hash(&mut hasher);
        hasher.finish()
    }
}

/// Makes the attributes of a schema properties of a class, so that `help`, `dir` and completion know them. One that is a
/// Python keyword gets a trailing `_`.
pub fn add_properties<T: PyTypeInfo>(py: Python<'_>, schema: &'static Schema) -> PyResult<()> {
    let property = py.import("builtins")?.getattr("property")?;
    let is_keyword = py.import("keyword")?.getattr("iskeyword")?;
    for (index, spec) in schema.attrs.iter().enumerate() {
        let name = spec.name;
        let get = move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| {
            let node = args.get_item(0)?;
            node.cast::<Node>()?.get().get_at(args.py(), index, name)
        };
        let set = move |args: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| {
            let (node, value) = args.extract::<(Bound<'_, Node>, Bound<'_, PyAny>)>()?;
            node.get().set(name, &value)
        };
        let get = PyCFunction::new_closure(py, None, None, get)?;
        let set = PyCFunction::new_closure(py, None, None, set)?;
        let attribute = if is_keyword.call1((name,))?.is_truthy()? { format!("{name}_") } else { name.to_owned() };
        T::type_object(py).setattr(attribute, property.call1((get, set, py.None(), spec.doc))?)?;
    }
    Ok(())
}

/// Refuses to set what a class itself defines.
pub fn refuse_own(object: &Bound<'_, PyAny>, name: &str) -> PyResult<()> {
    let class = object.get_type();
    if class.hasattr(name)? {
        let message = format!("`{}.{name}` cannot be set; methods change it", class.name()?);
        return Err(Raise::new("AttrReadOnlyError", message).into());
    }
    Ok(())
}
