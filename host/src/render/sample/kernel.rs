//! The weights of pixels: a function of the distance for each filter.

/// A filter over `N` neighbouring pixels along an axis.
///
/// Of the `N` pixels, number `N / 2 - 1` is the last one at or before the point, at a distance of `f` in `[0, 1)`.
pub trait Kernel<const N: usize> {
    /// Whether at a pixel's centre the value is that pixel's.
    const INTERPOLATES: bool;
    /// The integral of [`Self::at`].
    const AREA: f32;

    /// The weights of each pixel where nothing shrinks, at so many points. Their sum is 1; exact at `f = 0`.
    ///
    /// Into memory of the caller: arrays of this size returned or mapped are copied by calls.
    fn weights<const L: usize>(f: &[f32; L], weights: &mut [[f32; L]; N]);

    /// The weight at a distance in units of the width of one pixel of the result; 0 from `N / 2` on.
    fn at(distance: f32) -> f32;
}

/// Bilinear: a triangle.
#[derive(Debug)]
pub struct Triangle;

/// Keys' cubic with a = -0.5.
#[derive(Debug)]
pub struct Keys;

/// The cubic of Mitchell and Netravali with B = C = 1/3.
#[derive(Debug)]
pub struct Mitchell;

/// Sinc within three lobes of a sinc.
#[derive(Debug)]
pub struct Lanczos3;

impl Kernel<2> for Triangle {
    const INTERPOLATES: bool = true;
    const AREA: f32 = 1.0;

    #[inline(always)]
    fn weights<const L: usize>(f: &[f32; L], weights: &mut [[f32; L]; 2]) {
        for lane in 0..L {
            weights[0][lane] = 1.0 - f[lane];
            weights[1][lane] = f[lane];
        }
    }

    #[inline(always)]
    fn at(distance: f32) -> f32 {
        (1.0 - distance.abs()).max(0.0)
    }
}

impl Kernel<4> for Keys {
    const INTERPOLATES: bool = true;
    const AREA: f32 = 1.0;

    #[inline(always)]
    fn weights<const L: usize>(f: &[f32; L], weights: &mut [[f32; L]; 4]) {
        cubics(
            f,
            [[0.0, -0.5, 1.0, -0.5], [1.0, 0.0, -2.5, 1.5], [0.0, 0.5, 2.0, -1.5], [0.0, 0.0, -0.5, 0.5]],
            weights,
        );
    }

    #[inline(always)]
    fn at(distance: f32) -> f32 {
        pieces(distance.abs(), [1.0, 0.0, -2.5, 1.5], [2.0, -4.0, 2.5, -0.5])
    }
}

impl Kernel<4> for Mitchell {
    const INTERPOLATES: bool = false;
    const AREA: f32 = 1.0;

    #[inline(always)]
    fn weights<const L: usize>(f: &[f32; L], weights: &mut [[f32; L]; 4]) {
        cubics(
            f,
            [
                [1.0 / 18.0, -0.5, 5.0 / 6.0, -7.0 / 18.0],
                [8.0 / 9.0, 0.0, -2.0, 7.0 / 6.0],
                [1.0 / 18.0, 0.5, 1.5, -7.0 / 6.0],
                [0.0, 0.0, -1.0 / 3.0, 7.0 / 18.0],
            ],
            weights,
        );
    }

    #[inline(always)]
    fn at(distance: f32) -> f32 {
        pieces(distance.abs(), [8.0 / 9.0, 0.0, -2.0, 7.0 / 6.0], [16.0 / 9.0, -10.0 / 3.0, 2.0, -7.0 / 18.0])
    }
}

impl Kernel<6> for Lanczos3 {
    const INTERPOLATES: bool = true;
    const AREA: f32 = 0.997_055_35;

    /// The weights divided by their sum, within 3e-7. Two pixels as far from the middle have weights that mirror each
    /// other about f = 1/2: `even(h^2) + h * odd(h^2)` and `even(h^2) - h * odd(h^2)` with `h = f - 1/2`, least squares
    /// over Chebyshev nodes.
    #[inline(always)]
    fn weights<const L: usize>(f: &[f32; L], weights: &mut [[f32; L]; 6]) {
        const EVEN: [[f32; 5]; 3] = [
            [0.024_456_546, -0.088_125_736, -0.056_857_51, 0.078_069_12, -0.023_390_608],
            [-0.135_869_52, 0.570_761_74, -0.114_024_76, 0.028_415_19, -0.035_427_403],
            [0.611_413, -0.482_636, 0.170_882_27, -0.106_484_31, 0.058_818_01],
        ];
        const ODD: [[f32; 5]; 3] = [
            [-0.063_924_074, 0.309_972_73, -0.241_507_86, 0.110_070_44, -0.049_854_565],
            [0.181_158_56, -0.841_472_3, 0.524_813_23, -0.260_760_43, 0.123_686_254],
            [-1.336_669_9, 1.545_208_1, -0.908_498_94, 0.517_886_5, -0.241_400_3],
        ];
        for pair in 0..3 {
            let at_zero = if pair == 2 { 1.0 } else { 0.0 };
            for lane in 0..L {
                let h = f[lane] - 0.5;
                let even = horner(h * h, EVEN[pair]);
                let odd = h * horner(h * h, ODD[pair]);
                weights[pair][lane] = if f[lane] == 0.0 { at_zero } else { even + odd };
                weights[5 - pair][lane] = if f[lane] == 0.0 { 0.0 } else { even - odd };
            }
        }
    }

    /// With `x = pi t / 3` and `S = sin x / x`, `sinc(t) sinc(t / 3) = S^2 (1 - 4/3 x^2 S^2)`, because
    /// `sin 3x = sin x (3 - 4 sin^2 x)`. Within 3e-7.
    #[inline(always)]
    fn at(distance: f32) -> f32 {
        const S: [f32; 7] =
            [1.0, -0.182_770_45, 0.010_021_497, -0.000_261_652_6, 3.982_24e-6, -3.921_836e-8, 2.367_556_7e-10];
        const FOUR_THIRDS_X: f32 = 1.462_163_6;
        let t = distance.abs();
        let square = t * t;
        let s = horner(square, S);
        let value = s * s * (1.0 - FOUR_THIRDS_X * (square * (s * s)));
        if t < 3.0 { value } else { 0.0 }
    }
}

/// Two cubics, one below a distance of 1 and one below 2.
#[inline(always)]
fn pieces(t: f32, near: [f32; 4], far: [f32; 4]) -> f32 {
    let (near, far) = (horner(t, near), horner(t, far));
    if t < 1.0 {
        near
    } else if t < 2.0 {
        far
    } else {
        0.0
    }
}

/// A cubic for each weight.
#[inline(always)]
fn cubics<const L: usize>(f: &[f32; L], coefficients: [[f32; 4]; 4], weights: &mut [[f32; L]; 4]) {
    for (weights, coefficients) in weights.iter_mut().zip(coefficients) {
        for (weight, f) in weights.iter_mut().zip(f) {
            *weight = horner(*f, coefficients);
        }
    }
}

/// The polynomial with these coefficients, the constant one first.
#[inline(always)]
fn horner<const M: usize>(x: f32, coefficients: [f32; M]) -> f32 {
    let mut value = coefficients[M - 1];
    for i in (0..M - 1).rev() {
        value = value * x + coefficients[i];
    }
    value
}
