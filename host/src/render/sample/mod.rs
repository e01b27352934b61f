//! Placing a layer's pixels in the comp.
//!
//! A move by whole pixels takes the pixels as they are. Any other map samples by a [`Filter`]: the value at a point is
//! the mean of the pixels around it, weighted by distance along the layer's x and y; outside the image it is transparent
//! black. What has no weight has no part, infinity and NaN included. Where the map shrinks, the filter widens with it
//! ([`shrink`]), over a fixed number of neighbours where it is a little and everywhere alike ([`stretch`]); elsewhere it
//! has a fixed number anyway ([`taps`]), or one ([`nearest`]).

mod axis;
mod filter;
mod kernel;
mod nearest;
mod points;
mod reach;
mod shrink;
mod stretch;
mod taps;
#[cfg(test)]
mod tests;

pub use filter::{Filter, UnknownFilter};

use super::key::KeyBuilder;
use crate::image::{Image, Pixel, Rect};
use crate::project::Homography;
use kernel::{Keys, Lanczos3, Mitchell, Triangle};
use points::ToLayer;

/// A layer's place in its comp, where it can be seen at all.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Where it reaches, in comp pixels.
    pub domain: Rect,
    /// Where the layer has pixels.
    source: Rect,
    filter: Filter,
    map: Map,
}

#[derive(Clone, Copy, Debug)]
enum Map {
    /// By whole pixels.
    Shift(i32, i32),
    /// From comp pixels to layer pixels.
    Sample(ToLayer),
}

impl Placed {
    /// Places a layer with pixels in `source` by the map from layer to comp pixels. `None` if nothing of it is seen: it
    /// has no pixels, is seen edge on, or lies behind the eye.
    ///
    /// What comes near the plane of the eye reaches to infinity: such a layer is placed where it is seen in `view`.
    pub fn new(source: Rect, to_comp: &Homography, filter: Filter, view: Rect) -> Option<Self> {
        if source.is_empty() {
            return None;
        }
        let placed = |domain: Rect, map: Map| (!domain.is_empty()).then_some(Self { domain, source, filter, map });
        let Some(affine) = to_comp.as_affine() else {
            let to_layer = to_comp.inverse()?;
            let domain = reach::projective_domain(source, to_comp, &to_layer, filter, view);
            return placed(domain, Map::Sample(ToLayer::Projective(to_layer)));
        };
        if let Some((dx, dy)) = affine.whole_pixel_shift() {
            return placed(source.translate(dx, dy), Map::Shift(dx, dy));
        }
        let to_layer = affine.inverse()?;
        let domain = reach::affine_domain(source, &affine, &to_layer, filter);
        placed(domain, Map::Sample(ToLayer::affine(to_layer)))
    }

    /// By how many whole pixels it is moved, where nothing else happens to it.
    pub fn shift(&self) -> Option<(i32, i32)> {
        match self.map {
            Map::Shift(dx, dy) => Some((dx, dy)),
            Map::Sample(_) => None,
        }
    }

    /// How it is sampled, where it is not moved by whole pixels.
    pub fn filter(&self) -> Filter {
        self.filter
    }

    /// The layer pixels that show in `window` of the comp.
    pub fn source_window(&self, window: Rect) -> Rect {
        let window = window.intersect(&self.domain);
        if window.is_empty() {
            return Rect::EMPTY;
        }
        let seen = match &self.map {
            Map::Shift(dx, dy) => window.translate(dx.saturating_neg(), dy.saturating_neg()),
            Map::Sample(to_layer) => reach::source_window(window, to_layer, self.filter).unwrap_or(self.source),
        };
        seen.intersect(&self.source)
    }

    /// Adds everything that decides which pixel becomes which to a key.
    #[must_use]
    pub fn key(&self, key: KeyBuilder) -> KeyBuilder {
        let key = key.rect(self.domain).rect(self.source);
        match &self.map {
            Map::Shift(dx, dy) => key.text("shift").int((*dx).into()).int((*dy).into()),
            Map::Sample(to_layer) => {
                let m = match to_layer {
                    ToLayer::Affine(map, _) => Homography::from(*map).m,
                    ToLayer::Projective(map) => map.m,
                };
                m.iter().flatten().fold(key.text(self.filter.key()), |key, cell| key.float(*cell))
            }
        }
    }

    /// Samples the image, which holds at least [`Self::source_window`] of `at`, for every pixel of `at`, one row high.
    #[inline(always)]
    pub fn sample_row(&self, image: &Image, at: Rect, out: &mut [Pixel]) {
        match &self.map {
            Map::Shift(dx, dy) => {
                for (pixel, x) in out.iter_mut().zip(at.x0..) {
                    *pixel = image.pixel(x.saturating_sub(*dx), at.y0.saturating_sub(*dy));
                }
            }
            Map::Sample(to_layer) => match self.filter {
                Filter::Impulse => nearest::row(to_layer, image, at, out),
                Filter::Bilinear => taps::row::<2, Triangle>(to_layer, image, at, out),
                Filter::Cubic => taps::row::<4, Keys>(to_layer, image, at, out),
                Filter::Mitchell => taps::row::<4, Mitchell>(to_layer, image, at, out),
                Filter::Lanczos3 => taps::row::<6, Lanczos3>(to_layer, image, at, out),
            },
        }
    }
}
