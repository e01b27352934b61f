//! The glue around pixel effects: the same bits as the function itself, at every level, for every length of a row.
//!
//! Rows become vectors only where the compiler optimises: `cargo test --release -p playa-plugin-api` is the test that
//! counts.

use std::hint::black_box;

use playa_plugin_api::{math, simd, testing};

use super::*;

/// Products and sums, a comparison, and a branch.
#[derive(Params)]
#[effect(id = "com.example.linear")]
pub struct Linear {
    #[param(default = 1.3)]
    gain: f32,
}

impl PixelEffect for Linear {
    #[inline(always)]
    fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
        let luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        if luma > 0.5 * a {
            return [r * self.gain, luma, b - g, a];
        }
        [luma + self.gain * (r - luma), g / 3.0, b, a * 0.5]
    }
}

/// Powers of straight colour, with another alpha.
#[derive(Params)]
#[effect(id = "com.example.bend")]
pub struct Bend {
    #[param(default = 0.45)]
    power: f32,
}

impl PixelEffect for Bend {
    const ALPHA: Alpha = Alpha::Straight;

    #[inline(always)]
    fn pixel(&self, pixel: Pixel) -> Pixel {
        let [r, g, b, a] = map_colour(
            pixel,
            #[inline(always)]
            |v| math::signed_pow(v, self.power),
        );
        [r, g, b, a * a]
    }
}

/// Powers of straight colour that are prepared for a call.
#[derive(Params)]
#[effect(id = "com.example.curve")]
pub struct Curve {
    #[param(default = [0.45, 2.2, 7.7])]
    powers: [f32; 3],
}

impl PixelEffect for Curve {
    const ALPHA: Alpha = Alpha::Straight;

    fn pixel(&self, pixel: Pixel) -> Pixel {
        self.prepare()(pixel)
    }

    fn prepare(&self) -> impl Fn(Pixel) -> Pixel + Sync {
        let [red, green, blue] = self.powers.map(math::Power::new);
        #[inline(always)]
        move |[r, g, b, a]| [red.signed(r), green.signed(g), blue.of(b), a]
    }
}

/// Components of every kind, so that every pixel mixes some of them.
pub fn noise(count: usize) -> Vec<Pixel> {
    const ODD: [f32; 12] = [
        0.0,
        -0.0,
        1.0,
        1e-40,
        -1e-45,
        f32::MIN_POSITIVE,
        f32::MAX,
        f32::MIN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        0.5,
    ];
    let mut state = 7_u32;
    let mut component = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let value = (state >> 8) as f32 / (1 << 23) as f32 - 0.3;
        if state >> 29 == 0 { ODD[(state >> 10) as usize % ODD.len()] } else { value }
    };
    (0..count).map(|_| [component(), component(), component(), component()]).collect()
}

pub fn same(a: &Pixel, b: &Pixel) -> bool {
    a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
}

fn compare<E: PixelEffect>(effect: &E, expected: impl Fn(Pixel) -> Pixel) {
    let pixels = noise(6000);
    simd::on_each_level(|level| {
        for width in 0..200 {
            let window = Rect::new(-3, 5, width - 3, 8);
            let pixels = &pixels[width as usize * 23..][..window.area() as usize];
            let found = testing::apply(effect, &[ImageView::new(window, pixels)], window).expect("it works");
            for (pixel, found) in pixels.iter().zip(&found) {
                let expected = expected(black_box(*pixel));
                assert!(same(found, &expected), "{pixel:?} at {level:?}: {found:?}, expected {expected:?}");
            }
        }
    });
}

#[test]
fn every_level_gives_the_bits_of_the_function() {
    let effect = Linear::defaults();
    compare(&effect, |pixel| effect.pixel(pixel));
}

#[test]
fn every_level_gives_the_bits_of_the_function_of_straight_colour() {
    let effect = Bend::defaults();
    compare(&effect, |pixel| of_straight(pixel, |straight| effect.pixel(straight)));
}

#[test]
fn every_level_gives_the_bits_of_a_prepared_function() {
    let effect = Curve::defaults();
    let prepared = effect.prepare();
    compare(&effect, |pixel| of_straight(pixel, &prepared));
}

fn of_straight(pixel: Pixel, function: impl Fn(Pixel) -> Pixel) -> Pixel {
    let [r, g, b, a] = pixel;
    if a == 0.0 {
        return pixel;
    }
    let [r, g, b, a] = function([r * (1.0 / a), g * (1.0 / a), b * (1.0 / a), a]);
    [r * a, g * a, b * a, a]
}
