//! From a name to a config: built-in ones, files, and what `$OCIO` names.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::super::engine::{BUILT_IN, VARIABLE, config_path};
use super::super::{ColourError, Engine};
use super::{Config, guarded};
use crate::suggest::did_you_mean;

/// Names for built-in configs that stand for another one with each version of OpenColorIO.
const MOVING: [&str; 3] = ["default", "cg-config-latest", "studio-config-latest"];

/// A config file has at most so many bytes; tables of numbers are files beside it, or in its archive.
const MAX_BYTES: u64 = 256 << 20;

/// So many configs are kept.
const KEPT: usize = 8;

/// What tells a config from every other one.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    name: String,
    file: Option<(u64, Option<SystemTime>)>,
}

/// Names of the configs that come with Playa.
pub fn built_in_configs() -> Vec<String> {
    ocio::builtins::configs::builtin_config_names().into_iter().map(|name| format!("{BUILT_IN}{name}")).collect()
}

/// The config of a name. One that was opened before is the same, unless its file has changed since.
///
/// # Errors
/// If there is none, or it is none.
pub fn open(name: &str) -> Result<Arc<dyn Engine>, ColourError> {
    static OPEN: Mutex<Vec<(Stamp, Arc<Config>)>> = Mutex::new(Vec::new());
    let open = || OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    let refused = |reason: String| ColourError::Config { name: name.to_owned(), reason };
    let meant = match name {
        VARIABLE => std::env::var("OCIO")
            .ok()
            .filter(|named| !named.is_empty())
            .ok_or_else(|| refused("this variable of the environment is not set".to_owned()))?,
        name => name.to_owned(),
    };
    let stamp = Stamp { file: config_path(&meant).map(stamp_of).transpose().map_err(refused)?, name: meant };
    if let Some((_, known)) = open().iter().find(|(known, _)| *known == stamp) {
        return Ok(Arc::clone(known) as _);
    }
    let config = guarded(|| match config_path(&stamp.name) {
        Some(_) => ocio::Config::create_from_file(&stamp.name),
        None => built_in(&stamp.name),
    });
    let config = Arc::new(Config::new(name, config.map_err(refused)?).map_err(refused)?);
    let mut open = open();
    open.retain(|(known, _)| known.name != stamp.name);
    if open.len() == KEPT {
        open.remove(0);
    }
    open.push((stamp, Arc::clone(&config)));
    Ok(config)
}

/// Length and time of the last change of a file that may be a config.
fn stamp_of(path: &Path) -> Result<(u64, Option<SystemTime>), String> {
    let facts = path.metadata().map_err(|error| error.to_string())?;
    match facts.len() {
        _ if !facts.is_file() => Err("it is no file".to_owned()),
        length if length > MAX_BYTES => {
            Err(format!("{length} bytes are more than the {MAX_BYTES} that a config may have"))
        }
        length => Ok((length, facts.modified().ok())),
    }
}

/// A built-in config, by its whole name or by what comes before `_aces`.
fn built_in(name: &str) -> ocio::Result<ocio::Config> {
    let short = name.strip_prefix(BUILT_IN).unwrap_or(name);
    let known = ocio::builtins::configs::builtin_config_names();
    let begins = |known: &&&str| known.split_once("_aces").is_some_and(|(start, _)| start.eq_ignore_ascii_case(short));
    let whole = known.iter().find(begins).copied().unwrap_or(short);
    if !MOVING.iter().chain(&known).any(|known| known.eq_ignore_ascii_case(whole)) {
        let all: Vec<String> = MOVING.iter().chain(&known).map(|name| format!("{BUILT_IN}{name}")).collect();
        let hint = did_you_mean(name, all.iter().map(String::as_str));
        return Err(ocio::Error::msg(format!(
            "no config of this name is built in{hint}; there are: {}",
            all.join(", ")
        )));
    }
    ocio::Config::create_from_builtin_config(whole)
}
