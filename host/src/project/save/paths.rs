//! Media paths: absolute in an open project, relative to its folder in its file.

use std::path::{Component, Path, PathBuf};

use crate::project::error::ProjectError;

/// The path from the root, counted from the current folder, without `.` and `..`. The file system is not asked, so that
/// a path through a link stays as it was written.
pub fn absolute(path: &Path) -> Result<String, ProjectError> {
    let refuse = |reason: String| ProjectError::Path { path: path.to_path_buf(), reason };
    let full = std::path::absolute(path).map_err(|error| refuse(error.to_string()))?;
    let mut clean = PathBuf::new();
    for part in full.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean.into_os_string().into_string().map_err(|_| refuse("a project holds only paths in UTF-8".to_string()))
}

/// The path as a project in `folder` writes it: relative and with `/`, or as it is where the two have nothing but the
/// root in common. Both are absolute.
pub fn relative(path: &str, folder: &Path) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), Path::new(path).components().collect());
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let shared_name = from[..common].iter().any(|part| matches!(part, Component::Normal(_)));
    if !shared_name {
        return path.to_string();
    }
    let up = std::iter::repeat_n("..", from.len() - common).map(str::to_string);
    let down = to[common..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

/// The absolute path that a project in `folder` means; `None` counts from the current folder.
pub fn resolve(path: &str, folder: Option<&Path>) -> Result<String, ProjectError> {
    absolute(&folder.unwrap_or(Path::new("")).join(path))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_lead_back() {
        let folder = Path::new("/shows/one/shots");
        for (path, written) in [
            ("/shows/one/shots/fg.####.exr", "fg.####.exr"),
            ("/shows/one/shots/plates/fg.exr", "plates/fg.exr"),
            ("/shows/one/footage/fg.%04d.exr", "../footage/fg.%04d.exr"),
            ("/shows/two/fg.exr", "../../two/fg.exr"),
            ("/library/fg.exr", "/library/fg.exr"),
        ] {
            assert_eq!(relative(path, folder), written);
            assert_eq!(resolve(written, Some(folder)).expect("UTF-8"), path);
        }
        assert_eq!(absolute(Path::new("/a/./b/../c")).expect("UTF-8"), "/a/c");
        assert!(Path::new(&absolute(Path::new("x.exr")).expect("UTF-8")).is_absolute());
    }

    #[test]
    fn a_path_that_is_not_utf8_is_refused() {
        use std::os::unix::ffi::OsStrExt;
        let path = Path::new(std::ffi::OsStr::from_bytes(b"/a/\xff.exr"));
        assert!(absolute(path).expect_err("not UTF-8").to_string().contains("UTF-8"));
    }
}
