//! Keys of attributes, of parameters, and of the mix of effects.

use std::sync::Arc;

use playa_plugin_api::EffectSpec;

use super::{Fields, Reader, keep_keys};
use crate::project::attrs::{AttrError, Attrs};
use crate::project::effect::{Effect, EffectLookup};
use crate::project::error::ProjectError;
use crate::project::keys::{Curve, Handle, Interp, Key, KeyError};
use crate::project::save::Severity;
use crate::project::save::notes::Notes;
use crate::project::save::tree::{Data, Table, Tree};
use crate::project::time::FRAME_LIMIT;

/// A key with the lines of its parts, for what is found wrong with them.
struct Read {
    key: Key,
    /// What it is, for messages: `key of "opacity" of layer "fg"`.
    what: String,
    line: Option<u32>,
    lines: [Option<u32>; 5],
}

/// The parts of a key, in the order of [`Read::lines`].
const PARTS: [&str; 5] = ["frame", "value", "interp", "incoming", "outgoing"];

/// Reads the keys of an effect that were kept unread, now that its plugin says what they are for. If they are wrong in any
/// way they stay unread, and the next one to open the project is told where.
pub fn read_kept_keys(effect: &mut Effect) {
    if effect.unread_keys().is_none() {
        return;
    }
    let mut read = effect.clone();
    let what = format!("effect {:?}", effect.id);
    let mut fields = Fields { what, line: None, table: std::mem::take(&mut read.extra) };
    if let Ok(unread) = Reader::new(&mut Notes::of(None), &NoEffects).param_keys(&mut fields, &mut read) {
        read.extra = fields.table;
        keep_keys(&mut read.extra, unread);
        *effect = read;
    }
}

/// Keys name no effects.
struct NoEffects;

impl EffectLookup for NoEffects {
    fn find(&self, _name: &str) -> Option<Arc<EffectSpec>> {
        None
    }

    fn names(&self) -> Vec<String> {
        Vec::new()
    }
}

