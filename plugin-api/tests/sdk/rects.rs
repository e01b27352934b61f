//! The algebra of rectangles, against sets of pixels.

use std::collections::HashSet;

use playa_plugin_api::Rect;

/// Rectangles around the origin, empty and inverted ones included.
fn rects() -> impl Iterator<Item = Rect> {
    const ENDS: [i32; 4] = [-2, 0, 1, 3];
    let pairs = || ENDS.into_iter().flat_map(|a| ENDS.into_iter().map(move |b| (a, b)));
    pairs().flat_map(move |(x0, x1)| pairs().map(move |(y0, y1)| Rect::new(x0, y0, x1, y1)))
}

fn pixels(rect: Rect) -> HashSet<(i32, i32)> {
    (rect.y0..rect.y1).flat_map(|y| (rect.x0..rect.x1).map(move |x| (x, y))).collect()
}

#[test]
fn sizes_count_pixels() {
    for rect in rects() {
        let pixels = pixels(rect);
        assert_eq!(rect.area(), pixels.len() as u64, "{rect}");
        assert_eq!(rect.is_empty(), pixels.is_empty(), "{rect}");
        assert_eq!((rect.width() * rect.height()) as u64, rect.area(), "{rect}");
        assert!(rect.contains(0, 0) == pixels.contains(&(0, 0)), "{rect}");
    }
}

#[test]
fn two_rectangles_meet_as_their_pixels_do() {
    for a in rects() {
        for b in rects() {
            let (in_a, in_b) = (pixels(a), pixels(b));
            let both: HashSet<_> = in_a.intersection(&in_b).copied().collect();
            assert_eq!(pixels(a.intersect(&b)), both, "{a} and {b}");
            assert_eq!(a.contains_rect(&b), in_b.is_subset(&in_a), "{b} in {a}");
            let union = a.union(&b);
            assert!(union.contains_rect(&a) && union.contains_rect(&b), "{a} with {b}");
            assert_eq!(union, b.union(&a), "{a} with {b}");
            if in_b.is_empty() {
                assert_eq!(pixels(union), in_a, "an empty one adds nothing to {a}");
            }
        }
    }
}

#[test]
fn growing_and_moving_saturate() {
    assert_eq!(Rect::new(0, 0, 2, 1).grow(3, 4), Rect::new(-3, -4, 5, 5));
    assert_eq!(Rect::new(0, 0, 2, 1).translate(-3, 4), Rect::new(-3, 4, -1, 5));
    assert_eq!(Rect::new(5, 5, 5, 9).grow(3, 3), Rect::EMPTY);
    let all = Rect::new(i32::MIN, i32::MIN, i32::MAX, i32::MAX);
    assert_eq!(all.grow(u32::MAX, u32::MAX), all);
    assert_eq!(Rect::new(-1, -1, 1, 1).grow(u32::MAX, u32::MAX), all);
    assert_eq!(all.width(), u32::MAX as usize);
    assert_eq!(all.area(), u64::from(u32::MAX) * u64::from(u32::MAX));
    assert_eq!(Rect::of_size(u32::MAX, 1), Rect::new(0, 0, i32::MAX, 1));
    assert_eq!(Rect::new(i32::MAX - 1, 0, i32::MAX, 1).translate(9, 0), Rect::new(i32::MAX, 0, i32::MAX, 1));
}
