//! `playa bundle` and `playa presets`.

use playa_host::media::{self, ReadOptions};
use playa_tests::plugin;

use super::Desk;

const SOFT: &str = "preset = 1\nname = \"Soft\"\nabout = \"Half of it.\"\neffect = \"com.example.gain\"\nversion = \"1.0.0\"\n\n\
                    [params]\ngain = 0.5\n";

/// A folder with a plugin called libgain, or as the system has it.
fn desk() -> Desk {
    let desk = Desk::with(&[]);
    let name = format!("{}gain.{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_EXTENSION);
    std::fs::copy(plugin("fixture-gain"), desk.path(&name)).expect("it is copied");
    std::fs::create_dir(desk.path("presets")).expect("a folder");
    desk.write("presets/soft.toml", SOFT);
    desk.write("LICENSE", "Do what you like.");
    desk.write("README.md", "# Gain\n\nMakes it brighter.\n");
    desk
}

fn library() -> String {
    format!("{}gain.{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_EXTENSION)
}

const ALL: [&str; 10] = [
    "--license",
    "MIT",
    "--presets",
    "presets",
    "--license-file",
    "LICENSE",
    "--help-file",
    "README.md",
    "--vendor",
    "Example",
];

#[test]
fn a_library_becomes_a_bundle_that_is_what_it_says() {
    let desk = desk();
    let library = library();
    let args: Vec<&str> = ["bundle", &library, "--out", "plugins"].into_iter().chain(ALL).collect();
    let made = desk.playa(&args);
    made.expect(0, &[]);
    assert!(made.out.starts_with("plugins/gain.playa: Gain 1.0.0, for "), "{made:?}");
    for file in ["plugin.toml", "LICENSE", "help/README.md", "presets/soft.toml"] {
        assert!(desk.path("plugins/gain.playa").join(file).is_file(), "{file}");
    }
    desk.playa(&["bundle", "--check", "plugins/gain.playa"]).expect(0, &[]);
    let listed = desk.playa(&["plugins", "--json"]).json();
    assert_eq!(listed[0]["bundle"]["name"], "Gain");
    assert_eq!(listed[0]["bundle"]["vendor"], "Example");
    assert_eq!(listed[0]["state"], "live");
    let table = desk.playa(&["plugins"]);
    assert!(table.out.contains("BUNDLE") && table.out.contains("Gain 1.0.0"), "{table:?}");
    desk.playa(&["plugins", "lock", "plugins"]).expect(0, &[]);
    assert_eq!(desk.playa(&["plugins", "--json"]).json()[0]["state"], "live");
    desk.playa(&["validate", "plugins/gain.playa", "--level", "1"]).expect(0, &[]);
}

#[test]
fn all_that_is_wrong_with_a_bundle_is_told() {
    let desk = desk();
    let library = library();
    let args: Vec<&str> = ["bundle", &library, "--out", "out"].into_iter().chain(ALL).collect();
    desk.playa(&args).expect(0, &[]);
    desk.write("out/gain.playa/presets/soft.toml", &SOFT.replace("gain = 0.5", "gian = 0.5"));
    std::fs::remove_file(desk.path("out/gain.playa/LICENSE")).expect("it is there");
    let checked = desk.playa(&["bundle", "--check", "out/gain.playa"]);
    checked.expect(1, &["error: ", "LICENSE", "did you mean `gain`?", "soft.toml:8"]);
    let json = desk.playa(&["bundle", "--check", "out/gain.playa", "--json"]).json();
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(2), "{json}");
    // Of what is not whole there are no wheels.
    desk.playa(&["bundle", "out/gain.playa", "--wheel"]).expect(1, &["LICENSE", "hint: playa bundle --check"]);
}

#[test]
fn what_cannot_be_bundled_is_refused_and_leaves_nothing() {
    let desk = desk();
    let library = library();
    desk.write("text.so", "no library");
    desk.write("presets/other.toml", &SOFT.replace("com.example.gain", "com.example.other"));
    for (args, code, parts) in [
        (vec!["bundle", "nowhere"], 2, vec!["there is no such crate or library"]),
        (vec!["bundle", "text.so", "--license", "MIT"], 1, vec!["is no dynamic library"]),
        (vec!["bundle", &library], 2, vec!["under which terms", "hint: say --license MIT"]),
        (
            vec!["bundle", &library, "--license", "MIT", "--version", "1"],
            2,
            vec!["`version` \"1\" is not major.minor.patch"],
        ),
        (vec!["bundle", &library, "--license", "MIT", "--dev"], 2, vec!["are for crates"]),
        (
            vec!["bundle", &library, "--license", "MIT", "--presets", "presets"],
            1,
            vec!["other.toml", "expected one of com.example.gain"],
        ),
        (vec!["bundle", &library, "--license", "MIT", "--presets", "plugins"], 2, vec!["there are no presets"]),
        (vec!["bundle", "--check", &library], 2, vec!["is no bundle"]),
        (vec!["bundle", "."], 2, vec!["there is no Cargo.toml in this folder"]),
    ] {
        desk.playa(&args).expect(code, &parts);
    }
    assert!(!desk.path("dist").exists());
}

/// The whole way of an author, with cargo.
#[test]
fn a_crate_is_built_and_says_itself_what_it_is() {
    let desk = Desk::with(&[]);
    desk.prepare_cargo();
    desk.new_crate("glow", "pixel");
    std::fs::create_dir(desk.path("glow/presets")).expect("a folder");
    let manifest = std::fs::read_to_string(desk.path("glow/Cargo.toml")).expect("it is there");
    let preset = "preset = 1\nname = \"Usual\"\neffect = \"com.example.glow\"\nversion = \"0.1.0\"\n[params]\n";
    desk.write("glow/presets/usual.toml", preset);
    let bundle = || desk.playa(&["bundle", "glow", "--out", "plugins", "--dev", "--json"]);
    bundle().expect(2, &["under which terms", "into its Cargo.toml"]);
    let licensed = manifest
        .replace("version = \"0.1.0\"\n", "version = \"0.1.0\"\nlicense = \"MIT\"\nauthors = [\"A. Author\"]\n");
    desk.write(
        "glow/Cargo.toml",
        &format!("{licensed}\n[package.metadata.playa]\nname = \"Glow\"\nvendor = \"Example\"\n"),
    );
    let made = bundle();
    made.expect(0, &[]);
    let manifest = &made.json()["manifest"];
    assert_eq!(manifest["id"], "com.example.glow");
    assert_eq!(manifest["version"], "0.1.0");
    assert_eq!(manifest["vendor"], "Example");
    assert_eq!(manifest["authors"][0], "A. Author");
    assert_eq!(manifest["help"], "help/README.md");
    assert_eq!(manifest["presets"], "presets");
    desk.playa(&["effects", "show", "Glow"]).expect(0, &[]);
    let presets = desk.playa(&["presets", "--effect", "Glow", "--json"]).json();
    assert_eq!((&presets[0]["name"], &presets[0]["origin"]), (&"Usual".into(), &"bundle".into()));
    desk.write("glow/Cargo.toml", &format!("{licensed}\n[package.metadata.playa]\nvendors = \"Example\"\n"));
    bundle()
        .expect(2, &["[package.metadata.playa]: unknown field `vendors`", "hint: it has id, name, vendor and presets"]);
}

#[test]
fn presets_are_listed_shown_and_applied_to_a_picture() {
    let desk = desk();
    let library = library();
    let args: Vec<&str> = ["bundle", &library, "--out", "plugins"].into_iter().chain(ALL).collect();
    desk.playa(&args).expect(0, &[]);
    desk.plates(1, 4, 3);
    let listed = desk.playa(&["presets"]);
    let rows: Vec<&str> = listed.out.lines().collect();
    assert!(rows.len() == 2 && rows[1].contains("Soft") && rows[1].ends_with("bundle  Half of it."), "{listed:?}");
    let shown = desk.playa(&["presets", "show", "Gain", "Soft"]);
    assert!(shown.out.starts_with("Soft (Gain, com.example.gain 1.0.0)\nHalf of it.\n"), "{shown:?}");
    assert!(shown.out.ends_with("gain  0.5\n"), "{shown:?}");
    let applied = desk.playa(&["presets", "apply", "Gain", "Soft", "plate.0001.exr", "-o", "soft.exr"]);
    applied.expect(0, &[]);
    let pixel = |name: &str| {
        let frame = media::read(desk.path(name), &ReadOptions::default()).expect("it was written");
        frame.image.values()[..4].to_vec()
    };
    let (before, after) = (pixel("plate.0001.exr"), pixel("soft.exr"));
    assert_eq!(after, [before[0] * 0.5, before[1] * 0.5, before[2] * 0.5, before[3]]);
    // A folder of PLAYA_PRESET_PATH comes before the bundle's, and a file can be named itself.
    std::fs::create_dir(desk.path("show")).expect("a folder");
    desk.write("show/soft.toml", &SOFT.replace("0.5", "0.25"));
    let mut command = desk.command(&["presets", "--json"]);
    let json =
        super::Ended::from(command.env("PLAYA_PRESET_PATH", desk.path("show")).output().expect("it runs")).json();
    assert_eq!((&json[0]["origin"], &json[0]["params"]["gain"]), (&"path".into(), &0.25.into()));
    let json = desk.playa(&["presets", "show", "Gain", "show/soft.toml", "--json"]).json();
    assert_eq!(json["params"]["gain"], 0.25);
    desk.write("show/bad.toml", &SOFT.replace("gain = 0.5", "gain = \"much\""));
    for (args, code, parts) in [
        (vec!["presets", "show", "Gain", "Sofd"], 2, vec!["has no preset `Sofd` (did you mean `Soft`?); it has: Soft"]),
        (vec!["presets", "show", "Gian", "Soft"], 2, vec!["no effect is called `Gian`"]),
        (
            vec!["presets", "show", "Gain", "show/bad.toml"],
            1,
            vec!["show/bad.toml:8: parameter `gain`", "expected float"],
        ),
        (vec!["presets", "apply", "Gain", "Soft", "none.exr", "-o", "a.exr"], 3, vec!["none.exr"]),
        (
            vec!["presets", "apply", "Gain", "Soft", "plate.0001.exr", "-o", "a.xyz"],
            2,
            vec!["a.xyz: the file name must end in .exr"],
        ),
    ] {
        desk.playa(&args).expect(code, &parts);
    }
    assert!(!desk.path("a.exr").exists());
}
