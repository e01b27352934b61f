use super::*;

const HERE: &str = "x86_64-unknown-linux-gnu";

fn manifest(more: &str) -> String {
    format!(
        "bundle = 1\nid = \"com.example.a\"\nname = \"A\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n{more}\n\
         [[effect]]\nid = \"com.example.a\"\nname = \"A\"\nversion = \"1.0.0\"\n\
         [[library]]\nplatform = {HERE:?}\nfile = \"{HERE}/liba.so\"\nhash = \"00\"\napi = \"1.0.0\"\n"
    )
}

#[test]
fn a_manifest_is_read_as_it_was_written() {
    let more = "license_files = [\"LICENSE\"]\nvendor = \"V\"\nauthors = [\"B\"]\nabout = \"C\"\nhomepage = \"https://d\"\n\
                help = \"help/README.md\"\npresets = \"presets\"";
    for more in [more, ""] {
        let read = Manifest::parse(&manifest(more)).expect("it is one");
        assert_eq!(Manifest::parse(&read.to_text()), Ok(read.clone()));
        assert_eq!(read.help.is_some(), !more.is_empty());
    }
}

#[test]
fn what_is_wrong_with_a_manifest_is_said() {
    let library =
        "[[library]]\nplatform = \"x86_64-unknown-linux-gnu\"\nfile = \"b.so\"\nhash = \"00\"\napi = \"1.0.0\"\n";
    for (text, expected) in [
        (String::new(), "there is no `bundle` key, expected `bundle = 1`"),
        ("bundle = \"1\"".into(), "`bundle` is \"1\", expected `bundle = 1`"),
        ("bundle = 2\nnew = true".into(), "it is of format 2, this Playa reads 1: update Playa"),
        ("bundle = 1\nid = ".into(), "TOML parse error at line 2"),
        (manifest("colour = 1"), "unknown field `colour`"),
        (manifest("").replace("name = \"A\"\nversion = \"1.0.0\"\nlicense", "license"), "missing field `name`"),
        (manifest("").replacen("\"1.0.0\"", "\"1\"", 1), "`version` \"1\" is not major.minor.patch"),
        (manifest("").replace("\"MIT\"", "\" \""), "`license` is empty"),
        (manifest("help = \"../README.md\""), "the path \"../README.md\" leaves the bundle"),
        (manifest("presets = \"/etc\""), "the path \"/etc\" leaves the bundle"),
        (manifest("license_files = [\"a/../../b\"]"), "leaves the bundle"),
        (manifest("help = \"\""), "the path \"\" leaves the bundle"),
        (manifest("help = 'a\\..\\b'"), "leaves the bundle"),
        (manifest("") + library, "two libraries are for x86_64-unknown-linux-gnu"),
    ] {
        let error = Manifest::parse(&text).expect_err(&text);
        assert!(error.contains(expected) && !error.contains('\n'), "{error}");
    }
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn a_triple_means_a_machine() {
    for here in [HERE, "x86_64-linux-gnu", "x86_64-pc-linux-gnu"] {
        assert!(runs_here(here), "{here}");
    }
    for elsewhere in [
        "aarch64-unknown-linux-gnu",
        "x86_64-unknown-linux-musl",
        "x86_64-apple-darwin",
        "x86_64-pc-windows-msvc",
        "x86_64-linux-android",
        "i686-unknown-linux-gnu",
        "x86_64",
        "",
    ] {
        assert!(!runs_here(elsewhere), "{elsewhere}");
    }
}

#[test]
fn a_path_says_which_bundle_it_is_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let bundle = folder.path().join("a.playa");
    let file = bundle.join(HERE).join("liba.so");
    assert_eq!(folder_of(&file), None, "there is no such folder");
    std::fs::create_dir(&bundle).expect("a folder");
    assert_eq!((folder_of(&file), folder_of(&bundle)), (Some(&*bundle), Some(&*bundle)));
    assert_eq!(folder_of(folder.path()), None);
    let project = folder.path().join("shot.playa");
    std::fs::write(&project, "playa = 1").expect("a file");
    assert!(!is_bundle(&project) && !may_be_bundle(&project) && folder_of(&project).is_none());
}
