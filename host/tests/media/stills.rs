//! Stills: what is written is read again, broken files are refused, and nothing takes more memory than is allowed.

use std::path::Path;

use half::f16;
use playa_host::colour::Colours;
use playa_host::image::{Frame, Image, MetaValue, Rect, SampleType, Samples};
use playa_host::media::{
    ChannelSet, Depth, Endian, Filling, Format, Limits, MissingPixels, Problem, ReadOptions, Reading, TiffCompression,
    WriteOptions, Writing, probe, read, write,
};

use crate::sample::Noise;

const STILLS: [Format; 8] =
    [Format::Png, Format::Jpeg, Format::Tiff, Format::Tga, Format::Hdr, Format::Webp, Format::Bmp, Format::Dpx];

/// Straight colour of 8 bits with every alpha but 0, as the frame that a file of them becomes.
fn codes(width: u32, height: u32) -> Frame {
    let mut noise = Noise::new(11);
    let window = Rect::of_size(width, height);
    let light = |code: u64| {
        let v = code as f64 / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    let pixel = |_| {
        let [r, g, b] = [0; 3].map(|_| light(noise.next() >> 32 & 255));
        let alpha = f64::from((noise.below(255) + 1) as u8) / 255.0;
        [r * alpha, g * alpha, b * alpha, alpha].map(|value| value as f32)
    };
    Frame::new(Image::from_vec(window, (0..window.area()).flat_map(pixel).collect()).unwrap())
}

/// The same with alpha 1.
fn opaque(width: u32, height: u32) -> Frame {
    let frame = codes(width, height);
    let values = frame.image.pixels().iter().flat_map(|[r, g, b, a]| [r / a, g / a, b / a, 1.0]).collect();
    Frame::new(Image::from_vec(frame.data_window(), values).unwrap())
}

fn through(frame: &Frame, name: &str, options: &WriteOptions) -> Frame {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    write(&path, frame, options).unwrap();
    read(&path, &ReadOptions::default()).unwrap()
}

/// The largest difference of two frames of one size.
fn difference(a: &Frame, b: &Frame) -> f32 {
    assert_eq!(a.data_window(), b.data_window());
    let pairs = a.image.values().iter().zip(b.image.values());
    pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

/// Half a code of 8 bits at the steepest place of the curve, where it is 2.4/1.055 = 2.275 in height.
const HALF_A_CODE: f32 = 2.3 / 255.0 / 2.0;

#[test]
fn formats_without_loss_keep_8_bit_codes_and_alpha() {
    let eight = WriteOptions { depth: Some(Depth::Eight), alpha: Some(true), ..Default::default() };
    for name in ["a.png", "a.tif", "a.TIFF", "a.tga", "a.webp", "a.bmp", "a.dpx"] {
        let frame = codes(37, 23);
        let back = through(&frame, name, &eight);
        assert!(difference(&back, &frame) < 2e-7, "{name}: {}", difference(&back, &frame));
        assert_eq!(back.stored, SampleType::Unorm8, "{name}");
    }
    let without = WriteOptions { alpha: Some(false), ..eight };
    for name in ["a.png", "a.tif", "a.tga", "a.webp", "a.bmp", "a.dpx"] {
        let frame = codes(37, 23);
        let back = through(&frame, name, &without);
        let values = frame.image.pixels().iter().flat_map(|[r, g, b, _]| [*r, *g, *b, 1.0]).collect();
        let over_black = Frame::new(Image::from_vec(frame.data_window(), values).unwrap());
        assert!(difference(&back, &over_black) < HALF_A_CODE, "{name}: {}", difference(&back, &over_black));
    }
}

#[test]
fn every_code_of_every_dpx_is_kept() {
    for (depth, bits) in [(Depth::Eight, 8), (Depth::Ten, 10), (Depth::Twelve, 12), (Depth::Sixteen, 16)] {
        let count = 1u32 << bits;
        let light = |code: u32| {
            let v = f64::from(code) / f64::from(count - 1);
            (if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }) as f32
        };
        let pixel = |code| [light(code), light(count - 1 - code), light(code ^ 1), 1.0];
        let window = Rect::of_size(count, 1);
        let frame = Frame::new(Image::from_vec(window, (0..count).flat_map(pixel).collect()).unwrap());
        for filling in Filling::ALL {
            for endian in Endian::ALL {
                for alpha in [true, false] {
                    let options = WriteOptions {
                        depth: Some(depth),
                        filling: Some(filling),
                        endian: Some(endian),
                        alpha: Some(alpha),
                        ..Default::default()
                    };
                    let back = through(&frame, "a.dpx", &options);
                    // A float's rounding of light, which is 1 at most.
                    assert!(difference(&back, &frame) <= 6e-8, "{depth} {filling} {endian} {alpha}");
                }
            }
        }
    }
}

#[test]
fn every_tiff_is_read_as_it_was_written() {
    let mut noise = Noise::new(5);
    let window = Rect::of_size(301, 290);
    let halves: Vec<f32> =
        (0..window.area() * 4).map(|_| f16::from_f32(noise.below(5000) as f32 / 7.0 - 99.0).to_f32()).collect();
    let floats = Frame::new(Image::from_vec(window, halves).unwrap());
    let whole = codes(301, 290);
    for compression in TiffCompression::ALL {
        for (depth, frame, tolerance, stored) in [
            (Depth::Eight, &whole, 2e-7, SampleType::Unorm8),
            (Depth::Sixteen, &whole, 2e-7, SampleType::Unorm16),
            (Depth::Half, &floats, 0.0, SampleType::Half),
            (Depth::Float, &floats, 0.0, SampleType::Float),
        ] {
            let options =
                WriteOptions { depth: Some(depth), tiff_compression: Some(compression), ..Default::default() };
            let back = through(frame, "a.tif", &options);
            assert!(difference(&back, frame) <= tolerance, "{depth} {compression}: {}", difference(&back, frame));
            assert_eq!(back.stored, stored);
        }
    }
}

/// JPEG at its best is off by two codes where nothing is subsampled; a Radiance file has 8 bits beside the exponent of the
/// largest colour, cut.
#[test]
fn formats_with_loss_keep_what_they_promise() {
    let window = Rect::of_size(64, 48);
    let pixels = (0..window.area()).flat_map(|at| {
        let (x, y) = ((at % 64) as f32 / 63.0, (at / 64) as f32 / 47.0);
        [x, y, 0.5, 1.0]
    });
    let smooth = Frame::new(Image::from_vec(window, pixels.collect()).unwrap());
    let best = WriteOptions { quality: Some(100), ..Default::default() };
    let found = difference(&through(&smooth, "a.jpeg", &best), &smooth);
    assert!(found < 8.0 * HALF_A_CODE, "{found}");
    let worst = WriteOptions { quality: Some(5), ..Default::default() };
    assert!(difference(&through(&smooth, "a.jpeg", &worst), &smooth) > 4.0 * found);

    let bright = Frame::new(
        Image::from_vec(
            window,
            smooth.image.pixels().iter().flat_map(|p| [p[0] * 900.0, p[1] * 0.01, p[2], 1.0]).collect(),
        )
        .unwrap(),
    );
    let back = through(&bright, "a.hdr", &WriteOptions::default());
    assert_eq!(back.stored, SampleType::Float);
    for (found, written) in back.image.pixels().iter().zip(bright.image.pixels()) {
        let largest = written[..3].iter().copied().fold(0.0, f32::max);
        for (found, written) in found.iter().zip(written) {
            assert!((found - written).abs() <= largest / 128.0, "{found}, not {written}, of {largest}");
        }
    }
}

#[test]
fn what_a_still_has_no_place_for_is_clamped_or_left_out() {
    let values = vec![-1.0, 2.0, f32::NAN, 1.0, f32::INFINITY, 0.5, 0.0, 0.0];
    let mut frame = Frame::new(Image::from_vec(Rect::of_size(2, 1), values).unwrap());
    frame.display_window = Rect::new(0, 0, 3, 2);
    for format in STILLS {
        let options = WriteOptions { quality: (format == Format::Jpeg).then_some(100), ..Default::default() };
        let back = through(&frame, &format!("a.{}", format.suffix()), &options);
        assert_eq!(back.data_window(), frame.display_window, "{format:?}");
        let [r, g, b, a] = back.image.pixel(0, 0);
        let cut = if format == Format::Hdr { 2.0 } else { 1.0 };
        let near = if format == Format::Jpeg { 0.1 } else { 0.01 };
        assert!(r.abs() < near && (g - cut).abs() < near && b.abs() < near && a == 1.0, "{format:?}: {r} {g} {b} {a}");
    }
}

#[test]
fn what_a_format_cannot_be_written_with_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let frame = opaque(4, 4);
    let reason = |name: &str, options: WriteOptions| {
        let error = write(folder.path().join(name), &frame, &options).unwrap_err();
        assert!(matches!(error.problem, Problem::Unwritable { .. }), "{error}");
        error.problem.to_string()
    };
    let options = WriteOptions::default;
    for (found, expected) in [
        (
            reason("a.bmp", WriteOptions { depth: Some(Depth::Float), ..options() }),
            "a depth of float cannot be written: a .bmp file has 8",
        ),
        (
            reason("a.jpg", WriteOptions { alpha: Some(true), ..options() }),
            "alpha cannot be written: a .jpg file has none: leave it out, or write another format",
        ),
        (
            reason("a.webp", WriteOptions { quality: Some(9), ..options() }),
            "a quality cannot be written: it is no option of a .webp file, which is written without loss",
        ),
        (
            reason("a.jpg", WriteOptions { quality: Some(101), ..options() }),
            "a quality of 101 cannot be written: expected 1 to 100",
        ),
        (
            reason("a.png", WriteOptions { endian: Some(Endian::Big), ..options() }),
            "an order of bytes cannot be written: it is no option of a .png file",
        ),
    ] {
        assert_eq!(found, expected);
    }
    let wide = Frame { display_window: Rect::of_size(20_000, 1), ..frame.clone() };
    let error = write(folder.path().join("a.webp"), &wide, &options()).unwrap_err().to_string();
    assert!(error.ends_with("such a file has 1 to 16384 columns and rows"), "{error}");
}

