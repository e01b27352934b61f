//! The packed blocks of one part, found in the file and held against every claim about them.

use std::fs::File;
use std::io;
use std::ops::Range;

use super::super::Compression;
use super::super::error::{Problem, damaged};
use super::attribute::Cursor;
use super::codec::Codec;
use super::header::{Header, Part};
use crate::image::Rect;

/// How many bytes of pixels are read at once, where blocks are smaller than that.
const READ_BYTES: usize = 256 << 10;

/// How a level of a part is cut into blocks: bands of whole lines, or tiles.
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
pub(super) struct Chunk<'a> {
    pub(super) column: usize,
    pub(super) row: usize,
    pub(super) packed: &'a [u8],
}

/// The blocks of a level of one part, in the order of the file.
pub(super) struct Chunks<'a> {
    file: &'a File,
    part_number: Option<u32>,
    /// Where their pixels are.
    pub(super) window: Rect,
    /// The level of tiles; none in a part in lines.
    tile_level: Option<u32>,
    pixel_bytes: usize,
    pub(super) grid: Grid,
    /// Where each block is at most.
    places: Vec<Range<u64>>,
    /// How many blocks are read at once.
    run: usize,
}

impl Grid {
    /// How a level of a readable part is cut.
    fn of(part: &Part, window: Rect) -> Result<Self, Problem> {
        let block = match part.tiles {
            Some(tiles) => tiles.size.map(|side| side as usize),
            None => [window.width(), Codec::lines(part.readable_compression()?)],
        };
        Ok(Self { block, columns: window.width().div_ceil(block[0]), rows: window.height().div_ceil(block[1]) })
    }

    /// How many bytes the blocks take that are unpacked at the same time, one on each thread: packed, half way, and plain.
    pub(super) fn bytes_in_flight(&self, part: &Part, window: Rect) -> u64 {
        let [width, height] = self.size(window, 0, 0);
        let block = (width as u64).saturating_mul(height as u64).saturating_mul(part.bytes_per_pixel());
        let copies = if part.compression() == Some(Compression::None) { 1 } else { 3 };
        let all = window.area().saturating_mul(part.bytes_per_pixel());
        let at_once = block.max(READ_BYTES as u64).saturating_mul(rayon::current_num_threads() as u64);
        at_once.min(all).saturating_mul(copies)
    }

    /// Columns and lines of one block.
    pub(super) fn size(&self, window: Rect, column: usize, row: usize) -> [usize; 2] {
        let [width, height] = self.block;
        [width.min(window.width() - column * width), height.min(window.height() - row * height)]
    }
}

