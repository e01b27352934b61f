//! The wire: every type that crosses between host and plugin. **Frozen at API 1.0.**
//!
//! abi_stable compares the layout of all of this, field by field, when a plugin is opened, and refuses a plugin that is
//! older than the host as soon as one field is new. So nothing here ever changes. What comes later travels as
//!
//! - an **extension**, a table found by name and version through [`PluginModule::extension`] or [`Services::extension`],
//! - a new number in an open vocabulary (kinds, formats, error codes, trait bits), which an older reader refuses by name,
//! - a **property**, a (key, value) pair on a descriptor, query, plan or call, which an older reader passes over.
//!
//! Every function here is called by the other side, and a panic that leaves one ends the process. The SDK's side is
//! guarded in `export`, the host's in its `plugin::services`.

#![allow(unsafe_code, reason = "`sabi_trait` writes the vtables of the three trait objects below")]
#![allow(non_local_definitions, reason = "abi_stable's macros define their impls inside a constant")]

use abi_stable::{
    RRef, StableAbi,
    library::RootModule,
    sabi_trait,
    sabi_types::VersionStrings,
    std_types::{RBox, ROption, RResult, RSlice, RStr, RString, RVec},
};

use crate::rect::Rect;

/// Version of the contract. A host takes every plugin of the same major version.
pub const API_VERSION: &str = "1.0.0";

/// The exported symbol through which a host finds a plugin's [`PluginModule`], NUL-terminated.
pub const ROOT_SYMBOL: &[u8] = b"playa_plugin_root\0";

