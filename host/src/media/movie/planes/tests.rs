use super::super::{PlaneOptions, encode_planes};
use super::*;
use crate::colour::Space;
use crate::image::Frame;

const LIMITED: Coding = Coding { primaries: 1, transfer: 1, matrix: 1, full_range: Some(false) };

/// Codes without a pattern.
fn noise(count: usize, bits: u32, seed: u32) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut codes = Vec::new();
    for _ in 0..count {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let code = (state >> 8) & ((1 << bits) - 1);
        codes.extend_from_slice(&code.to_le_bytes()[..if bits > 8 { 2 } else { 1 }]);
    }
    codes
}

/// A code of a tight plane.
fn code(plane: &[u8], bits: u32, width: usize, x: usize, y: usize) -> f64 {
    match bits > 8 {
        false => f64::from(plane[y * width + x]),
        true => f64::from(u16::from_le_bytes([plane[2 * (y * width + x)], plane[2 * (y * width + x) + 1]])),
    }
}

/// The place of the sample in units of samples, by the definition.
fn position(at: usize, by: usize, centred: bool) -> f64 {
    if centred { (at as f64 + 0.5) / by as f64 - 0.5 } else { at as f64 / by as f64 }
}

/// Linear interpolation over the two samples on either side, the last ones repeated.
fn between(at: f64, count: usize) -> [(usize, f64); 2] {
    let low = at.floor();
    let clamp = |at: f64| at.clamp(0.0, (count - 1) as f64) as usize;
    [(clamp(low), 1.0 - (at - low)), (clamp(low + 1.0), at - low)]
}

