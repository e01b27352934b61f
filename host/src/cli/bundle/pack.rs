//! Making the folder: whole beside its place, and then put there.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::facts::Facts;
use crate::cli::failure::{Exit, Failure};
use crate::plugin::bundle::{self, Bundle, BundleEffect, FORMAT, Library, MANIFEST, Manifest};
use crate::plugin::load::{BuildInfo, inspect_any};
use crate::project::Preset;
use crate::project::preset::files_in;

/// The folder of presets in a bundle.
const PRESETS: &str = "presets";

/// Makes a bundle of a library in the folder `out`, or adds the library to the one that is there.
pub(super) fn pack(facts: &Facts, library: &Path, out: &Path) -> Result<Bundle, Failure> {
    let bytes = read(library)?;
    let build = inspect_any(library, &bytes).map_err(|error| Failure::new(Exit::Failed, error))?;
    build.check_any_host(library).map_err(|error| Failure::new(Exit::Failed, error))?;
    let name = library.file_name().unwrap_or_default().to_string_lossy();
    let new = Library {
        platform: build.target.clone(),
        file: format!("{}/{name}", build.target),
        hash: blake3::hash(&bytes).to_hex().to_string(),
        api: build.api.clone(),
    };
    let files = Files::of(facts, &build)?;
    let manifest = manifest(facts, &build, new.clone(), &files);
    manifest.check().map_err(|reason| Failure::usage(format_args!("the bundle would be of no use: {reason}")))?;
    let folder = out.join(format!("{}.{}", facts.stem, bundle::SUFFIX));
    let kept = kept(&folder, &manifest)?;
    let mut libraries: Vec<(Library, Vec<u8>)> = kept;
    libraries.push((new, bytes));
    libraries.sort_by(|(a, _), (b, _)| a.platform.cmp(&b.platform));
    let manifest = Manifest { libraries: libraries.iter().map(|(library, _)| library.clone()).collect(), ..manifest };

    let failed = |error: io::Error| Failure::new(Exit::Failed, format_args!("{}: {error}", folder.display()));
    let write = || -> io::Result<()> {
        fs::create_dir_all(out)?;
        // In the same folder, so that it can be renamed.
        let stage = tempfile::Builder::new().prefix(".playa-").suffix(".part").tempdir_in(out)?;
        let (new, old) = (stage.path().join("new"), stage.path().join("old"));
        for (library, bytes) in &libraries {
            place(&new.join(&library.file), bytes)?;
        }
        for (named, bytes) in &files.0 {
            place(&new.join(named), bytes)?;
        }
        place(&new.join(MANIFEST), manifest.to_text().as_bytes())?;
        let there = folder.exists();
        if there {
            fs::rename(&folder, &old)?;
        }
        fs::rename(&new, &folder).inspect_err(|_| {
            // What was there is better than nothing.
            let _ = if there { fs::rename(&old, &folder) } else { Ok(()) };
        })
    };
    write().map_err(failed)?;
    Ok(Bundle { folder, manifest })
}

/// Writes a file with the permissions of new ones: what cargo makes may be writable by others.
fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    fs::write(path, bytes)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| Failure::new(Exit::Failed, format_args!("{}: {error}", path.display())))
}

/// What the bundle says of itself.
fn manifest(facts: &Facts, build: &BuildInfo, library: Library, files: &Files) -> Manifest {
    let first = build.effects.first();
    let of_first =
        |fact: fn(&crate::plugin::load::StaticEffect) -> &String| first.map(fact).cloned().unwrap_or_default();
    Manifest {
        bundle: FORMAT,
        id: facts.id.clone().unwrap_or_else(|| of_first(|effect| &effect.id)),
        name: facts.name.clone().unwrap_or_else(|| of_first(|effect| &effect.label)),
        version: facts.version.clone().unwrap_or_else(|| of_first(|effect| &effect.version)),
        license: facts.license.clone(),
        license_files: files.named(|name| !name.contains('/')),
        vendor: facts.vendor.clone(),
        authors: facts.authors.clone(),
        about: facts.about.clone(),
        homepage: facts.homepage.clone(),
        help: files.named(|name| name.starts_with("help/")).pop(),
        presets: files.0.iter().any(|(name, _)| name.starts_with(PRESETS)).then(|| PRESETS.to_owned()),
        effects: build.effects.iter().map(BundleEffect::from).collect(),
        libraries: vec![library],
    }
}

