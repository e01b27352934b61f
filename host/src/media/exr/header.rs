//! What an OpenEXR file claims to hold: its parts and their attributes.
//!
//! Format: "OpenEXR File Layout", openexr.com. All numbers are little-endian.

use std::io::{BufRead, Read};

use super::super::Compression;
use super::super::error::{Problem, damaged};
use super::attribute::{self, Cursor};
use super::codec::Codec;
use crate::image::{Metadata, Rect, SampleType};

/// No header is longer; a longer one is a broken or hostile file.
const MAX_HEADER_BYTES: u64 = 64 << 20;
/// No file has more attributes in all its parts.
const MAX_ATTRIBUTES: usize = 1 << 16;
/// Windows lie within these coordinates, as in OpenEXR itself.
pub(super) const MAX_COORDINATE: i32 = i32::MAX / 2;
/// Attributes that say how the pixels are stored. They become fields of a part, the others its metadata.
pub(super) const STRUCTURAL: [&str; 10] = [
    "channels",
    "chunkCount",
    "compression",
    "dataWindow",
    "displayWindow",
    "lineOrder",
    "maxSamplesPerPixel",
    "pixelAspectRatio",
    "tiles",
    "type",
];

const TILED: u32 = 1 << 9;
pub(super) const LONG_NAMES: u32 = 1 << 10;
const DEEP: u32 = 1 << 11;
const MULTIPART: u32 = 1 << 12;

/// All parts of a file.
pub(super) struct Header {
    pub(super) parts: Vec<Part>,
    /// Whether each chunk is preceded by the number of its part.
    pub(super) multipart: bool,
    /// Where the first part's table of chunks starts, in bytes from the start of the file.
    pub(super) tables_at: u64,
}

/// One part: a picture of its own.
pub(super) struct Part {
    pub(super) name: Option<String>,
    /// The `type` attribute, or what it would be.
    pub(super) kind: String,
    /// The number in the file; not all are known.
    compression: u8,
    pub(super) data_window: Rect,
    pub(super) display_window: Rect,
    pub(super) pixel_aspect: f32,
    pub(super) channels: Vec<ChannelHead>,
    /// How it is cut into tiles, if it is.
    pub(super) tiles: Option<Tiles>,
    /// How many chunks it says it has.
    pub(super) chunk_count: Option<u64>,
    is_one_of_several: bool,
    attributes: Vec<Attribute>,
}

/// How a part is cut into tiles.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tiles {
    /// Columns and lines of a whole tile.
    pub(super) size: [u32; 2],
    pub(super) levels: Levels,
    /// Whether halves of a pixel count as one in the smaller levels.
    pub(super) round_up: bool,
}

/// Which smaller pictures a tiled part has beside the full one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Levels {
    /// None.
    One,
    /// Each half as wide and high as the one before.
    Mip,
    /// Every half of the width with every half of the height.
    Rip,
}

/// One channel as the header describes it.
#[derive(Clone)]
pub(super) struct ChannelHead {
    pub(super) name: String,
    pub(super) sample_type: SampleType,
    /// A hint for lossy compression, which decoding needs back.
    pub(super) linear: bool,
    pub(super) sampling: [u32; 2],
}

/// One attribute as it stands in the file.
struct Attribute {
    name: String,
    type_name: String,
    bytes: Vec<u8>,
}

impl Header {
    /// Reads the header from the start of a file.
    pub(super) fn read(file: &mut impl BufRead) -> Result<Self, Problem> {
        let mut file = Counted { inner: file.take(MAX_HEADER_BYTES), position: 0, attributes: 0 };
        let [_magic, version] = [file.u32()?, file.u32()?];
        if version & 0xff != 2 || version & !(0xff | TILED | LONG_NAMES | DEEP | MULTIPART) != 0 {
            return Err(Problem::Unsupported { feature: format!("an OpenEXR file of version {version:#x}") });
        }
        let multipart = version & MULTIPART != 0;
        let mut parts = Vec::new();
        while let Some(attributes) = file.attributes()? {
            parts.push(Part::new(attributes, version)?);
            if !multipart {
                break;
            }
        }
        if parts.is_empty() {
            return Err(damaged("the header holds no part"));
        }
        Ok(Self { parts, multipart, tables_at: file.position })
    }
}

