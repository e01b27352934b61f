//! Every mode against its formula on straight colours in f64, over whole images of noise, at every instruction set.

mod law;

use law::law;
use playa_plugin_api::simd;

use super::{BlendMode, blend_row, show_row};
use crate::image::Pixel;

/// An odd number of pixels, so that every width of vectors leaves a rest.
const PIXELS: usize = 61 * 43;

/// What colours an image has, straight and before its alpha.
#[derive(Clone, Copy, Debug)]
enum Range {
    /// 0..1, and its ends.
    Ldr,
    /// From a little below 0 up to 50, most of them small.
    Hdr,
}

/// What alphas it has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cover {
    /// 1.
    Opaque,
    /// 0 everywhere, and black.
    Clear,
    /// From 0 to 1, both included.
    Mixed,
}

/// Numbers within 0..1.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 24) as f32
    }

    fn image(seed: u32, range: Range, cover: Cover) -> Vec<Pixel> {
        let mut noise = Self(seed);
        (0..PIXELS).map(|_| noise.pixel(range, cover)).collect()
    }

    fn pixel(&mut self, range: Range, cover: Cover) -> Pixel {
        let alpha = match cover {
            Cover::Opaque => 1.0,
            Cover::Clear => 0.0,
            Cover::Mixed => (self.next() * 1.4 - 0.2).clamp(0.0, 1.0),
        };
        let mut colour = || match range {
            Range::Ldr => (self.next() * 1.2 - 0.1).clamp(0.0, 1.0),
            Range::Hdr if self.next() < 0.3 => self.next() * 50.0,
            Range::Hdr => self.next() * 3.0 - 0.5,
        };
        [colour() * alpha, colour() * alpha, colour() * alpha, alpha]
    }
}

fn blended(mode: BlendMode, backdrop: &[Pixel], layer: &[Pixel], opacity: f32) -> Vec<Pixel> {
    let mut output = backdrop.to_vec();
    simd::dispatch(
        #[inline(always)]
        || blend_row(mode, &mut output, layer, opacity),
    );
    output
}

fn bits(pixels: &[Pixel]) -> Vec<[u32; 4]> {
    pixels.iter().map(|pixel| pixel.map(f32::to_bits)).collect()
}

/// The largest difference allowed where values are up to `size`: some roundings of f32 on values as large as occur.
fn tolerance(mode: BlendMode, size: f64) -> f64 {
    let roundings = match mode {
        // There the product of the two largest values occurs.
        BlendMode::Multiply | BlendMode::Exclusion => 4.0 * size,
        // Differences of components, and of those and a luminosity, are divided by each other.
        BlendMode::Hue | BlendMode::Saturation | BlendMode::Color | BlendMode::Luminosity => 10.0,
        _ => 4.0,
    };
    roundings * size * f64::from(f32::EPSILON)
}

#[test]
fn every_mode_follows_its_formula_over_every_kind_of_image_with_the_same_bits_at_every_level() {
    let covers = [Cover::Opaque, Cover::Clear, Cover::Mixed];
    for (mode, range) in BlendMode::ALL.into_iter().flat_map(|mode| [(mode, Range::Ldr), (mode, Range::Hdr)]) {
        for (below, above) in covers.into_iter().flat_map(|below| covers.map(|above| (below, above))) {
            let (backdrop, layer) = (Noise::image(1, range, below), Noise::image(2, range, above));
            for opacity in [0.0, 0.37, 1.0] {
                let what = format!("{mode:?}, {range:?}, {above:?} times {opacity} over {below:?}");
                let mut first = None;
                simd::on_each_level(|level| {
                    let found = blended(mode, &backdrop, &layer, opacity);
                    assert!(bits(&found) == *first.get_or_insert_with(|| bits(&found)), "{what}: bits at {level:?}");
                    assert_law(mode, &backdrop, &layer, opacity, &found, &what);
                });
            }
        }
    }
}

fn assert_law(mode: BlendMode, backdrop: &[Pixel], layer: &[Pixel], opacity: f32, found: &[Pixel], what: &str) {
    for ((found, d), s) in found.iter().zip(backdrop).zip(layer) {
        // The product with the opacity is rounded before anything else.
        let (s, d) = (s.map(|value| f64::from(value * opacity)), d.map(f64::from));
        let expected = law(mode, s, d);
        let size = expected.iter().chain(&s).chain(&d).fold(1.0, |size: f64, value| size.max(value.abs()));
        let error = (0..4).map(|i| (f64::from(found[i]) - expected[i]).abs()).fold(0.0, f64::max);
        assert!(error <= tolerance(mode, size), "{what}: {s:?} over {d:?}: {found:?}, expected {expected:?}");
    }
}

