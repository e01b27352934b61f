//! What files say of their colour, and the spaces they are read and written in.

use std::path::{Path, PathBuf};

use image::{ImageBuffer, Rgba};
use playa_host::colour::{Colours, Content, Curve, Gamut, Space, gamut_of};
use playa_host::image::{Frame, Image, MetaValue, Rect};
use playa_host::media::{ColourType, Format, ReadOptions, Reading, WriteOptions, Writing, colour, probe, read, write};

/// A PNG of one pixel with these chunks before its pixels.
fn png(folder: &Path, chunks: &[(&[u8; 4], &[u8])]) -> PathBuf {
    let path = folder.join("tagged.png");
    ImageBuffer::from_pixel(1, 1, Rgba([32768u16, 16384, 8192, 65535])).save(&path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let (head, rest) = bytes.split_at(8 + 25);
    let mut tagged = head.to_vec();
    for (kind, content) in chunks {
        let body = [kind.as_slice(), content].concat();
        tagged.extend((content.len() as u32).to_be_bytes());
        tagged.extend(&body);
        tagged.extend(crc(&body).to_be_bytes());
    }
    tagged.extend(rest);
    std::fs::write(&path, tagged).unwrap();
    path
}

/// CRC-32 as PNG has it (annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 })
    })
}

fn hundred_thousandths(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// The space that the file alone is said to be in, and its pixel.
fn told(path: &Path) -> (String, [f32; 4], Frame) {
    let info = probe(path).unwrap();
    let file = colour::of_part(info.format, &info.parts[0], info.select(None, None, None).unwrap().planes);
    let decided = Colours::default().decide(path, &file, "").unwrap();
    let frame = read(path, &ReadOptions::default()).unwrap();
    (decided.word.content.to_string(), frame.image.pixel(0, 0), frame)
}

#[test]
fn the_chunks_of_a_png_say_its_curve_and_gamut() {
    let folder = tempfile::tempdir().unwrap();
    let code = 32768.0 / 65535.0;
    let p3 = hundred_thousandths(&[31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000]);
    type Chunks<'a> = &'a [(&'a [u8; 4], &'a [u8])];
    let cases: [(Chunks<'_>, &str, Curve, Gamut); 8] = [
        (&[], "srgb", Curve::Srgb, Gamut::REC709),
        (&[(b"sRGB", &[0]), (b"gAMA", &hundred_thousandths(&[100_000]))], "srgb", Curve::Srgb, Gamut::REC709),
        (&[(b"gAMA", &hundred_thousandths(&[45455]))], "gamma22", Curve::Gamma(2.2), Gamut::REC709),
        (&[(b"gAMA", &hundred_thousandths(&[100_000]))], "linear", Curve::Linear, Gamut::REC709),
        (&[(b"cHRM", &p3)], "display-p3", Curve::Srgb, Gamut::P3_D65),
        (&[(b"cICP", &[12, 13, 0, 1]), (b"sRGB", &[0])], "display-p3", Curve::Srgb, Gamut::P3_D65),
        (&[(b"cICP", &[9, 8, 0, 1])], "lin_rec2020", Curve::Linear, Gamut::REC2020),
        (&[(b"iCCP", b"sRGB built-in\0\0\x78\x9c\x03\0\0\0\0\x01")], "srgb", Curve::Srgb, Gamut::REC709),
    ];
    for (chunks, name, curve, gamut) in cases {
        let (found, pixel, frame) = told(&png(folder.path(), chunks));
        assert_eq!(found, name);
        assert_eq!(pixel[0], curve.decode(code) as f32, "{name}");
        assert_eq!(gamut_of(&frame.metadata), Some(gamut), "{name}");
        assert_eq!(frame.metadata.get("chromaticities").is_some(), gamut != Gamut::REC709);
    }
}

#[test]
fn what_a_png_says_and_is_not_understood_is_an_error_that_tells_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let cases: [(&[u8; 4], &[u8], &str); 4] = [
        (b"cICP", &[9, 16, 0, 1], "PQ"),
        (b"cICP", &[1, 13, 1, 1], "matrix 0"),
        (b"gAMA", &[0; 4], "gamma of 0.1 to 10"),
        (b"cHRM", &[0; 32], "no light"),
    ];
    for (kind, content, why) in cases {
        let path = png(folder.path(), &[(kind, content)]);
        let error = read(&path, &ReadOptions::default()).expect_err("it is not understood").to_string();
        // Some of these chunks are no PNG for its decoder either, which is another error.
        let refused = error.ends_with("invalid data");
        for part in [&path.display().to_string(), std::str::from_utf8(kind).unwrap(), why, "colour_space"] {
            assert!(error.contains(part) || refused && error.starts_with(&path.display().to_string()), "{error}");
        }
        assert!(!refused || why != "PQ", "{error}");
        let options = ReadOptions { space: Reading::As(Space::SRGB), ..ReadOptions::default() };
        match read(&path, &options) {
            Ok(frame) => assert_eq!(frame.image.pixel(0, 0)[3], 1.0),
            Err(error) => assert!(refused && !error.to_string().contains("colour_space"), "{error}"),
        }
    }
}

/// Chunks that end early, that claim to be huge, and none at all.
#[test]
fn damaged_chunks_are_left_to_the_decoder() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(png(folder.path(), &[(b"gAMA", &hundred_thousandths(&[45455]))])).unwrap();
    for length in 0..whole.len() {
        let path = folder.path().join("cut.png");
        std::fs::write(&path, &whole[..length]).unwrap();
        assert!(probe(&path).is_err() || length > 40);
        drop(read(&path, &ReadOptions::default()));
        let mut odd = whole.clone();
        odd[length] ^= 0xff;
        std::fs::write(&path, odd).unwrap();
        drop(read(&path, &ReadOptions::default()));
    }
}