impl Part {
    fn new(attributes: Vec<Attribute>, version: u32) -> Result<Self, Problem> {
        let find = |name: &str, type_name: &str| {
            attributes.iter().find(|a| a.name == name && a.type_name == type_name).map(|a| a.bytes.as_slice())
        };
        let required = |name: &str, type_name: &str| {
            find(name, type_name)
                .ok_or_else(|| damaged(format!("the header has no attribute {name} of type {type_name}")))
        };
        let text = |name: &str| find(name, "string").map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let (kind, deep) = match text("type") {
            // A single part follows the flags of the file, whatever its attribute says: so does OpenEXR.
            Some(kind) if version & MULTIPART != 0 || version & DEEP != 0 => (kind.clone(), kind.starts_with("deep")),
            None if version & MULTIPART != 0 => return Err(damaged("a part of several has no attribute type")),
            _ if version & TILED != 0 => ("tiledimage".to_owned(), false),
            _ => ("scanlineimage".to_owned(), version & DEEP != 0),
        };
        let tiles = match kind.as_str() {
            "tiledimage" | "deeptile" => Some(tiles(required("tiles", "tiledesc")?)?),
            "scanlineimage" | "deepscanline" => None,
            _ => return Err(Problem::Unsupported { feature: format!("a part of type {kind:?}") }),
        };
        let kind = if deep && kind == "scanlineimage" { "deepscanline".to_owned() } else { kind };
        Ok(Self {
            name: text("name"),
            kind,
            compression: Cursor(required("compression", "compression")?).u8()?,
            data_window: window("dataWindow", required("dataWindow", "box2i")?)?,
            display_window: window("displayWindow", required("displayWindow", "box2i")?)?,
            pixel_aspect: find("pixelAspectRatio", "float").map_or(Ok(1.0), |bytes| Cursor(bytes).f32())?,
            channels: channels(required("channels", "chlist")?)?,
            tiles,
            chunk_count: match find("chunkCount", "int") {
                Some(bytes) => Some(
                    u64::try_from(Cursor(bytes).i32()?).map_err(|_| damaged("the attribute chunkCount is negative"))?,
                ),
                None => None,
            },
            is_one_of_several: version & MULTIPART != 0,
            attributes,
        })
    }

    /// How its pixels are packed, if that is known here.
    pub(super) fn compression(&self) -> Option<Compression> {
        Compression::ALL.get(usize::from(self.compression)).copied()
    }

    /// How its pixels are packed; a refusal where that is not known here.
    pub(super) fn readable_compression(&self) -> Result<Compression, Problem> {
        let feature = || format!("the compression {}", self.compression_name());
        self.compression().ok_or_else(|| Problem::Unsupported { feature: feature() })
    }

    /// The name of its compression, also of those that are not known here.
    pub(super) fn compression_name(&self) -> String {
        match (self.compression(), self.compression) {
            (Some(known), _) => known.to_string(),
            (None, 10) => "htj2k256".to_owned(),
            (None, 11) => "htj2k32".to_owned(),
            (None, number) => format!("number {number}"),
        }
    }

    /// The feature for which its pixels cannot be read, if there is one.
    pub(super) fn refusal(&self) -> Option<String> {
        if self.kind.starts_with("deep") {
            return Some(format!("deep data ({})", self.kind));
        }
        if let Some(channel) = self.channels.iter().find(|channel| channel.sampling != [1, 1]) {
            let [x, y] = channel.sampling;
            return Some(format!("a subsampled channel ({} has a sample for {x} x {y} pixels)", channel.name));
        }
        match self.compression() {
            Some(_) => None,
            None => Some(format!("the compression {}", self.compression_name())),
        }
    }

    /// What its header says besides how the pixels are stored.
    pub(super) fn metadata(&self) -> Metadata {
        self.attributes
            .iter()
            .filter(|attribute| !STRUCTURAL.contains(&attribute.name.as_str()))
            .map(|attribute| (attribute.name.clone(), attribute::decode(&attribute.type_name, &attribute.bytes)))
            .collect()
    }

