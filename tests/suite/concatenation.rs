//! A comp that only shows one layer is no reason to resample that layer twice.

use std::sync::Arc;

use playa_host::image::{Frame, Image};
use playa_host::project::{LayerSource, Value};
use playa_host::render::Region;
use playa_host::render::graph::GraphNode;
use playa_host::render::plan::Making;
use uuid::Uuid;

use crate::support::{Scene, assert_image, assert_same_bits, image, noise, picture, set_matte, vec3};

/// A layer in a comp in a comp: the outer scene with its layer, the inner one with its.
struct Nested {
    outer: (Scene<'static>, Uuid),
    inner: (Scene<'static>, Uuid),
}

fn nested(source: &Arc<Frame>) -> Nested {
    let outer = Scene::new(33, 27);
    let inner = outer.inner("Inner", 33, 27);
    let layer = inner.layer(source);
    let shown = outer.layer_of(LayerSource::Comp(inner.comp));
    Nested { outer: (outer, shown), inner: (inner, layer) }
}

impl Nested {
    fn turn(&self, inner: f64, outer: f64) {
        self.inner.0.set(self.inner.1, &[("rotation", vec3(0.0, 0.0, inner))]);
        self.outer.0.set(self.outer.1, &[("rotation", vec3(0.0, 0.0, outer))]);
    }

    fn set_filters(&self, inner: &str, outer: &str) {
        self.inner.0.set(self.inner.1, &[("filter", Value::Choice(inner.into()))]);
        self.outer.0.set(self.outer.1, &[("filter", Value::Choice(outer.into()))]);
    }

    /// The pictures that are made.
    fn made(&self) -> Vec<GraphNode> {
        let nodes = self.outer.0.graph().nodes;
        nodes.into_iter().filter(|node| node.making != Making::Unread).collect()
    }

    /// How many times something is resampled.
    fn resampled(&self) -> usize {
        self.made().iter().filter(|node| node.label.starts_with("transform")).count()
    }

    fn render(&self) -> Image {
        self.outer.0.render()
    }
}

fn source() -> Arc<Frame> {
    picture(17, 13, noise(80))
}

#[test]
fn what_is_turned_and_turned_back_is_as_it_was() {
    let source = source();
    let straight = nested(&source).render();
    for filter in ["bilinear", "cubic", "lanczos3"] {
        let nested = nested(&source);
        nested.turn(30.0, -30.0);
        nested.set_filters(filter, filter);
        // Twice resampled, noise of this contrast would be off by far more than 0.1.
        assert_image(&nested.render(), 1e-4, |x, y| straight.pixel(x, y));
    }
}

#[test]
fn two_maps_are_the_map_that_they_are_together() {
    let source = source();
    for (inner, outer) in [(20.0, 15.0), (-70.0, 12.5), (0.0, 35.0)] {
        let nested = nested(&source);
        nested.turn(inner, outer);
        assert_eq!(nested.resampled(), 1);
        let once = Scene::new(33, 27);
        let layer = once.layer(&source);
        once.set(layer, &[("rotation", vec3(0.0, 0.0, inner + outer))]);
        // Positions differ by rounding, 1e-14 of a pixel.
        let once = once.render();
        assert_image(&nested.render(), 1e-5, |x, y| once.pixel(x, y));
    }
    // Whatever filter a map by whole pixels has, the other one's is the one that counts.
    for (turn, filters) in [((0.0, 20.0), ("cubic", "lanczos3")), ((20.0, 0.0), ("lanczos3", "cubic"))] {
        let nested = nested(&source);
        nested.turn(turn.0, turn.1);
        nested.set_filters(filters.0, filters.1);
        let once = Scene::new(33, 27);
        let layer = once.layer(&source);
        once.set(layer, &[("rotation", vec3(0.0, 0.0, 20.0)), ("filter", Value::Choice("lanczos3".into()))]);
        assert_eq!(nested.resampled(), 1);
        assert_same_bits(&nested.render(), &once.render());
    }
}

#[test]
fn opacities_multiply() {
    let source = source();
    let nested = nested(&source);
    let whole = nested.render();
    nested.inner.0.set(nested.inner.1, &[("opacity", Value::Float(0.5))]);
    nested.outer.0.set(nested.outer.1, &[("opacity", Value::Float(0.25))]);
    let kinds: Vec<_> = nested.made().iter().map(|node| node.kind).collect();
    assert_eq!(kinds, ["memory", "place", "comp"], "nothing is painted in between");
    assert_image(&nested.render(), 0.0, |x, y| whole.pixel(x, y).map(|value| value * 0.125));
}

type Add = fn(&Nested);

/// What is in between has to be made of pixels of the inner comp.
#[test]
fn what_stands_between_is_not_stepped_over() {
    let source = source();
    let stops: [(&str, Add); 4] = [
        ("an effect on the comp", |nested| {
            nested.outer.0.effect(nested.outer.1, "GaussianBlur", &[("radius", Value::Float(1.0))]);
        }),
        ("filters that differ", |nested| nested.set_filters("bilinear", "cubic")),
        ("two layers inside", |nested| {
            nested.inner.0.layer(&picture(3, 3, noise(81)));
        }),
        ("a matte inside", |nested| {
            let matte = nested.inner.0.layer(&picture(33, 27, noise(82)));
            nested.inner.0.set(matte, &[("visible", Value::Bool(false))]);
            set_matte(&nested.inner.0, nested.inner.1, matte, "alpha", false);
        }),
    ];
    for (what, add) in stops {
        let nested = nested(&source);
        nested.turn(30.0, -30.0);
        add(&nested);
        assert_eq!(nested.resampled(), 2, "{what}");
        // The inner comp is one picture, which the outer one shows as it would any other.
        let inner = nested.inner.0.render_region(Region::Data);
        let display = playa_host::image::Rect::of_size(33, 27);
        let flat = Frame { display_window: display, ..Frame::new(inner) };
        let other = Scene::new(33, 27);
        let layer = other.layer(&Arc::new(flat));
        if what.starts_with("an effect") {
            other.effect(layer, "GaussianBlur", &[("radius", Value::Float(1.0))]);
        }
        if what.starts_with("filters") {
            other.set(layer, &[("filter", Value::Choice("cubic".into()))]);
        }
        other.set(layer, &[("rotation", vec3(0.0, 0.0, -30.0))]);
        let expected = other.render();
        assert_same_bits(&nested.render(), &image(expected.window(), |x, y| expected.pixel(x, y)));
    }
}
