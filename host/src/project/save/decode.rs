//! From the tree to a document, checking everything.

mod keys;
mod nodes;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

pub use keys::read_kept_keys;
use playa_plugin_api::{Kind, Value, ValueError};
use uuid::Uuid;

use super::notes::{MAX_DIAGNOSTICS, Notes};
use super::tree::{Data, Table, Tree};
use super::{FORMAT, Severity, paths};
use crate::colour::config_path;
use crate::project::attrs::{AttrError, Attrs, Schema};
use crate::project::camera::Camera;
use crate::project::document::{Comp, Document, Layer, Source};
use crate::project::effect::{Effect, EffectLookup};
use crate::project::error::ProjectError;
use crate::project::schema;
use crate::project::solid::Solid;
use crate::suggest::did_you_mean;

/// The document of a text. What is noticed on the way goes to the notes, whose file says what the media paths are
/// relative to: its folder.
pub fn document(tree: Tree, notes: &mut Notes, effects: &dyn EffectLookup) -> Result<Document, ProjectError> {
    Reader::new(notes, effects).document(tree)
}

struct Reader<'a> {
    notes: &'a mut Notes,
    effects: &'a dyn EffectLookup,
    /// Every identity so far: none may come twice.
    seen: HashSet<Uuid>,
    links: Vec<Link>,
    /// For each layer, the line that names its matte.
    mattes: HashMap<Uuid, Option<u32>>,
    /// For each input of an effect that names a layer, the line.
    inputs: HashMap<(Uuid, String), Option<u32>>,
}

/// A layer's word for its source, to be looked up when all comps are read.
struct Link {
    line: Option<u32>,
    layer: String,
    comp: Uuid,
    source: Source,
}

/// A table being read: what is taken out is known, and what is left at the end is kept.
struct Fields {
    /// What it is, for messages: `layer "fg"`.
    what: String,
    line: Option<u32>,
    table: Table,
}

impl Fields {
    fn take(&mut self, key: &str) -> Option<Tree> {
        self.table.shift_remove(key)
    }

    fn key(&self, key: &str) -> String {
        format!("`{key}` of {}", self.what)
    }
}

impl<'a> Reader<'a> {
    fn new(notes: &'a mut Notes, effects: &'a dyn EffectLookup) -> Self {
        Self { notes, effects, seen: HashSet::new(), links: Vec::new(), mattes: HashMap::new(), inputs: HashMap::new() }
    }

    fn document(&mut self, tree: Tree) -> Result<Document, ProjectError> {
        let mut root = self.fields(tree, "the project file")?;
        self.check_format(&mut root)?;
        let mut document = Document::new();
        if let Some(tree) = root.take("project") {
            let mut fields = self.fields(tree, "project")?;
            if let Some(Tree { data: Data::Text(config), .. }) = fields.table.get_mut("colour_config")
                && config_path(config).is_some()
            {
                *config = paths::resolve(config, self.notes.file.as_deref().and_then(Path::parent))?;
            }
            document.attrs = self.attrs(&mut fields, schema::project())?;
            document.project_extra = self.rest(fields, schema::project().names());
        }
        for fields in self.list(&mut root, "media")? {
            let media = self.media(fields)?;
            document.media.insert(media.uuid(), Arc::new(media));
        }
        for fields in self.list(&mut root, "camera")? {
            let (attrs, extra) = self.animated_node(fields, schema::camera())?;
            document.cameras.insert(attrs.uuid(), Arc::new(Camera { attrs, extra }));
        }
        for fields in self.list(&mut root, "solid")? {
            let (attrs, extra) = self.animated_node(fields, schema::solid())?;
            document.solids.insert(attrs.uuid(), Arc::new(Solid { attrs, extra }));
        }
        for fields in self.list(&mut root, "text")? {
            let text = self.text_node(fields)?;
            document.texts.insert(text.uuid(), Arc::new(text));
        }
        for fields in self.list(&mut root, "comp")? {
            let comp = self.comp(fields)?;
            document.comps.insert(comp.uuid(), Arc::new(comp));
        }
        document.extra = self.rest(root, ["playa", "project", "media", "camera", "solid", "text", "comp"]);
        self.check_links(&document)?;
        self.check_colours(&document);
        Ok(document)
    }