#[test]
fn the_backdrop_is_kept_where_the_layer_is_clear_by_the_modes_that_say_so() {
    let clear = vec![[0.0; 4]; PIXELS];
    for mode in BlendMode::ALL {
        simd::on_each_level(|level| {
            let mut kept = true;
            for (range, cover) in [(Range::Ldr, Cover::Mixed), (Range::Hdr, Cover::Mixed), (Range::Hdr, Cover::Opaque)]
            {
                let backdrop = Noise::image(3, range, cover);
                kept &= [0.0, 0.37, 1.0].iter().all(|opacity| blended(mode, &backdrop, &clear, *opacity) == backdrop);
            }
            assert_eq!(kept, mode.keeps_backdrop_where_clear(), "{mode:?} at {level:?}");
            // Light that a file could not hold, and light without cover.
            let odd = [
                [f32::INFINITY, -0.0, f32::NEG_INFINITY, 1.0],
                [f32::MAX, f32::INFINITY, 1e-45, 0.5],
                [9.0, -9.0, 1e9, 0.0],
            ];
            assert!(!kept || blended(mode, &odd, &clear[..3], 1.0) == odd, "{mode:?} at {level:?}");
        });
    }
}

#[test]
fn an_opaque_layer_hides_the_backdrop_in_the_modes_that_say_so() {
    let layer = Noise::image(4, Range::Hdr, Cover::Opaque);
    let backdrops = [
        Noise::image(5, Range::Ldr, Cover::Mixed),
        Noise::image(6, Range::Hdr, Cover::Mixed),
        Noise::image(7, Range::Hdr, Cover::Opaque),
        Noise::image(8, Range::Hdr, Cover::Clear),
    ];
    for mode in BlendMode::ALL {
        simd::on_each_level(|level| {
            let [first, rest @ ..] = backdrops.each_ref().map(|backdrop| blended(mode, backdrop, &layer, 1.0));
            let hidden = rest.iter().all(|result| *result == first);
            assert_eq!(hidden, mode.hides_backdrop_where_opaque(), "{mode:?} at {level:?}");
        });
    }
}

#[test]
fn modes_show_alone_and_keep_opaque_where_they_say_so() {
    for mode in BlendMode::ALL {
        let (mut alone, mut opaque) = (true, true);
        for (range, cover) in [(Range::Ldr, Cover::Mixed), (Range::Hdr, Cover::Mixed), (Range::Hdr, Cover::Opaque)] {
            let layer = Noise::image(9, range, cover);
            for opacity in [0.37, 1.0] {
                let mut shown = vec![[7.0; 4]; PIXELS];
                show_row(&mut shown, &layer, opacity);
                alone &= blended(mode, &vec![[0.0; 4]; PIXELS], &layer, opacity) == shown;
                let backdrop = Noise::image(10, Range::Hdr, Cover::Opaque);
                opaque &= blended(mode, &backdrop, &layer, opacity).iter().all(|pixel| pixel[3] == 1.0);
            }
        }
        assert_eq!((alone, opaque), (mode.shows_alone(), mode.keeps_opaque()), "{mode:?}");
    }
    // Also where the backdrop is no number.
    let (layer, bad) = ([[3.0, -0.0, 9.0, 1.0]], [[f32::INFINITY, f32::NAN, f32::NEG_INFINITY, f32::NAN]]);
    for mode in BlendMode::ALL.into_iter().filter(|mode| mode.hides_backdrop_where_opaque()) {
        assert_eq!(bits(&blended(mode, &bad, &layer, 1.0)), bits(&layer), "{mode:?}");
    }
}

