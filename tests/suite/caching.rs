//! What is used again, and what is made anew.

use std::sync::Arc;

use playa_host::engine::Engine;
use playa_host::image::{Frame, Rect};
use playa_host::media::{self, ColourType, Compression, WriteOptions};
use playa_host::project::{LayerSource, LoadOptions, SaveOptions, Value};
use playa_host::render::{CacheStats, Region, RenderOptions};
use playa_tests::plugin;
use uuid::Uuid;

use crate::support::{Record, Scene, assert_image, assert_same_bits, engine_with, flat, noise, picture, vec3};

fn own_engine() -> Engine {
    engine_with(&["playa-gaussian-blur", "fixture-gain", "fixture-records"])
}

fn stats(scene: &Scene<'_>) -> CacheStats {
    scene.engine.renderer().cache().stats()
}

/// So many layers, all but the top one with an effect that writes down its calls.
fn stack<'a>(engine: &'a Engine, count: u32, record: &Record) -> (Scene<'a>, Vec<Uuid>) {
    let scene = Scene::on(engine, 40, 30);
    let mut layers = Vec::new();
    for index in 0..count {
        let layer = scene.layer(&picture(40, 30, noise(index)));
        if index + 1 < count {
            scene.effect(layer, "RecordsPixels", &[record.param()]);
        }
        scene.set(layer, &[("opacity", Value::Float(0.5))]);
        layers.push(layer);
    }
    (scene, layers)
}

#[test]
fn the_same_frame_is_the_same_memory_and_a_still_comp_is_made_once() {
    let engine = own_engine();
    let record = Record::new();
    let (scene, _) = stack(&engine, 3, &record);
    let first = scene.render_cached(0);
    assert!(!record.take().is_empty());
    let before = stats(&scene);
    for frame in [0, 1, 7] {
        assert_eq!(scene.render_cached(frame).serial(), first.serial(), "frame {frame}");
    }
    assert_eq!((stats(&scene).hits - before.hits, stats(&scene).misses), (3, before.misses));
    assert_eq!(record.take(), []);
    // A part of it is taken from the whole.
    let options = RenderOptions { region: Region::Window(Rect::new(3, 4, 20, 9)), ..RenderOptions::default() };
    let part = engine.render(&scene.project, scene.comp, 0, &options).expect("it renders").image;
    assert_image(&part, 0.0, |x, y| first.pixel(x, y));
    assert_eq!((part.window(), record.take()), (Rect::new(3, 4, 20, 9), vec![]));
}

#[test]
fn an_edit_of_the_top_layer_makes_that_layer_alone() {
    for (count, edits_before) in [(20, 0), (5, 1)] {
        let engine = own_engine();
        let record = Record::new();
        let (scene, layers) = stack(&engine, count, &record);
        let top = *layers.last().expect("layers");
        scene.render_cached(0);
        let edits = [("opacity", Value::Float(0.3)), ("position", vec3(3.5, 0.0, 0.0)), ("opacity", Value::Float(0.9))];
        for (index, (name, value)) in edits.into_iter().enumerate() {
            record.take();
            scene.set(top, &[(name, value)]);
            let found = scene.render_cached(0);
            let calls = record.take();
            assert!(index < edits_before || calls.is_empty(), "{count} layers, edit {index}: {calls:?}");
            assert_same_bits(&found, &scene.render());
        }
    }
}

