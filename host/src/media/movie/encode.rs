//! A frame as the codes that a movie is compressed from: the formulas of `planes` the other way round.
//!
//! Codes are rounded to the nearest one. A sample of colour for several columns lies at the first of them and weighs its
//! neighbours by their distance (1, 2, 1 of two columns); of rows it is the mean.

use playa_plugin_api::simd;
use rayon::prelude::*;

use super::super::Writing;
use super::super::colour;
use super::super::error::Problem;
use super::planes::{Coding, Model};
use crate::colour::Space;
use crate::image::{Frame, Pixel};

/// How a frame is to lie in memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlaneOptions {
    /// Columns and rows. A frame that has fewer is continued with its last ones, one that has more is cut.
    pub size: [usize; 2],
    /// In which space colour is to be.
    pub space: Space,
    /// Which shares red, green and blue have in brightness: a matrix of H.273 that is known, and the range.
    pub coding: Coding,
    /// Bits of a code, 8 to 16.
    pub bits: u32,
    /// One sample of colour for so many columns and rows: 1 or 2.
    pub sampling: [usize; 2],
    /// Whether alpha is the last plane, and colour straight. Otherwise colour is what is seen over black.
    pub alpha: bool,
}

/// Brightness, the differences of blue and red, and alpha, each row by row.
///
/// # Errors
/// If the options contradict themselves, or there is no memory.
pub fn encode_planes(frame: &Frame, options: &PlaneOptions) -> Result<Vec<Vec<u16>>, Problem> {
    let PlaneOptions { size: [width, height], coding, bits, sampling: [across, down], alpha, .. } = *options;
    let coding = coding.for_picture(Model::Ycc, height);
    let known = coding.shares().filter(|_| {
        width > 0 && height > 0 && (8..=16).contains(&bits) && [across, down].iter().all(|by| [1, 2].contains(by))
    });
    let shares = known.ok_or_else(|| Problem::Unwritable {
        what: format!("{options:?}"),
        why: "no movie has such codes".to_owned(),
    })?;
    let frame = colour::of_gamut(frame, Writing::As(options.space))?;
    let (columns, rows) = (width.div_ceil(across), height.div_ceil(down));
    let bytes = (width * height + columns * rows * 2) as u64 * 2;
    let plane = |codes: usize| {
        let mut plane = Vec::new();
        plane.try_reserve_exact(codes).map_err(|_| Problem::OutOfMemory { bytes })?;
        plane.resize(codes, 0_u16);
        Ok::<_, Problem>(plane)
    };
    let mut planes = vec![plane(width * height)?, plane(columns * rows)?, plane(columns * rows)?];
    let mut alphas = if alpha { plane(width * height)? } else { Vec::new() };
    let quantised = Quantised::new(bits, coding.full_range == Some(true));
    let [luma, blue, red] = &mut planes[..] else { unreachable!("there are three") };
    let bands = luma.par_chunks_mut(width * down).zip(blue.par_chunks_mut(columns)).zip(red.par_chunks_mut(columns));
    let make = |band: usize, luma: &mut [u16], blue: &mut [u16], red: &mut [u16], alphas: &mut [u16]| {
        let mut line = Line::new(width);
        let mut sums = [vec![0.0_f32; width], vec![0.0_f32; width]];
        let rows = luma.len() / width;
        for (row, luma) in luma.chunks_mut(width).enumerate() {
            line.take(&frame, band * down + row, options);
            simd::dispatch(
                #[inline(always)]
                || line.encode(options, shares, alpha),
            );
            quantised.light.codes(&line.y, luma);
            if let Some(alphas) = alphas.chunks_mut(width).nth(row) {
                quantised.alpha.codes(&line.alpha, alphas);
            }
            for (sum, line) in sums.iter_mut().zip([&line.cb, &line.cr]) {
                sum.iter_mut().zip(line).for_each(|(sum, value)| *sum += value / rows as f32);
            }
        }
        for (sum, codes) in sums.iter_mut().zip([blue, red]) {
            narrow(sum, across);
            quantised.difference.codes(&sum[..codes.len()], codes);
        }
    };
    if alpha {
        let bands = bands.zip(alphas.par_chunks_mut(width * down)).enumerate();
        bands.for_each(|(band, (((luma, blue), red), alphas))| make(band, luma, blue, red, alphas));
        planes.push(alphas);
    } else {
        bands.enumerate().for_each(|(band, ((luma, blue), red))| make(band, luma, blue, red, &mut []));
    }
    Ok(planes)
}