#[test]
fn codes_become_the_numbers_of_the_standard_whatever_their_bits_sampling_and_size() {
    for bits in [8, 10, 12, 16] {
        for sampling in [[1, 1], [2, 1], [2, 2], [4, 1], [1, 2]] {
            for (size, centred, full, matrix) in [
                ([2500, 3], false, false, 1),
                ([7, 5], true, false, 6),
                ([1, 1], true, true, 9),
                ([1025, 4], false, true, 7),
                ([2049, 1], true, false, 4),
            ] {
                let [width, height]: [usize; 2] = size;
                let [cw, ch] = [width.div_ceil(sampling[0]), height.div_ceil(sampling[1])];
                let planes = [noise(width * height, bits, 1), noise(cw * ch, bits, 2), noise(cw * ch, bits, 3)];
                let bytes = if bits > 8 { 2 } else { 1 };
                let component = |(plane, width): (usize, usize)| Component {
                    bytes: &planes[plane],
                    stride: width * bytes,
                    step: bytes,
                    start: 0,
                    shift: 0,
                };
                let coding = Coding { matrix, full_range: Some(full), ..LIMITED };
                let lent = Planes {
                    size,
                    rotation: 0,
                    model: Model::Ycc,
                    components: [(0, width), (1, cw), (2, cw)].map(component).to_vec(),
                    alpha: false,
                    bits,
                    sampling,
                    centred,
                    coding,
                };
                let image = lent.image(Curve::Linear).expect("it is sound");
                let [kr, kb] = coding.shares().expect("it is known");
                let (unit, most) = (f64::from(1_u32 << (bits - 8)), f64::from((1_u32 << bits) - 1));
                for y in 0..height {
                    for x in 0..width {
                        let luma = code(&planes[0], bits, width, x, y);
                        let luma = if full { luma / most } else { (luma / unit - 16.0) / 219.0 };
                        let [cb, cr] = [1, 2].map(|plane| {
                            let rows = between(position(y, sampling[1], true), ch);
                            let columns = between(position(x, sampling[0], centred), cw);
                            let pairs = rows.iter().flat_map(|row| columns.iter().map(move |column| (row, column)));
                            let terms = pairs.map(|(&(row, by), &(column, of))| {
                                code(&planes[plane], bits, cw, column, row) * by * of
                            });
                            let sum: f64 = terms.sum();
                            if full { (sum - 128.0 * unit) / most } else { (sum / unit - 128.0) / 224.0 }
                        });
                        let (r, b) = (luma + 2.0 * (1.0 - kr) * cr, luma + 2.0 * (1.0 - kb) * cb);
                        let g = (luma - kr * r - kb * b) / (1.0 - kr - kb);
                        let found = image.pixel(x as i32, y as i32);
                        for (found, exact) in found.into_iter().zip([r, g, b, 1.0]) {
                            assert!(
                                (f64::from(found) - exact).abs() < 2e-6,
                                "{bits} bits, {sampling:?}, {size:?} at {x}, {y}: {found}, expected {exact}"
                            );
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn codes_lie_at_any_step_and_above_any_bits_and_alpha_is_straight() {
    // Two pixels of B, G, R, A.
    let bytes = [0, 51, 102, 255, 255, 204, 153, 51];
    let component = |start| Component { bytes: &bytes, stride: 8, step: 4, start, shift: 0 };
    let planes = Planes {
        size: [2, 1],
        rotation: 0,
        model: Model::Rgb,
        components: [2, 1, 0, 3].map(component).to_vec(),
        alpha: true,
        bits: 8,
        sampling: [1, 1],
        centred: false,
        coding: Coding { primaries: 2, transfer: 2, matrix: 0, full_range: None },
    };
    let image = planes.image(Curve::Linear).expect("it is sound");
    let near = |found: [f32; 4], expected: [f32; 4]| {
        found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6)
    };
    assert!(near(image.pixel(0, 0), [0.4, 0.2, 0.0, 1.0]), "{:?}", image.pixel(0, 0));
    assert!(near(image.pixel(1, 0), [0.12, 0.16, 0.2, 0.2]), "{:?}", image.pixel(1, 0));
    let words = [0x40_u8, 0x00, 0x00, 0xeb];
    let grey = Planes {
        model: Model::Grey,
        components: vec![Component { bytes: &words, stride: 4, step: 2, start: 0, shift: 6 }],
        alpha: false,
        bits: 10,
        coding: LIMITED,
        ..planes.clone()
    };
    let image = grey.image(Curve::Linear).expect("it is sound");
    assert!(near(image.pixel(0, 0), [-63.0 / 876.0, -63.0 / 876.0, -63.0 / 876.0, 1.0]));
    assert!(near(image.pixel(1, 0), [1.0; 4]), "235 of 8 bits is white");
    for turned in [90, 180, 270] {
        let image = Planes { rotation: turned, ..planes.clone() }.image(Curve::Linear).expect("it is sound");
        let first = if turned == 90 { [0.4, 0.2, 0.0, 1.0] } else { [0.12, 0.16, 0.2, 0.2] };
        assert!(near(image.pixel(0, 0), first), "{turned}");
        assert_eq!(image.window(), if turned == 180 { Rect::of_size(2, 1) } else { Rect::of_size(1, 2) });
    }
}

#[test]
fn planes_that_do_not_lie_in_their_memory_or_mean_nothing_are_refused() {
    let bytes = [16_u8; 12];
    let component = |stride| Component { bytes: &bytes, stride, step: 1, start: 0, shift: 0 };
    let sound = Planes {
        size: [4, 3],
        rotation: 0,
        model: Model::Grey,
        components: vec![component(4)],
        alpha: false,
        bits: 8,
        sampling: [1, 1],
        centred: false,
        coding: LIMITED,
    };
    assert!(sound.is_sound());
    let chroma = Planes { model: Model::Ycc, components: vec![component(4); 3], ..sound.clone() };
    assert!(chroma.is_sound());
    for bad in [
        Planes { components: vec![component(5)], ..sound.clone() },
        Planes { components: vec![component(usize::MAX)], ..sound.clone() },
        Planes { components: vec![Component { start: 1, ..component(4) }], ..sound.clone() },
        Planes { components: vec![Component { step: 0, ..component(4) }], ..sound.clone() },
        Planes { components: vec![Component { shift: 9, ..component(4) }], ..sound.clone() },
        Planes { components: Vec::new(), ..sound.clone() },
        Planes { alpha: true, ..sound.clone() },
        Planes { bits: 7, ..sound.clone() },
        Planes { bits: 10, ..sound.clone() },
        Planes { bits: 17, ..sound.clone() },
        Planes { size: [0, 3], ..sound.clone() },
        Planes { size: [4, 4], ..sound.clone() },
        Planes { sampling: [3, 1], ..sound.clone() },
        Planes { coding: Coding { matrix: 10, ..LIMITED }, ..chroma },
    ] {
        let error = bad.image(Curve::Linear).expect_err("it is not sound");
        assert!(error.to_string().contains("its decoder gave a picture"), "{error}");
    }
}

/// What is not said counts as usual: by rows, and by what codes are.
#[test]
fn what_nobody_says_is_taken_as_usual() {
    let unsaid = Coding { primaries: 2, transfer: 2, matrix: 2, full_range: None };
    assert_eq!(unsaid.for_picture(Model::Ycc, 720), Coding { matrix: 1, full_range: Some(false), ..unsaid });
    assert_eq!(unsaid.for_picture(Model::Ycc, 719), Coding { matrix: 6, full_range: Some(false), ..unsaid });
    assert_eq!(unsaid.for_picture(Model::Rgb, 720).full_range, Some(true));
    let said = Coding { matrix: 9, full_range: Some(true), ..unsaid };
    assert_eq!(said.for_picture(Model::Ycc, 480), said);
}

#[test]
fn what_is_encoded_is_decoded_to_the_nearest_code() {
    let size = [9, 5];
    let window = Rect::of_size(9, 5);
    let pixel = |x: usize, y: usize| {
        let alpha = 0.25 + (x + y) as f32 / 24.0;
        [0.1 + 0.08 * x as f32, 0.2 + 0.1 * y as f32, 0.5, 1.0].map(|straight| straight * alpha)
    };
    let mut image = Image::unpainted(window).expect("there is memory");
    let pixels = image.values_mut().expect("it is not shared").as_chunks_mut::<4>().0;
    for (at, out) in pixels.iter_mut().enumerate() {
        *out = pixel(at % 9, at / 9);
    }
    let frame = Frame::new(image);
    for (bits, alpha, full_range) in [(12, true, false), (10, false, false), (16, true, true), (8, false, true)] {
        let coding = Coding { full_range: Some(full_range), ..LIMITED };
        let options = PlaneOptions { size, space: Space::BT1886, coding, bits, sampling: [1, 1], alpha };
        let planes = encode_planes(&frame, &options).expect("it can be encoded");
        assert_eq!(planes.len(), if alpha { 4 } else { 3 });
        let bytes: Vec<Vec<u8>> = planes
            .iter()
            .map(|plane| {
                plane.iter().flat_map(|code| code.to_le_bytes()[..1 + usize::from(bits > 8)].to_vec()).collect()
            })
            .collect();
        let step = 1 + usize::from(bits > 8);
        let components =
            bytes.iter().map(|bytes| Component { bytes, stride: 9 * step, step, start: 0, shift: 0 }).collect();
        let lent = Planes {
            size,
            rotation: 0,
            model: Model::Ycc,
            components,
            alpha,
            bits,
            sampling: [1, 1],
            centred: false,
            coding,
        };
        let back = lent.image(Space::BT1886.curve).expect("it is sound");
        // A code of brightness and one of a difference, and the slope of gamma 2.4 at 1.
        let tolerance = 3.0 * 2.4 / f32::from(2_u16.pow(bits - 1));
        for y in 0..5 {
            for x in 0..9 {
                let [r, g, b, a] = pixel(x, y);
                let expected = if alpha { [r, g, b, a] } else { [r, g, b, 1.0] };
                for (found, expected) in back.pixel(x as i32, y as i32).into_iter().zip(expected) {
                    assert!((found - expected).abs() < tolerance, "{bits} bits at {x}, {y}: {found}, {expected}");
                }
            }
        }
    }
}

#[test]
fn fewer_samples_of_colour_are_means_of_their_neighbours_and_what_is_too_small_is_continued() {
    // Red to the left, blue to the right, so that differences of colour have a step.
    let mut image = Image::unpainted(Rect::new(-1, 2, 4, 5)).expect("there is memory");
    let pixels = image.values_mut().expect("it is not shared").as_chunks_mut::<4>().0;
    for (at, out) in pixels.iter_mut().enumerate() {
        *out = if at % 5 < 2 { [1.0, 0.0, 0.0, 1.0] } else { [0.0, 0.0, f32::NAN, 1.0] };
    }
    let frame = Frame::new(image);
    let space = Space::LINEAR;
    let whole = PlaneOptions { size: [6, 4], space, coding: LIMITED, bits: 8, sampling: [1, 1], alpha: false };
    let full = encode_planes(&frame, &whole).expect("it can be encoded");
    let small = encode_planes(&frame, &PlaneOptions { sampling: [2, 2], ..whole }).expect("it can be encoded");
    assert_eq!(full[0], small[0]);
    assert_eq!([full[1].len(), small[1].len()], [24, 6]);
    // The last column and the last row are there twice.
    assert!(full[0].chunks(6).all(|row| row[4] == row[5]) && full[0][12..18] == full[0][18..24]);
    // Rec.709 red is 63, 102, 240 in 8 bits, and NaN counts as 0.
    assert_eq!([full[0][0], full[1][0], full[2][0]], [63, 102, 240]);
    assert_eq!([full[0][3], full[1][3], full[2][3]], [16, 128, 128]);
    // Columns 0, 2 and 4, of neighbours 1, 2, 1: red, a quarter of red, black.
    assert_eq!(small[2][..3], [240, 156, 128]);
    assert_eq!(small[2][..3], small[2][3..]);
    for bad in [
        PlaneOptions { size: [0, 4], ..whole },
        PlaneOptions { bits: 7, ..whole },
        PlaneOptions { sampling: [4, 1], ..whole },
        PlaneOptions { coding: Coding { matrix: 10, ..LIMITED }, ..whole },
    ] {
        assert!(encode_planes(&frame, &bad).is_err());
    }
}
