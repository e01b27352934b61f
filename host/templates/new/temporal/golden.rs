//! What the effect asks for, and pixels that it makes.

use playa_plugin_api::{ImageView, Rect, prelude::*, testing};

use __crate__::__Type__;

const WINDOW: Rect = Rect::new(0, 0, 2, 1);

#[test]
fn it_needs_this_frame_and_those_before() {
    let query = Query { window: WINDOW, canvas: WINDOW, frame: 10.0, scale: 1.0, domains: &[Some(WINDOW)] };
    let plan = __Type__ { frames: 3 }.plan(&query).expect("it plans");
    let needs: Vec<_> = plan.needs.iter().map(|need| (need.input, need.frame, need.rect)).collect();
    assert_eq!(needs, [(0, 10.0, WINDOW), (0, 9.0, WINDOW), (0, 8.0, WINDOW)]);
    assert_eq!(plan.identity, None);
    assert_eq!(__Type__ { frames: 1 }.plan(&query).expect("it plans").identity, Some((0, 10.0)));
}

#[test]
fn what_stands_still_stays_as_it_is() {
    // `apply` gives the same picture at every frame. Sums of up to four of these, and their quarters, are exact.
    let pixels = [[0.5, -2.0, 8.0, 1.0], [0.0, 0.25, 0.0, 0.25]];
    for frames in [1, 2, 4] {
        let made = testing::apply(&__Type__ { frames }, &[ImageView::new(WINDOW, &pixels)], WINDOW);
        assert_eq!(made.expect("it renders"), pixels);
    }
}
