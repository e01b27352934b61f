//! Values between keys, against closed forms and brute force.

use super::*;

/// The value where a Bezier curve through these points of (time, value) passes a time, by looking at many of its
/// points, and how far apart two neighbouring ones are in value.
fn brute_force(points: [(f64, f64); 4], time: f64) -> (f64, f64) {
    const STEPS: usize = 200_000;
    let point = |step: usize| {
        let t = step as f64 / STEPS as f64;
        // De Casteljau: halfway points of halfway points.
        let between = |a: (f64, f64), b: (f64, f64)| (a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t);
        let [a, b, c, d] = points;
        let (ab, bc, cd) = (between(a, b), between(b, c), between(c, d));
        between(between(ab, bc), between(bc, cd))
    };
    let (mut low, mut high) = (0, STEPS);
    assert!((0..STEPS).all(|step| point(step).0 <= point(step + 1).0 + 1e-12), "time runs back");
    while high - low > 1 {
        let middle = usize::midpoint(low, high);
        if point(middle).0 <= time { low = middle } else { high = middle }
    }
    (point(low).1, (point(high).1 - point(low).1).abs())
}

#[test]
fn one_key_is_a_constant() {
    let curve = floats([key(10.0, 3.5, Interp::Bezier)]);
    for time in [f64::NEG_INFINITY, -5.0, 10.0, 1e12, f64::INFINITY, f64::NAN] {
        assert_eq!(float(&curve, time), 3.5);
    }
}

#[test]
fn hold_stays_until_the_next_key() {
    let curve = floats([key(0.0, 1.0, Interp::Hold), key(10.0, 2.0, Interp::Hold), key(20.0, 3.0, Interp::Hold)]);
    for (time, expected) in [(-1.0, 1.0), (0.0, 1.0), (9.999, 1.0), (10.0, 2.0), (19.5, 2.0), (20.0, 3.0), (99.0, 3.0)]
    {
        assert_eq!(float(&curve, time), expected, "at {time}");
    }
}

#[test]
fn linear_is_the_straight_line_and_exact_where_numbers_are() {
    let curve =
        floats([key(0.0, 0.0, Interp::Linear), key(10.0, 100.0, Interp::Linear), key(14.0, -100.0, Interp::Linear)]);
    for frame in 0..=10 {
        assert_eq!(float(&curve, f64::from(frame)), f64::from(frame * 10));
    }
    for (time, expected) in [(-3.0, 0.0), (2.5, 25.0), (11.0, 50.0), (12.5, -25.0), (14.0, -100.0), (15.0, -100.0)] {
        assert_eq!(float(&curve, time), expected, "at {time}");
    }
    let constant = floats([key(0.0, 0.1, Interp::Linear), key(7.0, 0.1, Interp::Bezier), key(9.0, 0.1, Interp::Hold)]);
    assert!((0..100).all(|n| float(&constant, f64::from(n) * 0.1) == 0.1), "every bit of a constant stays");
}

#[test]
fn an_automatic_bezier_between_two_keys_is_the_smooth_step() {
    let curve = floats([key(-4.0, 10.0, Interp::Bezier), key(12.0, 20.0, Interp::Linear)]);
    for step in 0..=160 {
        let u = f64::from(step) / 160.0;
        let expected = 10.0 + 10.0 * u * u * (3.0 - 2.0 * u);
        assert!((float(&curve, -4.0 + 16.0 * u) - expected).abs() < 1e-13, "at {u}");
    }
    assert_eq!(float(&curve, 4.0), 15.0);
}

