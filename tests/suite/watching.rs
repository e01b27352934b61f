//! Real files written in real ways into a watched folder, and what comes of it in pixels.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use playa_host::engine::Engine;
use playa_host::plugin::watch::Notice;
use playa_host::plugin::watch::settle::TOGETHER;
use playa_host::plugin::{PluginEvent, SearchPath, Watcher};
use playa_host::project::Value;

use crate::support::{Scene, assert_image, flat, new_build, picture};

/// A busy machine takes its time. Nothing waits that long when all is well.
const PATIENCE: Duration = Duration::from_secs(60);
const PIXEL: [f32; 4] = [0.5, 0.25, 2.0, 1.0];
/// Doubled by version 1 of the gain.
const OLD: [f32; 4] = [1.0, 0.5, 4.0, 1.0];
/// Doubled and lifted by an eighth, as version 2 does by default.
const NEW: [f32; 4] = [1.125, 0.625, 4.125, 1.0];

/// An engine that watches a folder, and what it tells.
struct Watched {
    // Ends before the engine does.
    _watcher: Watcher,
    engine: Engine,
    events: Receiver<PluginEvent>,
    folder: tempfile::TempDir,
}

impl Watched {
    /// With these plugins in the folder `plugins` of a new one.
    fn with(packages: &[&str], notice: Notice) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let plugins = folder.path().join("plugins");
        std::fs::create_dir(&plugins).expect("a folder");
        for package in packages {
            std::fs::write(library(&plugins, package), new_build(package)).expect("it is written");
        }
        Self::over(folder, plugins, notice)
    }

    fn over(folder: tempfile::TempDir, plugins: PathBuf, notice: Notice) -> Self {
        let engine = Engine::with_plugins(&SearchPath { directories: vec![plugins] });
        let (sender, events) = channel();
        engine.registry().observe(move |event| drop(sender.send(event.clone())));
        let watcher = Watcher::start(engine.registry(), notice).expect("a thread");
        Self { _watcher: watcher, engine, events, folder }
    }

    fn path(&self, package: &str) -> PathBuf {
        library(&self.folder.path().join("plugins"), package)
    }

    /// A path in the same folder of the system that is not watched.
    fn aside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn next(&self) -> PluginEvent {
        self.events.recv_timeout(PATIENCE).expect("something is told")
    }

    /// Whatever is told next is that this file was loaded anew, and then nothing more for a while.
    #[track_caller]
    fn expect_reload(&self, path: &Path) {
        let event = self.next();
        assert!(matches!(&event, PluginEvent::Reloaded { path: told, .. } if told == path), "{event:?}");
    }

    /// Nothing is told for longer than a removal takes to be believed.
    #[track_caller]
    fn expect_silence(&self) {
        let event = self.events.recv_timeout(Duration::from_millis(1200));
        assert!(event.is_err(), "{event:?}");
    }
}

fn library(folder: &Path, package: &str) -> PathBuf {
    folder.join(format!("{package}.{}", std::env::consts::DLL_EXTENSION))
}

fn doubled(engine: &Engine) -> Scene<'_> {
    let scene = Scene::on(engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat(PIXEL)));
    scene.effect(layer, "com.example.gain", &[("gain", Value::Float(2.0))]);
    scene
}

fn run(program: &str, args: &[&Path]) {
    assert!(Command::new(program).args(args).status().expect("it runs").success(), "{program} {args:?}");
}

/// Each way to replace a file is one reload, with the pixels of the new one.
#[cfg(unix)]
#[test]
fn every_writer_is_one_reload() {
    type Writer = fn(&Watched, &Path, &Path);
    let writers: [(&str, Writer); 8] = [
        ("cargo: a hard link in place of the old one", |_, new, path| {
            std::fs::remove_file(path).expect("it is there");
            std::fs::hard_link(new, path).expect("the same volume");
        }),
        ("cp", |_, new, path| run("cp", &[new, path])),
        ("install", |_, new, path| run("install", &[new, path])),
        ("mv", |_, new, path| run("mv", &[new, path])),
        ("ln -f", |_, new, path| run("ln", &[Path::new("-f"), new, path])),
        ("a swapped link", |watched, new, path| {
            let link = watched.aside("link");
            std::os::unix::fs::symlink(new, &link).expect("a link");
            std::fs::rename(link, path).expect("the same volume");
        }),
        ("rsync: another name, then the right one", |_, new, path| {
            let hidden = path.with_file_name(".fixture-gain.so.Xa81Jk");
            std::fs::copy(new, &hidden).expect("it is written");
            std::fs::rename(hidden, path).expect("the same volume");
        }),
        ("deleted, created and written in pieces", |_, new, path| {
            std::fs::remove_file(path).expect("it is there");
            std::thread::sleep(Duration::from_millis(100));
            write_slowly(new, path, Duration::from_millis(3));
        }),
    ];
    let watched = Watched::with(&["fixture-gain"], Notice::Events);
    let (path, scene) = (watched.path("fixture-gain"), doubled(&watched.engine));
    for (number, (name, write)) in writers.into_iter().enumerate() {
        let (package, expected) = if number % 2 == 0 { ("fixture-gain-2", NEW) } else { ("fixture-gain", OLD) };
        let new = watched.aside(&format!("new-{number}"));
        std::fs::write(&new, new_build(package)).expect("it is written");
        write(&watched, &new, &path);
        println!("{name}");
        watched.expect_reload(&path);
        assert_image(&scene.render(), 0.0, flat(expected));
        assert_eq!(watched.engine.effects().file(&path).expect("it is known").generations, number as u64 + 2, "{name}");
    }
    watched.expect_silence();
}

