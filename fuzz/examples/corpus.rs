//! Makes a corpus for each target: small files of each kind that Playa writes, and those of folders that are named.
//!
//! `cargo run --release --example corpus -- FOLDER...` puts them into `corpus/TARGET/`.

use std::path::{Path, PathBuf};

use playa_host::image::{Frame, Image, Rect};
use playa_host::media::{Compression, Depth, Endian, Filling, Format, TiffCompression, WriteOptions, write};

/// Larger files teach a fuzzer nothing.
const MAX_FILE: u64 = 64 << 10;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let target = |format: Format| corpus.join(format!("{format:?}").to_lowercase());
    for format in Format::ALL {
        std::fs::create_dir_all(target(format))?;
        for (number, options) in options(format).into_iter().enumerate() {
            let path = target(format).join(format!("written-{number}.{}", format.suffix()));
            write(path, &frame(), &options).map_err(std::io::Error::other)?;
        }
    }
    for folder in std::env::args().skip(1) {
        for file in files(Path::new(&folder))? {
            let (Some(format), Some(name)) = (Format::of_path(&file), file.file_name()) else { continue };
            if file.metadata()?.len() <= MAX_FILE {
                std::fs::copy(&file, target(format).join(name))?;
            }
        }
    }
    Ok(())
}

/// A small picture with runs and without.
fn frame() -> Frame {
    let window = Rect::of_size(19, 9);
    let pixel = |at: u64| if at % 5 < 2 { [0.5, 0.25, 0.125, 1.0] } else { [at as f32 / 171.0, 0.3, 0.0, 0.5] };
    Frame::new(Image::from_vec(window, (0..window.area()).flat_map(pixel).collect()).expect("the size fits"))
}

fn options(format: Format) -> Vec<WriteOptions> {
    let usual = WriteOptions::default;
    match format {
        Format::Exr => Compression::ALL.map(|compression| WriteOptions { compression, ..usual() }).into(),
        Format::Tiff => {
            let compressions = TiffCompression::ALL.into_iter();
            let with = |compression| {
                let depths = format.depths().iter();
                depths.map(move |depth| WriteOptions {
                    depth: Some(*depth),
                    tiff_compression: Some(compression),
                    ..WriteOptions::default()
                })
            };
            compressions.flat_map(with).collect()
        }
        Format::Dpx => {
            let ten = Filling::ALL.map(|filling| WriteOptions { filling: Some(filling), ..usual() });
            let little = WriteOptions { depth: Some(Depth::Twelve), endian: Some(Endian::Little), ..usual() };
            ten.into_iter().chain([little]).collect()
        }
        _ => format.depths().iter().map(|depth| WriteOptions { depth: Some(*depth), ..usual() }).collect(),
    }
}

/// The files of a folder and of the folders in it.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        match path.is_dir() {
            true => found.append(&mut files(&path)?),
            false => found.push(path),
        }
    }
    Ok(found)
}
