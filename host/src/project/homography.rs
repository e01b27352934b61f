//! Projective maps of the plane: what a picture seen by a camera goes through.

use super::Affine;

/// A projective map of the plane: `(x, y)` goes to `(X / W, Y / W)` with `(X, Y, W) = m * (x, y, 1)`.
///
/// What lies behind the eye has `W <= 0`, and goes nowhere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homography {
    /// Rows of the matrix.
    pub m: [[f64; 3]; 3],
}

impl From<Affine> for Homography {
    fn from(map: Affine) -> Self {
        Self { m: [[map.xx, map.xy, map.x], [map.yx, map.yy, map.y], [0.0, 0.0, 1.0]] }
    }
}

impl Homography {
    /// Where a point goes. `None` for a point behind the eye or in its plane.
    pub fn apply(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let [a, b, c] = self.m.map(|row| row[0] * x + row[1] * y + row[2]);
        (c > 0.0).then(|| (a / c, b / c))
    }

    /// This map after `first`.
    #[must_use]
    pub fn after(&self, first: &Homography) -> Homography {
        let cell = |row: usize, column: usize| (0..3).map(|k| self.m[row][k] * first.m[k][column]).sum();
        Homography { m: std::array::from_fn(|row| std::array::from_fn(|column| cell(row, column))) }
    }

    /// The affine map that it is, where it is one.
    pub fn as_affine(&self) -> Option<Affine> {
        let [[xx, xy, x], [yx, yy, y], [0.0, 0.0, w]] = self.m else { return None };
        (w > 0.0).then(|| Affine { xx: xx / w, xy: xy / w, yx: yx / w, yy: yy / w, x: x / w, y: y / w })
    }

    /// The map back, signed so that what was before the eye comes back with `W > 0`. `None` where the plane collapses to
    /// a line or point, as a layer seen edge on does.
    pub fn inverse(&self) -> Option<Homography> {
        let m = &self.m;
        // The adjugate over the determinant.
        let minor = |r0: usize, c0: usize, r1: usize, c1: usize| m[r0][c0] * m[r1][c1] - m[r0][c1] * m[r1][c0];
        let adjugate = [
            [minor(1, 1, 2, 2), -minor(0, 1, 2, 2), minor(0, 1, 1, 2)],
            [-minor(1, 0, 2, 2), minor(0, 0, 2, 2), -minor(0, 0, 1, 2)],
            [minor(1, 0, 2, 1), -minor(0, 0, 2, 1), minor(0, 0, 1, 1)],
        ];
        let determinant: f64 = (0..3).map(|k| m[0][k] * adjugate[k][0]).sum();
        let inverse = Homography { m: adjugate.map(|row| row.map(|cell| cell / determinant)) };
        inverse.m.iter().flatten().all(|cell| cell.is_finite()).then_some(inverse)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: Homography = Homography { m: [[2.0, 0.5, 30.0], [-0.25, 1.5, 7.0], [0.001, -0.002, 1.25]] };

    #[test]
    fn the_inverse_leads_back_and_composition_is_one_map_after_the_other() {
        let back = VIEW.inverse().expect("it is not flat");
        let (x, y) = VIEW.apply(40.0, -8.0).expect("it is before the eye");
        let (u, v) = back.apply(x, y).expect("it is before the eye");
        assert!((u - 40.0).abs() < 1e-9 && (v + 8.0).abs() < 1e-9, "{u} {v}");
        let (both, one) = (VIEW.after(&back), back.after(&VIEW));
        for map in [both, one] {
            let (u, v) = map.apply(3.0, 4.0).expect("it is before the eye");
            assert!((u - 3.0).abs() < 1e-9 && (v - 4.0).abs() < 1e-9, "{u} {v}");
        }
    }

    #[test]
    fn affine_maps_are_known_and_flat_ones_have_no_inverse() {
        let map = Affine { xx: 2.0, xy: 1.0, yx: 0.0, yy: 3.0, x: 5.0, y: -6.0 };
        assert_eq!(Homography::from(map).as_affine(), Some(map));
        assert_eq!(VIEW.as_affine(), None);
        let flat = Affine { yy: 0.0, ..Affine::IDENTITY };
        assert_eq!(Homography::from(flat).inverse(), None);
        assert_eq!(VIEW.apply(-2000.0, 0.0), None, "it is behind the eye");
    }
}
