//! Who could change a plugin file: its code runs with all that this user may do, so nobody else may have written it.
//!
//! A file, its folder, and the folders above have to belong to this user or to root, and none of them may be writable by
//! their group or by everyone. Folders with the sticky bit, such as `/tmp`, may: there, nobody replaces the file of another.
//! A group with the number of the user is the user's own, as most systems make one for each; with such a group, they also let
//! new files be writable by it. Both the path as it is named and the one that links lead to are looked at. On Windows nothing is checked: its access
//! lists are beyond what can be told in a line.

use std::path::Path;

use super::LoadError;

/// Refuses a file or folder that others could change.
///
/// # Errors
/// [`LoadError::Untrusted`], with what is open to whom.
pub(super) fn check(path: &Path) -> Result<(), LoadError> {
    open_to_others(path).map_or(Ok(()), |reason| Err(LoadError::Untrusted { path: path.to_owned(), reason }))
}

/// What of the path others could change, if anything. What cannot be looked at is left for reading to complain about.
#[cfg(unix)]
fn open_to_others(path: &Path) -> Option<String> {
    let named = std::path::absolute(path).ok()?;
    let real = named.canonicalize().ok()?;
    named.ancestors().chain(real.ancestors()).find_map(|part| {
        use std::os::unix::fs::MetadataExt as _;
        let metadata = std::fs::metadata(part).ok()?;
        let user = rustix::process::geteuid().as_raw();
        let owner = (metadata.uid(), metadata.gid());
        let what = weakness(metadata.mode(), owner, user, metadata.is_dir())?;
        Some(format!("{} {what}", part.display()))
    })
}

#[cfg(not(unix))]
fn open_to_others(_path: &Path) -> Option<String> {
    None
}

/// How somebody other than `user` and root could change something of this mode, owner and group.
#[cfg(unix)]
fn weakness(mode: u32, (owner, group): (u32, u32), user: u32, is_folder: bool) -> Option<String> {
    const STICKY: u32 = 0o1000;
    if owner != user && owner != 0 {
        return Some(format!("belongs to user {owner}, not to this user ({user}) or root"));
    }
    if is_folder && mode & STICKY != 0 {
        return None;
    }
    let private_group = owner == user && group == user && user != 0;
    let who = match (mode & 0o020 != 0 && !private_group, mode & 0o002 != 0) {
        (_, true) => "everyone",
        (true, false) => "its group",
        (false, false) => return None,
    };
    Some(format!("is writable by {who} (mode {:o})", mode & 0o7777))
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::{check, weakness};

    #[test]
    fn only_this_user_and_root_may_own_and_only_the_owner_may_write() {
        for (mode, owner, folder, expected) in [
            (0o100_644, 1000, false, None),
            (0o100_755, 0, false, None),
            (0o100_664, 1000, false, Some("is writable by its group (mode 664)")),
            (0o100_666, 0, false, Some("is writable by everyone (mode 666)")),
            (0o40_755, 1001, true, Some("belongs to user 1001, not to this user (1000) or root")),
            (0o41_777, 0, true, None),
            (0o40_777, 0, true, Some("is writable by everyone (mode 777)")),
            // The sticky bit of a file means nothing.
            (0o101_777, 1000, false, Some("is writable by everyone (mode 1777)")),
        ] {
            assert_eq!(weakness(mode, (owner, 100), 1000, folder).as_deref(), expected, "{mode:o}");
        }
        // A group of the user alone is nobody else; that of root may have others.
        assert_eq!(weakness(0o100_664, (1000, 1000), 1000, false), None);
        assert!(weakness(0o100_664, (0, 0), 0, false).is_some());
    }

    #[test]
    fn the_folders_above_and_the_target_of_a_link_count() {
        let folder = tempfile::tempdir().expect("a folder");
        let (inner, real) = (folder.path().join("inner"), folder.path().join("real"));
        for made in [&inner, &real] {
            std::fs::create_dir(made).expect("a folder");
        }
        let (file, link) = (real.join("file"), inner.join("link"));
        std::fs::write(&file, "x").expect("a file");
        std::os::unix::fs::symlink(&file, &link).expect("a link");
        let mode =
            |path: &std::path::Path, mode| set_permissions(path, Permissions::from_mode(mode)).expect("it is mine");
        assert_eq!(check(&link), Ok(()));
        mode(&file, 0o666);
        assert!(check(&link).expect_err("the file").to_string().contains("is writable by everyone (mode 666)"));
        mode(&file, 0o644);
        mode(&real, 0o777);
        let error = check(&link).expect_err("the folder of the target").to_string();
        assert!(error.contains("real is writable by everyone (mode 777)"), "{error}");
        assert!(error.contains("allow_writable_by_others") && error.contains("PLAYA_ALLOW_WRITABLE"), "{error}");
    }
}
