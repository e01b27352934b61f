//! Modes of hue, saturation and luminosity: `as*ab*B(Cb, Cs)` of whole colours.
//!
//! W3C's `SetLum`, `SetSat` and `ClipColor` are used on the scale `as*ab`, on which white is `as*ab`, so that no alpha
//! divides anything.

use super::{general_rule, max, min};
use crate::image::Pixel;

type Colour = [f32; 3];

/// Layer and backdrop, as given and on one scale.
#[derive(Clone, Copy)]
pub struct Pair {
    s: Colour,
    sa: f32,
    d: Colour,
    da: f32,
}

/// The pixel of a mode whose colour, where both are, is `both`.
#[inline(always)]
pub fn blended(both: impl Fn(Pair) -> Colour) -> impl Fn(Pixel, Pixel) -> Pixel {
    #[inline(always)]
    move |s, d| {
        let pair = Pair { s: [s[0], s[1], s[2]], sa: s[3], d: [d[0], d[1], d[2]], da: d[3] };
        general_rule(s, d, both(pair))
    }
}

#[inline(always)]
pub fn hue(pair: Pair) -> Colour {
    let saturation = saturation_of(pair.d) * pair.sa;
    pair.fit(with_saturation(pair.s, saturation), luminosity_of(pair.d) * pair.sa)
}

#[inline(always)]
pub fn saturation(pair: Pair) -> Colour {
    let saturation = saturation_of(pair.s) * pair.da;
    pair.fit(with_saturation(pair.d, saturation), luminosity_of(pair.d) * pair.sa)
}

#[inline(always)]
pub fn color(pair: Pair) -> Colour {
    pair.fit(scaled(pair.s, pair.da), luminosity_of(pair.d) * pair.sa)
}

#[inline(always)]
pub fn luminosity(pair: Pair) -> Colour {
    pair.fit(scaled(pair.d, pair.sa), luminosity_of(pair.s) * pair.da)
}

impl Pair {
    /// The colour with another luminosity, drawn towards grey until it lies between black and white, or within the range
    /// of the two colours where that is larger.
    #[inline(always)]
    fn fit(self, colour: Colour, luminosity: f32) -> Colour {
        let lowest = min(0.0, min(smallest(self.s) * self.da, smallest(self.d) * self.sa));
        let highest = max(self.sa * self.da, max(largest(self.s) * self.da, largest(self.d) * self.sa));
        let own = luminosity_of(colour);
        let below = share(luminosity - lowest, own - smallest(colour));
        let above = share(highest - luminosity, largest(colour) - own);
        colour.map(
            #[inline(always)]
            |value| luminosity + (value - own) * min(below, above),
        )
    }
}

/// How much of `needed` there is room for, at most all of it.
#[inline(always)]
fn share(room: f32, needed: f32) -> f32 {
    let share = room / needed;
    if needed > 0.0 && room < needed { share } else { 1.0 }
}

#[inline(always)]
fn luminosity_of([r, g, b]: Colour) -> f32 {
    0.3 * r + 0.59 * g + 0.11 * b
}

#[inline(always)]
fn saturation_of(colour: Colour) -> f32 {
    largest(colour) - smallest(colour)
}

/// The colour stretched so that its smallest component is 0 and its largest the saturation; grey gives black.
#[inline(always)]
fn with_saturation(colour: Colour, saturation: f32) -> Colour {
    let (low, range) = (smallest(colour), saturation_of(colour));
    let divisor = if range > 0.0 { range } else { 1.0 };
    colour.map(
        #[inline(always)]
        |value| (value - low) / divisor * saturation,
    )
}

#[inline(always)]
fn scaled(colour: Colour, by: f32) -> Colour {
    colour.map(
        #[inline(always)]
        |value| value * by,
    )
}

#[inline(always)]
fn largest([r, g, b]: Colour) -> f32 {
    max(r, max(g, b))
}

#[inline(always)]
fn smallest([r, g, b]: Colour) -> f32 {
    min(r, min(g, b))
}