    /// Bytes of a pixel in all channels, unpacked.
    pub(super) fn bytes_per_pixel(&self) -> u64 {
        self.channels.iter().map(|channel| channel.sample_type.bytes() as u64).sum()
    }

    /// How many places its table has, over all its levels.
    pub(super) fn table_length(&self) -> Result<u64, Problem> {
        match (self.chunk_count, self.tiles) {
            (Some(count), _) => Ok(count),
            (None, _) if self.is_one_of_several || self.kind.starts_with("deep") => {
                Err(damaged("a part of several has no attribute chunkCount"))
            }
            (None, None) => Ok(self.data_window.height().div_ceil(Codec::lines(self.readable_compression()?)) as u64),
            (None, Some(tiles)) => Ok(tiles.tiles_before(self.data_window, None)),
        }
    }

    /// Where the pixels of a level are: level 0 is the full picture, each further one half as wide and high.
    pub(super) fn level_window(&self, level: u32) -> Result<Rect, Problem> {
        let levels = match self.tiles {
            Some(tiles) => tiles.level_count(self.data_window),
            None => 1,
        };
        if level >= levels {
            return Err(Problem::NoLevel { wanted: level, levels });
        }
        let window = self.data_window;
        let [width, height] = self.level_size(window, level);
        Ok(Rect::new(window.x0, window.y0, window.x0 + width as i32, window.y0 + height as i32))
    }

    /// The frame of a level: as far from the pixels, and as large, as the file rounds such sizes.
    pub(super) fn level_display(&self, level: u32) -> Rect {
        let (data, display) = (self.data_window, self.display_window);
        let corner = |at: i32, origin: i32| origin + ((i64::from(at) - i64::from(origin)) >> level) as i32;
        let [x0, y0] = [corner(display.x0, data.x0), corner(display.y0, data.y0)];
        let [width, height] = self.level_size(display, level);
        Rect::new(x0, y0, x0 + width as i32, y0 + height as i32)
    }

    fn level_size(&self, window: Rect, level: u32) -> [usize; 2] {
        let round_up = self.tiles.is_some_and(|tiles| tiles.round_up);
        [window.width(), window.height()].map(|side| level_side(side, level, round_up))
    }
}

impl Tiles {
    /// How many levels there are, the full picture included; of rips, those that are as much narrower as lower.
    fn level_count(&self, window: Rect) -> u32 {
        self.all_levels(window).into_iter().filter(|[x, y]| x == y).count() as u32
    }

    /// All levels, by how often each side is halved, in the order of the file's table.
    fn all_levels(&self, window: Rect) -> Vec<[u32; 2]> {
        // Until the side is a pixel long.
        let halvings = |side: usize| if self.round_up { side.next_power_of_two().ilog2() } else { side.ilog2() };
        let [x, y] = [halvings(window.width()), halvings(window.height())];
        match self.levels {
            Levels::One => vec![[0; 2]],
            Levels::Mip => (0..=x.max(y)).map(|level| [level; 2]).collect(),
            Levels::Rip => (0..=y).flat_map(|y| (0..=x).map(move |x| [x, y])).collect(),
        }
    }

    /// How many tiles stand in the file's table before those of a level, or in all of it.
    pub(super) fn tiles_before(&self, window: Rect, level: Option<u32>) -> u64 {
        let tiles =
            |side: usize, level: u32, size: u32| level_side(side, level, self.round_up).div_ceil(size as usize) as u64;
        let before = self.all_levels(window).into_iter().take_while(|at| Some(*at) != level.map(|level| [level; 2]));
        before
            .map(|[x, y]| {
                tiles(window.width(), x, self.size[0]).saturating_mul(tiles(window.height(), y, self.size[1]))
            })
            .fold(0, u64::saturating_add)
    }
}

/// A side of a level, in pixels.
fn level_side(side: usize, level: u32, round_up: bool) -> usize {
    let halved = if round_up { side.div_ceil(1 << level) } else { side >> level };
    halved.max(1)
}