#[test]
fn beyond_0_and_1_modes_do_what_their_documentation_says() {
    for (mode, cb, cs, expected) in [
        (BlendMode::Subtract, 0.25, 4.0, -3.75),
        (BlendMode::Screen, 0.5, 3.0, 3.0),
        (BlendMode::Screen, 4.0, 3.0, 4.0),
        (BlendMode::Screen, -0.5, 0.5, 0.25),
        (BlendMode::Overlay, 3.0, 0.25, 5.0),
        (BlendMode::HardLight, 3.0, 0.75, 3.0),
        (BlendMode::HardLight, 3.0, 4.0, 7.0),
        (BlendMode::HardLight, 3.0, 0.25, 1.5),
        (BlendMode::Divide, 3.0, 0.0, 3e5),
        (BlendMode::Divide, 3.0, -0.0, 3e5),
        (BlendMode::Divide, 3.0, -1e-7, -3e5),
        (BlendMode::Divide, 0.0, 0.0, 0.0),
        (BlendMode::Divide, 3.0, -2.0, -1.5),
        (BlendMode::ColorDodge, 3.0, 0.5, 3.0),
        (BlendMode::ColorDodge, 0.25, 0.5, 0.5),
        (BlendMode::ColorDodge, 0.25, 7.0, 1.0),
        (BlendMode::ColorDodge, 0.0, 1.0, 0.0),
        (BlendMode::ColorDodge, -2.0, 0.5, -2.0),
        (BlendMode::ColorBurn, 3.0, 0.5, 3.0),
        (BlendMode::ColorBurn, 0.75, 0.5, 0.5),
        (BlendMode::ColorBurn, 0.75, -7.0, 0.0),
        (BlendMode::ColorBurn, 1.0, 0.0, 1.0),
        (BlendMode::ColorBurn, -2.0, 0.5, -2.0),
        (BlendMode::SoftLight, 3.0, 0.9, 3.0),
        (BlendMode::SoftLight, -3.0, 0.1, -3.0),
        (BlendMode::SoftLight, 0.25, 2.0, 1.0),
        (BlendMode::Exclusion, 2.0, 3.0, -7.0),
        // Greys have no hue: these two keep the backdrop, those two take what they are named after.
        (BlendMode::Hue, 7.0, 3.0, 7.0),
        (BlendMode::Saturation, 7.0, 3.0, 7.0),
        (BlendMode::Color, 7.0, 3.0, 7.0),
        (BlendMode::Luminosity, 7.0, 3.0, 3.0),
    ] {
        let found = blended(mode, &[[cb, cb, cb, 1.0]], &[[cs, cs, cs, 1.0]], 1.0)[0];
        let near = |value: f32| (value - expected).abs() <= 4.0 * f32::EPSILON * expected.abs();
        assert!(found[..3].iter().all(|value| near(*value)) && found[3] == 1.0, "{mode:?}({cb}, {cs}): {found:?}");
    }
}

#[test]
fn bright_and_saturated_colours_stay_within_the_range_of_the_two() {
    let blend = |mode, [r, g, b]: [f32; 3], [r2, g2, b2]: [f32; 3]| {
        blended(mode, &[[r, g, b, 1.0]], &[[r2, g2, b2, 1.0]], 1.0)[0]
    };
    // Twice the grey of red light's luminosity, as red as it can be without going below 0.
    let found = blend(BlendMode::Color, [6.0; 3], [10.0, 0.0, 0.0]);
    assert!((found[0] - 10.0).abs() < 1e-5 && (found[1] - 30.0 / 7.0).abs() < 1e-5, "{found:?}");
    let found = blend(BlendMode::Luminosity, [50.0, 0.0, 0.0], [0.5; 3]);
    assert!((found[0] - 0.5 / 0.3).abs() < 1e-5 && found[1].abs() < 1e-6, "{found:?}");
    // Within 0..1 that range is the limit: white can take on no hue.
    assert_eq!(blend(BlendMode::Color, [1.0; 3], [1.0, 0.0, 0.0]), [1.0; 4]);
}

#[test]
fn light_without_cover_is_seen_in_no_mode_as_anything_but_a_number() {
    let light = [5.0, 0.5, -1.0, 0.0];
    let pictures = [[0.0; 4], [0.25, 4.0, 0.0, 1.0], [0.1, 0.0, -0.2, 0.5], light];
    for (mode, d) in BlendMode::ALL.into_iter().flat_map(|mode| pictures.map(|d| (mode, d))) {
        for s in pictures {
            let found = blended(mode, &[d], &[s], 1.0)[0];
            assert!(found.iter().all(|value| value.is_finite()), "{mode:?}: {s:?} over {d:?}: {found:?}");
        }
    }
    for mode in [BlendMode::Normal, BlendMode::Add, BlendMode::Screen, BlendMode::Lighten, BlendMode::ColorDodge] {
        assert_eq!(blended(mode, &[[0.0; 4]], &[light], 1.0), [light], "{mode:?} over nothing");
        assert_eq!(blended(mode, &[light], &[[0.0; 4]], 1.0), [light], "nothing over it in {mode:?}");
    }
}
