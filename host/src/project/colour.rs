//! How a project sees colour.

use playa_plugin_api::Value;

use super::document::Document;
use super::error::ProjectError;
use super::handle::Node;
use crate::colour::{self, Adaptation, ColourError, Colours, Content, Rule};

impl Document {
    /// How the project sees colour, as its attributes say.
    ///
    /// # Errors
    /// If they name a config or space that is not known, or work in one whose numbers are no light.
    pub fn colours(&self) -> Result<Colours, ColourError> {
        let engine = colour::engine(self.attrs.text("colour_config"))?;
        let working = engine.find(self.attrs.text("working_space"))?;
        if engine.light(&working).is_none() {
            let linear = engine.spaces().into_iter().filter(|space| space.linear).map(|space| space.name).collect();
            return Err(ColourError::NotLinear { name: self.attrs.text("working_space").to_owned(), linear });
        }
        let adaptation: Adaptation =
            self.attrs.text("white_adaptation").parse().expect("the schema lets only these in");
        let rules = self.colour_rules();
        rules.iter().try_for_each(|rule| engine.find(&rule.space).map(drop))?;
        Ok(Colours { engine, working, adaptation, rules })
    }

    fn colour_rules(&self) -> Vec<Rule> {
        let Ok(Value::List(items)) = self.attrs.get("colour_rules") else { return Vec::new() };
        let rule = |item: &Value| match item {
            Value::List(pair) => match &pair[..] {
                [Value::String(pattern), Value::String(space)] => {
                    Some(Rule { pattern: pattern.clone(), space: space.clone() })
                }
                _ => None,
            },
            _ => None,
        };
        items.iter().filter_map(rule).collect()
    }

    /// Refuses attributes of colour, just set, that name what is not known.
    pub(super) fn check_colours<'n>(
        &self,
        node: Node,
        mut names: impl Iterator<Item = &'n str>,
    ) -> Result<(), ProjectError> {
        match node {
            Node::Project if names.any(|name| matches!(name, "colour_config" | "working_space" | "colour_rules")) => {
                self.colours()?;
            }
            Node::Media(media) if names.any(|name| name == "colour_space") => {
                self.colour_of_media(self.media.get(&media).map_or("", |media| media.attrs.text("colour_space")))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// What a file's own attribute says it holds. `None` where it says nothing.
    ///
    /// # Errors
    /// If it names a space that is not known.
    pub(super) fn colour_of_media(&self, set: &str) -> Result<Option<Content>, ColourError> {
        if set.is_empty() { Ok(None) } else { self.colours()?.engine.find(set).map(Some) }
    }
}
