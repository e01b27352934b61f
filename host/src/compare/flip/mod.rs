//! FLIP: what a viewer sees who flips between two pictures on a display.
//!
//! LDR-FLIP: Andersson, Nilsson, Akenine-Möller, Oskarsson, Åström and Fairchild, "FLIP: A Difference Evaluator for
//! Alternating Images", HPG 2020. HDR-FLIP: Andersson, Nilsson, Shirley and Akenine-Möller, "Visualizing Errors in Rendered
//! High Dynamic Range Images", Eurographics 2021.
//!
//! Each pixel gets an error of 0..1. Colours (`colour.rs`) are compared after the eye's contrast sensitivity has blurred
//! them at the viewing distance (`eye.rs`), which is given in pixels per degree of the visual field; edges and points that
//! are in one picture alone make the difference larger. Pictures are taken as premultiplied light over black, NaN and
//! negative light as 0. LDR-FLIP cuts light off at 1. HDR-FLIP is the largest LDR-FLIP over exposures (`exposures.rs`)
//! through the tone map ACES.

mod colour;
mod exposures;
mod eye;

use playa_plugin_api::{math, simd};
use rayon::prelude::*;

pub use exposures::Exposures;

use super::{CompareError, Plane};
use crate::image::Image;
use colour::{Opponent, largest_difference};
use eye::{Eye, Sight};

/// The pixels per degree that the paper assumes: a display 0.7 m wide with 3840 columns, seen from 0.7 m.
pub const DEFAULT_PPD: f32 = 67.020_64;

/// The pixels per degree that are taken.
pub const PPD_RANGE: (f32, f32) = (1.0, 1000.0);

pub(super) fn ldr(a: &Image, b: &Image, ppd: f32) -> Result<Plane, CompareError> {
    let eye = eye(ppd)?;
    let mut errors = Plane::new(a.window())?;
    raise_errors(&mut errors, &Opponent::of(a, |light| light)?, &Opponent::of(b, |light| light)?, &eye);
    Ok(errors)
}

pub(super) fn hdr(a: &Image, b: &Image, ppd: f32) -> Result<(Plane, Exposures), CompareError> {
    let eye = eye(ppd)?;
    let exposures = Exposures::of(a)?;
    let mut errors = Plane::new(a.window())?;
    for stops in exposures.iter() {
        let gain = stops.exp2();
        let toned = |image: &Image| {
            Opponent::of(
                image,
                #[inline(always)]
                move |light| exposures::aces(light * gain),
            )
        };
        raise_errors(&mut errors, &toned(a)?, &toned(b)?, &eye);
    }
    Ok((errors, exposures))
}

fn eye(ppd: f32) -> Result<Eye, CompareError> {
    if (PPD_RANGE.0..=PPD_RANGE.1).contains(&ppd) { Ok(Eye::at(ppd)) } else { Err(CompareError::PixelsPerDegree(ppd)) }
}

/// Raises errors to those of these pictures.
fn raise_errors(errors: &mut Plane, a: &Opponent, b: &Opponent, eye: &Eye) {
    let largest = largest_difference();
    errors.par_rows_mut().for_each_init(<[Sight; 2]>::default, |[seen_a, seen_b], (y, row)| {
        simd::dispatch(
            #[inline(always)]
            || {
                seen_a.look(a, y, eye);
                seen_b.look(b, y, eye);
                raise_row(row, seen_a, seen_b, largest);
            },
        );
    });
}

/// The errors of a row, where they are larger than those that are there.
#[inline(always)]
fn raise_row(row: &mut [f32], a: &Sight, b: &Sight, largest: f32) {
    // Slices of one length: their bounds are checked once.
    let width = row.len();
    let [la, aa, ba] = a.lab.each_ref().map(|values| &values[..width]);
    let [lb, ab, bb] = b.lab.each_ref().map(|values| &values[..width]);
    let (edges_a, edges_b) = (&a.edges[..width], &b.edges[..width]);
    let (points_a, points_b) = (&a.points[..width], &b.points[..width]);
    for x in 0..width {
        let colour = colour::difference([la[x], aa[x], ba[x]], [lb[x], ab[x], bb[x]], largest);
        let edges = (edges_a[x] - edges_b[x]).abs();
        let points = (points_a[x] - points_b[x]).abs();
        let features = (edges.max(points) * std::f32::consts::FRAC_1_SQRT_2).sqrt().min(1.0);
        row[x] = math::pow(colour, 1.0 - features).max(row[x]);
    }
}
