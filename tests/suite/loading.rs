//! Every file that is not a good plugin is refused in one clear line, and the others stay usable.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use playa_host::engine::Engine;
use playa_host::plugin::{LoadError, PluginEvent, Registry, SearchPath};
use playa_host::project::Value;
use playa_tests::plugin;

use crate::support::{Scene, assert_image, assert_one_line, flat, picture};

fn refused(path: &Path) -> LoadError {
    let error = Registry::default().load_file(path).expect_err("the file is refused");
    assert_one_line(&error, path);
    error
}

fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(format!("{name}.{}", std::env::consts::DLL_EXTENSION));
    std::fs::write(&path, bytes).expect("the file can be written");
    path
}

fn bytes_of(package: &str) -> Vec<u8> {
    std::fs::read(plugin(package)).expect("the plugin can be read")
}

/// Renders through the gain effect of this engine, to see that it still works.
fn gain_works(engine: &Engine) {
    let scene = Scene::on(engine, 3, 2);
    let layer = scene.layer(&picture(3, 2, flat([0.5, 0.25, 2.0, 1.0])));
    scene.effect(layer, "com.example.gain", &[("gain", Value::Float(2.0))]);
    assert_image(&scene.render(), 0.0, flat([1.0, 0.5, 4.0, 1.0]));
}

#[test]
fn a_plugin_offers_its_effects() {
    let registry = Registry::default();
    registry.load_file(&plugin("fixture-gain")).expect("it loads");
    let effects = registry.effects();
    for name in ["com.example.gain", "Gain"] {
        let spec = effects.find(name).expect("it is found").spec();
        assert_eq!((spec.id.as_str(), spec.version.as_str(), spec.params.len()), ("com.example.gain", "1.0.0", 1));
    }
}

#[test]
fn empty_files_text_and_parts_of_libraries_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = bytes_of("fixture-gain");
    let empty = refused(&file(folder.path(), "empty", b""));
    assert!(matches!(&empty, LoadError::NotALibrary { found, .. } if found == "an empty file"), "{empty}");
    let text = refused(&file(folder.path(), "text", b"hello, I am a plugin"));
    assert!(matches!(&text, LoadError::NotALibrary { found, .. } if found.contains("hello, I am")), "{text}");
    for part in [1, 2, 3, 5, 10, 90, 99] {
        let bytes = &whole[..whole.len() * part / 100];
        assert!(matches!(refused(&file(folder.path(), "part", bytes)), LoadError::Incomplete { .. }), "{part} %");
    }
    let last = refused(&file(folder.path(), "last_byte", &whole[..whole.len() - 1]));
    assert!(matches!(last, LoadError::Incomplete { .. }), "{last}");
    let absent = folder.path().join("absent.so");
    assert!(matches!(refused(&absent), LoadError::Unreadable { .. }));
    assert!(matches!(refused(folder.path()), LoadError::Unreadable { .. }), "a folder");
}

/// Damage that leaves the outer form of a library must not get past the checks either: whatever becomes of it, the
/// process goes on. Only the file's own tables are damaged; wrong machine code cannot be told from right.
#[test]
fn a_damaged_header_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = bytes_of("fixture-gain");
    for at in (4..64).step_by(1) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0xff;
        // What the loader ignores, such as a version byte or flags, may be anything.
        if let Err(error) = playa_host::plugin::load::inspect(Path::new("damaged"), &damaged) {
            assert_eq!(error.to_string().lines().count(), 1, "byte {at}: {error}");
        }
    }
    let mut beyond = whole;
    beyond.truncate(64);
    assert!(matches!(refused(&file(folder.path(), "head", &beyond)), LoadError::Incomplete { .. }));
}

#[cfg(target_os = "linux")]
#[test]
fn a_library_for_another_processor_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    // `e_machine` of the ELF header: 183 is AArch64, 243 RISC-V, 62 x86-64.
    for (machine, name) in [(183_u8, "Aarch64"), (243, "Riscv64"), (62, "X86_64")] {
        let mut bytes = bytes_of("fixture-gain");
        if bytes[18] == machine {
            continue;
        }
        bytes[18] = machine;
        let error = refused(&file(folder.path(), name, &bytes));
        let LoadError::NotALibrary { found, expected, .. } = &error else { panic!("{error}") };
        assert!(found.contains(name) && expected.contains(std::env::consts::ARCH), "{error}");
    }
}

