//! Loading equals saving.

use std::collections::BTreeMap;
use std::path::Path;

use playa_plugin_api::{Kind, Value};
use uuid::Uuid;

use super::*;
use crate::project::fixtures::{blur, everything, footage, memory_frame};
use crate::project::{Handle, Interp, Key, LayerSource, Node, Source};

/// A small generator (xorshift64*), so that a failure can be repeated by its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }

    fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    fn float(&mut self) -> f64 {
        match self.below(5) {
            0 => [0.0, -0.0, 0.1, 1e300, 5e-324, -1.0 / 3.0][self.below(6)],
            _ => (self.next() as f64 / u64::MAX as f64 - 0.5) * 10_f64.powi(self.below(12) as i32 - 4),
        }
    }

    fn text(&mut self) -> String {
        let letters =
            ['a', 'Z', '0', ' ', '"', '\'', '\\', '\n', '\t', '\u{1}', '\u{7f}', 'ü', '語', '🎞', '=', '#', '['];
        (0..self.below(8)).map(|_| letters[self.below(letters.len())]).collect()
    }

    fn value(&mut self, kind: Kind, depth: usize) -> Value {
        match kind {
            Kind::Bool => Value::Bool(self.coin()),
            Kind::Int => Value::Int(self.next() as i64 >> self.below(60)),
            Kind::Float => Value::Float(self.float()),
            Kind::String => Value::String(self.text()),
            Kind::Vec2 => Value::Vec2([(); 2].map(|()| self.float())),
            Kind::Vec3 => Value::Vec3([(); 3].map(|()| self.float())),
            Kind::Vec4 => Value::Vec4([(); 4].map(|()| self.float())),
            Kind::Color => Value::Color([(); 4].map(|()| self.float())),
            Kind::Choice => Value::Choice(["a", "b"][self.below(2)].to_string()),
            Kind::Uuid => Value::Uuid(Uuid::new_v4().into_bytes()),
            Kind::List => Value::List((0..self.below(4)).map(|_| self.plain(depth)).collect()),
            Kind::Map => {
                let entry = |_| (self.text(), self.plain(depth));
                Value::Map((0..3).map(entry).collect::<BTreeMap<_, _>>())
            }
        }
    }

    /// A key, which may well be refused.
    fn key(&mut self, kind: Kind) -> Key {
        let frame = [self.below(5) as f64, self.float(), -0.0][self.below(3)];
        let interps = [Interp::Hold, Interp::Hold, Interp::Linear, Interp::Bezier];
        let mut key = Key::new(frame, self.value(kind, 2), interps[self.below(4)]);
        if kind == Kind::Float && self.coin() {
            key.value = Value::Float(self.below(5) as f64 / 4.0);
        }
        if self.below(3) == 0 {
            let count = kind.components().unwrap_or(1);
            let mut handle = |sign| Handle {
                frames: sign * self.below(9) as f64 / 4.0,
                offset: (0..count).map(|_| self.float()).collect(),
            };
            (key.incoming, key.outgoing) = (Some(handle(-1.0)), Some(handle(1.0)));
        }
        key
    }

    /// A value of a kind that text alone can tell.
    fn plain(&mut self, depth: usize) -> Value {
        let kinds = [Kind::Bool, Kind::Int, Kind::Float, Kind::String, Kind::List, Kind::Map];
        let kind = kinds[self.below(if depth == 0 { 4 } else { 6 })];
        self.value(kind, depth.saturating_sub(1))
    }
}

