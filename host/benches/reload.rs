//! How long until a new build of a plugin is in the picture: `cargo bench -p playa-host --bench reload [-- ROUNDS]`, 200
//! unless told; with `--build`, from the start of a build by cargo instead, 10 rounds unless told.
//!
//! A plugin file in a watched folder is overwritten by `cp` with another build, and frames of a small comp are rendered
//! until one shows the new pixels. Reported are milliseconds from the end of `cp` to the end of that frame. Then the same
//! with as many busy threads beside as the machine has cores.
//!
//! With `--build`, an effect in a crate of its own is changed and built by `cargo build`, with the profile `dev` as cargo has
//! it. Reported are both the whole time and what of it comes after the end of the build.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image, Rect};
use playa_host::plugin::watch::Notice;
use playa_host::plugin::{SearchPath, Watcher};
use playa_host::project::LayerSource;
use playa_host::render::RenderOptions;
use uuid::Uuid;

const SIZE: Rect = Rect::new(0, 0, 64, 64);

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok());
    let folder = tempfile::tempdir().expect("a folder");
    if arguments.iter().any(|argument| argument == "--build") {
        return builds(folder.path(), rounds.unwrap_or(10));
    }
    copies(folder.path(), rounds.unwrap_or(200));
    let done = AtomicBool::new(false);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        println!("with {cores} busy threads beside:");
        copies(folder.path(), rounds.unwrap_or(200));
        done.store(true, Ordering::Relaxed);
    });
}

/// An engine that watches a folder, and a comp that shows what its only effect does to grey.
struct Scene {
    _watcher: Watcher,
    engine: Engine,
    comp: Uuid,
    project: playa_host::project::Project,
}

impl Scene {
    fn new(plugins: &Path, effect: &str) -> Self {
        let engine = Engine::with_plugins(&SearchPath { directories: vec![plugins.to_owned()] });
        let watcher = Watcher::start(engine.registry(), Notice::Events).expect("a thread");
        let project = engine.new_project();
        let size = [("width", SIZE.width()), ("height", SIZE.height())];
        let size = size.map(|(name, length)| (name, playa_host::project::Value::Int(length as i64)));
        let comp = project.add_comp("Main", &size).expect("a comp");
        let pixels = [0.5, 0.5, 0.5, 1.0].repeat(SIZE.width() * SIZE.height());
        let image = Image::from_vec(SIZE, pixels).expect("the size fits");
        let layer = project.add_layer(comp, LayerSource::Memory(Frame::new(image).into()), None).expect("a layer");
        let effects = engine.effects();
        let spec = effects.find(effect).unwrap_or_else(|| panic!("{:?}", effects.files())).spec();
        project.add_effect(layer, spec, &[]).expect("an effect");
        Self { _watcher: watcher, engine, comp, project }
    }

    fn pixel(&self) -> f32 {
        let frame = self.engine.render(&self.project, self.comp, 0, &RenderOptions::default()).expect("it renders");
        frame.image.pixel(0, 0)[0]
    }

    /// How long until frames are not as they were.
    fn until_other(&self, before: f32) -> Duration {
        let start = Instant::now();
        while self.pixel() == before {
            assert!(start.elapsed() < Duration::from_secs(60), "nothing changes");
            std::thread::sleep(Duration::from_micros(500));
        }
        start.elapsed()
    }
}

fn copies(folder: &Path, rounds: u64) {
    let plugins = folder.join("plugins");
    std::fs::create_dir_all(&plugins).expect("a folder");
    let path = plugins.join(format!("gain.{}", std::env::consts::DLL_EXTENSION));
    let builds =
        ["fixture-gain", "fixture-gain-2"].map(|package| std::fs::read(playa_tests::plugin(package)).expect("built"));
    let put = |round: u64| {
        // What lies behind the end of a library means nothing: it makes each build one that was never seen before.
        let content = [&builds[round as usize % 2][..], &round.to_le_bytes()];
        let new = folder.join("new");
        std::fs::write(&new, content.concat()).expect("it is written");
        assert!(Command::new("cp").arg(&new).arg(&path).status().expect("cp runs").success());
    };
    put(0);
    let scene = Scene::new(&plugins, "com.example.gain");
    let mut times = Vec::new();
    for round in 1..=rounds {
        let before = scene.pixel();
        put(round);
        times.push(scene.until_other(before));
        // So that each round begins with nothing under way.
        std::thread::sleep(Duration::from_millis(50));
    }
    report("cp to the first frame of new pixels", &mut times);
    let (opened, used) = scene.engine.registry().held(None);
    println!(
        "{} libraries of {} KiB were opened, {} of them are still referred to\n",
        opened.count,
        opened.bytes / 1024,
        used.count
    );
}

fn builds(folder: &Path, rounds: u64) {
    let (source, target) = (folder.join("effect"), folder.join("target"));
    std::fs::create_dir_all(source.join("src")).expect("a folder");
    let api = playa_tests::repository().join("plugin-api");
    let manifest = format!(
        "[package]\nname = \"bench-effect\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n\
         [dependencies]\nplaya-plugin-api = {{ path = {api:?} }}\n\n[workspace]\n"
    );
    std::fs::write(source.join("Cargo.toml"), manifest).expect("it is written");
    let build = |round: u64| {
        let text = format!(
            "use playa_plugin_api::prelude::*;\n\n/// Multiplies by a constant.\n#[derive(Params)]\n\
             #[effect(id = \"com.example.bench\")]\nstruct Bench {{}}\n\nimpl PixelEffect for Bench {{\n    \
             fn pixel(&self, [r, g, b, a]: Pixel) -> Pixel {{\n        [r * {round}.5, g, b, a]\n    }}\n}}\n\n\
             export_effects![Bench];\n"
        );
        std::fs::write(source.join("src/lib.rs"), text).expect("it is written");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.arg("build").arg("--quiet").arg("--offline").arg("--manifest-path").arg(source.join("Cargo.toml"));
        assert!(cargo.arg("--target-dir").arg(&target).status().expect("cargo runs").success());
    };
    build(0);
    let scene = Scene::new(&target.join("debug"), "com.example.bench");
    let (mut whole, mut after): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let (before, start) = (scene.pixel(), Instant::now());
        build(round);
        after.push(scene.until_other(before));
        whole.push(start.elapsed());
    }
    report("start of cargo build to the first frame of new pixels", &mut whole);
    report("end of cargo build to the first frame of new pixels", &mut after);
}

fn report(what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let ms = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize].as_secs_f64() * 1000.0;
    println!(
        "{what}, {} rounds: median {:.1} ms, 95 % within {:.1} ms, worst {:.1} ms",
        times.len(),
        ms(0.5),
        ms(0.95),
        ms(1.0)
    );
    const STEP: u128 = 10;
    let last = times[times.len() - 1].as_millis() / STEP;
    if last < 100 {
        for step in 0..=last {
            let count = times.iter().filter(|time| time.as_millis() / STEP == step).count();
            println!("{:>5}..{:<5} {:>4} {}", step * STEP, (step + 1) * STEP, count, "#".repeat(count.div_ceil(2)));
        }
    }
}