#[test]
fn metadata_travel_where_there_is_a_place_for_them() {
    let mut frame = opaque(5, 4);
    let icc = MetaValue::Opaque { type_name: "iccProfile".to_owned(), bytes: (0..=200).collect() };
    let text = |text: &str| MetaValue::Text(text.to_owned());
    for (name, value) in [
        ("xDensity", MetaValue::Float(300.0)),
        ("yDensity", MetaValue::Float(300.0)),
        ("iccProfile", icc),
        ("Copyright", text("Ω studio")),
        ("timeCode", MetaValue::TimeCode(0x0102_0304, 7)),
        ("framesPerSecond", MetaValue::Rational(24000, 1001)),
        ("dpx:SlateInfo", text("scene 7")),
        ("dpx:FramePosition", MetaValue::Int(1001)),
        ("dpx:ShutterAngle", MetaValue::Float(172.8)),
    ] {
        frame.metadata.insert(name, value);
    }
    frame.pixel_aspect = 2.0;
    let kept = |name: &str, expected: &[&str]| {
        let back = through(&frame, name, &WriteOptions::default());
        for (key, value) in frame.metadata.iter() {
            let found = back.metadata.get(key);
            assert_eq!(found, expected.contains(&key).then_some(value), "{name}: {key}");
        }
        back
    };
    kept("a.jpg", &["xDensity", "yDensity", "iccProfile"]);
    kept("a.png", &["iccProfile"]);
    kept("a.webp", &["iccProfile"]);
    kept("a.tif", &["xDensity", "yDensity", "iccProfile", "Copyright"]);
    kept("a.tga", &[]);
    let dpx = kept(
        "a.dpx",
        &["Copyright", "timeCode", "framesPerSecond", "dpx:SlateInfo", "dpx:FramePosition", "dpx:ShutterAngle"],
    );
    assert_eq!(dpx.pixel_aspect, 2.0);
    assert_eq!(dpx.metadata.get("dpx:Transfer"), Some(&text("Unspecified video")));
    assert_eq!(dpx.metadata.get("Software"), Some(&text("Playa")));
}

