//! PNG: the sRGB rule, both ways.

use std::path::Path;

use image::{GrayAlphaImage, GrayImage, ImageBuffer, Luma, LumaA, Rgba, RgbaImage};
use playa_host::colour::Space;
use playa_host::image::{Frame, Image, Rect, SampleType};
use playa_host::media::{Depth, ReadOptions, Reading, WriteOptions, probe, read, write};

/// IEC 61966-2-1, in the words of the standard.
fn linear(encoded: f64) -> f64 {
    if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
}

fn pixel(frame: &Frame, x: i32) -> [f32; 4] {
    frame.image.pixel(x, 0)
}

fn assert_near(found: [f32; 4], expected: [f64; 4]) {
    for (found, expected) in found.into_iter().zip(expected) {
        // Two rounded factors and a rounded product: three times 2^-24.
        assert!((f64::from(found) - expected).abs() <= expected.abs() * 1.8e-7, "{found}, expected {expected}");
    }
}

fn open(path: &Path) -> Frame {
    read(path, &ReadOptions::default()).unwrap()
}

#[test]
fn every_code_of_both_depths_is_decoded_by_the_formula_and_written_back_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first.png", "second.png"].map(|name| folder.path().join(name));

    let codes = RgbaImage::from_fn(256, 1, |x, _| Rgba([x as u8, 255 - x as u8, 7, 255]));
    codes.save(&first).unwrap();
    let frame = open(&first);
    assert_eq!(frame.stored, SampleType::Unorm8);
    for x in 0..256 {
        let value = |code: i32| linear(f64::from(code) / 255.0);
        assert_near(pixel(&frame, x), [value(x), value(255 - x), value(7), 1.0]);
    }
    write(&second, &frame, &WriteOptions::default()).unwrap();
    assert!(image::open(&second).unwrap().into_rgba8() == codes);

    let codes = ImageBuffer::from_fn(65536, 1, |x, _| Rgba([x as u16, 0, 65535 - x as u16, 65535u16]));
    codes.save(&first).unwrap();
    let frame = open(&first);
    assert_eq!(frame.stored, SampleType::Unorm16);
    for x in 0..65536 {
        let value = |code: i32| linear(f64::from(code) / 65535.0);
        assert_near(pixel(&frame, x), [value(x), 0.0, value(65535 - x), 1.0]);
    }
    write(&second, &frame, &WriteOptions { depth: Some(Depth::Sixteen), ..Default::default() }).unwrap();
    assert!(image::open(&second).unwrap().into_rgba16() == codes);
}

#[test]
fn colour_is_premultiplied_after_it_is_decoded_and_divided_before_it_is_encoded() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first.png", "second.png"].map(|name| folder.path().join(name));
    let codes = RgbaImage::from_fn(256, 1, |x, _| Rgba([188, 20, 255, x as u8]));
    codes.save(&first).unwrap();
    let frame = open(&first);
    for x in 0..256 {
        let alpha = f64::from(x) / 255.0;
        let value = |code: f64| linear(code / 255.0) * alpha;
        assert_near(pixel(&frame, x), [value(188.0), value(20.0), value(255.0), alpha]);
    }
    write(&second, &frame, &WriteOptions::default()).unwrap();
    let back = image::open(&second).unwrap().into_rgba8();
    // Nothing is left of the colour where alpha is 0.
    let expected = RgbaImage::from_fn(256, 1, |x, _| if x == 0 { Rgba([0; 4]) } else { *codes.get_pixel(x, 0) });
    assert!(back == expected);
}

#[test]
fn grey_is_spread_over_the_colours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("grey.png");
    GrayImage::from_pixel(1, 1, Luma([188])).save(&path).unwrap();
    let value = linear(188.0 / 255.0);
    assert_near(pixel(&open(&path), 0), [value, value, value, 1.0]);
    assert_eq!(probe(&path).unwrap().parts[0].channels[0].name, "Y");
    GrayAlphaImage::from_pixel(1, 1, LumaA([188, 51])).save(&path).unwrap();
    assert_near(pixel(&open(&path), 0), [value * 0.2, value * 0.2, value * 0.2, 0.2]);
}

