//! Attributes of colour. Whether names of spaces are known is asked when they are set: that depends on the project.

use super::{AttrSpec, Value, ValueError, choice, spec, string};
use crate::colour::{Adaptation, config_path};
use crate::project::Kind;
use crate::project::save::paths;

/// So many rules a project has at most.
const MAX_RULES: usize = 1024;
/// A pattern and a name have at most so many characters.
const MAX_LENGTH: usize = 1024;

/// Of the project.
pub(super) fn project() -> [AttrSpec; 4] {
    let about = |adaptation: Adaptation| match adaptation {
        Adaptation::Known => "Where both whites are known to be white to an eye: D50, D55, D60, D65.",
        Adaptation::Bradford => "Always, by Bradford's matrix.",
        Adaptation::None => "Never.",
    };
    let adaptations = Adaptation::ALL.map(|adaptation| (adaptation.name(), about(adaptation)));
    let working = string(
        "working_space",
        "The colour space in which layers are composited: one whose numbers are light, such as linear (primaries of \
         Rec.709) or acescg.",
    );
    let rules = spec(
        "colour_rules",
        Kind::List,
        Value::List(Vec::new()),
        "What files are taken for: pairs of a pattern of paths and a colour space, of which the first that fits counts.",
    );
    let config = string(
        "colour_config",
        "The OpenColorIO config whose spaces, displays, views and looks there are: the path of an .ocio or .ocioz file, a \
         built-in one such as ocio://cg-config-v4.0.0_aces-v2.0_ocio-v2.5, or $OCIO for the one that this variable of the \
         environment names; empty for the built-in spaces alone.",
    );
    [
        config.normalised(config_name).pixels(),
        AttrSpec { default: Value::String("linear".to_string()), ..working }.normalised(short).pixels(),
        rules.normalised(pairs).pixels(),
        choice("white_adaptation", Adaptation::Known.name(), &adaptations)
            .doc("Whether the white of a file becomes that of the working space.")
            .pixels(),
    ]
}

/// Of media.
pub(super) fn media() -> AttrSpec {
    string("colour_space", "What the file holds, or raw; empty for what the rules of the project or the file say.")
        .normalised(short)
        .pixels()
}

fn short(value: &Value) -> Result<Value, ValueError> {
    match value {
        Value::String(name) if name.len() > MAX_LENGTH => Err(ValueError::Range {
            found: format!("a name of {} bytes", name.len()),
            expected: format!("the name of a colour space, at most {MAX_LENGTH} bytes"),
        }),
        _ => Ok(value.clone()),
    }
}

/// The path of a config is absolute in an open project.
fn config_name(value: &Value) -> Result<Value, ValueError> {
    let Value::String(name) = value else { return Ok(value.clone()) };
    match config_path(name).map(paths::absolute).transpose() {
        Ok(path) => Ok(path.map_or_else(|| value.clone(), Value::String)),
        Err(error) => {
            Err(ValueError::Range { found: value.to_string(), expected: format!("the path of a config: {error}") })
        }
    }
}

/// A list of pairs of a pattern and a name.
fn pairs(value: &Value) -> Result<Value, ValueError> {
    let expected =
        "pairs of a pattern and a colour space, such as [[\"*_diff.png\", \"srgb\"], [\"*.exr\", \"acescg\"]]";
    let pair = |item: &Value| match item {
        Value::List(pair) => match &pair[..] {
            [Value::String(pattern), Value::String(space)] => {
                !pattern.is_empty() && !space.is_empty() && pattern.len().max(space.len()) <= MAX_LENGTH
            }
            _ => false,
        },
        _ => false,
    };
    match value {
        Value::List(items) if items.len() > MAX_RULES => {
            Err(ValueError::Range { found: format!("{} rules", items.len()), expected: format!("at most {MAX_RULES}") })
        }
        Value::List(items) => match items.iter().find(|item| !pair(item)) {
            None => Ok(value.clone()),
            Some(odd) => Err(ValueError::Kind { found: odd.to_string(), expected: expected.to_string() }),
        },
        other => Err(ValueError::Kind { found: format!("{other} ({})", other.kind()), expected: expected.to_string() }),
    }
}
