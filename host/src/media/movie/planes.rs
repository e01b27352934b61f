//! Codes of a movie as they were compressed, and the pixels that they become.
//!
//! Formulas are those of ITU-T H.273 (8.3), which are those of BT.601, BT.709 and BT.2020: `Y` and `C` of limited range
//! are `(code / 2^(bits - 8) - 16) / 219` and `(code / 2^(bits - 8) - 128) / 224`, of full range `code / (2^bits - 1)` and
//! `(code - 2^(bits - 1)) / (2^bits - 1)`; then `R = Y + 2 (1 - Kr) Cr`, `B = Y + 2 (1 - Kb) Cb`, and G by
//! `Y = Kr R + Kg G + Kb B`. Alpha is always of full range and straight.
//!
//! Colour of fewer samples is interpolated linearly between the two samples on either side, the last ones repeated. A
//! sample lies at the first of its columns, or, where `centred`, in their middle; of rows always in their middle.

use std::fmt;
use std::ops::Range;

use super::super::error::{Problem, damaged};
use super::super::samples::{self, Alpha, Meaning};
use super::turn;
use crate::colour::Curve;
use crate::image::{Image, ImageError, Rect};

/// How many columns are made at once.
const RUN: usize = 1024;

/// What codes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Brightness alone.
    Grey,
    /// Brightness, and differences of blue and red from it.
    Ycc,
    /// Red, green and blue.
    Rgb,
}

/// What the codes of a movie mean: numbers of ITU-T H.273, where 0 and 2 say that nobody says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coding {
    /// What red, green and blue are.
    pub primaries: u32,
    /// The curve.
    pub transfer: u32,
    /// How brightness is made of red, green and blue.
    pub matrix: u32,
    /// Whether codes use all numbers, rather than those that video leaves for them; none where nobody says it.
    pub full_range: Option<bool>,
}

/// A frame as it was compressed, lent.
#[derive(Clone, Debug)]
pub struct Planes<'a> {
    /// Columns and rows as they lie in the file.
    pub size: [usize; 2],
    /// By how many degrees it is turned clockwise when it is shown.
    pub rotation: u32,
    /// What the codes are.
    pub model: Model,
    /// One component of grey, three of colour; with alpha one more.
    pub components: Vec<Component<'a>>,
    /// Whether the last component is alpha.
    pub alpha: bool,
    /// Bits of a code, 8 to 16. More than 8 lie in words of 16, the lower byte first.
    pub bits: u32,
    /// One sample of colour for so many columns and rows: 1, 2 or 4.
    pub sampling: [usize; 2],
    /// Whether such a sample lies in the middle of its columns, rather than at the first.
    pub centred: bool,
    /// What the codes mean.
    pub coding: Coding,
}

/// Where the codes of a component lie.
#[derive(Clone, Copy, Debug)]
pub struct Component<'a> {
    /// The memory.
    pub bytes: &'a [u8],
    /// Bytes from one row to the next.
    pub stride: usize,
    /// Bytes from one code to the next.
    pub step: usize,
    /// Bytes to the first code.
    pub start: usize,
    /// Bits of a word below the code.
    pub shift: u32,
}

impl Coding {
    /// What counts where nobody says it: the matrix of BT.709 for at least 720 rows, or else that of BT.601; limited range
    /// of brightness and differences, full range of everything else.
    pub(super) fn for_picture(self, model: Model, rows: usize) -> Self {
        let unsaid = matches!(self.matrix, 2 | 3);
        let by_rows = if rows >= 720 { 1 } else { 6 };
        let matrix = if unsaid || (self.matrix == 0 && model == Model::Ycc) { by_rows } else { self.matrix };
        Self { matrix, full_range: Some(self.full_range.unwrap_or(model != Model::Ycc)), ..self }
    }

    /// The shares of red and blue in brightness. `None` for what is no such matrix.
    pub(super) fn shares(self) -> Option<[f64; 2]> {
        match self.matrix {
            1 => Some([0.2126, 0.0722]),
            4 => Some([0.30, 0.11]),
            5 | 6 => Some([0.299, 0.114]),
            7 => Some([0.212, 0.087]),
            9 => Some([0.2627, 0.0593]),
            _ => None,
        }
    }

    /// Whether its matrix is known here.
    pub fn is_known(self, model: Model) -> bool {
        model != Model::Ycc || self.for_picture(model, 0).shares().is_some()
    }

    pub(super) fn matrix_name(self) -> &'static str {
        match self.matrix {
            1 => "BT.709",
            4 => "FCC",
            5 | 6 => "BT.601",
            7 => "SMPTE 240M",
            9 => "BT.2020",
            _ => "unknown",
        }
    }

    pub(super) fn range_name(self) -> &'static str {
        if self.full_range == Some(true) { "full" } else { "limited" }
    }

    fn is_full(self) -> bool {
        self.full_range == Some(true)
    }
}

