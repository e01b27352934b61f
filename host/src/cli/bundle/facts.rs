//! What there is to say of a plugin, from its crate and the command line.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::cli::cargo::{Metadata, Package};
use crate::cli::failure::Failure;

/// What the command line says.
#[derive(Debug, clap::Args)]
pub(super) struct Said {
    /// Name for people. [default: the crate's, or the label of the effect]
    #[arg(long)]
    name: Option<String>,
    /// Identity, reverse-DNS. [default: the crate's, or that of the first effect]
    #[arg(long, value_name = "com.example.name")]
    id: Option<String>,
    /// Version. [default: the crate's, or that of the first effect]
    #[arg(long)]
    version: Option<String>,
    /// Under which terms it may be used, such as MIT. [default: the crate's]
    #[arg(long, value_name = "SPDX")]
    license: Option<String>,
    /// A file with these terms. May be repeated. [default: the LICENSE files of the crate]
    #[arg(long = "license-file", value_name = "FILE")]
    license_files: Vec<PathBuf>,
    /// Who offers it.
    #[arg(long)]
    vendor: Option<String>,
    /// A folder of presets. [default: presets in the crate, if there is one]
    #[arg(long, value_name = "DIR")]
    presets: Option<PathBuf>,
    /// A file to read about it. [default: the README of the crate]
    #[arg(long, value_name = "FILE")]
    help_file: Option<PathBuf>,
}

/// What a manifest says beside what stands in the library; what is none there follows from that.
#[derive(Debug)]
pub(super) struct Facts {
    /// Name of the folder, without its suffix.
    pub(super) stem: String,
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) license: String,
    pub(super) license_files: Vec<PathBuf>,
    pub(super) vendor: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) about: Option<String>,
    pub(super) homepage: Option<String>,
    pub(super) help: Option<PathBuf>,
    pub(super) presets: Option<PathBuf>,
}

/// The table `[package.metadata.playa]` of a Cargo.toml.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct OfPlaya {
    id: Option<String>,
    name: Option<String>,
    vendor: Option<String>,
    presets: Option<PathBuf>,
}

impl Facts {
    pub(super) fn of_crate(folder: &Path, metadata: &Metadata, said: &Said) -> Result<Self, Failure> {
        let Metadata { package, workspace } = metadata;
        let own = match package.metadata.get("playa") {
            Some(own) => OfPlaya::deserialize(own).map_err(|error| {
                let place = folder.join("Cargo.toml");
                Failure::usage(format_args!("{}: [package.metadata.playa]: {error}", place.display()))
                    .hint("it has id, name, vendor and presets")
            })?,
            None => OfPlaya::default(),
        };
        let in_crate = |path: &PathBuf| folder.join(path);
        let license_files = match &package.license_file {
            _ if !said.license_files.is_empty() => said.license_files.clone(),
            Some(file) => vec![in_crate(file)],
            None => {
                Some(license_files(folder)).filter(|own| !own.is_empty()).unwrap_or_else(|| license_files(workspace))
            }
        };
        let usual = folder.join("presets");
        let presets = own.presets.as_ref().map(in_crate).or_else(|| usual.is_dir().then_some(usual));
        Ok(Self {
            stem: package.name.clone(),
            id: said.id.clone().or(own.id),
            name: said.name.clone().or(own.name),
            version: Some(said.version.clone().unwrap_or_else(|| package.version.clone())),
            license: license(said, Some(package))?,
            license_files,
            vendor: said.vendor.clone().or(own.vendor),
            authors: package.authors.clone(),
            about: package.description.clone(),
            homepage: package.homepage.clone().or_else(|| package.repository.clone()),
            help: said.help_file.clone().or_else(|| package.readme.as_ref().map(in_crate)),
            presets: said.presets.clone().or(presets),
        })
    }

    pub(super) fn of_library(library: &Path, said: &Said) -> Result<Self, Failure> {
        let stem = library.file_stem().map(|stem| stem.to_string_lossy().replace('_', "-")).unwrap_or_default();
        Ok(Self {
            stem: stem.strip_prefix(std::env::consts::DLL_PREFIX).unwrap_or(&stem).to_owned(),
            id: said.id.clone(),
            name: said.name.clone(),
            version: said.version.clone(),
            license: license(said, None)?,
            license_files: said.license_files.clone(),
            vendor: said.vendor.clone(),
            authors: Vec::new(),
            about: None,
            homepage: None,
            help: said.help_file.clone(),
            presets: said.presets.clone(),
        })
    }
}

/// The terms. Nobody may use what has none.
fn license(said: &Said, package: Option<&Package>) -> Result<String, Failure> {
    let of_package = package.and_then(|package| {
        let file = package.license_file.as_ref().and_then(|file| file.file_name());
        package.license.clone().or_else(|| file.map(|file| format!("see {}", file.to_string_lossy())))
    });
    said.license.clone().or(of_package).ok_or_else(|| {
        let how = match package {
            Some(_) => "write `license = \"MIT\"`, or whichever it is, into its Cargo.toml, or say --license MIT",
            None => "say --license MIT, or whichever it is",
        };
        Failure::usage("it is not said under which terms the plugin may be used").hint(how)
    })
}

/// The files in a folder that say such terms.
fn license_files(folder: &Path) -> Vec<PathBuf> {
    const BEGIN: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE"];
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok).map(|entry| entry.path());
    let is_one = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        BEGIN.iter().any(|begin| name.starts_with(begin)) && path.is_file()
    };
    let mut files: Vec<PathBuf> = entries.filter(is_one).collect();
    files.sort();
    files
}