impl<'a> Chunks<'a> {
    /// Looks up where the blocks of a level of a readable part are. Allocates the table of their places, which is known to fit in
    /// the file before that.
    pub(super) fn find(
        file: &'a File,
        header: &Header,
        index: usize,
        level: u32,
        may_miss: bool,
    ) -> Result<Self, Problem> {
        let size = file.metadata()?.len();
        let part = &header.parts[index];
        let compression = part.readable_compression()?;
        let window = part.level_window(level)?;
        let grid = Grid::of(part, window)?;
        let total = grid.columns as u64 * grid.rows as u64;
        let skipped = header.parts[..index].iter().map(Part::table_length).sum::<Result<u64, Problem>>()?;
        let skipped =
            skipped.saturating_add(part.tiles.map_or(0, |tiles| tiles.tiles_before(part.data_window, Some(level))));
        let table_at = skipped.saturating_mul(8).saturating_add(header.tables_at);
        let table_end = total.saturating_mul(8).saturating_add(table_at);
        if table_end > size {
            return Err(damaged(format!("{total} blocks of pixels are announced in a file of {size} bytes")));
        }
        let raw = window.area().saturating_mul(part.bytes_per_pixel());
        if raw / largest_ratio(compression) > size && !may_miss {
            return Err(damaged(format!("{size} bytes of {compression} cannot hold {raw} bytes of pixels")));
        }
        let mut table = vec![0; total as usize * 8];
        read_at(file, &mut table, table_at)?;
        let mut offsets: Vec<u64> = table.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes)).collect();
        offsets.retain(|offset| (table_end..size).contains(offset));
        let missing = total as usize - offsets.len();
        if missing > 0 && !may_miss {
            return Err(Problem::Unfinished { missing, total: total as usize });
        }
        if offsets.is_empty() {
            // The table is written at the end, which did not come.
            offsets = walk(file, size, header)?;
        }
        offsets.sort_unstable();
        offsets.dedup();
        let tile_level = part.tiles.map(|_| level);
        let [width, height] = grid.size(window, 0, 0);
        let plain = (width * height) as u64 * part.bytes_per_pixel();
        let part_number = header.multipart.then_some(index as u32);
        let longest = plain + if tile_level.is_some() { 20 } else { 8 } + if part_number.is_some() { 4 } else { 0 };
        let ends = offsets.iter().skip(1).chain([&size]);
        let places = offsets.iter().zip(ends).map(|(start, end)| *start..(*end).min(start + longest)).collect();
        Ok(Self {
            file,
            part_number,
            window,
            tile_level,
            pixel_bytes: part.bytes_per_pixel() as usize,
            grid,
            places,
            run: (READ_BYTES / (plain as usize).max(1)).max(1),
        })
    }

    /// How many reads bring all blocks.
    pub(super) fn runs(&self) -> usize {
        self.places.len().div_ceil(self.run)
    }

    /// Reads some blocks, those of one run, through a buffer.
    pub(super) fn read(
        &self,
        run: usize,
        buffer: &mut Vec<u8>,
        mut each: impl FnMut(Result<Chunk<'_>, Problem>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut places = &self.places[run * self.run..self.places.len().min((run + 1) * self.run)];
        while let [first, ..] = places {
            // Those that follow each other come at once.
            let adjacent = 1 + places.windows(2).take_while(|pair| pair[0].end == pair[1].start).count();
            let (together, rest) = places.split_at(adjacent);
            places = rest;
            let end = together.last().map_or(first.end, |last| last.end);
            buffer.resize((end - first.start) as usize, 0);
            read_at(self.file, buffer, first.start)?;
            for place in together {
                let bytes = &buffer[(place.start - first.start) as usize..(place.end - first.start) as usize];
                each(self.chunk(place.start, bytes))?;
            }
        }
        Ok(())
    }

    /// The block that lies at the front of some bytes.
    fn chunk<'b>(&self, offset: u64, bytes: &'b [u8]) -> Result<Chunk<'b>, Problem> {
        let mut bytes = Cursor(bytes);
        if let Some(expected) = self.part_number {
            let found = bytes.u32()?;
            if found != expected {
                return Err(damaged(format!("the block at byte {offset} is of part {found}, expected {expected}")));
            }
        }
        let [column, row] = match self.tile_level {
            Some(level) => tile_place(&mut bytes, level)?,
            None => self.line_place(&mut bytes)?,
        };
        if column >= self.grid.columns || row >= self.grid.rows {
            return Err(damaged(format!("the block at byte {offset} lies outside the data window")));
        }
        let length = bytes.u32()? as usize;
        let [width, height] = self.grid.size(self.window, column, row);
        let plain = width * height * self.pixel_bytes;
        let rest = bytes.0.len();
        if length == 0 || length > plain || length > rest {
            let what = format!("the block at byte {offset} has {length} bytes for {plain} bytes of pixels");
            return Err(damaged(format!("{what}; {rest} are there")));
        }
        Ok(Chunk { column, row, packed: &bytes.0[..length] })
    }

    fn line_place(&self, bytes: &mut Cursor<'_>) -> Result<[usize; 2], Problem> {
        let y = bytes.i32()?;
        let line = i64::from(y) - i64::from(self.window.y0);
        let lines = self.grid.block[1] as i64;
        if line < 0 || line % lines != 0 {
            return Err(damaged(format!("a block of lines starts at y = {y}")));
        }
        Ok([0, (line / lines) as usize])
    }
}

fn tile_place(bytes: &mut Cursor<'_>, level: u32) -> Result<[usize; 2], Problem> {
    let [column, row, x_level, y_level] = [bytes.u32()?, bytes.u32()?, bytes.u32()?, bytes.u32()?];
    if [x_level, y_level] != [level; 2] {
        return Err(damaged(format!("a tile of level {x_level}, {y_level} stands in the place of one of {level}")));
    }
    Ok([column as usize, row as usize])
}

/// The places of all blocks in a file without a table, of whatever part and level: one after the other, up to the first
/// that is not whole.
fn walk(file: &File, size: u64, header: &Header) -> Result<Vec<u64>, Problem> {
    let mut at = header.tables_at;
    for part in &header.parts {
        at = at.saturating_add(part.table_length()?.saturating_mul(8));
    }
    let mut offsets = Vec::new();
    while at < size {
        let mut head = [0; 24];
        let there = head.len().min((size - at) as usize);
        read_at(file, &mut head[..there], at)?;
        let mut head = Cursor(&head[..there]);
        let number = if header.multipart { head.u32() } else { Ok(0) };
        let Some(part) = number.ok().and_then(|number| header.parts.get(number as usize)) else { break };
        let place = if part.tiles.is_some() { 16 } else { 4 };
        let Some(mut length) = head.0.get(place..).map(Cursor) else { break };
        let Ok(length) = length.u32() else { break };
        let end = at + if header.multipart { 4 } else { 0 } + place as u64 + 4 + u64::from(length);
        if length == 0 || end > size {
            break;
        }
        offsets.push(at);
        at = end;
    }
    Ok(offsets)
}

/// Reads bytes from a place in a file, whatever other threads read at the same time.
fn read_at(file: &File, bytes: &mut [u8], at: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_exact_at(file, bytes, at);
    #[cfg(windows)]
    {
        let (mut bytes, mut at) = (bytes, at);
        while !bytes.is_empty() {
            match std::os::windows::fs::FileExt::seek_read(file, bytes, at)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => {
                    bytes = &mut bytes[read..];
                    at += read as u64;
                }
            }
        }
        Ok(())
    }
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
