//! What the `exr` crate packs and unpacks: PXR24 and B44.

use exr::compression::Compression as Theirs;
use exr::math::Vec2;
use exr::meta::attribute::{
    ChannelDescription, IntegerBounds, LevelMode, LineOrder, SampleType as TheirSample, Text, TileDescription,
};
use exr::meta::{BlockDescription, header::Header};

use super::super::super::Compression;
use super::super::header::ChannelHead;
use crate::image::SampleType;

/// The crate's codec for blocks up to a size.
pub(super) struct Foreign {
    header: Header,
}

impl Foreign {
    pub(super) fn new(compression: Compression, channels: &[ChannelHead], [width, height]: [usize; 2]) -> Self {
        let theirs = match compression {
            Compression::Pxr24 => Theirs::PXR24,
            Compression::B44 => Theirs::B44,
            Compression::B44a => Theirs::B44A,
            // These are never asked of the crate.
            _ => Theirs::Uncompressed,
        };
        let tiles = TileDescription {
            tile_size: Vec2(width, height),
            level_mode: LevelMode::Singular,
            rounding_mode: exr::math::RoundingMode::Down,
        };
        let channels = channels.iter().map(channel).collect();
        let header = Header::new(Text::default(), (width, height), channels).with_encoding(
            theirs,
            BlockDescription::Tiles(tiles),
            LineOrder::Increasing,
        );
        Self { header }
    }

    /// The plain bytes of a block.
    pub(super) fn unpack(&self, packed: &[u8], size: [usize; 2]) -> Result<Vec<u8>, String> {
        let bounds = bounds(size);
        let mut plain = guarded(|| {
            self.header.compression.decompress_image_section_from_le(&self.header, packed.to_vec(), bounds, false)
        })?;
        self.swap(&mut plain, size);
        Ok(plain)
    }

    /// The packed bytes of a block; the plain ones where these are not fewer.
    pub(super) fn pack(&self, plain: &[u8], size: [usize; 2]) -> Result<Vec<u8>, String> {
        let mut native = plain.to_vec();
        self.swap(&mut native, size);
        guarded(|| self.header.compression.compress_image_section_to_le(&self.header, native, bounds(size)))
    }

    /// The crate has plain bytes in the order of the machine.
    fn swap(&self, bytes: &mut [u8], [width, height]: [usize; 2]) {
        if cfg!(target_endian = "little") {
            return;
        }
        let mut rest = bytes;
        for _ in 0..height {
            for channel in &self.header.channels.list {
                let size = channel.sample_type.bytes_per_sample();
                let (samples, others) = rest.split_at_mut(width * size);
                samples.chunks_exact_mut(size).for_each(<[u8]>::reverse);
                rest = others;
            }
        }
    }
}

fn bounds([width, height]: [usize; 2]) -> IntegerBounds {
    IntegerBounds::new((0, 0), (width, height))
}

fn channel(channel: &ChannelHead) -> ChannelDescription {
    let sample_type = match channel.sample_type {
        SampleType::Half => TheirSample::F16,
        SampleType::Uint => TheirSample::U32,
        _ => TheirSample::F32,
    };
    ChannelDescription::new(Text::from_slice_unchecked(channel.name.as_bytes()), sample_type, channel.linear)
}

/// Runs the codec; what it says, or that it panicked, is the error.
fn guarded<T>(call: impl FnOnce() -> exr::error::Result<T>) -> Result<T, String> {
    // What a panic leaves half done is a block of bytes that nobody sees.
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the codec gave up on it".to_owned()),
    }
}
