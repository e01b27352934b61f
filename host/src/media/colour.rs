//! What a file's header says of its colour, and the way between its colour and light.

use std::borrow::Cow;
use std::fs::File;
use std::io::Seek;
use std::path::Path;

use super::error::Problem;
use super::shown::{Listed, choose};
use super::{Format, PartInfo, Reading, Writing, data, movie, png_colour, still};
use crate::colour::{
    self, Adaptation, CHROMATICITIES, Colours, Content, Curve, FileColour, Gamut, INTEROP_ID, Space, Tag, Way,
};
use crate::image::{Frame, ImageError, MetaValue, Metadata, SampleType};

/// The linear light of an sRGB value.
pub fn srgb_to_linear(v: f64) -> f64 {
    Curve::Srgb.decode(v)
}

/// The sRGB value of linear light.
pub fn linear_to_srgb(v: f64) -> f64 {
    Curve::Srgb.encode(v)
}

/// What a still is taken for, asked before it is read: what is told, or what its header says.
pub(super) fn of_still(format: Format, path: &Path, file: &mut File, reading: Reading) -> Result<Reading, Problem> {
    if reading != Reading::ByFile {
        return Ok(reading);
    }
    let info = still::probe(format, file.try_clone()?)?;
    file.rewind()?;
    let planes = info.select(None, None, None)?.planes;
    let Some(part) = info.parts.first() else { return Ok(Reading::Raw) };
    Ok(by_file(path, &of_part(format, part, planes))?.map_or(Reading::Raw, Reading::As))
}

/// What a movie is taken for: what is told, or what its header says.
pub(super) fn of_movie(path: &Path, part: &PartInfo, reading: Reading) -> Result<Reading, Problem> {
    if reading != Reading::ByFile {
        return Ok(reading);
    }
    let planes = choose(&[Listed::of(part)], None, None, None)?.shown.planes();
    Ok(by_file(path, &of_part(Format::Movie, part, planes))?.map_or(Reading::Raw, Reading::As))
}

/// What a file without a project is taken for. `None` where its numbers are no colour.
fn by_file(path: &Path, file: &FileColour) -> Result<Option<Space>, Problem> {
    if let Some(Tag { text, content: Err(reason), .. }) = &file.tag {
        return Err(Problem::Colour { tag: text.clone(), reason: reason.clone() });
    }
    let decided = Colours::default().decide(path, file, "").map(|decision| decision.word.content);
    Ok(match decided {
        Ok(Content::Colour(space)) => Some(space),
        _ => None,
    })
}

/// A frame whose numbers are those of an OpenEXR file, as light, unless they are `data`.
pub(super) fn in_light(frame: Frame, data: bool, path: &Path, reading: Reading) -> Result<Frame, Problem> {
    let space = match reading {
        Reading::Raw => None,
        Reading::As(space) => Some(space),
        Reading::ByFile if data => return Ok(frame),
        // Chromaticities that tell nothing are kept, and do no harm as long as nobody asks for them.
        Reading::ByFile if interop(&frame.metadata).is_none() => return Ok(frame),
        Reading::ByFile => by_file(
            path,
            &FileColour { samples: frame.stored, tag: tag(Format::Exr, &frame.metadata), ..FileColour::default() },
        )?,
    };
    let light = space.map(Space::light);
    let way = space.and_then(|space| Way::between(space, space.light(), Adaptation::None));
    Ok(match way {
        None => noted(frame, light.map_or(Reading::Raw, Reading::As)),
        Some(way) => {
            let image = colour::transformed(&frame.image, &way).map_err(no_memory(&frame))?;
            noted(Frame { image, ..frame }, light.map_or(Reading::Raw, Reading::As))
        }
    })
}

/// A frame that notes what its light is, where it is light.
pub(super) fn noted(mut frame: Frame, reading: Reading) -> Frame {
    if let Reading::As(space) = reading {
        colour::set_gamut(&mut frame.metadata, space.gamut);
    }
    frame
}

/// A frame as light of the gamut that a still is to have.
pub(super) fn of_gamut(frame: &Frame, writing: Writing) -> Result<Cow<'_, Frame>, Problem> {
    let gamut = match writing {
        Writing::Raw => return Ok(Cow::Borrowed(frame)),
        Writing::As(space) => space.gamut,
        Writing::ByFormat => Gamut::REC709,
    };
    if colour::gamut_of(&frame.metadata).is_none_or(|known| known == gamut) {
        return Ok(Cow::Borrowed(frame));
    }
    Ok(Cow::Owned(colour::in_gamut(frame, gamut, Adaptation::Known).map_err(no_memory(frame))?))
}

