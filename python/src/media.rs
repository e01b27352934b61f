//! `FileNode`.

use pyo3::prelude::*;

use crate::call::call;
use crate::errors::raise;
use crate::source::source_class;

source_class! {
    /// A file or a sequence of files in a project. Several layers may show it.
    FileNode of FileNode, Media;
    |media| {
        let (first, last) = media.frames();
        format!("{:?}, frames {first}-{last}", media.attrs.text("path"))
    };

    /// Looks again which files there are on disk. Returns whether others are there now than at the last time, which is a
    /// step to undo.
    fn refresh(slf: &Bound<'_, Self>) -> PyResult<bool> {
        let (uuid, project) = (slf.get().uuid, &slf.as_super().get().project);
        call(slf.py(), || project.refresh_media(uuid).map_err(raise))
    }

    /// Ranges of frames that the sequence lacks, first and last included.
    #[getter]
    fn gaps(slf: &Bound<'_, Self>) -> PyResult<Vec<(i64, i64)>> {
        Ok(Self::look(slf)?.sequence.gaps())
    }
}
