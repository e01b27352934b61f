//! What the effect plans, and its formula on pictures that are the same at every frame; frames that differ are compared in
//! the Python tests.

use playa_plugin_api::{ImageView, Rect, simd, testing};

use super::*;

const CANVAS: Rect = Rect::of_size(19, 7);

fn plan(effect: &Echo, frame: f64, window: Rect, domain: Rect) -> Plan {
    let query = Query { window, canvas: CANVAS, frame, scale: 1.0, domains: &[Some(domain)] };
    effect.plan(&query).expect("a plan")
}

fn frames(plan: &Plan) -> Vec<f64> {
    plan.needs.iter().map(|need| need.frame).collect()
}

#[test]
fn every_frame_with_a_weight_is_planned_and_no_other() {
    let echo = Echo { before: 2, after: 1, step: 3, decay: 0.5, operator: Operator::Blend };
    let window = Rect::new(2, 1, 9, 5);
    let planned = plan(&echo, 10.0, window, CANVAS);
    assert_eq!(frames(&planned), [4.0, 7.0, 10.0, 13.0]);
    assert!(planned.needs.iter().all(|need| need.rect == window && need.input == 0));
    assert_eq!((planned.domain, planned.identity), (CANVAS, None));
    // 0.01 to the power of 23 is no `f32` any more.
    let faint = Echo { before: 40, decay: 0.01, after: 0, step: 1, ..echo };
    assert_eq!(frames(&plan(&faint, 0.0, window, CANVAS)).len(), 23);
    for alone in [Echo { decay: 0.0, ..faint }, Echo { before: 0, after: 0, ..faint }] {
        assert_eq!(plan(&alone, 10.0, window, CANVAS).identity, Some((0, 10.0)));
    }
}

#[test]
fn the_result_reaches_as_far_as_canvas_and_frame() {
    let echo = Echo { before: 1, after: 0, step: 1, decay: 1.0, operator: Operator::Add };
    let overscan = Rect::new(-4, 2, 5, 30);
    assert_eq!(plan(&echo, 0.0, CANVAS, overscan).domain, overscan.union(&CANVAS));
    assert_eq!(plan(&echo, 0.0, CANVAS, Rect::EMPTY).domain, CANVAS);
}

#[test]
fn a_still_picture_follows_the_formula_at_every_level() {
    let inner = Rect::new(3, 2, 17, 6);
    let pixels: Vec<Pixel> =
        (0..inner.area()).map(|i| [i as f32 - 20.0, 0.3, 1.0 / (i + 1) as f32, (i % 5) as f32 / 4.0]).collect();
    let views = [ImageView::new(inner, &pixels)];
    // 1 + 1/2 + 1/4 before, 1/2 after: sums are exact.
    let at = |operator| Echo { before: 2, after: 1, step: 1, decay: 0.5, operator };
    simd::on_each_level(|level| {
        for [r, g, b, a] in pixels.iter().copied() {
            let one = Rect::of_size(1, 1);
            let apply = |operator| {
                testing::apply(&at(operator), &[ImageView::new(one, &[[r, g, b, a]])], one).expect("the effect works")
                    [0]
            };
            for (found, value) in apply(Operator::Blend).into_iter().zip([r, g, b, a]) {
                assert!((found - value).abs() <= 3e-7 * value.abs(), "{found}, expected {value}, {}", level.name());
            }
            let sum = apply(Operator::Add);
            for (found, value) in sum.iter().zip([r, g, b]) {
                assert!((found - 2.25 * value).abs() <= 5e-7 * value.abs(), "{found}, expected 2.25 of {value}");
            }
            assert_eq!(sum[3], (2.25 * a).min(1.0));
            assert_eq!(apply(Operator::Maximum), [r, g, b, a].map(|value| value.max(0.25 * value)));
        }
        for operator in [Operator::Blend, Operator::Add, Operator::Maximum] {
            let whole = testing::apply(&at(operator), &views, CANVAS).expect("the effect works");
            assert_eq!(whole[0], [0.0; 4], "outside of the picture");
            let row = testing::apply(&at(operator), &views, Rect::new(2, 3, 18, 4)).expect("the effect works");
            assert_eq!(row, whole[3 * 19 + 2..][..16]);
        }
    });
}

#[test]
fn beside_a_picture_the_largest_value_is_at_least_nothing() {
    let mut row = [[f32::NAN; 4]; 4];
    kernel::keep_largest(&[[-2.0, f32::NAN, 1.0, 0.5]; 2], 1.0, 0..2, &mut row);
    kernel::keep_largest(&[[-4.0, -1.0, 2.0, f32::NAN]; 2], 0.5, 1..3, &mut row);
    assert_eq!(row[0], [0.0, 0.0, 1.0, 0.5]);
    assert_eq!(row[1], [-2.0, -0.5, 1.0, 0.5]);
    assert_eq!(row[2][..3], [0.0, 0.0, 1.0]);
    assert_eq!(row[3], [0.0; 4]);
}