/// A frame whose numbers are those that an OpenEXR file is to hold, with metadata that say so.
pub(super) fn encoded(frame: &Frame, writing: Writing) -> Result<Cow<'_, Frame>, Problem> {
    let Writing::As(space) = writing else { return Ok(Cow::Borrowed(frame)) };
    let gamut = colour::gamut_of(&frame.metadata).unwrap_or(Gamut::REC709);
    let from = Space { gamut, ..Space::LINEAR };
    let mut result = frame.clone();
    if let Some(way) = Way::between(from, space, Adaptation::Known) {
        result.image = colour::transformed(&frame.image, &way).map_err(no_memory(frame))?;
    }
    colour::set_gamut(&mut result.metadata, space.gamut);
    match space.known().and_then(|known| known.interop) {
        Some(id) => result.metadata.insert(INTEROP_ID, MetaValue::Text(id.to_owned())),
        None => drop(result.metadata.remove(INTEROP_ID)),
    }
    Ok(Cow::Owned(result))
}

fn no_memory(frame: &Frame) -> impl Fn(ImageError) -> Problem {
    let bytes = frame.image.bytes();
    move |_| Problem::OutOfMemory { bytes }
}

/// What is to be known of the colour of a picture before its pixels are read: `planes` are the channels of the part that
/// are shown.
pub fn of_part(format: Format, part: &PartInfo, planes: [Option<usize>; 4]) -> FileColour {
    let colour = data::colour_of(planes);
    let names: Vec<&str> = colour.iter().map(|index| part.channels[*index].name.as_str()).collect();
    let data = data::is_data(part, planes).then(|| names.join(" "));
    let samples = colour.first().map_or(SampleType::Half, |index| part.channels[*index].sample_type);
    FileColour { samples, movie: format == Format::Movie, tag: tag(format, &part.metadata), data }
}

/// What the header of a file says of colour, in the order in which its words count. Words of another format are history: they
/// came with the pixels from there.
fn tag(format: Format, metadata: &Metadata) -> Option<Tag> {
    match format {
        Format::Png => png(metadata),
        Format::Dpx => dpx(metadata),
        Format::Movie => movie_codes(metadata),
        _ => interop(metadata).or_else(|| chromaticities(metadata)),
    }
}

/// The name of a space, by the Color Interop Forum.
fn interop(metadata: &Metadata) -> Option<Tag> {
    let Some(MetaValue::Text(id)) = metadata.get(INTEROP_ID) else { return None };
    let content = match id.as_str() {
        "" | "unknown" => return None,
        "data" => Ok(Content::Raw),
        id => Space::named(id).map(Content::Colour).ok_or_else(|| "that space is not built in".to_owned()),
    };
    Some(Tag { text: format!("{INTEROP_ID} {id:?}"), content, name: Some(id.clone()) })
}

fn chromaticities(metadata: &Metadata) -> Option<Tag> {
    let Some(MetaValue::Chromaticities(values)) = metadata.get(CHROMATICITIES) else { return None };
    let gamut = Gamut::of_chromaticities(*values);
    let content = gamut.map(|gamut| Content::Colour(Space { gamut, ..Space::LINEAR }));
    let text = match gamut {
        Some(gamut) => format!("chromaticities: {gamut}"),
        None => format!("chromaticities {values:?}"),
    };
    Some(Tag { text, content: content.ok_or_else(|| "no light has these".to_owned()), name: None })
}

/// What the chunks of a PNG say: `cICP` before `sRGB` before `gAMA` and `cHRM`, as the standard has it.
fn png(metadata: &Metadata) -> Option<Tag> {
    if let Some(MetaValue::Text(codes)) = metadata.get(png_colour::CICP) {
        return Some(Tag { text: format!("cICP {codes}"), content: coding(codes).map(Content::Colour), name: None });
    }
    if metadata.get(png_colour::SRGB).is_some() {
        return Some(Tag { text: "sRGB".to_owned(), content: Ok(Content::Colour(Space::SRGB)), name: None });
    }
    let gamma = match metadata.get(png_colour::GAMMA) {
        Some(MetaValue::Float(gamma)) => Some(f64::from(*gamma)),
        _ => None,
    };
    let primaries = match metadata.get(png_colour::PRIMARIES) {
        Some(MetaValue::Chromaticities(values)) => Some(*values),
        _ => None,
    };
    let mut words = Vec::new();
    words.extend(gamma.map(|gamma| format!("gAMA {gamma}")));
    words.extend(primaries.map(|values| format!("cHRM {values:?}")));
    if words.is_empty() {
        return None;
    }
    let space = || {
        let curve = gamma.map_or(Ok(Curve::Srgb), |gamma| power(1.0 / gamma))?;
        let gamut = primaries.map_or(Some(Gamut::REC709), Gamut::of_chromaticities);
        Ok(Content::Colour(Space { curve, gamut: gamut.ok_or("no light has these chromaticities")? }))
    };
    Some(Tag { text: words.join(", "), content: space().map_err(|reason: &str| reason.to_owned()), name: None })
}

