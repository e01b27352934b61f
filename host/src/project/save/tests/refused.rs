//! What is wrong in a file is told with file and line.

use super::*;

/// Line numbers in the table below count from the first line of this.
const HEAD: &str = r#"playa = 1
[[comp]]
uuid = "00000000-0000-4000-8000-000000000001"
name = "A"
[[comp]]
uuid = "00000000-0000-4000-8000-000000000002"
name = "B"
[[comp.layer]]
uuid = "00000000-0000-4000-8000-000000000003"
name = "fg"
comp = "00000000-0000-4000-8000-000000000001"
"#;

fn refusal(text: &str) -> String {
    let (folder, path) = file(text);
    let error = load(&path).expect_err(text).to_string();
    let folder = folder.path().display().to_string();
    error.replace(&format!("{folder}{}", std::path::MAIN_SEPARATOR), "")
}

#[test]
fn errors_name_file_line_what_was_found_and_what_was_expected() {
    for (more, expected) in [
        ("opacity = 1.5", "shot.playa:12: `opacity` of layer \"fg\": found 1.5, expected float within 0..=1"),
        ("opacity = \"x\"", "shot.playa:12: `opacity` of layer \"fg\": found \"x\" (string), expected float"),
        (
            "blend_mode = \"mix\"",
            "shot.playa:12: `blend_mode` of layer \"fg\": found \"mix\", expected one of normal, add",
        ),
        ("speed = 0.0", "shot.playa:12: `speed` of layer \"fg\": found 0.0, expected a speed of at least 0.001"),
        ("in = 1979-05-27", "shot.playa:12: `in` of layer \"fg\": found 1979-05-27 (date), expected"),
        ("effect = 3", "shot.playa:12: `effect` of layer \"fg\": found 3 (int), expected a list of tables"),
        (
            "media = \"00000000-0000-4000-8000-000000000001\"",
            "shot.playa:12: layer \"fg\": found both `media` and `comp`, expected one of them",
        ),
        (
            "[[comp]]\nuuid = \"00000000-0000-4000-8000-000000000002\"",
            "shot.playa:13: `uuid` of comp: found 00000000-0000-4000-8000-000000000002, which another node has too",
        ),
        ("[[comp]]\nname = \"C\"", "shot.playa:12: comp \"C\": found no `uuid` key, expected an identity"),
        ("[[comp]]\nuuid = \"12\"", "shot.playa:13: `uuid` of comp: found \"12\" (string), expected 8-4-4-4-12"),
        (
            "[[comp]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\nfps = -1",
            "shot.playa:14: `fps` of comp: found -1 (int), expected a frame rate",
        ),
        (
            "[[comp.layer]]\nuuid = \"00000000-0000-4000-8000-000000000009\"",
            "shot.playa:12: layer: found no `media`, `comp`, `camera`, `solid` or `text` key, expected the uuid of its source",
        ),
        (
            "[[comp.layer]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\nmedia = \"00000000-0000-4000-8000-000000000008\"",
            "shot.playa:14: `media` of layer: found 00000000-0000-4000-8000-000000000008, expected the uuid of a [[media]]",
        ),
        (
            "[[comp.layer.effect]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\nid = \"GaussianBlur\"\nmix = 2",
            "shot.playa:15: `mix` of effect \"GaussianBlur\": found 2 (int), expected a number within 0..=1",
        ),
        (
            "[[comp.layer.effect]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\nid = \"GaussianBlur\"\nparams.radius = -1",
            "shot.playa:15: parameter `radius` of effect \"org.playa.gaussian_blur\": found -1.0, expected float within 0..=10000",
        ),
        ("[[media]]\nuuid = \"00000000-0000-4000-8000-000000000009\"", "shot.playa:12: media: found no `path` key"),
        (
            "[[media]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\npath = \"a##b##\"",
            "shot.playa:14: `path` of media: found",
        ),
        (
            "[[media]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\npath = \"\"",
            "shot.playa:12: media: found no `path` key",
        ),
        (
            "camera = \"00000000-0000-4000-8000-000000000001\"",
            "shot.playa:11: layer \"fg\": found both `comp` and `camera`, expected one of them",
        ),
        (
            "[[comp.layer]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\ncamera = \"00000000-0000-4000-8000-000000000001\"",
            "shot.playa:14: `camera` of layer: found 00000000-0000-4000-8000-000000000001, expected the uuid of a [[camera]]",
        ),
        (
            "[[camera]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\nname = \"lens\"\nfov = 180",
            "shot.playa:15: `fov` of camera \"lens\": found 180.0, expected float within 0.1..=179",
        ),
        (
            "[[solid]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\nname = \"sky\"\ncolor = [0, 0, 0, 2]",
            "shot.playa:15: `color` of solid \"sky\": found [0, 0, 0, 2], expected red, green, blue and an alpha within 0..=1",
        ),
        (
            "[[text]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\nname = \"title\"\nfont_size = 0",
            "shot.playa:15: `font_size` of text \"title\": found 0.0, expected float within 1..=4096",
        ),
        ("[[camera]]\nfov = 30", "shot.playa:12: camera: found no `uuid` key, expected an identity"),
        ("matte = \"me\"", "shot.playa:12: `matte` of layer \"fg\": found \"me\", expected the uuid of a layer"),
        (
            "matte = \"00000000-0000-4000-8000-000000000001\"",
            "shot.playa:12: `matte` of layer \"fg\": found 00000000-0000-4000-8000-000000000001, expected the uuid of another layer",
        ),
        (
            "matte = \"00000000-0000-4000-8000-000000000003\"",
            "shot.playa:12: `matte` of layer \"fg\": found the cycle fg -> fg, expected no layer that is its own matte",
        ),
        ("matte_channel = \"R,G\"", "shot.playa:12: `matte_channel` of layer \"fg\": found \"R,G\", expected alpha,"),
        ("x = 99999999999999999999", "shot.playa:12: the number 99999999999999999999 needs more than 64 bits"),
        ("x = 1e999", "shot.playa:12: 1e999 is too large a number"),
        ("x = -1e999", "shot.playa:12: -1e999 is too large a number"),
        ("x = [1, 2", "shot.playa:12: "),
        ("opacity = 1\nopacity = 1", "shot.playa:13: duplicate key"),
    ] {
        let error = refusal(&format!("{HEAD}{more}\n"));
        assert!(error.starts_with(expected), "{more}\n{error}\n{expected}");
    }
}