/// In ten pieces.
fn write_slowly(new: &Path, path: &Path, pause: Duration) {
    let bytes = std::fs::read(new).expect("it is there");
    let mut file = std::fs::File::create(path).expect("it can be written");
    for piece in bytes.chunks(bytes.len().div_ceil(10)) {
        std::io::Write::write_all(&mut file, piece).expect("it can be written");
        std::thread::sleep(pause);
    }
}

#[test]
fn a_stalled_writer_is_told_and_the_old_generation_goes_on_until_it_is_done() {
    let watched = Watched::with(&["fixture-gain"], Notice::Events);
    let (path, scene) = (watched.path("fixture-gain"), doubled(&watched.engine));
    let bytes = new_build("fixture-gain-2");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("it is written");
    let event = watched.next();
    assert!(
        matches!(&event, PluginEvent::Failed { path: told, error } if *told == path && error.to_string().contains("incomplete")),
        "{event:?}"
    );
    assert_image(&scene.render(), 0.0, flat(OLD));
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).expect("it is there");
    std::io::Write::write_all(&mut file, &bytes[bytes.len() / 2..]).expect("it is written");
    drop(file);
    watched.expect_reload(&path);
    assert_image(&scene.render(), 0.0, flat(NEW));
}

#[test]
fn a_touched_file_is_no_reload_and_a_removed_one_is_missing_until_it_comes_back() {
    let watched = Watched::with(&["fixture-gain"], Notice::Events);
    let (path, scene) = (watched.path("fixture-gain"), doubled(&watched.engine));
    let bytes = std::fs::read(&path).expect("it is there");
    std::fs::write(&path, &bytes).expect("it is written");
    watched.expect_silence();
    std::fs::remove_file(&path).expect("it is there");
    let event = watched.next();
    assert!(matches!(&event, PluginEvent::Removed { effects, .. } if effects == &["com.example.gain"]), "{event:?}");
    let error = scene.try_render(0, &Default::default()).expect_err("the effect is missing").to_string();
    assert!(error.contains("com.example.gain"), "{error}");
    std::fs::write(&path, &bytes).expect("it is written");
    let event = watched.next();
    // The same content is the same generation.
    assert!(matches!(&event, PluginEvent::Loaded { generation: 1, .. }), "{event:?}");
    assert_image(&scene.render(), 0.0, flat(OLD));
    let (opened, _) = watched.engine.registry().held(Some(&path));
    assert_eq!(opened.count, 1, "it was not opened again");
}

#[test]
fn plugins_written_together_switch_together() {
    let watched = Watched::with(&["fixture-gain", "fixture-generator"], Notice::Events);
    let paths = ["fixture-gain", "fixture-generator"].map(|package| watched.path(package));
    let hashes = || {
        let effects = watched.engine.effects();
        paths.each_ref().map(|path| effects.file(path).and_then(|file| file.live.clone()).expect("live").plugin.hash)
    };
    for _ in 0..20 {
        let before = hashes();
        let new = ["fixture-gain-2", "fixture-generator"].map(|package| {
            let new = watched.aside(package);
            std::fs::write(&new, new_build(package)).expect("it is written");
            new
        });
        let start = Instant::now();
        for (new, path) in new.iter().zip(&paths) {
            std::fs::rename(new, path).expect("the same volume");
        }
        // A busy machine may let a long time go by between the two.
        let together = start.elapsed() < TOGETHER / 2;
        watched.next();
        // Both are told after both switched.
        let after = hashes();
        watched.next();
        if together {
            assert!(before[0] != after[0] && before[1] != after[1]);
            assert_eq!(hashes(), after);
            return;
        }
    }
    panic!("no two files were ever written together");
}

#[test]
fn listing_alone_notices_everything_a_little_later() {
    let watched = Watched::with(&["fixture-gain"], Notice::Listing);
    let (path, scene) = (watched.path("fixture-gain"), doubled(&watched.engine));
    std::fs::write(&path, new_build("fixture-gain-2")).expect("it is written");
    watched.expect_reload(&path);
    assert_image(&scene.render(), 0.0, flat(NEW));
    std::fs::remove_file(&path).expect("it is there");
    let event = watched.next();
    assert!(matches!(event, PluginEvent::Removed { .. }), "{event:?}");
}

