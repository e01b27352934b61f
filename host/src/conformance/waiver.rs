//! Findings that are known, and are no failure until a date: `[[waive]]` tables of a TOML file.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;

use crate::glob::matches;

/// A finding that is known.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Name of the check; `*` and `?` stand for others.
    pub check: String,
    /// File name of the plugin, the same way; any if left out.
    pub plugin: Option<String>,
    /// Id of the effect, the same way; any if left out.
    pub effect: Option<String>,
    /// Why it is borne.
    pub reason: String,
    /// The last day on which it is.
    pub expires: toml::value::Date,
}

/// The waivers of a file.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    list: Vec<Waiver>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tables {
    #[serde(default)]
    waive: Vec<Raw>,
}

/// A waiver as it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    check: String,
    plugin: Option<String>,
    effect: Option<String>,
    reason: String,
    expires: toml::value::Datetime,
}

impl Waivers {
    /// Reads a file.
    ///
    /// # Errors
    /// What is wrong with it, in a line.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with it, in a line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let tables: Tables = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| text[..span.start].lines().count().max(1));
            format!("line {line}: {}", error.message())
        })?;
        let waiver = |raw: Raw| {
            if raw.reason.trim().is_empty() {
                return Err(format!("the waiver of {:?} gives no reason", raw.check));
            }
            let expires = raw.expires.date.ok_or_else(|| {
                format!("the waiver of {:?} expires at {}, expected a date such as 2030-01-31", raw.check, raw.expires)
            })?;
            Ok(Waiver { check: raw.check, plugin: raw.plugin, effect: raw.effect, reason: raw.reason, expires })
        };
        Ok(Self { list: tables.waive.into_iter().map(waiver).collect::<Result<_, String>>()? })
    }

    /// The waiver of a finding, and whether it still holds today.
    pub fn find(&self, check: &str, plugin: &Path, effect: Option<&str>) -> Option<(&Waiver, bool)> {
        let file = PathBuf::from(plugin.file_name().unwrap_or_default()).display().to_string();
        let fits = |pattern: &Option<String>, name: &str| pattern.as_ref().is_none_or(|pattern| matches(pattern, name));
        let found = self.list.iter().filter(|waiver| {
            matches(&waiver.check, check)
                && fits(&waiver.plugin, &file)
                && fits(&waiver.effect, effect.unwrap_or_default())
        });
        let today = today();
        let holds = |waiver: &Waiver| {
            let toml::value::Date { year, month, day } = waiver.expires;
            (i64::from(year), i64::from(month), i64::from(day)) >= today
        };
        found.map(|waiver| (waiver, holds(waiver))).max_by_key(|(_, holds)| *holds)
    }
}

/// Year, month and day in UTC.
fn today() -> (i64, i64, i64) {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    civil((seconds / 86_400) as i64)
}

/// The date of a day counted from 1970-01-01, by Hinnant's `civil_from_days`.
fn civil(day: i64) -> (i64, i64, i64) {
    let z = day + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (day, date) in [(0, (1970, 1, 1)), (59, (1970, 3, 1)), (11_016, (2000, 2, 29)), (20_782, (2026, 11, 25))] {
            assert_eq!(civil(day), date);
        }
    }

    #[test]
    fn a_waiver_is_for_what_it_names_and_until_its_day() {
        let waivers = Waivers::parse(
            "[[waive]]\ncheck = \"size-*\"\nplugin = \"lib?.so\"\nreason = \"known\"\nexpires = 2999-01-01\n\
             [[waive]]\ncheck = \"alpha\"\neffect = \"a.b\"\nreason = \"old\"\nexpires = 2020-12-31\n",
        )
        .expect("it can be read");
        let found =
            |check, plugin: &str, effect| waivers.find(check, Path::new(plugin), effect).map(|(_, holds)| holds);
        assert_eq!(found("size-zoo", "/x/liba.so", Some("any")), Some(true));
        assert_eq!(found("size-zoo", "/x/libab.so", None), None);
        assert_eq!(found("alpha", "c.so", Some("a.b")), Some(false), "it has expired");
        assert_eq!(found("alpha", "c.so", Some("a.c")), None);
        for (text, why) in [
            ("[[waive]]\ncheck = \"a\"\nexpires = 2999-01-01\n", "reason"),
            ("[[waive]]\ncheck = \"a\"\nreason = \" \"\nexpires = 2999-01-01\n", "no reason"),
            ("[[waive]]\ncheck = \"a\"\nreason = \"b\"\nexpires = 10:00:00\n", "expected a date"),
            ("[[waive]]\nchekc = \"a\"\n", "chekc"),
        ] {
            let error = Waivers::parse(text).expect_err("it is wrong");
            assert!(error.contains(why), "{error}");
        }
    }
}