fn window(name: &str, bytes: &[u8]) -> Result<Rect, Problem> {
    let mut bytes = Cursor(bytes);
    let [x0, y0, x1, y1] = [bytes.i32()?, bytes.i32()?, bytes.i32()?, bytes.i32()?];
    let far = [x0, y0, x1, y1].iter().any(|at| !(-MAX_COORDINATE..MAX_COORDINATE).contains(at));
    if far || x1 < x0 || y1 < y0 {
        return Err(damaged(format!("the {name} runs from ({x0}, {y0}) to ({x1}, {y1})")));
    }
    Ok(Rect::new(x0, y0, x1 + 1, y1 + 1))
}

fn tiles(bytes: &[u8]) -> Result<Tiles, Problem> {
    let mut bytes = Cursor(bytes);
    let (size, mode) = ([bytes.u32()?, bytes.u32()?], bytes.u8()?);
    if size.iter().any(|side| !(1..i32::MAX as u32).contains(side)) {
        return Err(damaged(format!("the tiles are of {} x {} pixels", size[0], size[1])));
    }
    let levels = match mode & 0xf {
        0 => Levels::One,
        1 => Levels::Mip,
        2 => Levels::Rip,
        _ => return Err(damaged(format!("the mode of the tiles is {mode}"))),
    };
    Ok(Tiles { size, levels, round_up: mode >> 4 != 0 })
}

fn channels(bytes: &[u8]) -> Result<Vec<ChannelHead>, Problem> {
    let mut bytes = Cursor(bytes);
    let mut channels = Vec::new();
    loop {
        let name = bytes.name()?;
        if name.is_empty() {
            break;
        }
        let sample_type = match bytes.i32()? {
            0 => SampleType::Uint,
            1 => SampleType::Half,
            2 => SampleType::Float,
            number => return Err(damaged(format!("the channel {name} has the sample type {number}"))),
        };
        let [linear, _, _, _] = bytes.array()?;
        let sampling = [bytes.u32()?, bytes.u32()?];
        channels.push(ChannelHead { name, sample_type, linear: linear != 0, sampling });
    }
    if channels.is_empty() {
        return Err(damaged("a part has no channel"));
    }
    Ok(channels)
}

/// The header's bytes, counted.
struct Counted<R> {
    inner: R,
    position: u64,
    attributes: usize,
}

impl<R: BufRead> Counted<R> {
    /// The attributes of one part; none where the list of parts ends.
    fn attributes(&mut self) -> Result<Option<Vec<Attribute>>, Problem> {
        let mut attributes: Vec<Attribute> = Vec::new();
        loop {
            let name = self.name()?;
            if name.is_empty() {
                return Ok((!attributes.is_empty()).then_some(attributes));
            }
            self.attributes += 1;
            if self.attributes > MAX_ATTRIBUTES {
                return Err(damaged(format!("the header has more than {MAX_ATTRIBUTES} attributes")));
            }
            let type_name = self.name()?;
            let size = self.u32()?;
            attributes.push(Attribute { name, type_name, bytes: self.bytes(size.into())? });
        }
    }

    /// A text that ends with a zero byte, at most 255 bytes long.
    fn name(&mut self) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        self.position += (&mut self.inner).take(256).read_until(0, &mut bytes)? as u64;
        match bytes.pop() {
            Some(0) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Some(_) if bytes.len() == 255 => Err(damaged("a name in the header is longer than 255 bytes")),
            _ => Err(damaged("the file ends within its header")),
        }
    }

    /// So many bytes, allocated as they come.
    fn bytes(&mut self, size: u64) -> Result<Vec<u8>, Problem> {
        let mut bytes = Vec::new();
        (&mut self.inner).take(size).read_to_end(&mut bytes)?;
        self.position += size;
        if bytes.len() as u64 == size { Ok(bytes) } else { Err(damaged("the file ends within its header")) }
    }

    fn u32(&mut self) -> Result<u32, Problem> {
        Cursor(&self.bytes(4)?).u32()
    }
}
