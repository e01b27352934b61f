//! Where a layer's pixels come from: pictures in memory, files, and the shared reference pictures.

use std::path::PathBuf;

use playa_host::image::{Frame, Image, Rect};
use playa_host::media::{self, ColourType, ReadOptions, WriteOptions};
use playa_host::project::{LayerSource, LoadOptions, MemoryPolicy, ProjectError, SaveOptions, Value};
use playa_host::render::{Problem, Region, RenderOptions};
use playa_tests::repository;

use crate::support::{Scene, assert_image, assert_same_bits, engine, image, noise, overscan, picture, vec3};

fn float() -> WriteOptions {
    WriteOptions { colour: ColourType::Float, ..WriteOptions::default() }
}

/// A file of the shared reference pictures; `None`, with the reason printed, where they are not there.
fn shared(name: &str) -> Option<PathBuf> {
    let path = repository().join("../shared/media").join(name);
    let found = path.is_file();
    if !found {
        println!("skipped: there is no {}", path.display());
    }
    found.then_some(path)
}

#[test]
fn a_over_b_is_what_the_reference_says_on_the_union_of_the_windows() {
    let Some([a, b, expected]) = ["a.exr", "b.exr", "a_over_b.exr"]
        .map(|name| shared(&format!("composite/{name}")))
        .into_iter()
        .collect::<Option<Vec<_>>>()
        .and_then(|paths| <[PathBuf; 3]>::try_from(paths).ok())
    else {
        return;
    };
    let read = |path: &PathBuf| media::read(path, &ReadOptions::default()).expect("it can be read");
    let (above, below, expected) = (read(&a), read(&b), read(&expected));
    let display = expected.display_window;
    let scene = Scene::new(display.width() as i64, display.height() as i64);
    scene.layer_of(LayerSource::Path(b));
    scene.layer_of(LayerSource::Path(a));
    let union = above.data_window().union(&below.data_window());
    let found = scene.render_region(Region::Data);
    assert_eq!(found.window(), union);
    assert_eq!(expected.data_window(), union, "the reference covers the union as well");
    assert_image(&found, 1e-6, |x, y| expected.image.pixel(x, y));
}

#[test]
fn a_file_is_shown_as_it_was_written_overscan_included() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plate.exr");
    let (data, display) = (Rect::new(-4, 2, 13, 12), Rect::of_size(10, 8));
    let source = overscan(data, display, noise(50));
    media::write(&path, &source, &float()).expect("written");
    let scene = Scene::new(10, 8);
    scene.layer_of(LayerSource::Path(path));
    assert_same_bits(&scene.render_region(Region::Data), &source.image);
}

#[test]
fn a_picture_in_memory_is_not_copied_and_outlives_the_project() {
    let source = picture(8, 8, noise(51));
    let scene = Scene::new(8, 8);
    let layer = scene.layer(&source);
    let held = match &scene.project.snapshot().layer(layer).expect("it is there").2.source {
        playa_host::project::Source::Memory(frame) => frame.image.values().as_ptr(),
        other => panic!("{other:?}"),
    };
    assert_eq!(held, source.image.values().as_ptr());
    let rendered = scene.render();
    drop(scene);
    assert_same_bits(&rendered, &source.image);
}

#[test]
fn saving_writes_pictures_in_memory_beside_the_project_and_they_render_the_same_bits() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shot.playa");
    let scene = Scene::new(16, 12);
    scene.layer(&overscan(Rect::new(-3, -2, 20, 15), Rect::of_size(16, 12), noise(52)));
    let upper = scene.layer(&picture(7, 5, noise(53)));
    scene.effect(upper, "GaussianBlur", &[("radius", Value::Float(2.0))]);
    scene.set(upper, &[("rotation", vec3(0.0, 0.0, 20.0))]);
    let expected = scene.render_region(Region::Data);

    let refuse = SaveOptions { memory: MemoryPolicy::Refuse };
    let error = scene.project.save(&file, &refuse).expect_err("it has pictures in memory");
    assert!(matches!(error, ProjectError::Memory { .. }), "{error}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is left of it");

    scene.project.save(&file, &SaveOptions::default()).expect("saved");
    assert_same_bits(&scene.render_region(Region::Data), &expected);
    // The folder can move: nothing in it names where it was.
    let moved = tempfile::tempdir().expect("a folder");
    let moved = moved.path().join("elsewhere");
    std::fs::rename(folder.path(), &moved).expect("it can be moved");
    let project = engine().load_project(&moved.join("shot.playa"), &LoadOptions { strict: true }).expect("it loads");
    let comp = project.comp_named("Main").expect("its comp");
    let options = RenderOptions { region: Region::Data, ..RenderOptions::default() };
    let frame = engine().render(&project, comp, 0, &options).expect("it renders");
    assert_same_bits(&frame.image, &expected);
}

#[test]
fn a_file_that_is_damaged_or_gone_is_an_error_of_its_layer() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("plate.exr");
    media::write(&path, &picture(40, 40, noise(54)), &float()).expect("written");
    let scene = Scene::new(40, 40);
    scene.layer_of(LayerSource::Path(path.clone()));
    let whole = std::fs::read(&path).expect("it is there");
    let check = |what: &str| {
        let error = scene.error();
        assert!(matches!(*error.problem, Problem::Media(_)), "{what}: {error}");
        assert_eq!(error.layer.as_deref(), Some("plate.exr"));
        assert!(error.to_string().contains("plate.exr"), "{error}");
    };
    std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
    check("half a file");
    std::fs::write(&path, b"").expect("written");
    check("an empty file");
    std::fs::remove_file(&path).expect("it was there");
    check("no file");
    std::fs::write(&path, &whole).expect("written");
    scene.render();
}

#[test]
fn a_rendered_frame_says_its_frame_and_rate() {
    let scene = Scene::new(6, 4);
    let layer = scene.layer(&picture(2, 2, noise(55)));
    scene.set(layer, &[("position", vec3(100.0, 0.0, 0.0))]);
    let options = RenderOptions { region: Region::Data, ..RenderOptions::default() };
    let frame: Frame = scene.try_render(0, &options).expect("it renders");
    assert_eq!(frame.display_window, Rect::of_size(6, 4));
    assert_eq!(frame.data_window(), Rect::new(102, 1, 104, 3));
    assert_eq!(frame.metadata.get("framesPerSecond"), Some(&playa_host::image::MetaValue::Rational(24, 1)));
    let nothing: Image = image(Rect::of_size(6, 4), |_, _| [0.0; 4]);
    assert_same_bits(&scene.render(), &nothing);
}
