//! What a new effect is called, from one word of its author.

use crate::cli::failure::Failure;

/// The names of a crate and its effect.
#[derive(Debug)]
pub(super) struct Names {
    /// Of the package: `film-grain`.
    pub(super) package: String,
    /// Of the crate in Rust: `film_grain`.
    pub(super) module: String,
    /// Of the effect's type: `FilmGrain`.
    pub(super) effect: String,
    /// For people: `Film Grain`.
    pub(super) label: String,
    /// What projects store: `com.example.film_grain`.
    pub(super) id: String,
}

/// The longest name of a package that registries take.
const LONGEST: usize = 64;

/// Keywords of Rust, the crates that come with it, and what cargo uses for itself.
const RESERVED: &[&str] = &[
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "build",
    "const",
    "continue",
    "core",
    "crate",
    "deps",
    "do",
    "dyn",
    "else",
    "enum",
    "examples",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "incremental",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
    "yield",
    "playa_plugin_api",
    "playa_plugin_derive",
    "abi_stable",
];

/// Types that an effect's source means when it says these.
const TAKEN: &[&str] = &[
    "Alpha",
    "AreaEffect",
    "Choice",
    "Color",
    "Edge",
    "Effect",
    "EffectError",
    "EffectResult",
    "Err",
    "Host",
    "ImageView",
    "ImageViewMut",
    "InputSpec",
    "LogLevel",
    "Need",
    "None",
    "Ok",
    "Option",
    "Param",
    "Params",
    "Pixel",
    "PixelEffect",
    "Plan",
    "Query",
    "Rect",
    "RenderCall",
    "Result",
    "Self",
    "Some",
    "Source",
    "String",
    "Traits",
    "Vec",
];

impl Names {
    pub(super) fn of(name: &str, id: Option<&str>) -> Result<Self, Failure> {
        check(name)?;
        let words: Vec<String> = name.split(['-', '_']).map(capitalised).collect();
        let (module, effect) = (name.replace('-', "_"), words.concat());
        if RESERVED.contains(&module.as_str()) || TAKEN.contains(&effect.as_str()) {
            let message = format_args!("{name}: Rust, cargo or the SDK have something of this name already");
            return Err(Failure::usage(message).hint(format_args!("say more: my-{name}")));
        }
        let id = id.map_or_else(|| format!("com.example.{module}"), str::to_owned);
        if !is_id(&id) {
            let message = format_args!("--id {id}: no identity, which is reverse-DNS: words with dots between them");
            return Err(
                Failure::usage(message).hint(format_args!("begin with a domain of yours: com.example.{module}"))
            );
        }
        Ok(Self { package: name.to_owned(), module, effect, label: words.join(" "), id })
    }
}

/// Lower case in words, each with a letter at its front, so that all other names follow from it.
fn check(name: &str) -> Result<(), Failure> {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if name.len() <= LONGEST && name.split(['-', '_']).all(is_word) {
        return Ok(());
    }
    let message = format_args!(
        "{name:?}: a name is up to {LONGEST} of a-z and 0-9, in words that begin with a letter and have - or _ between them"
    );
    let better = suggestion(name);
    let failure = Failure::usage(message);
    Err(if is_word(&better.replace('-', "")) && better.len() <= LONGEST {
        failure.hint(format_args!("call it {better}"))
    } else {
        failure.hint("call it something like film-grain")
    })
}

/// What the name may have been meant to be: `FilmGrain 2` is `film-grain2`.
fn suggestion(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        let starts_word = c.is_uppercase() || !c.is_ascii_alphanumeric();
        if starts_word && !text.is_empty() && !text.ends_with('-') {
            text.push('-');
        }
        if c.is_ascii_digit() && text.ends_with('-') {
            text.pop();
        }
        text.extend(Some(c.to_ascii_lowercase()).filter(char::is_ascii_alphanumeric));
    }
    text.trim_matches('-').to_owned()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// Whether the host takes it; the derive puts it into a string of Rust as it is.
fn is_id(id: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    id.contains('.') && id.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_names_follow_from_one() {
        let names = Names::of("film-grain2_x", None).expect("it is a name");
        assert_eq!((names.package.as_str(), names.module.as_str()), ("film-grain2_x", "film_grain2_x"));
        assert_eq!((names.effect.as_str(), names.label.as_str()), ("FilmGrain2X", "Film Grain2 X"));
        assert_eq!(names.id, "com.example.film_grain2_x");
        assert_eq!(Names::of("glow", Some("org.my-site.Glow")).expect("it is one").id, "org.my-site.Glow");
    }

    #[test]
    fn what_would_not_build_is_no_name() {
        let long = "a".repeat(LONGEST + 1);
        for name in ["", "-", "a-", "a--b", "2d", "a-2d", "Glow", "film grain", "gl\u{f6}w", "../glow", "type", &long] {
            assert!(Names::of(name, None).is_err(), "{name:?}");
        }
        for name in ["std", "playa-plugin-api", "area-effect", "host"] {
            assert!(Names::of(name, None).is_err(), "{name:?}");
        }
        for id in ["glow", "com..glow", "com.example.gl\u{f6}w", "com.example.\"", ".", ""] {
            assert!(Names::of("glow", Some(id)).is_err(), "{id:?}");
        }
    }

    #[test]
    fn a_name_that_was_meant_is_found() {
        for (name, meant) in [("FilmGrain", "film-grain"), ("Film Grain 2", "film-grain2"), ("glow!", "glow")] {
            assert_eq!(suggestion(name), meant);
            assert!(Names::of(meant, None).is_ok());
        }
    }
}
