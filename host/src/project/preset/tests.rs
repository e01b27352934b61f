use super::*;
use crate::project::fixtures::{blur, everything, media};
use crate::project::{Interp, Key, LayerSource};

fn written(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.toml");
    std::fs::write(&path, text).expect("a file");
    (folder, path)
}

fn of_blur(version: &str, params: &str) -> String {
    format!(
        "preset = 1\nname = \"Soft\"\neffect = \"org.playa.gaussian_blur\"\nversion = {version:?}\n[params]\n{params}"
    )
}

fn read(text: &str) -> Result<Preset, ProjectError> {
    let (_folder, path) = written(text);
    Preset::read(&path)
}

#[test]
fn what_was_saved_sets_the_same_values() {
    let mut effect = Effect::new(everything());
    let values = [
        ("bool", Value::Bool(true)),
        ("int", Value::Int(-3)),
        ("float", Value::Float(0.1)),
        ("string", Value::String("a \"b\"\nc".into())),
        ("vec2", Value::Vec2([1.0, 1e-300])),
        ("vec3", Value::Vec3([1.0, 2.0, 3.0])),
        ("vec4", Value::Vec4([1.0, 2.0, 3.0, 4.5])),
        ("color", Value::Color([0.1, 0.2, 0.3, 0.4])),
        ("choice", Value::Choice("b".into())),
        ("uuid", Value::Uuid([7; 16])),
        ("list", Value::List(vec![Value::Int(1), Value::String("x".into())])),
        ("map", Value::Map([("k".to_owned(), Value::List(vec![Value::Float(2.5)]))].into())),
    ];
    for (name, value) in &values {
        effect.set_param(name, value).expect("it fits");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let preset = Preset::of(&effect, "Äll of it (2)", "about it").expect("it is loaded");
    let path = preset.save(Some(folder.path()), false).expect("it is written");
    assert_eq!(path, folder.path().join("org.playa.test.everything").join("äll-of-it-2.toml"));
    let read = Preset::read(&path).expect("it was written just now");
    assert_eq!((&*read.name, &*read.about, &*read.version), ("Äll of it (2)", "about it", "1.2.0"));
    let mut other = Effect::new(everything());
    assert_eq!(read.apply(&mut other).expect("it fits"), Vec::<String>::new());
    for (name, value) in values {
        assert_eq!(other.param(name).expect("there is one"), value, "{name}");
    }
}

#[test]
fn one_is_replaced_only_when_that_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut effect = Effect::new(blur());
    let save = |effect: &Effect, replace| {
        Preset::of(effect, "Soft", "").expect("it is loaded").save(Some(folder.path()), replace)
    };
    let path = save(&effect, false).expect("it is new");
    effect.set_param("radius", &Value::Float(40.0)).expect("it fits");
    let error = save(&effect, false).expect_err("it is there");
    assert!(
        error
            .to_string()
            .ends_with("soft.toml: the preset is there already; give it another name, or say that it may be replaced"),
        "{error}"
    );
    assert_eq!(Preset::read(&path).expect("it is there").params["radius"], Value::Float(5.0));
    save(&effect, true).expect("it may be replaced");
    assert_eq!(Preset::read(&path).expect("it is there").params["radius"], Value::Float(40.0));
}

#[test]
fn in_its_version_everything_has_to_fit() {
    for (params, line, expected) in [
        (
            "edges = \"black\"\nradios = 1.0",
            7,
            "no such parameter, expected a parameter of GaussianBlur (did you mean `radius`?): radius, edges",
        ),
        ("radius = \"wide\"", 6, "found \"wide\" (string), expected float"),
        ("radius = -1.0", 6, "found -1.0, expected float within 0..=10000"),
        ("edges = \"soft\"", 6, "found \"soft\", expected one of clamp, black"),
    ] {
        let (_folder, path) = written(&of_blur("1.2.0", params));
        let mut effect = Effect::new(blur());
        let before = effect.clone();
        let error =
            Preset::read(&path).expect("it is one").apply(&mut effect).expect_err("it does not fit").to_string();
        assert!(error.starts_with(&format!("{}:{line}: parameter `", path.display())), "{error}");
        assert!(error.contains("of preset \"Soft\"") && error.ends_with(expected), "{error}");
        assert_eq!(effect, before, "nothing was set");
    }
}

#[test]
fn of_another_version_what_fits_is_set_and_the_rest_told() {
    let preset = read(&of_blur("1.0.0", "size = 7\ngone = true\nedges = \"soft\"")).expect("it is one");
    let mut effect = Effect::new(blur());
    let left_out = preset.apply(&mut effect).expect("it is of another version");
    assert_eq!(effect.param("radius").expect("there is one"), Value::Float(7.0), "by its former name");
    assert_eq!(effect.param("edges").expect("there is one"), Value::Choice("clamp".into()));
    let begins =
        ["`gone` is of version 1.0.0, this is 1.2.0: effect GaussianBlur has no parameter `gone`", "`edges` is of"];
    assert_eq!(left_out.len(), 2, "{left_out:?}");
    for (told, begin) in left_out.iter().zip(begins) {
        assert!(told.starts_with(begin), "{told}");
    }
}

