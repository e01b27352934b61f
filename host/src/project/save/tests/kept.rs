//! What this version does not know is kept.

use playa_plugin_api::Value;

use super::*;
use crate::project::fixtures::NoEffects;

const UNKNOWN: &str = r#"playa = 1

[project]
name = "from a friend"
studio = "Nebula"

[[camera]]
uuid = "00000000-0000-4000-8000-000000000005"
name = "lens"
anamorphic = 2.0

[[comp]]
uuid = "00000000-0000-4000-8000-000000000001"
name = "Main"
colour_label = "red"
made = 2026-11-22T10:00:00Z

[[comp.layer]]
uuid = "00000000-0000-4000-8000-000000000002"
name = "inner"
comp = "00000000-0000-4000-8000-000000000004"
opacty = 0.5

[[comp.layer.effect]]
uuid = "00000000-0000-4000-8000-000000000003"
id = "com.example.film_grain"
version = "0.3.1"
collapsed = true

[comp.layer.effect.params]
amount = 0.30000000000000004
seed = 7
tint = [1.0, 0.5, 0.25]
curve = [[0, 0.0], [1, 1.0]]
stock = "5219"

[[comp]]
uuid = "00000000-0000-4000-8000-000000000004"
name = "Inner"

[comp.ui]
zoom = 1.5

[render_farm]
pool = "night"
priority = 50

[[render_farm.job]]
frames = "1-24"
"#;

#[test]
fn unknown_effects_and_keys_load_are_reported_and_written_back() {
    let (_folder, path) = file(UNKNOWN);
    let project = Project::load(&path, &LoadOptions::default(), &NoEffects, media()).expect("it loads");
    project.save(&path, &SaveOptions::default()).expect("saved");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), UNKNOWN);
    let reported: Vec<String> = project.diagnostics().iter().map(ToString::to_string).collect();
    let expected = [
        (5, "warning: unknown key `studio` in project"),
        (10, "warning: unknown key `anamorphic` in camera \"lens\""),
        (22, "warning: unknown key `opacty` in layer \"inner\" (did you mean `opacity`?)"),
        (26, "error: no plugin has the effect \"com.example.film_grain\""),
        (15, "warning: unknown key `colour_label` in comp \"Main\""),
        (16, "warning: unknown key `made` in comp \"Main\""),
        (28, "warning: unknown key `collapsed` in effect"),
        (41, "warning: unknown key `ui` in comp \"Inner\""),
        (44, "warning: unknown key `render_farm` in the project file"),
    ];
    assert_eq!(reported.len(), expected.len(), "{reported:#?}");
    for (line, message) in expected {
        let start = format!("{}:{line}: {message}", path.display());
        assert!(reported.iter().any(|report| report.starts_with(&start)), "{start}\nis not in {reported:#?}");
    }
    let effect = project.snapshot().comp_named("Main").expect("it is there").layers[0].effects[0].uuid;
    let error = project.set_effect_param(effect, "seed", &Value::Int(8)).expect_err("nobody can check it").to_string();
    assert!(error.contains("`com.example.film_grain` is not loaded"), "{error}");
    let error = Project::load(&path, &LoadOptions { strict: true }, &NoEffects, media()).expect_err("strict");
    assert!(reported.iter().all(|report| error.to_string().contains(report)), "{error}");
}

#[test]
fn unknown_things_survive_json_too() {
    // JSON has no dates.
    let (_folder, path) = file(UNKNOWN.replace("made = 2026-11-22T10:00:00Z", "made = \"today\""));
    let project = Project::load(&path, &LoadOptions::default(), &NoEffects, media()).expect("it loads");
    let json = project.to_json().expect("as JSON");
    let back = Project::from_json(&json, &LoadOptions::default(), &NoEffects, media()).expect("it loads");
    assert!(*back.snapshot() == *project.snapshot());
    assert_eq!(back.to_json().expect("as JSON"), json);
}

#[test]
fn a_parameter_of_another_version_is_kept_and_a_renamed_one_is_found() {
    let known = UNKNOWN.replace("com.example.film_grain", "org.playa.gaussian_blur").replace("seed = 7", "size = 7.0");
    let (_folder, path) = file(known);
    let project = load(&path).expect("it loads");
    let document = project.snapshot();
    let effect = &document.comp_named("Main").expect("it is there").layers[0].effects[0];
    assert_eq!(effect.param("radius").expect("a parameter"), Value::Float(7.0));
    let reported: Vec<String> = project.diagnostics().iter().map(ToString::to_string).collect();
    assert!(reported.iter().any(|r| r.contains(":31: warning: effect GaussianBlur has no parameter `amount`")));
    project.save(&path, &SaveOptions::default()).expect("saved");
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains("amount = 0.30000000000000004") && text.contains("radius = 7.0"), "{text}");
}