/// What the header of a DPX says of the curve of its codes.
fn dpx(metadata: &Metadata) -> Option<Tag> {
    let Some(MetaValue::Text(word)) = metadata.get(still::DPX_TRANSFER) else { return None };
    let content = match word.to_lowercase().as_str() {
        "printing density" | "logarithmic" => Ok(Content::Colour(Space { curve: Curve::Cineon, ..Space::LINEAR })),
        "linear" => Ok(Content::Colour(Space::LINEAR)),
        "z depth linear" | "z depth homogeneous" => Ok(Content::Raw),
        "adx" => Err("that encoding is not built in".to_owned()),
        _ => return None,
    };
    Some(Tag { text: format!("transfer {word:?}"), content, name: None })
}

/// The curve that is undone by a power. Files round it to five digits.
fn power(power: f64) -> Result<Curve, &'static str> {
    let near = |known: f64| (power - known).abs() < 1e-4 * known;
    match power {
        _ if near(1.0) => Ok(Curve::Linear),
        power if (0.1..=10.0).contains(&power) => {
            Ok(Curve::Gamma([1.8, 2.2, 2.4].into_iter().find(|known| near(*known)).unwrap_or(power)))
        }
        _ => Err("a gamma of 0.1 to 10 was expected"),
    }
}

/// What a movie says of its colour. `None` where it says nothing but how it is compressed.
///
/// The camera curve of BT.709 is said of everything that was graded on a display of BT.1886, so that is what it stands for.
fn movie_codes(metadata: &Metadata) -> Option<Tag> {
    let Some(MetaValue::Text(codes)) = metadata.get(movie::CODING) else { return None };
    let numbers = numbers(codes);
    let unsaid = |code: u8| matches!(code, 0 | 2);
    let [primaries, transfer, ..] = numbers[..] else { return None };
    if unsaid(primaries) && unsaid(transfer) {
        return None;
    }
    let or = |code: u8, usual: u8| if unsaid(code) { usual } else { code };
    let space = space_of(or(primaries, 1), or(transfer, 1), Curve::Gamma(2.4));
    let text = format!("primaries {primaries}, transfer {transfer}");
    Some(Tag { text, content: space.map(Content::Colour), name: None })
}

fn numbers(codes: &str) -> Vec<u8> {
    codes.split('/').filter_map(|number| number.parse().ok()).collect()
}

/// The space of coding-independent code points, ITU-T H.273: `primaries/transfer/matrix/range`.
fn coding(codes: &str) -> Result<Space, String> {
    let [primaries, transfer, matrix, range] = numbers(codes)[..] else {
        return Err("four numbers were expected".to_owned());
    };
    if matrix != 0 || range != 1 {
        return Err("red, green and blue in their full range (matrix 0, range 1) were expected".to_owned());
    }
    space_of(primaries, transfer, Curve::Rec709)
}

/// The space of two of them. `camera` is what the camera curve of BT.709 stands for.
fn space_of(primaries: u8, transfer: u8, camera: Curve) -> Result<Space, String> {
    let gamut = match primaries {
        1 => Gamut::REC709,
        5 => Gamut::EBU,
        6 | 7 => Gamut::SMPTE_C,
        9 => Gamut::REC2020,
        12 => Gamut::P3_D65,
        other => return Err(format!("primaries {other} are not built in (1, 5, 6, 7, 9 and 12 are)")),
    };
    let curve = match transfer {
        1 | 6 | 14 | 15 => camera,
        4 => Curve::Gamma(2.2),
        5 => Curve::Gamma(2.8),
        8 => Curve::Linear,
        13 => Curve::Srgb,
        16 => return Err("the curve PQ is not built in".to_owned()),
        18 => return Err("the curve HLG is not built in".to_owned()),
        other => return Err(format!("curve {other} is not built in (1, 4, 5, 6, 8, 13, 14 and 15 are)")),
    };
    Ok(Space { curve, gamut })
}
