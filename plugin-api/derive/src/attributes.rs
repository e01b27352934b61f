//! Reading attributes and names.

use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta, meta::ParseNestedMeta};

/// The doc comment as one text: lines joined, paragraphs kept.
pub(crate) fn doc(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for attribute in attributes.iter().filter(|a| a.path().is_ident("doc")) {
        let Meta::NameValue(pair) = &attribute.meta else { continue };
        let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &pair.value else { continue };
        let line = line.value();
        let line = line.trim();
        if line.is_empty() {
            text.push_str("\n\n");
        } else {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(line);
        }
    }
    text.trim().to_owned()
}

/// A string given as `key = "text"`.
pub(crate) fn text(meta: &ParseNestedMeta<'_>) -> syn::Result<String> {
    Ok(meta.value()?.parse::<LitStr>()?.value())
}

/// `GaussianBlur` as words with `separator` between them, in lower case.
pub(crate) fn words(name: &str, separator: char) -> String {
    let mut out = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_uppercase() && index > 0 {
            out.push(separator);
        }
        out.extend(letter.to_lowercase());
    }
    out
}

/// `gain_db` or `GainDb` as `Gain Db`.
pub(crate) fn label(name: &str) -> String {
    let mut out = String::new();
    let mut start = true;
    for letter in name.chars() {
        if letter == '_' {
            out.push(' ');
            start = true;
        } else if start {
            out.extend(letter.to_uppercase());
            start = false;
        } else {
            if letter.is_uppercase() {
                out.push(' ');
            }
            out.push(letter);
        }
    }
    out
}

/// `text` as a JSON string, quotes included.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            control if control < ' ' => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
