use std::path::Path;
use std::sync::Arc;

use playa_plugin_api::Value;
use uuid::Uuid;

use crate::project::fixtures::{Effects, blur, footage, media, memory_frame};
use crate::project::{LayerSource, Node, Project};

fn project_with_comp() -> (Project, Uuid) {
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    (project, comp)
}

fn int(project: &Project, node: Node, name: &str) -> i64 {
    match project.get_attr(node, name) {
        Ok(Value::Int(value)) => value,
        other => panic!("{name} is {other:?}"),
    }
}

fn path(folder: &tempfile::TempDir, name: &str) -> LayerSource {
    LayerSource::Path(folder.path().join(name))
}

fn bounds(project: &Project, comp: Uuid) -> (i64, i64) {
    (int(project, Node::Comp(comp), "in"), int(project, Node::Comp(comp), "out"))
}

#[test]
fn a_new_comp_lasts_five_seconds() {
    let project = Project::new(media());
    for (fps, last) in [(Value::Int(24), 120), (Value::Float(29.97), 150), (Value::String("12.5".into()), 63)] {
        let comp = project.add_comp("c", &[("fps", fps)]).expect("a comp");
        assert_eq!(bounds(&project, comp), (0, last));
    }
    let pair = Value::List(vec![Value::Int(24_000), Value::Int(1001)]);
    let comp = project.add_comp("c", &[("fps", pair), ("width", Value::Int(320))]).expect("a comp");
    assert_eq!(project.snapshot().comps[&comp].rate().to_string(), "24000/1001");
    assert_eq!(project.snapshot().comps[&comp].size(), (320, 1080));
}

#[test]
fn a_sequence_starts_at_its_first_frame_and_the_comp_fits_it() {
    let folder = footage("fg", 1..=24);
    let (project, comp) = project_with_comp();
    let layer = project.add_layer(comp, path(&folder, "fg.####.exr"), None).expect("a layer");
    assert_eq!(bounds(&project, comp), (1, 24));
    let document = project.snapshot();
    let time = document.layer(layer).expect("it is there").2.time();
    assert_eq!(time.visible(), (1, 24));
    assert_eq!(time.source_frame(24, (1, 24)), 24);
    let media = document.media.values().next().expect("its media");
    assert_eq!((media.name(), media.frames()), ("fg.####.exr", (1, 24)));
    assert_eq!((media.attrs.int("width"), media.attrs.int("height")), (320, 180), "as the probe said");
    assert!(media.attrs.text("path").ends_with("fg.####.exr"));
}

#[test]
fn out_trims_the_layer_and_the_comp_follows() {
    let folder = footage("bg", 1..=24);
    let (project, comp) = project_with_comp();
    let layer = Node::Layer(project.add_layer(comp, path(&folder, "bg.####.exr"), None).expect("a layer"));
    assert!(!project.set_attr(layer, "in", &Value::Int(1)).expect("valid"), "it is 1 already");
    assert!(project.set_attr(layer, "out", &Value::Int(20)).expect("valid"));
    assert_eq!(project.get_attr(layer, "trim_out").expect("an attribute"), Value::Float(4.0));
    assert_eq!((int(&project, layer, "out"), bounds(&project, comp)), (20, (1, 20)));
    assert!(!project.set_attr(layer, "out", &Value::Int(20)).expect("valid"), "an equal value changes nothing");
    project.set_attr(layer, "out", &Value::Int(30)).expect("a longer hold");
    assert_eq!(bounds(&project, comp), (1, 30));
    let error = project.set_attr(layer, "out", &Value::Int(0)).expect_err("before its start").to_string();
    assert!(error.contains("frame 1") && error.contains("frame 0"), "{error}");
}

#[test]
fn stills_and_images_in_memory_last_as_long_as_the_comp() {
    let folder = footage("fg", 1001..=1010);
    std::fs::write(folder.path().join("plate.exr"), b"").expect("a file");
    let (project, comp) = project_with_comp();
    project.add_layer(comp, path(&folder, "fg.####.exr"), None).expect("a layer");
    for source in [path(&folder, "plate.exr"), LayerSource::Memory(memory_frame(1.0))] {
        let layer = Node::Layer(project.add_layer(comp, source, None).expect("a layer"));
        assert_eq!((int(&project, layer, "in"), int(&project, layer, "out")), (1001, 1010));
    }
}