    /// Colour spaces that are not known are reported: with them nothing renders, and the project can be mended.
    fn check_colours(&mut self, document: &Document) {
        if let Err(error) = document.colours() {
            self.report(Severity::Error, None, format!("project: {error}"));
        } else {
            for media in document.media.values() {
                if let Err(error) = document.colour_of_media(media.attrs.text("colour_space")) {
                    self.report(Severity::Error, None, format!("media {:?}: {error}", media.name()));
                }
            }
        }
    }

    /// The version comes first: what a newer version means by the rest is not known here.
    fn check_format(&self, root: &mut Fields) -> Result<(), ProjectError> {
        let expected = || format!("`playa = {FORMAT}`, the version of the format, as its first line");
        let Some(tree) = root.take("playa") else {
            return Err(self.invalid(root.line, &root.what, "no `playa` key".to_string(), expected()));
        };
        match tree.data {
            Data::Int(FORMAT) => Ok(()),
            Data::Int(newer) if newer > FORMAT => {
                let expected = format!("at most {FORMAT}: this project was saved by a newer Playa, update this one");
                Err(self.invalid(tree.line, "version of the format", newer.to_string(), expected))
            }
            _ => Err(self.invalid(tree.line, "version of the format", tree.found(), expected())),
        }
    }

    fn comp(&mut self, mut fields: Fields) -> Result<Comp, ProjectError> {
        let attrs = self.attrs(&mut fields, schema::comp())?;
        let mut layers = Vec::new();
        for layer in self.list(&mut fields, "layer")? {
            layers.push(Arc::new(self.layer(layer, attrs.uuid())?));
        }
        let extra = self.rest(fields, schema::comp().names().chain(["layer"]));
        let comp = Comp { attrs, layers, extra };
        self.check_mattes(&comp)?;
        self.check_inputs(&comp)?;
        Ok(comp)
    }

    fn layer(&mut self, mut fields: Fields, comp: Uuid) -> Result<Layer, ProjectError> {
        let matte_line = fields.table.get("matte").and_then(|tree| tree.line);
        let mut attrs = self.attrs(&mut fields, schema::layer())?;
        let unread_keys = self.attr_keys(&mut fields, &mut attrs)?;
        self.mattes.insert(attrs.uuid(), matte_line);
        type Kind = fn(Uuid) -> Source;
        let kinds = [
            ("media", Source::Media as Kind),
            ("comp", Source::Comp),
            ("camera", Source::Camera),
            ("solid", Source::Solid),
            ("text", Source::Text),
        ];
        let named = kinds.map(|(key, kind)| fields.take(key).map(|tree| (key, kind, tree)));
        let mut named = named.into_iter().flatten();
        let Some((key, kind, tree)) = named.next() else {
            return Err(self.missing_key(
                &fields,
                "media`, `comp`, `camera`, `solid` or `text",
                "the uuid of its source",
            ));
        };
        if let Some((other, ..)) = named.next() {
            let (found, expected) = (format!("both `{key}` and `{other}`"), "one of them".to_string());
            return Err(self.invalid(tree.line, &fields.what, found, expected));
        }
        let source = kind(self.uuid(&tree, &fields.key(key))?);
        self.links.push(Link { line: tree.line, layer: fields.what.clone(), comp, source: source.clone() });
        let mut effects = Vec::new();
        for effect in self.list(&mut fields, "effect")? {
            effects.push(self.effect(effect)?);
        }
        let known = schema::layer().names().chain(["keys", "media", "comp", "camera", "solid", "text", "effect"]);
        let mut extra = self.rest(fields, known);
        keep_keys(&mut extra, unread_keys);
        Ok(Layer { attrs, source, effects, extra })
    }

