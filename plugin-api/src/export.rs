//! From an author's types to a plugin file: the guard, the glue, the metadata section, and
//! [`export_effects!`](crate::export_effects).
//!
//! Everything that the host can call passes through [`guarded`], so that a panic in author code comes back as an error
//! that says where it was. A full call costs one `catch_unwind`, a few nanoseconds.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use abi_stable::{
    library::{CheckTypeLayout, RootModuleResult},
    prefix_type::PrefixTypeTrait,
    sabi_trait::TD_Opaque,
    std_types::{ROption, RResult, RStr, RVec},
};

use crate::abi::{self, EffectBox, EffectObject, EffectObject_TO, Failure, PluginModule, PluginModuleRef};
use crate::descriptor::EffectSpec;
use crate::error::{EffectError, EffectResult, ErrorCode};

mod glue;
mod metadata;
mod pixels;

#[doc(hidden)]
pub use glue::{AnyEffect, entry};
pub use metadata::{METADATA_SECTION, metadata, metadata_len};

/// What the macro knows of one effect.
#[doc(hidden)]
pub struct Entry {
    pub spec: fn() -> EffectSpec,
    pub create: fn() -> EffectResult<EffectBox>,
}

/// What the macro knows of the file.
#[doc(hidden)]
pub trait Plugin: 'static {
    fn entries() -> Vec<Entry>;
}

thread_local! {
    /// Message and place of the panic that is being caught on this thread.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs author code: a panic comes back as an error that names the place.
///
/// A half-written output is the worst that a caught panic leaves behind; the host discards it.
pub fn guarded<T>(call: impl FnOnce() -> EffectResult<T>) -> EffectResult<T> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|payload| {
        let noted = PANIC.with(|note| note.borrow_mut().take());
        let message = noted.unwrap_or_else(|| payload_text(&*payload).to_owned());
        // The payload's own drop is author code too and may panic again: it is leaked.
        std::mem::forget(payload);
        Err(EffectError::new(ErrorCode::Panicked, message))
    })
}

fn payload_text(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// Notes message and place of every panic in this file instead of printing them: the host reports them with the effect
/// and the frame. A plugin carries its own copy of the standard library, so nobody else's panics come here.
fn note_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        let text = format!("{}{place}", payload_text(info.payload()));
        PANIC.with(|note| *note.borrow_mut() = Some(text));
    }));
}

fn wire<T, W>(result: EffectResult<T>, convert: impl FnOnce(T) -> W) -> RResult<W, Failure> {
    match result {
        Ok(value) => RResult::ROk(convert(value)),
        Err(error) => RResult::RErr(Failure::from(error)),
    }
}

extern "C" fn effects<P: Plugin>() -> RResult<RVec<abi::Descriptor>, Failure> {
    let describe = || Ok(P::entries().iter().map(|entry| abi::Descriptor::from(&(entry.spec)())).collect());
    wire(guarded(describe), |descriptors| descriptors)
}

extern "C" fn create<P: Plugin>(id: RStr<'_>) -> RResult<EffectBox, Failure> {
    let create = || {
        let entry = P::entries().into_iter().find(|entry| (entry.spec)().id == id.as_str());
        match entry {
            Some(entry) => (entry.create)(),
            None => Err(EffectError::new(ErrorCode::NotFound, format!("this plugin has no effect {id:?}"))),
        }
    };
    wire(guarded(create), |effect| effect)
}

extern "C" fn destroy(effect: EffectBox) -> RResult<(), Failure> {
    let destroy = move || {
        drop(effect);
        Ok(())
    };
    wire(guarded(destroy), |()| ())
}

/// API 1.0 has no extensions: every name is unknown.
extern "C" fn extension(_name: RStr<'_>, _version: u32) -> ROption<abi::Extension> {
    ROption::RNone
}

extern "C" fn root<P: Plugin>() -> RootModuleResult {
    abi_stable::library::__call_root_module_loader(|| -> PluginModuleRef {
        note_panics();
        PluginModule { effects: effects::<P>, create: create::<P>, destroy, extension }.leak_into_prefix()
    })
}

/// The static that the host looks up.
#[doc(hidden)]
#[allow(unsafe_code, reason = "abi_stable asks for a promise about the type of the root module")]
pub const fn header<P: Plugin>() -> LibHeader {
    // SAFETY: `root` returns a `PluginModuleRef`, the type named here.
    unsafe { LibHeader::from_constructor::<PluginModuleRef>(root::<P>, CheckTypeLayout::Yes) }
}

/// An effect object around author code.
fn object(effect: impl EffectObject + 'static) -> EffectBox {
    EffectObject_TO::from_value(effect, TD_Opaque)
}

/// Makes a plugin file of effects: `export_effects![Gain, Offset];`, once in a crate with
/// `crate-type = ["cdylib"]`. Each type implements [`PixelEffect`](crate::PixelEffect),
/// [`AreaEffect`](crate::AreaEffect) or [`Effect`](crate::Effect).
#[macro_export]
macro_rules! export_effects {
    ($($effect:ty),+ $(,)?) => {
        const _: () = {
            struct ThisPlugin;

            impl $crate::export::Plugin for ThisPlugin {
                fn entries() -> ::std::vec::Vec<$crate::export::Entry> {
                    ::std::vec![$( $crate::export::entry::<_, $effect>() ),+]
                }
            }

            #[unsafe(export_name = "playa_plugin_root")]
            pub static ROOT: $crate::export::LibHeader = $crate::export::header::<ThisPlugin>();

            const EFFECTS: &[&[&str]] = &[$( <$effect as $crate::Params>::METADATA ),+];
            const PANIC: &str = if cfg!(panic = "unwind") { "unwind" } else { "abort" };

            #[used]
            #[unsafe(export_name = "playa_plugin_metadata")]
            #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__playa"))]
            #[cfg_attr(not(target_vendor = "apple"), unsafe(link_section = ".playa"))]
            pub static METADATA: [u8; $crate::export::metadata_len(PANIC, EFFECTS)] =
                $crate::export::metadata(PANIC, EFFECTS);
        };
    };
}

#[doc(hidden)]
pub use abi_stable::{library::LibHeader, std_types::RSlice};
