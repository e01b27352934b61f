//! The text that a host reads out of a plugin file without running it: build information and descriptors as JSON.

use crate::abi::API_VERSION;

/// Name of the section that holds the text (on Apple systems `__DATA,__playa`).
pub const METADATA_SECTION: &str = ".playa";

/// What stands around the effects, in order: texts, with `PANIC` where the panic strategy goes.
const HEAD: &[&str] = &[
    "{\"playa_plugin\":1,\"api\":\"",
    API_VERSION,
    "\",\"sdk\":\"",
    env!("CARGO_PKG_VERSION"),
    "\",\"rustc\":\"",
    env!("PLAYA_RUSTC"),
    "\",\"target\":\"",
    env!("PLAYA_TARGET"),
    "\",\"cpu_features\":\"",
    env!("PLAYA_CPU_FEATURES"),
    "\",\"panic\":\"",
];

/// A byte count while measuring, bytes while writing; the same walk does both, so they cannot disagree.
struct Writer<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Writer<N> {
    const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() {
            if N > 0 {
                self.bytes[self.at] = text[i];
            }
            self.at += 1;
            i += 1;
        }
        self
    }

    const fn all(mut self, texts: &[&str]) -> Self {
        let mut i = 0;
        while i < texts.len() {
            self = self.text(texts[i]);
            i += 1;
        }
        self
    }

    const fn write(panic: &str, effects: &[&[&str]]) -> Self {
        let mut writer = Writer { bytes: [0; N], at: 0 }.all(HEAD).text(panic).text("\",\"effects\":[");
        let mut i = 0;
        while i < effects.len() {
            if i > 0 {
                writer = writer.text(",");
            }
            writer = writer.all(effects[i]);
            i += 1;
        }
        writer.text("]}")
    }
}

/// Length of the text in bytes.
#[doc(hidden)]
pub const fn metadata_len(panic: &str, effects: &[&[&str]]) -> usize {
    Writer::<0>::write(panic, effects).at
}

/// The text.
#[doc(hidden)]
pub const fn metadata<const N: usize>(panic: &str, effects: &[&[&str]]) -> [u8; N] {
    Writer::<N>::write(panic, effects).bytes
}
