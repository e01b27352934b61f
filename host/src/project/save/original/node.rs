//! Nodes of the pool: files, comps, cameras, texts, and the references that mattes go through.

use uuid::Uuid;

use super::values::Values;
use super::{Reader, with_uuid};
use crate::project::attrs::Schema;
use crate::project::error::ProjectError;
use crate::project::save::tree::{Data, Table, Tree};
use crate::project::schema;

/// A node as it was read.
#[derive(Clone)]
pub struct Node {
    pub kind: Kind,
    pub values: Values,
    /// The layers of a comp.
    pub layers: Vec<Tree>,
    /// First and last frame of the files of a sequence, as the original found them.
    pub files: (i64, i64),
    /// First and last frame, trims left out.
    pub work_area: (i64, i64),
    /// How many frames the trims take, at both ends.
    trims: (i64, i64),
}

/// What a node is.
#[derive(Clone, PartialEq)]
pub enum Kind {
    /// A file or sequence.
    File,
    /// A comp.
    Comp,
    /// A camera.
    Camera,
    /// A text.
    Text,
    /// What a matte goes through: a node and a channel.
    Ref,
    /// Something that there is not here: a generated picture, or what a later version has.
    Other(String),
}

impl Kind {
    /// The key of our layers that names a source of this kind.
    pub fn link(&self) -> Option<&'static str> {
        match self {
            Kind::File => Some("media"),
            Kind::Comp => Some("comp"),
            Kind::Camera => Some("camera"),
            Kind::Text => Some("text"),
            Kind::Ref | Kind::Other(_) => None,
        }
    }
}

impl Node {
    /// What trims hide of its frames, where layers have to do it: our files have no trims.
    pub fn hidden(&self) -> (i64, i64) {
        if self.kind == Kind::File { self.trims } else { (0, 0) }
    }

    /// How many frames the trims leave.
    pub fn work_len(&self) -> i64 {
        self.work_area.1.saturating_sub(self.work_area.0).saturating_add(1)
    }
}

impl Reader<'_> {
    /// Reads `{kind: {attrs, layers}}`.
    pub fn node(&mut self, tree: Tree) -> Result<Node, ProjectError> {
        let (line, found) = (tree.line, tree.found());
        let tagged = self.table(tree, "a node of `media`")?;
        let Some((kind, tree)) = tagged.into_iter().next() else {
            let expected = "a node beside its kind, such as {\"File\": {...}}".to_string();
            return Err(self.notes.invalid(line, "a node of `media`", found, expected));
        };
        let (kind, word) = match kind.as_str() {
            "File" => (Kind::File, "file"),
            "Comp" => (Kind::Comp, "comp"),
            "Camera" => (Kind::Camera, "camera"),
            "Text" => (Kind::Text, "text"),
            "Ref" => (Kind::Ref, "reference"),
            _ => (Kind::Other(kind), "node"),
        };
        let mut table = self.table(tree, &format!("a {word}"))?;
        let mut values = self.values(table.shift_remove("attrs"), line, &format!("a {word}"))?;
        values.named(word);
        let layers = self.list(table.shift_remove("layers"), &format!("layers of {}", values.what))?;
        let int = |name: &str| values.int(name).unwrap_or(0);
        let trims = (int("trim_in"), int("trim_out"));
        let work_area = (int("in").saturating_add(trims.0), int("out").saturating_sub(trims.1));
        let files = (
            values.int("file_start").unwrap_or_else(|| int("in")),
            values.int("file_end").unwrap_or_else(|| int("out")),
        );
        Ok(Node { kind, values, layers, files, work_area, trims })
    }

    /// Media of ours; none for a file without a name.
    pub fn file(&mut self, uuid: Uuid, node: &mut Node) -> Option<Table> {
        let values = &mut node.values;
        let line = values.line_of("file_mask");
        let Some(mask) = values.str("file_mask").filter(|mask| !mask.is_empty()).map(str::to_owned) else {
            let message = format!("{} names no file; it is left out, with the layers that show it", values.what);
            self.warn(line, message);
            return None;
        };
        let digits = values.int("padding").unwrap_or(4).max(1) as usize;
        let name = mask.replacen('*', &"#".repeat(digits.min(64)), 1);
        let path = match values.str("file_dir").filter(|folder| !folder.is_empty()) {
            Some(folder) => format!("{}/{name}", folder.trim_end_matches('/')),
            None => name,
        };
        let mut table = with_uuid(uuid);
        values.keep(self.notes, &mut table, schema::media(), &["name", "fps", "width", "height"]);
        table.insert("path".to_string(), Tree { line, data: Data::Text(path) });
        for known in ["file_mask", "file_dir", "file_start", "file_end"] {
            values.take(known);
        }
        self.no_speed(values);
        values.finish(self.notes);
        Some(table)
    }

    /// A camera of ours.
    pub fn camera(&mut self, uuid: Uuid, node: &mut Node) -> Table {
        let values = &mut node.values;
        if values.bool("dof_enabled") == Some(true) {
            let message = format!("{}: everything is sharp, `dof_enabled` has no effect", values.what);
            self.warn(values.line_of("dof_enabled"), message);
        }
        self.alike(uuid, values, schema::camera())
    }

    /// A text of ours.
    pub fn text(&mut self, uuid: Uuid, node: &mut Node) -> Table {
        let values = &mut node.values;
        // Which font that was depended on the system: ours is the same everywhere.
        if values.str("font") == Some("sans-serif") {
            values.take("font");
        }
        values.make_light("color");
        values.make_light("bg_color");
        self.alike(uuid, values, schema::text())
    }

    /// What has attributes of the same names here.
    fn alike(&mut self, uuid: Uuid, values: &mut Values, schema: &Schema) -> Table {
        let mut table = with_uuid(uuid);
        let names: Vec<&str> = schema.names().filter(|name| *name != "uuid").collect();
        values.keep(self.notes, &mut table, schema, &names);
        self.no_speed(values);
        if values.float("opacity") == Some(1.0) {
            values.take("opacity");
        }
        values.finish(self.notes);
        table
    }

    /// Only layers have a speed. Others had one in the original, which said nothing while it was 1.
    pub fn no_speed(&mut self, values: &mut Values) {
        let line = values.line_of("speed");
        let speed = values.float("speed");
        values.take("speed");
        if let Some(speed) = speed.filter(|speed| *speed != 1.0) {
            let message = format!("`speed` of {} is {speed}: only layers have one; it is left out", values.what);
            self.warn(line, message);
        }
    }
}
