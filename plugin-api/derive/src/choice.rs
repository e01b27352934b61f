//! `#[derive(Choice)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Fields};

use crate::attributes::{doc, label, text, words};

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let name = &input.ident;
    let Data::Enum(data) = &input.data else {
        return Err(syn::Error::new_spanned(name, "Choice is for enums: one variant an alternative"));
    };
    if data.variants.is_empty() {
        return Err(syn::Error::new_spanned(name, "a choice needs at least one variant"));
    }
    let (mut idents, mut keys, mut labels, mut docs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut default = &data.variants[0].ident;
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            return Err(syn::Error::new_spanned(variant, "an alternative of a choice has no fields"));
        }
        let (mut key, mut shown) = (words(&variant.ident.to_string(), '_'), label(&variant.ident.to_string()));
        for attribute in &variant.attrs {
            if attribute.path().is_ident("default") {
                default = &variant.ident;
            } else if attribute.path().is_ident("choice") {
                attribute.parse_nested_meta(|meta| {
                    match meta.path.get_ident().map(ToString::to_string).as_deref() {
                        Some("key") => key = text(&meta)?,
                        Some("label") => shown = text(&meta)?,
                        _ => return Err(meta.error("expected key or label")),
                    }
                    Ok(())
                })?;
            }
        }
        if keys.contains(&key) {
            return Err(syn::Error::new_spanned(variant, format!("two alternatives have the key {key:?}")));
        }
        idents.push(&variant.ident);
        keys.push(key);
        labels.push(shown);
        docs.push(doc(&variant.attrs));
    }
    Ok(quote! {
        impl ::playa_plugin_api::Param for #name {
            const KIND: ::playa_plugin_api::Kind = ::playa_plugin_api::Kind::Choice;

            fn to_value(&self) -> ::playa_plugin_api::Value {
                ::playa_plugin_api::Value::Choice(match self { #( Self::#idents => #keys ),* }.into())
            }

            fn from_wire(wire: &::playa_plugin_api::abi::WireValue) -> ::core::option::Option<Self> {
                match ::playa_plugin_api::param::choice_key(wire)? {
                    #( #keys => ::core::option::Option::Some(Self::#idents), )*
                    _ => ::core::option::Option::None,
                }
            }

            fn choices() -> ::std::vec::Vec<::playa_plugin_api::ChoiceSpec> {
                ::std::vec![#(
                    ::playa_plugin_api::ChoiceSpec { key: #keys.into(), label: #labels.into(), doc: #docs.into() }
                ),*]
            }
        }

        impl ::core::default::Default for #name {
            fn default() -> Self {
                Self::#default
            }
        }
    })
}
