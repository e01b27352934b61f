//! Close matches for mistyped names, for error messages.

/// The candidate that is written almost like `word`, ignoring case; `None` where nothing is near.
///
/// Near means at most one edit (insert, delete, replace, swap of neighbours) per three letters, and at least one.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(MAX_LENGTH).flat_map(char::to_lowercase).collect();
    let allowed = (word.len() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let letters: Vec<char> = candidate.chars().take(MAX_LENGTH).flat_map(char::to_lowercase).collect();
            (distance(&word, &letters), candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// The end of an error message: `` (did you mean `opacity`?)``, or nothing where no candidate is near.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    closest(word, candidates).map(|near| format!(" (did you mean `{near}`?)")).unwrap_or_default()
}

/// Longer words are compared by their beginning, so that hostile names cost no time.
const MAX_LENGTH: usize = 100;

/// Optimal string alignment distance: edits with swaps of neighbours, no part edited twice.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        rows[i][0] = i;
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        let names = ["opacity", "position", "rotation", "in", "out"];
        assert_eq!(closest("opactiy", names), Some("opacity"), "a swap is one edit");
        assert_eq!(closest("Rotaton", names), Some("rotation"));
        assert_eq!(closest("ou", names), Some("out"));
        assert_eq!(closest("brightness", names), None);
        assert_eq!(did_you_mean("positon", names), " (did you mean `position`?)");
        assert_eq!(did_you_mean("x", []), "");
    }
}