    fn effect(&mut self, mut fields: Fields) -> Result<Effect, ProjectError> {
        let uuid = self.identity(&mut fields)?;
        let Some(tree) = fields.take("id") else {
            return Err(self.missing_key(&fields, "id", "an effect such as \"org.playa.gaussian_blur\""));
        };
        let line = tree.line;
        let id = self.text(&tree, &fields.key("id"))?;
        fields.what = format!("effect {id:?}");
        let version = match fields.take("version") {
            Some(tree) => self.text(&tree, &fields.key("version"))?,
            None => String::new(),
        };
        let spec = self.effects.find_version(&id, &version);
        if spec.is_none() {
            let names = self.effects.names();
            let hint = did_you_mean(&id, names.iter().map(String::as_str));
            let message =
                format!("no plugin has the effect {id:?}{hint}; it is kept, and its layer cannot be rendered");
            self.report(Severity::Error, line, message);
        }
        let mut effect = Effect {
            uuid,
            id: spec.as_ref().map_or(id, |spec| spec.id.clone()),
            version,
            enabled: true,
            mix: 1.0,
            params: Default::default(),
            inputs: Default::default(),
            spec,
            extra: Table::new(),
            curves: Default::default(),
            mix_curves: Default::default(),
        };
        if let Some(tree) = fields.take("enabled") {
            let Data::Bool(enabled) = tree.data else {
                return Err(self.invalid(tree.line, &fields.key("enabled"), tree.found(), "bool".to_string()));
            };
            effect.enabled = enabled;
        }
        if let Some(tree) = fields.take("mix") {
            let mix = match tree.data {
                Data::Int(mix) => mix as f64,
                Data::Float(mix) => mix,
                _ => f64::NAN,
            };
            let expected = || "a number within 0..=1".to_string();
            effect.set_mix(mix).map_err(|_| self.invalid(tree.line, &fields.key("mix"), tree.found(), expected()))?;
        }
        if let Some(tree) = fields.take("params") {
            self.params(&mut effect, tree)?;
        }
        if let Some(tree) = fields.take("inputs") {
            self.inputs(&mut effect, tree)?;
        }
        self.mix_keys(&mut fields, &mut effect)?;
        let unread_keys = self.param_keys(&mut fields, &mut effect)?;
        let known = ["uuid", "id", "version", "enabled", "mix", "mix_keys", "params", "inputs", "keys"];
        effect.extra = self.rest(fields, known);
        keep_keys(&mut effect.extra, unread_keys);
        Ok(effect)
    }

    fn params(&mut self, effect: &mut Effect, tree: Tree) -> Result<(), ProjectError> {
        let what = format!("params of effect {:?}", effect.id);
        for (name, tree) in self.fields(tree, &what)?.table {
            let key = format!("parameter `{name}` of effect {:?}", effect.id);
            let value = self.value(&tree, &key)?;
            match effect.set_param(&name, &value) {
                Ok(_) => {}
                Err(ProjectError::Param { source, .. }) => return Err(self.misfit(tree.line, &key, source)),
                // The effect is not loaded, which is reported, or another version of it is.
                Err(other) => {
                    if let ProjectError::UnknownParam { .. } = other {
                        self.report(Severity::Warning, tree.line, format!("{other}; the value is kept"));
                    }
                    effect.params.insert(name, value);
                }
            }
        }
        Ok(())
    }

    /// Takes the layers that an effect reads. They are looked up when the comp is read.
    fn inputs(&mut self, effect: &mut Effect, tree: Tree) -> Result<(), ProjectError> {
        let what = format!("inputs of effect {:?}", effect.id);
        for (name, tree) in self.fields(tree, &what)?.table {
            let layer = self.uuid(&tree, &format!("input `{name}` of effect {:?}", effect.id))?;
            if let (Err(error), true) = (effect.set_input(&name, Some(layer)), effect.spec.is_some()) {
                self.report(Severity::Warning, tree.line, format!("{error}; it is kept and has no effect"));
            }
            effect.inputs.insert(name.clone(), layer);
            self.inputs.insert((effect.uuid, name), tree.line);
        }
        Ok(())
    }

    /// Takes the attributes of a schema, and gives the table the name of its node in messages.
    fn attrs(&mut self, fields: &mut Fields, schema: &'static Schema) -> Result<Attrs, ProjectError> {
        let mut attrs = Attrs::new(schema);
        if let Some(Tree { data: Data::Text(name), .. }) = fields.table.get("name") {
            fields.what = format!("{} {name:?}", schema.node);
        }
        for spec in schema.attrs.iter().filter(|spec| !spec.flags.computed) {
            if spec.name == "uuid" {
                let uuid = self.identity(fields)?;
                self.set(&mut attrs, fields, spec.name, &Value::Uuid(*uuid.as_bytes()), fields.line)?;
            } else if let Some(tree) = fields.take(spec.name) {
                let value = self.value(&tree, &fields.key(spec.name))?;
                self.set(&mut attrs, fields, spec.name, &value, tree.line)?;
            }
        }
        Ok(attrs)
    }

