//! Packed blocks of pixels and plain ones.
//!
//! A plain block holds, for each line, for each channel, its samples, little-endian. A packed one that is as long as the
//! plain one is plain: so files keep what does not shrink.

mod bits;
mod bytes;
mod deflate;
mod dwa;
mod foreign;
mod piz;
mod rle;

use deflate::Deflate;
use dwa::Dwa;
use foreign::Foreign;
use piz::{Piz, Shape};

use super::super::Compression;
use super::header::ChannelHead;

/// How the blocks of a part are packed.
pub(in super::super) struct Codec {
    compression: Compression,
    level: Level,
    channels: Vec<ChannelHead>,
    pixel_bytes: usize,
    /// For each channel, how many numbers of 16 bits a sample has.
    numbers: Vec<usize>,
}

/// How hard, and how lossy, blocks are packed. Unpacking does not need it.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Level {
    /// Of libdeflate, 1 to 12. None is the usual way: 4, or less for what has no repeats.
    pub(in super::super) zip: Option<u8>,
    /// How much DWA may lose.
    pub(in super::super) dwa: f32,
}

/// What one thread keeps from block to block.
pub(in super::super) struct Workspace {
    deflate: Deflate,
    foreign: Foreign,
    piz: Piz,
    dwa: Dwa,
    /// The block as it is given back.
    out: Vec<u8>,
    /// The block half way.
    half_way: Vec<u8>,
}

impl Codec {
    pub(in super::super) fn new(compression: Compression, level: Level, channels: &[ChannelHead]) -> Self {
        let pixel_bytes = channels.iter().map(|channel| channel.sample_type.bytes()).sum();
        let numbers = channels.iter().map(|channel| channel.sample_type.bytes() / 2).collect();
        Self { compression, level, channels: channels.to_vec(), pixel_bytes, numbers }
    }

    /// What a thread needs to work on blocks of up to so many columns and lines.
    pub(in super::super) fn workspace(&self, largest: [usize; 2]) -> Workspace {
        let foreign = Foreign::new(self.compression, &self.channels, largest);
        Workspace {
            deflate: Deflate::new(self.level.zip),
            foreign,
            piz: Piz::new(),
            dwa: Dwa::new(),
            out: Vec::new(),
            half_way: Vec::new(),
        }
    }

    /// How many lines blocks of lines have.
    pub(in super::super) fn lines(compression: Compression) -> usize {
        match compression {
            Compression::None | Compression::Rle | Compression::Zips => 1,
            Compression::Zip | Compression::Pxr24 => 16,
            Compression::Piz | Compression::B44 | Compression::B44a | Compression::Dwaa => 32,
            Compression::Dwab => 256,
        }
    }

    /// The plain bytes of a packed block of so many columns and lines.
    pub(in super::super) fn unpack<'a>(
        &self,
        workspace: &'a mut Workspace,
        packed: &'a [u8],
        size: [usize; 2],
    ) -> Result<&'a [u8], String> {
        let length = self.length(size);
        if packed.len() == length {
            return Ok(packed);
        }
        let Workspace { deflate, foreign, piz, dwa, out, half_way } = workspace;
        match self.compression {
            Compression::None => return Err(format!("{} bytes, expected {length}", packed.len())),
            Compression::Zip | Compression::Zips => {
                let half_way = room(half_way, length);
                deflate.unpack(packed, half_way)?;
                bytes::sums(half_way);
                bytes::rearrange(half_way, room(out, length));
            }
            Compression::Piz => piz.unpack(packed, &self.shape(size), room(out, length))?,
            Compression::Rle => {
                let half_way = room(half_way, length);
                rle::unpack(packed, half_way)?;
                bytes::sums(half_way);
                bytes::rearrange(half_way, room(out, length));
            }
            Compression::Dwaa | Compression::Dwab => {
                dwa.unpack(deflate, packed, &self.channels, size, room(out, length))?;
            }
            Compression::Pxr24 | Compression::B44 | Compression::B44a => *out = foreign.unpack(packed, size)?,
        }
        Ok(&out[..length])
    }

    /// Packs the plain bytes of a block of so many columns and lines.
    pub(in super::super) fn pack<'a>(
        &self,
        workspace: &'a mut Workspace,
        plain: &'a [u8],
        size: [usize; 2],
    ) -> Result<&'a [u8], String> {
        let Workspace { deflate, foreign, piz, dwa, out, half_way } = workspace;
        let length = match self.compression {
            Compression::None => None,
            Compression::Zip | Compression::Zips => {
                let (arranged, differences) = room(half_way, 2 * plain.len()).split_at_mut(plain.len());
                bytes::arrange(plain, arranged);
                bytes::differences(arranged, differences);
                deflate.pack_halves(differences, room(out, plain.len()))
            }
            Compression::Rle => {
                let (arranged, differences) = room(half_way, 2 * plain.len()).split_at_mut(plain.len());
                bytes::arrange(plain, arranged);
                bytes::differences(arranged, differences);
                out.clear();
                rle::pack(differences, out);
                Some(out.len())
            }
            Compression::Dwaa | Compression::Dwab => {
                out.clear();
                dwa.pack(deflate, self.level, plain, &self.channels, size, out)?;
                Some(out.len())
            }
            Compression::Piz => {
                out.clear();
                piz.pack(plain, &self.shape(size), out);
                Some(out.len())
            }
            Compression::Pxr24 | Compression::B44 | Compression::B44a => {
                *out = foreign.pack(plain, size)?;
                Some(out.len())
            }
        };
        Ok(match length {
            Some(length) if length < plain.len() => &out[..length],
            _ => plain,
        })
    }

    fn shape(&self, [width, height]: [usize; 2]) -> Shape<'_> {
        Shape { samples: &self.numbers, width, height }
    }

    fn length(&self, [width, height]: [usize; 2]) -> usize {
        width * height * self.pixel_bytes
    }
}

/// The first bytes of a buffer that grows when it must.
fn room(buffer: &mut Vec<u8>, length: usize) -> &mut [u8] {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
    &mut buffer[..length]
}