/// `1/1/1/0`
impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.primaries, self.transfer, self.matrix, u8::from(self.is_full()))
    }
}

/// From a code to a number: `(code - zero) * by`.
#[derive(Clone, Copy)]
struct Scale {
    zero: f32,
    by: f32,
}

impl Scale {
    /// Of brightness, or of red, green and blue.
    fn of_light(bits: u32, full: bool) -> Self {
        match full {
            true => Self { zero: 0.0, by: (1.0 / largest(bits)) as f32 },
            false => Self { zero: 16.0 * unit(bits) as f32, by: (1.0 / (219.0 * unit(bits))) as f32 },
        }
    }

    /// Of differences.
    fn of_difference(bits: u32, full: bool) -> Self {
        let by = if full { 1.0 / largest(bits) } else { 1.0 / (224.0 * unit(bits)) };
        Self { zero: 128.0 * unit(bits) as f32, by: by as f32 }
    }
}

fn largest(bits: u32) -> f64 {
    f64::from((1_u32 << bits) - 1)
}

/// The step of 8 bits.
fn unit(bits: u32) -> f64 {
    f64::from(1_u32 << (bits - 8))
}

impl Component<'_> {
    /// Whether so many columns and rows lie in its memory.
    fn holds(&self, [columns, rows]: [usize; 2], width: usize) -> bool {
        let last = (rows - 1)
            .checked_mul(self.stride)
            .and_then(|row| row.checked_add((columns - 1).checked_mul(self.step)?)?.checked_add(self.start + width));
        last.is_some_and(|last| last <= self.bytes.len())
    }

    /// Numbers of some columns of a row.
    fn load(&self, y: usize, xs: Range<usize>, wide: bool, Scale { zero, by }: Scale, out: &mut [f32]) {
        let row = &self.bytes[y * self.stride + self.start + xs.start * self.step..];
        match (wide, self.step) {
            (false, 1) => {
                out.iter_mut().zip(row).for_each(|(out, code)| *out = (f32::from(*code) - zero) * by);
            }
            (false, step) => {
                out.iter_mut()
                    .zip(row.iter().step_by(step))
                    .for_each(|(out, code)| *out = (f32::from(*code) - zero) * by);
            }
            (true, step) => {
                for (out, word) in out.iter_mut().zip(row.chunks(step)) {
                    let code = u16::from_le_bytes([word[0], word[1]]) >> self.shift;
                    *out = (f32::from(code) - zero) * by;
                }
            }
        }
    }
}