/// Log codes are kept as fractions, linear ones are light, and the rest is video; each is written back as it was.
#[test]
fn the_curve_of_a_dpx_is_the_one_its_header_names() {
    let code = 700.0 / 1023.0;
    let density = |code: f64| 10_f64.powf((code - 685.0) * 0.002 / 0.6);
    let film = ((density(700.0) - density(95.0)) / (1.0 - density(95.0))) as f32;
    let video = ((code + 0.055_f64) / 1.055).powf(2.4) as f32;
    for (word, light) in [
        ("Printing density", film),
        ("Linear", code as f32),
        ("Z depth linear", code as f32),
        ("Logarithmic", film),
        ("ITU-R 709-4", video),
    ] {
        let mut frame = Frame::new(Image::from_vec(Rect::of_size(1, 1), vec![light, light, light, 1.0]).unwrap());
        frame.metadata.insert("dpx:Transfer", MetaValue::Text(word.to_owned()));
        let back = through(&frame, "a.dpx", &WriteOptions::default());
        assert!((back.image.pixel(0, 0)[0] - light).abs() < 3e-7, "{word}: {:?}", back.image.pixel(0, 0));
        assert_eq!(back.metadata.get("dpx:Transfer"), frame.metadata.get("dpx:Transfer"));
    }
    let named = |space: &str| {
        let content = Colours::default().engine.find(space).unwrap();
        WriteOptions { space: Writing::of(&content).unwrap(), ..Default::default() }
    };
    let frame = Frame::new(Image::from_vec(Rect::of_size(1, 1), vec![film, film, film, 1.0]).unwrap());
    for (space, word, value) in [
        ("cineon", "Printing density", film),
        ("linear", "Linear", 1.0),
        ("rec709", "ITU-R 709-4", 1.0),
        ("raw", "User defined", 1.0),
    ] {
        let back = through(&frame, "b.dpx", &named(space));
        assert_eq!(back.metadata.get("dpx:Transfer"), Some(&MetaValue::Text(word.to_owned())));
        assert!((back.image.pixel(0, 0)[0] - value).abs() < 1e-6, "{space}: {:?}", back.image.pixel(0, 0));
    }
}

