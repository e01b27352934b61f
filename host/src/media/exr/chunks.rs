//! The packed blocks of one part, found in the file and held against every claim about them.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use super::super::Compression;
use super::super::error::{Problem, damaged};
use super::attribute::Cursor;
use super::codec;
use super::header::{Header, Part};
use crate::image::Rect;

/// How a part is cut into blocks at full size: bands of whole lines, or tiles.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    /// Columns and lines of a whole block; the last ones may be smaller.
    pub(super) block: [usize; 2],
    /// Blocks side by side.
    pub(super) columns: usize,
    /// Blocks one above the other.
    pub(super) rows: usize,
}

/// One packed block.
pub(super) struct Chunk {
    pub(super) column: usize,
    pub(super) row: usize,
    pub(super) bytes: Vec<u8>,
}

/// The blocks of one part at full size, in the order of the file.
pub(super) struct Chunks {
    file: BufReader<File>,
    size: u64,
    part_number: Option<u32>,
    window: Rect,
    tiled: bool,
    dwa: bool,
    pixel_bytes: u64,
    pub(super) grid: Grid,
    offsets: std::vec::IntoIter<u64>,
}

impl Grid {
    /// How a readable part is cut.
    fn of(part: &Part) -> Result<Self, Problem> {
        let window = part.data_window;
        let block = match part.tiles {
            Some(tiles) => [tiles.tile_size.width(), tiles.tile_size.height()],
            None => {
                let codec = codec::compression(part.readable_compression()?, None);
                [window.width(), codec.scan_lines_per_block()]
            }
        };
        Ok(Self { block, columns: window.width().div_ceil(block[0]), rows: window.height().div_ceil(block[1]) })
    }

    /// How many bytes the blocks take that are unpacked at the same time, one on each thread.
    pub(super) fn bytes_in_flight(&self, part: &Part) -> u64 {
        let [width, height] = self.size(part.data_window, 0, 0);
        let block = (width as u64).saturating_mul(height as u64).saturating_mul(part.bytes_per_pixel());
        block.saturating_mul(rayon::current_num_threads() as u64).min(part.bytes())
    }

    /// Columns and lines of one block.
    pub(super) fn size(&self, window: Rect, column: usize, row: usize) -> [usize; 2] {
        let [width, height] = self.block;
        [width.min(window.width() - column * width), height.min(window.height() - row * height)]
    }
}

impl Chunks {
    /// Looks up where the blocks of a readable part are. Allocates the table of their places, which is known to fit in
    /// the file before that.
    pub(super) fn find(mut file: BufReader<File>, size: u64, header: &Header, index: usize) -> Result<Self, Problem> {
        let part = &header.parts[index];
        let compression = part.readable_compression()?;
        let grid = Grid::of(part)?;
        let total = grid.columns as u64 * grid.rows as u64;
        let skipped = header.parts[..index].iter().map(table_length).sum::<Result<u64, Problem>>()?;
        let table_at = skipped.saturating_mul(8).saturating_add(header.tables_at);
        let table_end = total.saturating_mul(8).saturating_add(table_at);
        if table_end > size {
            return Err(damaged(format!("{total} blocks of pixels are announced in a file of {size} bytes")));
        }
        let raw = part.bytes();
        if raw / largest_ratio(compression) > size {
            return Err(damaged(format!("{size} bytes of {compression} cannot hold {raw} bytes of pixels")));
        }
        let mut offsets = vec![0; total as usize];
        file.seek(SeekFrom::Start(table_at))?;
        for offset in &mut offsets {
            let mut bytes = [0; 8];
            file.read_exact(&mut bytes)?;
            *offset = u64::from_le_bytes(bytes);
        }
        let missing = offsets.iter().filter(|offset| !(table_end..size).contains(offset)).count();
        if missing > 0 {
            return Err(Problem::Unfinished { missing, total: offsets.len() });
        }
        offsets.sort_unstable();
        Ok(Self {
            file,
            size,
            part_number: header.multipart.then_some(index as u32),
            window: part.data_window,
            tiled: part.tiles.is_some(),
            dwa: matches!(compression, Compression::Dwaa | Compression::Dwab),
            pixel_bytes: part.bytes_per_pixel(),
            grid,
            offsets: offsets.into_iter(),
        })
    }