    fn set(
        &self,
        attrs: &mut Attrs,
        fields: &Fields,
        name: &str,
        value: &Value,
        line: Option<u32>,
    ) -> Result<(), ProjectError> {
        match attrs.set_fact(name, value) {
            Ok(_) => Ok(()),
            Err(AttrError::Value { source, .. }) => Err(self.misfit(line, &fields.key(name), source)),
            Err(other) => Err(other.into()),
        }
    }

    /// Takes the identity of a node, which no other has.
    fn identity(&mut self, fields: &mut Fields) -> Result<Uuid, ProjectError> {
        let Some(tree) = fields.take("uuid") else {
            return Err(self.missing_key(fields, "uuid", "an identity of 8-4-4-4-12 hexadecimal digits"));
        };
        let uuid = self.uuid(&tree, &fields.key("uuid"))?;
        if !self.seen.insert(uuid) {
            let found = format!("{uuid}, which another node has too");
            return Err(self.invalid(tree.line, &fields.key("uuid"), found, "an identity of its own".to_string()));
        }
        Ok(uuid)
    }

    fn uuid(&self, tree: &Tree, what: &str) -> Result<Uuid, ProjectError> {
        let value = self.value(tree, what)?;
        match value.coerce(Kind::Uuid) {
            Some(Value::Uuid(bytes)) => Ok(Uuid::from_bytes(bytes)),
            _ => Err(self.invalid(tree.line, what, tree.found(), "8-4-4-4-12 hexadecimal digits".to_string())),
        }
    }

    fn text(&self, tree: &Tree, what: &str) -> Result<String, ProjectError> {
        match &tree.data {
            Data::Text(text) => Ok(text.clone()),
            _ => Err(self.invalid(tree.line, what, tree.found(), "string".to_string())),
        }
    }

    fn value(&self, tree: &Tree, what: &str) -> Result<Value, ProjectError> {
        tree.value().map_err(|date| {
            let expected = "a bool, number, string, list or table".to_string();
            self.invalid(date.line, what, date.found(), expected)
        })
    }

    fn fields(&self, tree: Tree, what: &str) -> Result<Fields, ProjectError> {
        match tree.data {
            Data::Table(table) => Ok(Fields { what: what.to_string(), line: tree.line, table }),
            _ => Err(self.invalid(tree.line, what, tree.found(), "table".to_string())),
        }
    }

    /// Takes a list of tables, which may be absent.
    fn list(&self, fields: &mut Fields, key: &str) -> Result<Vec<Fields>, ProjectError> {
        let Some(tree) = fields.take(key) else { return Ok(Vec::new()) };
        match tree.data {
            Data::List(items) => items.into_iter().map(|item| self.fields(item, key)).collect(),
            _ => {
                let expected = format!("a list of tables, each starting with a line such as [[{key}]]");
                Err(self.invalid(tree.line, &fields.key(key), tree.found(), expected))
            }
        }
    }

