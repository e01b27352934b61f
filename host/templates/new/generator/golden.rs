//! Pixels that the effect makes, beside those of a drawn board.

use playa_plugin_api::{Rect, prelude::*, testing};

use __crate__::__Type__;

const BOARD: [&str; 6] = ["##..##..", "##..##..", "..##..##", "..##..##", "##..##..", "##..##.."];

#[test]
fn squares_lie_as_on_a_board() {
    let effect = __Type__ { size: 2, first: Color([4.0, 1.0, 0.5, 0.5]), second: Color([0.0, 0.0, 1.0, 1.0]) };
    let made = testing::apply(&effect, &[], Rect::of_size(8, 6)).expect("it renders");
    // Colours are straight, pixels premultiplied.
    let pixel = |square| if square == '#' { [2.0, 0.5, 0.25, 0.5] } else { [0.0, 0.0, 1.0, 1.0] };
    assert_eq!(made, BOARD.concat().chars().map(pixel).collect::<Vec<_>>());
}
