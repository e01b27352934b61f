//! Projects of the original Playa: what they mean, what is reported, and that damaged ones are refused with their line.

use super::*;
use crate::project::fixtures::NoEffects;

const FIXTURES: [&str; 9] = ["basic", "camera", "early", "effects", "mattes", "nested", "texts", "timing", "unknown"];

fn fixture(name: &str) -> String {
    let path = format!("{}/../tests/fixtures/original/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).expect("a fixture")
}

/// The project, in a folder with the footage that it names.
fn open(name: &str) -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let footage = folder.path().join("footage");
    std::fs::create_dir(&footage).expect("a folder");
    for frame in 1..=8 {
        for sequence in ["bg", "fg"] {
            std::fs::write(footage.join(format!("{sequence}.{frame:04}.exr")), b"").expect("a file");
        }
    }
    let path = folder.path().join(format!("{name}.json"));
    std::fs::write(&path, fixture(name)).expect("a file");
    let project = load(&path).expect(name);
    (folder, project)
}

fn messages(project: &Project) -> Vec<String> {
    project.diagnostics().iter().map(|diagnostic| diagnostic.message.clone()).collect()
}

/// Name and attribute of each layer of a comp.
fn layers(project: &Project, comp: &str, attr: &str) -> Vec<(String, String)> {
    let document = project.snapshot();
    let comp = document.comp_named(comp).expect("a comp");
    let pair = |layer: &Arc<crate::project::Layer>| {
        (layer.name().to_string(), layer.get(attr).expect("an attribute").to_string())
    };
    comp.layers.iter().map(pair).collect()
}

fn values(project: &Project, comp: &str, attr: &str) -> Vec<String> {
    layers(project, comp, attr).into_iter().map(|(_, value)| value).collect()
}

