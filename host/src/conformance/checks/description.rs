//! What an effect says of itself, in its file and when it is asked.

use std::collections::BTreeSet;

use playa_plugin_api::abi::{Descriptor, PluginModuleRef};
use playa_plugin_api::{EffectError, EffectSpec, ErrorCode};

use crate::conformance::Check;
use crate::conformance::bench::{Bench, told};
use crate::conformance::exam::{Exam, Finding, Tally, Verdict, ensure};
use crate::plugin::load::check_effect;

pub(super) const CHECKS: &[Check] = &[
    Check::of_description(
        "section-is-live",
        1,
        "The section of the file says of the effect what the plugin says when asked.",
        section,
    ),
    Check::of_description("metadata-lint", 1, "Id, names, version, tags and inputs are well formed.", metadata),
    Check::of_description(
        "unknown-ids",
        1,
        "Ids that are almost that of the effect are answered with `NotFound`.",
        unknown_ids,
    ),
    Check::of_description("describe-is-pure", 2, "Every description is the same, at any time, on any thread.", pure),
    Check::of_description(
        "documented",
        4,
        "The effect, its parameters and their choices say what they do.",
        documented,
    )
    .warns(),
    Check::of_description(
        "python-names",
        4,
        "Names of parameters are words that Python takes for keyword arguments.",
        python_names,
    ),
];

/// What a plugin says of an effect now.
fn describe(module: PluginModuleRef, id: &str) -> Result<(Descriptor, usize), Finding> {
    let all = module.effects()()
        .into_result()
        .map_err(|failure| Finding::failed(format!("describing fails: {}", EffectError::from(failure))))?;
    let count = all.len();
    let found = all.into_iter().find(|descriptor| descriptor.id == id);
    found
        .map(|found| (found, count))
        .ok_or_else(|| Finding::failed(format!("the file's section lists {id:?}, the plugin does not describe it")))
}

pub(super) fn spec(exam: &Exam) -> Result<EffectSpec, Finding> {
    let (descriptor, _) = describe(exam.module()?, exam.effect())?;
    EffectSpec::try_from(&descriptor).map_err(Finding::failed)
}

fn section(exam: &Exam) -> Verdict {
    let build = exam.candidate()?.build;
    let (descriptor, count) = describe(exam.module()?, exam.effect())?;
    let live = EffectSpec::try_from(&descriptor).map_err(Finding::failed)?;
    let written = build.effects.iter().find(|effect| effect.id == exam.effect());
    let written = written.ok_or_else(|| Finding::failed("the file's section does not list the effect"))?;
    let mut tally = Tally::default();
    tally.note(ensure(count == build.effects.len(), || {
        format!("the plugin describes {count} effects, its section lists {}", build.effects.len())
    }));
    let mut same = |what: String, live: &str, written: &str| {
        tally.note(ensure(live == written, || format!("{what} is {live:?}, but the file's section says {written:?}")));
    };
    same("the type name".into(), &live.type_name, &written.type_name);
    same("the label".into(), &live.label, &written.label);
    same("the version".into(), &live.version, &written.version);
    same("the help".into(), &live.help, &written.help);
    same("the number of parameters".into(), &live.params.len().to_string(), &written.params.len().to_string());
    for (at, (live, written)) in live.params.iter().zip(&written.params).enumerate() {
        same(format!("the name of parameter {at}"), &live.name, &written.name);
        same(format!("the kind of {:?}", live.name), live.kind.name(), &written.kind);
        same(format!("the unit of {:?}", live.name), &live.unit, &written.unit);
        same(format!("the text of {:?}", live.name), &live.doc, &written.doc);
    }
    tally.verdict()
}

/// Longer texts are for a manual.
const LONGEST_LABEL: usize = 60;

fn metadata(exam: &Exam) -> Verdict {
    let spec = spec(exam)?;
    let mut tally = Tally::default();
    let (id, label) = (&spec.id, &spec.label);
    // Parameters have a check of their own.
    tally.note(check_effect(&EffectSpec { params: Vec::new(), ..spec.clone() }).map_err(Finding::failed));
    tally.note(ensure(id.len() <= 200, || format!("its id has {} bytes, expected at most 200", id.len())));
    tally.note(ensure(label.trim() == label && !label.contains(char::is_control), || {
        format!("its label {label:?} has spaces around it or control characters in it")
    }));
    if label.chars().count() > LONGEST_LABEL {
        let message = format!("its label has {} characters, menus show {LONGEST_LABEL}", label.chars().count());
        tally.note(Err(Finding::warned(message)));
    }
    let tags: BTreeSet<_> = spec.tags.iter().collect();
    tally.note(ensure(tags.len() == spec.tags.len() && tags.iter().all(|tag| !tag.trim().is_empty()), || {
        format!("its tags {:?} have some twice, or empty", spec.tags)
    }));
    tally.note(ensure(!spec.inputs.first().is_some_and(|input| input.mask), || {
        "its first input is a mask, expected the picture that it is put on".to_owned()
    }));
    tally.note(ensure(!(spec.traits.pixel_wise && spec.traits.sequential), || {
        "it says that frames have to be rendered in order, and that each pixel depends on one pixel alone".to_owned()
    }));
    tally.note(ensure(!spec.traits.blocks || spec.traits.pixel_wise && spec.traits.in_place, || {
        "it says that it takes blocks, but not that it is pixel-wise and works in place".to_owned()
    }));
    tally.note(ensure(!(spec.traits.in_place && spec.inputs.is_empty()), || {
        "it says that it works in place, and has no input".to_owned()
    }));
    tally.verdict()
}

