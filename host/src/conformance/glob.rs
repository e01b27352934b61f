//! Patterns of names: `*` stands for any number of characters, `?` for one.

/// Whether a name fits a pattern as a whole.
pub fn matches(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('*') => {
            let rest = rest.as_str();
            name.char_indices().map(|(at, _)| at).chain([name.len()]).any(|at| matches(rest, &name[at..]))
        }
        Some(first) => {
            let mut letters = name.chars();
            letters
                .next()
                .is_some_and(|letter| (first == '?' || first == letter) && matches(rest.as_str(), letters.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_and_question_marks() {
        for (pattern, name) in [("*", ""), ("a*", "a"), ("*-zoo", "size-zoo"), ("t?m*", "time-purity"), ("é?", "éa")]
        {
            assert!(matches(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("", "a"), ("a", ""), ("*-zoo", "zoo"), ("a?", "a"), ("a*b", "ba")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
    }
}