fn ramp() -> Frame {
    let values = (0..64).flat_map(|n| [n as f32 / 8.0 - 0.5, n as f32 / 16.0, 0.18, 1.0]).collect();
    Frame::new(Image::from_vec(Rect::of_size(64, 1), values).unwrap())
}

fn assert_near(found: &Image, expected: &Image, error: f32) {
    for (found, expected) in found.values().iter().zip(expected.values()) {
        assert!((found - expected).abs() <= error * expected.abs().max(1.0), "{found}, not {expected}");
    }
}

#[test]
fn a_float_file_in_any_space_says_so_and_comes_back_as_the_same_light() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ramp.exr");
    for name in ["acescg", "aces2065-1", "xyz-d65", "lin_rec2020", "srgb", "gamma22", "linear"] {
        let space = Space::named(name).unwrap();
        let options = WriteOptions { space: Writing::As(space), colour: ColourType::Float, ..WriteOptions::default() };
        write(&path, &ramp(), &options).unwrap();
        let (found, _, frame) = told(&path);
        assert_eq!(found, name);
        assert_eq!(gamut_of(&frame.metadata).map(|gamut| gamut.primaries), Some(space.gamut.primaries));
        let back = playa_host::colour::in_gamut(&frame, Gamut::REC709, Default::default()).unwrap();
        assert_near(&back.image, &ramp().image, 1e-5);
        assert_eq!(back.metadata.get("chromaticities"), None);
        let raw = read(&path, &ReadOptions { space: Reading::Raw, ..ReadOptions::default() }).unwrap();
        assert!(raw.metadata.get("colorInteropID").is_some());
    }
}

#[test]
fn light_of_another_gamut_is_shown_and_written_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let ap1 = playa_host::colour::in_gamut(&ramp(), Gamut::AP1, Default::default()).unwrap();
    assert!(matches!(ap1.metadata.get("chromaticities"), Some(MetaValue::Chromaticities(_))));
    let [first, second] = [("a.png", &ramp()), ("b.png", &ap1)].map(|(name, frame)| {
        let path = folder.path().join(name);
        write(&path, frame, &WriteOptions::default()).unwrap();
        image::open(&path).unwrap().into_rgba8()
    });
    for (a, b) in first.iter().zip(second.iter()) {
        assert!(a.abs_diff(*b) <= 1, "{a}, {b}");
    }
}

#[test]
fn channels_that_are_no_colour_are_raw() {
    use playa_host::image::{Channel, Samples};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aovs.exr");
    let samples = || Samples::F32(vec![0.5; 64].into());
    let channel = |name: &str| Channel { name: name.to_owned(), samples: samples() };
    let ids = Channel { name: "object.R".to_owned(), samples: Samples::U32(vec![7; 64].into()) };
    let names = ["N.R", "N.G", "N.B", "diffuse.R", "crypto_object00.R", "depth.Z", "motion.Y"];
    let channels = names.into_iter().map(channel).chain([ids]).collect();
    write(&path, &Frame { channels, ..ramp() }, &WriteOptions::default()).unwrap();
    let info = probe(&path).unwrap();
    let told = |layer: Option<&str>| {
        let channels = layer.map(|layer| layer.parse().unwrap());
        let planes = info.select(None, None, channels.as_ref()).unwrap().planes;
        let file = colour::of_part(Format::Exr, &info.parts[0], planes);
        let decided = Colours::default().decide(&path, &file, "").unwrap();
        (file.data.is_some(), decided.word.content == Content::Raw)
    };
    assert_eq!(told(None), (false, false));
    assert_eq!(told(Some("diffuse")), (false, false));
    for layer in ["N", "crypto_object00", "depth", "motion", "object"] {
        assert_eq!(told(Some(layer)), (true, true), "{layer}");
    }
}
