//! What cameras, media, solids and texts have in common: each is a class of handles of one kind of node, that layers show.

/// A class of handles: its name `of` that in the host, its kind, the text that stands behind the name in its `repr`,
/// and the methods that only it has.
macro_rules! source_class {
    (
        $(#[$doc:meta])*
        $class:ident of $host:ident, $kind:ident;
        |$node:ident| $text:expr;
        $($own:tt)*
    ) => {
        $(#[$doc])*
        #[pyo3::pyclass(extends = $crate::node::Node, frozen, module = "playa_py")]
        pub struct $class {
            uuid: uuid::Uuid,
        }

        impl $class {
            pub fn wrap(
                py: pyo3::Python<'_>,
                project: &playa_host::project::Project,
                uuid: uuid::Uuid,
            ) -> pyo3::PyResult<pyo3::Py<Self>> {
                let node = playa_host::project::Node::$kind(uuid);
                pyo3::Py::new(py, $crate::node::Node::new(project, node).add_subclass(Self { uuid }))
            }

            /// What it stands for, as it is now.
            fn look(slf: &pyo3::Bound<'_, Self>) -> pyo3::PyResult<std::sync::Arc<playa_host::project::$host>> {
                let uuid = slf.get().uuid;
                let document = slf.as_super().get().project.snapshot();
                document.node::<playa_host::project::$host>(uuid).cloned().map_err($crate::errors::raise)
            }
        }

        #[pyo3::pymethods]
        impl $class {
            /// The project it belongs to.
            #[getter]
            fn project(slf: &pyo3::Bound<'_, Self>) -> pyo3::PyResult<pyo3::Py<$crate::project::Project>> {
                Self::look(slf)?;
                $crate::project::Project::wrap(slf.py(), &slf.as_super().get().project)
            }

            fn __repr__(slf: &pyo3::Bound<'_, Self>) -> String {
                let class = stringify!($class);
                match Self::look(slf) {
                    Err(_) => format!("<{class} {}: removed>", slf.get().uuid),
                    Ok($node) => format!("<{class} {:?}: {}>", $node.name(), $text),
                }
            }

            $($own)*
        }
    };
}

pub(crate) use source_class;