impl Reader<'_> {
    /// Takes the keys of attributes. Returns those of unknown ones, which are kept.
    pub(super) fn attr_keys(&mut self, fields: &mut Fields, attrs: &mut Attrs) -> Result<Table, ProjectError> {
        let mut kept = Table::new();
        for (name, tree) in self.keys_table(fields)? {
            if let Err(error) = attrs.schema().spec(&name) {
                self.report(Severity::Warning, tree.line, format!("{error}; its keys are kept and have no effect"));
                kept.insert(name, tree);
                continue;
            }
            let line = tree.line;
            for read in self.read_keys(tree, &name, fields)? {
                self.check_single(attrs.curve(&name), &read)?;
                attrs.set_key(&name, &read.key).map_err(|error| match error {
                    AttrError::Key { source, .. } => self.misfit_key(&read, source),
                    AttrError::NotKeyable { keyable, .. } => {
                        let expected = format!("keys of {}", keyable.join(", "));
                        self.invalid(line, &format!("`keys` of {}", fields.what), format!("keys of `{name}`"), expected)
                    }
                    other => other.into(),
                })?;
            }
        }
        Ok(kept)
    }

    /// Takes the keys of parameters. Returns those of unknown ones, which are kept.
    pub(super) fn param_keys(&mut self, fields: &mut Fields, effect: &mut Effect) -> Result<Table, ProjectError> {
        let mut kept = Table::new();
        for (name, tree) in self.keys_table(fields)? {
            match effect.param(&name) {
                _ if effect.spec.is_none() => {
                    kept.insert(name, tree);
                    continue;
                }
                Err(error) => {
                    self.report(Severity::Warning, tree.line, format!("{error}; its keys are kept"));
                    kept.insert(name, tree);
                    continue;
                }
                Ok(_) => {}
            }
            for read in self.read_keys(tree, &name, fields)? {
                self.check_single(effect.curve(&name), &read)?;
                effect.set_key(&name, &read.key).map_err(|error| self.misfit_effect_key(&read, error))?;
            }
        }
        Ok(kept)
    }

    /// Takes the keys of the mix.
    pub(super) fn mix_keys(&mut self, fields: &mut Fields, effect: &mut Effect) -> Result<(), ProjectError> {
        let Some(tree) = fields.take("mix_keys") else { return Ok(()) };
        for read in self.read_keys(tree, "mix", fields)? {
            self.check_single(effect.mix_curve(), &read)?;
            effect.set_mix_key(&read.key).map_err(|error| self.misfit_effect_key(&read, error))?;
        }
        Ok(())
    }

    fn keys_table(&self, fields: &mut Fields) -> Result<Table, ProjectError> {
        match fields.take("keys") {
            Some(tree) => Ok(self.fields(tree, &fields.key("keys"))?.table),
            None => Ok(Table::new()),
        }
    }

    /// The keys of one curve.
    fn read_keys(&mut self, tree: Tree, name: &str, fields: &Fields) -> Result<Vec<Read>, ProjectError> {
        let what = format!("key of `{name}` of {}", fields.what);
        let items = match tree.data {
            Data::List(items) => items,
            _ => {
                let expected = "a list of tables with `frame` and `value`".to_string();
                return Err(self.invalid(
                    tree.line,
                    &format!("keys of `{name}` of {}", fields.what),
                    tree.found(),
                    expected,
                ));
            }
        };
        items.into_iter().map(|item| self.read_key(item, &what)).collect()
    }

    fn read_key(&mut self, tree: Tree, what: &str) -> Result<Read, ProjectError> {
        let mut fields = self.fields(tree, what)?;
        let lines = PARTS.map(|part| fields.table.get(part).and_then(|tree| tree.line));
        let Some(frame) = fields.take("frame") else {
            return Err(self.missing_key(&fields, "frame", "the comp frame"));
        };
        let Some(frame) = number(&frame) else {
            return Err(self.invalid(frame.line, &fields.key("frame"), frame.found(), "a frame".to_string()));
        };
        let Some(value) = fields.take("value") else {
            return Err(self.missing_key(&fields, "value", "the value at its frame"));
        };
        let value = self.value(&value, &fields.key("value"))?;
        let mut read =
            Read { key: Key::new(frame, value, Interp::default()), what: what.to_string(), line: fields.line, lines };
        if let Some(tree) = fields.take("interp") {
            let name = self.text(&tree, &fields.key("interp"))?;
            read.key.interp = name.parse().map_err(|error| self.misfit_key(&read, error))?;
        }
        read.key.incoming = self.handle(&mut fields, "incoming")?;
        read.key.outgoing = self.handle(&mut fields, "outgoing")?;
        read.key.extra = self.rest(fields, PARTS);
        Ok(read)
    }

    /// A handle: `[frames, offset]`, the offset a number or a list of numbers.
    fn handle(&self, fields: &mut Fields, side: &str) -> Result<Option<Handle>, ProjectError> {
        let Some(tree) = fields.take(side) else { return Ok(None) };
        let read = || {
            let Data::List(items) = &tree.data else { return None };
            let [frames, offset] = &items[..] else { return None };
            let offset = match &offset.data {
                Data::List(numbers) => numbers.iter().map(number).collect::<Option<_>>()?,
                _ => vec![number(offset)?],
            };
            Some(Handle { frames: number(frames)?, offset })
        };
        match read() {
            Some(handle) => Ok(Some(handle)),
            None => {
                let expected =
                    "[frames, offset] from its key, such as [8.0, 0.5] or [8.0, [0.5, 0.0, 0.0]]".to_string();
                Err(self.invalid(tree.line, &fields.key(side), tree.found(), expected))
            }
        }
    }

    /// Two keys on one frame are a mistake of who wrote the file.
    fn check_single(&self, curve: Option<&Curve>, read: &Read) -> Result<(), ProjectError> {
        let frame = read.key.frame;
        match curve.and_then(|curve| curve.key(frame)) {
            None => Ok(()),
            Some(_) => {
                let found = format!("a second key at frame {frame}");
                Err(self.invalid(read.lines[0], &read.what, found, "one key for a frame".to_string()))
            }
        }
    }

    fn misfit_effect_key(&self, read: &Read, error: ProjectError) -> ProjectError {
        match error {
            ProjectError::Key { source, .. } => self.misfit_key(read, source),
            other => other,
        }
    }

    fn misfit_key(&self, read: &Read, error: KeyError) -> ProjectError {
        let part = |index: usize, found: String, expected: String| {
            let line = read.lines[index].or(read.line);
            self.invalid(line, &format!("`{}` of {}", PARTS[index], read.what), found, expected)
        };
        match error {
            KeyError::Value(source) => self.misfit(read.lines[1], &format!("`value` of {}", read.what), source),
            KeyError::Frame { found } => part(0, found, format!("a frame within -{FRAME_LIMIT}..={FRAME_LIMIT}")),
            KeyError::UnknownInterp { found, .. } => {
                part(2, format!("{found:?}"), format!("one of {}", Interp::NAMES.join(", ")))
            }
            KeyError::NoneBetween { interp, kind } => {
                part(2, format!("\"{interp}\""), format!("\"hold\": a {kind} has no values in between"))
            }
            KeyError::Handle { side, found, expected } => part(if side == "incoming" { 3 } else { 4 }, found, expected),
            KeyError::TooMany => {
                let expected = format!("at most {} keys", crate::project::keys::MAX_KEYS);
                self.invalid(read.line, &read.what, "one more".to_string(), expected)
            }
        }
    }
}

fn number(tree: &Tree) -> Option<f64> {
    match tree.data {
        Data::Int(number) => Some(number as f64),
        Data::Float(number) => Some(number),
        _ => None,
    }
}
