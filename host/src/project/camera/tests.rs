mod comp;
mod opengl;

use playa_plugin_api::Rect;

use super::{Lens, Projection, View, snap};
use crate::project::{Affine, Homography, Placement};

const HD: Rect = Rect::new(0, 0, 1920, 1080);
const LENS: Lens = Lens {
    projection: Projection::Perspective { fov: 39.6 },
    near_clip: 1.0,
    far_clip: 10_000.0,
    point_of_interest: None,
};

fn at(x: f64, y: f64, z: f64) -> Placement {
    Placement { position: [x, y, z], ..Placement::CENTRED }
}

/// The distance at which a pixel is a pixel.
fn distance(height: u32, fov: f64) -> f64 {
    f64::from(height) / 2.0 / (fov.to_radians() / 2.0).tan()
}

/// HD, from where a new camera stands.
fn hd() -> View {
    View::through(1920, 1080, LENS, &at(0.0, 0.0, distance(1080, 39.6)))
}

fn shift(map: Homography) -> Option<(i32, i32)> {
    map.as_affine().and_then(|map| map.whole_pixel_shift())
}

#[test]
fn a_new_camera_shows_a_layer_of_the_comps_size_as_it_is() {
    for (width, height) in [(1920, 1080), (1, 1), (3, 2), (641, 359), (4096, 3112), (7, 1001)] {
        for fov in [39.6, 10.0, 54.4, 90.0, 120.0, 179.0] {
            let lens = Lens { projection: Projection::Perspective { fov }, far_clip: 1e9, near_clip: 0.001, ..LENS };
            let camera = at(0.0, 0.0, distance(height, fov));
            for point_of_interest in [None, Some([0.0; 3])] {
                let view = View::through(width, height, Lens { point_of_interest, ..lens }, &camera);
                let map = view.to_comp(&Placement::CENTRED, Rect::of_size(width, height)).expect("it is seen");
                assert_eq!(map, Homography::from(Affine::IDENTITY), "{width}x{height} {fov}");
            }
        }
    }
}

#[test]
fn whole_shifts_stay_whole_and_half_pixels_half() {
    let map = |placement: Placement, window| hd().to_comp(&placement, window).expect("it is seen");
    assert_eq!(shift(map(at(100.0, 50.0, 0.0), HD)), Some((100, -50)));
    assert_eq!(shift(map(Placement::CENTRED, Rect::new(0, 0, 320, 180))), Some((800, 450)));
    assert_eq!(shift(map(Placement::CENTRED, Rect::new(-10, -20, 1910, 1060))), Some((10, 20)));
    let odd = map(Placement::CENTRED, Rect::new(0, 0, 321, 180)).as_affine().expect("it is not tilted");
    assert_eq!((odd.x, odd.whole_pixel_shift()), (799.5, None));
    // A camera that was moved with its layer, where sums are no longer exact.
    let camera = at(0.1, 0.2, distance(1080, 39.6) + 0.3);
    let moved = View::through(1920, 1080, LENS, &camera).to_comp(&at(0.1, 0.2, 0.3), HD).expect("it is seen");
    assert_eq!(shift(moved), Some((0, 0)));
}

#[test]
fn snapping_takes_a_billionth_of_a_pixel_and_not_more() {
    let off = |by: f64| Homography { m: [[1.0, 0.0, 3.0 + by], [0.0, 1.0, -4.0], [0.0, 0.0, 1.0]] };
    assert_eq!(shift(snap(off(9e-10), HD)), Some((3, -4)));
    assert_eq!(snap(off(2e-9), HD), off(2e-9));
    // What is no move at the far corner is none.
    let mut wider = off(0.0);
    wider.m[0][0] += 1e-11;
    assert_eq!(snap(wider, HD), wider, "2e-8 of a pixel at the right edge");
    assert_eq!(shift(snap(wider, Rect::of_size(32, 32))), Some((3, -4)));
    let mut tilted = off(0.0);
    tilted.m[2][1] = 1e-14;
    assert_eq!(snap(tilted, HD), tilted);
    assert_eq!(snap(off(1e-12), Rect::EMPTY), off(1e-12), "nothing has no corners");
}

#[test]
fn distance_divides_size() {
    // By similar triangles: at the distance d, a pixel is f / d pixels of the frame, about its centre.
    let f = 540.0 / 19.8_f64.to_radians().tan();
    for z in [-3000.0, -500.0, 250.0, 1400.0] {
        let map = hd().to_comp(&at(30.0, -20.0, z), HD).expect("it is seen");
        let scale = f / (f - z);
        for (x, y) in [(0.0, 0.0), (1920.0, 1080.0), (17.5, 900.5)] {
            let (u, v) = map.apply(x, y).expect("before the eye");
            assert!((u - (960.0 + scale * (x - 960.0 + 30.0))).abs() < 1e-8, "{z}");
            assert!((v - (540.0 + scale * (y - 540.0 + 20.0))).abs() < 1e-8, "{z}");
        }
    }
}

