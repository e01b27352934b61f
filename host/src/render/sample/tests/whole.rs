//! Whole images against the reference.

use super::*;
use crate::render::sample::kernel::{Kernel, Keys, Lanczos3, Mitchell, Triangle};
use crate::render::sample::points::{LANES, Points, ToLayer};

/// Values reach from -0.5 to 1.5. The reference's densities are differences, good to 1e-8; weights are good to 3e-7, of
/// which up to 6 x 6 are summed, and rounded sums over wide filters to 1e-6.
const TOLERANCE: f64 = 5e-6;

/// Compares all that `filter` shows of the image, and 3 pixels around, at each level.
fn check(image: &Image, to_comp: &Homography, filter: Filter) {
    let placed = Placed::new(image.window(), to_comp, filter, VIEW).expect("it is seen");
    let to_layer = to_comp.inverse().expect("it is not flat");
    let window = placed.domain.grow(3, 3);
    assert!(window.area() < 400_000, "{window}");
    let mut first = None;
    simd::on_each_level(|level| {
        let found = sampled(&placed, image, window, usize::MAX >> 40);
        let first = first.get_or_insert_with(|| bits(&found));
        assert!(*first == bits(&found), "{filter:?} at {} has other bits", level.name());
        if level != simd::Level::Baseline {
            return;
        }
        compare(&found, image, filter, &to_layer);
    });
}

/// Compares each pixel that was found with the reference.
fn compare(found: &Image, image: &Image, filter: Filter, to_layer: &Homography) {
    let window = found.window();
    for (x, y) in (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y))) {
        let Some(expected) = reference::value(image, filter, to_layer, x, y) else { continue };
        let near = found.pixel(x, y).iter().zip(expected).all(|(f, e)| (f64::from(*f) - e).abs() <= TOLERANCE);
        assert!(near, "{filter:?} {to_layer:?} at {x}, {y}: {:?}, expected {expected:?}", found.pixel(x, y));
    }
}

#[test]
fn every_filter_is_its_definition_where_a_layer_is_turned_enlarged_shrunk_mirrored_or_seen_aslant() {
    let aslant = Homography { m: [[1.1, 0.2, 4.0], [-0.1, 0.9, 2.0], [0.008, -0.005, 1.0]] };
    let maps = [
        turned(12.0, [1.3, 1.3], [7.25, -3.5]),
        turned(200.0, [2.5, 1.0], [0.1, 0.2]),
        turned(12.0, [0.8, 0.8], [7.25, -3.5]),
        turned(12.0, [0.55, 0.55], [7.25, -3.5]),
        turned(-70.0, [0.35, 0.6], [3.0, 50.0]),
        turned(0.0, [0.5, 0.75], [1.2, 0.7]),
        turned(-33.0, [0.31, 0.29], [5.0, 6.0]),
        turned(45.0, [1.7, 0.4], [0.0, 0.0]),
        turned(0.0, [-1.0 / 7.0, 3.0], [9.0, 9.3]),
        turned(0.0, [0.3, 0.4], [1.2, 0.7]),
        turned(77.0, [0.01, 0.02], [0.3, 0.4]),
        aslant,
        aslant.after(&turned(20.0, [0.3, 0.5], [0.0, 0.0])),
    ];
    let image = image(Rect::new(-5, 3, 72, 40), noise);
    for map in &maps {
        for filter in Filter::ALL {
            check(&image, map, filter);
        }
    }
}

#[test]
fn images_of_one_pixel_or_one_row_are_sampled_like_others() {
    for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 3), (5, 4)] {
        let image = image(Rect::of_size(width, height).translate(3, -2), noise);
        for filter in Filter::ALL {
            check(&image, &turned(20.0, [3.1, 2.3], [0.4, 0.1]), filter);
            check(&image, &turned(-70.0, [0.6, 0.7], [0.4, 0.1]), filter);
            check(&image, &turned(12.0, [0.8, 0.8], [0.4, 0.1]), filter);
        }
    }
}

#[test]
fn what_crosses_the_plane_of_the_eye_is_placed_where_it_is_seen() {
    // W = 1 - 0.02 u: the columns from 50 on are behind.
    let map = Homography { m: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-0.02, 0.001, 1.0]] };
    let image = image(Rect::of_size(77, 31), noise);
    for filter in Filter::ALL {
        let placed = Placed::new(image.window(), &map, filter, VIEW).expect("it is seen");
        assert!(VIEW.contains_rect(&placed.domain), "{}", placed.domain);
        assert!(!placed.domain.is_empty() && placed.domain.x1 == VIEW.x1, "{}", placed.domain);
        let to_layer = map.inverse().expect("it is not flat");
        let found = sampled(&placed, &image, Rect::new(-9, 0, 150, 60), 1000);
        compare(&found, &image, filter, &to_layer);
    }
    let behind = Homography { m: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-0.02, 0.0, -1.0]] };
    assert!(Placed::new(image.window(), &behind, Filter::Bilinear, VIEW).is_none(), "all of it is behind the eye");
}

