//! The checks, a file a theme.
//!
//! A check is an entry in its theme's list and a function. It calls the effect on a [`Bench`](super::bench::Bench), answers
//! with `?`, and says with [`Exam::note`](super::exam::Exam::note) what it is about to do, so that a crash has a place. It
//! goes on after a finding ([`Tally`](super::exam::Tally)), and skips what does not apply, with the reason.

mod alpha;
mod blocks;
mod claims;
mod description;
mod file;
mod geometry;
mod host;
mod inputs;
mod params;
mod pixels;
mod presets;
mod regions;
mod repeat;
mod stress;
mod time;

use super::Check;

pub(super) use pixels::DEFAULTS;

/// Every check, by theme.
pub const THEMES: &[(&str, &[Check])] = &[
    ("file", file::CHECKS),
    ("description", description::CHECKS),
    ("presets", presets::CHECKS),
    ("params", params::CHECKS),
    ("pixels", pixels::CHECKS),
    ("regions", regions::CHECKS),
    ("claims", claims::CHECKS),
    ("blocks", blocks::CHECKS),
    ("inputs", inputs::CHECKS),
    ("geometry", geometry::CHECKS),
    ("time", time::CHECKS),
    ("alpha", alpha::CHECKS),
    ("repeat", repeat::CHECKS),
    ("host", host::CHECKS),
    ("stress", stress::CHECKS),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::all_checks;

    #[test]
    fn every_check_is_told_from_the_others_and_says_what_it_is_for() {
        let mut names = BTreeSet::new();
        for check in all_checks() {
            let kebab =
                check.name.split('-').all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase()));
            assert!(kebab && names.insert(check.name), "{}", check.name);
            assert!((1..=10).contains(&check.level) && check.limit > 0, "{}", check.name);
            let about = check.about;
            assert!(about.ends_with('.') && about.len() > 20 && about.len() < 160 && !about.contains('\n'), "{about}");
        }
    }
}
