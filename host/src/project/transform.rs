//! Where: how a layer's position, rotation, scale and pivot move its pixels into the comp.

use playa_plugin_api::Rect;

/// A layer's place in its comp, in comp space: origin at the centre, +X right, +Y up, pixels.
///
/// `comp = position + R * S * (p - pivot)`, where p is relative to the layer's centre and `R = Rz * Ry * Rx` (X acts
/// first), so that scale acts before rotation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// Where the pivot comes to lie; (0, 0, 0) is the comp's centre.
    pub position: [f64; 3],
    /// Degrees about X, Y and Z, clockwise positive.
    pub rotation: [f64; 3],
    /// Factors; 1.0 is 100 %.
    pub scale: [f64; 3],
    /// The fixed point, relative to the layer's centre.
    pub pivot: [f64; 3],
}

impl Placement {
    /// Centred, not turned, at 100 %.
    pub const CENTRED: Placement =
        Placement { position: [0.0; 3], rotation: [0.0; 3], scale: [1.0; 3], pivot: [0.0; 3] };

    /// The map from layer pixels to comp pixels, both with row 0 on top and pixel centres at +0.5, seen along Z
    /// (orthographic). The layer's centre is the centre of its source's display window; comp pixels start at (0, 0).
    pub fn to_comp(&self, display_window: Rect, comp_width: u32, comp_height: u32) -> Affine {
        let [x, y, _] = self.plane(display_window);
        // + 0.0 makes zero of minus zero, so that equal maps have equal bits.
        Affine {
            xx: x[0] + 0.0,
            xy: x[1] + 0.0,
            yx: -y[0] + 0.0,
            yy: -y[1] + 0.0,
            x: comp_width as f64 / 2.0 + x[2] + 0.0,
            y: comp_height as f64 / 2.0 - y[2] + 0.0,
        }
    }

    /// Where layer pixels lie in comp space: a matrix that takes `(x, y, 1)` to a point.
    pub(super) fn plane(&self, display_window: Rect) -> [[f64; 3]; 3] {
        let m = self.linear();
        let (cx, cy) = centre(display_window);
        // q = p - pivot for the layer pixel (0, 0), in comp space.
        let q = [-cx - self.pivot[0], cy - self.pivot[1], -self.pivot[2]];
        let at = |row: usize| self.position[row] + m[row][0] * q[0] + m[row][1] * q[1] + m[row][2] * q[2];
        std::array::from_fn(|row| [m[row][0], -m[row][1], at(row)])
    }

    /// The matrix R * S.
    pub(super) fn linear(&self) -> [[f64; 3]; 3] {
        // Clockwise with +Y up is the mathematical rotation by the negative angle.
        let [(sx, cx), (sy, cy), (sz, cz)] = self.rotation.map(|degrees| sin_cos(-degrees));
        let [kx, ky, kz] = self.scale;
        [
            [cz * cy * kx, (cz * sy * sx - sz * cx) * ky, (cz * sy * cx + sz * sx) * kz],
            [sz * cy * kx, (sz * sy * sx + cz * cx) * ky, (sz * sy * cx - cz * sx) * kz],
            [-sy * kx, cy * sx * ky, cy * cx * kz],
        ]
    }
}

/// An affine map of the plane: `(xx * x + xy * y + x0, yx * x + yy * y + y0)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// What x gives to x.
    pub xx: f64,
    /// What y gives to x.
    pub xy: f64,
    /// What x gives to y.
    pub yx: f64,
    /// What y gives to y.
    pub yy: f64,
    /// Where the origin goes, x.
    pub x: f64,
    /// Where the origin goes, y.
    pub y: f64,
}

impl Affine {
    /// Moves nothing.
    pub const IDENTITY: Affine = Affine { xx: 1.0, xy: 0.0, yx: 0.0, yy: 1.0, x: 0.0, y: 0.0 };