#[test]
fn keys_that_are_not_understood_are_reported_and_written_back() {
    let text = r#"playa = 1

[[comp]]
uuid = "00000000-0000-4000-8000-000000000001"
name = "Main"

[[comp.layer]]
uuid = "00000000-0000-4000-8000-000000000002"
name = "inner"
comp = "00000000-0000-4000-8000-000000000005"

[[comp.layer.keys.opacity]]
frame = 0
value = 0.5
label = "start"

[[comp.layer.keys.glow]]
frame = 0
value = "later"

[[comp.layer.effect]]
uuid = "00000000-0000-4000-8000-000000000003"
id = "com.example.film_grain"
version = "0.3.1"

[[comp.layer.effect.mix_keys]]
frame = 0
value = 0.5

[[comp.layer.effect.keys.amount]]
frame = 0
value = 1.0
interp = "spring"

[[comp.layer.effect]]
uuid = "00000000-0000-4000-8000-000000000004"
id = "org.playa.gaussian_blur"
version = "1.2.0"

[[comp.layer.effect.keys.radius]]
frame = 0
value = 1.0

[[comp.layer.effect.keys.grain]]
frame = 0
value = 1.0

[[comp]]
uuid = "00000000-0000-4000-8000-000000000005"
name = "Inner"
"#;
    let (_folder, path) = file(text);
    let project = load(&path).expect("it loads");
    project.save(&path, &SaveOptions::default()).expect("saved");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), text);
    let mut reported: Vec<_> = project.diagnostics().into_iter().map(|d| (d.line, d.message)).collect();
    reported.sort();
    let expected = [
        (15, "unknown key `label` in key of `opacity` of layer \"inner\""),
        (17, "a layer has no attribute `glow`"),
        (23, "no plugin has the effect \"com.example.film_grain\""),
        (44, "effect GaussianBlur has no parameter `grain`"),
    ];
    assert_eq!(reported.len(), expected.len(), "{reported:#?}");
    for ((line, message), (expected_line, start)) in reported.iter().zip(expected) {
        assert_eq!(*line, Some(expected_line));
        assert!(message.starts_with(start), "{message}");
    }
    let document = project.snapshot();
    let layer = &document.comp_named("Main").expect("it is there").layers[0];
    assert_eq!((layer.opacity_at(0.0), layer.effects[0].mix_at(9.0)), (0.5, 0.5));
    assert!(layer.effects[0].has_unread_keys("amount") && layer.effects[1].has_unread_keys("grain"));
    assert!(!layer.effects[1].has_unread_keys("radius"));
}

#[test]
fn missing_media_loads_with_its_timing_and_is_reported() {
    let text = r#"playa = 1

[[media]]
uuid = "00000000-0000-4000-8000-000000000001"
name = "gone"
path = "plates/gone.####.exr"
in = 1001
out = 1100
"#;
    let (_folder, path) = file(text);
    let project = load(&path).expect("it loads");
    let media = &project.snapshot().media[0];
    assert_eq!(media.frames(), (1001, 1100));
    let error = media.footage(1005).expect_err("missing").to_string();
    assert!(error.contains("gone.1005.exr"), "{error}");
    let diagnostics = project.diagnostics();
    assert_eq!((diagnostics[0].line, diagnostics[0].severity), (Some(6), Severity::Error));
    assert!(diagnostics[0].message.contains("is not a folder"), "{}", diagnostics[0]);
    project.save(&path, &SaveOptions::default()).expect("saved");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), text, "saved without its files, it stays as it was");
}

#[test]
fn not_more_is_reported_than_anyone_reads() {
    let unknown: String = (0..5000).map(|n| format!("key{n} = {n}\n")).collect();
    let (_folder, path) = file(format!("playa = 1\n{unknown}[project]\n{unknown}"));
    let project = load(&path).expect("it loads");
    assert_eq!(project.diagnostics().len(), 1001);
    project.save(&path, &SaveOptions::default()).expect("saved");
    assert!(*load(&path).expect("it loads").snapshot() == *project.snapshot(), "all of it is kept");
}
