//! Gamuts: what red, green and blue are, and matrices between them.

use std::fmt;

/// Three rows of three.
pub type Matrix = [[f64; 3]; 3];

/// CIE 1931 x and y.
pub type Chromaticity = [f64; 2];

/// What red, green and blue of light 1 look like, and which white they make together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gamut {
    /// Red, green and blue.
    pub primaries: [Chromaticity; 3],
    /// What all three make together.
    pub white: Chromaticity,
    /// What the eye takes for white. Another one than `white` for X, Y and Z, which are no lights.
    pub adapted: Chromaticity,
}

/// Whether the white of one gamut becomes the white of another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Adaptation {
    /// Where both are known to be what an eye takes for white: D50, D55, D60 (and that of ACES), D65.
    #[default]
    Known,
    /// Always, by Bradford's matrix.
    Bradford,
    /// Never: light stays the same light.
    None,
}

impl Adaptation {
    /// All there are.
    pub const ALL: [Adaptation; 3] = [Adaptation::Known, Adaptation::Bradford, Adaptation::None];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Adaptation::Known => "known",
            Adaptation::Bradford => "bradford",
            Adaptation::None => "none",
        }
    }
}

crate::names::named!(Adaptation, "adaptation of white");

const D65: Chromaticity = [0.3127, 0.3290];
/// The white of ACES, Academy TB-2018-001.
const ACES_WHITE: Chromaticity = [0.32168, 0.33767];
/// Whites of daylight, CIE 15: D50, D55, D60, and the two above.
const KNOWN_WHITES: [Chromaticity; 5] = [[0.3457, 0.3585], [0.3324, 0.3474], [0.3217, 0.3378], ACES_WHITE, D65];

/// Numbers in headers are floats, some of them rounded to four digits.
const SAME: f64 = 5e-5;

const BRADFORD: Matrix = [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]];

