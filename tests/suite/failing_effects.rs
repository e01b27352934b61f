//! Effects that fail are an error of the frame that says where; everything else goes on.

use playa_host::image::MetaValue;
use playa_host::plugin::Registry;
use playa_host::project::{Interp, Key, LoadOptions, SaveOptions, Severity, Value};
use playa_host::render::{MissingEffects, PASSED_OVER, Problem, RenderOptions};
use playa_plugin_api::ErrorCode;
use playa_tests::plugin;

use crate::support::{Scene, assert_image, engine, engine_with, flat, noise, picture};

#[test]
fn a_panic_anywhere_is_an_error_with_its_place_and_the_next_render_works() {
    let panics = [
        ("PanicsInPlan", "no plan today"),
        ("PanicsInRender", "no pixels today"),
        ("PanicsInLoop", "no pixel at all"),
        ("PanicsInCreate", "not to be made"),
        ("PanicsInDrop", "not to be dropped"),
    ];
    for (name, message) in panics {
        let scene = Scene::new(40, 30);
        let layer = scene.layer(&picture(40, 30, flat([0.5, 1.0, 2.0, 1.0])));
        scene.set(layer, &[("name", Value::String("plate".into()))]);
        let effect = scene.effect(layer, name, &[]);
        // Twice: a failure leaves nothing behind that makes the second one another.
        for _ in 0..2 {
            let error = scene.error();
            let place = (error.comp.as_str(), error.frame, error.layer.as_deref(), error.effect.as_deref());
            assert_eq!(place, ("Main", 0, Some("plate"), Some(name)));
            let Problem::Effect(problem) = &*error.problem else { panic!("{name}: {error}") };
            assert_eq!(problem.error.code, ErrorCode::Panicked, "{name}: {error}");
            let text = error.to_string();
            for part in ["comp \"Main\", frame 0, layer \"plate\"", name, message, "panics/src/lib.rs:"] {
                assert!(text.contains(part), "{name}: {part:?} in {text}");
            }
            assert!(!error.is_abort());
        }
        // The good effect of the same file.
        scene.project.remove_effect(effect).expect("it was there");
        scene.effect(layer, "KeepsWorking", &[]);
        assert_image(&scene.render(), 0.0, flat([0.25, 0.5, 1.0, 1.0]));
    }
}

#[test]
fn an_effect_that_fails_above_or_below_does_not_hide_which_one_it_was() {
    let scene = Scene::new(8, 8);
    let lower = scene.layer(&picture(8, 8, noise(1)));
    let upper = scene.layer(&picture(8, 8, noise(2)));
    scene.set(lower, &[("name", Value::String("lower".into()))]);
    scene.set(upper, &[("name", Value::String("upper".into()))]);
    scene.effect(lower, "Gain", &[]);
    scene.effect(lower, "PanicsInRender", &[]);
    scene.effect(lower, "Gain", &[]);
    scene.effect(upper, "PanicsInPlan", &[]);
    assert_eq!(
        (scene.error().layer.as_deref(), scene.error().effect.as_deref()),
        (Some("upper"), Some("PanicsInPlan"))
    );
    scene.set(upper, &[("visible", Value::Bool(false))]);
    assert_eq!(
        (scene.error().layer.as_deref(), scene.error().effect.as_deref()),
        (Some("lower"), Some("PanicsInRender"))
    );
}

#[test]
fn a_disabled_effect_and_one_without_a_share_are_not_asked() {
    let scene = Scene::new(8, 8);
    let source = picture(8, 8, noise(3));
    let layer = scene.layer(&source);
    for (index, name) in ["PanicsInPlan", "PanicsInRender", "PanicsInCreate"].into_iter().enumerate() {
        let effect = scene.effect(layer, name, &[]);
        if index % 2 == 0 {
            scene.project.set_effect_enabled(effect, false).expect("it is there");
        } else {
            scene.project.set_effect_mix(effect, 0.0).expect("it is there");
        }
    }
    assert_image(&scene.render(), 0.0, |x, y| source.image.pixel(x, y));
}

#[test]
fn a_panic_when_an_engine_ends_is_caught() {
    let registry = Registry::default();
    registry.load_file(&plugin("fixture-panics")).expect("it loads");
    drop(registry);
    let other = engine_with(&["fixture-panics"]);
    let scene = Scene::on(&other, 2, 2);
    let layer = scene.layer(&picture(2, 2, flat([1.0; 4])));
    scene.effect(layer, "PanicsInDrop", &[]);
    scene.error();
    drop(scene);
    drop(other);
}