#[test]
fn what_can_be_kept_is_not_reported() {
    for name in ["basic", "early", "effects", "nested", "texts"] {
        let (_folder, project) = open(name);
        let found: Vec<_> = messages(&project).into_iter().filter(|text| !text.contains("no plugin has")).collect();
        assert_eq!(found, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn layers_have_their_place_and_time() {
    let (_folder, project) = open("basic");
    assert_eq!(values(&project, "Main", "name"), ["\"fg\"", "\"hidden\"", "\"bg\""]);
    assert_eq!(values(&project, "Main", "opacity"), ["0.5", "1.0", "1.0"]);
    assert_eq!(values(&project, "Main", "blend_mode")[0], "\"add\"");
    assert_eq!(values(&project, "Main", "scale")[0], "[0.5, 0.75, 1.0]");
    assert_eq!(values(&project, "Main", "visible"), ["true", "false", "true"]);
    let document = project.snapshot();
    assert!(document.media.values().all(|media| media.frames() == (1, 8)), "they are found beside the project");
    let (_folder, project) = open("early");
    assert_eq!(project.snapshot().comp_named("Main").expect("a comp").rate().to_string(), "25");
    assert_eq!(layers(&project, "Main", "in"), [("bg".to_string(), "1".to_string())]);
}

#[test]
fn time_is_that_of_the_layers_and_of_the_trims_of_files() {
    let (_folder, project) = open("timing");
    let document = project.snapshot();
    let comp = document.comp_named("Main").expect("a comp");
    let shown = |layer: &crate::project::Layer| {
        let (time, frames) = (layer.time(), document.source_frames(&layer.source));
        let (first, last) = time.visible();
        (first, last, time.source_frame(first, frames), time.source_frame(last, frames))
    };
    let expected = [
        // The file shows its frames 3 to 7 from comp frame 3 on, and the layer hides the first of them.
        (4, 7, 4, 7),
        // Frames 1, 3, 5, 7, and 8 for one more.
        (1, 5, 1, 8),
        (0, 9, 3, 8),
        (1, 8, 8, 1),
        (1, 8, 1, 8),
    ];
    for (layer, expected) in comp.layers.iter().zip(expected) {
        assert_eq!(shown(layer), expected, "{}", layer.name());
    }
    let found = messages(&project);
    assert!(found.len() == 1 && found[0].contains("plays backwards"), "{found:?}");
}

#[test]
fn mattes_become_layers() {
    let (_folder, project) = open("mattes");
    assert_eq!(
        values(&project, "Main", "name"),
        ["added", "shared", "unmasked", "lost", "none", "matte: fg.0001"].map(|n| format!("{n:?}"))
    );
    let document = project.snapshot();
    let comp = document.comp_named("Main").expect("a comp");
    let matte = |name: &str| comp.layers.iter().find(|layer| layer.name() == name).expect("a layer").matte();
    let named = |name: &str| comp.layers.iter().find(|layer| layer.name() == name).expect("a layer").uuid();
    let added = matte("added").expect("a matte");
    assert_eq!((added.layer, added.channel), (named("matte: fg.0001"), crate::project::MatteChannel::Luminance));
    let shared = matte("shared").expect("a matte");
    assert_eq!((shared.layer, shared.channel), (named("none"), crate::project::MatteChannel::Red));
    assert!(["unmasked", "lost", "none"].iter().all(|name| matte(name).is_none()));
    let found = messages(&project);
    assert!(found.len() == 1 && found[0].contains("\"lost\" has a matte that shows nothing"), "{found:?}");
}

#[test]
fn the_last_camera_and_the_order_in_depth_are_kept() {
    let (_folder, project) = open("camera");
    let names = |comp| values(&project, comp, "name");
    assert_eq!(names("Main"), ["camera flat", "fg", "camera wide", "bg"].map(|name| format!("{name:?}")));
    assert_eq!(names("Depth"), ["above", "below"].map(|name| format!("{name:?}")), "there is no camera");
    let found = messages(&project);
    assert!(found.len() == 1 && found[0].contains("in the order of their z"), "{found:?}");
    let document = project.snapshot();
    let lens = document.cameras.values().map(|camera| camera.attrs.float("fov")).collect::<Vec<_>>();
    assert_eq!(lens, [60.0, 39.6]);
}

#[test]
fn texts_keep_their_words_and_look() {
    let (_folder, project) = open("texts");
    let document = project.snapshot();
    let [title, plain] = document.texts.values().collect::<Vec<_>>()[..] else { panic!("two texts") };
    let attr = |text: &crate::project::Text, name: &str| text.attrs.get(name).expect("an attribute").to_string();
    for (name, value) in [
        ("name", "\"Title\""),
        ("text", "\"Hello\\nWorld\""),
        ("font", "\"DejaVu Sans\""),
        ("font_size", "12.5"),
        ("alignment", "\"right\""),
        ("line_height", "1.5"),
        ("width", "80"),
        ("height", "40"),
    ] {
        assert_eq!(attr(title, name), value, "{name}");
    }
    // The light of the codes 0.5 and 0.25; white and black are the same either way.
    let close = |found: [f64; 4], expected: [f64; 4]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(close(title.color_at(0.0), [0.214_041_140_482_232_55, 1.0, 0.0, 0.75]), "{:?}", title.color_at(0.0));
    assert!(
        close(title.background_at(0.0), [0.0, 0.0, 0.050_876_088_171_556_8, 0.5]),
        "{:?}",
        title.background_at(0.0)
    );
    assert_eq!((attr(plain, "font"), attr(plain, "font_size")), ("\"\"".to_string(), "72.0".to_string()));
    assert_eq!(
        layers(&project, "Main", "out"),
        [("title", "8"), ("plain", "5"), ("bg", "8")].map(|(a, b)| (a.into(), b.into()))
    );
}

#[test]
fn everything_that_is_not_kept_is_reported_with_its_line() {
    let (_folder, project) = open("unknown");
    let found = messages(&project);
    for part in [
        "layer \"dream\" shows node \"Dream\", of the kind \"AI\"",
        "layer \"later\" shows node \"Later\", of the kind \"Hologram\"",
        "layer \"nothing\" shows nothing that the project has",
        "the unknown blend mode \"glow\"",
        "1.5 is outside its range, expected float within 0..=1; it is 1.0 (float) now",
        "is muted",
        "`speed` of layer \"odd\" is 0: it is 0.001 now",
        "attribute `scale` of a layer",
        "`glow` of layer \"odd\": there is no such attribute",
        "layer \"twin\" has the identity of another",
        "layer \"twin\" is not renderable",
        "the bookmarks of comp \"Main\"",
        "`speed` of comp \"Main\" is 2",
        "`dof_enabled` has no effect",
        "no plugin has the effect \"Sparkle\"",
    ] {
        assert!(found.iter().any(|message| message.contains(part)), "{part}: {found:#?}");
    }
    let text = fixture("unknown");
    for diagnostic in project.diagnostics() {
        let line = diagnostic.line.expect("a line") as usize;
        assert!(line <= text.lines().count());
        if diagnostic.message.contains("blend mode") {
            assert!(text.lines().nth(line - 1).expect("a line").contains("blend_mode"));
        }
    }
    assert_eq!(values(&project, "Main", "name"), ["\"title\"", "\"odd\"", "\"twin\""]);
}

#[test]
fn it_is_saved_as_ours_and_stays_the_same() {
    for name in FIXTURES {
        let (folder, project) = open(name);
        let path = folder.path().join("saved.playa");
        project.save(&path, &SaveOptions::default()).expect("it is saved");
        assert_eq!(*load(&path).expect("it loads").snapshot(), *project.snapshot(), "{name}");
        let json = folder.path().join("saved.json");
        std::fs::write(&json, project.to_json().expect("JSON")).expect("a file");
        assert_eq!(*load(&json).expect("our JSON loads").snapshot(), *project.snapshot(), "{name}");
    }
}

#[test]
fn damage_is_told_with_its_line() {
    let text = fixture("basic");
    let line_of = |part: &str| text.lines().position(|line| line.contains(part)).expect("a line") + 1;
    for (from, to, line, expected) in [
        ("\"Float\": 0.5", "\"Float\": \"half\"", line_of("\"Float\": 0.5"), "a value of the type \"Float\""),
        ("\"Float\": 0.5", "\"Double\": 0.5", line_of("\"Float\": 0.5"), "found the type \"Double\""),
        ("\"Float\": 0.5", "\"Float\": 0.5.5", line_of("\"Float\": 0.5"), "expected `,` or `}`"),
        ("\"Float\": 0.5", "\"Vec3\": [1, 2]", line_of("\"Float\": 0.5"), "a value of the type \"Vec3\""),
        ("\"layers\": [", "\"layers\": 3, \"more\": [", line_of("\"layers\": ["), "found 3 (int), expected a list"),
        ("\"00000002-", "\"2-", line_of("\"00000002-0000-4000-8000-000000000002\": {"), "hexadecimal digits"),
    ] {
        let at = match from.starts_with("\"00000002-") {
            true => text.find("\"00000002-0000-4000-8000-000000000002\": {"),
            false => text.find(from),
        };
        let at = at.expect(from);
        let damaged = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
        let error =
            Project::from_json(&damaged, &LoadOptions::default(), &NoEffects, crate::project::fixtures::media());
        let error = error.expect_err(to).to_string();
        assert!(error.starts_with(&format!("project:{line}")) && error.contains(expected), "{line}: {error}");
    }
    let (_folder, path) = file(fixture("damaged"));
    let json = path.with_extension("json");
    std::fs::rename(&path, &json).expect("it is renamed");
    let lines = fixture("damaged").lines().count();
    let error = load(&json).expect_err("cut short").to_string();
    assert!(error.contains(&format!("shot.json:{lines}: EOF while parsing")), "{error}");
}

/// Numbers that look like chance, the same at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

#[test]
fn any_damage_is_refused_with_its_line_or_read() {
    const PIECES: [&str; 14] =
        ["null", "{}", "[]", "\"\"", "-1", "1e300", "99999999999", "true", "\"x\"", "[[1]]", ",", "}", "\\", "\u{1}"];
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut read, mut refused) = (0, 0);
    for name in FIXTURES {
        let text = fixture(name);
        // Without the spaces that only hide what is hit.
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        for _ in 0..250 {
            let mut damaged: Vec<String> = lines.iter().map(|line| (*line).to_string()).collect();
            for _ in 0..=chance.below(3) {
                // One line, a brace, is left at least.
                let at = chance.below(damaged.len());
                match chance.below(5) {
                    0 if damaged.len() > 1 => drop(damaged.remove(at)),
                    1 => damaged.insert(at, lines[chance.below(lines.len())].to_string()),
                    2 => damaged.truncate(at.max(1)),
                    3 => {
                        // The value of an entry.
                        let piece = PIECES[chance.below(PIECES.len())];
                        let end = if damaged[at].ends_with(',') { "," } else { "" };
                        let colon = damaged[at].find(": ").map_or(0, |colon| colon + 2);
                        damaged[at] = format!("{}{piece}{end}", &damaged[at][..colon]);
                    }
                    _ => {
                        let other = lines[chance.below(lines.len())];
                        damaged[at] = other.to_string();
                    }
                }
            }
            let text = damaged.join("\n");
            match Project::from_json(&text, &LoadOptions::default(), &NoEffects, crate::project::fixtures::media()) {
                Ok(project) => {
                    read += 1;
                    project.to_json().expect("what was read can be written");
                }
                Err(ProjectError::Syntax { place, .. } | ProjectError::Invalid { place, .. }) => {
                    refused += 1;
                    assert!(place.line.is_some(), "{place}: {text}");
                }
                Err(other) => panic!("{other}\n{text}"),
            }
        }
    }
    assert!(read > 50 && refused > 1000, "{read} were read, {refused} refused");
}
