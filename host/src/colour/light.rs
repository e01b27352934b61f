//! The gamut of pictures in memory, which their metadata tell: Rec.709, unless there are `chromaticities`.

use super::{Adaptation, Content, Gamut, Space, Way, way};
use crate::image::{Frame, ImageError, MetaValue, Metadata};

/// The attribute of OpenEXR for x and y of red, green, blue and white.
pub const CHROMATICITIES: &str = "chromaticities";

/// The attribute of OpenEXR for the name of a space, as the Color Interop Forum has it.
pub const INTEROP_ID: &str = "colorInteropID";

/// The gamut of a picture's light: that of the space which it names, or of its chromaticities. `None` where these tell none.
pub fn gamut_of(metadata: &Metadata) -> Option<Gamut> {
    if let Some(MetaValue::Text(id)) = metadata.get(INTEROP_ID)
        && let Some(space) = Space::named(id).filter(Space::is_linear)
    {
        return Some(space.gamut);
    }
    match metadata.get(CHROMATICITIES) {
        Some(MetaValue::Chromaticities(values)) => Gamut::of_chromaticities(*values),
        _ => Some(Gamut::REC709),
    }
}

/// Notes what the light of a picture is. A name of a space that is not this one goes.
pub fn set_gamut(metadata: &mut Metadata, gamut: Gamut) {
    let light = Space { gamut, ..Space::LINEAR };
    let named = |id: &str| Space::named(id).is_some_and(|space| space == light);
    if metadata.get(INTEROP_ID).is_some_and(|id| !matches!(id, MetaValue::Text(id) if named(id))) {
        metadata.remove(INTEROP_ID);
    }
    match (gamut == Gamut::REC709, metadata.get(CHROMATICITIES)) {
        // It says so already, with its own rounding.
        (_, Some(_)) if gamut_of(metadata) == Some(gamut) => {}
        (true, None) => {}
        (true, Some(_)) => drop(metadata.remove(CHROMATICITIES)),
        (false, _) => metadata.insert(CHROMATICITIES, MetaValue::Chromaticities(gamut.chromaticities())),
    }
    // X, Y and Z have the same chromaticities whatever is white.
    if gamut_of(metadata) != Some(gamut)
        && let Some(id) = light.known().and_then(|known| known.interop)
    {
        metadata.insert(INTEROP_ID, MetaValue::Text(id.to_owned()));
    }
}

/// The picture as light of another gamut.
///
/// # Errors
/// If there is no memory for it.
pub fn in_gamut(frame: &Frame, gamut: Gamut, adaptation: Adaptation) -> Result<Frame, ImageError> {
    // What tells no light is taken as the usual one, as everywhere where nothing is read from a file.
    let from = Space { gamut: gamut_of(&frame.metadata).unwrap_or(Gamut::REC709), ..Space::LINEAR };
    let Some(way) = Way::between(from, Space { gamut, ..Space::LINEAR }, adaptation) else { return Ok(frame.clone()) };
    let mut result = Frame { image: way::transformed(&frame.image, &way)?, ..frame.clone() };
    set_gamut(&mut result.metadata, gamut);
    Ok(result)
}

/// What the light of a picture is.
pub fn content_of(metadata: &Metadata) -> Option<Content> {
    gamut_of(metadata).map(|gamut| Content::Colour(Space { gamut, ..Space::LINEAR }))
}
