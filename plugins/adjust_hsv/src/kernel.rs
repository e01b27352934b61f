//! Hue, saturation and value of one pixel.
//!
//! With `V` the largest and `m` the smallest component, value is `V`, saturation `(V - m) / V`, and hue the place on the
//! circle red, yellow, green, cyan, blue, magenta that the third component marks (Smith, "Color gamut transform pairs",
//! 1978). None of the three changes below needs the saturation itself, so no pixel is divided by its `V`:
//!
//! - a turn of the hue keeps `V` and `m` and moves each component between them;
//! - saturation times `s` moves each component `c` to `V + s * (c - V)`;
//! - value times `v` multiplies all components.
//!
//! All three scale with colour, `f(k * c) = k * f(c)`, so that premultiplied colour is changed as straight colour would
//! be. And all are defined for every finite colour: a grey stays a grey; components may be negative
//! or above 1, and so may results (saturation above 1 takes the smallest component below 0).

use playa_plugin_api::Pixel;

/// The change of the three, prepared for many pixels.
#[derive(Clone, Copy, Debug)]
pub struct Adjustment {
    /// Turn of the hue in sixths of the circle, `0.0..6.0`.
    turn: f32,
    saturation: f32,
    value: f32,
}

impl Adjustment {
    /// A turn of the hue by `hue_shift` degrees, positive from red towards green, and factors of saturation and value.
    #[inline(always)]
    pub fn new(hue_shift: f32, saturation: f32, value: f32) -> Self {
        let turn = (f64::from(hue_shift).rem_euclid(360.0) / 60.0) as f32;
        Self { turn: if turn < 6.0 { turn } else { 0.0 }, saturation, value }
    }

    /// The changed pixel. Alpha stays; where it is 0, so does colour.
    #[inline(always)]
    pub fn apply(&self, pixel: Pixel) -> Pixel {
        let [r, g, b, a] = pixel;
        if a == 0.0 {
            return pixel;
        }
        let most = r.max(g).max(b);
        let [r, g, b] = if self.turn == 0.0 { [r, g, b] } else { turned([r, g, b], most, self.turn) };
        let scaled = |c: f32| self.value * (self.saturation * c + (1.0 - self.saturation) * most);
        [scaled(r), scaled(g), scaled(b), a]
    }
}

/// The colour, whose largest component is `most`, with its hue turned by `turn` sixths of the circle.
#[inline(always)]
fn turned([r, g, b]: [f32; 3], most: f32, turn: f32) -> [f32; 3] {
    let range = most - r.min(g).min(b);
    // The hue, from -1: the place of the largest component, and how far the other two pull it to their side.
    let (place, pull) = if r == most {
        (0.0, g - b)
    } else if g == most {
        (2.0, b - r)
    } else {
        (4.0, r - g)
    };
    let hue = place + turn + if range > 0.0 { pull / range } else { 0.0 };
    let hue = if hue < 0.0 { hue + 6.0 } else { hue };
    let hue = if hue >= 6.0 { hue - 6.0 } else { hue };
    // A component is the largest up to one sixth from its own place on the circle, and the smallest from two sixths on.
    [0.0, 2.0, 4.0].map(|place: f32| {
        let distance = 3.0 - ((hue - place).abs() - 3.0).abs();
        let below = (distance - 1.0).clamp(0.0, 1.0);
        most - range * below
    })
}