impl Gamut {
    /// ITU-R BT.709 and sRGB.
    pub const REC709: Gamut = Gamut::rgb([[0.64, 0.33], [0.30, 0.60], [0.15, 0.06]], D65);
    /// ITU-R BT.2020.
    pub const REC2020: Gamut = Gamut::rgb([[0.708, 0.292], [0.170, 0.797], [0.131, 0.046]], D65);
    /// ITU-R BT.601 of 625 lines, EBU Tech. 3213.
    pub const EBU: Gamut = Gamut::rgb([[0.64, 0.33], [0.29, 0.60], [0.15, 0.06]], D65);
    /// ITU-R BT.601 of 525 lines, SMPTE RP 145.
    pub const SMPTE_C: Gamut = Gamut::rgb([[0.630, 0.340], [0.310, 0.595], [0.155, 0.070]], D65);
    /// P3 with the white of displays (SMPTE EG 432-1).
    pub const P3_D65: Gamut = Gamut::rgb([[0.680, 0.320], [0.265, 0.690], [0.150, 0.060]], D65);
    /// Adobe RGB (1998).
    pub const ADOBE_RGB: Gamut = Gamut::rgb([[0.64, 0.33], [0.21, 0.71], [0.15, 0.06]], D65);
    /// ACES primaries 0, SMPTE ST 2065-1.
    pub const AP0: Gamut = Gamut::rgb([[0.7347, 0.2653], [0.0, 1.0], [0.0001, -0.077]], ACES_WHITE);
    /// ACES primaries 1, Academy S-2014-004.
    pub const AP1: Gamut = Gamut::rgb([[0.713, 0.293], [0.165, 0.830], [0.128, 0.044]], ACES_WHITE);
    /// X, Y and Z of CIE 1931, seen by an eye that takes D65 for white.
    pub const XYZ_D65: Gamut = Gamut { adapted: D65, ..Gamut::XYZ };
    /// X, Y and Z of CIE 1931.
    const XYZ: Gamut = Gamut::rgb([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]], [1.0 / 3.0, 1.0 / 3.0]);

    const KNOWN: [Gamut; 9] = [
        Gamut::REC709,
        Gamut::REC2020,
        Gamut::EBU,
        Gamut::SMPTE_C,
        Gamut::P3_D65,
        Gamut::ADOBE_RGB,
        Gamut::AP0,
        Gamut::AP1,
        Gamut::XYZ,
    ];

    const fn rgb(primaries: [Chromaticity; 3], white: Chromaticity) -> Gamut {
        Gamut { primaries, white, adapted: white }
    }

    /// The gamut of x and y of red, green, blue and white, as OpenEXR has them. What differs from one of the standards by no
    /// more than rounding is that one. `None` where no light could be told by them.
    pub fn of_chromaticities(values: [f32; 8]) -> Option<Gamut> {
        let [rx, ry, gx, gy, bx, by, wx, wy] = values.map(f64::from);
        let found = Gamut::rgb([[rx, ry], [gx, gy], [bx, by]], [wx, wy]);
        let known = Gamut::KNOWN.into_iter().find(|known| {
            let pairs = known.corners().into_iter().flatten().zip(found.corners().into_iter().flatten());
            pairs.into_iter().all(|(a, b)| (a - b).abs() <= SAME)
        });
        known.or_else(|| {
            let all = [found.to_xyz(), inverse(found.to_xyz())];
            let usable = all.as_flattened().as_flattened().iter().all(|value| value.abs() <= 1e6);
            usable.then_some(found)
        })
    }

    /// x and y of red, green, blue and white, as OpenEXR has them.
    pub fn chromaticities(&self) -> [f32; 8] {
        let [[rx, ry], [gx, gy], [bx, by], [wx, wy]] = self.corners();
        [rx, ry, gx, gy, bx, by, wx, wy].map(|value| value as f32)
    }

    fn corners(&self) -> [Chromaticity; 4] {
        let [red, green, blue] = self.primaries;
        [red, green, blue, self.white]
    }

    /// From red, green and blue to X, Y and Z, with a Y of 1 for white (SMPTE RP 177).
    pub fn to_xyz(&self) -> Matrix {
        let columns = self.primaries.map(|[x, y]| [x, y, 1.0 - x - y]);
        let lights = transposed(columns);
        let shares = multiply(inverse(lights), tristimulus(self.white));
        lights.map(|row| [row[0] * shares[0], row[1] * shares[1], row[2] * shares[2]])
    }

    /// From light of this gamut to light of another. `None` where both are the same.
    pub fn matrix_to(&self, to: &Gamut, adaptation: Adaptation) -> Option<Matrix> {
        if self == to {
            return None;
        }
        let perceptual = |white: Chromaticity| KNOWN_WHITES.iter().any(|known| same(*known, white));
        let adapts = match adaptation {
            Adaptation::None => false,
            Adaptation::Bradford => true,
            Adaptation::Known => perceptual(self.adapted) && perceptual(to.adapted),
        };
        let xyz = match adapts && !same(self.adapted, to.adapted) {
            true => product(bradford(self.adapted, to.adapted), self.to_xyz()),
            false => self.to_xyz(),
        };
        Some(product(inverse(to.to_xyz()), xyz))
    }
}

/// `primaries (0.64, 0.33) (0.3, 0.6) (0.15, 0.06), white (0.3127, 0.329)`
impl fmt::Display for Gamut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue, white] = self.corners().map(|[x, y]| format!("({}, {})", rounded(x), rounded(y)));
        write!(f, "primaries {red} {green} {blue}, white {white}")
    }
}

fn rounded(value: f64) -> f64 {
    (value * 1e5).round() / 1e5
}

fn same(a: Chromaticity, b: Chromaticity) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= SAME)
}

/// X, Y and Z of a white, with a Y of 1.
fn tristimulus([x, y]: Chromaticity) -> [f64; 3] {
    [x / y, 1.0, (1.0 - x - y) / y]
}

/// From what is seen under one white to what looks the same under another.
fn bradford(from: Chromaticity, to: Chromaticity) -> Matrix {
    let [from, to] = [from, to].map(|white| multiply(BRADFORD, tristimulus(white)));
    let scaled: [[f64; 3]; 3] = std::array::from_fn(|row| BRADFORD[row].map(|value| value * to[row] / from[row]));
    product(inverse(BRADFORD), scaled)
}

/// `matrix * vector`
pub fn multiply(matrix: Matrix, [x, y, z]: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * x + row[1] * y + row[2] * z)
}

/// `a * b`: first `b`, then `a`.
pub fn product(a: Matrix, b: Matrix) -> Matrix {
    transposed(transposed(b).map(|column| multiply(a, column)))
}