#[test]
fn the_angle_of_view_is_over_the_height() {
    for fov in [20.0_f64, 39.6, 100.0] {
        let lens = Lens { projection: Projection::Perspective { fov }, ..LENS };
        let view = View::through(640, 360, lens, &Placement::CENTRED);
        // A point half the angle above the axis is on the upper edge, wherever it is.
        for depth in [10.0, 2000.0] {
            let up = depth * (fov.to_radians() / 2.0).tan();
            let dot = Rect::of_size(2, 2);
            let (x, y) = view.to_comp(&at(0.0, up, -depth), dot).and_then(|map| map.apply(1.0, 1.0)).expect("seen");
            assert!((x - 320.0).abs() < 1e-9 && y.abs() < 1e-9, "{fov} {depth}: {x} {y}");
        }
    }
}

#[test]
fn a_camera_turns_and_moves_as_a_layer_does() {
    let f = distance(1080, 39.6);
    let see = |camera: Placement, x, y, z| {
        let map = View::through(1920, 1080, LENS, &camera).to_comp(&at(x, y, z), Rect::of_size(2, 2));
        map.and_then(|map| map.apply(1.0, 1.0))
    };
    let turned = |rotation| Placement { rotation, ..Placement::CENTRED };
    let close = |a: Option<(f64, f64)>, b: (f64, f64)| {
        let (x, y) = a.expect("it is seen");
        assert!((x - b.0).abs() < 1e-9 && (y - b.1).abs() < 1e-9, "{x} {y}, not {b:?}");
    };
    // Clockwise about Z: what is up is seen to the left.
    close(see(turned([0.0, 0.0, 90.0]), 0.0, 100.0, -f), (860.0, 540.0));
    // Clockwise about Y, (0, 0, -1) goes to (1, 0, 0).
    close(see(turned([0.0, 90.0, 0.0]), f, 0.0, 0.0), (960.0, 540.0));
    // Clockwise about X, (0, 0, -1) goes to (0, -1, 0).
    close(see(turned([90.0, 0.0, 0.0]), 0.0, -f, 0.0), (960.0, 540.0));
    assert_eq!(see(turned([90.0, 0.0, 0.0]), 0.0, f, 0.0), None, "behind");
    // To the right: everything goes to the left.
    close(see(at(100.0, 0.0, 0.0), 0.0, 0.0, -f), (860.0, 540.0));
    // Scale and pivot of a camera mean nothing.
    let odd = Placement { scale: [3.0, -2.0, 0.0], pivot: [50.0, 60.0, 70.0], ..Placement::CENTRED };
    close(see(odd, 10.0, 20.0, -f), (970.0, 520.0));
}

#[test]
fn any_camera_agrees_with_opengl_matrices() {
    let mut state = 1_u64;
    let mut random = |low: f64, high: f64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        low + (high - low) * ((state >> 11) as f64 / (1_u64 << 53) as f64)
    };
    let mut seen = 0;
    for round in 0..2000 {
        let projection = match round % 3 {
            0 => Projection::Orthographic { scale: random(0.1, 4.0) },
            _ => Projection::Perspective { fov: random(5.0, 150.0) },
        };
        let point_of_interest = (round % 2 == 0).then(|| [(); 3].map(|()| random(-800.0, 800.0)));
        let lens = Lens { projection, near_clip: 1.0, far_clip: 9000.0, point_of_interest };
        let mut place = |reach: f64| Placement {
            position: [(); 3].map(|()| random(-reach, reach)),
            rotation: [(); 3].map(|()| random(-360.0, 360.0)),
            scale: [(); 3].map(|()| random(-2.0, 2.0)),
            pivot: [(); 3].map(|()| random(-100.0, 100.0)),
        };
        let (camera, layer) = (place(1500.0), place(1000.0));
        let (size, window) = ((641, 359), Rect::new(-7, 11, 300, 218));
        let Some(map) = View::through(size.0, size.1, lens, &camera).to_comp(&layer, window) else { continue };
        for (x, y) in [(-7.0, 11.0), (300.0, 218.0), (-7.0, 218.0), (0.5, 100.5), (150.25, 30.75)] {
            let (u, v, w) = opengl::project(size, lens, &camera, &layer, window, (x, y));
            if w.abs() < 1.0 {
                continue; // Next to the plane of the eye, where both are all error.
            }
            let found = map.apply(x, y);
            assert_eq!(found.is_some(), w > 0.0, "round {round}: the sign of W");
            if let Some((a, b)) = found {
                // Doubles carry 16 digits; a coordinate beside the frame may have six before the point.
                let tolerance = 1e-8 * (1.0 + u.abs().max(v.abs()) / 100.0);
                assert!((a - u).abs() < tolerance && (b - v).abs() < tolerance, "round {round}: {a} {b}, not {u} {v}");
                seen += 1;
            }
        }
    }
    assert!(seen > 3000, "{seen} points are no test");
}