#[test]
fn what_was_made_for_a_layer_serves_another_order_an_undo_and_the_project_loaded_again() {
    let engine = own_engine();
    let folder = tempfile::tempdir().expect("a folder");
    let record = Record::new();
    let scene = Scene::on(&engine, 40, 30);
    let mut layers = Vec::new();
    for index in 0..3 {
        let file = folder.path().join(format!("{index}.exr"));
        write(&file, &picture(40, 30, noise(index)));
        let layer = scene.layer_of(LayerSource::Path(file));
        scene.effect(layer, "RecordsArea", &[record.param()]);
        scene.set(layer, &[("opacity", Value::Float(0.5))]);
        layers.push(layer);
    }
    let first = scene.render_cached(0);
    assert_eq!(record.take().len(), 3, "wide effects are called once each");
    scene.project.move_layer(layers[0], 0).expect("valid");
    assert_ne!(scene.render_cached(0).values(), first.values());
    scene.project.move_layer(layers[0], 2).expect("valid");
    assert_eq!(scene.render_cached(0).serial(), first.serial(), "back in order");
    scene.set(layers[1], &[("opacity", Value::Float(0.7))]);
    scene.render_cached(0);
    scene.set(layers[1], &[("opacity", Value::Float(0.5))]);
    assert_eq!(scene.render_cached(0).serial(), first.serial(), "as it was before");
    let file = folder.path().join("shot.playa");
    scene.project.save(&file, &SaveOptions::default()).expect("saved");
    let project = engine.load_project(&file, &LoadOptions { strict: true }).expect("it loads");
    let loaded = Scene { comp: project.comp_named("Main").expect("its comp"), project, engine: &engine };
    assert_eq!(loaded.render_cached(0).serial(), first.serial(), "loaded again");
    assert_eq!(record.take(), []);
    // Another engine has nothing of it.
    let other = own_engine();
    let project = other.load_project(&file, &LoadOptions { strict: true }).expect("it loads");
    let loaded = Scene { comp: loaded.comp, project, engine: &other };
    assert_same_bits(&loaded.render_cached(0), &first);
    assert_eq!((record.take().len(), stats(&loaded).hits), (3, 0));
}

fn write(file: &std::path::Path, frame: &Arc<Frame>) {
    // Not compressed, so that files of one size have one length.
    let (colour, compression) = (ColourType::Float, Compression::None);
    let options = WriteOptions { colour, compression, ..WriteOptions::default() };
    media::write(file, frame, &options).expect("written");
}

#[test]
fn a_file_written_anew_is_read_anew() {
    let engine = own_engine();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("plate.exr");
    let scene = Scene::on(&engine, 8, 6);
    write(&file, &picture(8, 6, flat([1.0, 0.5, 0.25, 1.0])));
    scene.layer_of(LayerSource::Path(file.clone()));
    assert_image(&scene.render_cached(0), 0.0, flat([1.0, 0.5, 0.25, 1.0]));
    let changed = |file: &std::path::Path| file.metadata().and_then(|facts| facts.modified()).expect("it is there");
    // As a file system with coarse times would have it.
    std::thread::sleep(std::time::Duration::from_millis(20));
    write(&file, &picture(8, 6, flat([2.0, 0.5, 0.25, 1.0])));
    assert_image(&scene.render_cached(0), 0.0, flat([2.0, 0.5, 0.25, 1.0]));
    // And said to have been changed when the other was, as a copy that keeps times is.
    if cfg!(unix) {
        let copy = folder.path().join("copy.exr");
        write(&copy, &picture(8, 6, flat([3.0, 0.5, 0.25, 1.0])));
        let open = std::fs::File::options().write(true).open(&copy).expect("it is there");
        open.set_modified(changed(&file)).expect("it can be set");
        std::fs::rename(&copy, &file).expect("replaced");
        assert_image(&scene.render_cached(0), 0.0, flat([3.0, 0.5, 0.25, 1.0]));
    }
}

