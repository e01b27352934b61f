//! Engines with real plugins, comps of pictures in memory, and whole-image comparisons.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use playa_host::engine::Engine;
use playa_host::image::{Frame, Image, Rect};
use playa_host::plugin::LoadError;
#[cfg(unix)]
use playa_host::plugin::{
    Guard, Isolation, Limits, Policy, Probe, Quarantine, Registry, Rules, SearchPath, WorkerProgram, worker::Crew,
};
use playa_host::project::{Interp, Key, LayerSource, Node, Project, Value};
use playa_host::render::{GraphReport, MissingEffects, Region, RenderError, RenderOptions};
use playa_tests::{plugin, repository};
use uuid::Uuid;

/// Straight from memory: red, green, blue, alpha, premultiplied.
pub type Pixel = [f32; 4];

/// The built-in effects and every fixture that loads, save the second of those with one id and version.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        engine_with(&[
            "playa-gaussian-blur",
            "playa-brightness-contrast",
            "playa-adjust-hsv",
            "fixture-all-params",
            "fixture-gain",
            "fixture-generator",
            "fixture-panics",
            "fixture-records",
            "fixture-temporal",
            "fixture-two-inputs",
        ])
    })
}

/// An engine with these packages' plugins, loaded in this order.
pub fn engine_with(packages: &[&str]) -> Engine {
    let engine = Engine::default();
    for package in packages {
        engine.registry().load_file(&plugin(package)).unwrap_or_else(|error| panic!("{error}"));
    }
    engine
}

/// Who tries new files and isolates plugins, with a quarantine of its own.
#[cfg(unix)]
pub fn guard(probe: Probe, isolation: Isolation, limits: Limits) -> Guard {
    guard_at(probe, isolation, limits, Quarantine::default())
}

/// The same with this quarantine.
#[cfg(unix)]
pub fn guard_at(probe: Probe, isolation: Isolation, limits: Limits, quarantine: Quarantine) -> Guard {
    let program = playa_tests::program().to_owned();
    let crew = Crew::new(WorkerProgram { program, arguments: vec!["__worker".into()] }, limits);
    let rules = Rules { all: isolation, ..Rules::default() };
    Guard::new(probe, rules, Some(crew), Arc::new(quarantine))
}

/// A registry without files that has such a guard.
#[cfg(unix)]
pub fn guarded(guard: Guard) -> Registry {
    Registry::scan_with(&SearchPath::default(), Policy { guard: Some(Arc::new(guard)), ..Policy::default() })
}

/// An engine whose plugins, those of these packages, all live in processes of their own.
#[cfg(unix)]
pub fn isolated(packages: &[&str], limits: Limits) -> Engine {
    let engine = Engine::over(guarded(guard(Probe::Off, Isolation::Process, limits)));
    for package in packages {
        engine.registry().load_file(&plugin(package)).unwrap_or_else(|error| panic!("{error}"));
    }
    engine
}

/// The bytes of a package's plugin as one that was never seen before: what lies behind the end of a library means nothing.
pub fn new_build(package: &str) -> Vec<u8> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut bytes = std::fs::read(plugin(package)).expect("the plugin can be read");
    bytes.extend(COUNT.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    bytes
}

/// Asserts what every refusal has: the file at its front, and one line of readable length.
pub fn assert_one_line(error: &LoadError, path: &Path) {
    let line = error.to_string();
    assert_eq!(error.path(), path);
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.len() < 800, "{line}");
    assert!(line.starts_with(&path.display().to_string()), "{line}");
}

/// A project with one comp, and an engine to render it.
pub struct Scene<'a> {
    pub engine: &'a Engine,
    pub project: Project,
    pub comp: Uuid,
}

impl Scene<'static> {
    /// A comp called `Main` of this size, on the engine of all tests.
    pub fn new(width: i64, height: i64) -> Self {
        Scene::on(engine(), width, height)
    }
}

