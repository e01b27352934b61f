//! What it costs that a plugin lives in a process of its own: `cargo bench -p playa-host --bench isolation [-- ROUNDS]`, 30
//! unless told.
//!
//! The same frames in this process and isolated, taking turns: a blur of 1920x1080 and of 3840x2160 pixels, of a picture that
//! the renderer made (a layer that is turned) and of one that is somebody else's memory, which has to be copied. Reported
//! are the medians in milliseconds, and by how much the isolated one is slower. Then what starting and asking a worker
//! takes: from a program to its first answer, and opening and trying a plugin in one that is there already.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image, Rect};
use playa_host::plugin::worker::Crew;
use playa_host::plugin::{Guard, Isolation, Limits, Policy, Probe, Registry, Rules, SearchPath, WorkerProgram};
use playa_host::project::{LayerSource, Node, Project, Value};
use playa_host::render::RenderOptions;
use playa_tests::plugin;
use uuid::Uuid;

fn main() {
    let rounds = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(30);
    let blur = plugin("playa-gaussian-blur");
    let (here, there) = (engine(Isolation::InProcess, Probe::Off), engine(Isolation::Process, Probe::Off));
    for engine in [&here, &there] {
        engine.registry().load_file(&blur).unwrap_or_else(|error| panic!("{error}"));
    }
    println!("{:<44} {:>10} {:>10} {:>8}", "", "here", "isolated", "");
    for (width, height) in [(1920, 1080), (3840, 2160)] {
        for (turned, what) in [(true, "of a picture that was made"), (false, "of somebody else's memory")] {
            let picture = Arc::new(Frame::new(picture(Rect::of_size(width, height))));
            let scenes = [&here, &there].map(|engine| comp(engine, &picture, turned));
            let mut times = [Vec::new(), Vec::new()];
            for round in 0..rounds + 2 {
                for ((engine, (project, comp)), times) in [&here, &there].into_iter().zip(&scenes).zip(&mut times) {
                    let options = RenderOptions { cache: false, ..RenderOptions::default() };
                    let start = Instant::now();
                    engine.render(project, *comp, 0, &options).expect("it renders");
                    if round >= 2 {
                        times.push(start.elapsed());
                    }
                }
            }
            let [ours, theirs] = times.map(|mut times| median(&mut times));
            let more = (theirs / ours - 1.0) * 100.0;
            println!("{:<44} {ours:>10.2} {theirs:>10.2} {more:>+7.1}%", format!("blur, {width}x{height}, {what}"));
        }
    }
    let tried = engine(Isolation::InProcess, Probe::Always);
    tried.registry().policy().guard.as_ref().expect("guarded").expect_changes(true);
    let bytes = std::fs::read(plugin("fixture-gain")).expect("it is there");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("gain.so");
    for (engine, pause, what) in [
        (&tried, 400, "load a file, tried in a worker that is there"),
        (&engine(Isolation::InProcess, Probe::Always), 0, "load a file, tried in a worker to be started"),
        (&engine(Isolation::InProcess, Probe::Off), 0, "load a file, untried"),
    ] {
        let mut times = Vec::new();
        for round in 0..rounds {
            std::thread::sleep(Duration::from_millis(pause));
            // What lies behind the end of a library means nothing: it is another content.
            std::fs::write(&path, [&bytes[..], &u64::to_le_bytes(round)].concat()).expect("it is written");
            let start = Instant::now();
            engine.registry().load_file(&path).unwrap_or_else(|error| panic!("{error}"));
            times.push(start.elapsed());
        }
        println!("{what:<44} {:>10.2}", median(&mut times));
    }
}

fn engine(isolation: Isolation, probe: Probe) -> Engine {
    let program = WorkerProgram { program: program(), arguments: vec!["__worker".into()] };
    let rules = Rules { all: isolation, ..Rules::default() };
    let crew = Some(Crew::new(program, Limits::default()));
    let guard = Guard::new(probe, rules, crew, Arc::default());
    let policy = Policy { guard: Some(Arc::new(guard)), ..Policy::default() };
    Engine::over(Registry::scan_with(&SearchPath::default(), policy))
}

/// The command of this build, which cargo puts beside.
fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_playa"))
}

/// A comp of one layer with a blur.
fn comp(engine: &Engine, picture: &Arc<Frame>, turned: bool) -> (Project, Uuid) {
    let (width, height) = (picture.display_window.width() as i64, picture.display_window.height() as i64);
    let project = engine.new_project();
    let size = [("width", Value::Int(width)), ("height", Value::Int(height))];
    let inner = project.add_comp("Inner", &size).expect("a comp");
    let layer = project.add_layer(inner, LayerSource::Memory(Arc::clone(picture)), None).expect("a layer");
    if turned {
        project.set_attr(Node::Layer(layer), "rotation", &Value::Vec3([0.0, 0.0, 10.0])).expect("it turns");
    }
    let main = project.add_comp("Main", &size).expect("a comp");
    let layer = if turned {
        project.add_layer(main, LayerSource::Comp(inner), None).expect("a layer")
    } else {
        project.add_layer(main, LayerSource::Memory(Arc::clone(picture)), None).expect("a layer")
    };
    let effects = engine.effects();
    let spec = effects.find("GaussianBlur").expect("it is loaded").spec();
    project.add_effect(layer, spec, &[("radius", Value::Float(20.0))]).expect("an effect");
    (project, main)
}

fn picture(window: Rect) -> Image {
    let values = window.area() as usize * 4;
    let value = |index: usize| (index.wrapping_mul(2_654_435_761) >> 8 & 0xffff) as f32 / 65535.0;
    Image::from_vec(window, (0..values).map(value).collect()).expect("the size fits")
}

/// In milliseconds.
fn median(times: &mut [Duration]) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1000.0
}
