//! Files of one render, each read once however many layers show it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::image::Frame;
use crate::media::{self, ChannelSet, Limits, MediaError, ReadOptions};

pub(super) struct FootageReader {
    options: ReadOptions,
    read: Mutex<HashMap<PathBuf, Frame>>,
}

impl FootageReader {
    pub(super) fn new(max_bytes: u64) -> Self {
        let options =
            ReadOptions { channels: ChannelSet::RgbaOnly, limits: Limits { max_bytes }, ..ReadOptions::default() };
        Self { options, read: Mutex::default() }
    }

    pub(super) fn frame(&self, path: &Path) -> Result<Frame, MediaError> {
        let read = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(frame) = read().get(path) {
            return Ok(frame.clone());
        }
        let frame = media::read(path, &self.options)?;
        read().insert(path.to_owned(), frame.clone());
        Ok(frame)
    }
}
