//! Fonts by name: those of the program, those of the system, and files.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::SystemTime;

use cosmic_text::fontdb::{self, Database, FaceInfo, ID, Source, Stretch, Style, Weight};
use cosmic_text::{Fallback, FontSystem};
use swash::{CacheKey, FontRef};
use unicode_script::Script;

use crate::suggest::did_you_mean;

/// The family that is used where no other is asked for.
pub const DEFAULT: &str = "DejaVu Sans";

/// A font file is at most this long, in bytes.
pub const MAX_FILE: u64 = 64 << 20;

/// The fonts of the program, the one that is used by default first.
const BUNDLED: [(&str, &[u8]); 2] = [
    (DEFAULT, include_bytes!("../../fonts/DejaVuSans.ttf")),
    ("Noto Emoji", include_bytes!("../../fonts/NotoEmoji-Regular.ttf")),
];

/// What the font that was asked for is called among those that a text is set with.
pub(super) const CHOSEN: &str = "the font that was asked for";

/// How many font files are remembered. What is forgotten is read again.
const MAX_KNOWN: usize = 64;

/// The bytes of a font file.
pub(super) type Data = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// A font, with those that have the glyphs which it lacks.
pub struct Font {
    hash: blake3::Hash,
    /// It, and then those of the program.
    pub(super) faces: Vec<Face>,
    pub(super) system: Mutex<FontSystem>,
}

/// One font that glyphs come from.
#[derive(Clone)]
pub(super) struct Face {
    pub id: ID,
    data: Data,
    /// Where in the data it begins, and what tells it from others.
    place: (u32, CacheKey),
}

impl Face {
    pub fn font(&self) -> FontRef<'_> {
        let (offset, key) = self.place;
        FontRef { data: (*self.data).as_ref(), offset, key }
    }
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Face({:?})", self.id)
    }
}

/// Why there is no such font.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FontError {
    /// Neither the program nor the system has one of this name.
    #[error(
        "no font is called `{name}`{hint}; expected a family that is installed, {}, or the path of a .ttf, .otf, .ttc or \
         .otc file",
        BUNDLED.map(|(name, _)| format!("`{name}`")).join(", ")
    )]
    Unknown {
        /// The name asked for.
        name: String,
        /// A close match, as a part of the message.
        hint: String,
    },
    /// The file could not be read.
    #[error("font {}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

impl Font {
    /// The font of a name: of the program where that has it (an empty name is its first), else a file if the name
    /// [is a path](is_path), else of the system, by family or PostScript name in any case. Of a family, the face that is
    /// nearest to upright, regular and of normal width is taken. The system is looked at once, when it is first needed.
    pub fn find(name: &str) -> Result<Arc<Self>, FontError> {
        static BUILT_IN: LazyLock<Vec<Arc<Font>>> =
            LazyLock::new(|| BUNDLED.iter().map(|(_, data)| Font::built_in(data)).collect());
        let is_it = |(family, _): &(&str, &[u8])| family.eq_ignore_ascii_case(name);
        match BUNDLED.iter().position(is_it) {
            Some(built_in) => Ok(Arc::clone(&BUILT_IN[built_in])),
            None if name.is_empty() => Ok(Arc::clone(&BUILT_IN[0])),
            None if is_path(name) => Self::read(Path::new(name), 0),
            None => {
                let (path, index) = installed(name).ok_or_else(|| unknown(name))?;
                Self::read(path, index)
            }
        }
    }

    /// The hash of the font's file and its number there.
    pub fn hash(&self) -> blake3::Hash {
        self.hash
    }

    fn built_in(data: &'static [u8]) -> Arc<Self> {
        Arc::new(Self::of_data(Arc::new(data), 0).expect("the fonts of the program are fonts"))
    }

    /// The font of a file, which is read again if it changed.
    fn read(path: &Path, index: u32) -> Result<Arc<Self>, FontError> {
        type Known = HashMap<(PathBuf, u32), (Stamp, Arc<Font>)>;
        static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);
        let failed = |reason: String| FontError::File { path: path.to_path_buf(), reason };
        let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, stamp) = ((path.to_path_buf(), index), stamp(path).map_err(|error| failed(error.to_string()))?);
        if let Some((then, font)) = known().get(&key)
            && *then == stamp
        {
            return Ok(Arc::clone(font));
        }
        let data = read(path).map_err(|error| failed(error.to_string()))?;
        let font = Self::of_data(Arc::new(data), index);
        let font = Arc::new(font.ok_or_else(|| failed("it is no font that can be read".to_owned()))?);
        let mut known = known();
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        known.insert(key, (stamp, Arc::clone(&font)));
        Ok(font)
    }

    fn of_data(data: Data, index: u32) -> Option<Self> {
        let hash = blake3::Hasher::new().update(&index.to_le_bytes()).update((*data).as_ref()).finalize();
        let mut database = Database::new();
        let mut faces = vec![add(&mut database, data, index, CHOSEN)?];
        for (name, data) in BUNDLED {
            faces.extend(add(&mut database, Arc::new(data), 0, name));
        }
        let locale = "en-US".to_owned();
        let mut system = FontSystem::new_with_locale_and_db_and_fallback(locale, database, BuiltIn);
        system.get_font(faces[0].id, Weight::NORMAL)?;
        Some(Self { hash, faces, system: Mutex::new(system) })
    }
}

