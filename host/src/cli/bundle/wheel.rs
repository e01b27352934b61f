//! Python wheels of a bundle, one for each platform.
//!
//! A wheel has a package without code, in which the bundle lies with the library for its platform, and an entry point of
//! the group `playa.plugins` that names the package. `playa_py` looks into such packages without importing them.
//! The format is that of PyPA's "Binary distribution format"; two wheels of the same bundle are equal to the byte.

use std::io::{self, Cursor, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::tag;
use crate::atomic::write_atomic;
use crate::cli::failure::{Exit, Failure};
use crate::plugin::bundle::{Bundle, Library, MANIFEST, Manifest};
use crate::project::preset::files_in;

/// The group of entry points that the host looks for.
const GROUP: &str = "playa.plugins";

/// Makes a wheel for each platform of a bundle, in the folder `out`.
pub(super) fn of_all(bundle: &Bundle, out: &Path) -> Result<Vec<PathBuf>, Failure> {
    std::fs::create_dir_all(out)
        .map_err(|error| Failure::new(Exit::Failed, format_args!("{}: {error}", out.display())))?;
    bundle.manifest.libraries.iter().map(|library| of(bundle, library, out)).collect()
}

fn of(bundle: &Bundle, library: &Library, out: &Path) -> Result<PathBuf, Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::Failed, format_args!("{}: no wheel: {error}", bundle.folder.display()))
    };
    let bytes = std::fs::read(bundle.folder.join(&library.file)).map_err(|error| failed(&error))?;
    let tag = tag::of(&library.platform, &bytes).map_err(|error| failed(&error))?;
    let names = Names::of(bundle).map_err(|error| failed(&error))?;
    let files = files(bundle, library, bytes, &names, &tag).map_err(|error| failed(&error))?;
    let path = out.join(format!("{}-{}-py3-none-{tag}.whl", names.package, names.version));
    let archive = zipped(&files, &names.info).map_err(|error| failed(&error))?;
    write_atomic(&path, |file| file.write_all(&archive)).map_err(|error| failed(&error))?;
    Ok(path)
}

/// What things are called in Python.
struct Names {
    /// `playa-plugin-film-grain`
    distribution: String,
    /// `playa_plugin_film_grain`
    package: String,
    /// As Python writes versions.
    version: String,
    /// `playa_plugin_film_grain-1.0.0.dist-info`
    info: String,
}

impl Names {
    fn of(bundle: &Bundle) -> Result<Self, String> {
        let stem = bundle.folder.file_stem().unwrap_or_default().to_string_lossy();
        let words = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<String> = words.map(str::to_lowercase).collect();
        if words.is_empty() {
            return Err(format!("{stem:?} has no letter or digit to name a Python package by"));
        }
        let version = python_version(&bundle.manifest.version)?;
        let package = format!("playa_plugin_{}", words.join("_"));
        let info = format!("{package}-{version}.dist-info");
        Ok(Self { distribution: format!("playa-plugin-{}", words.join("-")), package, version, info })
    }
}

/// A semantic version as Python writes it: `1.0.0-rc.1` is `1.0.0rc1`.
fn python_version(version: &str) -> Result<String, String> {
    let read = semver::Version::parse(version).map_err(|error| format!("version {version:?}: {error}"))?;
    let semver::Version { major, minor, patch, pre, build } = &read;
    let parts: Vec<&str> = pre.split('.').filter(|part| !part.is_empty()).collect();
    let number = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    let pre = match parts[..] {
        [] => String::new(),
        ["alpha", n] if number(n) => format!("a{n}"),
        ["beta", n] if number(n) => format!("b{n}"),
        ["rc", n] if number(n) => format!("rc{n}"),
        ["dev", n] if number(n) => format!(".dev{n}"),
        _ => {
            return Err(format!(
                "version {version} has no name in Python: what comes behind the - has to be alpha.N, beta.N, rc.N or dev.N"
            ));
        }
    };
    let local = if build.is_empty() { String::new() } else { format!("+{}", build.replace('-', ".").to_lowercase()) };
    Ok(format!("{major}.{minor}.{patch}{pre}{local}"))
}