#[test]
fn a_library_that_is_no_plugin_is_refused_before_it_runs() {
    let error = refused(&plugin("fixture-no-symbol"));
    assert!(matches!(&error, LoadError::NotAPlugin { reason, .. } if reason.contains("no section")), "{error}");
    assert!(error.to_string().contains("export_effects!"), "it says what to do: {error}");
}

#[test]
fn a_plugin_of_another_api_is_refused_by_its_section_alone() {
    for (package, api) in [("fixture-older-api", "0.9.0"), ("fixture-newer-api", "2.0.0")] {
        let error = refused(&plugin(package));
        let LoadError::ApiVersion { found, expected, .. } = &error else { panic!("{error}") };
        assert_eq!((found.as_str(), expected.as_str()), (api, "1.0.0"));
        assert!(error.to_string().contains("rebuild"), "it says what to do: {error}");
    }
}

#[test]
fn a_symbol_that_is_no_root_is_refused() {
    let error = refused(&plugin("fixture-wrong-symbol"));
    assert!(
        matches!(&error, LoadError::NotAPlugin { reason, .. } if reason.contains("not a plugin's root")),
        "{error}"
    );
}

#[test]
fn a_panic_while_describing_is_an_error_with_its_place() {
    let error = refused(&plugin("fixture-panic-in-describe"));
    let LoadError::Describe { reason, .. } = &error else { panic!("{error}") };
    assert!(reason.starts_with("panicked: the default cannot be measured here at "), "{reason}");
    assert!(reason.contains("lib.rs:"), "{reason}");
}

#[test]
fn a_plugin_that_is_not_what_its_section_says_is_refused_with_the_first_difference() {
    let error = refused(&plugin("fixture-describe-lies"));
    let LoadError::Descriptor { effect, reason, .. } = &error else { panic!("{error}") };
    assert_eq!(effect, "com.example.describe_lies");
    // The derive names types by the struct, so that is where the two differ first.
    assert_eq!(reason, "its type name is \"Actual\", but its metadata section says \"Promised\"");
}

#[test]
fn a_parameter_that_contradicts_itself_is_refused_by_name() {
    let error = refused(&plugin("fixture-invalid-spec"));
    let LoadError::Descriptor { effect, reason, .. } = &error else { panic!("{error}") };
    assert_eq!(effect, "com.example.default_outside_range");
    assert!(reason.contains("\"amount\"") && reason.contains('5') && reason.contains("0..=1"), "{reason}");
}

#[test]
fn the_second_file_with_an_effect_and_version_is_refused_and_names_the_first() {
    for (first, second) in [("fixture-gain", "fixture-duplicate-id"), ("fixture-duplicate-id", "fixture-gain")] {
        let engine = crate::support::engine_with(&[first]);
        let error = engine.registry().load_file(&plugin(second)).expect_err("it is there already");
        assert_one_line(&error, &plugin(second));
        let LoadError::Duplicate { id, version, first: named, .. } = &error else { panic!("{error}") };
        assert_eq!((id.as_str(), version.as_str(), named), ("com.example.gain", "1.0.0", &plugin(first)));
        assert_eq!(engine.effects().find("com.example.gain").expect("the first stays").path(), plugin(first));
    }
}