#[test]
fn a_plugin_loaded_anew_makes_its_pictures_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(format!("gain.{}", std::env::consts::DLL_EXTENSION));
    let engine = Engine::default();
    let install = |package: &str| {
        std::fs::copy(plugin(package), &path).expect("the file can be written");
        engine.registry().load_file(&path).expect("it loads");
    };
    install("fixture-gain");
    let scene = Scene::on(&engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat([0.5, 0.25, 2.0, 1.0])));
    scene.effect(layer, "com.example.gain", &[("gain", Value::Float(2.0))]);
    let old = scene.render_cached(0);
    assert_image(&old, 0.0, flat([1.0, 0.5, 4.0, 1.0]));
    install("fixture-gain-2");
    assert_image(&scene.render_cached(0), 0.0, |x, y| scene.render().pixel(x, y));
    install("fixture-gain");
    assert_eq!(scene.render_cached(0).serial(), old.serial(), "the same bytes are the same effect");
    // Other bytes may compute something else, whatever they say of themselves.
    let mut bytes = std::fs::read(&path).expect("it is there");
    bytes.extend(b"built anew");
    std::fs::write(&path, bytes).expect("the file can be written");
    engine.registry().load_file(&path).expect("it loads");
    assert_ne!(scene.render_cached(0).serial(), old.serial());
}

#[test]
fn the_budget_holds_while_many_large_frames_are_made() {
    let engine = own_engine();
    let scene = Scene::on(&engine, 256, 256);
    let frame = 256 * 256 * 16;
    let budget = 7 * frame + 12345;
    engine.renderer().cache().set_budget(budget);
    let layer = scene.layer(&picture(256, 256, noise(1)));
    let top = scene.layer(&picture(256, 256, noise(2)));
    scene.effect(layer, "GaussianBlur", &[("radius", Value::Float(2.0))]);
    scene.set(top, &[("opacity", Value::Float(0.5))]);
    std::thread::scope(|scope| {
        let (done, asked) = std::sync::mpsc::channel::<()>();
        let watch = scope.spawn(|| {
            let asked = asked;
            while asked.try_recv().is_err_and(|error| error == std::sync::mpsc::TryRecvError::Empty) {
                let CacheStats { bytes, bytes_in_flight, .. } = engine.renderer().cache().stats();
                // What is in flight is needed; beside it there is what has room.
                let most = budget.max(bytes_in_flight);
                assert!(bytes + bytes_in_flight <= most, "{bytes} kept, {bytes_in_flight} in flight");
                std::thread::yield_now();
            }
        });
        for step in 0..60 {
            scene.set(layer, &[("position", vec3(f64::from(step) + 0.5, 0.0, 0.0))]);
            scene.render_cached(0);
        }
        // Much in flight at once, when the cache is full.
        let wide = scene.inner("Wide", 256, 256);
        for seed in 0..6 {
            let layer = wide.layer(&picture(256, 256, noise(10 + seed)));
            wide.effect(layer, "GaussianBlur", &[("radius", Value::Float(20.0))]);
            wide.set(layer, &[("opacity", Value::Float(0.5))]);
        }
        wide.render_cached(0);
        drop(done);
        watch.join().expect("it held");
    });
    let stats = stats(&scene);
    assert!(stats.evicted > 20 && stats.bytes <= budget && stats.bytes_in_flight == 0, "{stats:?}");
}

#[test]
fn edits_from_eight_threads_get_the_bits_of_a_render_without_cache() {
    let engine = own_engine();
    engine.renderer().cache().set_budget(1 << 20);
    let record = Record::new();
    let (scene, layers) = stack(&engine, 14, &record);
    scene.effect(layers[3], "GaussianBlur", &[("radius", Value::Float(2.5))]);
    std::thread::scope(|scope| {
        for thread in 0..8_usize {
            let (scene, layers, engine) = (&scene, &layers, &engine);
            scope.spawn(move || {
                for step in 0..12_usize {
                    let layer = layers[(thread * 5 + step * 3) % layers.len()];
                    let opacity = 0.2 + 0.05 * ((thread + step) % 9) as f64;
                    scene.set(layer, &[("opacity", Value::Float(opacity))]);
                    let document = scene.project.snapshot();
                    let render = |cache| {
                        let options = RenderOptions { cache, ..RenderOptions::default() };
                        engine.renderer().render(&document, &engine.effects(), scene.comp, 0, &options)
                    };
                    let (cached, anew) = (render(true).expect("it renders"), render(false).expect("it renders"));
                    assert_same_bits(&cached.image, &anew.image);
                }
            });
        }
    });
}
