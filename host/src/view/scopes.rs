//! Counts of pixels: the scopes of a grading room, as numbers.
//!
//! They look at what is in the pixels, premultiplied: light as it is over black. Values of the signal are sorted into
//! bins of equal width as `numpy.histogram` sorts them: each holds its lower edge and not its upper one, the last both.
//! Whole numbers are counted, so that the order in which threads count does not matter.

use playa_plugin_api::{math, simd};
use rayon::prelude::*;

use super::luma;
use crate::image::{Image, ImageError, Pixel};

/// What a scope looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// The values of the pixels.
    Linear,
    /// Colour on the sRGB curve, which goes on above 1 and is mirrored below 0: what a display is sent. Alpha as it is.
    Srgb,
}

/// One component of the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// The first channel.
    Red,
    /// The second channel.
    Green,
    /// The third channel.
    Blue,
    /// The fourth channel.
    Alpha,
    /// Rec.709 luma of the signal; luminance where it is linear.
    Luma,
}

impl Component {
    /// The component of a letter: `r`, `g`, `b`, `a`, or `y` for luma.
    pub fn of_letter(letter: char) -> Option<Self> {
        Some(match letter {
            'r' => Component::Red,
            'g' => Component::Green,
            'b' => Component::Blue,
            'a' => Component::Alpha,
            'y' => Component::Luma,
            _ => return None,
        })
    }

    fn of(self, [r, g, b, a]: Pixel) -> f64 {
        match self {
            Component::Red => r.into(),
            Component::Green => g.into(),
            Component::Blue => b.into(),
            Component::Alpha => a.into(),
            Component::Luma => luma([r.into(), g.into(), b.into()]),
        }
    }
}

/// Bins of equal width over a range.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    edges: Vec<f64>,
    per_unit: f64,
}

/// Why bins could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum BinsError {
    /// Too few or too many.
    #[error("{0} bins, expected 1 to {most}", most = Bins::MOST)]
    Count(usize),
    /// No range.
    #[error("the range ({0}, {1}), expected two finite numbers of which the first is the smaller")]
    Range(f64, f64),
}

/// Where a value falls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Bin(usize),
    Under,
    Over,
    Nan,
}

impl Bins {
    /// The largest number of bins.
    pub const MOST: usize = 1 << 16;

    /// So many bins from `low` to `high`.
    ///
    /// # Errors
    /// If there are none or more than [`Bins::MOST`], or if it is no range.
    pub fn new(count: usize, (low, high): (f64, f64)) -> Result<Self, BinsError> {
        if !(1..=Self::MOST).contains(&count) {
            return Err(BinsError::Count(count));
        }
        let width = high - low;
        if !(low < high && width.is_finite()) {
            return Err(BinsError::Range(low, high));
        }
        let step = width / count as f64;
        let mut edges: Vec<f64> = (0..=count).map(|index| index as f64 * step + low).collect();
        edges[count] = high;
        Ok(Self { edges, per_unit: count as f64 / width })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.edges.len() - 1
    }

    /// Where they begin, and where the last one ends.
    pub fn edges(&self) -> &[f64] {
        &self.edges
    }

    fn place(&self, value: f64) -> Place {
        let last = self.count() - 1;
        let (low, high) = (self.edges[0], self.edges[last + 1]);
        if value < low {
            return Place::Under;
        }
        if value > high {
            return Place::Over;
        }
        if value.is_nan() {
            return Place::Nan;
        }
        // A guess, which rounding may have put into the neighbour.
        let guess = (((value - low) * self.per_unit) as usize).min(last);
        if value < self.edges[guess] {
            Place::Bin(guess - 1)
        } else if guess < last && value >= self.edges[guess + 1] {
            Place::Bin(guess + 1)
        } else {
            Place::Bin(guess)
        }
    }

    fn bin(&self, value: f64) -> Option<usize> {
        match self.place(value) {
            Place::Bin(bin) => Some(bin),
            _ => None,
        }
    }
}

/// How often values fall into each bin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// One count for each bin.
    pub counts: Vec<u64>,
    /// How many are below the first bin.
    pub under: u64,
    /// How many are above the last one.
    pub over: u64,
    /// How many are NaN.
    pub nan: u64,
}

/// Pixels that are sorted together.
const BLOCK: usize = 1 << 14;

