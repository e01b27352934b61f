//! How long whole frames take, without Python: `cargo build --release && cargo bench -p playa-host --bench composite`.
//!
//! The workloads are those of the comparison with other compositors, at 3840x2160: eight float layers over each other, and
//! four whose colour goes through three effects, each from a plugin file of its own. Reported are milliseconds, the best
//! and the median, for tiles of several sizes; the first line is what copying one frame takes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image, Rect};
use playa_host::project::{LayerSource, Project, Value};
use playa_host::render::{RenderOptions, TileSize};
use rayon::prelude::*;
use uuid::Uuid;

const SIZE: Rect = Rect::new(0, 0, 3840, 2160);
const ROUNDS: usize = 15;

fn main() {
    let layers: Vec<Arc<Frame>> = (0..8).map(|seed| Arc::new(Frame::new(picture(seed)))).collect();
    println!("{:<34} {:>8} {:>8}", "", "best ms", "median");
    let mut copy = vec![0.0_f32; layers[0].image.values().len()];
    measure("copy of a frame", || {
        let source = layers[0].image.values();
        copy.par_chunks_mut(1 << 16).zip(source.par_chunks(1 << 16)).for_each(|(to, from)| to.copy_from_slice(from));
    });
    let engine = Engine::default();
    for name in ["exposure", "color_matrix", "gamma"] {
        let file = plugin(name);
        if let Err(error) = engine.registry().load_file(&file) {
            println!("not measured with effects: {error}");
            return;
        }
    }
    let over = comp(&engine, &layers, false);
    let graded = comp(&engine, &layers[..4], true);
    let sizes =
        [None, Some((3840, 2)), Some((3840, 8)), Some((1024, 8)), Some((1024, 2)), Some((512, 4)), Some((256, 32))];
    for ((project, main), what) in [(over, "over 8"), (graded, "graded 4")] {
        for size in sizes {
            let tile = size.map(|(width, height)| TileSize { width, height });
            let options = RenderOptions { cache: false, tile, ..RenderOptions::default() };
            measure(&format!("{what}, tiles {size:?}"), || {
                engine.render(&project, main, 0, &options).expect("it renders");
            });
        }
    }
}

/// A project with one comp of these layers.
fn comp(engine: &Engine, layers: &[Arc<Frame>], graded: bool) -> (Project, Uuid) {
    let project = engine.new_project();
    let size = [("width", Value::Int(3840)), ("height", Value::Int(2160))];
    let comp = project.add_comp("Main", &size).expect("a comp");
    for frame in layers {
        let layer = project.add_layer(comp, LayerSource::Memory(Arc::clone(frame)), None).expect("a layer");
        if graded {
            let effects = engine.effects();
            for (name, param, value) in [
                ("Exposure", "stops", Value::Float(0.25)),
                ("ColorMatrix", "red", Value::Vec3([0.9, 0.1, 0.0])),
                ("Gamma", "gamma", Value::Vec3([1.1, 1.1, 1.1])),
            ] {
                let spec = effects.find(name).expect("it is loaded").spec();
                project.add_effect(layer, spec, &[(param, value)]).expect("an effect");
            }
        }
    }
    (project, comp)
}

fn measure(what: &str, mut work: impl FnMut()) {
    let mut seconds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    println!("{what:<34} {:>8.1} {:>8.1}", seconds[0] * 1e3, seconds[ROUNDS / 2] * 1e3);
}

/// The library of an effect beside the bench's own.
fn plugin(name: &str) -> PathBuf {
    let here = std::env::current_exe().expect("this program has a path");
    let folder = here.ancestors().nth(2).expect("it lies in target/release/deps");
    folder.join(format!("{}playa_{name}{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX))
}

/// Premultiplied noise, half of it transparent.
fn picture(seed: u64) -> Image {
    let mut image = Image::transparent(SIZE).expect("there is memory");
    let values = image.values_mut().expect("it is not shared");
    values.as_chunks_mut::<4>().0.iter_mut().enumerate().for_each(|(index, pixel)| {
        let bits = (index as u64 + (seed << 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let [r, g, b, a] = [3, 19, 35, 47].map(|shift| ((bits >> shift) & 0xffff) as f32 / 65536.0);
        *pixel = [r * a, g * a, b * a, a];
    });
    image
}