    /// Keeps what was not taken, and reports it.
    fn rest<'k>(&mut self, fields: Fields, known: impl IntoIterator<Item = &'k str>) -> Table {
        let known: Vec<&str> = known.into_iter().collect();
        for (key, tree) in fields.table.iter().take(MAX_DIAGNOSTICS) {
            let hint = did_you_mean(key, known.iter().copied());
            let message = format!("unknown key `{key}` in {}{hint}; it is kept and has no effect", fields.what);
            self.report(Severity::Warning, tree.line, message);
        }
        fields.table
    }

    /// Every layer shows what is there, and no comp contains itself.
    fn check_links(&self, document: &Document) -> Result<(), ProjectError> {
        for link in &self.links {
            let (known, kind, uuid) = match &link.source {
                Source::Media(uuid) => (document.media.contains_key(uuid), "media", uuid),
                Source::Comp(uuid) => (document.comps.contains_key(uuid), "comp", uuid),
                Source::Camera(uuid) => (document.cameras.contains_key(uuid), "camera", uuid),
                Source::Solid(uuid) => (document.solids.contains_key(uuid), "solid", uuid),
                Source::Text(uuid) => (document.texts.contains_key(uuid), "text", uuid),
                Source::Memory(_) => continue,
            };
            if !known {
                let what = format!("`{kind}` of {}", link.layer);
                let expected = format!("the uuid of a [[{kind}]] of this project");
                return Err(self.invalid(link.line, &what, uuid.to_string(), expected));
            }
        }
        match document.check_nesting(None) {
            Err(ProjectError::Cycle { path, comps }) => {
                let closes = |link: &&Link| link.comp == comps[0] && link.source == Source::Comp(comps[1]);
                let line = self.links.iter().find(closes).and_then(|link| link.line);
                let found = format!("the cycle {}", path.join(" -> "));
                Err(self.invalid(line, "nesting of comps", found, "no comp inside itself".to_string()))
            }
            other => other,
        }
    }

    /// Mattes are other layers of the comp, and none is its own.
    fn check_mattes(&self, comp: &Comp) -> Result<(), ProjectError> {
        let (layer, found, expected) = match comp.check_mattes() {
            Err(ProjectError::NoMatte { uuid, matte, .. }) => {
                (uuid, matte.to_string(), "the uuid of another layer of its comp, which is no camera".to_string())
            }
            Err(ProjectError::MatteCycle { path, layers }) => {
                (layers[0], format!("the cycle {}", path.join(" -> ")), "no layer that is its own matte".to_string())
            }
            Err(ProjectError::TooManyMattes { uuid, limit, .. }) => {
                (uuid, "more mattes of mattes".to_string(), format!("at most {limit}"))
            }
            other => return other,
        };
        let name = comp.layers.iter().find(|candidate| candidate.uuid() == layer).map_or("", |layer| layer.name());
        let line = self.mattes.get(&layer).copied().flatten();
        Err(self.invalid(line, &format!("`matte` of layer {name:?}"), found, expected))
    }

    /// Inputs of effects are other layers of the comp, and none leads back to its layer.
    fn check_inputs(&self, comp: &Comp) -> Result<(), ProjectError> {
        let (layer, found, expected) = match comp.check_inputs() {
            Err(ProjectError::NoInput { uuid, input, .. }) => {
                (uuid, input.to_string(), "the uuid of another layer of its comp, which is no camera".to_string())
            }
            Err(ProjectError::InputCycle { path, layers }) => (
                layers[0],
                format!("the cycle {}", path.join(" -> ")),
                "no layer that its own effects read".to_string(),
            ),
            Err(ProjectError::TooManyInputs { uuid, limit, .. }) => {
                (uuid, "more layers that read layers".to_string(), format!("at most {limit}"))
            }
            other => return other,
        };
        let found_layer = comp.layers.iter().find(|candidate| candidate.uuid() == layer);
        let effects = found_layer.iter().flat_map(|layer| &layer.effects);
        let mut named = effects.flat_map(|effect| effect.inputs().keys().map(|name| (effect.uuid, name.clone())));
        let line = named.find_map(|input| self.inputs.get(&input).copied().flatten());
        let name = found_layer.map_or("", |layer| layer.name());
        Err(self.invalid(line, &format!("`inputs` of the effects of layer {name:?}"), found, expected))
    }

    fn report(&mut self, severity: Severity, line: Option<u32>, message: String) {
        self.notes.report(severity, line, message);
    }

    fn invalid(&self, line: Option<u32>, what: &str, found: String, expected: String) -> ProjectError {
        self.notes.invalid(line, what, found, expected)
    }

    fn missing_key(&self, fields: &Fields, key: &str, expected: &str) -> ProjectError {
        self.invalid(fields.line, &fields.what, format!("no `{key}` key"), expected.to_string())
    }

    fn misfit(&self, line: Option<u32>, what: &str, error: ValueError) -> ProjectError {
        self.notes.misfit(line, what, error)
    }
}

/// Keeps keys that were not read, and reported already, with what is not known.
fn keep_keys(extra: &mut Table, unread: Table) {
    if !unread.is_empty() {
        extra.insert("keys".to_string(), Data::Table(unread).into());
    }
}