/// A project by some random edits. Edits that happen to be refused are part of the test.
fn random_project(random: &mut Random, folder: &Path) -> Project {
    let project = Project::new(media());
    let mut comps = Vec::new();
    for _ in 0..1 + random.below(4) {
        comps.push(project.add_comp(&random.text(), &[]).expect("a comp"));
    }
    let mut cameras = Vec::new();
    for _ in 0..1 + random.below(2) {
        cameras.push(project.add_camera(&random.text(), &[]).expect("a camera"));
    }
    let (mut solids, mut texts) = (Vec::new(), Vec::new());
    for _ in 0..1 + random.below(2) {
        solids.push(project.add_solid(&random.text(), &[]).expect("a solid"));
        texts.push(project.add_text(&random.text(), &[]).expect("a text"));
    }
    for (solid, text) in solids.iter().zip(&texts) {
        random_attrs(random, &project, Node::Solid(*solid));
        random_attrs(random, &project, Node::Text(*text));
    }
    for camera in &cameras {
        random_attrs(random, &project, Node::Camera(*camera));
    }
    for _ in 0..random.below(12) {
        let source = match random.below(6) {
            0 => LayerSource::Path(folder.join("fg.####.exr")),
            1 => LayerSource::Path(folder.join("fg.0002.exr")),
            2 => LayerSource::Camera(cameras[random.below(cameras.len())]),
            3 => LayerSource::Solid(solids[random.below(solids.len())]),
            4 => LayerSource::Text(texts[random.below(texts.len())]),
            _ => LayerSource::Comp(comps[random.below(comps.len())]),
        };
        let comp = comps[random.below(comps.len())];
        let Ok(layer) = project.add_layer(comp, source, None) else { continue };
        for node in [Node::Layer(layer), Node::Comp(comp), Node::Project] {
            random_attrs(random, &project, node);
        }
        let others = &project.snapshot().comps[&comp].layers;
        let matte = Value::String(others[random.below(others.len())].uuid().to_string());
        // Itself, a camera, and what would be its own matte are refused.
        let _ = project.set_attr(Node::Layer(layer), "matte", &matte);
        for _ in 0..random.below(3) {
            let spec = if random.coin() { blur() } else { everything() };
            let effect = project.add_effect(layer, &spec, &[]).expect("an effect");
            for param in &spec.params {
                if random.coin() {
                    let value = random.value(param.kind, 3);
                    // Some are outside of their range.
                    let _ = project.set_effect_param(effect, &param.name, &value);
                }
            }
            project.set_effect_enabled(effect, random.coin()).expect("it is there");
            project.set_effect_mix(effect, random.below(5) as f64 / 4.0).expect("within 0..=1");
            for param in &spec.params {
                for _ in 0..random.below(8).saturating_sub(4) {
                    let key = random.key(param.kind);
                    let _ = project.set_effect_key(effect, &param.name, &key);
                }
            }
            for _ in 0..random.below(4) {
                let _ = project.set_effect_mix_key(effect, &random.key(Kind::Float));
            }
        }
    }
    project
}

fn random_attrs(random: &mut Random, project: &Project, node: Node) {
    for spec in &node.schema().attrs {
        if random.below(3) == 0 {
            let value = match spec.kind {
                Kind::Choice => Value::Choice(spec.choices[random.below(spec.choices.len())].key.clone()),
                Kind::Int => Value::Int(random.below(3000) as i64 - 1000),
                kind => random.value(kind, 0),
            };
            // Read-only and out of range ones are refused.
            let _ = project.set_attr(node, spec.name, &value);
        }
        for _ in 0..random.below(8).saturating_sub(4) {
            let _ = project.set_key(node, spec.name, &random.key(spec.kind));
        }
    }
}

