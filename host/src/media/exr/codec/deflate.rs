//! Deflate, by libdeflate.

use libdeflater::{CompressionLvl, Compressor, Decompressor};

/// Packs and unpacks zlib streams. Keeps its tables from block to block.
pub(super) struct Deflate {
    level: u8,
    unpacker: Decompressor,
    packer: Option<Compressor>,
}

impl Deflate {
    /// For streams that are packed at a level of libdeflate, 1 to 12.
    pub(super) fn new(level: u8) -> Self {
        Self { level, unpacker: Decompressor::new(), packer: None }
    }

    /// Unpacks a stream of which the size is known to the byte.
    pub(super) fn unpack(&mut self, packed: &[u8], bytes: &mut [u8]) -> Result<(), String> {
        match self.unpacker.zlib_decompress(packed, bytes) {
            Ok(found) if found == bytes.len() => Ok(()),
            Ok(found) => Err(format!("{found} bytes come of a deflated block, expected {}", bytes.len())),
            Err(error) => Err(format!("a deflated block: {error}")),
        }
    }

    /// Packs bytes; how many came, or none if they do not fit.
    pub(super) fn pack(&mut self, bytes: &[u8], packed: &mut [u8]) -> Option<usize> {
        self.packer().zlib_compress(bytes, packed).ok()
    }

    /// Appends a packed stream of any length; how many bytes it takes. Nothing becomes nothing.
    pub(super) fn append(&mut self, bytes: &[u8], packed: &mut Vec<u8>) -> usize {
        if bytes.is_empty() {
            return 0;
        }
        let start = packed.len();
        packed.resize(start + self.packer().zlib_compress_bound(bytes.len()), 0);
        let length = self.pack(bytes, &mut packed[start..]).expect("the bound is one");
        packed.truncate(start + length);
        length
    }

    fn packer(&mut self) -> &mut Compressor {
        let level = self.level;
        self.packer.get_or_insert_with(|| Compressor::new(CompressionLvl::new(level.into()).unwrap_or_default()))
    }
}