#[test]
fn bounds_follow_shown_layers_until_they_are_set_by_hand() {
    let folder = footage("fg", 1..=10);
    let (project, comp) = project_with_comp();
    let first = project.add_layer(comp, path(&folder, "fg.####.exr"), None).expect("a layer");
    let second = project.add_layer(comp, path(&folder, "fg.####.exr"), None).expect("a layer");
    let set = |node, name, value| project.set_attr(node, name, &value).expect("valid");
    set(Node::Layer(second), "in", Value::Int(21));
    assert_eq!(bounds(&project, comp), (1, 30));
    for (layer, name, on, off, expected) in [
        (second, "mute", true, false, (1, 10)),
        (second, "visible", false, true, (1, 10)),
        (second, "solo", true, false, (21, 30)),
    ] {
        set(Node::Layer(layer), name, Value::Bool(on));
        assert_eq!(bounds(&project, comp), expected, "{name}");
        set(Node::Layer(layer), name, Value::Bool(off));
        assert_eq!(bounds(&project, comp), (1, 30), "{name} taken back");
    }
    set(Node::Comp(comp), "out", Value::Int(50));
    set(Node::Layer(second), "in", Value::Int(100));
    assert_eq!(bounds(&project, comp), (1, 50), "set by hand");
    set(Node::Comp(comp), "auto_bounds", Value::Bool(true));
    assert_eq!(bounds(&project, comp), (1, 109));
    project.remove_layer(second).expect("it is there");
    assert_eq!(bounds(&project, comp), (1, 10));
    project.remove_layer(first).expect("it is there");
    assert_eq!(bounds(&project, comp), (1, 10), "an empty comp keeps what it had");
}

#[test]
fn new_layers_lie_on_top_and_can_be_moved() {
    let (project, comp) = project_with_comp();
    let mut layers = Vec::new();
    for position in [None, None, Some(1), Some(3)] {
        layers.push(project.add_layer(comp, LayerSource::Memory(memory_frame(0.0)), position).expect("a layer"));
    }
    let order = || {
        let document = project.snapshot();
        let place = |layer: &Uuid| document.layer(*layer).expect("it is there").1;
        layers.iter().map(place).collect::<Vec<_>>()
    };
    assert_eq!(order(), [2, 0, 1, 3]);
    assert!(project.move_layer(layers[0], 0).expect("valid"));
    assert_eq!(order(), [0, 1, 2, 3]);
    assert!(!project.move_layer(layers[0], 0).expect("valid"));
    let error = project.move_layer(layers[0], 4).expect_err("behind the end").to_string();
    assert!(error.contains("0..=3"), "{error}");
}

#[test]
fn media_is_shared_and_not_removed_while_it_is_shown() {
    let folder = footage("fg", 1..=3);
    let (project, comp) = project_with_comp();
    let layer = project.add_layer(comp, path(&folder, "fg.####.exr"), None).expect("a layer");
    project.add_layer(comp, path(&folder, "../x/fg.####.exr"), None).expect_err("another folder");
    let again = folder.path().join("sub/..").join("fg.####.exr");
    project.add_layer(comp, LayerSource::Path(again), None).expect("the same path, written otherwise");
    assert_eq!(project.snapshot().media.len(), 1);
    let media = project.snapshot().media[0].uuid();
    let error = project.remove_media(media).expect_err("in use").to_string();
    assert!(error.contains("Main / fg.####.exr"), "{error}");
    for layer in project.snapshot().comps[&comp].layers.iter() {
        project.remove_layer(layer.uuid()).expect("it is there");
    }
    project.remove_media(media).expect("no longer in use");
    let error = project.set_attr(Node::Layer(layer), "opacity", &Value::Float(0.5)).expect_err("removed").to_string();
    assert!(error.contains("layer") && error.contains(&layer.to_string()) && error.contains("removed"), "{error}");
}

