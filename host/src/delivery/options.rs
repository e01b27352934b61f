//! The options of an output by their names, which are those of `Frame.save`.

use super::{DeliveryError, Output};
use crate::colour::View;
use crate::media::{ColourType, Depth, Format};
use crate::suggest;
use crate::view::Tonemap;

/// All there are, and of which formats. Where a format refuses a value of its own option, writing says so.
const OPTIONS: [(&str, &[Format]); 15] = [
    ("colour_space", &Format::ALL),
    ("display", &Format::ALL),
    ("view", &Format::ALL),
    ("looks", &Format::ALL),
    ("proxy", &Format::ALL),
    ("tonemap", &Format::ALL),
    ("compression", &[Format::Exr, Format::Tiff]),
    ("dtype", &[Format::Exr, Format::Tiff]),
    ("zip_level", &[Format::Exr]),
    ("dwa_level", &[Format::Exr]),
    ("depth", STILLS),
    ("alpha", STILLS),
    ("quality", &[Format::Jpeg]),
    ("filling", &[Format::Dpx]),
    ("endian", &[Format::Dpx]),
];

const STILLS: &[Format] =
    &[Format::Png, Format::Jpeg, Format::Tiff, Format::Tga, Format::Hdr, Format::Webp, Format::Bmp, Format::Dpx];

impl Output {
    /// Whether it has an option of this name.
    pub fn has(&self, name: &str) -> bool {
        OPTIONS.iter().any(|(known, of)| *known == name && of.contains(&self.format))
    }

    /// Sets an option: `compression`, `dtype`, `zip_level`, `dwa_level`, `depth`, `alpha`, `quality`, `filling`, `endian`,
    /// `colour_space`, `display`, `view`, `looks` (with a colon between), `tonemap` or `proxy`.
    ///
    /// # Errors
    /// If there is no such option of the format, or it has no such value.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), DeliveryError> {
        let suffix = self.format.suffix();
        if !self.has(name) {
            let known: Vec<&str> = OPTIONS.iter().map(|(known, _)| *known).filter(|known| self.has(known)).collect();
            let near = suggest::did_you_mean(name, known.iter().copied());
            let message = format_args!("{self}: a .{suffix} output has no option {name:?}{near}");
            return Err(DeliveryError::usage(message).hint(format_args!("it has {}", known.join(", "))));
        }
        let wrong = |message: String| DeliveryError::usage(format_args!("{self}: {name}: {message}"));
        let number = || value.parse().map_err(|_| wrong(format!("{value:?}: expected a number")));
        let small = || value.parse().map_err(|_| wrong(format!("{value:?}: expected a number from 0 to 255")));
        let mut set = self.clone();
        match name {
            "colour_space" => set.colour_space = Some(value.to_owned()),
            "display" => set.view.display = Some(value.to_owned()),
            "view" => set.view.view = Some(value.to_owned()),
            "looks" => set.view.looks = Some(value.to_owned()),
            "proxy" => set.proxy = Some(value.parse().map_err(wrong)?),
            "tonemap" => set.tonemap = value.parse().map_err(wrong)?,
            "compression" if self.format == Format::Tiff => {
                set.write.tiff_compression = Some(value.parse().map_err(wrong)?);
            }
            "compression" => set.write.compression = value.parse().map_err(wrong)?,
            "dtype" => match (value, self.format) {
                ("half", Format::Tiff) => set.write.depth = Some(Depth::Half),
                ("float", Format::Tiff) => set.write.depth = Some(Depth::Float),
                ("half", _) => set.write.colour = ColourType::Half,
                ("float", _) => set.write.colour = ColourType::Float,
                _ => return Err(wrong(format!("{value:?}: expected half or float"))),
            },
            "zip_level" => set.write.zip_level = Some(small()?),
            "dwa_level" => set.write.dwa_level = Some(number()?),
            "depth" => set.write.depth = Some(value.parse().map_err(wrong)?),
            "alpha" => {
                let alpha = value.to_ascii_lowercase().parse();
                set.write.alpha = Some(alpha.map_err(|_| wrong(format!("{value:?}: expected true or false")))?);
            }
            "quality" => set.write.quality = Some(small()?),
            "filling" => set.write.filling = Some(value.parse().map_err(wrong)?),
            _ => set.write.endian = Some(value.parse().map_err(wrong)?),
        }
        set.write.check(Some(self.format)).map_err(|problem| wrong(problem.to_string()))?;
        let is_viewed = set.view != View::default();
        if is_viewed && set.colour_space.is_some() {
            return Err(wrong("a display, view or look and another colour space exclude each other".to_owned()));
        }
        if set.tonemap != Tonemap::default() && (set.holds_light() || set.colour_space.is_some() || is_viewed) {
            let message = "it is for what a display shows, and not for scene light or another colour space";
            return Err(wrong(message.to_owned()));
        }
        *self = set;
        Ok(())
    }
}