/// Three pixels of a palette: red, half covered (0, 188, 0), nothing. A gAMA chunk says that they are linear.
const PALETTE_WITH_GAMMA: [u8; 119] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x03, 0x00, 0x00, 0x00, 0x01, 0x02, 0x03, 0x00, 0x00, 0x00, 0x66, 0x8e, 0xfc, 0x27, 0x00, 0x00, 0x00, 0x04, 0x67,
    0x41, 0x4d, 0x41, 0x00, 0x01, 0x86, 0xa0, 0x31, 0xe8, 0x96, 0x5f, 0x00, 0x00, 0x00, 0x09, 0x50, 0x4c, 0x54, 0x45,
    0xff, 0x00, 0x00, 0x00, 0xbc, 0x00, 0x0a, 0x14, 0x1e, 0xc6, 0x2d, 0x6f, 0x7e, 0x00, 0x00, 0x00, 0x03, 0x74, 0x52,
    0x4e, 0x53, 0xff, 0x80, 0x00, 0x7f, 0x6d, 0x68, 0x78, 0x00, 0x00, 0x00, 0x0a, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c,
    0x63, 0x90, 0x00, 0x00, 0x00, 0x1a, 0x00, 0x19, 0x2d, 0x88, 0xf4, 0x36, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e,
    0x44, 0xae, 0x42, 0x60, 0x82,
];

#[test]
fn a_palette_is_looked_up_and_gamma_counts_unless_the_reader_knows_better() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("palette.png");
    std::fs::write(&path, PALETTE_WITH_GAMMA).unwrap();
    let (code, alpha) = (188.0 / 255.0, 128.0 / 255.0);
    for (space, light) in [(Reading::ByFile, code), (Reading::Raw, code), (Reading::As(Space::SRGB), linear(code))] {
        let frame = read(&path, &ReadOptions { space, ..ReadOptions::default() }).unwrap();
        assert_near(pixel(&frame, 0), [1.0, 0.0, 0.0, 1.0]);
        assert_near(pixel(&frame, 1), [0.0, light * alpha, 0.0, alpha]);
        assert_near(pixel(&frame, 2), [0.0; 4]);
    }
}

#[test]
fn the_display_window_is_written_and_values_are_clamped_and_rounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("frame.png");
    let values = vec![
        9.0,
        9.0,
        9.0,
        1.0, // left of the frame
        -0.5,
        1.5,
        f32::NAN,
        1.0, // clamped; NaN is 0
        0.5 / 255.0 / 12.92,
        0.49 / 255.0 / 12.92,
        0.25,
        2.0, // half a code rounds up; alpha is clamped
        0.5,
        1.0,
        2.0,
        0.0, // colour without alpha stays as it is
    ];
    let mut frame = Frame::new(Image::from_vec(Rect::new(-1, 1, 3, 2), values).unwrap());
    frame.display_window = Rect::new(0, 0, 4, 3);
    frame.image = {
        let mut values = frame.image.values().to_vec();
        // With alpha 2 the colour is halved first.
        values[8..11].iter_mut().for_each(|value| *value *= 2.0);
        Image::from_vec(frame.data_window(), values).unwrap()
    };
    write(&path, &frame, &WriteOptions::default()).unwrap();
    let back = image::open(&path).unwrap().into_rgba8();
    let code = |value: f64| ((1.055 * value.powf(1.0 / 2.4) - 0.055) * 255.0 + 0.5) as u8;
    let expected = [[0, 255, 0, 255], [1, 0, code(0.25), 255], [code(0.5), 255, 255, 0], [0; 4]];
    for (x, y, found) in back.enumerate_pixels() {
        let expected = if y == 1 { expected[x as usize] } else { [0; 4] };
        assert_eq!(found.0, expected, "at {x}, {y}");
    }
    assert_eq!((back.width(), back.height()), (4, 3));
}
