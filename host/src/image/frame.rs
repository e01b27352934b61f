//! A picture with all that its file knows.

use std::sync::Arc;

use half::f16;

use super::{Image, Metadata, Rect};

/// A picture as it is read from a file or handed to Python: the pixels, where the frame is, and what else came along.
///
/// Cheap to clone: pixels, channels and metadata are shared.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The colour: premultiplied scene-linear RGBA over the data window.
    pub image: Image,
    /// The frame that the picture is meant to fill; the data window may be smaller, larger, or elsewhere.
    pub display_window: Rect,
    /// Width of a pixel divided by its height.
    pub pixel_aspect: f32,
    /// What the colour was stored as. `F32` for a picture that never was in a file.
    pub stored: SampleType,
    /// What the file said besides pixels and windows.
    pub metadata: Metadata,
    /// Channels beyond the colour, over the data window of `image`.
    pub channels: Vec<Channel>,
}

/// One channel beyond the colour, in the precision of its file: depth, normals, motion, ids.
#[derive(Clone, Debug)]
pub struct Channel {
    /// The name, with its layer and view before it where it has any: `Z`, `diffuse.R`, `right.Y`.
    pub name: String,
    /// `width * height` samples, row by row, top row first.
    pub samples: Samples,
}

/// Samples as a file holds them, shared between clones.
#[derive(Clone, Debug)]
pub enum Samples {
    /// Half floats.
    F16(Arc<[f16]>),
    /// Floats.
    F32(Arc<[f32]>),
    /// Whole numbers, such as ids. They are never converted to floats.
    U32(Arc<[u32]>),
}

/// The type of a sample in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SampleType {
    /// Half float: 11 bits of precision, largest value 65504.
    Half,
    /// Float.
    Float,
    /// Whole number, 32 bits.
    Uint,
    /// 8 bits, 0 to 255 meaning 0.0 to 1.0.
    Unorm8,
    /// 10 bits, 0 to 1023 meaning 0.0 to 1.0.
    Unorm10,
    /// 12 bits, 0 to 4095 meaning 0.0 to 1.0.
    Unorm12,
    /// 16 bits, 0 to 65535 meaning 0.0 to 1.0.
    Unorm16,
    /// 32 bits, 0 to 4294967295 meaning 0.0 to 1.0.
    Unorm32,
}

impl Frame {
    /// A frame of colour alone, whose display window is the image's data window.
    pub fn new(image: Image) -> Self {
        let display_window = image.window();
        Self {
            image,
            display_window,
            pixel_aspect: 1.0,
            stored: SampleType::Float,
            metadata: Metadata::default(),
            channels: Vec::new(),
        }
    }

    /// Where the pixels are.
    pub fn data_window(&self) -> Rect {
        self.image.window()
    }

    /// The channel of that name, if it is there beyond the colour.
    pub fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }
}

impl Samples {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Samples::F16(samples) => samples.len(),
            Samples::F32(samples) => samples.len(),
            Samples::U32(samples) => samples.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What they are.
    pub fn sample_type(&self) -> SampleType {
        match self {
            Samples::F16(_) => SampleType::Half,
            Samples::F32(_) => SampleType::Float,
            Samples::U32(_) => SampleType::Uint,
        }
    }
}

impl SampleType {
    /// How many bytes a sample takes, those of 10 and 12 bits unpacked.
    pub const fn bytes(self) -> usize {
        match self {
            SampleType::Unorm8 => 1,
            SampleType::Half | SampleType::Unorm10 | SampleType::Unorm12 | SampleType::Unorm16 => 2,
            SampleType::Float | SampleType::Uint | SampleType::Unorm32 => 4,
        }
    }
}
