//! Effects of layers.

use playa_plugin_api::{Value, check_value};
use uuid::Uuid;

use super::{Reader, with_uuid};
use crate::project::error::ProjectError;
use crate::project::save::tree::{Data, Table, Tree};

impl Reader<'_> {
    /// The effects of a layer, in the order in which they act.
    pub fn effects(&mut self, effects: Vec<Tree>, layer: &str) -> Result<Vec<Tree>, ProjectError> {
        effects.into_iter().map(|effect| self.effect(effect, layer)).collect()
    }

    /// Reads `{uuid, effect_type, attrs, enabled, collapsed}`.
    fn effect(&mut self, tree: Tree, layer: &str) -> Result<Tree, ProjectError> {
        let line = tree.line;
        let what = format!("an effect of {layer}");
        let mut parts = self.table(tree, &what)?;
        let text = |part: Option<&Tree>| match part.map(|tree| &tree.data) {
            Some(Data::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let Some(name) = text(parts.get("effect_type")) else {
            let found = parts.get("effect_type").map_or_else(|| "no `effect_type`".to_string(), Tree::found);
            return Err(self.notes.invalid(line, &what, found, "an effect such as \"GaussianBlur\"".to_string()));
        };
        let what = format!("effect {name} of {layer}");
        let uuid = match text(parts.get("uuid")) {
            Some(text) => self.uuid_of(&text, line, &format!("`uuid` of {what}"))?,
            None => Uuid::new_v4(),
        };
        let mut table = with_uuid(self.identity(uuid, line, &what));
        let spec = self.effects.find(&name);
        let id = spec.as_ref().map_or_else(|| name.clone(), |spec| spec.id.clone());
        let name_line = parts.get("effect_type").and_then(|tree| tree.line);
        table.insert("id".to_string(), Tree { line: name_line, data: Data::Text(id) });
        table.extend(parts.shift_remove("enabled").map(|enabled| ("enabled".to_string(), enabled)));
        let values = self.values(parts.shift_remove("attrs"), line, &what)?;
        let mut params = Table::new();
        for (name, tree) in values.into_rest() {
            let fit = |value: Value| match spec.as_ref().and_then(|spec| spec.params.iter().find(|p| p.name == name)) {
                Some(param) => check_value(param.kind, param.hard_range, &param.choices, &value).map(|_| ()),
                None => Ok(()),
            };
            match tree.value().map(fit) {
                Ok(Err(problem)) => {
                    let message = format!("parameter `{name}` of {what}: {problem}; its default is taken");
                    self.warn(tree.line, message);
                }
                _ => drop(params.insert(name, tree)),
            }
        }
        if !params.is_empty() {
            table.insert("params".to_string(), Tree { line, data: Data::Table(params) });
        }
        Ok(Tree { line, data: Data::Table(table) })
    }
}
