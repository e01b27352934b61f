//! `plugin.toml`, what a bundle says of itself.
//!
//! ```toml
//! bundle = 1
//! id = "com.example.film_grain"
//! name = "Film Grain"
//! version = "1.2.0"
//! license = "MIT"
//! license_files = ["LICENSE-MIT"]
//! vendor = "Example Studio"
//! authors = ["A. Author <a@example.com>"]
//! about = "Grain as film has it."
//! homepage = "https://example.com/grain"
//! help = "help/README.md"
//! presets = "presets"
//!
//! [[effect]]
//! id = "com.example.film_grain"
//! name = "FilmGrain"
//! version = "1.2.0"
//!
//! [[library]]
//! platform = "x86_64-unknown-linux-gnu"
//! file = "x86_64-unknown-linux-gnu/libfilm_grain.so"
//! hash = "9f2c..."
//! api = "1.0.0"
//! ```
//!
//! `bundle` is the version of this format: what a later one means is not guessed at. Paths count from the bundle, have `/`
//! between their parts and stay inside. `effect` is what every library offers, in its order. `platform` is the target
//! triple that a library was built for, `hash` BLAKE3 of its bytes in hexadecimal digits, `api` the version of the plugin
//! API that it speaks. `vendor`, `authors`, `about`, `homepage`, `license_files`, `help` and `presets` may be absent.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::is_inside;
use crate::plugin::load::StaticEffect;
use crate::plugin::one_line;

/// Version of the format.
pub const FORMAT: u32 = 1;

/// What a bundle says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    pub bundle: u32,
    /// Identity of the bundle, reverse-DNS.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Semantic version.
    pub version: String,
    /// Under which terms it may be used: an SPDX expression, or a text.
    pub license: String,
    /// These terms, as files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub license_files: Vec<String>,
    /// Who offers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Who made it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<String>,
    /// What it is for, in a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// Where there is more about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub homepage: Option<String>,
    /// The file to read about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// The folder with presets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presets: Option<String>,
    /// What every library offers, in its order.
    #[serde(rename = "effect")]
    pub effects: Vec<BundleEffect>,
    /// One for each platform.
    #[serde(rename = "library")]
    pub libraries: Vec<Library>,
}

/// An effect of a bundle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundleEffect {
    /// Its identity.
    pub id: String,
    /// Its type name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The library for a platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// Target triple.
    pub platform: String,
    /// Where it is, from the bundle.
    pub file: String,
    /// BLAKE3 of its bytes in hexadecimal digits.
    pub hash: String,
    /// Version of the plugin API that it speaks.
    pub api: String,
}

impl From<&StaticEffect> for BundleEffect {
    fn from(effect: &StaticEffect) -> Self {
        let StaticEffect { id, type_name, version, .. } = effect;
        Self { id: id.clone(), name: type_name.clone(), version: version.clone() }
    }
}

impl fmt::Display for BundleEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.name, self.id, self.version)
    }
}

impl Manifest {
    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// What is wrong, in one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let reason = |error: toml::de::Error| one_line(&error.to_string());
        let table: toml::Table = toml::from_str(text).map_err(reason)?;
        // What a later format means by the rest is not known.
        let expected = || format!("expected `bundle = {FORMAT}`, the version of its format");
        match table.get("bundle").map(|format| (format, format.as_integer())) {
            Some((_, Some(format))) if format == i64::from(FORMAT) => {}
            Some((_, Some(newer))) if newer > i64::from(FORMAT) => {
                return Err(format!("it is of format {newer}, this Playa reads {FORMAT}: update Playa"));
            }
            Some((found, _)) => return Err(format!("`bundle` is {found}, {}", expected())),
            None => return Err(format!("there is no `bundle` key, {}", expected())),
        }
        let manifest: Self = toml::from_str(text).map_err(reason)?;
        manifest.check()?;
        Ok(manifest)
    }

    /// Whether what it says can be.
    ///
    /// # Errors
    /// What cannot.
    pub fn check(&self) -> Result<(), String> {
        let texts = [("id", &self.id), ("name", &self.name), ("license", &self.license)];
        if let Some((key, _)) = texts.into_iter().find(|(_, text)| text.trim().is_empty()) {
            return Err(format!("`{key}` is empty"));
        }
        if let Err(error) = semver::Version::parse(&self.version) {
            return Err(format!("`version` {:?} is not major.minor.patch: {error}", self.version));
        }
        if self.effects.is_empty() || self.libraries.is_empty() {
            return Err("it has no [[effect]] or no [[library]]".to_owned());
        }
        let files = self.libraries.iter().map(|library| &library.file).chain(&self.license_files);
        if let Some(outside) = files.chain(&self.help).chain(&self.presets).find(|path| !is_inside(path)) {
            return Err(format!(
                "the path {outside:?} leaves the bundle, expected one from it such as \"help/README.md\""
            ));
        }
        let mut platforms = BTreeSet::new();
        match self.libraries.iter().find(|library| !platforms.insert(&library.platform)) {
            Some(twice) => Err(format!("two libraries are for {}", twice.platform)),
            None => Ok(()),
        }
    }

    /// As text.
    pub fn to_text(&self) -> String {
        let text = toml::to_string(self).expect("texts and lists of tables can be written");
        format!("# A Playa plugin. Written by `playa bundle`.\n{text}")
    }
}
