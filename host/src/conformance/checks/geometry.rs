//! What an effect claims of the geometry of its pictures: that flat ones stay, that no direction is different.

use playa_plugin_api::abi::WireValue;
use playa_plugin_api::{Pixel, Rect};

use super::pixels::has_inputs;
use crate::conformance::Check;
use crate::conformance::bench::{Bench, Scene};
use crate::conformance::exam::{CANVAS, Exam, Finding, Tally, Verdict, ensure, places};
use crate::conformance::picture::{Picture, Tolerance};

pub(super) const CHECKS: &[Check] = &[
    Check::of_effect("flat-claim", 3, "An effect that says that flat pictures stay as they are keeps them.", flat),
    Check::of_effect(
        "isotropic-claim",
        3,
        "An effect that says that no direction is different gives mirrored pictures of mirrored ones.",
        isotropic,
    ),
];

/// In proportion to the colour: weights may not sum to 1 in their last bits.
const FLAT: f32 = 2e-4;

fn flat(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    if !bench.spec.traits.keeps_flat {
        return Err(Finding::skipped("the effect does not say that flat pictures stay as they are"));
    }
    let near = |a: f32, b: f32| (a - b).abs() <= FLAT * b.abs();
    exam.each_setting(&bench, |scene| {
        let mut tally = Tally::default();
        for colour in [[0.5, 0.25, 0.125, 1.0], [0.3, 0.6, 0.0, 0.625], [-0.5, 40.0, 2.0, 1.0]] {
            let scene = scene.showing(move |_, _, _, _| colour);
            let within =
                |domain: Rect| Scene { domains: scene.domains.iter().map(|_| Some(domain)).collect(), ..scene.clone() };
            // Without end, and where the picture keeps its size, whatever that is, as it is.
            let mut scenes = vec![("without end", within(scene.canvas.grow(100_000, 100_000)))];
            let sizes = [scene.canvas, scene.canvas.grow(30, 9)].map(within);
            let keeps =
                |scene: &Scene| bench.planned(scene, scene.canvas).is_ok_and(|plan| plan.domain == scene.domain(0));
            if sizes.iter().all(keeps) {
                scenes.extend(sizes.map(|scene| ("that ends", scene)));
            }
            for (what, scene) in scenes {
                let drawn = bench.render(&scene, scene.canvas.grow(30, 9).intersect(&scene.domain(0)))?;
                let kept = |pixel: &Pixel| pixel.iter().zip(colour).all(|(a, b)| near(*a, b));
                let seen = drawn.pixels.iter().filter(|pixel| kept(pixel)).count();
                // Beyond what is seen of the picture there is nothing.
                let other = drawn.find(|pixel| !kept(pixel) && *pixel != [0.0; 4]);
                tally.note(ensure(other.is_none() && seen > 0, || match other {
                    Some((x, y, pixel)) => {
                        format!("of a picture of {colour:?} {what}, the pixel at ({x}, {y}) becomes {pixel:?}")
                    }
                    None => format!("of a picture of {colour:?} {what}, nothing is left"),
                }));
            }
        }
        tally.verdict()
    })
}

/// Something in each channel that is different in all directions: steps, which show a shift by a pixel also where they are
/// blurred, and dots.
fn corners(input: usize, x: i32, y: i32) -> Pixel {
    let dot = ((x * 7 + y * 13 + input as i32 * 5).rem_euclid(11)) as f32 / 10.0;
    let alpha = if x + 2 * y > 70 { 1.0 } else { 0.5 };
    let step = |beyond: bool| if beyond { 2.0 } else { 0.125 };
    [step(x > 20) * alpha, step(y > 13 && x < 45) * alpha, dot * alpha, alpha]
}

/// A way to lay a picture on itself: mirrored in columns, mirrored in rows, and then reflected at the diagonal.
type Way = [bool; 3];

/// Where the pixel at (x, y) of a canvas of this size comes from.
fn back([columns, rows, diagonal]: Way, (width, height): (i32, i32), (x, y): (i32, i32)) -> (i32, i32) {
    let (x, y) = if diagonal { (y, x) } else { (x, y) };
    (if columns { width - 1 - x } else { x }, if rows { height - 1 - y } else { y })
}

/// A place from the centre, +Y up, after the same.
fn place([columns, rows, diagonal]: Way, [right, up]: [f64; 2]) -> [f64; 2] {
    let (right, up) = (if columns { -right } else { right }, if rows { -up } else { up });
    if diagonal { [-up, -right] } else { [right, up] }
}

fn isotropic(exam: &Exam) -> Verdict {
    let bench = exam.bench()?;
    has_inputs(&bench)?;
    if !bench.spec.traits.isotropic {
        return Err(Finding::skipped("the effect does not say that no direction is different"));
    }
    exam.each_setting(&bench, |scene| {
        let scene = scene.on(CANVAS).showing(|input, _, x, y| corners(input, x, y));
        let (width, height) = (CANVAS.x1, CANVAS.y1);
        let straight = bench.render(&scene, CANVAS)?;
        let mut tally = Tally::default();
        for (name, way) in [
            ("mirrored in its columns", [true, false, false]),
            ("mirrored in its rows", [false, true, false]),
            ("reflected at its diagonal", [false, false, true]),
        ] {
            let canvas = if way[2] { Rect::of_size(height as u32, width as u32) } else { CANVAS };
            let laid = Scene { params: laid(&bench, &scene, way), ..scene.on(canvas) };
            let laid = laid.showing(move |input, _, x, y| {
                let (x, y) = back(way, (width, height), (x, y));
                corners(input, x, y)
            });
            exam.note(format_args!("rendering a picture that is {name}"));
            let got = bench.render(&laid, canvas)?;
            let expected = Picture::of(canvas, |x, y| {
                let (x, y) = back(way, (width, height), (x, y));
                straight.pixel(x, y)
            });
            tally.note(exam.same(
                format_args!("a picture that is {name}"),
                &expected,
                &got,
                Tolerance::Absolute(SUMMED),
            ));
        }
        tally.verdict()
    })
}

/// Of values up to 2: sums are made in another order, and approximations begin at other pixels.
const SUMMED: f32 = 4e-3;

/// The values of a scene, with the places among them laid as the picture is.
fn laid(bench: &Bench, scene: &Scene, way: Way) -> Vec<WireValue> {
    let mut params = scene.params.clone();
    for at in places(&bench.spec) {
        let [x, y, z, w] = params[at].floats;
        let [x, y] = place(way, [x, y]);
        params[at].floats = [x, y, z, w];
    }
    params
}