/// The histogram of each component.
pub fn histogram(image: &Image, transfer: Transfer, components: &[Component], bins: &Bins) -> Vec<Histogram> {
    let empty = || vec![Histogram { counts: vec![0; bins.count()], under: 0, over: 0, nan: 0 }; components.len()];
    let count = |mut histograms: Vec<Histogram>, pixels: &[Pixel]| {
        with_signal(pixels, transfer, |pixel| {
            for (histogram, component) in histograms.iter_mut().zip(components) {
                match bins.place(component.of(pixel)) {
                    Place::Bin(bin) => histogram.counts[bin] += 1,
                    Place::Under => histogram.under += 1,
                    Place::Over => histogram.over += 1,
                    Place::Nan => histogram.nan += 1,
                }
            }
        });
        histograms
    };
    let add = |mut left: Vec<Histogram>, right: Vec<Histogram>| {
        for (left, right) in left.iter_mut().zip(right) {
            add_counts(&mut left.counts, &right.counts);
            left.under += right.under;
            left.over += right.over;
            left.nan += right.nan;
        }
        left
    };
    image.pixels().par_chunks(BLOCK).fold(empty, count).reduce(empty, add)
}

/// How often values fall into each bin in each column of the picture: for each component the columns from the left, for
/// each column its bins from the lowest. What lies outside of the bins is not counted.
///
/// One component is a waveform; red, green and blue side by side are a parade.
///
/// # Errors
/// If there is no memory for it.
pub fn waveform(
    image: &Image,
    transfer: Transfer,
    components: &[Component],
    bins: &Bins,
) -> Result<Vec<u64>, ImageError> {
    /// Columns that are counted together: some cache lines of each row.
    const COLUMNS: usize = 64;
    let (window, levels) = (image.window(), bins.count());
    let plane = window.width().checked_mul(levels);
    let total = plane.and_then(|plane| plane.checked_mul(components.len()));
    let mut counts: Vec<u64> = Vec::new();
    if total.is_none_or(|total| counts.try_reserve_exact(total).is_err()) {
        let bytes = (window.width() as u64).saturating_mul(8 * (levels * components.len()) as u64);
        return Err(ImageError::OutOfMemory { window, bytes });
    }
    counts.resize(total.unwrap_or(0), 0);
    if window.is_empty() || components.is_empty() {
        return Ok(counts);
    }
    for (counts, component) in counts.chunks_exact_mut(window.width() * levels).zip(components) {
        counts.par_chunks_mut(COLUMNS * levels).enumerate().for_each(|(band, counts)| {
            let (first, columns) = (band * COLUMNS, counts.len() / levels);
            for row in image.pixels().chunks_exact(window.width()) {
                let mut column = 0;
                with_signal(&row[first..first + columns], transfer, |pixel| {
                    if let Some(level) = bins.bin(component.of(pixel)) {
                        counts[column * levels + level] += 1;
                    }
                    column += 1;
                });
            }
        });
    }
    Ok(counts)
}

/// How often colours fall into each square of the plane of Rec.709 colour differences, `Cb = (B - Y) / 1.8556` and
/// `Cr = (R - Y) / 1.5748`: rows from the lowest Cr, in each the bins from the lowest Cb. Grey is in the middle of bins
/// around 0, colours of 0..1 lie within -0.5..0.5. What lies outside of the bins is not counted.
pub fn vectorscope(image: &Image, transfer: Transfer, bins: &Bins) -> Vec<u64> {
    let empty = || vec![0; bins.count() * bins.count()];
    let count = |mut counts: Vec<u64>, pixels: &[Pixel]| {
        with_signal(pixels, transfer, |[r, g, b, _]| {
            let [r, g, b] = [r, g, b].map(f64::from);
            let y = luma([r, g, b]);
            if let (Some(cb), Some(cr)) = (bins.bin((b - y) / 1.8556), bins.bin((r - y) / 1.5748)) {
                counts[cr * bins.count() + cb] += 1;
            }
        });
        counts
    };
    let add = |mut left: Vec<u64>, right: Vec<u64>| {
        add_counts(&mut left, &right);
        left
    };
    // One table of counts for each thread at most, since they may be large.
    let pixels = image.pixels();
    let part = pixels.len().div_ceil(rayon::current_num_threads()).max(BLOCK);
    pixels.par_chunks(part).map(|pixels| count(empty(), pixels)).reduce_with(add).unwrap_or_else(empty)
}

fn add_counts(left: &mut [u64], right: &[u64]) {
    left.iter_mut().zip(right).for_each(|(left, right)| *left += right);
}