#[test]
fn many_random_projects_come_back_equal_from_toml_and_json() {
    let folder = footage("fg", 1..=3);
    let path = folder.path().join("shots/random.playa");
    std::fs::create_dir(folder.path().join("shots")).expect("a folder");
    let (mut layers, mut mattes, mut cameras, mut curves) = (0, 0, 0, 0);
    for seed in 1..=300 {
        let project = random_project(&mut Random(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15)), folder.path());
        let document = project.snapshot();
        let all = || document.comps.values().flat_map(|comp| &comp.layers);
        layers += all().count();
        mattes += all().filter(|layer| layer.matte().is_some()).count();
        cameras += all().filter(|layer| layer.is_camera()).count();
        project.save(&path, &SaveOptions::default()).expect("saved");
        let text = std::fs::read_to_string(&path).expect("a file");
        curves += text.matches("keys.").count();
        let back = load(&path).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{text}"));
        assert!(*back.snapshot() == *project.snapshot(), "seed {seed}: not the same from TOML\n{text}");
        assert_eq!(back.diagnostics(), []);
        back.save(&path, &SaveOptions::default()).expect("saved again");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), text, "seed {seed}: not the same text");
        let json = project.to_json().expect("as JSON");
        let back = Project::from_json(&json, &LoadOptions::default(), &Effects, media());
        let back = back.unwrap_or_else(|error| panic!("seed {seed}: {error}\n{json}"));
        assert!(*back.snapshot() == *project.snapshot(), "seed {seed}: not the same from JSON\n{json}");
    }
    assert!(
        layers > 500 && mattes > 50 && cameras > 50 && curves > 1000,
        "{layers} layers, {mattes} mattes, {cameras} cameras, {curves} keys: no test"
    );
}

/// The text people see in their version control.
const READABLE: &str = r#"playa = 1

[project]
name = "shot 010"

[[media]]
uuid = "00000000-0000-4000-8000-000000000001"
name = "fg.####.exr"
path = "plates/fg.####.exr"
in = 1
out = 3
missing = "hold"
width = 320
height = 180

[[camera]]
uuid = "00000000-0000-4000-8000-000000000007"
name = "lens"
fov = 60.0
use_poi = true
point_of_interest = [0.0, 50.0, 0.0]

[[comp]]
uuid = "00000000-0000-4000-8000-000000000002"
name = "Main"
width = 320
height = 180
fps = "24000/1001"
in = 1
out = 3
shutter_angle = 90.0
motion_samples = 8

[[comp.layer]]
uuid = "00000000-0000-4000-8000-000000000008"
name = "shot cam"
camera = "00000000-0000-4000-8000-000000000007"
in = 1
src_len = 3
position = [0.0, 0.0, 800.0]

[[comp.layer]]
uuid = "00000000-0000-4000-8000-000000000003"
name = "foreground"
media = "00000000-0000-4000-8000-000000000001"
in = 1
src_len = 3
opacity = 0.9
blend_mode = "add"
position = [100.0, 50.0, 0.0]
motion_blur = true
matte = "00000000-0000-4000-8000-000000000005"
matte_channel = "luminance"
matte_invert = true

[[comp.layer.keys.opacity]]
frame = 1
value = 0.0

[[comp.layer.keys.opacity]]
frame = 2.5
value = 1.0
interp = "bezier"
outgoing = [0.25, -0.5]

[[comp.layer.keys.opacity]]
frame = 3
value = 0.5
interp = "hold"
incoming = [-0.25, 0.0]

[[comp.layer.keys.position]]
frame = 1
value = [0.0, 50.0, 0.0]
interp = "bezier"
outgoing = [1.0, [10.0, 0.0, 0.0]]

[[comp.layer.keys.position]]
frame = 3
value = [100.0, 50.0, 0.0]

[[comp.layer.effect]]
uuid = "00000000-0000-4000-8000-000000000004"
id = "org.playa.gaussian_blur"
version = "1.2.0"
enabled = false
mix = 0.5

[comp.layer.effect.params]
radius = 7.5
edges = "black"

[[comp.layer.effect.mix_keys]]
frame = 1
value = 0.0

[[comp.layer.effect.mix_keys]]
frame = 3
value = 1.0

[[comp.layer.effect.keys.edges]]
frame = 2
value = "clamp"
interp = "hold"

[[comp.layer]]
uuid = "00000000-0000-4000-8000-000000000005"
name = "nested"
comp = "00000000-0000-4000-8000-000000000006"
src_len = 121

[[comp]]
uuid = "00000000-0000-4000-8000-000000000006"
name = "Empty"
"#;

