//! Patterns of names: `*` stands for any number of characters, `?` for one.

/// Whether a name fits a pattern as a whole. Takes at most as many steps as both have characters, multiplied.
pub fn matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut read) = (0, 0);
    // The last star, and up to where it reaches.
    let mut star: Option<(usize, usize)> = None;
    while read < name.len() {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(letter) if *letter == '?' || *letter == name[read] => (at, read) = (at + 1, read + 1),
            _ => match &mut star {
                // An earlier star needs no second try: what lies between both fits already.
                Some((star, reached)) => {
                    *reached += 1;
                    (at, read) = (*star + 1, *reached);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|letter| *letter == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name) in [
            ("*", ""),
            ("a*", "a"),
            ("*-zoo", "size-zoo"),
            ("t?m*", "time-purity"),
            ("é?", "éa"),
            ("*ab*ab", "abaabab"),
            ("**", "x"),
        ] {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in
            [("", "a"), ("a", ""), ("*-zoo", "zoo"), ("a?", "a"), ("a*b", "ba"), ("*ab*ab", "aab"), ("?*", "")]
        {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }

    #[test]
    fn a_hostile_pattern_takes_no_longer_than_its_length_says() {
        let (pattern, name) = ("*a".repeat(200) + "b", "a".repeat(10_000));
        assert!(!matches(&pattern, &name));
    }
}