#[test]
fn a_folder_that_comes_to_be_or_is_replaced_is_watched() {
    let folder = tempfile::tempdir().expect("a folder");
    let plugins = folder.path().join("not/yet");
    let watched = Watched::over(folder, plugins.clone(), Notice::Events);
    std::fs::create_dir_all(&plugins).expect("folders");
    let path = library(&plugins, "gain");
    std::fs::write(&path, new_build("fixture-gain")).expect("it is written");
    let event = watched.next();
    assert!(matches!(event, PluginEvent::Loaded { .. }), "{event:?}");
    // As a deployment swaps whole folders.
    let next = plugins.with_file_name("next");
    std::fs::create_dir(&next).expect("a folder");
    std::fs::write(library(&next, "gain"), new_build("fixture-gain-2")).expect("it is written");
    std::fs::rename(&plugins, plugins.with_file_name("before")).expect("the same volume");
    std::fs::rename(&next, &plugins).expect("the same volume");
    watched.expect_reload(&path);
    // Its files are told of as before.
    std::fs::write(&path, new_build("fixture-gain")).expect("it is written");
    watched.expect_reload(&path);
}

#[test]
fn what_happens_in_a_pause_is_found_after_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = library(folder.path(), "gain");
    std::fs::write(&path, new_build("fixture-gain")).expect("it is written");
    let engine = Engine::with_plugins(&SearchPath { directories: vec![folder.path().into()] });
    let (sender, events) = channel();
    engine.registry().observe(move |event| drop(sender.send(event.clone())));
    assert!(engine.watch().expect("a thread"));
    engine.watcher().as_ref().expect("it watches").pause();
    std::fs::write(&path, new_build("fixture-gain-2")).expect("it is written");
    assert!(events.recv_timeout(Duration::from_millis(1500)).is_err(), "nothing in a pause");
    // By hand it goes all the time.
    engine.registry().reload(None);
    assert!(matches!(events.recv_timeout(PATIENCE), Ok(PluginEvent::Reloaded { .. })));
    std::fs::write(&path, new_build("fixture-gain")).expect("it is written");
    engine.watcher().as_ref().expect("it watches").resume();
    assert!(matches!(events.recv_timeout(PATIENCE), Ok(PluginEvent::Reloaded { .. })));
}

#[test]
fn frames_made_during_a_hundred_swaps_are_of_one_generation_each() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = library(folder.path(), "gain");
    let put = |package: &str| std::fs::write(&path, new_build(package)).expect("it is written");
    put("fixture-gain");
    let engine = Arc::new(Engine::with_plugins(&SearchPath { directories: vec![folder.path().into()] }));
    let scene = Scene::on(&engine, 64, 64);
    // Many layers, so that a frame asks for the effect often.
    for _ in 0..8 {
        let layer = scene.layer(&picture(64, 64, flat([0.5, 0.25, 2.0, 0.5])));
        scene.effect(layer, "com.example.gain", &[("gain", Value::Float(2.0))]);
    }
    let fresh = || {
        // What was kept from the frames before would be neither here nor there.
        engine.renderer().cache().clear();
        scene.render()
    };
    let old = fresh();
    put("fixture-gain-2");
    engine.registry().load_file(&path).expect("version 2");
    let new = fresh();
    assert!(old.pixel(0, 0) != new.pixel(0, 0));
    let (pixel_old, pixel_new) = (old.pixel(0, 0), new.pixel(0, 0));
    let done = std::sync::atomic::AtomicBool::new(false);
    let (counts, swaps) = std::thread::scope(|scope| {
        let render = || {
            let (mut seen, mut again) = ([0_u32; 2], true);
            while again {
                again = !done.load(std::sync::atomic::Ordering::SeqCst);
                let frame = fresh();
                let which = usize::from(frame.pixel(0, 0) == pixel_new);
                let expected = if which == 1 { pixel_new } else { pixel_old };
                assert_image(&frame, 0.0, flat(expected));
                seen[which] += 1;
            }
            seen
        };
        let renders = [scope.spawn(render), scope.spawn(render)];
        for swap in 0..100 {
            put(if swap % 2 == 0 { "fixture-gain" } else { "fixture-gain-2" });
            engine.registry().load_file(&path).expect("it is whole");
        }
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        (renders.map(|thread| thread.join().expect("every frame is of one generation")), 100)
    });
    let sum = |which: usize| counts.iter().map(|seen| seen[which]).sum::<u32>();
    assert!(sum(0) > 0 && sum(1) > 0, "both generations were seen: {counts:?}");
    // Nothing refers to those before the last two any more.
    let (opened, used) = engine.registry().held(Some(&path));
    assert_eq!((opened.count, used.count), (swaps + 2, 2));
    assert!(opened.bytes > 40 * used.bytes, "{opened:?} {used:?}");
}