/// The samples at every `across`th column, in place.
fn narrow(line: &mut [f32], across: usize) {
    if across == 1 {
        return;
    }
    let last = line.len() - 1;
    let mut before = line[0];
    for to in 0..line.len().div_ceil(2) {
        let at = to * 2;
        let (here, after) = (line[at], line[(at + 1).min(last)]);
        // What lies before was read before it was written over.
        line[to] = (before + 2.0 * here + after) * 0.25;
        before = after;
    }
}

/// From numbers to codes: `number * by + zero`, rounded, within `0..=most`.
#[derive(Clone, Copy)]
struct Codes {
    by: f32,
    zero: f32,
    most: f32,
}

impl Codes {
    fn codes(self, numbers: &[f32], codes: &mut [u16]) {
        for (code, number) in codes.iter_mut().zip(numbers) {
            *code = (number * self.by + self.zero + 0.5).clamp(0.0, self.most) as u16;
        }
    }
}

struct Quantised {
    light: Codes,
    difference: Codes,
    alpha: Codes,
}

impl Quantised {
    fn new(bits: u32, full: bool) -> Self {
        let most = ((1_u32 << bits) - 1) as f32;
        let unit = (1_u32 << (bits - 8)) as f32;
        let alpha = Codes { by: most, zero: 0.0, most };
        match full {
            true => Self { light: alpha, difference: Codes { by: most, zero: 128.0 * unit, most }, alpha },
            false => Self {
                light: Codes { by: 219.0 * unit, zero: 16.0 * unit, most },
                difference: Codes { by: 224.0 * unit, zero: 128.0 * unit, most },
                alpha,
            },
        }
    }
}

/// A row on its way.
struct Line {
    pixels: Vec<Pixel>,
    y: Vec<f32>,
    cb: Vec<f32>,
    cr: Vec<f32>,
    alpha: Vec<f32>,
}

impl Line {
    fn new(width: usize) -> Self {
        let line = || vec![0.0; width];
        Self { pixels: vec![[0.0; 4]; width], y: line(), cb: line(), cr: line(), alpha: line() }
    }

    /// A row of the display window, counted from its top, transparent black where there are no pixels.
    fn take(&mut self, frame: &Frame, row: usize, options: &PlaneOptions) {
        let (shown, data) = (frame.display_window, frame.data_window());
        let y = shown.y0 as i64 + (row as i64).min(shown.height() as i64 - 1);
        let pixels = match i32::try_from(y) {
            Ok(y) if (data.y0..data.y1).contains(&y) => frame.image.row(y).as_chunks::<4>().0,
            _ => &[],
        };
        let last = shown.width() as i64 - 1;
        for (at, pixel) in self.pixels.iter_mut().enumerate().take(options.size[0]) {
            let x = shown.x0 as i64 + (at as i64).min(last) - data.x0 as i64;
            let found = usize::try_from(x).ok().and_then(|x| pixels.get(x));
            *pixel = found.copied().unwrap_or([0.0; 4]);
        }
    }

    #[inline(always)]
    fn encode(&mut self, options: &PlaneOptions, [red, blue]: [f64; 2], alpha: bool) {
        let unit = |value: f32| if value > 0.0 { value.min(1.0) } else { 0.0 };
        for (pixel, kept) in self.pixels.iter_mut().zip(&mut self.alpha) {
            let [r, g, b, a] = *pixel;
            *kept = unit(a);
            let by = if alpha && a > 0.0 { 1.0 / a } else { 1.0 };
            *pixel = [r * by, g * by, b * by, 0.0].map(unit);
        }
        options.space.curve.encode_all(self.pixels.as_flattened_mut());
        let (green, [red, blue]) = ((1.0 - red - blue) as f32, [red as f32, blue as f32]);
        let (by_blue, by_red) = (0.5 / (1.0 - blue), 0.5 / (1.0 - red));
        let differences = self.cb.iter_mut().zip(&mut self.cr);
        for ((&[r, g, b, _], y), (cb, cr)) in self.pixels.iter().zip(&mut self.y).zip(differences) {
            *y = red * r + green * g + blue * b;
            *cb = (b - *y) * by_blue;
            *cr = (r - *y) * by_red;
        }
    }
}