#[test]
fn errors_in_keys_name_the_line_of_the_key() {
    for (more, expected) in [
        ("keys = 3", "12: `keys` of layer \"fg\": found 3 (int), expected table"),
        ("keys.opacity = 3", "12: keys of `opacity` of layer \"fg\": found 3 (int), expected a list of tables"),
        ("keys.opacity = [[0, 1.0]]", "12: key of `opacity` of layer \"fg\": found a list, expected table"),
        ("[[comp.layer.keys.opacity]]\nvalue = 1", "12: key of `opacity` of layer \"fg\": found no `frame` key"),
        ("[[comp.layer.keys.opacity]]\nframe = 1", "12: key of `opacity` of layer \"fg\": found no `value` key"),
        (
            "[[comp.layer.keys.opacity]]\nframe = \"1\"\nvalue = 1",
            "13: `frame` of key of `opacity` of layer \"fg\": found \"1\" (string), expected a frame",
        ),
        (
            "[[comp.layer.keys.opacity]]\nframe = 2e9\nvalue = 1",
            "13: `frame` of key of `opacity` of layer \"fg\": found 2000000000, expected a frame within",
        ),
        (
            "[[comp.layer.keys.opacity]]\nframe = 1\nvalue = 1.5",
            "14: `value` of key of `opacity` of layer \"fg\": found 1.5, expected float within 0..=1",
        ),
        (
            "[[comp.layer.keys.opacity]]\nframe = 1\nvalue = 1\ninterp = \"spline\"",
            "15: `interp` of key of `opacity` of layer \"fg\": found \"spline\", expected one of hold, linear, bezier",
        ),
        (
            "[[comp.layer.keys.opacity]]\nframe = 1\nvalue = 1\n\noutgoing = 3",
            "16: `outgoing` of key of `opacity` of layer \"fg\": found 3 (int), expected [frames, offset]",
        ),
        (
            "[[comp.layer.keys.opacity]]\nframe = 1\nvalue = 1\nincoming = [1, 0]",
            "15: `incoming` of key of `opacity` of layer \"fg\": found 1 frames, expected 0 frames or less",
        ),
        (
            "[[comp.layer.keys.position]]\nframe = 1\nvalue = [1, 2, 3]\nincoming = [-1, [0, 1]]",
            "15: `incoming` of key of `position` of layer \"fg\": found [0.0, 1.0], expected one offset for each of 3",
        ),
        (
            "[[comp.layer.keys.opacity]]\nframe = 1\nvalue = 1\n[[comp.layer.keys.opacity]]\nframe = 1.0\nvalue = 0",
            "16: key of `opacity` of layer \"fg\": found a second key at frame 1, expected one key for a frame",
        ),
        (
            "[[comp.layer.keys.speed]]\nframe = 1\nvalue = 1",
            "12: `keys` of layer \"fg\": found keys of `speed`, expected keys of opacity, position, rotation, scale, pivot",
        ),
    ] {
        let error = refusal(&format!("{HEAD}{more}\n"));
        assert!(error.starts_with(&format!("shot.playa:{expected}")), "{more}\n{error}\n{expected}");
    }
    let effect = "[[comp.layer.effect]]\nuuid = \"00000000-0000-4000-8000-000000000009\"\nid = \"GaussianBlur\"\n";
    for (more, expected) in [
        (
            "[[comp.layer.effect.keys.radius]]\nframe = 1\nvalue = -1",
            "17: `value` of key of `radius` of effect \"GaussianBlur\": found -1.0, expected float within 0..=10000",
        ),
        (
            "[[comp.layer.effect.keys.edges]]\nframe = 1\nvalue = \"clamp\"",
            "15: `interp` of key of `edges` of effect \"GaussianBlur\": found \"linear\", expected \"hold\"",
        ),
        (
            "[[comp.layer.effect.mix_keys]]\nframe = 1\nvalue = 2",
            "17: `value` of key of `mix` of effect \"GaussianBlur\": found 2.0, expected float within 0..=1",
        ),
    ] {
        let error = refusal(&format!("{HEAD}{effect}{more}\n"));
        assert!(error.starts_with(&format!("shot.playa:{expected}")), "{more}\n{error}\n{expected}");
    }
}