impl Planes<'_> {
    /// Whether all codes lie in the memory that is lent, and mean something that is known.
    pub fn is_sound(&self) -> bool {
        let [columns, rows] = self.size;
        let count = if self.model == Model::Grey { 1 } else { 3 };
        let wide = self.bits > 8;
        columns > 0
            && rows > 0
            && columns.max(rows) <= i32::MAX as usize
            && (8..=16).contains(&self.bits)
            && self.sampling.iter().all(|sampling| [1, 2, 4].contains(sampling))
            && self.components.len() == count + usize::from(self.alpha)
            && self.coding.is_known(self.model)
            && self.components.iter().enumerate().all(|(at, component)| {
                let size = if self.is_difference(at) { self.fewer() } else { self.size };
                let width = 1 + usize::from(wide);
                component.step >= width && component.shift <= 16 - self.bits.min(16) && component.holds(size, width)
            })
    }

    /// The pixels, on all threads, after a curve is undone.
    pub(super) fn image(&self, curve: Curve) -> Result<Image, Problem> {
        if !self.is_sound() {
            return Err(damaged(
                "its decoder gave a picture whose codes do not lie in its memory, or mean nothing known",
            ));
        }
        let coding = self.coding.for_picture(self.model, self.size[1]);
        let meaning = Meaning { transfer: curve, alpha: Alpha::Straight };
        let [columns, rows] = self.size;
        let window = Rect::of_size(columns as u32, rows as u32);
        let image = samples::image(window, self.components.len(), meaning, [1, RUN], |ys, xs, out: &mut [f32]| {
            self.row(coding, ys.start, xs, out);
        })?;
        Ok(self.turned(image)?)
    }

    fn turned(&self, image: Image) -> Result<Image, ImageError> {
        let turn = turn(self.rotation);
        if turn.is_none() {
            return Ok(image);
        }
        let [columns, rows] = turn.upright(self.size.map(|side| side as u32));
        let mut upright = Image::unpainted(Rect::of_size(columns, rows))?;
        let pixels = upright.values_mut().unwrap_or_default().as_chunks_mut::<4>().0;
        for (y, row) in pixels.chunks_mut(columns as usize).enumerate() {
            for (x, pixel) in row.iter_mut().enumerate() {
                let [column, row] = turn.stored([x, y], self.size);
                *pixel = image.pixels()[row * self.size[0] + column];
            }
        }
        Ok(upright)
    }

    /// Whether a component is a difference.
    fn is_difference(&self, at: usize) -> bool {
        self.model == Model::Ycc && (at == 1 || at == 2)
    }

    /// Columns and rows of differences.
    fn fewer(&self) -> [usize; 2] {
        [self.size[0].div_ceil(self.sampling[0]), self.size[1].div_ceil(self.sampling[1])]
    }

    /// Red, green and blue, or grey, and alpha of some columns of a row, together for each pixel.
    fn row(&self, coding: Coding, y: usize, xs: Range<usize>, out: &mut [f32]) {
        let mut lines = [[0.0_f32; RUN]; 4];
        for (at, (component, line)) in self.components.iter().zip(&mut lines).enumerate() {
            let line = &mut line[..xs.len()];
            if self.is_difference(at) {
                let scale = Scale::of_difference(self.bits, coding.is_full());
                self.difference(component, y, xs.clone(), scale, line);
            } else {
                let alpha = self.alpha && at + 1 == self.components.len();
                let scale = Scale::of_light(self.bits, alpha || coding.is_full());
                component.load(y, xs.clone(), self.bits > 8, scale, line);
            }
        }
        if let (Model::Ycc, Some([red, blue])) = (self.model, coding.shares()) {
            let green = 1.0 - red - blue;
            let of_red = (2.0 * (1.0 - red)) as f32;
            let of_blue = (2.0 * (1.0 - blue)) as f32;
            let [red_of_green, blue_of_green] =
                [red * 2.0 * (1.0 - red) / green, blue * 2.0 * (1.0 - blue) / green].map(|share| share as f32);
            let [first, second, third, _] = &mut lines;
            for ((first, second), third) in first.iter_mut().zip(second).zip(third).take(xs.len()) {
                let (y, cb, cr) = (*first, *second, *third);
                *first = y + of_red * cr;
                *second = y - blue_of_green * cb - red_of_green * cr;
                *third = y + of_blue * cb;
            }
        }
        let channels = self.components.len();
        for (at, line) in lines.iter().take(channels).enumerate() {
            out.iter_mut().skip(at).step_by(channels).zip(line).for_each(|(out, value)| *out = *value);
        }
    }

    /// A difference at some columns of a row.
    fn difference(&self, component: &Component<'_>, y: usize, xs: Range<usize>, scale: Scale, out: &mut [f32]) {
        let [by, rows] = self.sampling;
        let [columns, last_row] = [self.fewer()[0], self.fewer()[1] - 1];
        // One more on either side.
        let (first, last) = (xs.start / by, (xs.end - 1) / by);
        let (from, to) = (first.saturating_sub(1), (last + 1).min(columns - 1));
        let mut line = [0.0_f32; RUN + 2];
        let used = from + 1 - first..to + 2 - first;
        let wide = self.bits > 8;
        let (upper, below) = place(y, rows, true);
        let row = |offset: isize| upper.saturating_add_signed(offset).min(last_row);
        let (upper, lower) = if below < 0.0 { (row(-1), row(0)) } else { (row(0), row(1)) };
        let below = if below < 0.0 { below + 1.0 } else { below };
        component.load(upper, from..to + 1, wide, scale, &mut line[used.clone()]);
        if below > 0.0 && lower != upper {
            let mut other = [0.0_f32; RUN + 2];
            component.load(lower, from..to + 1, wide, scale, &mut other[used.clone()]);
            for (value, other) in line.iter_mut().zip(&other) {
                *value += (*other - *value) * below;
            }
        }
        if used.start == 1 {
            line[0] = line[1];
        }
        if used.end == last + 2 - first {
            line[used.end] = line[used.end - 1];
        }
        if by == 1 {
            out.copy_from_slice(&line[1..=xs.len()]);
            return;
        }
        // All columns with the same place between two samples, one kind after the other.
        for phase in 0..by.min(xs.len()) {
            let (at, beyond) = place(xs.start + phase, by, self.centred);
            let (at, beyond) = if beyond < 0.0 { (at - first, beyond + 1.0) } else { (at - first + 1, beyond) };
            let pairs = line[at..].iter().zip(&line[at + 1..]);
            for (out, (left, right)) in out.iter_mut().skip(phase).step_by(by).zip(pairs) {
                *out = left + (right - left) * beyond;
            }
        }
    }
}

/// The sample that a column or row belongs to, and how far behind it that lies, in samples; ahead of it below 0.
fn place(at: usize, by: usize, centred: bool) -> (usize, f32) {
    let (sample, phase) = (at / by, (at % by) as f32);
    let by = by as f32;
    (sample, if centred { (phase + 0.5) / by - 0.5 } else { phase / by })
}

#[cfg(test)]
mod tests;