/// All files but the record of them, by their path.
fn files(
    bundle: &Bundle,
    library: &Library,
    bytes: Vec<u8>,
    names: &Names,
    tag: &str,
) -> io::Result<Vec<(String, Vec<u8>)>> {
    let Names { package, info, .. } = names;
    let manifest = Manifest { libraries: vec![library.clone()], ..bundle.manifest.clone() };
    let folder = bundle.folder.file_name().unwrap_or_default().to_string_lossy();
    let inside = |named: &str| format!("{package}/{folder}/{named}");
    let read = |named: &String| Ok((named.clone(), std::fs::read(bundle.folder.join(named))?));
    let named: Vec<(String, Vec<u8>)> =
        manifest.license_files.iter().chain(&manifest.help).map(read).collect::<io::Result<_>>()?;
    let doc = format!("\"\"\"{}: a plugin of Playa, which looks for it here.\"\"\"\n", manifest.name.replace('"', "'"));
    let mut files = vec![
        (format!("{package}/__init__.py"), doc.into_bytes()),
        (inside(MANIFEST), manifest.to_text().into_bytes()),
        (inside(&library.file), bytes),
    ];
    files.extend(named.iter().map(|(name, text)| (inside(name), text.clone())));
    if let Some(presets) = &manifest.presets {
        for path in files_in(&bundle.folder.join(presets)) {
            let parts = path.strip_prefix(&bundle.folder).unwrap_or(&path);
            let parts: Vec<_> = parts.iter().map(|part| part.to_string_lossy()).collect();
            files.push((inside(&parts.join("/")), std::fs::read(&path)?));
        }
    }
    let help = manifest.help.as_ref().and_then(|help| named.iter().find(|(name, _)| name == help));
    let help = help.map(|(_, text)| String::from_utf8_lossy(text).into_owned());
    let entry = package.strip_prefix("playa_plugin_").unwrap_or(package);
    files.extend([
        (format!("{info}/METADATA"), metadata(&manifest, names, help.as_deref()).into_bytes()),
        (format!("{info}/WHEEL"), wheel(tag).into_bytes()),
        (format!("{info}/entry_points.txt"), format!("[{GROUP}]\n{entry} = {package}\n").into_bytes()),
    ]);
    let licenses = named.iter().filter(|(name, _)| manifest.license_files.contains(name));
    files.extend(licenses.map(|(name, text)| (format!("{info}/licenses/{name}"), text.clone())));
    Ok(files)
}

fn wheel(tag: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("Wheel-Version: 1.0\nGenerator: playa {version}\nRoot-Is-Purelib: false\nTag: py3-none-{tag}\n")
}

fn metadata(manifest: &Manifest, names: &Names, help: Option<&str>) -> String {
    let one_line = crate::plugin::one_line;
    let mut text = format!("Metadata-Version: 2.1\nName: {}\nVersion: {}\n", names.distribution, names.version);
    let about = manifest.about.clone().unwrap_or_else(|| format!("{}, a plugin of Playa", manifest.name));
    let authors = manifest.authors.join(", ");
    let facts = [
        ("Summary", Some(&about)),
        ("Home-page", manifest.homepage.as_ref()),
        ("Author", Some(&authors).filter(|authors| !authors.is_empty())),
        ("Maintainer", manifest.vendor.as_ref()),
        ("License", Some(&manifest.license)),
    ];
    for (key, fact) in facts.into_iter().filter_map(|(key, fact)| Some((key, fact?))) {
        text += &format!("{key}: {}\n", one_line(fact));
    }
    match help {
        Some(help) => text + "Description-Content-Type: text/markdown\n\n" + help,
        None => text,
    }
}

/// The archive, with a record of all that is in it.
fn zipped(files: &[(String, Vec<u8>)], info: &str) -> zip::result::ZipResult<Vec<u8>> {
    let record_path = format!("{info}/RECORD");
    let line = |(path, bytes): &(String, Vec<u8>)| {
        format!("{},sha256={},{}\n", quoted(path), base64_url(&Sha256::digest(bytes)), bytes.len())
    };
    let record: String = files.iter().map(line).collect::<String>() + &format!("{record_path},,\n");
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    // Without a time, so that the same files are the same archive.
    let options = SimpleFileOptions::default().unix_permissions(0o644).last_modified_time(zip::DateTime::default());
    for (path, bytes) in files.iter().map(|(path, bytes)| (path, &**bytes)).chain([(&record_path, record.as_bytes())]) {
        archive.start_file(path.as_str(), options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// A cell of a CSV file.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell.to_owned() }
}

/// Base64 for URLs, without padding (RFC 4648, section 5).
fn base64_url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = |three: &[u8]| {
        let bits = three.iter().chain([&0; 2]).take(3).fold(0, |bits, byte| bits << 8 | usize::from(*byte));
        (0..=three.len()).map(move |at| char::from(DIGITS[bits >> (18 - 6 * at) & 63]))
    };
    bytes.chunks(3).flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in
            [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE")]
        {
            assert_eq!(base64_url(bytes.as_bytes()), text);
        }
        assert_eq!(base64_url(&[0xfb, 0xff, 0xfe]), "-__-");
    }

    #[test]
    fn versions_are_written_as_python_does() {
        for (version, python) in [
            ("1.2.3", "1.2.3"),
            ("1.0.0-alpha.1", "1.0.0a1"),
            ("1.0.0-rc.12", "1.0.0rc12"),
            ("2.0.0-dev.3+A-b.7", "2.0.0.dev3+a.b.7"),
        ] {
            assert_eq!(python_version(version).as_deref(), Ok(python));
        }
        assert!(python_version("1.0.0-nightly").is_err_and(|error| error.contains("has no name in Python")));
    }
}
