//! The `exr` crate, as far as it is used: it packs and unpacks single blocks.

use exr::compression::Compression as Codec;
use exr::math::Vec2;
use exr::meta::attribute::{ChannelDescription, LineOrder, SampleType as CodecSample, Text};
use exr::meta::{BlockDescription, MetaData, Requirements, header::Header as CodecHeader};

use super::super::Compression;
use super::header::ChannelHead;
use crate::image::{Rect, SampleType};

/// The codec of a compression. `dwa_level` says how much DWA may lose when it packs.
pub(super) fn compression(compression: Compression, dwa_level: Option<f32>) -> Codec {
    match compression {
        Compression::None => Codec::Uncompressed,
        Compression::Rle => Codec::RLE,
        Compression::Zips => Codec::ZIP1,
        Compression::Zip => Codec::ZIP16,
        Compression::Piz => Codec::PIZ,
        Compression::Pxr24 => Codec::PXR24,
        Compression::B44 => Codec::B44,
        Compression::B44a => Codec::B44A,
        Compression::Dwaa => Codec::DWAA(dwa_level),
        Compression::Dwab => Codec::DWAB(dwa_level),
    }
}

/// What the codec must know of a part to treat its blocks.
pub(super) fn layout(channels: &[ChannelHead], window: Rect, codec: Codec, blocks: BlockDescription) -> MetaData {
    let channels = channels.iter().map(channel).collect();
    let header = CodecHeader::new(Text::default(), (window.width(), window.height()), channels)
        .with_position(Vec2(window.x0, window.y0))
        .with_encoding(codec, blocks, LineOrder::Increasing);
    let requirements = Requirements {
        file_format_version: 2,
        is_single_layer_and_tiled: header.blocks.has_tiles(),
        has_long_names: true,
        has_deep_data: false,
        has_multiple_layers: false,
    };
    MetaData { requirements, headers: std::iter::once(header).collect() }
}

fn channel(channel: &ChannelHead) -> ChannelDescription {
    let sample_type = match channel.sample_type {
        SampleType::Half => CodecSample::F16,
        SampleType::Uint => CodecSample::U32,
        _ => CodecSample::F32,
    };
    ChannelDescription::new(Text::from_slice_unchecked(channel.name.as_bytes()), sample_type, channel.linear)
}

/// Runs the codec; what it says, or that it panicked, is the error.
pub(super) fn guarded<T>(call: impl FnOnce() -> exr::error::Result<T>) -> Result<T, String> {
    // What a panic leaves half done is a block of bytes that nobody sees.
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("the codec gave up on it".to_owned()),
    }
}