    /// Where a point goes.
    pub fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        (self.xx * x + self.xy * y + self.x, self.yx * x + self.yy * y + self.y)
    }

    /// This map, and then `next`.
    #[must_use]
    pub fn then(&self, next: &Affine) -> Affine {
        let (x, y) = next.apply(self.x, self.y);
        Affine {
            xx: next.xx * self.xx + next.xy * self.yx,
            xy: next.xx * self.xy + next.xy * self.yy,
            yx: next.yx * self.xx + next.yy * self.yx,
            yy: next.yx * self.xy + next.yy * self.yy,
            x,
            y,
        }
    }

    /// The map back. `None` where the plane collapses to a line or point, as with scale 0 or a layer seen edge on.
    pub fn inverse(&self) -> Option<Affine> {
        let determinant = self.xx * self.yy - self.xy * self.yx;
        let inverse = Affine {
            xx: self.yy / determinant,
            xy: -self.xy / determinant,
            yx: -self.yx / determinant,
            yy: self.xx / determinant,
            x: (self.xy * self.y - self.yy * self.x) / determinant,
            y: (self.yx * self.x - self.xx * self.y) / determinant,
        };
        let finite =
            [inverse.xx, inverse.xy, inverse.yx, inverse.yy, inverse.x, inverse.y].iter().all(|v| v.is_finite());
        finite.then_some(inverse)
    }

    /// Whether it moves nothing, exactly.
    pub fn is_identity(&self) -> bool {
        *self == Self::IDENTITY
    }

    /// By how many whole pixels it moves everything, where that is exactly all it does: such a layer is copied, not
    /// resampled.
    pub fn whole_pixel_shift(&self) -> Option<(i32, i32)> {
        let whole = |v: f64| (v.fract() == 0.0 && v.abs() <= i32::MAX as f64).then_some(v as i32);
        let shift = Affine { xx: 1.0, xy: 0.0, yx: 0.0, yy: 1.0, ..*self };
        (*self == shift).then_some((whole(self.x)?, whole(self.y)?))
    }
}

fn centre(window: Rect) -> (f64, f64) {
    ((window.x0 as f64 + window.x1 as f64) / 2.0, (window.y0 as f64 + window.y1 as f64) / 2.0)
}