#[test]
fn the_text_is_readable_and_stays_byte_for_byte() {
    let (folder, path) = file(READABLE);
    std::fs::create_dir(folder.path().join("plates")).expect("a folder");
    for frame in 1..=3 {
        std::fs::write(folder.path().join(format!("plates/fg.{frame:04}.exr")), b"").expect("a file");
    }
    let project = Project::load(&path, &LoadOptions { strict: true }, &Effects, media()).expect("nothing to report");
    project.save(&path, &SaveOptions::default()).expect("saved");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), READABLE);
    let document = project.snapshot();
    let comp = document.comp_named("Main").expect("it is there");
    assert_eq!(comp.layers[1].effects[0].param("radius").expect("a parameter"), Value::Float(7.5));
    assert_eq!(comp.layers[1].time().visible(), (1, 3));
    assert_eq!(comp.layers[1].matte().map(|matte| matte.layer), Some(comp.layers[2].uuid()));
    assert_eq!(comp.camera(&document, 2.0).map(|(_, camera)| camera.attrs.float("fov")), Some(60.0));
    assert_eq!((comp.layers[1].opacity_at(1.75), comp.layers[1].effects[0].mix_at(1.5)), (0.5, 0.25));
    assert_eq!(comp.layers[1].placement_at(3.0).position, [100.0, 50.0, 0.0]);
    let edges = comp.layers[1].effects[0].param_at("edges", 0.0).expect("a parameter");
    assert_eq!(edges, Value::Choice("clamp".into()));
}

#[test]
fn a_project_can_move_with_its_footage() {
    let (folder, path) = file(READABLE);
    std::fs::create_dir(folder.path().join("plates")).expect("a folder");
    std::fs::write(folder.path().join("plates/fg.0007.exr"), b"").expect("a file");
    let project = load(&path).expect("a project");
    let media = &project.snapshot().media[0];
    assert_eq!(media.frames(), (7, 7), "what is on disk now");
    assert_eq!(Path::new(media.attrs.text("path")), folder.path().join("plates").join("fg.####.exr"));
    assert_eq!(project.diagnostics(), []);
}

#[test]
fn images_in_memory_are_written_beside_the_project_and_stay_in_memory() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("shot.playa");
    let project = Project::new(media());
    let comp = project.add_comp("Main", &[]).expect("a comp");
    let layer = project.add_layer(comp, LayerSource::Memory(memory_frame(1.0)), None).expect("a layer");
    let refuse = SaveOptions { memory: MemoryPolicy::Refuse };
    for error in [project.save(&path, &refuse).expect_err("refused"), project.to_json().expect_err("refused")] {
        assert!(error.to_string().contains("layer `memory` shows an image in memory"), "{error}");
    }
    assert!(!path.exists());
    for _ in 0..2 {
        project.save(&path, &SaveOptions::default()).expect("saved");
    }
    let written = folder.path().join("shot.media").join(format!("{layer}.exr"));
    assert!(written.exists());
    assert!(matches!(project.snapshot().layer(layer).expect("it is there").2.source, Source::Memory(_)));
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains(&format!("path = \"shot.media/{layer}.exr\"")), "{text}");
    let back = load(&path).expect("a project").snapshot();
    let Source::Media(media) = back.layer(layer).expect("it is there").2.source else { panic!("no media") };
    assert!(back.media[&media].sequence.is_still());
    assert_eq!(back.layer(layer).expect("it is there").2.time().visible(), (0, 120));
}

#[cfg(unix)]
#[test]
fn saving_follows_a_link_and_keeps_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path) = file(READABLE);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("permissions");
    let link = folder.path().join("link.playa");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let project = Project::new(media());
    project.save(&link, &SaveOptions::default()).expect("saved");
    assert!(link.is_symlink());
    assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o640);
    assert!(*load(&path).expect("a project").snapshot() == *project.snapshot());
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 2, "no temporary file is left");
}