#[test]
fn a_preset_of_another_effect_or_for_one_that_is_not_loaded_is_refused() {
    let preset = read(&of_blur("1.2.0", "radius = 1.0")).expect("it is one");
    let error = preset.apply(&mut Effect::new(everything())).expect_err("it is another");
    assert!(
        error
            .to_string()
            .ends_with("found one for org.playa.gaussian_blur, expected one for org.playa.test.everything"),
        "{error}"
    );
    let mut missing = Effect::new(blur());
    missing.spec = None;
    assert!(matches!(preset.apply(&mut missing), Err(ProjectError::EffectNotLoaded { .. })));
    assert!(matches!(Preset::of(&missing, "Soft", ""), Err(ProjectError::EffectNotLoaded { .. })));
}

#[test]
fn what_is_no_preset_says_why_and_where() {
    for (text, expected) in [
        ("", "the preset: found no `preset` key, expected `preset = 1`"),
        ("preset = true", ":1: version of the format: found true (bool), expected `preset = 1`"),
        (
            "\npreset = 2",
            ":2: version of the format: found 2 (int), expected at most 1: this preset was saved by a newer",
        ),
        ("preset = 1\nname =", ":2: "),
        ("preset = 1\nname = 3", ":2: `name` of the preset: found 3 (int)"),
        (&of_blur("1.2.0", "").replace("name = \"Soft\"\n", ""), "no `name` key"),
        (&of_blur("1.2.0", "").replace("[params]\n", ""), "no [params]"),
        (
            &of_blur("1.2.0", "").replace("[params]", "abuot = \"x\"\n[params]"),
            "`abuot` of the preset (did you mean `about`?)",
        ),
        (&of_blur("1.2.0", "").replace("[params]", "params = 1"), "`params` of the preset: found 1 (int)"),
        (&of_blur("1.2.0", "radius = 2020-01-01"), ":6: parameter `radius`: found 2020-01-01 (date)"),
        (&of_blur("1.2.0", "").replace("Soft", " "), "the name \" \" of a preset: expected 1 to 100 characters"),
    ] {
        let error = read(text).expect_err(text).to_string();
        assert!(error.contains(expected), "{error}");
    }
    let long = format!("{}#{}", of_blur("1.2.0", ""), "x".repeat(MAX_BYTES as usize));
    assert!(read(&long).expect_err("it is too long").to_string().contains("size of the preset"));
    for name in ["", " a", "a\nb", "--", &"a".repeat(MAX_NAME + 1)] {
        assert!(matches!(check_name(name), Err(ProjectError::PresetName { .. })), "{name:?}");
    }
}

#[test]
fn applying_one_is_one_step_and_removes_keys() {
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("it can be added");
    let frame = crate::project::fixtures::memory_frame(1.0);
    let layer = project.add_layer(comp, LayerSource::Memory(frame), None).expect("it can be added");
    let effect = project.add_effect(layer, &blur(), &[]).expect("it can be added");
    project.set_effect_key(effect, "radius", &Key::new(0.0, Value::Float(2.0), Interp::Linear)).expect("it fits");
    let keyed = Preset::of(project.snapshot().effect(effect).expect("it is there").2, "Soft", "").expect("loaded");
    assert_eq!(keyed.params.keys().collect::<Vec<_>>(), ["edges"], "keys are no value");
    let preset = read(&of_blur("1.2.0", "radius = 9.0\nedges = \"black\"")).expect("it is one");
    project.apply_preset(effect, &preset).expect("it fits");
    let value =
        |name: &str| project.snapshot().effect(effect).expect("it is there").2.param_at(name, 0.0).expect("one");
    assert_eq!((value("radius"), value("edges")), (Value::Float(9.0), Value::Choice("black".into())));
    assert_eq!(project.undo().expect("nothing is open").as_deref(), Some("apply preset Soft"));
    assert_eq!((value("radius"), value("edges")), (Value::Float(2.0), Value::Choice("clamp".into())));
}

#[test]
fn the_first_folder_counts_and_what_is_no_preset_hides_no_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let (own, bundled) = (folder.path().join("own"), folder.path().join("bundled"));
    let place = |folder: &Path, name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("it is in one")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    place(&own, "org.playa.gaussian_blur/soft.toml", &of_blur("1.2.0", "radius = 1.0"));
    place(&own, "broken.toml", "preset = ");
    place(&own, "notes.txt", "no preset");
    place(&bundled, "soft.toml", &of_blur("1.2.0", "radius = 2.0"));
    place(&bundled, "hard.toml", &of_blur("1.2.0", "radius = 0.0").replace("Soft", "Hard"));
    place(&bundled, "other.toml", &of_blur("1.2.0", "").replace("org.playa.gaussian_blur", "com.example.other"));
    let folders = [(Origin::User, own), (Origin::Bundle, bundled), (Origin::Path, folder.path().join("absent"))];
    let shelf = Shelf::of_folders("org.playa.gaussian_blur", &folders);
    let found: Vec<_> = shelf.presets.iter().map(|found| (&*found.preset.name, found.origin.name())).collect();
    assert_eq!(found, [("Soft", "user"), ("Hard", "bundle")]);
    assert_eq!(shelf.named("GaussianBlur", "Soft").expect("there is one").preset.params["radius"], Value::Float(1.0));
    let error = shelf.named("GaussianBlur", "Sofd").expect_err("there is none").to_string();
    assert_eq!(error, "effect GaussianBlur has no preset `Sofd` (did you mean `Soft`?); it has: Soft, Hard");
    let [problem] = &shelf.problems[..] else { panic!("{:?}", shelf.problems) };
    assert!(problem.to_string().contains("broken.toml:1"), "{problem}");
}