/// Sine and cosine of an angle in degrees, exact for quarter turns.
fn sin_cos(degrees: f64) -> (f64, f64) {
    match degrees.rem_euclid(360.0) {
        0.0 => (0.0, 1.0),
        90.0 => (1.0, 0.0),
        180.0 => (0.0, -1.0),
        270.0 => (-1.0, 0.0),
        turn => turn.to_radians().sin_cos(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HD: Rect = Rect::new(0, 0, 1920, 1080);

    fn close(a: (f64, f64), b: (f64, f64)) -> bool {
        (a.0 - b.0).abs() < 1e-9 && (a.1 - b.1).abs() < 1e-9
    }

    #[test]
    fn identity_and_whole_shifts_are_exact() {
        assert!(Placement::CENTRED.to_comp(HD, 1920, 1080).is_identity());
        let moved = Placement { position: [100.0, 50.0, 7.0], ..Placement::CENTRED };
        assert_eq!(moved.to_comp(HD, 1920, 1080).whole_pixel_shift(), Some((100, -50)), "+Y is up");
        let small = Placement::CENTRED.to_comp(Rect::new(0, 0, 320, 180), 1920, 1080);
        assert_eq!(small.whole_pixel_shift(), Some((800, 450)), "centred");
        let odd = Placement::CENTRED.to_comp(Rect::new(0, 0, 321, 180), 1920, 1080);
        assert_eq!(odd.whole_pixel_shift(), None, "half a pixel is no whole shift");
        let window = Placement::CENTRED.to_comp(Rect::new(-10, -20, 1910, 1060), 1920, 1080);
        assert_eq!(window.whole_pixel_shift(), Some((10, 20)), "the display window's centre counts, not its corner");
        let turned = Placement { rotation: [360.0, -360.0, 720.0], ..Placement::CENTRED };
        assert!(turned.to_comp(HD, 1920, 1080).is_identity(), "full turns");
        let pivoted = Placement { pivot: [30.0, 40.0, 0.0], position: [30.0, 40.0, 0.0], ..Placement::CENTRED };
        assert!(pivoted.to_comp(HD, 1920, 1080).is_identity(), "the pivot cancels its position");
    }

    #[test]
    fn points_computed_by_hand() {
        let square = Rect::new(0, 0, 100, 100);
        let at = |placement: Placement, x, y| placement.to_comp(square, 200, 100).apply(x, y);
        // Clockwise 90: the middle of the top edge goes to the middle of the right edge.
        let quarter = Placement { rotation: [0.0, 0.0, 90.0], ..Placement::CENTRED };
        assert_eq!(at(quarter, 50.0, 0.0), (150.0, 50.0));
        assert_eq!(at(quarter, 0.0, 0.0), (150.0, 0.0));
        // Scale about the centre, then about the pivot at the top right corner (50 right, 50 up of the centre).
        let doubled = Placement { scale: [2.0, 0.5, 1.0], ..Placement::CENTRED };
        assert_eq!(at(doubled, 0.0, 0.0), (0.0, 25.0));
        let corner = Placement { scale: [2.0, 2.0, 1.0], pivot: [50.0, 50.0, 0.0], ..Placement::CENTRED };
        assert_eq!(at(corner, 100.0, 0.0), (100.0, 50.0), "the pivot lies on the comp's centre");
        assert_eq!(at(corner, 0.0, 100.0), (-100.0, 250.0));
        // Scale acts before rotation: x is doubled, then turned to point down.
        let both = Placement { rotation: [0.0, 0.0, 90.0], scale: [2.0, 1.0, 1.0], ..Placement::CENTRED };
        assert_eq!(at(both, 100.0, 50.0), (100.0, 150.0));
        // 30 degrees clockwise: (50, 0) goes to 50 (cos 30, -sin 30) with +Y up.
        let third = Placement { rotation: [0.0, 0.0, 30.0], ..Placement::CENTRED };
        assert!(close(at(third, 100.0, 50.0), (100.0 + 50.0 * 0.75_f64.sqrt(), 75.0)));
        // Turned by 60 degrees about Y or X, a layer looks half as wide or high.
        let y_turn = Placement { rotation: [0.0, 60.0, 0.0], ..Placement::CENTRED };
        assert!(close(at(y_turn, 100.0, 0.0), (125.0, 0.0)));
        let x_turn = Placement { rotation: [60.0, 0.0, 0.0], ..Placement::CENTRED };
        assert!(close(at(x_turn, 100.0, 0.0), (150.0, 25.0)));
        // X acts first: y goes to z by Rx(90), and Ry(90) brings z to x. Clockwise about X, (0, 1, 0) goes to
        // (0, 0, -1); clockwise about Y, (0, 0, -1) goes to (1, 0, 0).
        let x_then_y = Placement { rotation: [90.0, 90.0, 0.0], ..Placement::CENTRED };
        assert_eq!(at(x_then_y, 50.0, 0.0), (150.0, 50.0));
    }

    #[test]
    fn the_inverse_leads_back_and_a_flat_layer_has_none() {
        let placement = Placement {
            position: [12.5, -7.0, 3.0],
            rotation: [20.0, -35.0, 110.0],
            scale: [1.5, -0.25, 2.0],
            pivot: [5.0, 6.0, 7.0],
        };
        let map = placement.to_comp(Rect::new(-5, 3, 95, 53), 640, 360);
        let back = map.inverse().expect("it is not flat");
        let (x, y) = map.apply(17.0, -4.0);
        assert!(close(back.apply(x, y), (17.0, -4.0)));
        let flat = Placement { scale: [1.0, 0.0, 1.0], ..Placement::CENTRED };
        assert_eq!(flat.to_comp(HD, 1920, 1080).inverse(), None);
        let edge_on = Placement { rotation: [0.0, 90.0, 0.0], ..Placement::CENTRED };
        assert_eq!(edge_on.to_comp(HD, 1920, 1080).inverse(), None);
    }
}
