//! What can be said of each channel in a few numbers.

use rayon::prelude::*;

use crate::image::{Image, Pixel};

/// One channel of a picture, over its data window.
///
/// The first four are of its finite values, and NaN where it has none.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ChannelStats {
    /// The smallest value.
    pub min: f64,
    /// The largest value.
    pub max: f64,
    /// The mean.
    pub mean: f64,
    /// The standard deviation: the root of the mean squared distance from the mean.
    pub std: f64,
    /// How many values there are.
    pub count: u64,
    /// How many are NaN.
    pub nan: u64,
    /// How many are infinite, of either sign.
    pub inf: u64,
    /// How many are below 0, infinite ones too.
    pub negative: u64,
    /// How many are above 1, infinite ones too.
    pub above_one: u64,
}

/// Pixels of a partial sum. Sums are made of the same parts in the same order, whichever thread makes a part.
const BLOCK: usize = 4096;

/// Red, green, blue and alpha of a picture.
pub fn stats(image: &Image) -> [ChannelStats; 4] {
    let blocks: Vec<[Sums; 4]> = image.pixels().par_chunks(BLOCK).map(sums).collect();
    let total: [Sums; 4] =
        std::array::from_fn(|channel| blocks.iter().fold(Sums::default(), |total, block| total.and(&block[channel])));
    let mean = total.map(|sums| sums.sum / sums.finite as f64);
    let squares: Vec<[f64; 4]> = image.pixels().par_chunks(BLOCK).map(|pixels| squares(pixels, mean)).collect();
    std::array::from_fn(|channel| {
        let sums = &total[channel];
        let square: f64 = squares.iter().map(|block| block[channel]).sum();
        let known = |value: f32| if sums.finite == 0 { f64::NAN } else { f64::from(value) };
        ChannelStats {
            min: known(sums.min),
            max: known(sums.max),
            mean: mean[channel],
            std: (square / sums.finite as f64).sqrt(),
            count: image.pixels().len() as u64,
            nan: sums.nan,
            inf: sums.inf,
            negative: sums.negative,
            above_one: sums.above_one,
        }
    })
}

/// What one pass tells of a channel.
#[derive(Clone, Copy, Debug)]
struct Sums {
    min: f32,
    max: f32,
    sum: f64,
    finite: u64,
    nan: u64,
    inf: u64,
    negative: u64,
    above_one: u64,
}

impl Default for Sums {
    fn default() -> Self {
        let (min, max) = (f32::INFINITY, f32::NEG_INFINITY);
        Self { min, max, sum: 0.0, finite: 0, nan: 0, inf: 0, negative: 0, above_one: 0 }
    }
}

impl Sums {
    fn add(&mut self, value: f32) {
        if value.is_finite() {
            self.min = self.min.min(value);
            self.max = self.max.max(value);
            self.sum += f64::from(value);
            self.finite += 1;
        }
        self.nan += u64::from(value.is_nan());
        self.inf += u64::from(value.is_infinite());
        self.negative += u64::from(value < 0.0);
        self.above_one += u64::from(value > 1.0);
    }

    fn and(self, other: &Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
            sum: self.sum + other.sum,
            finite: self.finite + other.finite,
            nan: self.nan + other.nan,
            inf: self.inf + other.inf,
            negative: self.negative + other.negative,
            above_one: self.above_one + other.above_one,
        }
    }
}

fn sums(pixels: &[Pixel]) -> [Sums; 4] {
    let mut sums = [Sums::default(); 4];
    for pixel in pixels {
        sums.iter_mut().zip(pixel).for_each(|(sums, value)| sums.add(*value));
    }
    sums
}

/// Sums of squared distances of the finite values from the means.
fn squares(pixels: &[Pixel], mean: [f64; 4]) -> [f64; 4] {
    let mut sums = [0.0; 4];
    for pixel in pixels {
        for ((sum, value), mean) in sums.iter_mut().zip(pixel).zip(mean) {
            let distance = f64::from(*value) - mean;
            *sum += if value.is_finite() { distance * distance } else { 0.0 };
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use rayon::ThreadPoolBuilder;

    use super::*;
    use crate::image::Rect;

    #[test]
    fn a_few_values_have_their_known_numbers() {
        let red = [1.0, -2.0, 4.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
        let pixels: Vec<f32> = red.iter().flat_map(|r| [*r, 7.0, f32::NAN, 0.0]).collect();
        let image = Image::from_vec(Rect::of_size(3, 2), pixels).expect("it fits");
        let [red, green, blue, alpha] = stats(&image);
        assert_eq!((red.min, red.max, red.mean), (-2.0, 4.0, 1.0));
        assert_eq!((red.std, red.count, red.nan, red.inf, red.negative, red.above_one), (6f64.sqrt(), 6, 1, 2, 2, 2));
        assert_eq!((green.min, green.max, green.mean, green.std, green.above_one), (7.0, 7.0, 7.0, 0.0, 6));
        assert!(blue.min.is_nan() && blue.max.is_nan() && blue.mean.is_nan() && blue.std.is_nan());
        assert_eq!((blue.nan, alpha.max, alpha.negative), (6, 0.0, 0));
    }

    #[test]
    fn any_number_of_threads_gives_the_same_bits() {
        let pixels =
            (0..301 * 211 * 4u32).map(|index| (index.wrapping_mul(2654435761) >> 8) as f32 / 3e5 - 7.0).collect();
        let image = Image::from_vec(Rect::of_size(301, 211), pixels).expect("it fits");
        let on = |threads| {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| stats(&image))
        };
        assert_eq!(on(1), on(3));
    }
}
