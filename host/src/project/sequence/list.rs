//! The sequences of a folder, or the one that a file belongs to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Kind, MAX_DIGITS, Pattern, Place, Sequence, SequenceError, read_names, split_name};
use crate::media::Format;

/// A file name around its frame number: what stands before and after it.
type Frame<'a> = (&'a str, &'a str);

impl Sequence {
    /// All sequences and single files of a folder, by their names, by reading it once. Files whose names `wanted` refuses
    /// are left out.
    ///
    /// The frame number is the last run of digits before the suffix, with a sign where nothing or one of `._ ` stands
    /// before that. Numbers of one sequence have as many digits as those that begin with 0, or else as the shortest one;
    /// longer ones count where they do not begin with 0, as beyond `9999` of four digits. A number alone is a single
    /// file.
    pub fn list(folder: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<Sequence>, SequenceError> {
        let mut prefix = folder.to_string_lossy().into_owned();
        if !prefix.is_empty() && !prefix.ends_with(['/', std::path::MAIN_SEPARATOR]) {
            prefix.push(std::path::MAIN_SEPARATOR);
        }
        let mut names = read_names(&prefix, if prefix.is_empty() { Path::new(".") } else { folder })?;
        names.retain(|name| wanted(Path::new(name)) && !Path::new(&format!("{prefix}{name}")).is_dir());
        Ok(among(&prefix, &names))
    }

    /// The sequence that a file belongs to, or the file alone, by reading its folder once.
    pub fn of_file(file: &str) -> Result<Sequence, SequenceError> {
        let (folder, name) = split_name(file);
        let names = read_names(file, if folder.is_empty() { Path::new(".") } else { Path::new(folder) })?;
        let kin = |other: &&String| number(other).map(|(kin, _)| kin) == number(name).map(|(kin, _)| kin);
        let kin: Vec<String> = names.iter().filter(kin).cloned().collect();
        match among(folder, &kin).into_iter().find(|sequence| sequence.holds(name)) {
            Some(sequence) if names.iter().any(|there| there == name) => Ok(sequence),
            // It says what is near.
            _ => Sequence::find(Pattern { text: file.to_owned(), place: None }),
        }
    }

    /// Whether a file of that name is one of its files.
    fn holds(&self, name: &str) -> bool {
        match self.kind {
            Kind::Still | Kind::Movie => split_name(&self.pattern.text).1 == name,
            Kind::Files => self.pattern.frame(name).is_some_and(|frame| self.frames.binary_search(&frame).is_ok()),
        }
    }
}

/// The sequences and single files among names of one folder.
fn among(folder: &str, names: &[String]) -> Vec<Sequence> {
    let mut kinds: BTreeMap<Frame<'_>, Vec<&str>> = BTreeMap::new();
    let mut found: Vec<Sequence> = Vec::new();
    let still = |name: &str| {
        let pattern = Pattern { text: format!("{folder}{name}"), place: None };
        Sequence { pattern, frames: Vec::new(), kind: Kind::Still }
    };
    for name in names {
        match number(name) {
            Some((kin, digits)) => kinds.entry(kin).or_default().push(digits),
            None => found.push(still(name)),
        }
    }
    for ((before, after), digits) in kinds {
        for (width, members) in by_width(&digits) {
            let text = format!("{folder}{before}{}{after}", "#".repeat(width));
            let place = Place { start: folder.len() + before.len(), end: folder.len() + before.len() + width, width };
            let pattern = Pattern { text, place: Some(place) };
            // A name may hold what would be taken as a second place, or be no number of that many digits.
            let readable = Pattern::parse(&pattern.text).is_ok_and(|read| read == pattern);
            let named = |digits: &str| format!("{before}{digits}{after}");
            let frames: Option<Vec<i64>> = members.iter().map(|digits| pattern.frame(&named(digits))).collect();
            match frames {
                Some(mut frames) if readable && frames.len() > 1 => {
                    frames.sort_unstable();
                    found.push(Sequence { pattern, frames, kind: Kind::Files });
                }
                _ => found.extend(members.iter().map(|digits| still(&named(digits)))),
            }
        }
    }
    found.sort_by(|a, b| a.pattern.text.cmp(&b.pattern.text));
    found
}

/// Numbers of equal names by how many digits their sequence has.
fn by_width<'a>(numbers: &[&'a str]) -> BTreeMap<usize, Vec<&'a str>> {
    let padded =
        |number: &str| number.trim_start_matches('-').starts_with('0') && number.trim_start_matches('-').len() > 1;
    let widths: BTreeSet<usize> = numbers.iter().filter(|number| padded(number)).map(|number| number.len()).collect();
    let mut groups: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    let mut rest = Vec::new();
    for number in numbers {
        let width =
            if padded(number) { Some(number.len()) } else { widths.range(..=number.len()).next_back().copied() };
        match width {
            Some(width) => groups.entry(width).or_default().push(number),
            None => rest.push(*number),
        }
    }
    if let Some(shortest) = rest.iter().map(|number| number.len()).min() {
        groups.entry(shortest).or_default().append(&mut rest);
    }
    groups
}

/// A name around its frame number, and the digits of that, with its sign. A number in the name of a movie is none.
fn number(name: &str) -> Option<(Frame<'_>, &str)> {
    if Format::of_path(Path::new(name)) == Some(Format::Movie) {
        return None;
    }
    let stem = name.rfind('.').unwrap_or(name.len());
    let end = name[..stem].rfind(|letter: char| letter.is_ascii_digit())? + 1;
    let digits = name[..end].bytes().rev().take_while(u8::is_ascii_digit).count();
    let start = end - digits;
    let before = &name[..start];
    let signed = before.strip_suffix('-').is_some_and(|rest| rest.is_empty() || rest.ends_with(['.', '_', ' ']));
    let start = if signed { start - 1 } else { start };
    (digits <= MAX_DIGITS).then(|| ((&name[..start], &name[end..]), &name[start..end]))
}