#[test]
fn nothing_is_added_for_a_path_that_is_not_there_or_cannot_be_read() {
    let folder = footage("broken", 1..=1);
    let (project, comp) = project_with_comp();
    for (name, expected) in [("broken.####.exr", "no EXR"), ("brokn.####.exr", "did you mean `broken.####.exr`?")] {
        let error = project.add_layer(comp, path(&folder, name), None).expect_err(name).to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(project.add_layer(Uuid::nil(), path(&folder, "broken.####.exr"), None).is_err());
    assert!(project.snapshot().media.is_empty());
}

#[test]
fn a_cycle_is_refused_before_it_is_made() {
    let project = Project::new(media());
    let [a, b, c] = ["A", "B", "C"].map(|name| project.add_comp(name, &[]).expect("a comp"));
    for (outer, inner) in [(a, b), (a, b), (b, c), (a, c)] {
        project.add_layer(outer, LayerSource::Comp(inner), None).expect("no cycle");
    }
    let before = project.snapshot();
    for (outer, inner, path) in [(c, a, "C -> A -> "), (c, b, "C -> B -> C"), (b, b, "B -> B")] {
        let error = project.add_layer(outer, LayerSource::Comp(inner), None).expect_err(path).to_string();
        assert!(error.contains(path), "{error}");
    }
    assert!(Arc::ptr_eq(&before, &project.snapshot()), "nothing changed");
    let error = project.remove_comp(c).expect_err("in use").to_string();
    assert!(error.contains("B / C") && error.contains("A / C"), "{error}");
    project.remove_comp(a).expect("nobody shows it");
}

#[test]
fn comps_nest_up_to_a_limit() {
    let project = Project::new(media());
    let mut comps = vec![project.add_comp("0", &[]).expect("a comp")];
    for depth in 1..=64 {
        let comp = project.add_comp(&depth.to_string(), &[]).expect("a comp");
        let result = project.add_layer(comp, LayerSource::Comp(comps[depth - 1]), None);
        assert_eq!(result.is_ok(), depth < 64, "{depth}");
        comps.push(comp);
    }
}

#[test]
fn a_nested_comp_shows_its_work_area_frame_for_frame() {
    let folder = footage("fg", 1..=24);
    let (project, inner) = project_with_comp();
    project.add_layer(inner, path(&folder, "fg.####.exr"), None).expect("a layer");
    project.set_attr(Node::Comp(inner), "trim_in", &Value::Int(4)).expect("valid");
    let outer = project.add_comp("Outer", &[]).expect("a comp");
    let layer = project.add_layer(outer, LayerSource::Comp(inner), None).expect("a layer");
    assert_eq!(bounds(&project, outer), (5, 24));
    let document = project.snapshot();
    let layer = document.layer(layer).expect("it is there").2;
    assert_eq!(layer.time().source_frame(12, document.source_frames(&layer.source)), 12);
}

#[test]
fn effects_are_checked_kept_in_order_and_edited() {
    let (project, comp) = project_with_comp();
    let layer = project.add_layer(comp, LayerSource::Memory(memory_frame(0.0)), None).expect("a layer");
    let spec = blur();
    let first = project.add_effect(layer, &spec, &[("radius", Value::Int(5))]).expect("an effect");
    let second = project.add_effect(layer, &spec, &[("size", Value::Float(2.0))]).expect("by its old name");
    for (name, value, parts) in [
        ("radus", Value::Float(1.0), ["GaussianBlur", "did you mean `radius`?"]),
        ("radius", Value::Float(-1.0), ["`radius` of effect GaussianBlur", "0..="]),
        ("edges", Value::String("mirror".into()), ["mirror", "clamp, black"]),
    ] {
        for error in [
            project.add_effect(layer, &spec, &[(name, value.clone())]).expect_err(name),
            project.set_effect_param(first, name, &value).expect_err(name),
        ] {
            let error = error.to_string();
            assert!(parts.iter().all(|part| error.contains(part)), "{error}");
        }
    }
    assert!(project.set_effect_param(first, "radius", &Value::Float(7.0)).expect("valid"));
    assert!(!project.set_effect_param(first, "radius", &Value::Int(7)).expect("valid"));
    assert!(project.set_effect_enabled(first, false).expect("valid"));
    assert!(project.set_effect_mix(first, 0.25).expect("valid"));
    assert!(project.set_effect_mix(first, 1.25).expect_err("no share").to_string().contains("0..=1"));
    assert!(project.move_effect(first, 1).expect("valid"));
    let document = project.snapshot();
    let effects = &document.layer(layer).expect("it is there").2.effects;
    assert_eq!(effects.iter().map(|effect| effect.uuid).collect::<Vec<_>>(), [second, first]);
    assert_eq!(effects[0].values(), Some(vec![Value::Float(2.0), Value::Choice("clamp".into())]));
    assert_eq!((effects[1].enabled, effects[1].mix), (false, 0.25));
    project.remove_effect(second).expect("it is there");
    assert!(project.remove_effect(second).expect_err("removed").to_string().contains("effect"));
}

#[test]
fn an_unknown_effect_lists_the_names_with_a_close_match() {
    let error = crate::project::find_effect(&Effects, "GausianBlur").expect_err("a typo").to_string();
    assert!(error.contains("did you mean `GaussianBlur`?"), "{error}");
}

#[test]
fn an_equal_value_leaves_the_document_alone_and_snapshots_stay() {
    let (project, comp) = project_with_comp();
    let before = project.snapshot();
    assert!(!project.set_attr(Node::Comp(comp), "width", &Value::Int(1920)).expect("valid"));
    assert!(Arc::ptr_eq(&before, &project.snapshot()));
    assert!(project.set_attr(Node::Comp(comp), "width", &Value::Int(640)).expect("valid"));
    assert_eq!(before.comps[&comp].size(), (1920, 1080));
    assert_eq!(project.snapshot().comps[&comp].size(), (640, 1080));
    let error = project.comp_named("Mian").expect_err("a typo").to_string();
    assert!(error.contains("did you mean `Main`?"), "{error}");
}

#[test]
fn a_lone_number_sign_is_reported_once() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("a.7.exr"), b"").expect("a file");
    let project = Project::new(media());
    for _ in 0..2 {
        project.add_media(Path::new(&folder.path().join("a.#.exr"))).expect("found");
    }
    let diagnostics = project.diagnostics();
    assert_eq!(diagnostics.len(), 1);
    assert!(diagnostics[0].to_string().contains("####"), "{}", diagnostics[0]);
}

#[test]
fn edits_from_many_threads_are_all_made() {
    let (project, comp) = project_with_comp();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    project.add_layer(comp, LayerSource::Memory(memory_frame(0.0)), None).expect("a layer");
                    let document = project.snapshot();
                    assert!(document.comps[&comp].layers.len() <= 200);
                }
            });
        }
    });
    assert_eq!(project.snapshot().comps[&comp].layers.len(), 200);
}