#[test]
fn a_project_with_an_unknown_effect_says_so_keeps_it_and_renders_without_it_if_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let saved = folder.path().join("shot.playa");
    let scene = Scene::new(6, 4);
    let layer = scene.layer(&picture(6, 4, flat([0.5, 1.0, 2.0, 1.0])));
    scene.effect(layer, "AllParams", &[("amount", Value::Float(0.25)), ("text", Value::String("kept".into()))]);
    scene.effect(layer, "Gain", &[("gain", Value::Float(3.0))]);
    scene.project.save(&saved, &SaveOptions::default()).expect("saved");

    let poor = engine_with(&["fixture-gain"]);
    let project = poor.load_project(&saved, &LoadOptions::default()).expect("it loads");
    let diagnostics = project.diagnostics();
    let about = |id: &str| diagnostics.iter().find(|diagnostic| diagnostic.message.contains(id));
    let diagnostic = about("com.example.all_params").unwrap_or_else(|| panic!("{diagnostics:?}"));
    assert_eq!(diagnostic.severity, Severity::Error);
    assert!(diagnostic.line.is_some() && diagnostic.file.is_some(), "{diagnostic}");
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");

    // Beside the first, so that the relative paths in it are the same.
    let again = folder.path().join("again.playa");
    project.save(&again, &SaveOptions::default()).expect("saved");
    let text = |path| std::fs::read_to_string(path).expect("it can be read");
    assert_eq!(text(&saved), text(&again));

    let comp = project.comp_named("Main").expect("its comp");
    let error = poor.render(&project, comp, 0, &RenderOptions::default()).expect_err("the effect is missing");
    assert!(
        matches!(&*error.problem, Problem::EffectNotLoaded { id, .. } if id == "com.example.all_params"),
        "{error}"
    );
    assert!(error.to_string().contains("install its plugin"), "{error}");
    let without = RenderOptions { missing_effects: MissingEffects::Skip, ..RenderOptions::default() };
    let frame = poor.render(&project, comp, 0, &without).expect("it renders without");
    assert_image(&frame.image, 0.0, flat([1.5, 3.0, 6.0, 1.0]));

    let rich = engine().load_project(&again, &LoadOptions { strict: true }).expect("nothing was lost");
    let frame = engine().render(&rich, comp, 0, &RenderOptions::default()).expect("it renders");
    // Red: (0.5 + 0.25 + the 4 letters of "kept") * 3.
    assert_image(&frame.image, 0.0, flat([14.25, 3.0, 6.0, 1.0]));
}

/// While its plugin is missing a value cannot be checked. Once it is there, the frame fails rather than to go on with
/// another value than the one in the file.
#[test]
fn a_value_that_turns_out_not_to_fit_is_an_error_of_the_frame() {
    let scene = Scene::new(2, 2);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shot.playa");
    let layer = scene.layer(&picture(2, 2, flat([1.0; 4])));
    scene.effect(layer, "Gain", &[("gain", Value::Float(3.5))]);
    scene.project.save(&file, &SaveOptions::default()).expect("saved");
    let text = std::fs::read_to_string(&file).expect("it is there");
    assert!(text.contains("gain = 3.5"), "{text}");
    for (value, found) in [("1000.0", "1000"), ("\"much\"", "much")] {
        std::fs::write(&file, text.replace("gain = 3.5", &format!("gain = {value}"))).expect("written");
        let project =
            engine_with(&["fixture-temporal"]).load_project(&file, &LoadOptions::default()).expect("it loads");
        let comp = project.comp_named("Main").expect("its comp");
        let error = engine().render(&project, comp, 0, &RenderOptions::default()).expect_err("it does not fit");
        assert!(matches!(&*error.problem, Problem::Param { param, .. } if param == "gain"), "{error}");
        let text = error.to_string();
        assert!(text.contains(found) && text.contains("com.example.gain"), "{text}");
        let error = engine().load_project(&file, &LoadOptions::default()).expect_err("it does not fit").to_string();
        assert!(error.contains("shot.playa:") && error.contains(found), "with file and line: {error}");
    }
}

#[test]
fn keys_that_were_read_without_their_plugin_are_an_error_of_the_frame() {
    let scene = Scene::new(2, 2);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shot.playa");
    let layer = scene.layer(&picture(2, 2, flat([1.0; 4])));
    let gain = scene.effect(layer, "Gain", &[]);
    let key = Key::new(0.0, Value::Float(3.5), Interp::Linear);
    scene.project.set_effect_key(gain, "gain", &key).expect("valid");
    scene.project.save(&file, &SaveOptions::default()).expect("saved");
    let poor = engine_with(&["fixture-temporal"]).load_project(&file, &LoadOptions::default()).expect("it loads");
    let comp = poor.comp_named("Main").expect("its comp");
    let error = engine().render(&poor, comp, 0, &RenderOptions::default()).expect_err("nobody read its keys");
    assert!(matches!(&*error.problem, Problem::Param { param, .. } if param == "gain"), "{error}");
    assert!(error.to_string().contains("expected the project to be loaded again"), "{error}");
    poor.save(&file, &SaveOptions::default()).expect("saved");
    let rich = engine().load_project(&file, &LoadOptions { strict: true }).expect("nothing was lost");
    let frame = engine().render(&rich, comp, 0, &RenderOptions::default()).expect("it renders");
    assert_image(&frame.image, 0.0, flat([3.5, 3.5, 3.5, 1.0]));
}

#[test]
fn a_frame_is_made_without_the_effects_that_fail_if_that_is_asked_for() {
    let scene = Scene::new(6, 4);
    let below = scene.layer(&picture(6, 4, flat([0.5, 1.0, 2.0, 1.0])));
    scene.effect(below, "Gain", &[("gain", Value::Float(3.0))]);
    scene.effect(below, "PanicsInRender", &[]);
    scene.effect(below, "Gain", &[("gain", Value::Float(0.5))]);
    let above = scene.layer(&picture(6, 4, flat([0.25, 0.0, 0.0, 0.5])));
    scene.effect(above, "PanicsInPlan", &[]);
    let options = RenderOptions { skip_failing_effects: true, ..RenderOptions::default() };
    for _ in 0..2 {
        let frame = scene.try_render(0, &options).expect("it renders without them");
        // 0.5 * 3 * 0.5 = 0.75 below half of what hides.
        assert_image(&frame.image, 1e-6, flat([0.25 + 0.375, 0.75, 1.5, 1.0]));
        let Some(MetaValue::TextList(errors)) = frame.metadata.get(PASSED_OVER) else { panic!("they are named") };
        assert_eq!(errors.len(), 2, "{errors:?}");
        for part in ["PanicsInRender", "PanicsInPlan"] {
            assert!(errors.iter().any(|error| error.contains(part)), "{part} in {errors:?}");
        }
    }
    let error = scene.error();
    assert!(error.effect.is_some_and(|effect| effect.starts_with("Panics")));
}
