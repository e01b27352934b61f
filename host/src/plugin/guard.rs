//! Which plugin files are tried before they are loaded, and which never run in this process.
//!
//! A new file is opened in a worker process first, describes itself there, and renders a small picture with each of its
//! effects. What crashes, exits, hangs or lies there is quarantined ([`quarantine`](super::quarantine)) and never gets
//! into this process. What is missing on this machine, such as a library, is only told: it may be there the next time.
//! A file that was found good is not tried again, and what came with the host not at all.
//!
//! Plugins that are isolated stay in such a process for good.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Deserializer};

use super::load::{Candidate, Copied, Plugin};
use super::worker::{Crew, NotOpened};
use super::{LoadError, Quarantine, bundle};

/// Who looks after new files.
#[derive(Debug)]
pub struct Guard {
    /// Which files are tried.
    pub probe: Probe,
    /// Where plugins live.
    pub rules: Rules,
    /// Who has processes for that; nobody on systems without.
    pub crew: Option<Arc<Crew>>,
    /// What is known of files.
    pub quarantine: Arc<Quarantine>,
    /// Whether files may change at any time.
    watched: AtomicBool,
}

/// Which files are tried before they are loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Probe {
    /// None.
    Off,
    /// Those that were not found good before.
    #[default]
    New,
    /// All but those that came with the host.
    Always,
}

/// Which plugins live in a process of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Isolation {
    /// None.
    #[default]
    InProcess,
    /// All.
    Process,
    /// All but those that came with the host.
    ThirdParty,
}

/// Where plugins live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Those that nothing else is said of.
    pub all: Isolation,
    /// Those of a file name, or that of a bundle, or in or at an absolute path; a name counts more, and the longer path.
    pub of: BTreeMap<PathBuf, Isolation>,
}

impl Probe {
    /// What `0`, `1` and `always` mean.
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "0" => Probe::Off,
            "1" => Probe::New,
            "always" => Probe::Always,
            _ => return None,
        })
    }
}

impl<'de> Deserialize<'de> for Probe {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected true, false or \"always\"")]
        enum Either {
            Whether(bool),
            Always(Always),
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "kebab-case")]
        enum Always {
            Always,
        }
        Ok(match Either::deserialize(from)? {
            Either::Whether(false) => Probe::Off,
            Either::Whether(true) => Probe::New,
            Either::Always(Always::Always) => Probe::Always,
        })
    }
}

impl Isolation {
    /// What `in-process`, `process` and `third-party` mean.
    pub fn of_key(key: &str) -> Option<Self> {
        Some(match key {
            "in-process" => Isolation::InProcess,
            "process" => Isolation::Process,
            "third-party" => Isolation::ThirdParty,
            _ => return None,
        })
    }
}

impl Rules {
    /// Whether a file is to live in a process of its own.
    pub fn isolates(&self, file: &Path, built_in: bool) -> bool {
        let names = [Some(file), bundle::folder_of(file)].into_iter().flatten().filter_map(Path::file_name);
        let named = names.filter_map(|name| self.of.get(Path::new(name))).next();
        let path = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let isolation = named.or_else(|| path.ancestors().find_map(|part| self.of.get(part))).unwrap_or(&self.all);
        match isolation {
            Isolation::InProcess => false,
            Isolation::Process => true,
            Isolation::ThirdParty => !built_in,
        }
    }
}

impl Guard {
    /// Such a guard, where files do not change.
    pub fn new(probe: Probe, rules: Rules, crew: Option<Arc<Crew>>, quarantine: Arc<Quarantine>) -> Self {
        Self { probe, rules, crew, quarantine, watched: AtomicBool::new(false) }
    }

    /// From now on files may change at any time: once there are any that did not come with the host, a process is kept
    /// ahead for the next one.
    pub fn expect_changes(&self, there_are: bool) {
        self.watched.store(true, Ordering::Relaxed);
        if there_are && (self.probe != Probe::Off || self.rules != Rules::default()) {
            self.crew.iter().for_each(|crew| crew.keep_spare());
        }
    }

