//! Solids and texts in files.

use playa_plugin_api::Value;

use super::*;
use crate::project::{Interp, Key, LayerSource, Node};

const FONT: &[u8] = include_bytes!("../../../../fonts/DejaVuSans.ttf");

#[test]
fn solids_and_texts_are_written_as_people_read_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (path, font) = (folder.path().join("shots/one.playa"), folder.path().join("fonts/own.ttf"));
    for file in [&path, &font] {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
    }
    std::fs::write(&font, FONT).expect("a file");
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    let sky = project.add_solid("sky", &[("color", Value::Color([0.25, 0.5, 1.0, 1.0]))]).expect("a solid");
    let font = Value::String(font.to_str().expect("UTF-8").to_owned());
    let title = project.add_text("One\n\"two\"", &[("font", font), ("width", Value::Int(300))]).expect("a text");
    let key = Key::new(12.0, Value::String("Three".to_owned()), Interp::Hold);
    project.set_key(Node::Text(title), "text", &key).expect("a key");
    project.add_layer(comp, LayerSource::Solid(sky), None).expect("a layer");
    project.add_layer(comp, LayerSource::Text(title), None).expect("a layer");
    project.save(&path, &SaveOptions::default()).expect("saved");
    let text = std::fs::read_to_string(&path).expect("a file");
    let expected = format!(
        r#"
[[solid]]
uuid = "{sky}"
name = "sky"
color = [0.25, 0.5, 1.0, 1.0]

[[text]]
uuid = "{title}"
name = "One"
text = """
One
"two""""
font = "../fonts/own.ttf"
width = 300

[[text.keys.text]]
frame = 12
value = "Three"
interp = "hold"

[[comp]]
"#
    );
    assert!(text.contains(&expected), "{text}\nhas not\n{expected}");
    assert!(
        text.contains(&format!("text = \"{title}\"\n")) && text.contains(&format!("solid = \"{sky}\"\n")),
        "{text}"
    );
    let back = load(&path).expect("it loads");
    assert!(*back.snapshot() == *project.snapshot());
    assert_eq!(back.diagnostics(), []);
}

#[test]
fn a_font_that_is_gone_is_reported_and_kept() {
    let text = r#"playa = 1

[[text]]
uuid = "00000000-0000-4000-8000-000000000001"
name = "title"
text = "Hello"
font = "DejaVu Sanz"
kerning = 3

[[text]]
uuid = "00000000-0000-4000-8000-000000000002"
font = "gone.ttf"
"#;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("shot.playa");
    std::fs::write(&path, text).expect("a file");
    let project = load(&path).expect("it loads");
    let reported: Vec<String> = project.diagnostics().iter().map(ToString::to_string).collect();
    let gone = folder.path().join("gone.ttf");
    for (report, parts) in reported.iter().zip([
        [":8: warning: unknown key `kerning` in text \"title\"", ""],
        [":7: error: text \"title\": no font is called `DejaVu Sanz`", "did you mean `DejaVu Sans`?"],
        [":12: error: text \"\": font ", gone.to_str().expect("UTF-8")],
    ]) {
        assert!(parts.iter().all(|part| report.contains(part)), "{report}");
    }
    assert_eq!(reported.len(), 3, "{reported:#?}");
    project.save(&path, &SaveOptions::default()).expect("saved");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), text);
}
