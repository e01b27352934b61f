//! `FileNode`.

use pyo3::prelude::*;

use crate::source::source_class;

source_class! {
    /// A file or a sequence of files in a project. Several layers may show it.
    FileNode of FileNode, Media;
    |media| {
        let (first, last) = media.frames();
        format!("{:?}, frames {first}-{last}", media.attrs.text("path"))
    };

    /// Ranges of frames that the sequence lacks, first and last included.
    #[getter]
    fn gaps(slf: &Bound<'_, Self>) -> PyResult<Vec<(i64, i64)>> {
        Ok(Self::look(slf)?.sequence.gaps())
    }
}