    /// Opens a file: tries it if it is to be tried, and then opens it by `here` or leaves it where it was tried.
    pub(super) fn open(
        &self,
        file: Candidate,
        built_in: bool,
        here: impl FnOnce(Copied) -> Result<Arc<Plugin>, LoadError>,
    ) -> Result<Arc<Plugin>, LoadError> {
        let quarantined = |file: &Path, hash, reason| LoadError::Quarantined { path: file.to_owned(), hash, reason };
        let isolated = self.rules.isolates(&file.path, built_in);
        if !built_in && let Some(reason) = self.quarantine.reason(file.hash) {
            return Err(quarantined(&file.path, file.hash, reason));
        }
        let tried = !built_in
            && match self.probe {
                Probe::Off => false,
                Probe::New => !self.quarantine.is_good(file.hash),
                Probe::Always => true,
            };
        if !tried && !isolated {
            return here(file.into_copied()?);
        }
        let no_worker =
            |path: &Path, reason: &str| LoadError::NoWorker { path: path.to_owned(), reason: reason.into() };
        let Some(crew) = &self.crew else {
            return Err(no_worker(&file.path, "this program has no worker processes on this system"));
        };
        if self.watched.load(Ordering::Relaxed) {
            crew.keep_spare();
        }
        let copied = file.into_copied()?;
        let opened = match crew.open(&copied, tried) {
            Ok(opened) => opened,
            Err(NotOpened::NoWorker(reason)) => return Err(no_worker(&copied.path, &reason)),
            Err(error) => {
                let reason = match error {
                    NotOpened::Refused(error) => match fault(&error) {
                        Some(reason) if !built_in => reason,
                        _ => return Err(error),
                    },
                    NotOpened::Faulty(reason) | NotOpened::NoWorker(reason) => reason,
                };
                if !built_in {
                    self.quarantine.put(copied.hash, &copied.path, &reason);
                }
                return Err(quarantined(&copied.path, copied.hash, reason));
            }
        };
        if tried {
            self.quarantine.put_good(copied.hash);
        }
        if isolated {
            return Ok(Arc::new(opened.isolate(copied, &self.quarantine)));
        }
        opened.dismiss();
        here(copied)
    }
}

/// What is wrong with the file itself, whichever machine it is on.
fn fault(error: &LoadError) -> Option<String> {
    Some(match error {
        LoadError::Describe { reason, .. } => format!("it fails to describe its effects: {reason}"),
        LoadError::Descriptor { effect, reason, .. } => format!("effect {effect:?} describes itself wrongly: {reason}"),
        LoadError::Layout { difference, expected, .. } => {
            format!("its interface has another layout than this host's: {difference}; rebuild it with API {expected}")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_more_than_a_folder_and_a_long_path_more_than_a_short_one() {
        let of = [
            ("gain.so", Isolation::Process),
            ("/opt", Isolation::Process),
            ("/opt/own", Isolation::InProcess),
            ("/opt/own/third", Isolation::ThirdParty),
        ];
        let of: BTreeMap<PathBuf, _> = of.into_iter().map(|(path, isolation)| (path.into(), isolation)).collect();
        let rules = Rules { all: Isolation::InProcess, of };
        for (file, isolated) in [
            ("/home/a.so", false),
            ("/home/gain.so", true),
            ("/opt/a.so", true),
            ("/opt/own/a.so", false),
            ("/opt/own/gain.so", true),
            ("/opt/own/third/a.so", true),
            ("/opt/own/thirdly.so", false),
        ] {
            assert_eq!(rules.isolates(Path::new(file), false), isolated, "{file}");
        }
        assert!(!rules.isolates(Path::new("/opt/own/third/a.so"), true), "it came with the host");
        let all = Rules { all: Isolation::Process, of: BTreeMap::new() };
        assert!(all.isolates(Path::new("/opt/own/a.so"), true));
    }
}