/// What a plugin file offers.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModuleRef)))]
#[sabi(missing_field(panic))]
pub struct PluginModule {
    /// Descriptors of all effects in the file.
    pub effects: extern "C" fn() -> RResult<RVec<Descriptor>, Failure>,
    /// Makes the effect with this id.
    pub create: extern "C" fn(id: RStr<'_>) -> RResult<EffectBox, Failure>,
    /// Ends an effect; says what its drop code panicked with.
    pub destroy: extern "C" fn(effect: EffectBox) -> RResult<(), Failure>,
    /// A table of later functions, by name and version.
    #[sabi(last_prefix_field)]
    pub extension: extern "C" fn(name: RStr<'_>, version: u32) -> ROption<Extension>,
}

impl RootModule for PluginModuleRef {
    abi_stable::declare_root_module_statics! {PluginModuleRef}
    const BASE_NAME: &'static str = "playa_plugin";
    const NAME: &'static str = "playa_plugin";
    const VERSION_STRINGS: VersionStrings = abi_stable::package_version_strings!();
}

/// A table of functions whose meaning its name and version fix. It lives as long as the library or host it came from.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct Extension {
    /// The version of the table, at least the one asked for.
    pub version: u32,
    /// The table.
    pub table: *const (),
}

/// One effect, in the host's hands. Stateless: any call may come at any time from any thread.
pub type EffectBox = EffectObject_TO<'static, RBox<()>>;

/// The calls of one effect.
#[sabi_trait]
pub trait EffectObject: Send + Sync {
    /// Says what is computed and which input pixels it takes. Pure and cheap.
    fn plan(&self, query: &Query<'_>) -> RResult<Plan, Failure>;
    /// Fills a window.
    #[sabi(last_prefix_field)]
    fn render(&self, call: &RenderCall<'_>, services: &ServicesRef<'_>) -> RResult<(), Failure>;
}

/// The host's services for the length of one call.
pub type ServicesRef<'a> = Services_TO<'a, RRef<'a, ()>>;

/// What the host does for an effect while it renders. Nothing of it may be kept or called when the call is over: it is
/// memory of the host that is used for something else by then.
#[sabi_trait]
pub trait Services: Sync {
    /// Runs the body for every index below `count` on the host's threads, and returns when all are done. Nests. Once the
    /// render is to stop, what has not begun is left out.
    fn parallel_for(&self, count: usize, body: &BodyRef<'_>);
    /// Lends a buffer of this many values, contents unspecified; none if the memory budget does not allow it.
    fn scratch(&self, values: usize) -> ROption<RVec<f32>>;
    /// Takes a buffer back that was lent, as large as it was. Any other goes to where it comes from, and the log says so.
    fn give_back(&self, buffer: RVec<f32>);
    /// Whether to stop soon.
    fn aborted(&self) -> bool;
    /// How much of the call is done, 0 to 1.
    fn progress(&self, done: f32);
    /// A message for the log: level 0 error, 1 warning, 2 information, 3 detail.
    fn log(&self, level: u32, message: RStr<'_>);
    /// A table of later functions, by name and version.
    #[sabi(last_prefix_field)]
    fn extension(&self, name: RStr<'_>, version: u32) -> ROption<Extension>;
}

/// The body of a parallel loop.
pub type BodyRef<'a> = Body_TO<'a, RRef<'a, ()>>;

/// One index of a parallel loop.
#[sabi_trait]
pub trait Body: Sync {
    /// Does the work of one index.
    #[sabi(last_prefix_field)]
    fn run(&self, index: usize);
}

/// A parameter's value. `kind` is a number of `value::Kind`; the other fields hold what that kind needs.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, Default, PartialEq)]
pub struct WireValue {
    /// Number of the kind.
    pub kind: u32,
    /// Whole numbers, and 0 or 1 for bool.
    pub int: i64,
    /// Floats (first component), vectors, colours.
    pub floats: [f64; 4],
    /// Strings, choice keys, uuids as text.
    pub text: RString,
    /// Items of lists (keys empty) and maps.
    pub items: RVec<Property>,
}

/// A value by name.
#[repr(C)]
#[derive(StableAbi, Clone, Debug, Default, PartialEq)]
pub struct Property {
    /// Its name.
    pub key: RString,
    /// Its value.
    pub value: WireValue,
}

/// See `descriptor::EffectSpec`.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct Descriptor {
    /// Reverse-DNS id.
    pub id: RString,
    /// PascalCase name.
    pub type_name: RString,
    /// Name for people.
    pub label: RString,
    /// Semantic version.
    pub version: RString,
    /// What it does.
    pub help: RString,
    /// Words to find it by.
    pub tags: RVec<RString>,
    /// Images it takes.
    pub inputs: RVec<InputDescriptor>,
    /// Parameters in order.
    pub params: RVec<ParamDescriptor>,
    /// Bits of [`trait_bits`].
    pub traits: u64,
    /// 0 premultiplied, 1 straight.
    pub alpha: u32,
    /// Threads that may call at once: 0 any number.
    pub thread_safety: u32,
    /// Growth.
    pub properties: RVec<Property>,
}

/// Bits of [`Descriptor::traits`].
pub mod trait_bits {
    /// `Traits::pixel_wise`.
    pub const PIXEL_WISE: u64 = 1;
    /// `Traits::tileable`.
    pub const TILEABLE: u64 = 1 << 1;
    /// `Traits::in_place`.
    pub const IN_PLACE: u64 = 1 << 2;
    /// `Traits::sequential`.
    pub const SEQUENTIAL: u64 = 1 << 3;
    /// `Traits::random`.
    pub const RANDOM: u64 = 1 << 4;
    /// `Traits::time_invariant`.
    pub const TIME_INVARIANT: u64 = 1 << 5;
    /// `Traits::blocks`.
    pub const BLOCKS: u64 = 1 << 6;
    /// `Traits::keeps_flat`.
    pub const KEEPS_FLAT: u64 = 1 << 7;
    /// `Traits::isotropic`.
    pub const ISOTROPIC: u64 = 1 << 8;
}

/// See `descriptor::InputSpec`.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct InputDescriptor {
    /// Lower-case name.
    pub name: RString,
    /// Works without it.
    pub optional: bool,
    /// Only its alpha is read.
    pub mask: bool,
    /// Growth.
    pub properties: RVec<Property>,
}

/// See `descriptor::ParamSpec`.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct ParamDescriptor {
    /// Lower-case name.
    pub name: RString,
    /// Name for people.
    pub label: RString,
    /// Number of the kind.
    pub kind: u32,
    /// Value until someone sets another.
    pub default: WireValue,
    /// Values outside are refused.
    pub hard_range: ROption<[f64; 2]>,
    /// What a slider shows.
    pub soft_range: ROption<[f64; 2]>,
    /// Step of a slider.
    pub step: ROption<f64>,
    /// Unit.
    pub unit: RString,
    /// What it does.
    pub doc: RString,
    /// Group it is shown in.
    pub group: RString,
    /// Alternatives of a choice.
    pub choices: RVec<ChoiceDescriptor>,
    /// Bool parameter it depends on, or empty.
    pub enabled_if: RString,
    /// Earlier names.
    pub renamed_from: RVec<RString>,
    /// Growth.
    pub properties: RVec<Property>,
}

/// See `descriptor::ChoiceSpec`.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct ChoiceDescriptor {
    /// What is stored.
    pub key: RString,
    /// What is shown.
    pub label: RString,
    /// What it does.
    pub doc: RString,
}

/// What the host asks before it renders.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct Query<'a> {
    /// Values in descriptor order.
    pub params: RSlice<'a, WireValue>,
    /// The window wanted.
    pub window: Rect,
    /// Display window of the picture the effect works on.
    pub canvas: Rect,
    /// Time in frames.
    pub frame: f64,
    /// Proxy scale: 1 at full resolution, 0.5 at half.
    pub scale: f64,
    /// Where each input has pixels, in descriptor order; none where nothing is connected.
    pub domains: RSlice<'a, ROption<Rect>>,
    /// Growth.
    pub properties: RSlice<'a, Property>,
}

