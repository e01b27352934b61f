//! Gradient noise over rows of pixels.
//!
//! Space is cut into cubes of length 1. Every corner has a random gradient, one of the twelve from a cube's centre to its
//! edges, found by a hash of its coordinates. A place takes from each corner of its cube the product of the gradient and the
//! offset from the corner, and mixes the eight by `t³ (6t² - 15t + 10)` of its coordinates in the cube.
//!
//! What depends on a column alone is computed once for many rows, and what depends on a row alone once for its pixels.

use playa_plugin_api::Pixel;

/// One size of features.
pub struct Octave {
    /// How much finer it is than the first one.
    frequency: f64,
    /// How strong it is.
    pub gain: f64,
    /// Its own random numbers.
    seed: u32,
    /// How far its cubes are moved, so that the corners of all octaves, where noise is 0, do not meet.
    shift: [f64; 3],
}

/// The cubes of some columns: their coordinate, and where in it the column lies, 0 to 1.
pub struct Columns {
    cells: Vec<u32>,
    parts: Vec<f32>,
}

/// The row and the time of some pixels.
pub struct Slice {
    /// The random number of each of the four lines of corners around the row: y and z, then y + 1 and z, z + 1 below.
    lines: [[u32; 2]; 2],
    y: f32,
    z: f32,
}

impl Octave {
    /// The first `count` octaves.
    pub fn all(count: u32, lacunarity: f32, gain: f32, seed: i32) -> Vec<Self> {
        let (mut frequency, mut strength) = (1.0, 1.0);
        let mut next = |index: u32| {
            let seed = mixed(mixed(seed as u32).wrapping_add(index));
            let shift = [1, 2, 3].map(|axis| f64::from(mixed(seed ^ axis)) / f64::from(u32::MAX));
            let octave = Self { frequency, gain: strength, seed, shift };
            frequency *= f64::from(lacunarity);
            strength *= f64::from(gain);
            octave
        };
        (0..count).map(&mut next).collect()
    }

    /// The cubes of columns at these places, in units of the first octave.
    pub fn columns(&self, places: &[f64]) -> Columns {
        let (cells, parts) = places.iter().map(|place| split(place * self.frequency + self.shift[0])).unzip();
        Columns { cells, parts }
    }

    /// The row at the place `y`, in units of the first octave, at the time `z`. Time is the same for all octaves.
    pub fn slice(&self, y: f64, z: f64) -> Slice {
        let ((row, y), (time, z)) = (split(y * self.frequency + self.shift[1]), split(z + self.shift[2]));
        let line = |z: u32, y: u32| mixed(row.wrapping_add(y) ^ mixed(time.wrapping_add(z) ^ self.seed));
        Slice { lines: [[line(0, 0), line(0, 1)], [line(1, 0), line(1, 1)]], y, z }
    }
}

/// The cube of a place, modulo 2^32, and where in it the place lies.
fn split(place: f64) -> (u32, f32) {
    let floor = place.floor();
    (floor as i64 as u32, (place - floor) as f32)
}

/// Adds to each of `heights` what `shape` makes of the noise at its column, which is a little more than -1 to 1.
#[inline(always)]
pub fn add(columns: &Columns, slice: &Slice, heights: &mut [f32], shape: impl Fn(f32) -> f32) {
    let (ease_y, ease_z) = (eased(slice.y), eased(slice.z));
    for ((height, cell), x) in heights.iter_mut().zip(&columns.cells).zip(&columns.parts) {
        let along = |z: usize, y: usize| {
            let corner = |right: u32| {
                let gradient = mixed(cell.wrapping_add(right) ^ slice.lines[z][y]);
                product(gradient, x - right as f32, slice.y - y as f32, slice.z - z as f32)
            };
            between(eased(*x), corner(0), corner(1))
        };
        let near = between(ease_y, along(0, 0), along(0, 1));
        let far = between(ease_y, along(1, 0), along(1, 1));
        *height += shape(between(ease_z, near, far));
    }
}

/// The product of an offset with the gradient whose number is in the last four bits: the twelve, four of them twice.
#[inline(always)]
fn product(gradient: u32, x: f32, y: f32, z: f32) -> f32 {
    let number = gradient & 15;
    let u = if number < 8 { x } else { y };
    let v = if number < 4 {
        y
    } else if number & 13 == 12 {
        x
    } else {
        z
    };
    let sign = |bit: u32, value: f32| if gradient & bit == 0 { value } else { -value };
    sign(1, u) + sign(2, v)
}

#[inline(always)]
fn eased(t: f32) -> f32 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

#[inline(always)]
fn between(t: f32, a: f32, b: f32) -> f32 {
    a + t * (b - a)
}

/// A random number for each number (Wellons, "Prospecting for hash functions", 2018: `lowbias32`).
#[inline(always)]
fn mixed(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(0x7feb_352d);
    let number = (number ^ (number >> 15)).wrapping_mul(0x846c_a68b);
    number ^ (number >> 16)
}

/// Fills `row` with the mixes of the two colours at these heights, 0 to 1.
#[inline(always)]
pub fn colour(heights: &[f32], [low, high]: [Pixel; 2], row: &mut [Pixel]) {
    for (out, height) in row.iter_mut().zip(heights) {
        let height = height.clamp(0.0, 1.0);
        for channel in 0..4 {
            out[channel] = (1.0 - height) * low[channel] + height * high[channel];
        }
    }
}
