//! Comps and their layers.

use std::cmp::Ordering;

use uuid::Uuid;

use super::node::{Kind, Node};
use super::values::Values;
use super::{Reader, with_uuid};
use crate::project::error::ProjectError;
use crate::project::save::tree::{Data, Table, Tree};
use crate::project::schema;
use crate::project::time::MIN_SPEED;

/// A layer of ours, with what decides about its neighbours.
pub struct Made {
    pub uuid: Uuid,
    pub what: String,
    pub line: Option<u32>,
    pub table: Table,
    /// What it shows.
    pub source: Uuid,
    /// Whether it shows no pixels, but is looked through.
    pub is_camera: bool,
    /// Whether it is drawn.
    pub visible: bool,
    pub z: f64,
    /// Whether it shows its source as it is, each frame at its own time.
    pub is_plain: bool,
    /// The reference that its matte goes through.
    pub matte: Option<(Uuid, Option<u32>)>,
}

impl Reader<'_> {
    /// A comp of ours.
    pub fn comp(&mut self, uuid: Uuid, node: &mut Node) -> Result<Table, ProjectError> {
        let values = &mut node.values;
        let mut table = with_uuid(uuid);
        let names = ["name", "width", "height", "fps", "in", "out", "trim_in", "trim_out", "auto_bounds"];
        values.keep(self.notes, &mut table, schema::comp(), &names);
        self.no_speed(values);
        if values.is_filled("bookmarks") {
            self.warn(values.line_of("bookmarks"), format!("the bookmarks of {} are left out", values.what));
        }
        values.take("bookmarks");
        values.finish(self.notes);
        let mut layers = Vec::new();
        for layer in std::mem::take(&mut node.layers) {
            layers.extend(self.layer(layer)?);
        }
        self.order(&mut layers, &node.values);
        self.mattes(&mut layers, &table, node);
        let layer = |made: Made| Tree { line: made.line, data: Data::Table(made.table) };
        table.insert("layer".to_string(), Data::List(layers.into_iter().map(layer).collect()).into());
        Ok(table)
    }

    /// A layer of ours; none where it shows what there is not here.
    fn layer(&mut self, tree: Tree) -> Result<Option<Made>, ProjectError> {
        let line = tree.line;
        let mut parts = self.table(tree, "a layer")?;
        let mut values = self.values(parts.shift_remove("attrs"), line, "a layer")?;
        values.named("layer");
        let what = values.what.clone();
        // Earlier versions have both beside the attributes.
        let uuid = self.part_uuid(&mut parts, &values, "uuid")?;
        let source = self.part_uuid(&mut parts, &values, "source_uuid")?;
        let effects = self.list(parts.shift_remove("effects"), &format!("effects of {what}"))?;
        let Some(uuid) = uuid else {
            let expected = "an identity of 8-4-4-4-12 hexadecimal digits".to_string();
            return Err(self.notes.invalid(line, &what, "no `uuid`".to_string(), expected));
        };
        let Some((source, node)) = self.source(source, &what, line) else { return Ok(None) };
        let uuid = self.identity(uuid, line, &what);
        let mut table = with_uuid(uuid);
        let link = node.kind.link().expect("only such are sources");
        table.insert(link.to_string(), Tree { line, data: Data::Text(source.to_string()) });
        self.hints(&mut values, &node);
        self.time(&mut values, &mut table, &node);
        let names =
            ["name", "opacity", "visible", "solo", "mute", "blend_mode", "position", "rotation", "scale", "pivot"];
        values.keep(self.notes, &mut table, schema::layer(), &names);
        let matte = values.uuid("mask_ref_uuid").map(|matte| (matte, values.line_of("mask_ref_uuid")));
        values.take("mask_ref_uuid");
        values.finish(self.notes);
        let effects = self.effects(effects, &what)?;
        let is_plain = effects.is_empty() && is_plain(&table, &node);
        if !effects.is_empty() {
            table.insert("effect".to_string(), Data::List(effects).into());
        }
        let visible = !matches!(table.get("visible"), Some(Tree { data: Data::Bool(false), .. }));
        let z = numbers(table.get("position")).and_then(|position| position.get(2).copied()).unwrap_or(0.0);
        let is_camera = node.kind == Kind::Camera;
        Ok(Some(Made { uuid, what, line, table, source, is_camera, visible, z, is_plain, matte }))
    }

    /// An identity beside the attributes, or among them.
    fn part_uuid(&self, parts: &mut Table, values: &Values, name: &str) -> Result<Option<Uuid>, ProjectError> {
        match parts.shift_remove(name) {
            None => Ok(values.uuid(name)),
            Some(Tree { line, data: Data::Text(text) }) => {
                self.uuid_of(&text, line, &format!("`{name}` of {}", values.what)).map(Some)
            }
            Some(tree) => {
                let expected = "8-4-4-4-12 hexadecimal digits".to_string();
                Err(self.notes.invalid(tree.line, &format!("`{name}` of {}", values.what), tree.found(), expected))
            }
        }
    }

    /// What a layer shows, if it is here: otherwise the layer is left out. Where there are nodes of a further kind, this
    /// and [`Kind`] are what has to know them.
    fn source(&mut self, source: Option<Uuid>, what: &str, line: Option<u32>) -> Option<(Uuid, Node)> {
        let found = source.and_then(|uuid| Some((uuid, self.nodes.get(&uuid)?.clone())));
        let reason = match &found {
            None => "nothing that the project has".to_string(),
            Some((_, Node { kind: Kind::Other(kind), values, .. })) => {
                format!("{}, of the kind {kind:?}, which there is not here", values.what)
            }
            Some((_, Node { kind: Kind::Ref, values, .. })) => format!("{}, which has no pixels", values.what),
            Some((_, Node { kind: Kind::File, values, .. })) if values.str("file_mask").is_none_or(str::is_empty) => {
                format!("{}, which names no file", values.what)
            }
            Some(_) => return found,
        };
        self.warn(line, format!("{what} shows {reason}; it is left out"));
        None
    }

    /// Says what will look different, and prepares the values that need it.
    fn hints(&mut self, values: &mut Values, node: &Node) {
        if values.bool("mute") == Some(true) {
            let message = format!("{} is muted, and so hidden: the original showed it", values.what);
            self.warn(values.line_of("mute"), message);
        }
        if values.bool("renderable") == Some(false) && node.kind != Kind::Camera {
            let line = values.line_of("renderable");
            self.warn(line, format!("{} is not renderable: it is hidden, `visible` is false now", values.what));
            values.set("visible", Tree { line, data: Data::Bool(false) });
        }
        let is_known = |mode: &str| {
            let value = playa_plugin_api::Value::String(mode.to_string());
            schema::layer().check("blend_mode", &value).is_ok()
        };
        if let Some(mode) = values.str("blend_mode").filter(|mode| !is_known(mode)) {
            let message = format!("{} has the unknown blend mode {mode:?}: it is \"normal\" now", values.what);
            self.warn(values.line_of("blend_mode"), message);
            values.take("blend_mode");
        }
    }

    /// Where a layer lies in time. It lasts as long as its source did. What the trims of a file hide is hidden by the
    /// layer, because our files have none.
    fn time(&mut self, values: &mut Values, table: &mut Table, node: &Node) {
        let line = values.line_of("speed");
        let speed = values.float("speed").unwrap_or(1.0);
        if speed.abs() < MIN_SPEED {
            self.warn(line, format!("`speed` of {} is {speed}: it is {MIN_SPEED} now", values.what));
            values.set("speed", Tree { line, data: Data::Float(MIN_SPEED.copysign(speed)) });
        }
        if speed < 0.0 {
            self.warn(line, format!("{} plays backwards: the original showed it forwards", values.what));
        }
        if matches!(node.kind, Kind::File | Kind::Comp) && node.work_len() >= 1 {
            values.set("src_len", Tree { line: values.line_of("src_len"), data: Data::Int(node.work_len()) });
        }
        if node.hidden() != (0, 0) {
            self.hide_trims(values, node, speed);
        }
        let names = ["in", "src_len", "trim_in", "trim_out", "speed"];
        values.keep(self.notes, table, schema::layer(), &names);
    }

    fn hide_trims(&mut self, values: &mut Values, node: &Node, speed: f64) {
        let (first, last) = node.hidden();
        let (trim_in, trim_out) = (values.int("trim_in").unwrap_or(0), values.int("trim_out").unwrap_or(0));
        let whole = |trim: i64| (trim as f64 / speed).fract() == 0.0;
        // Otherwise rounding, or a frame that is held, would come out another way.
        if speed <= 0.0 || first < 0 || last < 0 || trim_in < 0 || trim_out < 0 || !whole(first) || !whole(last) {
            let message = format!("{}: the trims of {} are left out", values.what, node.values.what);
            self.warn(values.line, message);
            return;
        }
        let start = values.int("in").unwrap_or(0).saturating_sub((first as f64 / speed) as i64);
        for (name, value) in [
            ("in", start),
            ("src_len", node.work_len().saturating_add(first).saturating_add(last)),
            ("trim_in", trim_in.saturating_add(first)),
            ("trim_out", trim_out.saturating_add(last)),
        ] {
            values.set(name, Tree { line: values.line_of(name), data: Data::Int(value) });
        }
    }

    /// Puts layers into the order in which ours are drawn.
    fn order(&mut self, layers: &mut [Made], comp: &Values) {
        // Of several cameras, the original took the last one, we take the first.
        let cameras: Vec<usize> = (0..layers.len()).filter(|index| layers[*index].is_camera).collect();
        for pair in 0..cameras.len() / 2 {
            layers.swap(cameras[pair], cameras[cameras.len() - 1 - pair]);
        }
        let is_3d = layers.iter().any(|layer| layer.is_camera && layer.visible);
        let above = |a: &Made, b: &Made| b.z.partial_cmp(&a.z).unwrap_or(Ordering::Equal);
        if !is_3d && !layers.is_sorted_by(|a, b| above(a, b).is_le()) {
            layers.sort_by(above);
            let message = format!("the layers of {} are in the order of their z now", comp.what);
            self.warn(comp.line, message);
        }
    }
}