/// Whatever happens in between: the order of the search path says who has an effect.
#[test]
fn of_two_folders_with_an_effect_the_first_has_it_whenever_its_file_comes() {
    let folder = tempfile::tempdir().expect("a folder");
    let folders = ["early", "late"].map(|name| folder.path().join(name));
    folders.iter().for_each(|folder| std::fs::create_dir(folder).expect("a new folder"));
    let late = file(&folders[1], "a_gain", &bytes_of("fixture-gain"));
    let registry = Registry::scan(&SearchPath { directories: folders.to_vec() });
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    registry.observe(move |event| tell.lock().expect("no panic").push(event.clone()));
    let owner = || registry.effects().find("com.example.gain").map(|effect| effect.path().to_owned());
    assert_eq!(owner(), Some(late.clone()));

    for _ in 0..2 {
        let early = file(&folders[0], "z_gain", &bytes_of("fixture-duplicate-id"));
        registry.load_file(&early).expect("it comes first");
        assert_eq!(owner(), Some(early.clone()));
        let report = registry.effects().file(&late).expect("it is known").clone();
        assert!(matches!(&report.error, Some(LoadError::Duplicate { first, .. }) if *first == early), "{report:?}");
        assert!(report.live.is_none(), "{report:?}");
        assert!(
            told.lock()
                .expect("no panic")
                .iter()
                .any(|event| matches!(event, PluginEvent::Failed { path, .. } if *path == late))
        );
        // Looking at everything again changes nothing.
        told.lock().expect("no panic").clear();
        registry.reload(None);
        assert_eq!((owner(), told.lock().expect("no panic").len()), (Some(early.clone()), 0));

        std::fs::remove_file(&early).expect("it was there");
        registry.reload(None);
        assert_eq!(owner(), Some(late.clone()));
        assert!(registry.effects().file(&late).expect("it is known").error.is_none());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_plugin_whose_libraries_or_symbols_are_missing_is_refused_with_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let section = r#"{\"playa_plugin\":1,\"api\":\"1.0.0\",\"sdk\":\"1.0.0\",\"rustc\":\"\",\"target\":\"\",\"cpu_features\":\"\",\"panic\":\"unwind\",\"effects\":[]}"#;
    let source = format!(
        "__attribute__((section(\".playa\"), used)) const char metadata[] = \"{section}\";\n\
         int absent_function(void);\nint call(void) {{ return absent_function(); }}\n"
    );
    let compile = |source: &str, output: &Path, more: &[&str]| {
        let text = output.with_extension("c");
        std::fs::write(&text, source).expect("a source file");
        let mut command = std::process::Command::new("cc");
        let command = command.args(["-shared", "-fPIC", "-o"]).arg(output).arg(&text).args(more);
        command.output().expect("cc runs, as Rust links with it").status.success()
    };
    let lacks_symbol = folder.path().join("lacks_symbol.so");
    assert!(compile(&source, &lacks_symbol, &[]));
    let error = refused(&lacks_symbol);
    assert!(matches!(&error, LoadError::Open { reason, .. } if reason.contains("absent_function")), "{error}");

    let needed = folder.path().join("libabsent.so");
    assert!(compile("int absent_function(void) { return 1; }\n", &needed, &[]));
    let lacks_library = folder.path().join("lacks_library.so");
    assert!(compile(&source, &lacks_library, &[&needed.display().to_string(), "-Wl,--no-as-needed"]));
    std::fs::remove_file(&needed).expect("it was there");
    let error = refused(&lacks_library);
    assert!(matches!(&error, LoadError::Open { reason, .. } if reason.contains("libabsent.so")), "{error}");
}

/// All that is bad in one folder with one good plugin: the folder is read to its end, and the good one renders.
#[test]
fn bad_files_do_not_hide_the_good_ones() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = bytes_of("fixture-gain");
    file(folder.path(), "a_text", b"no library");
    file(folder.path(), "b_half", &good[..good.len() / 2]);
    let bad = [
        "fixture-describe-lies",
        "fixture-invalid-spec",
        "fixture-newer-api",
        "fixture-no-symbol",
        "fixture-older-api",
        "fixture-panic-in-describe",
        "fixture-wrong-symbol",
    ];
    for package in bad {
        file(folder.path(), &format!("c_{package}"), &bytes_of(package));
    }
    file(folder.path(), "d_good", &good);
    file(folder.path(), "e_empty", b"");
    file(folder.path(), "f_duplicate", &bytes_of("fixture-duplicate-id"));
    let path = SearchPath { directories: vec![folder.path().join("none"), folder.path().into()] };
    let engine = Engine::with_plugins(&path);
    let effects = engine.effects();
    let loaded: Vec<bool> = effects.files().iter().map(|file| file.error.is_none()).collect();
    assert_eq!(loaded, [[false; 9].as_slice(), &[true, false, false]].concat());
    for report in effects.files() {
        if let Some(error) = &report.error {
            assert_one_line(error, &report.path);
        }
    }
    gain_works(&engine);
}
