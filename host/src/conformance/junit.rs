//! Reports in the form that build servers read.

use std::fmt::Write as _;

use super::{CheckReport, Outcome, Report};

/// JUnit XML: a suite for each plugin, a case for each check.
pub fn junit(report: &Report) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"playa validate\">\n");
    for plugin in &report.plugins {
        let count = |is: fn(&CheckReport) -> bool| plugin.checks.iter().filter(|check| is(check)).count();
        let seconds: f64 = plugin.checks.iter().map(|check| check.seconds).sum();
        let _ = writeln!(
            text,
            "  <testsuite name={} tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{seconds:.3}\">",
            quoted(&plugin.path.display().to_string()),
            plugin.checks.len(),
            count(|check| check.counts() && check.outcome == Outcome::Failed),
            count(|check| check.counts() && check.outcome == Outcome::Crashed),
            count(|check| check.outcome == Outcome::Skipped),
        );
        plugin.checks.iter().for_each(|check| case(&mut text, check));
        text += "  </testsuite>\n";
    }
    text + "</testsuites>\n"
}

fn case(text: &mut String, check: &CheckReport) {
    let class = check.effect.as_deref().unwrap_or("file");
    let _ = write!(
        text,
        "    <testcase name={} classname={} time=\"{:.3}\"",
        quoted(&check.name),
        quoted(class),
        check.seconds
    );
    let element = match check.outcome {
        Outcome::Failed if check.counts() => "failure",
        Outcome::Crashed if check.counts() => "error",
        Outcome::Skipped => "skipped",
        _ if check.message.is_empty() => {
            *text += "/>\n";
            return;
        }
        _ => "system-out",
    };
    *text += ">\n";
    let mut body = check.message.clone();
    for (name, more) in [("printed", &check.printed), ("reproduce", &check.reproduce)] {
        if !more.is_empty() {
            let _ = write!(body, "\n{name}: {more}");
        }
    }
    let _ = match element {
        "system-out" => writeln!(text, "      <system-out>{}</system-out>", escaped(&body)),
        _ => writeln!(text, "      <{element} message={}>{}</{element}>", quoted(&check.message), escaped(&body)),
    };
    *text += "    </testcase>\n";
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text).replace('"', "&quot;").replace('\n', "&#10;"))
}

/// XML 1.0 has no words for most control characters.
fn escaped(text: &str) -> String {
    let allowed = |c: char| matches!(c, '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    let text: String = text.chars().map(|c| if allowed(c) { c } else { '\u{fffd}' }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_cannot_say_is_replaced() {
        assert_eq!(quoted("a<b>\"&\u{1}\nc"), "\"a&lt;b&gt;&quot;&amp;\u{fffd}&#10;c\"");
    }
}