fn unknown_ids(exam: &Exam) -> Verdict {
    let module = exam.module()?;
    let id = exam.effect();
    let known: Vec<String> = exam.candidate()?.build.effects.into_iter().map(|effect| effect.id).collect();
    let shorter = &id[..id.char_indices().next_back().map_or(0, |(last, _)| last)];
    let ids = [
        format!("{id}x"),
        format!("x{id}"),
        shorter.to_owned(),
        String::new(),
        id.to_uppercase(),
        format!("{id}\0"),
        format!("{id} "),
        "com.example.there_is_no_such_effect".to_owned(),
        "a".repeat(1 << 20),
    ];
    let mut tally = Tally::default();
    for unknown in ids.into_iter().filter(|unknown| !known.contains(unknown)) {
        let shown: String = unknown.chars().take(80).collect();
        exam.note(format_args!("making an effect of the id {shown:?}"));
        tally.note(match module.create()(unknown.as_str().into()).into_result().map_err(EffectError::from) {
            Err(error) if error.code == ErrorCode::NotFound => Ok(()),
            Err(error) => {
                Err(Finding::failed(format!("the id {shown:?} is answered with {}, expected NotFound", told(&error))))
            }
            Ok(object) => {
                // What it made is ended by who made it.
                let _ = module.destroy()(object);
                Err(Finding::failed(format!("the id {shown:?} makes an effect, expected NotFound")))
            }
        });
    }
    tally.verdict()
}

fn pure(exam: &Exam) -> Verdict {
    let module = exam.module()?;
    let text = || describe(module, exam.effect()).map(|(descriptor, _)| format!("{descriptor:?}"));
    let first = text()?;
    let different = |text: &str| {
        let at = first.char_indices().zip(text.chars()).find(|((_, a), b)| a != b).map_or(0, |((at, _), _)| at);
        let part = |text: &str| text.chars().skip(at.saturating_sub(20)).take(80).collect::<String>();
        Finding::failed(format!("two descriptions differ: {:?} and {:?}", part(&first), part(text)))
    };
    let (path, id) = (exam.plugin().to_owned(), exam.effect().to_owned());
    let on_thread = || -> Result<Vec<String>, Finding> {
        (0..10).map(|_| describe(module, &id).map(|(descriptor, _)| format!("{descriptor:?}"))).collect()
    };
    let texts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(on_thread)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let mut tally = Tally::default();
    for texts in texts {
        tally.note(
            texts.and_then(|texts| {
                texts.iter().find(|text| **text != first).map_or(Ok(()), |text| Err(different(text)))
            }),
        );
    }
    // After an effect was made and used, nothing is described differently.
    exam.note(format_args!("describing {} after its effect was made", path.display()));
    let bench = Bench::new(module, &id);
    tally.note(bench.map(drop).or(Ok(())));
    tally.note(text().and_then(|text| if text == first { Ok(()) } else { Err(different(&text)) }));
    tally.verdict()
}

fn documented(exam: &Exam) -> Verdict {
    let spec = spec(exam)?;
    let mut without = Vec::new();
    if spec.help.trim().is_empty() {
        without.push("the effect itself".to_owned());
    }
    if spec.tags.is_empty() {
        without.push("tags, the words it is found by".to_owned());
    }
    for param in &spec.params {
        if param.doc.trim().is_empty() {
            without.push(format!("parameter {:?}", param.name));
        }
        let choices = param.choices.iter().filter(|choice| choice.doc.trim().is_empty());
        without.extend(choices.map(|choice| format!("choice {:?} of {:?}", choice.key, param.name)));
    }
    ensure(without.is_empty(), || format!("there is no text for {}", without.join(", ")))
}

/// Keywords of Python 3, and what the functions that Playa makes of effects take themselves.
const PYTHON_WORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "self", "try", "while", "with", "yield",
];

fn python_names(exam: &Exam) -> Verdict {
    let spec = spec(exam)?;
    let taken: Vec<_> =
        spec.params.iter().map(|param| param.name.as_str()).filter(|name| PYTHON_WORDS.contains(name)).collect();
    ensure(taken.is_empty(), || format!("{taken:?} mean something else in Python: name the parameters differently"))
}
