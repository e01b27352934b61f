//! What the command prints.

use std::fmt;
use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use super::failure::{Exit, Failure};

/// Prints a result to stdout. A reader that has gone away, as in `playa effects | head -1`, is no failure.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(Exit::Failed, format_args!("stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a result as one JSON document.
pub(super) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::new(Exit::Failed, error))?;
    print(&(text + "\n"))
}

/// Prints a line of those that come one by one, at once. Tells whether anybody reads on.
pub(super) fn print_line(line: &str) -> Result<bool, Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true).map_err(|error| Failure::new(Exit::Failed, format_args!("stdout: {error}"))),
    }
}

/// A line on stderr. Nothing happens where nobody can read it.
pub(super) fn say(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A warning on stderr.
pub(super) fn warn(message: impl fmt::Display) {
    say(format_args!("warning: {message}"));
}

/// An error on stderr.
pub(super) fn error(message: impl fmt::Display) {
    say(format_args!("error: {message}"));
}

/// Columns, each as wide as its widest cell, two spaces apart; the last is as long as it is.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        text += cells.collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    text
}
