//! The pictures of a check that failed, as files.

use std::path::Path;

use super::picture::Picture;
use crate::image::{Frame, Image};
use crate::media::{self, ColourType, WriteOptions};

/// Writes `expected`, `got` and `difference`, each as OpenEXR and PNG, and says where.
pub(super) fn pictures(folder: &Path, expected: &Picture, got: &Picture) -> String {
    let got = got.crop(expected.window);
    let difference = Picture::of(expected.window, |x, y| {
        let (a, b) = (expected.pixel(x, y), got.pixel(x, y));
        let [r, g, b, a] = std::array::from_fn(|channel| (a[channel] - b[channel]).abs());
        [r.max(a), g.max(a), b.max(a), 1.0]
    });
    let write = || -> Result<(), String> {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
        for (name, picture) in [("expected", expected), ("got", &got), ("difference", &difference)] {
            let image = Image::from_vec(picture.window, picture.pixels.as_flattened().to_vec());
            let frame = Frame::new(image.map_err(|error| error.to_string())?);
            let options = WriteOptions { colour: ColourType::Float, ..WriteOptions::default() };
            for suffix in ["exr", "png"] {
                let path = folder.join(name).with_extension(suffix);
                media::write(path, &frame, &options).map_err(|error| error.to_string())?;
            }
        }
        Ok(())
    };
    match write() {
        Ok(()) => format!("; see {}", folder.display()),
        Err(error) => format!("; the pictures cannot be written: {error}"),
    }
}
