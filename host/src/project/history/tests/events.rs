//! What a project tells.

use std::time::Duration;

use super::*;
use crate::events::{Filter, Listener, Next};

/// What was told since it was last asked, each event as a text with names instead of identities.
fn told(project: &Project, listener: &Listener) -> Vec<String> {
    let document = project.snapshot();
    let mut names = Vec::new();
    for (uuid, comp) in &document.comps {
        names.push((*uuid, comp.name().to_string()));
        for layer in &comp.layers {
            names.push((layer.uuid(), layer.name().to_string()));
            names.extend(layer.effects.iter().map(|effect| (effect.uuid, effect.name().to_string())));
        }
    }
    names.extend(document.media.iter().map(|(uuid, media)| (*uuid, media.name().to_string())));
    names.extend(document.cameras.iter().map(|(uuid, camera)| (*uuid, camera.name().to_string())));
    let mut told = Vec::new();
    while let Next::Event(event) = listener.next_within(Duration::ZERO) {
        let fields: Vec<String> = event.fields().map(|(name, field)| format!("{name}={field:?}")).collect();
        let text = format!("{} {}", event.name(), fields.join(" "));
        told.push(names.iter().fold(text, |text, (uuid, name)| text.replace(&uuid.to_string(), name)));
    }
    told
}