#[test]
fn automatic_handles_are_smooth_flat_at_extremes_and_never_overshoot() {
    let points = [(0.0, 0.0), (3.0, 1.0), (10.0, 40.0), (11.0, 41.0), (15.0, 5.0), (16.0, 5.0), (30.0, 6.0)];
    let curve = floats(points.map(|(frame, value)| key(frame, value, Interp::Bezier)));
    for pair in points.windows(2) {
        let ((t0, v0), (t1, v1)) = (pair[0], pair[1]);
        let mut last = v0;
        for step in 1..=1000 {
            let value = float(&curve, t0 + (t1 - t0) * f64::from(step) / 1000.0);
            assert!((value - last) * (v1 - v0) >= -1e-12, "turns between {t0} and {t1}");
            last = value;
        }
    }
    let slope = |time: f64| (float(&curve, time + 1e-4) - float(&curve, time - 1e-4)) / 2e-4;
    for extreme in [11.0, 15.0, 16.0] {
        assert!(slope(extreme).abs() < 1e-2, "{} at {extreme}", slope(extreme));
    }
    // The line through its neighbours is 4 a frame, three times the way to the first only 1.
    assert!((slope(3.0) - 1.0).abs() < 1e-2, "{}", slope(3.0));
    // One frame after key 10 the curve rises by 1: the slope is 3 rather than 40 / 8.
    assert!((slope(10.0) - 3.0).abs() < 1e-2, "{}", slope(10.0));
}

#[test]
fn a_hold_on_either_side_makes_an_automatic_handle_flat() {
    let curve = floats([
        key(0.0, 0.0, Interp::Hold),
        key(10.0, 1.0, Interp::Bezier),
        key(20.0, 3.0, Interp::Hold),
        key(30.0, 4.0, Interp::Linear),
    ]);
    for step in 0..=100 {
        let u = f64::from(step) / 100.0;
        let expected = 1.0 + 2.0 * u * u * (3.0 - 2.0 * u);
        assert!((float(&curve, 10.0 + 10.0 * u) - expected).abs() < 1e-13, "at {u}");
    }
}

#[test]
fn explicit_handles_give_the_curve_that_brute_force_finds() {
    // Frames and offsets of both handles, and how far they go when they are cut to the length of 20 frames.
    let cases = [
        ((8.0, 0.0), (-8.0, 0.0), (8.0, 0.0), (-8.0, 0.0)),
        ((20.0, 5.0), (-20.0, -5.0), (20.0, 5.0), (-20.0, -5.0)),
        ((0.0, 30.0), (0.0, 30.0), (0.0, 30.0), (0.0, 30.0)),
        ((1.0, -40.0), (-15.0, 80.0), (1.0, -40.0), (-15.0, 80.0)),
        ((40.0, 10.0), (-200.0, 30.0), (20.0, 5.0), (-20.0, 3.0)),
    ];
    for (outgoing, incoming, first, second) in cases {
        let curve = floats([
            Key { outgoing: handle(outgoing.0, outgoing.1), ..key(100.0, 1.0, Interp::Bezier) },
            Key { incoming: handle(incoming.0, incoming.1), ..key(120.0, 7.0, Interp::Hold) },
        ]);
        let points = [(100.0, 1.0), (100.0 + first.0, 1.0 + first.1), (120.0 + second.0, 7.0 + second.1), (120.0, 7.0)];
        for time in [100.0, 100.03, 101.0, 105.5, 110.0, 114.25, 119.0, 119.97, 120.0] {
            let ((expected, step), found) = (brute_force(points, time), float(&curve, time));
            // The brute force stops at the point before.
            assert!(
                (found - expected).abs() <= step + 1e-9,
                "{outgoing:?} {incoming:?} at {time}: {found}, {expected}"
            );
        }
    }
}

#[test]
fn one_handle_may_be_explicit_and_the_other_automatic() {
    let curve =
        floats([Key { outgoing: handle(5.0, 10.0), ..key(0.0, 0.0, Interp::Bezier) }, key(12.0, 0.0, Interp::Linear)]);
    let points = [(0.0, 0.0), (5.0, 10.0), (8.0, 0.0), (12.0, 0.0)];
    let (expected, step) = brute_force(points, 3.0);
    assert!((float(&curve, 3.0) - expected).abs() <= step + 1e-9);
}