/// The answer to a [`Query`].
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct Plan {
    /// Region of definition: outside it the output is transparent black.
    pub domain: Rect,
    /// The output is this input, as it is.
    pub identity: ROption<InputAt>,
    /// The input pixels that rendering the window takes.
    pub needs: RVec<Need>,
    /// Growth.
    pub properties: RVec<Property>,
}

/// An input at a time.
#[repr(C)]
#[derive(StableAbi, Clone, Copy, Debug)]
pub struct InputAt {
    /// Index in the descriptor.
    pub input: u32,
    /// Time in frames.
    pub frame: f64,
}

/// A part of an input.
#[repr(C)]
#[derive(StableAbi, Clone, Copy, Debug)]
pub struct Need {
    /// Which input, when.
    pub at: InputAt,
    /// Which pixels.
    pub rect: Rect,
}

/// One rendering.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct RenderCall<'a> {
    /// Values in descriptor order.
    pub params: RSlice<'a, WireValue>,
    /// Exactly the planned needs, in the order of the plan.
    pub inputs: RSlice<'a, InputImage>,
    /// The window to fill.
    pub output: WireImage,
    /// Display window of the picture the effect works on.
    pub canvas: Rect,
    /// Time in frames.
    pub frame: f64,
    /// Proxy scale.
    pub scale: f64,
    /// Seed for effects that declare themselves random: the same seed, the same pixels.
    pub seed: u64,
    /// What the host reads next.
    pub soon: Soon,
    /// Growth.
    pub properties: RSlice<'a, Property>,
}

/// Memory that the host reads after a call. An effect that computes for long may ask for it meanwhile, see
/// [`ask_for`](crate::simd::ask_for); it never reads it.
#[repr(C)]
#[derive(StableAbi, Clone, Copy, Debug)]
pub struct Soon {
    /// Where the first row begins.
    pub data: *const u8,
    /// Bytes from one row to the next.
    pub row_stride: isize,
    /// Bytes of a row that are read.
    pub row_bytes: usize,
    /// Rows; none if nothing is known.
    pub rows: usize,
}

impl Soon {
    /// Nothing is known.
    pub const NOTHING: Self = Self { data: std::ptr::null(), row_stride: 0, row_bytes: 0, rows: 0 };
}

/// A planned input with its pixels.
#[repr(C)]
#[derive(StableAbi, Clone, Copy, Debug)]
pub struct InputImage {
    /// Which input, when.
    pub at: InputAt,
    /// Its pixels: the planned rectangle, as far as the input has pixels there.
    pub image: WireImage,
}

/// A strided view of pixels, valid for the length of the call it is part of.
#[repr(C)]
#[derive(StableAbi, Clone, Copy, Debug)]
pub struct WireImage {
    /// First pixel of the first row, aligned for `f32`.
    pub data: *mut u8,
    /// Bytes from one row to the next; may be negative.
    pub row_stride: isize,
    /// Bytes from one pixel to the next, or from one block to the next.
    pub pixel_stride: isize,
    /// Where the pixels are.
    pub window: Rect,
    /// One of [`formats`].
    pub format: u32,
}

/// Numbers of [`WireImage::format`]. All are RGBA `f32`, premultiplied, scene-linear.
pub mod formats {
    /// The four components of a pixel side by side, 16 bytes a pixel.
    pub const PIXELS: u32 = 0;
    /// [`BLOCK`] times red, then as many times green, blue and alpha, 512 bytes a block. A row begins with a block and is
    /// filled up to a whole one with values that mean nothing, and may be changed. Only for effects with the trait `blocks`.
    pub const BLOCKS: u32 = 1;
    /// Pixels in a block.
    pub const BLOCK: usize = 32;
}

/// See `error::EffectError`.
#[repr(C)]
#[derive(StableAbi, Clone, Debug)]
pub struct Failure {
    /// Number of `error::ErrorCode`.
    pub code: u32,
    /// What happened.
    pub message: RString,
    /// The parameter at fault, or empty.
    pub param: RString,
    /// Growth.
    pub properties: RVec<Property>,
}
