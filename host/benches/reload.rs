//! How long until a new build of a plugin is in the picture: `cargo bench -p playa-host --bench reload [-- ROUNDS]`, 200
//! unless told; with `--build`, from saving a line of an effect's source instead, 10 rounds unless told.
//!
//! A plugin file in a watched folder is overwritten by `cp` with another build. As soon as that is told of, a frame of a
//! small comp is rendered, as a player does. Reported are milliseconds from the end of `cp` to the end of that frame, and
//! what of it went by until the file was known to be whole, then until it was in use, and then for the frame. The same
//! follows with as many busy threads beside as the machine has cores. What else the machine has to do counts too, so its
//! load is told beside.
//!
//! With `--build`, a line of a copy of the built-in exposure is changed and built by `cargo build`, with the profile `dev` as
//! `docs/author/first-effect.md` has it. Reported are the whole time and what of it comes after the end of the build.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image, Rect};
use playa_host::plugin::watch::Notice;
use playa_host::plugin::{PluginEvent, SearchPath, Watcher};
use playa_host::project::{LayerSource, Value};
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
    /// When a new generation came into use, and how long it took to load.
    reloads: Receiver<(Instant, Duration)>,
}

/// A reload, by what it waited for.
#[derive(Clone, Copy)]
struct Reload {
    /// Until the file was known to be whole, and read.
    noticed: Duration,
    /// From there until it was in use.
    loaded: Duration,
    /// From there until a frame showed it.
    rendered: Duration,
}

impl Scene {
    fn new(plugins: &Path, effect: &str, params: &[(&str, Value)]) -> Self {
        let engine = Engine::with_plugins(&SearchPath { directories: vec![plugins.to_owned()] });
        let (sender, reloads) = channel();
        engine.registry().observe(move |event| {
            if let PluginEvent::Reloaded { took, .. } = event {
                let _ = sender.send((Instant::now(), *took));
            }
        });
        let watcher = Watcher::start(engine.registry(), Notice::Events).expect("a thread");
        let project = engine.new_project();
        let size = [("width", SIZE.width()), ("height", SIZE.height())];
        let comp = project.add_comp("Main", &size.map(|(name, length)| (name, Value::Int(length as i64))));
        let comp = comp.expect("a comp");
        let pixels = [0.5, 0.5, 0.5, 1.0].repeat(SIZE.width() * SIZE.height());
        let image = Image::from_vec(SIZE, pixels).expect("the size fits");
        let layer = project.add_layer(comp, LayerSource::Memory(Frame::new(image).into()), None).expect("a layer");
        let effects = engine.effects();
        let spec = effects.find(effect).unwrap_or_else(|| panic!("{:?}", effects.files())).spec();
        project.add_effect(layer, spec, params).expect("an effect");
        Self { _watcher: watcher, engine, comp, project, reloads }
    }

    fn pixel(&self) -> f32 {
        let frame = self.engine.render(&self.project, self.comp, 0, &RenderOptions::default()).expect("it renders");
        frame.image.pixel(0, 0)[0]
    }

    /// How long until a frame is not as `before`, from now on.
    fn until_other(&self, before: f32) -> Reload {
        let start = Instant::now();
        let (used, took) = self.reloads.recv_timeout(Duration::from_secs(60)).expect("a reload");
        assert!(self.pixel() != before, "nothing changes");
        let noticed = used.saturating_duration_since(start).saturating_sub(took);
        Reload { noticed, loaded: took, rendered: used.elapsed() }
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
    let scene = Scene::new(&plugins, "com.example.gain", &[]);
    let mut reloads = Vec::new();
    for round in 1..=rounds {
        let before = scene.pixel();
        put(round);
        reloads.push(scene.until_other(before));
        // So that each round begins with nothing under way.
        std::thread::sleep(Duration::from_millis(50));
    }
    let whole = |reload: &Reload| reload.noticed + reload.loaded + reload.rendered;
    report(&format!("cp of {} KiB to the frame of new pixels", builds[0].len() / 1024), reloads.iter().map(whole));
    type Part = fn(&Reload) -> Duration;
    let parts: [(&str, Part); 3] = [
        ("until it was whole and read", |reload| reload.noticed),
        ("until it was in use", |reload| reload.loaded),
        ("until it was in the picture", |reload| reload.rendered),
    ];
    for (what, part) in parts {
        let times = sorted(reloads.iter().map(part));
        println!("  {what}: median {:.1} ms, 95 % within {:.1} ms", ms(&times, 0.5), ms(&times, 0.95));
    }
    let (opened, used) = scene.engine.registry().held(None);
    println!(
        "{} libraries of {} KiB were opened, {} of them are still referred to\n",
        opened.count,
        opened.bytes / 1024,
        used.count
    );
}

fn builds(folder: &Path, rounds: u64) {
    let (effect, source, target) = ("plugins/exposure/src", folder.join("effect"), folder.join("target"));
    std::fs::create_dir_all(source.join("src")).expect("a folder");
    let repository = playa_tests::repository();
    for file in ["lib.rs", "kernel.rs"] {
        std::fs::copy(repository.join(effect).join(file), source.join("src").join(file)).expect("it is copied");
    }
    let manifest = format!(
        "[package]\nname = \"exposure\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n\
         [dependencies]\nplaya-plugin-api = {{ path = {:?} }}\n\n[profile.dev]\nopt-level = 1\n\
         debug = \"line-tables-only\"\n\n[workspace]\n",
        repository.join("plugin-api")
    );
    std::fs::write(source.join("Cargo.toml"), manifest).expect("it is written");
    let kernel = std::fs::read_to_string(source.join("src/kernel.rs")).expect("it is there");
    let line = "|v| v * factor";
    assert!(kernel.contains(line), "the line that is changed is in {effect}/kernel.rs");
    let build = |round: u64| {
        let changed = kernel.replace(line, &format!("{line} * {round}.5"));
        std::fs::write(source.join("src/kernel.rs"), changed).expect("it is written");
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.arg("build").arg("--quiet").arg("--offline").arg("--manifest-path").arg(source.join("Cargo.toml"));
        assert!(cargo.arg("--target-dir").arg(&target).status().expect("cargo runs").success());
    };
    build(0);
    let scene = Scene::new(&target.join("debug"), "org.playa.exposure", &[("stops", Value::Float(1.0))]);
    let (mut whole, mut after) = (Vec::new(), Vec::new());
    for round in 1..=rounds {
        let (before, start) = (scene.pixel(), Instant::now());
        build(round);
        let built = Instant::now();
        scene.until_other(before);
        whole.push(start.elapsed());
        after.push(built.elapsed());
    }
    report("from saving a line to the frame of new pixels", whole);
    report("of that, after the end of cargo build", after);
}

fn sorted(times: impl IntoIterator<Item = Duration>) -> Vec<Duration> {
    let mut times: Vec<_> = times.into_iter().collect();
    times.sort_unstable();
    times
}

/// The time in milliseconds that such a part of the sorted times is within.
fn ms(times: &[Duration], part: f64) -> f64 {
    times[((times.len() - 1) as f64 * part).round() as usize].as_secs_f64() * 1000.0
}

fn report(what: &str, times: impl IntoIterator<Item = Duration>) {
    let times = sorted(times);
    println!(
        "{what}, {} rounds: median {:.1} ms, 95 % within {:.1} ms, worst {:.1} ms{}",
        times.len(),
        ms(&times, 0.5),
        ms(&times, 0.95),
        ms(&times, 1.0),
        load()
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

/// How many threads wanted to run in the last minute, where the system tells.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().filter(|load| !load.is_empty()).map_or(String::new(), |load| format!(", load {load}"))
}