fn numbers(tree: Option<&Tree>) -> Option<Vec<f64>> {
    let Data::List(items) = &tree?.data else { return None };
    let number = |item: &Tree| match item.data {
        Data::Float(value) => Some(value),
        Data::Int(value) => Some(value as f64),
        _ => None,
    };
    items.iter().map(number).collect()
}

/// Whether a layer without effects shows its source as it is, each frame at its own time.
fn is_plain(table: &Table, node: &Node) -> bool {
    let number = |name: &str, default: f64| match table.get(name).map(|tree| &tree.data) {
        None => default,
        Some(Data::Float(value)) => *value,
        Some(Data::Int(value)) => *value as f64,
        Some(_) => f64::NAN,
    };
    let same = |name: &str, default: f64| {
        table.get(name).is_none_or(|tree| numbers(Some(tree)).is_some_and(|v| v.iter().all(|v| *v == default)))
    };
    let (first, last) = node.hidden();
    number("in", 0.0) == node.work_area.0.saturating_sub(first) as f64
        && number("trim_in", 0.0) == first as f64
        && number("trim_out", 0.0) == last as f64
        && number("speed", 1.0) == 1.0
        && number("opacity", 1.0) == 1.0
        && same("position", 0.0)
        && same("rotation", 0.0)
        && same("scale", 1.0)
}