#[test]
fn an_edit_tells_what_differs_once_attributes_first() {
    let (project, _, layer, effect) = project();
    let listener = project.events().listen(Filter::All);
    let node = Node::Layer(layer);
    set(&project, node, "opacity", 0.5);
    let opacity =
        [r#"attrs_changed node=Layer(memory) names=["opacity"]"#, "layers_changed comp=Comp(Main) frames=0..=120"];
    assert_eq!(
        told(&project, &listener),
        [&opacity[..], &[r#"project_changed cause="edit" step="set opacity""#]].concat()
    );
    undo(&project);
    assert_eq!(
        told(&project, &listener),
        [&opacity[..], &[r#"project_changed cause="undo" step="set opacity""#]].concat()
    );
    redo(&project);
    assert_eq!(
        told(&project, &listener),
        [&opacity[..], &[r#"project_changed cause="redo" step="set opacity""#]].concat()
    );

    set(&project, node, "opacity", 0.5);
    project.edit("nothing").commit();
    let edit = project.edit("taken back");
    set(&project, node, "opacity", 0.75);
    drop(edit);
    assert_eq!(told(&project, &listener), [""; 0]);

    let edit = project.edit("all");
    for value in 0..50 {
        set(&project, node, "opacity", f64::from(value) / 50.0);
        project.set_effect_param(effect, "radius", &Value::Float(f64::from(value))).expect("it fits");
    }
    project.set_effect_enabled(effect, false).expect("it is there");
    let other = project.add_comp("Other", &[]).expect("a comp");
    project.remove_comp(project.add_comp("Gone", &[]).expect("a comp")).expect("it is there");
    project.set_attr(Node::Comp(other), "name", &Value::String("Another".into())).expect("it fits");
    project.set_attr(Node::Project, "name", &Value::String("Shot".into())).expect("it fits");
    assert_eq!(told(&project, &listener), [""; 0]);
    edit.commit();
    let expected = [
        r#"attrs_changed node=Project names=["name"]"#,
        r#"attrs_changed node=Layer(memory) names=["opacity"]"#,
        r#"attrs_changed node=Effect(GaussianBlur) names=["radius", "enabled"]"#,
        "comps_changed added=[Comp(Another)] removed=[]",
        "layers_changed comp=Comp(Main) frames=0..=120",
        r#"project_changed cause="edit" step="all""#,
    ];
    assert_eq!(told(&project, &listener), expected);
}

#[test]
fn frames_are_those_where_a_layer_was_or_is() {
    let (project, comp, layer, effect) = project();
    let other = project.add_layer(comp, LayerSource::Memory(memory_frame(0.5)), None).expect("a layer");
    project.set_attr(Node::Comp(comp), "auto_bounds", &Value::Bool(false)).expect("it fits");
    let text = |text: &str| Value::String(text.into());
    let short = [("name", text("other")), ("in", Value::Int(10)), ("out", Value::Int(19))];
    project.set_attrs(Node::Layer(other), &short).expect("it fits");
    let listener = project.events().listen(["layers_changed", "attrs_changed"].into_iter().collect());
    let frames = |edit: &dyn Fn() -> Result<(), ProjectError>| {
        edit().expect("it fits");
        told(&project, &listener)
    };
    let node = Node::Layer(other);
    let changed = |frames: &str| format!("layers_changed comp=Comp(Main) frames={frames}");
    let attrs = |names: &str| format!("attrs_changed node=Layer(another) names=[{names}]");
    assert_eq!(
        frames(&|| project.set_attr(node, "in", &Value::Int(30)).map(drop)),
        [r#"attrs_changed node=Layer(other) names=["in", "out"]"#.to_string(), changed("10..=39")]
    );
    assert_eq!(
        frames(&|| project.set_attr(node, "name", &text("another")).map(drop)),
        ["attrs_changed node=Layer(another) names=[\"name\"]"],
        "no pixel hangs on a name"
    );
    assert_eq!(
        frames(&|| project.set_attr(node, "solo", &Value::Bool(true)).map(drop)),
        [attrs(r#""solo""#), changed("0..=120")],
        "it hides the others"
    );
    assert_eq!(frames(&|| project.move_layer(other, 1).map(drop)), [changed("0..=120")]);
    assert_eq!(
        frames(&|| project.set_key(node, "opacity", &Key::new(3.0, Value::Float(0.5), Interp::Linear)).map(drop)),
        [attrs(r#""opacity""#), changed("30..=39")]
    );
    assert_eq!(frames(&|| project.remove_effect(effect)).len(), 2);
    assert_eq!(
        frames(&|| project.set_attr(Node::Comp(comp), "width", &Value::Int(64)).map(drop)),
        [r#"attrs_changed node=Comp(Main) names=["width"]"#.to_string(), changed("0..=120")]
    );
    assert_eq!(frames(&|| project.remove_layer(layer)), [changed("0..=120")]);
}

#[test]
fn comps_that_show_what_changed_are_told_of() {
    let folder = footage("bg", 1..=4);
    let project = Project::new(media());
    let [inner, middle, outer, apart] =
        ["inner", "middle", "outer", "apart"].map(|name| project.add_comp(name, &[]).expect("a comp"));
    let path = LayerSource::Path(folder.path().join("bg.####.exr"));
    let layer = project.add_layer(inner, path, None).expect("a layer");
    let nested = project.add_layer(middle, LayerSource::Comp(inner), None).expect("a layer");
    project.set_attr(Node::Layer(nested), "in", &Value::Int(11)).expect("it fits");
    project.add_layer(outer, LayerSource::Comp(middle), None).expect("a layer");
    project.add_layer(apart, LayerSource::Memory(memory_frame(1.0)), None).expect("a layer");
    let listener = project.events().listen(["layers_changed"].into_iter().collect());
    let expected = [
        "layers_changed comp=Comp(inner) frames=1..=4",
        "layers_changed comp=Comp(middle) frames=11..=14",
        "layers_changed comp=Comp(outer) frames=11..=14",
    ];
    set(&project, Node::Layer(layer), "opacity", 0.5);
    assert_eq!(told(&project, &listener), expected);
    let media = *project.snapshot().media.keys().next().expect("media");
    project.set_attr(Node::Media(media), "missing", &Value::String("black".into())).expect("it fits");
    assert_eq!(told(&project, &listener), expected);
    project.set_attr(Node::Media(media), "name", &Value::String("plate".into())).expect("it fits");
    assert_eq!(told(&project, &listener), [""; 0]);
}

#[test]
fn a_sink_may_edit_and_its_edit_is_told_after_the_one_it_was_told_of() {
    let (project, comp, layer, _) = project();
    let editor = project.clone();
    project.events().subscribe(["attrs_changed"].into_iter().collect(), move |_| {
        editor.set_attr(Node::Comp(comp), "name", &Value::String("Seen".into())).expect("it fits");
    });
    let listener = project.events().listen(["project_changed"].into_iter().collect());
    set(&project, Node::Layer(layer), "opacity", 0.5);
    let steps = ["set opacity", "set name"].map(|step| format!("project_changed cause=\"edit\" step=\"{step}\""));
    assert_eq!(told(&project, &listener), steps);
}

#[test]
fn edits_of_many_threads_are_told_in_their_order() {
    let project = Project::new(media());
    let listener = project.events().listen(["comps_changed"].into_iter().collect());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    project.remove_comp(project.add_comp("c", &[]).expect("a comp")).expect("it is there");
                }
            });
        }
    });
    let mut there = std::collections::HashSet::new();
    for text in told(&project, &listener) {
        let (added, removed) = text.split_once(" removed=").expect("both");
        match removed {
            "[]" => assert!(there.insert(added.replace("comps_changed added=", ""))),
            removed => assert!(there.remove(removed), "it comes before it goes"),
        }
    }
    assert!(there.is_empty());
}