/// The libraries for other platforms that are there already, which go on being in the bundle.
fn kept(folder: &Path, new: &Manifest) -> Result<Vec<(Library, Vec<u8>)>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let remove = |failure: Failure| failure.hint(format_args!("remove {} to make it anew", folder.display()));
    let old = Bundle::read(folder).map_err(|error| remove(Failure::new(Exit::Failed, error)))?;
    let others = |library: &&Library| library.platform != new.libraries[0].platform;
    let kept: Vec<&Library> = old.manifest.libraries.iter().filter(others).collect();
    let Some(first) = kept.first() else { return Ok(Vec::new()) };
    let told = |manifest: &Manifest| {
        let effects: Vec<String> = manifest.effects.iter().map(ToString::to_string).collect();
        format!("{} {} with {}", manifest.id, manifest.version, effects.join(", "))
    };
    if told(&old.manifest) != told(new) {
        let (there, is) = (told(&old.manifest), told(new));
        let message = format_args!("{}: for {} it has {there}; this is {is}", folder.display(), first.platform);
        return Err(remove(Failure::new(Exit::Failed, message)));
    }
    let whole = |library: &Library| {
        let path = old.path(&library.file).map_err(|error| remove(Failure::new(Exit::Failed, error)))?;
        let bytes = read(&path)?;
        let checked = inspect_any(&path, &bytes).and_then(|build| old.check(&path, blake3::hash(&bytes), &build));
        checked.map_err(|error| remove(Failure::new(Exit::Failed, error)))?;
        Ok((library.clone(), bytes))
    };
    kept.into_iter().map(whole).collect()
}

/// What goes into a bundle beside libraries, by its path there.
struct Files(Vec<(String, Vec<u8>)>);

impl Files {
    fn of(facts: &Facts, build: &BuildInfo) -> Result<Self, Failure> {
        let mut files = Vec::new();
        for path in &facts.license_files {
            files.push((name_of(path), read(path)?));
        }
        if let Some(path) = &facts.help {
            files.push((format!("help/{}", name_of(path)), read(path)?));
        }
        if let Some(folder) = &facts.presets {
            files.extend(presets(folder, build)?);
        }
        let mut seen = BTreeSet::from([MANIFEST]);
        if let Some((twice, _)) = files.iter().find(|(name, _)| !seen.insert(name)) {
            return Err(Failure::usage(format_args!("two files would be {twice} in the bundle")));
        }
        Ok(Self(files))
    }

    fn named(&self, is_it: impl Fn(&str) -> bool) -> Vec<String> {
        self.0.iter().filter(|(name, _)| is_it(name)).map(|(name, _)| name.clone()).collect()
    }
}

/// The presets of a folder, each of which is for one of the effects.
fn presets(folder: &Path, build: &BuildInfo) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let found = files_in(folder);
    if found.is_empty() {
        return Err(Failure::usage(format_args!("{}: there are no presets (*.toml) in this folder", folder.display())));
    }
    let preset = |path: &PathBuf| {
        let preset = Preset::read(path).map_err(|error| Failure::new(Exit::Failed, error))?;
        bundle::check_preset(&preset, &build.effects).map_err(|error| Failure::new(Exit::Failed, error))?;
        let inside = path.strip_prefix(folder).unwrap_or(path);
        let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
        Ok((format!("{PRESETS}/{}", parts.join("/")), read(path)?))
    };
    found.iter().map(preset).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