#[test]
fn vectors_and_colours_go_by_component_and_whole_numbers_are_rounded() {
    let pair = |kind, from: Value, to: Value| {
        curve(kind, None, [Key::new(0.0, from, Interp::Linear), Key::new(4.0, to, Interp::Linear)]).at(1.0)
    };
    assert_eq!(pair(Kind::Int, Value::Int(0), Value::Int(10)), Value::Int(3), "2.5, away from zero");
    assert_eq!(pair(Kind::Int, Value::Int(i64::MIN), Value::Int(i64::MIN)), Value::Int(i64::MIN));
    assert_eq!(pair(Kind::Vec2, Value::Vec2([0.0, 8.0]), Value::Vec2([4.0, 0.0])), Value::Vec2([1.0, 6.0]));
    let (from, to) = (Value::Vec3([0.0, 8.0, -1.0]), Value::Vec3([4.0, 0.0, -1.0]));
    assert_eq!(pair(Kind::Vec3, from, to), Value::Vec3([1.0, 6.0, -1.0]));
    let (from, to) = (Value::Vec4([0.0, 8.0, 1.0, 2.0]), Value::Vec4([4.0, 0.0, 1.0, 10.0]));
    assert_eq!(pair(Kind::Vec4, from, to), Value::Vec4([1.0, 6.0, 1.0, 4.0]));
    let (from, to) = (Value::Color([0.0, 8.0, 1.0, 1.0]), Value::Color([4.0, 0.0, 1.0, 0.0]));
    assert_eq!(pair(Kind::Color, from, to), Value::Color([1.0, 6.0, 1.0, 0.75]));
    let bezier = |incoming| {
        let last = Key { incoming, ..Key::new(9.0, Value::Vec2([9.0, 0.0]), Interp::Hold) };
        curve(Kind::Vec2, None, [Key::new(0.0, Value::Vec2([0.0, 0.0]), Interp::Bezier), last]).at(4.5)
    };
    assert_eq!(bezier(None), Value::Vec2([4.5, 0.0]));
    // Halfway, three eighths of the offset of a handle of a third show.
    assert_eq!(bezier(Some(Handle { frames: -3.0, offset: vec![0.0, 16.0] })), Value::Vec2([4.5, 6.0]));
}

#[test]
fn a_value_that_overshoots_is_clamped_to_its_range() {
    let keys = |outgoing| {
        [
            Key { outgoing, ..Key::new(0.0, Value::Float(0.5), Interp::Bezier) },
            Key::new(10.0, Value::Float(0.5), Interp::Hold),
        ]
    };
    assert_eq!(float(&curve(Kind::Float, Some((0.0, 1.0)), keys(handle(3.0, 9.0))), 3.0), 1.0);
    assert_eq!(float(&curve(Kind::Float, Some((0.0, 1.0)), keys(handle(3.0, -9.0))), 3.0), 0.0);
    assert!(float(&floats(keys(handle(3.0, 9.0))), 3.0) > 4.0, "without a range it overshoots");
    let int = |value, outgoing| Key { outgoing, ..Key::new(0.0, Value::Int(value), Interp::Bezier) };
    let last = Key::new(10.0, Value::Int(2), Interp::Hold);
    let whole = curve(Kind::Int, Some((0.5, 3.5)), [int(2, handle(3.0, 99.0)), last]);
    assert_eq!(whole.at(3.0), Value::Int(3), "the highest whole number within 0.5..=3.5");
}

#[test]
fn the_largest_numbers_and_the_nearest_keys_stay_finite() {
    let far = 1e100;
    let keys = [(0.0, -far), (SAME_FRAME * 1.5, far), (1.0, far), (2.0, 1e-300), (3.0, -far)];
    let curve = floats(keys.map(|(frame, value)| key(frame, value, Interp::Bezier)));
    for step in 0..=3000 {
        let value = float(&curve, f64::from(step) / 1000.0);
        assert!(value.is_finite() && value.abs() <= far * 1.000_001, "{value}");
    }
}