/// Gives each pixel's signal to `see`.
fn with_signal(pixels: &[Pixel], transfer: Transfer, mut see: impl FnMut(Pixel)) {
    const PIECE: usize = 64;
    match transfer {
        Transfer::Linear => pixels.iter().for_each(|pixel| see(*pixel)),
        Transfer::Srgb => {
            let mut signal = [0.0; 4 * PIECE];
            for pixels in pixels.chunks(PIECE) {
                let signal = &mut signal[..4 * pixels.len()];
                signal.copy_from_slice(pixels.as_flattened());
                simd::dispatch(
                    #[inline(always)]
                    || signal.iter_mut().for_each(|value| *value = math::linear_to_srgb(*value)),
                );
                signal.as_chunks().0.iter().zip(pixels).for_each(|(&[r, g, b, _], pixel)| see([r, g, b, pixel[3]]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::image::Rect;

    fn image(width: u32, height: u32) -> Image {
        let value = |index: u32| (index.wrapping_mul(2654435761) >> 12) as f32 / 7e5 - 0.2;
        let values = (0..width * height * 4).map(value).collect();
        Image::from_vec(Rect::of_size(width, height), values).expect("it fits")
    }

    #[test]
    fn bins_hold_their_lower_edge_and_the_last_one_both() {
        let bins = Bins::new(10, (0.0, 1.0)).expect("valid");
        assert_eq!((bins.count(), bins.edges()[0], bins.edges()[10]), (10, 0.0, 1.0));
        for (index, edge) in bins.edges().iter().enumerate() {
            assert_eq!(bins.place(*edge), Place::Bin(index.min(9)), "{edge}");
            let below = if index == 0 { Place::Under } else { Place::Bin(index - 1) };
            assert_eq!(bins.place(edge.next_down()), below, "below {edge}");
        }
        assert_eq!(bins.place(1.0f64.next_up()), Place::Over);
        assert_eq!(bins.place(f64::INFINITY), Place::Over);
        assert_eq!(bins.place(f64::NAN), Place::Nan);
    }

    #[test]
    fn bins_without_number_or_range_are_errors_that_say_so() {
        assert_eq!(Bins::new(0, (0.0, 1.0)).expect_err("none").to_string(), "0 bins, expected 1 to 65536");
        for (low, high) in [(1.0, 1.0), (1.0, 0.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (f64::MIN, f64::MAX)] {
            let error = Bins::new(4, (low, high)).expect_err("no range").to_string();
            assert!(error.contains("expected two finite numbers"), "{error}");
        }
    }

    #[test]
    fn any_number_of_threads_and_every_level_counts_the_same() {
        let (image, bins) = (image(301, 97), Bins::new(64, (0.0, 1.0)).expect("valid"));
        let all = [Component::Red, Component::Green, Component::Blue, Component::Alpha, Component::Luma];
        let count = || {
            let columns = waveform(&image, Transfer::Srgb, &all, &bins).expect("there is memory");
            (histogram(&image, Transfer::Srgb, &all, &bins), columns, vectorscope(&image, Transfer::Srgb, &bins))
        };
        let on = |threads| ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool").install(count);
        let expected = on(1);
        assert_eq!(on(3), expected);
        // Levels are chosen for a thread: this one counts alone.
        let alone = ThreadPoolBuilder::new().num_threads(1).use_current_thread().build().expect("a pool");
        simd::on_each_level(|level| assert_eq!(alone.install(count), expected, "{level:?}"));
        let (histograms, columns, _) = expected;
        for (component, histogram) in histograms.iter().enumerate() {
            let sum: u64 = histogram.counts.iter().sum();
            assert_eq!(sum + histogram.under + histogram.over + histogram.nan, 301 * 97);
            let plane = &columns[component * 301 * 64..(component + 1) * 301 * 64];
            for level in 0..64 {
                let row: u64 = (0..301).map(|column| plane[column * 64 + level]).sum();
                assert_eq!(row, histogram.counts[level], "a waveform is a histogram of each column");
            }
        }
    }

    #[test]
    fn the_vectorscope_has_grey_in_the_middle_and_primaries_at_their_places() {
        let colours = [[0.5, 0.5, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
        let pixels: Vec<f32> = colours.iter().flat_map(|[r, g, b]| [*r, *g, *b, 1.0]).collect();
        let image = Image::from_vec(Rect::of_size(3, 1), pixels).expect("it fits");
        let bins = Bins::new(101, (-0.5, 0.5)).expect("valid");
        let counts = vectorscope(&image, Transfer::Srgb, &bins);
        let seen: Vec<(usize, usize)> =
            (0..101 * 101).filter(|at| counts[*at] > 0).map(|at| (at % 101, at / 101)).collect();
        // Cb, Cr of blue is 0.5, -0.0458, of red -0.1146, 0.5.
        assert_eq!(seen, [(100, 45), (50, 50), (38, 100)]);
    }
}
