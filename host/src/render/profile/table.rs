//! A profile told to people.

use std::fmt;

use super::{Profile, ProfileRow};

/// How many rows are shown.
const ROWS: usize = 20;

/// The rows that took longest.
impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows();
        let whole: f64 = rows.iter().map(|row| row.seconds).sum();
        let count: usize = rows.iter().filter(|row| row.kind == "cached").map(|row| row.pieces).sum();
        writeln!(f, "{:>9} {:>5}  {:<6} {:>8} {:>7} {:>9}  OF", "SECONDS", "", "KIND", "PIECES", "THREADS", "BYTES")?;
        for ProfileRow { label, kind, seconds, bytes, pieces, threads } in rows.iter().take(ROWS) {
            let (share, bytes) = (100.0 * seconds / whole.max(f64::MIN_POSITIVE), readable(*bytes));
            writeln!(f, "{seconds:>9.4} {share:>4.0}%  {kind:<6} {pieces:>8} {threads:>7} {bytes:>9}  {label}")?;
        }
        if let Some(rest) = rows.get(ROWS..).filter(|rest| !rest.is_empty()) {
            let seconds: f64 = rest.iter().map(|row| row.seconds).sum();
            writeln!(f, "{seconds:>9.4} {:>4.0}%  in {} more rows", 100.0 * seconds / whole, rest.len())?;
        }
        write!(f, "{whole:>9.4} seconds of all threads, {count} pictures were found in the cache")
    }
}

/// `12.3 MiB`
fn readable(bytes: u64) -> String {
    let mut size = bytes as f64;
    for unit in ["B", "KiB", "MiB", "GiB"] {
        if size < 1024.0 {
            return if unit == "B" { format!("{bytes} B") } else { format!("{size:.1} {unit}") };
        }
        size /= 1024.0;
    }
    format!("{size:.1} TiB")
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_table_has_twenty_rows_and_tells_of_the_rest() {
        let profile = Profile::default();
        for layer in 0..25 {
            profile.note("sample", format!("layer {layer}"), Instant::now(), 3 << 20);
        }
        for _ in 0..7 {
            profile.note("cached", "plate.exr", Instant::now(), 0);
        }
        let table = profile.to_string();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 1 + ROWS + 2, "{table}");
        assert!(lines[0].contains("SECONDS") && lines[21].ends_with("in 6 more rows"), "{table}");
        assert!(lines[22].ends_with("7 pictures were found in the cache"), "{table}");
        assert!(table.contains("3.0 MiB"), "{table}");
    }

    #[test]
    fn bytes_are_readable() {
        for (bytes, text) in [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 40, "5.0 TiB")] {
            assert_eq!(readable(bytes), text);
        }
    }
}