    fn read(&mut self, offset: u64) -> Result<Chunk, Problem> {
        let here = self.file.stream_position()?;
        self.file.seek_relative(offset as i64 - here as i64)?;
        if let Some(expected) = self.part_number {
            let found = self.u32()?;
            if found != expected {
                return Err(damaged(format!("the block at byte {offset} is of part {found}, expected {expected}")));
            }
        }
        let [column, row] = if self.tiled { self.tile_place()? } else { self.line_place()? };
        if column >= self.grid.columns || row >= self.grid.rows {
            return Err(damaged(format!("the block at byte {offset} lies outside the data window")));
        }
        let length = u64::from(self.u32()?);
        let [width, height] = self.grid.size(self.window, column, row);
        let raw = (width * height) as u64 * self.pixel_bytes;
        let rest = self.size.saturating_sub(self.file.stream_position()?);
        if length == 0 || length > raw || length > rest {
            let what = format!("the block at byte {offset} has {length} bytes for {raw} bytes of pixels");
            return Err(damaged(format!("{what}; {rest} are left in the file")));
        }
        let mut bytes = vec![0; length as usize];
        self.file.read_exact(&mut bytes)?;
        if self.dwa && length < raw {
            check_dwa_counters(&bytes, raw)?;
        }
        Ok(Chunk { column, row, bytes })
    }

    fn tile_place(&mut self) -> Result<[usize; 2], Problem> {
        let [column, row, x_level, y_level] = [self.u32()?, self.u32()?, self.u32()?, self.u32()?];
        if [x_level, y_level] != [0, 0] {
            return Err(damaged(format!(
                "a tile of level {x_level}, {y_level} stands in the place of a full-size one"
            )));
        }
        Ok([column as usize, row as usize])
    }

    fn line_place(&mut self) -> Result<[usize; 2], Problem> {
        let y = self.u32()? as i32;
        let line = i64::from(y) - i64::from(self.window.y0);
        let lines = self.grid.block[1] as i64;
        if line < 0 || line % lines != 0 {
            return Err(damaged(format!("a block of lines starts at y = {y}")));
        }
        Ok([0, (line / lines) as usize])
    }

    fn u32(&mut self) -> Result<u32, Problem> {
        let mut bytes = [0; 4];
        self.file.read_exact(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk, Problem>;

    fn next(&mut self) -> Option<Self::Item> {
        let offset = self.offsets.next()?;
        Some(self.read(offset))
    }
}

/// How many places the table of a part of several has, over all its levels of detail.
fn table_length(part: &Part) -> Result<u64, Problem> {
    part.chunk_count.ok_or_else(|| damaged("a part of several has no attribute chunkCount"))
}

/// How many bytes of pixels a packed byte can stand for at most. Deflate reaches 1032, run lengths 64, Huffman runs 410,
/// flat 4 x 4 blocks 11; DWA deflates one number for 64 pixels. Rounded up, since this only has to stop a small file
/// from claiming a large picture.
fn largest_ratio(compression: Compression) -> u64 {
    match compression {
        Compression::None => 1,
        Compression::Rle => 128,
        Compression::B44 | Compression::B44a => 16,
        Compression::Zips | Compression::Zip | Compression::Pxr24 | Compression::Piz => 2048,
        Compression::Dwaa | Compression::Dwab => 1 << 17,
    }
}

/// A DWA block starts with eleven counters, and the decoder allocates what they say. No sound block needs more than
/// twice its pixels.
fn check_dwa_counters(bytes: &[u8], raw: u64) -> Result<(), Problem> {
    let mut bytes = Cursor(bytes);
    for number in 0..11 {
        let counter = u64::from_le_bytes(bytes.array()?);
        if (1..10).contains(&number) && counter > 2 * raw + 4096 {
            return Err(damaged(format!("a DWA block of {raw} bytes counts {counter}")));
        }
    }
    Ok(())
}
