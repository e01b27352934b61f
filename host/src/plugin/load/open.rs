//! Opening a library and comparing its interface with ours. The one place where foreign code starts to run.

#![allow(unsafe_code, reason = "opening a library runs its initialisers, and its root is found by name alone")]

use std::path::Path;

use abi_stable::StableAbi as _;
use abi_stable::abi_stability::abi_checking::{
    AbiInstabilityErrors, CheckingGlobals, check_layout_compatibility_with_globals,
};
use abi_stable::library::AbiHeaderRef;
use abi_stable::type_layout::{TLField, TLFieldOrFunction, TypeLayout};
use playa_plugin_api::abi::{PluginModuleRef, ROOT_SYMBOL};

use super::{LoadError, expected_api, one_line};

/// Opens the private copy and returns its checked root module. The library stays open for ever.
pub(super) fn open(path: &Path, copy: &Path) -> Result<PluginModuleRef, LoadError> {
    let open_error = |error: String| {
        let reason = error.replace(&copy.display().to_string(), "it");
        LoadError::Open { path: path.to_owned(), reason: one_line(&reason) }
    };
    // SAFETY: the file was inspected: it is whole, for this machine, and says that it is a Playa plugin of our API. That
    // its initialisers behave is what loading any plugin trusts it with.
    let library = unsafe { open_private(copy) }.map_err(|error| open_error(loader_reason(&error)))?;
    // SAFETY: `export_effects!` gives this symbol the type of a `LibHeader`, which begins with an `AbiHeader`; `upgrade`
    // compares its magic and version before anything beyond that is read.
    let header = unsafe { library.get::<AbiHeaderRef>(ROOT_SYMBOL) }.map(|symbol| *symbol);
    // Never closed: its code may be on any thread's stack, and `header` lives in it.
    std::mem::forget(library);
    let symbol = String::from_utf8_lossy(&ROOT_SYMBOL[..ROOT_SYMBOL.len() - 1]);
    let not_a_plugin = |reason: String| LoadError::NotAPlugin { path: path.to_owned(), reason };
    let header = header.map_err(|_| not_a_plugin(format!("it does not export {symbol:?}")))?;
    if !header.is_valid() {
        return Err(not_a_plugin(format!("what it exports as {symbol:?} is not a plugin's root")));
    }
    let header = header.upgrade().map_err(|error| open_error(error.to_string()))?;

    let layout_error =
        |difference: String| LoadError::Layout { path: path.to_owned(), difference, expected: expected_api() };
    let found = header.layout().ok_or_else(|| layout_error("it hides its layout".into()))?;
    // Fresh globals: the shared ones would compare with whatever plugin came before.
    check_layout_compatibility_with_globals(PluginModuleRef::LAYOUT, found, &CheckingGlobals::new())
        .map_err(|errors| layout_error(first_difference(&errors)))?;
    // SAFETY: the layouts were just found to be compatible.
    unsafe { header.unchecked_layout::<PluginModuleRef>() }.map_err(|error| open_error(error.to_string()))
}

/// What the system's loader said, which lies behind the error that only says that it said something.
fn loader_reason(error: &libloading::Error) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// All symbols now, so that a missing one is an error here and not a crash later; none of them visible to others.
#[cfg(unix)]
unsafe fn open_private(path: &Path) -> Result<libloading::Library, libloading::Error> {
    use libloading::os::unix::{Library, RTLD_LOCAL, RTLD_NOW};
    // SAFETY: the caller's promise.
    unsafe { Library::open(Some(path), RTLD_NOW | RTLD_LOCAL) }.map(Into::into)
}

/// Windows resolves all symbols at once and shares none.
#[cfg(not(unix))]
unsafe fn open_private(path: &Path) -> Result<libloading::Library, libloading::Error> {
    // SAFETY: the caller's promise.
    unsafe { libloading::Library::new(path) }
}

/// The comparison's report runs to a hundred kilobytes. What a person can act on is the innermost type that differs and
/// its first other field.
fn first_difference(errors: &AbiInstabilityErrors) -> String {
    let innermost = errors.errors.iter().filter_map(|error| error.stack_trace.last()).find_map(|pair| {
        match (&pair.expected, &pair.found) {
            (TLFieldOrFunction::Field(expected), TLFieldOrFunction::Field(found)) => differing_field(expected, found),
            _ => None,
        }
    });
    innermost.unwrap_or_else(|| {
        let first = errors.errors.first().and_then(|error| error.errs.first());
        first.map_or_else(|| "the layouts differ".to_owned(), |error| short(&one_line(&format!("{error:?}"))))
    })
}

/// Compares the fields of two types that should be the same.
fn differing_field(expected: &TLField, found: &TLField) -> Option<String> {
    let (expected, found) = (expected.layout(), found.layout());
    let fields = |layout: &'static TypeLayout| {
        let fields = layout.get_fields()?;
        Some(fields.iter().map(|field| format!("{}: {}", field.name(), field.full_type())).collect::<Vec<_>>())
    };
    let (type_name, ours, theirs) = (expected.name(), fields(expected)?, fields(found)?);
    let at = (0..ours.len().max(theirs.len())).find(|at| ours.get(*at) != theirs.get(*at))?;
    Some(match (ours.get(at), theirs.get(at)) {
        (Some(ours), Some(theirs)) => format!("field {at} of {type_name} is `{theirs}`, expected `{ours}`"),
        (Some(ours), None) => format!("{type_name} lacks its field {at}, `{ours}`"),
        (None, theirs) => format!("{type_name} has one more field, `{}`", theirs.map_or("?", String::as_str)),
    })
}

fn short(text: &str) -> String {
    text.chars().take(300).collect()
}
