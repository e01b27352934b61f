//! `#[derive(Params)]` and `#[derive(Choice)]` for Playa effect plugins.
//!
//! What they accept is documented where authors meet it, in `playa_plugin_api`.

mod attributes;
mod choice;
mod params;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes the fields of a struct the parameters of an effect.
///
/// On the struct, `#[effect(id = "com.example.gain")]`, and optionally `label`, `version` (default: the crate's) and
/// `tags = ["colour"]`. Its doc comment is the help text.
///
/// On each field, all optional: `#[param(default = 1.0, range = 0.0..=4.0, soft = 0.0..=2.0, step = 0.1, unit = "px",
/// label = "Gain", group = "Colour", enabled_if = "on", renamed_from = "amount")]`. `range` refuses values outside,
/// `soft` is what a slider shows. The doc comment says what the parameter does. Without `default` the type's own
/// default is used.
#[proc_macro_derive(Params, attributes(effect, param))]
pub fn derive_params(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    params::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes an enum without fields a choice parameter. A variant's key is its name in snake_case, or `#[choice(key = "...")]`;
/// its doc comment says what it does; `#[default]` marks what a parameter without a default starts with (else the first).
#[proc_macro_derive(Choice, attributes(choice, default))]
pub fn derive_choice(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    choice::expand(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
