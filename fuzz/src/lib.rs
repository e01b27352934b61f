//! What the targets have in common.

use std::cell::RefCell;

use playa_host::media::{Limits, ReadOptions, probe, read};
use tempfile::TempDir;

/// A reader must keep to this; libFuzzer is told to end where more than twice of it is taken.
const MAX_BYTES: u64 = 256 << 20;

/// Playa catches the panics of decoders that are not its own. libFuzzer ends at any panic, which this undoes: one that is
/// caught is an error like others, one that is not ends the process at the border of the target.
pub fn let_panics_be_caught() {
    drop(std::panic::take_hook());
}

/// Reads a file of these bytes, which may be an error and nothing worse. The name ends in `suffix`, because a TGA is told by
/// that.
pub fn read_bytes(suffix: &str, bytes: &[u8]) {
    thread_local! {
        static FOLDER: RefCell<Option<TempDir>> = const { RefCell::new(None) };
    }
    FOLDER.with_borrow_mut(|folder| {
        let folder = folder.get_or_insert_with(|| TempDir::new().expect("a temporary folder"));
        let path = folder.path().join("input").with_extension(suffix);
        std::fs::write(&path, bytes).expect("a temporary file");
        let _whether_it_can_be_told = probe(&path);
        let limits = Limits { max_bytes: MAX_BYTES };
        if let Ok(frame) = read(&path, &ReadOptions { limits, ..ReadOptions::default() }) {
            assert!(frame.data_window().area() * 16 <= MAX_BYTES);
        }
    });
}