/// Files of every reader, small enough that a change of any byte matters.
fn small_files() -> Vec<(String, Vec<u8>)> {
    let folder = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    let mut add = |name: String, options: WriteOptions| {
        let path = folder.path().join(&name);
        let frame = if name.starts_with("flat") {
            Frame::new(Image::from_vec(Rect::of_size(40, 9), [0.25, 0.5, 0.75, 1.0].repeat(360)).unwrap())
        } else {
            codes(19, 7)
        };
        write(&path, &frame, &options).unwrap();
        files.push((name, std::fs::read(path).unwrap()));
    };
    for format in STILLS {
        for kind in ["noise", "flat"] {
            add(format!("{kind}.{}", format.suffix()), WriteOptions::default());
        }
    }
    add("deep.png".to_owned(), WriteOptions { depth: Some(Depth::Sixteen), ..Default::default() });
    for compression in TiffCompression::ALL {
        for depth in [Depth::Eight, Depth::Float] {
            let options =
                WriteOptions { depth: Some(depth), tiff_compression: Some(compression), ..Default::default() };
            add(format!("{depth}-{compression}.tif"), options);
        }
    }
    for filling in Filling::ALL {
        for depth in [Depth::Ten, Depth::Twelve] {
            let options = WriteOptions {
                depth: Some(depth),
                filling: Some(filling),
                endian: Some(Endian::Little),
                ..Default::default()
            };
            add(format!("{depth}-{filling}.dpx"), options);
        }
    }
    files
}

/// Small enough that a mistake shows as an error here, and not as a dead machine.
const LIMITED: ReadOptions = ReadOptions {
    part: None,
    view: None,
    channels: None,
    level: 0,
    frame: 0,
    missing: MissingPixels::Error,
    space: Reading::ByFile,
    kept: ChannelSet::All,
    limits: Limits { max_bytes: 16 << 20 },
};

fn read_bytes(path: &Path, bytes: &[u8]) -> Result<Frame, Problem> {
    std::fs::write(path, bytes).unwrap();
    let _whether_it_can_be_told = probe(path);
    read(path, &LIMITED).map_err(|error| error.problem)
}

/// Thousands of broken files: each is an error or a picture within the limit.
#[test]
fn broken_stills_are_errors_or_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let mut noise = Noise::new(3);
    // Those that a decoder gives up on would fill the screen.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let mut pictures = 0;
    for (name, bytes) in small_files() {
        let path = folder.path().join(&name);
        for round in 0..120 {
            let mut broken = bytes.clone();
            // Half the rounds aim at the header, or the list of tags at the end.
            let (start, end) = match (round % 4, name.ends_with("tif")) {
                (0 | 1, true) => (broken.len() - broken.len().min(320), broken.len()),
                (0 | 1, false) => (0, broken.len().min(100)),
                (2, false) => (0, broken.len().min(900)),
                _ => (0, broken.len()),
            };
            for _ in 0..1 + noise.below(4) {
                let at = start + noise.below(end - start);
                broken[at] = match noise.below(4) {
                    0 => 0xff,
                    1 => 0,
                    2 => broken[at] ^ 1 << noise.below(8),
                    _ => noise.next() as u8,
                };
            }
            if let Ok(frame) = read_bytes(&path, &broken) {
                assert!(frame.data_window().area() * 16 <= LIMITED.limits.max_bytes, "{name}");
                pictures += 1;
            }
        }
    }
    std::panic::set_hook(hook);
    assert!(pictures > 100, "most changes of pixels are pictures: {pictures}");
}

