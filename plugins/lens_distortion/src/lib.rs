//! Radial lens distortion.
//!
//! - **Parameters:** `k1` and `k2`, -2 to 2, default 0; `centre` in pixels from the canvas's centre, +X right, +Y up;
//!   `scale`, 0.1 to 10, default 1; `filter`, default `cubic`. The defaults leave the picture as it is.
//! - **Formula:** the pixel at the offset `d` from the centre, divided by `scale`, shows the input at the offset
//!   `d * (1 + k1 * r² + k2 * r⁴)`, where `r` is the length of `d` in half diagonals of the canvas (Brown, "Close-range
//!   camera calibration", 1971). So it undoes what a lens with these coefficients did; in OpenCV that is
//!   `initUndistortRectifyMap` with the half diagonal as focal length.
//! - **Domain:** where the formula meets the input, up to the radius at which it would turn back and show the same part of
//!   the input twice. Beyond that there is nothing, and so there is where the formula leaves the input.
//! - **Limits:** pixels are interpolated, not averaged: where the picture shrinks to less than half, fine detail breaks up.
#![forbid(unsafe_code)]

use playa_plugin_api::prelude::*;

mod bounds;
mod lens;
mod sample;
#[cfg(test)]
mod tests;

use bounds::Bounds;
use lens::Lens;

/// Bends a picture as a lens does, or straightens what a lens has bent.
#[derive(Params)]
#[effect(id = "org.playa.lens_distortion", tags = ["distort", "lens", "undistort", "warp"])]
struct LensDistortion {
    /// How strongly the picture bends: positive pulls its edges inwards, negative pushes them outwards.
    #[param(default = 0.0, range = -2.0..=2.0, soft = -0.5..=0.5)]
    k1: f32,
    /// The same for the corners alone, almost.
    #[param(default = 0.0, range = -2.0..=2.0, soft = -0.5..=0.5)]
    k2: f32,
    /// The point around which the picture bends, from the centre of the canvas, +X right and +Y up.
    #[param(default = [0.0, 0.0], soft = -1000.0..=1000.0, unit = "px")]
    centre: [f32; 2],
    /// How much larger the picture becomes, to hide the edges of a bent one.
    #[param(default = 1.0, range = 0.1..=10.0, soft = 0.5..=2.0)]
    scale: f32,
    /// How values between pixels are found.
    filter: Filter,
}

/// How values between pixels are found.
#[derive(Choice, Clone, Copy, Debug)]
enum Filter {
    /// From 4 x 4 pixels, sharp (Keys, a = -0.5). May leave the range of the pixels by a little.
    Cubic,
    /// From 2 x 2 pixels, soft. Stays within the range of the pixels.
    Bilinear,
}

impl Effect for LensDistortion {
    const TRAITS: Traits = Traits { time_invariant: true, keeps_flat: true, isotropic: true, ..Traits::TILEABLE };

    fn plan(&self, query: &Query<'_>) -> EffectResult<Plan> {
        self.check()?;
        let source = query.domain(0);
        if self.is_identity() {
            return Ok(Plan::pixel_wise(query).identity_if(true, query));
        }
        let bounds = Bounds::new(Lens::new(self, query.canvas), self.filter.reach());
        let domain = bounds.domain(source);
        let rect = bounds.need(query.window.intersect(&domain)).intersect(&source);
        Ok(Plan { domain, identity: None, needs: vec![Need { input: 0, frame: query.frame, rect }] })
    }

    fn render(&self, call: RenderCall<'_>, host: &Host<'_>) -> EffectResult<()> {
        self.check()?;
        let lens = Lens::new(self, call.canvas);
        let source = call.inputs.get(0)?;
        host.parallel_bands(call.output, |mut band| {
            let x0 = band.window().x0;
            band.for_each_row(|y, row| {
                for (x, out) in (x0..).zip(row) {
                    let place = lens.source_of(f64::from(x) + 0.5, f64::from(y) + 0.5);
                    *out = place.map_or([0.0; 4], |[x, y]| match self.filter {
                        Filter::Bilinear => sample::bilinear(&source, x, y),
                        Filter::Cubic => sample::cubic(&source, x, y),
                    });
                }
            });
            Ok(())
        })
    }
}

impl LensDistortion {
    /// Searching for where a place is seen would not end with numbers that are none.
    fn check(&self) -> EffectResult<()> {
        let [right, up] = self.centre;
        let numbers = [
            ("k1", self.k1, -2.0..=2.0),
            ("k2", self.k2, -2.0..=2.0),
            ("centre", right, f32::MIN..=f32::MAX),
            ("centre", up, f32::MIN..=f32::MAX),
            ("scale", self.scale, 0.1..=10.0),
        ];
        match numbers.into_iter().find(|(_, value, range)| !range.contains(value)) {
            Some((name, value, range)) => {
                let message = format!("{value} is outside its range, expected {}..={}", range.start(), range.end());
                Err(EffectError::param(name, message))
            }
            None => Ok(()),
        }
    }

    fn is_identity(&self) -> bool {
        self.k1 == 0.0 && self.k2 == 0.0 && self.scale == 1.0
    }
}

impl Filter {
    /// How far from a place the centres of pixels lie that its value depends on.
    fn reach(self) -> f64 {
        match self {
            Filter::Bilinear => 1.0,
            Filter::Cubic => 2.0,
        }
    }
}

export_effects![LensDistortion];