fn transposed(m: Matrix) -> Matrix {
    std::array::from_fn(|row| std::array::from_fn(|column| m[column][row]))
}

/// The matrix that takes back what this one does. Infinite or NaN where nothing does.
pub fn inverse(m: Matrix) -> Matrix {
    let cofactor = |row: usize, column: usize| {
        let [a, b] = [(row + 1) % 3, (row + 2) % 3];
        let [c, d] = [(column + 1) % 3, (column + 2) % 3];
        m[a][c] * m[b][d] - m[a][d] * m[b][c]
    };
    let determinant = (0..3).map(|column| m[0][column] * cofactor(0, column)).sum::<f64>();
    std::array::from_fn(|row| std::array::from_fn(|column| cofactor(column, row) / determinant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: Matrix, expected: Matrix, error: f64) {
        for (found, expected) in found.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() <= error, "{found}, not {expected}");
        }
    }

    /// IEC 61966-2-1, rounded there to four digits; SMPTE ST 2065-1 for AP0; S-2014-004 for AP1 to AP0.
    #[test]
    fn matrices_are_those_of_the_standards() {
        let srgb = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]];
        assert_close(Gamut::REC709.to_xyz(), srgb, 1e-4);
        let ap0 = [
            [0.952_552_395_9, 0.0, 0.000_093_678_6],
            [0.343_966_449_8, 0.728_166_096_6, -0.072_132_546_4],
            [0.0, 0.0, 1.008_825_184_4],
        ];
        assert_close(Gamut::AP0.to_xyz(), ap0, 1e-9);
        let ap1_to_ap0 = [
            [0.695_452_241_4, 0.140_678_696_5, 0.163_869_062_2],
            [0.044_794_563_4, 0.859_671_118_5, 0.095_534_318_2],
            [-0.005_525_882_6, 0.004_025_210_3, 1.001_500_672_3],
        ];
        let found = Gamut::AP1.matrix_to(&Gamut::AP0, Adaptation::Known).expect("they differ");
        assert_close(found, ap1_to_ap0, 1e-9);
    }

    /// D60 to D65 is adapted, so that white stays white; light of equal energy is not, unless that is asked for.
    #[test]
    fn white_is_adapted_where_it_is_known_to_be_white() {
        let white = |from: Gamut, to: Gamut, adaptation| {
            multiply(from.matrix_to(&to, adaptation).expect("they differ"), [1.0; 3])
        };
        for adaptation in [Adaptation::Known, Adaptation::Bradford] {
            for value in white(Gamut::AP1, Gamut::REC709, adaptation) {
                assert!((value - 1.0).abs() < 1e-12);
            }
        }
        assert!((white(Gamut::AP1, Gamut::REC709, Adaptation::None)[2] - 1.0).abs() > 0.05);
        assert!((white(Gamut::XYZ, Gamut::REC709, Adaptation::Known)[2] - 1.0).abs() > 0.05);
        assert!((white(Gamut::XYZ, Gamut::REC709, Adaptation::Bradford)[2] - 1.0).abs() < 1e-12);
        assert!((white(Gamut::XYZ_D65, Gamut::REC709, Adaptation::Known)[0] - 1.0).abs() > 0.05, "X = Y = Z is no D65");
    }

    #[test]
    fn headers_that_round_are_the_standard_and_such_without_light_are_nothing() {
        for known in Gamut::KNOWN {
            assert_eq!(Gamut::of_chromaticities(known.chromaticities()), Some(known));
            assert_close(
                product(inverse(known.to_xyz()), known.to_xyz()),
                [[1., 0., 0.], [0., 1., 0.], [0., 0., 1.]],
                1e-12,
            );
        }
        let mut own = Gamut::REC709.chromaticities();
        own[0] += 0.01;
        assert!(Gamut::of_chromaticities(own).is_some_and(|gamut| gamut != Gamut::REC709));
        let mut no_white = own;
        no_white[7] = 0.0;
        let line = [0.1, 0.1, 0.2, 0.2, 0.3, 0.3, 0.3, 0.3];
        for values in [[0.0; 8], [f32::NAN; 8], [f32::MAX; 8], no_white, line] {
            assert_eq!(Gamut::of_chromaticities(values), None, "{values:?}");
        }
    }
}