#[test]
fn a_still_cut_short_anywhere_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in small_files() {
        let path = folder.path().join(&name);
        read_bytes(&path, &bytes).unwrap();
        // After the pixels of a PNG come 12 bytes, and 4 of a checksum of what has been read; a TIFF ends with the place of
        // its next picture, a WebP may with a byte that fills up.
        let end = match &name[name.len() - 3..] {
            "png" => bytes.len() - 24,
            "tif" => bytes.len() - 4,
            "ebp" => bytes.len() - 1,
            _ => bytes.len(),
        };
        for length in (0..end).step_by(1 + end / 61).chain([end - 1]) {
            assert!(read_bytes(&path, &bytes[..length]).is_err(), "{name} reads with {length} of {}", bytes.len());
        }
    }
}

#[test]
fn a_still_beyond_the_limit_is_refused_by_its_size() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in small_files() {
        let path = folder.path().join(&name);
        std::fs::write(&path, bytes).unwrap();
        let limited = |max_bytes| read(&path, &ReadOptions { limits: Limits { max_bytes }, ..Default::default() });
        let frame = read(&path, &ReadOptions::default()).unwrap().data_window().area() * 16;
        match limited(frame - 1).map_err(|error| error.problem) {
            Err(Problem::TooLarge { bytes, limit }) => assert!(bytes >= frame && limit == frame - 1, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        assert!(limited(16 << 20).is_ok(), "{name}");
    }
}

/// Whatever the name says, the first bytes count; a TGA has none of its own and must be called one.
#[test]
fn a_file_is_what_it_begins_with() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in small_files() {
        let path = folder.path().join("disguised.exr");
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(read(&path, &ReadOptions::default()).is_ok(), !name.ends_with("tga"), "{name}");
    }
    let path = folder.path().join("text.tga");
    std::fs::write(&path, "not a picture, but some text").unwrap();
    let error = read(&path, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error.problem, Problem::UnknownFormat { .. }), "{error}");
}

/// A TIFF by hand: RGB and a sample that ExtraSamples calls unspecified, which is no alpha.
#[test]
fn a_sample_that_is_neither_colour_nor_alpha_is_a_channel() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tif");
    let options = WriteOptions { depth: Some(Depth::Eight), ..Default::default() };
    write(&path, &codes(6, 5), &options).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let tag = [338u16.to_le_bytes(), 3u16.to_le_bytes(), 1u16.to_le_bytes(), 0u16.to_le_bytes()].concat();
    let at = bytes.windows(8).position(|window| window == tag).unwrap() + 8;
    assert_eq!(bytes[at], 2, "straight alpha");
    let with = |bytes: &mut [u8], kind: u8| {
        bytes[at] = kind;
        std::fs::write(&path, &*bytes).unwrap();
        read(&path, &ReadOptions::default()).unwrap()
    };
    let straight = with(&mut bytes, 2);
    let none = with(&mut bytes, 0);
    assert!(none.image.pixels().iter().all(|pixel| pixel[3] == 1.0));
    let Some(Samples::F32(samples)) = none.channel("channel3").map(|channel| &channel.samples) else { panic!("kept") };
    for ((sample, straight), opaque) in samples.iter().zip(straight.image.pixels()).zip(none.image.pixels()) {
        assert_eq!(*sample, straight[3]);
        assert!((opaque[0] * sample - straight[0]).abs() < 1e-7);
    }
    let premultiplied = with(&mut bytes, 1);
    assert!(premultiplied.channels.is_empty());
    assert_eq!(premultiplied.image.pixels()[3][3], straight.image.pixels()[3][3]);
    assert!(premultiplied.image.pixels()[3] != straight.image.pixels()[3]);
}