impl<'a> Scene<'a> {
    /// A comp called `Main` of this size.
    pub fn on(engine: &'a Engine, width: i64, height: i64) -> Self {
        let project = engine.new_project();
        let comp = add_comp(&project, "Main", width, height);
        Self { engine, project, comp }
    }

    /// Another comp of the same project.
    pub fn inner(&self, name: &str, width: i64, height: i64) -> Self {
        Self { engine: self.engine, project: self.project.clone(), comp: add_comp(&self.project, name, width, height) }
    }

    /// A picture in memory as a new layer on top.
    pub fn layer(&self, frame: &Arc<Frame>) -> Uuid {
        self.layer_of(LayerSource::Memory(Arc::clone(frame)))
    }

    /// A new layer on top.
    pub fn layer_of(&self, source: LayerSource) -> Uuid {
        self.project.add_layer(self.comp, source, None).expect("a layer")
    }

    /// Sets attributes of a layer.
    pub fn set(&self, layer: Uuid, attrs: &[(&str, Value)]) {
        for (name, value) in attrs {
            self.project.set_attr(Node::Layer(layer), name, value).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    /// Adds an effect to a layer, behind those that are there.
    pub fn effect(&self, layer: Uuid, name: &str, params: &[(&str, Value)]) -> Uuid {
        let effects = self.engine.effects();
        let spec = effects.find(name).unwrap_or_else(|| panic!("{name} is loaded")).spec();
        self.project.add_effect(layer, spec, params).unwrap_or_else(|error| panic!("{error}"))
    }

    /// Frame 0.
    pub fn render(&self) -> Image {
        self.render_at(0)
    }

    /// A frame, which has to succeed.
    pub fn render_at(&self, frame: i64) -> Image {
        self.try_render(frame, &RenderOptions::default()).unwrap_or_else(|error| panic!("{error}")).image
    }

    /// Some pixels of frame 0.
    pub fn render_region(&self, region: Region) -> Image {
        let options = RenderOptions { region, ..RenderOptions::default() };
        self.try_render(0, &options).unwrap_or_else(|error| panic!("{error}")).image
    }

    /// A frame, made anew: what was made before is not used.
    pub fn try_render(&self, frame: i64, options: &RenderOptions) -> Result<Frame, RenderError> {
        let options = RenderOptions { cache: false, ..options.clone() };
        self.engine.render(&self.project, self.comp, frame, &options)
    }

    /// A frame, with what was made before.
    pub fn render_cached(&self, frame: i64) -> Image {
        let rendered = self.engine.render(&self.project, self.comp, frame, &RenderOptions::default());
        rendered.unwrap_or_else(|error| panic!("{error}")).image
    }

    /// What frame 0 is made of, and how.
    pub fn graph(&self) -> GraphReport {
        let (document, effects) = (self.project.snapshot(), self.engine.effects());
        let report = self.engine.renderer().graph(&document, &effects, self.comp, 0, MissingEffects::Fail);
        report.unwrap_or_else(|error| panic!("{error}"))
    }

    /// The error of frame 0, which has one line.
    pub fn error(&self) -> RenderError {
        let error = self.try_render(0, &RenderOptions::default()).expect_err("it cannot be rendered");
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
        error
    }
}

/// The file in which the effects of `fixture-records` write down how they are called.
pub struct Record {
    folder: tempfile::TempDir,
}

/// A call of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// What it had to fill.
    pub output: Rect,
    /// What it was given for that.
    pub input: Rect,
}

impl Record {
    /// With nothing in it.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("calls")
    }

    /// The parameter that names it.
    pub fn param(&self) -> (&'static str, Value) {
        ("file", Value::String(self.path().to_str().expect("it is text").to_owned()))
    }

    /// Whether anything was written.
    pub fn is_there(&self) -> bool {
        self.path().exists()
    }

