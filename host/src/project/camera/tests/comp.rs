//! Cameras in comps.

use playa_plugin_api::Value;
use uuid::Uuid;

use super::{HD, at, distance, shift};
use crate::project::fixtures::{footage, media, memory_frame};
use crate::project::{LayerSource, Node, Placement, Project};

/// A comp with layers `a`, `b`, `c` from the bottom up.
struct Scene {
    project: Project,
    comp: Uuid,
}

impl Scene {
    fn new() -> Self {
        let project = Project::new(media());
        let comp = project.add_comp("Main", &[]).expect("a comp");
        let scene = Self { project, comp };
        for name in ["a", "b", "c"] {
            let layer = scene.project.add_layer(comp, LayerSource::Memory(memory_frame(1.0)), None).expect("a layer");
            scene.set(layer, "name", Value::String(name.to_string()));
        }
        scene
    }

    fn camera(&self, name: &str, fov: f64) -> Uuid {
        let camera = self.project.add_camera(name, &[("fov", Value::Float(fov))]).expect("a camera");
        self.project.add_layer(self.comp, LayerSource::Camera(camera), None).expect("a layer")
    }

    fn set(&self, layer: Uuid, name: &str, value: Value) {
        self.project.set_attr(Node::Layer(layer), name, &value).expect("valid");
    }

    fn layer(&self, name: &str) -> Uuid {
        let document = self.project.snapshot();
        document.comps[&self.comp].layers.iter().find(|layer| layer.name() == name).expect("it is there").uuid()
    }

    fn seen_through(&self, time: f64) -> Option<String> {
        let document = self.project.snapshot();
        let comp = &document.comps[&self.comp];
        assert_eq!(comp.view(&document, time).is_flat(), comp.camera(&document, time).is_none());
        comp.camera(&document, time).map(|(_, camera)| camera.name().to_string())
    }

    fn order(&self, time: f64) -> String {
        let document = self.project.snapshot();
        let comp = &document.comps[&self.comp];
        comp.paint_order(&comp.view(&document, time), time).iter().map(|layer| layer.name()).collect()
    }
}

#[test]
fn the_camera_nearest_the_top_that_is_seen_is_looked_through() {
    let scene = Scene::new();
    assert_eq!(scene.seen_through(0.0), None);
    let low = scene.camera("low", 30.0);
    let high = scene.camera("high", 60.0);
    assert_eq!(scene.seen_through(0.0).as_deref(), Some("high"));
    for (name, value) in [("visible", false), ("mute", true)] {
        scene.set(high, name, Value::Bool(value));
        assert_eq!(scene.seen_through(0.0).as_deref(), Some("low"), "{name}");
        scene.set(high, name, Value::Bool(!value));
    }
    scene.set(low, "solo", Value::Bool(true));
    assert_eq!(scene.seen_through(0.0).as_deref(), Some("low"), "solo hides the other");
    scene.set(low, "solo", Value::Bool(false));
    scene.set(scene.layer("a"), "solo", Value::Bool(true));
    assert_eq!(scene.seen_through(0.0), None, "and both, if neither is solo");
    scene.set(scene.layer("a"), "solo", Value::Bool(false));
    scene.set(high, "in", Value::Int(10));
    for (time, expected) in [(9.0, "low"), (9.4, "low"), (9.5, "high"), (10.0, "high")] {
        assert_eq!(scene.seen_through(time).as_deref(), Some(expected), "{time}");
    }
}

#[test]
fn a_new_camera_layer_stands_where_a_layer_fills_the_frame() {
    let scene = Scene::new();
    let layer = scene.camera("lens", 60.0);
    let document = scene.project.snapshot();
    let layer = document.layer(layer).expect("it is there").2;
    // tan 30 degrees is 1 / sqrt 3.
    assert_eq!(layer.placement_at(0.0), at(0.0, 0.0, distance(1080, 60.0)));
    assert!((layer.placement_at(0.0).position[2] - 540.0 * 3.0_f64.sqrt()).abs() < 1e-9);
    assert_eq!((layer.name(), layer.time().visible()), ("lens", (0, 120)));
    let view = document.comps[&scene.comp].view(&document, 0.0);
    assert_eq!(view.to_comp(&Placement::CENTRED, HD).and_then(shift), Some((0, 0)));
}

#[test]
fn layers_are_painted_by_depth_only_through_a_camera() {
    let scene = Scene::new();
    let z = |name, z: f64| scene.set(scene.layer(name), "position", Value::Vec3([0.0, 0.0, z]));
    z("a", 5.0);
    z("b", -0.0);
    z("c", 0.0);
    assert_eq!(scene.order(0.0), "abc", "flat: from the bottom up");
    let camera = scene.camera("lens", 39.6);
    assert_eq!(scene.order(0.0), "bca", "lower z first, ties from the bottom up");
    z("c", -1.0);
    assert_eq!(scene.order(0.0), "cba");
    scene.set(scene.layer("b"), "visible", Value::Bool(false));
    scene.set(scene.layer("c"), "in", Value::Int(3));
    assert_eq!((scene.order(2.4).as_str(), scene.order(2.5).as_str()), ("a", "ca"));
    scene.set(camera, "mute", Value::Bool(true));
    assert_eq!(scene.order(5.0), "ac");
}

#[test]
fn a_camera_is_not_removed_while_it_is_shown_and_counts_for_no_bounds() {
    let folder = footage("fg", 1..=24);
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    let error = project.add_camera("lens", &[("fov", Value::Float(180.0))]).expect_err("no angle").to_string();
    assert!(error.contains("`fov` of a camera") && error.contains("0.1..=179"), "{error}");
    assert!(project.snapshot().cameras.is_empty());
    let camera = project.add_camera("lens", &[("fov", Value::Int(50))]).expect("a camera");
    assert_eq!(project.get_attr(Node::Camera(camera), "fov").expect("an attribute"), Value::Float(50.0));
    assert!(project.set_attr(Node::Camera(camera), "near_clip", &Value::Float(2.0)).expect("valid"));
    let layer = project.add_layer(comp, LayerSource::Camera(camera), None).expect("a layer");
    project.add_layer(comp, LayerSource::Path(folder.path().join("fg.####.exr")), None).expect("a layer");
    assert_eq!(
        project.snapshot().comps[&comp].frames(),
        (1, 24),
        "as the sequence, though the camera lasts from 0 to 120"
    );
    let error = project.remove_camera(camera).expect_err("in use").to_string();
    assert!(error.contains("camera `lens`") && error.contains("Main / lens"), "{error}");
    project.remove_layer(layer).expect("it is there");
    project.remove_camera(camera).expect("no longer in use");
    for error in [
        project.remove_camera(camera).expect_err("removed"),
        project.get_attr(Node::Camera(camera), "fov").expect_err("removed"),
        project.set_attr(Node::Camera(camera), "fov", &Value::Float(1.0)).expect_err("removed"),
        project.add_layer(comp, LayerSource::Camera(camera), None).expect_err("removed"),
    ] {
        assert!(error.to_string().contains(&format!("the camera {camera} is not in the project any more")), "{error}");
    }
}
