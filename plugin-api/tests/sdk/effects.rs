//! The three kinds of effect, as a host of one thread runs them.

use std::sync::atomic::{AtomicUsize, Ordering};

use playa_plugin_api::{ErrorCode, testing};

use super::*;

fn ramp(window: Rect) -> Vec<Pixel> {
    (0..window.area()).map(|i| [i as f32, 1.0, -1.0, 0.5]).collect()
}

#[test]
fn a_pixel_effect_changes_each_pixel() {
    let window = Rect::new(-1, 4, 3, 6);
    let effect = EveryKind { exposure: 0.5, ..EveryKind::defaults() };
    let pixels = ramp(window);
    let found = testing::apply(&effect, &[ImageView::new(window, &pixels)], window).expect("it works");
    let expected: Vec<_> = pixels.iter().map(|[r, g, b, a]| [r + 0.5, *g, *b, *a]).collect();
    assert_eq!(found, expected);
}

/// Squares straight colour.
#[derive(Params)]
#[effect(id = "com.example.square")]
struct Square {}

impl PixelEffect for Square {
    const ALPHA: Alpha = Alpha::Straight;

    fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {
        [r * r, g * g, b * b, a]
    }
}

#[test]
fn straight_colour_is_divided_before_and_multiplied_after() {
    let window = Rect::of_size(2, 1);
    let pixels = [[1.0, -0.5, 0.25, 0.5], [1.0, 2.0, 3.0, 0.0]];
    let found = testing::apply(&Square {}, &[ImageView::new(window, &pixels)], window).expect("it works");
    assert_eq!(found, [[2.0, 0.5, 0.125, 0.5], [1.0, 2.0, 3.0, 0.0]], "light without alpha passes untouched");
}

/// Takes the pixel to the right and down.
#[derive(Params)]
#[effect(id = "com.example.shift")]
struct Shift {
    by: u32,
}

/// The same with nothing around the picture.
#[derive(Params)]
#[effect(id = "com.example.shift_in")]
struct ShiftIn {
    by: u32,
}

fn shift(by: u32, source: &Source<'_>, rows: &mut ImageViewMut<'_>) {
    let x0 = rows.window().x0 + by as i32;
    rows.for_each_row(|y, row| source.copy_row(y + by as i32, x0, row));
}

impl AreaEffect for Shift {
    fn radius(&self) -> [u32; 2] {
        [self.by, self.by]
    }

    fn rows(&self, source: &Source<'_>, rows: &mut ImageViewMut<'_>) -> EffectResult<()> {
        shift(self.by, source, rows);
        Ok(())
    }

    fn is_identity(&self) -> bool {
        self.by == 0
    }
}

impl AreaEffect for ShiftIn {
    const EDGE: Edge = Edge::Transparent;

    fn radius(&self) -> [u32; 2] {
        [self.by, self.by]
    }

    fn rows(&self, source: &Source<'_>, rows: &mut ImageViewMut<'_>) -> EffectResult<()> {
        shift(self.by, source, rows);
        Ok(())
    }
}

#[test]
fn an_area_effect_finds_its_edges_in_any_window() {
    let source = Rect::new(-3, 2, 2, 6);
    let pixels = ramp(source);
    let view = ImageView::new(source, &pixels);
    for by in [0, 1, 3, 20] {
        for window in [source, Rect::new(0, 3, 2, 4), source.grow(2, 1), source.translate(100, 0)] {
            let clamped = testing::apply(&Shift { by }, &[view], window).expect("it works");
            let cut = testing::apply(&ShiftIn { by }, &[view], window).expect("it works");
            let places = (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y)));
            for ((x, y), (clamped, cut)) in places.zip(clamped.iter().zip(&cut)) {
                let (sx, sy) = (x + by as i32, y + by as i32);
                let inside = source.contains(x, y);
                let edge = view.pixel(sx.min(source.x1 - 1), sy.min(source.y1 - 1));
                assert_eq!(*clamped, if inside { edge } else { [0.0; 4] }, "by {by} at {x}, {y}");
                assert_eq!(*cut, view.pixel(sx, sy), "by {by} at {x}, {y} without an edge");
            }
        }
    }
}

#[test]
fn a_plan_asks_for_what_the_window_takes_and_no_more() {
    let source = Rect::new(0, 0, 100, 50);
    let plan = |window, edge| {
        let query = Query { window, canvas: source, frame: 7.0, scale: 1.0, domains: &[Some(source)] };
        Plan::around(&query, [3, 2], edge)
    };
    let inner = plan(Rect::new(10, 10, 20, 20), Edge::Clamp);
    assert_eq!((inner.domain, inner.identity), (source, None));
    assert_eq!(inner.needs, [Need { input: 0, frame: 7.0, rect: Rect::new(7, 8, 23, 22) }]);
    let corner = plan(Rect::new(-50, -50, 1, 1), Edge::Clamp);
    assert_eq!(corner.needs[0].rect, Rect::new(0, 0, 4, 3));
    let grown = plan(Rect::new(-50, -50, 1, 1), Edge::Transparent);
    assert_eq!((grown.domain, grown.needs[0].rect), (Rect::new(-3, -2, 103, 52), Rect::new(0, 0, 4, 3)));
    let nothing = plan(Rect::new(500, 0, 510, 9), Edge::Clamp);
    assert!(nothing.needs[0].rect.is_empty());
}

#[test]
fn a_plan_without_an_input_is_empty() {
    let window = Rect::of_size(4, 4);
    let query = Query { window, canvas: window, frame: 0.0, scale: 1.0, domains: &[None] };
    let plan = Plan::around(&query, [3, 3], Edge::Transparent);
    assert!(plan.domain.is_empty() && plan.needs[0].rect.is_empty());
}

#[test]
fn a_parallel_loop_reports_its_first_error_and_a_panic_is_one() {
    let host = Host::alone();
    let runs = AtomicUsize::new(0);
    let error = host
        .parallel_for(6, |index| {
            runs.fetch_add(1, Ordering::Relaxed);
            match index {
                3 => panic!("number {index} breaks"),
                5 => Err(EffectError::failed("number 5 fails")),
                _ => Ok(()),
            }
        })
        .expect_err("two of them fail");
    assert_eq!((runs.into_inner(), error.code), (6, ErrorCode::Panicked));
    assert!(error.to_string().contains("number 3 breaks"), "{error}");
}

#[test]
fn bands_cover_every_row_once() {
    let window = Rect::new(-5, -7, 2000, 30);
    let mut pixels = vec![[0.0; 4]; window.area() as usize];
    let bands = AtomicUsize::new(0);
    let filled = Host::alone().parallel_bands(ImageViewMut::new(window, &mut pixels), |mut band| {
        bands.fetch_add(1, Ordering::Relaxed);
        band.for_each_row(|y, row| row.iter_mut().for_each(|pixel| pixel[0] += y as f32 + 100.0));
        Ok(())
    });
    assert_eq!(filled, Ok(()));
    assert!(bands.into_inner() > 1, "enough pixels for several bands");
    for (index, pixel) in pixels.iter().enumerate() {
        assert_eq!(pixel[0], (index / window.width()) as f32 - 7.0 + 100.0);
    }
}