#[test]
fn a_cycle_is_told_with_the_line_that_closes_it() {
    let text = HEAD.replace(
        "name = \"A\"\n",
        "name = \"A\"\n[[comp.layer]]\nuuid = \"00000000-0000-4000-8000-000000000004\"\ncomp = \"00000000-0000-4000-8000-000000000002\"\n",
    );
    let error = refusal(&text);
    assert_eq!(error, "shot.playa:7: nesting of comps: found the cycle A -> B -> A, expected no comp inside itself");
}

#[test]
fn the_version_of_the_format_is_checked_first() {
    for (text, expected) in [
        ("playa = 2\nfuture = {}\n[[comp]]\n", "shot.playa:1: version of the format: found 2, expected at most 1"),
        ("playa = \"1\"\n", "shot.playa:1: version of the format: found \"1\" (string), expected `playa = 1`"),
        ("playa = 0\n", "shot.playa:1: version of the format: found 0 (int)"),
        ("[project]\n", "shot.playa: the project file: found no `playa` key, expected `playa = 1`"),
        ("", "shot.playa: the project file: found no `playa` key"),
        ("{\"playa\": 2}", "shot.playa:1: version of the format: found 2"),
        ("{\n\"media\": {}}", "shot.playa:1: the project file: found no `playa` key"),
    ] {
        let error = refusal(text);
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn files_that_are_no_text_too_large_or_too_deep_are_refused() {
    let (_folder, path) = file(b"playa = 1\nname = \"\xff\"\n");
    assert!(load(&path).expect_err("not UTF-8").to_string().ends_with("shot.playa:2: the text is not UTF-8"));
    let (_folder, path) = file("");
    std::fs::File::options().write(true).open(&path).and_then(|f| f.set_len(MAX_BYTES + 1)).expect("a sparse file");
    assert!(load(&path).expect_err("too large").to_string().contains("expected at most 16 MiB"));
    for depth in [70, 100_000] {
        let text = format!("playa = 1\nx = {}{}\n", "[".repeat(depth), "]".repeat(depth));
        assert!(refusal(&text).starts_with("shot.playa:2: "), "{depth}");
        let text = format!("{{\"playa\": 1, \"x\": {}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert!(Project::from_json(&text, &LoadOptions::default(), &Effects, media()).is_err(), "{depth}");
    }
    let missing = load(Path::new("nowhere.playa")).expect_err("missing").to_string();
    assert!(missing.contains("nowhere.playa: could not read the project"), "{missing}");
}

#[test]
fn json_errors_name_the_place() {
    let load = |text: &str| {
        let project = Project::from_json(text, &LoadOptions::default(), &Effects, media());
        project.expect_err(text).to_string()
    };
    assert!(load("{\n\"playa\": 1,\n}").starts_with("project:3: "));
    assert!(load("[]").contains("found a list, expected table"));
    assert!(load(r#"{"playa": 1, "comp": [null]}"#).contains("found null"));
    assert!(load("{\"playa\": 1,\n\"comp\": null}").starts_with("project:2: found null"));
    let layer = r#"{"playa": 1, "project": {"name": 3}}"#;
    assert_eq!(load(layer), "project:1: `name` of project: found 3 (int), expected string");
}

#[test]
fn a_value_nested_too_deep_is_not_saved() {
    use crate::project::LayerSource;
    use crate::project::fixtures::{everything, memory_frame};
    let (folder, path) = file(HEAD);
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    let layer = project.add_layer(comp, LayerSource::Memory(memory_frame(0.0)), None).expect("a layer");
    let deep = (0..70).fold(playa_plugin_api::Value::Int(1), |inner, _| playa_plugin_api::Value::List(vec![inner]));
    project.add_effect(layer, &everything(), &[("list", deep)]).expect("an effect");
    assert!(project.save(&path, &SaveOptions::default()).expect_err("too deep").to_string().contains("64 deep"));
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), HEAD, "the old file is untouched");
    let error = project.save(folder.path().join("shot.toml"), &SaveOptions::default()).expect_err("the suffix");
    assert!(error.to_string().contains("NAME.playa"), "{error}");
}

#[test]
fn damaged_text_is_an_error_or_a_project_and_never_a_panic() {
    let text = format!("{HEAD}opacity = 0.5\nposition = [1.0, 2.0, 3.0]\n");
    let mut state = 7_u64;
    let (_folder, path) = file("");
    for round in 0..2000 {
        let mut bytes = text.clone().into_bytes();
        for _ in 0..=round % 4 {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let at = (state >> 33) as usize % bytes.len();
            match state % 3 {
                0 => bytes[at] = (state >> 20) as u8,
                1 => bytes.truncate(at.max(1)),
                _ => bytes[at] = b"[]{}=\"'#\n.,-09"[(state >> 20) as usize % 14],
            }
        }
        std::fs::write(&path, &bytes).expect("a file");
        let _ = load(&path);
    }
}