#[test]
fn a_shrunk_constant_stays_and_a_shrunk_checkerboard_is_grey() {
    let window = Rect::of_size(211, 173);
    let constant = image(window, |_, _| [0.25, 0.5, 3.0, 1.0]);
    let board = image(window, |x, y| [((x + y) & 1) as f32, 0.0, 0.0, 1.0]);
    for filter in Filter::ALL.into_iter().filter(|filter| *filter != Filter::Impulse) {
        for (map, inside) in [
            (turned(0.0, [1.0 / 7.0, 1.0 / 7.0], [0.0, 0.0]), Rect::new(4, 4, 26, 20)),
            (turned(30.0, [1.0 / 7.0, 1.0 / 7.0], [0.0, 0.0]), Rect::new(5, 12, 10, 16)),
        ] {
            let placed = Placed::new(window, &map, filter, VIEW).expect("it is seen");
            let (flat, grey) = (sampled(&placed, &constant, inside, 99), sampled(&placed, &board, inside, 99));
            for pixel in flat.pixels() {
                let near = pixel.iter().zip([0.25, 0.5, 3.0, 1.0]).all(|(f, e)| (f - e).abs() <= 1e-6 * e);
                assert!(near, "{filter:?}: {pixel:?}");
            }
            // The triangle, whose spectrum falls slowest, leaves 1/49 of the amplitude.
            assert!(grey.pixels().iter().all(|p| (p[0] - 0.5).abs() < 0.011), "{filter:?}: {:?}", grey.pixel(6, 13));
        }
    }
}

#[test]
fn a_constant_that_is_shrunk_a_little_stays() {
    let window = Rect::of_size(150, 140);
    let constant = image(window, |_, _| [0.25, 0.5, 3.0, 1.0]);
    for filter in Filter::ALL {
        for (scale, inside) in [(0.8, Rect::new(0, 30, 70, 80)), (0.55, Rect::new(0, 25, 50, 60))] {
            let placed = Placed::new(window, &turned(12.0, [scale, scale], [0.0, 0.0]), filter, VIEW).expect("seen");
            for pixel in sampled(&placed, &constant, inside, 99).pixels() {
                let near = pixel.iter().zip([0.25, 0.5, 3.0, 1.0]).all(|(f, e)| (f - e).abs() <= 1e-6 * e);
                assert!(near, "{filter:?} {scale}: {pixel:?}");
            }
        }
    }
}

#[test]
fn weights_are_within_1e_6_of_the_kernels() {
    fn worst<const N: usize, K: Kernel<N>>(filter: Filter) -> f64 {
        let mut worst = 0.0_f64;
        for step in 0..100_000 {
            let f = step as f32 / 100_000.0;
            let exact: [f64; N] =
                std::array::from_fn(|k| reference::kernel(filter, f64::from(f) - (k as f64 - (N / 2 - 1) as f64)));
            let sum: f64 = exact.iter().sum();
            let mut weights = [[0.0]; N];
            K::weights(&[f], &mut weights);
            for ([found], exact) in weights.into_iter().zip(exact) {
                worst = worst.max((f64::from(found) - exact / sum).abs());
            }
            let t = f * (N / 2) as f32 * 1.01;
            worst = worst.max((f64::from(K::at(t)) - reference::kernel(filter, t.into())).abs());
        }
        worst
    }
    for (filter, worst) in [
        (Filter::Bilinear, worst::<2, Triangle>(Filter::Bilinear)),
        (Filter::Cubic, worst::<4, Keys>(Filter::Cubic)),
        (Filter::Mitchell, worst::<4, Mitchell>(Filter::Mitchell)),
        (Filter::Lanczos3, worst::<6, Lanczos3>(Filter::Lanczos3)),
    ] {
        println!("{filter:?}: {worst:.1e}");
        assert!(worst < 1e-6, "{filter:?}: {worst}");
    }
}

#[test]
fn coordinates_do_not_drift_along_8k_rows() {
    let map = turned(12.0, [1.3, 1.3], [2000.0, -700.0]).inverse().and_then(|map| map.as_affine()).expect("affine");
    let mut points = Points::new();
    for x in (0..8192).step_by(LANES) {
        ToLayer::affine(map).points(x, 4319, 0.5, &mut points);
        for lane in 0..LANES {
            let (u, v) = map.apply(f64::from(x) + lane as f64 + 0.5, 4319.5);
            let found = |whole: i32, f: f32| f64::from(whole) + f64::from(f) + 0.5;
            let (du, dv) =
                (found(points.column[lane], points.fx[lane]) - u, found(points.row[lane], points.fy[lane]) - v);
            // A rest has 24 bits, and steps are cut off behind 32.
            assert!(du.abs() < 1e-7 && dv.abs() < 1e-7, "{x} + {lane}: {du} {dv}");
        }
    }
}