impl fmt::Debug for Font {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Font").field("hash", &self.hash).finish_non_exhaustive()
    }
}

/// Whether a font's name is the path of a file: it has a folder, or the suffix of a font file.
pub fn is_path(name: &str) -> bool {
    let suffix = Path::new(name).extension().and_then(|suffix| suffix.to_str()).unwrap_or_default();
    name.contains(['/', std::path::MAIN_SEPARATOR])
        || ["ttf", "otf", "ttc", "otc"].iter().any(|known| known.eq_ignore_ascii_case(suffix))
}

/// Adds one face of a font file under a name of our own: what it says of its weight must not keep it from being found.
fn add(database: &mut Database, data: Data, index: u32, name: &str) -> Option<Face> {
    let mut file = Database::new();
    file.load_font_source(Source::Binary(Arc::clone(&data)));
    let face = file.faces().find(|face| face.index == index)?;
    let font = FontRef::from_index((*data).as_ref(), index as usize)?;
    let place = (font.offset, font.key);
    let id = database.push_face_info(FaceInfo {
        id: ID::dummy(),
        families: vec![(name.to_owned(), fontdb::Language::English_UnitedStates)],
        style: Style::Normal,
        weight: Weight::NORMAL,
        stretch: Stretch::Normal,
        ..face.clone()
    });
    Some(Face { id, data, place })
}

/// Where glyphs come from that a font lacks: the fonts of the program, in their order.
struct BuiltIn;

impl Fallback for BuiltIn {
    fn common_fallback(&self) -> &[&'static str] {
        const NAMES: [&str; 2] = [BUNDLED[0].0, BUNDLED[1].0];
        &NAMES
    }

    fn forbidden_fallback(&self) -> &[&'static str] {
        &[]
    }

    fn script_fallback(&self, _script: Script, _locale: &str) -> &[&'static str] {
        &[]
    }
}

/// What tells a file from what it was before.
type Stamp = (u64, Option<SystemTime>);

fn stamp(path: &Path) -> std::io::Result<Stamp> {
    let facts = path.metadata()?;
    Ok((facts.len(), facts.modified().ok()))
}

/// The bytes of a font file, which must not be mapped: one that is overwritten would end the process.
fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut data = Vec::new();
    // One byte more than may be there tells a file that is too long, even if it grows.
    if std::fs::File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut data)? as u64 > MAX_FILE {
        return Err(std::io::Error::other(format!("it is longer than {} MiB", MAX_FILE >> 20)));
    }
    Ok(data)
}

/// The fonts that are installed.
fn system() -> &'static Database {
    static SYSTEM: LazyLock<Database> = LazyLock::new(|| {
        let mut database = Database::new();
        database.load_system_fonts();
        database
    });
    &SYSTEM
}

/// File and number of a font that is installed.
fn installed(name: &str) -> Option<(&'static Path, u32)> {
    let lower = name.to_lowercase();
    let is_called = |face: &&FaceInfo| {
        let mut names = face.families.iter().map(|(family, _)| family).chain([&face.post_script_name]);
        names.any(|name| name.to_lowercase() == lower)
    };
    let order = |face: &FaceInfo| {
        let regular = face.weight.0.abs_diff(Weight::NORMAL.0);
        (face.style != Style::Normal, face.stretch.to_number().abs_diff(Stretch::Normal.to_number()), regular)
    };
    let file = |face: &'static FaceInfo| match &face.source {
        Source::File(path) | Source::SharedFile(path, _) => Some((order(face), path.as_path(), face.index)),
        Source::Binary(_) => None,
    };
    let first = system().faces().filter(is_called).filter_map(file).min();
    first.map(|(_, path, index)| (path, index))
}

fn unknown(name: &str) -> FontError {
    let families = system().faces().flat_map(|face| &face.families).map(|(family, _)| family.as_str());
    let hint = did_you_mean(name, BUNDLED.iter().map(|(family, _)| *family).chain(families));
    FontError::Unknown { name: name.to_owned(), hint }
}