    /// The calls since it was asked last.
    pub fn take(&self) -> Vec<Call> {
        let text = std::fs::read_to_string(self.path()).unwrap_or_default();
        let _ = std::fs::remove_file(self.path());
        let call = |line: &str| {
            let n: Vec<i32> = line.split(' ').map(|number| number.parse().expect("a number")).collect();
            Call { output: Rect::new(n[0], n[1], n[2], n[3]), input: Rect::new(n[4], n[5], n[6], n[7]) }
        };
        text.lines().map(call).collect()
    }
}

/// Adds a comp of this size.
pub fn add_comp(project: &Project, name: &str, width: i64, height: i64) -> Uuid {
    let size = [("width", Value::Int(width)), ("height", Value::Int(height))];
    project.add_comp(name, &size).expect("a comp")
}

/// A picture whose pixels are all in its frame.
pub fn picture(width: u32, height: u32, pixel: impl Fn(i32, i32) -> Pixel) -> Arc<Frame> {
    let window = Rect::of_size(width, height);
    Arc::new(Frame::new(image(window, pixel)))
}

/// A picture with pixels in `data`, meant to fill `display`.
pub fn overscan(data: Rect, display: Rect, pixel: impl Fn(i32, i32) -> Pixel) -> Arc<Frame> {
    Arc::new(Frame { display_window: display, ..Frame::new(image(data, pixel)) })
}

/// An image of a function of column and row.
pub fn image(window: Rect, pixel: impl Fn(i32, i32) -> Pixel) -> Image {
    let rows = (window.y0..window.y1).flat_map(|y| (window.x0..window.x1).map(move |x| (x, y)));
    let values = rows.flat_map(|(x, y)| pixel(x, y)).collect();
    Image::from_vec(window, values).expect("four values for each pixel")
}

/// Pixels without pattern, the same for the same seed: alpha 0..1, straight colour -0.5..3.5, some of them transparent.
pub fn noise(seed: u32) -> impl Fn(i32, i32) -> Pixel {
    move |x, y| {
        let [r, g, b, a] = [0, 1, 2, 3].map(|channel| random(seed, x, y, channel));
        let alpha = if a < 0.1 { 0.0 } else { a };
        let colour = |value: f32| (value * 4.0 - 0.5) * alpha + 0.0; // No minus zero.
        [colour(r), colour(g), colour(b), alpha]
    }
}

/// A number in 0..1 from the finaliser of MurmurHash3.
fn random(seed: u32, x: i32, y: i32, channel: u32) -> f32 {
    let mut h = seed ^ (x as u32).wrapping_mul(0x9e37_79b1) ^ (y as u32).wrapping_mul(0x85eb_ca77) ^ (channel << 28);
    h = (h ^ h >> 16).wrapping_mul(0x85eb_ca6b);
    h = (h ^ h >> 13).wrapping_mul(0xc2b2_ae35);
    (h >> 8 ^ h >> 24) as f32 / (1 << 24) as f32
}

/// One colour everywhere.
pub fn flat(pixel: Pixel) -> impl Fn(i32, i32) -> Pixel {
    move |_, _| pixel
}

/// Asserts that every pixel of the image is within `tolerance` of the expected one; 0.0 means equal bits.
#[track_caller]
pub fn assert_image(found: &Image, tolerance: f32, expected: impl Fn(i32, i32) -> Pixel) {
    let window = found.window();
    for y in window.y0..window.y1 {
        for x in window.x0..window.x1 {
            let (found, expected) = (found.pixel(x, y), expected(x, y));
            let close = |(f, e): (f32, f32)| f.to_bits() == e.to_bits() || (f - e).abs() <= tolerance;
            let equal = if tolerance == 0.0 {
                found.map(f32::to_bits) == expected.map(f32::to_bits)
            } else {
                found.into_iter().zip(expected).all(close)
            };
            assert!(equal, "pixel ({x}, {y}) is {found:?}, expected {expected:?}, tolerance {tolerance}");
        }
    }
}

