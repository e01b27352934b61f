//! The pixel buffer every part of the host passes around.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use playa_plugin_api::{Pixel, Rect};

use super::pool::Home;
use super::{ViewMut, memory, pool};

/// Pixels over a data window: RGBA `f32`, premultiplied, scene-linear, rows from the top, interleaved, tight.
///
/// A clone shares the pixels; nobody changes them while they are shared. Outside the window an image is transparent
/// black.
#[derive(Clone)]
pub struct Image {
    window: Rect,
    pixels: Arc<Storage>,
}

struct Storage {
    memory: Memory,
    serial: u64,
}

enum Memory {
    /// From the pool, and back to it.
    Pooled(pool::Buffer),
    /// Counted, as the pool does it.
    Heap(Vec<f32>),
    Foreign(Box<dyn AsRef<[f32]> + Send + Sync>),
}

impl Storage {
    fn new(memory: Memory) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self { memory, serial: NEXT.fetch_add(1, Ordering::Relaxed) })
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.memory, Memory::Heap(Vec::new())) {
            Memory::Pooled(buffer) => pool::give(buffer),
            Memory::Heap(values) => memory::PROCESS.release(size_of_val(&*values) as u64),
            Memory::Foreign(_) => {}
        }
    }
}

/// Why an image could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// The number of values is not width x height x 4.
    #[error("{found} values do not fill the window {window} of RGBA pixels, expected {expected}")]
    Size {
        /// The window to fill.
        window: Rect,
        /// How many values were given.
        found: usize,
        /// How many it takes.
        expected: u64,
    },
    /// No memory for it.
    #[error("no memory for the window {window}: {bytes} bytes")]
    OutOfMemory {
        /// The window to fill.
        window: Rect,
        /// How many bytes it takes.
        bytes: u64,
    },
    /// It would take more memory than the process may.
    #[error("no memory for the window {window}: {refused}")]
    OverLimit {
        /// The window to fill.
        window: Rect,
        /// What is needed, and what takes the memory.
        refused: memory::Refused,
    },
}

impl Image {
    /// A transparent black image, also beyond the limit of the process. An error, not an abort, where there is no memory
    /// for it.
    pub fn transparent(window: Rect) -> Result<Self, ImageError> {
        let (mut pixels, zero) = Self::memory(window, Home::Private, false)?;
        if !zero {
            pixels.fill(0.0);
        }
        Ok(Self { window, pixels: Storage::new(Memory::Pooled(pixels)) })
    }

    /// An image to be painted all over, within the limit of the process: what its pixels hold before that is unspecified.
    /// Fresh memory is touched here, by all threads, so that it does not slow down the painting.
    pub fn unpainted(window: Rect) -> Result<Self, ImageError> {
        Self::unpainted_in(window, Home::Private)
    }

    /// The same in memory that worker processes see, too, where the system can share memory.
    pub fn unpainted_shared(window: Rect) -> Result<Self, ImageError> {
        Self::unpainted_in(window, Home::Shared)
    }

    fn unpainted_in(window: Rect, home: Home) -> Result<Self, ImageError> {
        let (mut pixels, fresh) = Self::memory(window, home, true)?;
        if fresh {
            pixels.touch();
        }
        Ok(Self { window, pixels: Storage::new(Memory::Pooled(pixels)) })
    }

    /// Memory for the pixels, and whether it is all zero.
    fn memory(window: Rect, home: Home, within_limit: bool) -> Result<(pool::Buffer, bool), ImageError> {
        let values = window.area().checked_mul(4).and_then(|values| usize::try_from(values).ok());
        let taken = values.ok_or(pool::NoMemory::System).and_then(|values| pool::take(values, home, within_limit));
        taken.map_err(|error| match error {
            pool::NoMemory::System => ImageError::OutOfMemory { window, bytes: window.area().saturating_mul(16) },
            pool::NoMemory::Limit(refused) => ImageError::OverLimit { window, refused },
        })
    }

    /// An image of the given pixels, `width * height * 4` values.
    pub fn from_vec(window: Rect, pixels: Vec<f32>) -> Result<Self, ImageError> {
        check_size(window, pixels.len())?;
        memory::PROCESS.charge_anyway(size_of_val(&*pixels) as u64);
        Ok(Self { window, pixels: Storage::new(Memory::Heap(pixels)) })
    }

    /// An image over memory that someone else owns, without a copy; `owner` lives as long as the image and its clones.
    pub fn from_owner(window: Rect, owner: Box<dyn AsRef<[f32]> + Send + Sync>) -> Result<Self, ImageError> {
        check_size(window, (*owner).as_ref().len())?;
        Ok(Self { window, pixels: Storage::new(Memory::Foreign(owner)) })
    }

    /// A number that the memory of no other image of this process has, had or will have.
    pub fn serial(&self) -> u64 {
        self.pixels.serial
    }

    /// Whether another image has the same pixels: dropping this one frees nothing.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.pixels) > 1
    }

    /// Bytes of its pixels.
    pub fn bytes(&self) -> u64 {
        self.window.area() * 16
    }

    /// Where its pixels are.
    pub fn window(&self) -> Rect {
        self.window
    }

    /// All values, row by row, `width * height * 4` of them.
    pub fn values(&self) -> &[f32] {
        match &self.pixels.memory {
            Memory::Pooled(pixels) => pixels,
            Memory::Heap(pixels) => pixels,
            Memory::Foreign(owner) => (**owner).as_ref(),
        }
    }

    /// All pixels, row by row.
    pub fn pixels(&self) -> &[Pixel] {
        self.values().as_chunks().0
    }

    /// One row, `width * 4` values. `y` is in the coordinates of the window.
    ///
    /// # Panics
    /// If `y` is outside the window.
    pub fn row(&self, y: i32) -> &[f32] {
        let width = self.window.width() * 4;
        let index = usize::try_from(y as i64 - self.window.y0 as i64).expect("the row lies in the window");
        &self.values()[index * width..(index + 1) * width]
    }

    /// The pixels to write to, if nobody else shares them.
    pub fn view_mut(&mut self) -> Option<ViewMut<'_>> {
        let window = self.window;
        self.values_mut().map(|values| ViewMut::new(window, values.as_chunks_mut().0))
    }

    /// The values to write to, if nobody else shares them.
    pub fn values_mut(&mut self) -> Option<&mut [f32]> {
        match &mut Arc::get_mut(&mut self.pixels)?.memory {
            Memory::Pooled(pixels) => Some(pixels),
            Memory::Heap(pixels) => Some(pixels),
            Memory::Foreign(_) => None,
        }
    }

    /// The pixel at (x, y); transparent black outside the window.
    pub fn pixel(&self, x: i32, y: i32) -> [f32; 4] {
        if !self.window.contains(x, y) {
            return [0.0; 4];
        }
        let at = (x as i64 - self.window.x0 as i64) as usize * 4;
        let row = self.row(y);
        [row[at], row[at + 1], row[at + 2], row[at + 3]]
    }
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({} RGBA f32)", self.window)
    }
}

fn check_size(window: Rect, found: usize) -> Result<(), ImageError> {
    let expected = window.area().saturating_mul(4);
    if found as u64 == expected { Ok(()) } else { Err(ImageError::Size { window, found, expected }) }
}