#[cfg(test)]
mod tests {
    use super::super::tests::folder;
    use super::super::{Missing, READS};
    use super::*;

    /// Sequences of names, as text.
    fn listed(names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        among("", &names).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn names_are_grouped_by_what_stands_around_their_last_number() {
        for (names, expected) in [
            (&["a.0001.mov", "a.0002.mov"][..], &["a.0001.mov", "a.0002.mov"][..]),
            (&["a.0001.exr", "a.0002.exr", "a.0001.png", "b.exr"][..], &["a.####.exr 1-2", "a.0001.png", "b.exr"][..]),
            (&["v2_1001.exr", "v2_1002.exr", "v3_1001.exr"], &["v2_####.exr 1001-1002", "v3_1001.exr"]),
            (&["f1.png", "f2.png", "f9.png", "f10.png"], &["f#.png 1-10 (6 missing: 3-8)"]),
            (&["a.998.exr", "a.999.exr", "a.1000.exr"], &["a.###.exr 998-1000"]),
            (&["a.9999.exr", "a.0001.exr", "a.10000.exr"], &["a.####.exr 1-10000 (9997 missing: 2-9998)"]),
            (
                &["a.001.exr", "a.002.exr", "a.0001.exr", "a.0002.exr", "a.1234.exr"],
                &["a.###.exr 1-2", "a.####.exr 1-1234 (1231 missing: 3-1233)"],
            ),
            (&["a.-002.exr", "a.-001.exr", "a.0000.exr", "a.0003.exr"], &["a.####.exr -2-3 (2 missing: 1-2)"]),
            (&["shot-001.exr", "shot-002.exr"], &["shot-###.exr 1-2"]),
            (&["-1.exr", "2.exr"], &["#.exr -1-2 (2 missing: 0-1)"]),
            (&["take#1.exr", "take#2.exr"], &["take#1.exr", "take#2.exr"]),
            (&["a.99999999999999999999999.exr", "a.1.exr"], &["a.1.exr", "a.99999999999999999999999.exr"]),
            (&["ünï_01.exr", "ünï_02.exr"], &["ünï_##.exr 1-2"]),
        ] {
            let mut expected: Vec<&str> = expected.to_vec();
            expected.sort_unstable();
            let mut found = listed(names);
            found.sort_unstable();
            assert_eq!(found, expected, "{names:?}");
        }
    }

    #[test]
    fn what_is_listed_is_found_again_by_its_pattern() {
        let names =
            ["a.0001.exr", "a.0002.exr", "a.-003.exr", "a.12345.exr", "b.7.exr", "b.12.exr", "c.exr", "note.txt"];
        let folder = folder(&names);
        std::fs::create_dir(folder.path().join("d.0001.exr")).expect("a folder");
        let wanted = |name: &Path| name.extension().is_some_and(|suffix| suffix == "exr");
        let list = Sequence::list(folder.path(), wanted).expect("readable");
        assert_eq!(list.len(), 3);
        for sequence in list {
            let text = sequence.pattern().to_string();
            let again = Sequence::find(Pattern::parse(&text).expect("a pattern")).expect("found");
            assert_eq!(again.frames(), sequence.frames());
            assert_eq!(again.is_still(), sequence.is_still());
            for frame in sequence.frames() {
                let file = sequence.footage(*frame, Missing::Error).expect("there");
                assert_eq!(file, again.footage(*frame, Missing::Error).expect("there"));
                let super::super::Footage::File(file) = file else { panic!("a file") };
                let of_file = Sequence::of_file(file.to_str().expect("UTF-8")).expect("found");
                assert_eq!(of_file, sequence, "{}", file.display());
            }
        }
    }

    #[test]
    fn a_file_alone_belongs_to_itself_and_one_that_is_not_there_to_nothing() {
        let folder = folder(&["plate.0001.exr", "take#1.exr", "x.exr"]);
        for name in ["plate.0001.exr", "take#1.exr", "x.exr"] {
            let path = folder.path().join(name);
            let sequence = Sequence::of_file(path.to_str().expect("UTF-8")).expect("there");
            assert!(sequence.is_still() && sequence.to_string().ends_with(name));
        }
        let path = folder.path().join("plate.0002.exr");
        let error = Sequence::of_file(path.to_str().expect("UTF-8")).expect_err("missing").to_string();
        assert!(error.contains("no such file (did you mean `plate.####.exr`?)"), "{error}");
    }

    /// However many files there are.
    #[test]
    fn a_folder_is_read_once() {
        let names: Vec<String> = (0..3000).flat_map(|n| [format!("a.{n:04}.exr"), format!("b_{n}.png")]).collect();
        let folder = folder(&names.iter().map(String::as_str).collect::<Vec<_>>());
        let path = folder.path().join("a.0007.exr");
        let reads = |call: &dyn Fn() -> usize| {
            let before = READS.get();
            assert!(call() > 0);
            READS.get() - before
        };
        assert_eq!(reads(&|| Sequence::list(folder.path(), |_| true).expect("readable").len()), 1);
        assert_eq!(reads(&|| Sequence::of_file(path.to_str().expect("UTF-8")).expect("there").frames().len()), 1);
        let pattern = folder.path().join("b_%d.png");
        let pattern = Pattern::parse(pattern.to_str().expect("UTF-8")).expect("a pattern");
        assert_eq!(reads(&|| Sequence::find(pattern.clone()).expect("there").frames().len()), 1);
    }
}