/// Asserts that two images have the same window and the same bits.
#[track_caller]
pub fn assert_same_bits(found: &Image, expected: &Image) {
    assert_eq!(found.window(), expected.window());
    assert_image(found, 0.0, |x, y| expected.pixel(x, y));
}

/// Writes a PNG of this size without alpha.
pub fn solid_file(folder: &Path, name: &str, width: u32, height: u32) -> std::path::PathBuf {
    let file = folder.join(name);
    image::RgbImage::from_pixel(width, height, image::Rgb([255, 128, 64])).save(&file).expect("written");
    file
}

/// Keys a layer's attribute: frame, value, and how it goes on from there.
pub fn key_layer(scene: &Scene<'_>, layer: Uuid, name: &str, keys: &[(f64, Value, Interp)]) {
    for (frame, value, interp) in keys {
        let key = Key::new(*frame, value.clone(), *interp);
        scene.project.set_key(Node::Layer(layer), name, &key).unwrap_or_else(|error| panic!("{error}"));
    }
}

/// Makes `matte` say where `layer` is seen.
pub fn set_matte(scene: &Scene<'_>, layer: Uuid, matte: Uuid, channel: &str, invert: bool) {
    let channel = Value::Choice(channel.to_owned());
    let matte = Value::String(matte.to_string());
    scene.set(layer, &[("matte", matte), ("matte_channel", channel), ("matte_invert", Value::Bool(invert))]);
}

/// Three numbers, as positions, rotations and scales have them.
pub fn vec3(x: f64, y: f64, z: f64) -> Value {
    Value::Vec3([x, y, z])
}

/// Makes a bundle `PACKAGE.playa` of a package's plugin in a folder, by the command, with presets of these names and texts.
pub fn bundle(package: &str, folder: &Path, presets: &[(&str, &str)]) -> std::path::PathBuf {
    let own = tempfile::tempdir().expect("a folder");
    let library = own.path().join(format!("{package}.{}", std::env::consts::DLL_EXTENSION));
    std::fs::copy(plugin(package), &library).expect("it is copied");
    bundle_of(&library, folder, presets)
}

/// The same of a library that was built.
pub fn bundle_of(library: &Path, folder: &Path, presets: &[(&str, &str)]) -> std::path::PathBuf {
    let own = tempfile::tempdir().expect("a folder");
    let mut command = std::process::Command::new(playa_tests::program());
    command.arg("bundle").arg(library).arg("--out").arg(folder).args(["--license", "MIT", "--json"]);
    if !presets.is_empty() {
        for (name, text) in presets {
            std::fs::write(own.path().join(format!("{name}.toml")), text).expect("it is written");
        }
        command.arg("--presets").arg(own.path());
    }
    let output = command.output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    made["bundle"].as_str().expect("a path").into()
}

/// Copies a folder with all that is in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the folder can be read") {
        let entry = entry.expect("the folder can be read");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy_folder(&from, &to);
        } else {
            std::fs::copy(from, to).expect("a copy");
        }
    }
}

/// The part of a page of the manual between the marks of this name is `expected`; it is written anew with
/// `PLAYA_WRITE_DOCS=1`.
pub fn assert_in_manual(page: &str, mark: &str, expected: &str) {
    let (path, marks) = (repository().join(page), [format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->")]);
    let text = std::fs::read_to_string(&path).expect("the page is there");
    let (before, rest) = text.split_once(&marks[0]).expect("it has the mark");
    let (found, after) = rest.split_once(&marks[1]).expect("it has the other mark");
    let expected = format!("\n{expected}\n");
    if std::env::var_os("PLAYA_WRITE_DOCS").is_some() {
        std::fs::write(&path, [before, &marks[0], &expected, &marks[1], after].concat()).expect("it is written");
    } else {
        assert_eq!(found, expected, "{page}: write it anew with PLAYA_WRITE_DOCS=1");
    }
}