#[test]
fn an_orthographic_camera_scales_by_its_scale_alone() {
    let lens = Lens { projection: Projection::Orthographic { scale: 2.0 }, ..LENS };
    let view = View::through(1920, 1080, lens, &at(10.0, 0.0, 500.0));
    for z in [0.0, -4000.0] {
        let map = view.to_comp(&at(0.0, 0.0, z), HD).and_then(|map| map.as_affine()).expect("it is seen, and affine");
        assert_eq!(map, Affine { xx: 2.0, xy: 0.0, yx: 0.0, yy: 2.0, x: -980.0, y: -540.0 });
    }
    let plain = Lens { projection: Projection::Orthographic { scale: 1.0 }, ..LENS };
    let view = View::through(1920, 1080, plain, &at(0.0, 0.0, 1500.0));
    assert_eq!(view.to_comp(&at(3.0, 4.0, -77.7), HD).and_then(shift), Some((3, -4)));
}

#[test]
fn clips_take_whole_layers() {
    let view = View::through(100, 100, LENS, &Placement::CENTRED);
    let seen = |placement: Placement| view.to_comp(&placement, Rect::of_size(100, 100)).is_some();
    for (z, expected) in
        [(10.0, false), (0.0, false), (-0.99, false), (-1.0, true), (-1e4, true), (-10_000.5, false), (-1e8, false)]
    {
        assert_eq!(seen(at(0.0, 0.0, z)), expected, "{z}");
    }
    // Tilted by 60 degrees about X, it reaches 43 pixels to both sides of its centre.
    let tilted = |z| Placement { rotation: [60.0, 0.0, 0.0], ..at(0.0, 0.0, z) };
    for (z, expected) in [(45.0, false), (42.0, true), (-42.0, true), (-10_042.0, true), (-10_045.0, false)] {
        assert_eq!(seen(tilted(z)), expected, "tilted, {z}");
    }
    let through = view.to_comp(&tilted(0.0), Rect::of_size(100, 100)).expect("half of it is before the eye");
    let before = (0..=100).filter(|y| through.apply(50.0, f64::from(*y)).is_some()).count();
    assert_eq!(before, 50, "the rows on one side of its centre");
}

#[test]
fn a_point_straight_above_or_below_keeps_x_on_the_right() {
    let see = |camera: [f64; 3], point, x, y, z| {
        let lens = Lens { point_of_interest: Some(point), ..LENS };
        let view = View::through(1920, 1080, lens, &at(camera[0], camera[1], camera[2]));
        view.to_comp(&at(x, y, z), Rect::of_size(2, 2)).and_then(|map| map.apply(1.0, 1.0))
    };
    let f = distance(1080, 39.6);
    let is = |found: Option<(f64, f64)>, x: f64, y: f64| {
        let (u, v) = found.expect("it is seen");
        assert!((u - x).abs() < 1e-6 && (v - y).abs() < 1e-6, "{u} {v}, not {x} {y}");
    };
    // Down: what is far from the viewer (-Z) is up in the picture.
    is(see([0.0, f, 0.0], [0.0; 3], 10.0, 0.0, -20.0), 970.0, 520.0);
    // Up: what is near to the viewer (+Z) is.
    is(see([0.0, -f, 0.0], [0.0; 3], 10.0, 0.0, 20.0), 970.0, 520.0);
    // As it is a little before straight down.
    is(see([0.0, f, 1e-5], [0.0; 3], 10.0, 0.0, -20.0), 970.0, 520.0);
    // At its own place there is no direction: along -Z.
    is(see([5.0, 6.0, 7.0], [5.0, 6.0, 7.0], 15.0, 26.0, 7.0 - f), 970.0, 520.0);
}

#[test]
fn a_flat_view_drops_z_as_ever() {
    let placement = Placement { rotation: [10.0, 20.0, 30.0], scale: [1.5, 0.5, 2.0], ..at(3.0, 4.0, 500.0) };
    let view = View::flat(1920, 1080);
    assert_eq!(view.to_comp(&placement, HD), Some(placement.to_comp(HD, 1920, 1080).into()));
    assert!(view.is_flat() && !hd().is_flat());
}
