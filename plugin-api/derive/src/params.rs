//! `#[derive(Params)]`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Data, DeriveInput, Expr, ExprRange, Field, Fields, LitStr, RangeLimits, Token, punctuated::Punctuated};

use crate::attributes::{doc, json, label, text, words};

/// `#[effect(...)]` on the struct.
struct Identity {
    id: String,
    label: String,
    version: Option<String>,
    tags: Vec<String>,
}

/// One field with its `#[param(...)]`.
struct ParamField<'a> {
    field: &'a Field,
    name: String,
    label: String,
    doc: String,
    default: Option<Expr>,
    hard: Option<(Expr, Expr)>,
    soft: Option<(Expr, Expr)>,
    step: Option<Expr>,
    unit: String,
    group: String,
    enabled_if: Option<String>,
    renamed_from: Vec<String>,
}

pub(crate) fn expand(input: &DeriveInput) -> syn::Result<TokenStream> {
    let identity = Identity::read(input)?;
    let fields = match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => fields.named.iter().map(ParamField::read).collect::<syn::Result<Vec<_>>>()?,
            Fields::Unit => Vec::new(),
            Fields::Unnamed(fields) => {
                return Err(syn::Error::new_spanned(fields, "parameters need names: use a struct with named fields"));
            }
        },
        _ => return Err(syn::Error::new_spanned(&input.ident, "Params is for structs: one field a parameter")),
    };
    for field in &fields {
        if let Some(condition) = &field.enabled_if
            && !fields.iter().any(|other| other.name == *condition)
        {
            let message = format!("enabled_if names {condition:?}, which is no parameter of this effect");
            return Err(syn::Error::new_spanned(field.field, message));
        }
    }

    let name = &input.ident;
    let type_name = name.to_string();
    let Identity { id, label, tags, .. } = &identity;
    let version = match &identity.version {
        Some(version) => quote!(#version),
        None => quote!(::core::env!("CARGO_PKG_VERSION")),
    };
    let help = doc(&input.attrs);
    let specs = fields.iter().map(ParamField::spec);
    let metadata = metadata(&identity, &type_name, &version, &help, &fields);
    let idents: Vec<_> = fields.iter().map(|field| &field.field.ident).collect();
    let names = fields.iter().map(|field| &field.name);
    let indices = 0..fields.len();
    let defaults = fields.iter().map(ParamField::default_value);
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    Ok(quote! {
        impl #impl_generics ::playa_plugin_api::Params for #name #type_generics #where_clause {
            const METADATA: &'static [&'static str] = &[#metadata];

            fn spec() -> ::playa_plugin_api::EffectSpec {
                ::playa_plugin_api::EffectSpec {
                    id: #id.into(),
                    type_name: #type_name.into(),
                    label: #label.into(),
                    version: #version.into(),
                    help: #help.into(),
                    tags: ::std::vec![#( #tags.into() ),*],
                    inputs: ::std::vec::Vec::new(),
                    params: ::std::vec![#( #specs ),*],
                    traits: ::core::default::Default::default(),
                    alpha: ::core::default::Default::default(),
                }
            }

            fn defaults() -> Self {
                Self { #( #idents: #defaults ),* }
            }

            fn from_wire(
                values: ::playa_plugin_api::export::RSlice<'_, ::playa_plugin_api::abi::WireValue>,
            ) -> ::playa_plugin_api::EffectResult<Self> {
                let _ = values;
                ::core::result::Result::Ok(Self {
                    #( #idents: ::playa_plugin_api::param::read(values, #indices, #names)? ),*
                })
            }
        }
    })
}

/// The pieces of JSON text that describe the effect; constants of the plugin's crate stay expressions.
fn metadata(
    identity: &Identity,
    type_name: &str,
    version: &TokenStream,
    help: &str,
    fields: &[ParamField<'_>],
) -> TokenStream {
    let head = format!(
        "{{\"id\":{},\"type_name\":{},\"label\":{},\"help\":{},\"version\":\"",
        json(&identity.id),
        json(type_name),
        json(&identity.label),
        json(help)
    );
    let mut pieces = quote!(#head, #version, "\",\"params\":[",);
    for (index, param) in fields.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        let (start, ty) = (format!("{comma}{{\"name\":{},\"kind\":\"", json(&param.name)), &param.field.ty);
        let end = format!("\",\"unit\":{},\"doc\":{}}}", json(&param.unit), json(&param.doc));
        pieces.extend(quote!(#start, <#ty as ::playa_plugin_api::Param>::KIND.name(), #end,));
    }
    pieces.extend(quote!("]}"));
    pieces
}

impl Identity {
    fn read(input: &DeriveInput) -> syn::Result<Self> {
        let name = input.ident.to_string();
        let (mut id, mut shown, mut version, mut tags) = (None, label(&name), None, Vec::new());
        for attribute in input.attrs.iter().filter(|a| a.path().is_ident("effect")) {
            attribute.parse_nested_meta(|meta| {
                match meta.path.get_ident().map(ToString::to_string).as_deref() {
                    Some("id") => id = Some(text(&meta)?),
                    Some("label") => shown = text(&meta)?,
                    Some("version") => version = Some(text(&meta)?),
                    Some("tags") => tags = texts(&meta)?,
                    _ => return Err(meta.error("expected id, label, version or tags")),
                }
                Ok(())
            })?;
        }
        let example = words(&name, '_');
        let missing = format!("an effect needs an identity: #[effect(id = \"com.example.{example}\")] on the struct");
        let id = id.ok_or_else(|| syn::Error::new_spanned(&input.ident, missing))?;
        let good = |part: &str| {
            part.starts_with(|c: char| c.is_ascii_lowercase())
                && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-')
        };
        if !id.contains('.') || !id.split('.').all(good) {
            let message =
                format!("the id {id:?} is not reverse-DNS: expected something like \"com.example.{example}\"");
            return Err(syn::Error::new_spanned(&input.ident, message));
        }
        Ok(Self { id, label: shown, version, tags })
    }
}

impl<'a> ParamField<'a> {
    fn read(field: &'a Field) -> syn::Result<Self> {
        let name = field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
        let name = name.trim_start_matches("r#").to_owned();
        let mut param = Self {
            field,
            label: label(&name),
            name,
            doc: doc(&field.attrs),
            default: None,
            hard: None,
            soft: None,
            step: None,
            unit: String::new(),
            group: String::new(),
            enabled_if: None,
            renamed_from: Vec::new(),
        };
        for attribute in field.attrs.iter().filter(|a| a.path().is_ident("param")) {
            attribute.parse_nested_meta(|meta| {
                match meta.path.get_ident().map(ToString::to_string).as_deref() {
                    Some("default") => param.default = Some(meta.value()?.parse()?),
                    Some("range") => param.hard = Some(range(meta.value()?.parse()?)?),
                    Some("soft") => param.soft = Some(range(meta.value()?.parse()?)?),
                    Some("step") => param.step = Some(meta.value()?.parse()?),
                    Some("unit") => param.unit = text(&meta)?,
                    Some("label") => param.label = text(&meta)?,
                    Some("group") => param.group = text(&meta)?,
                    Some("enabled_if") => param.enabled_if = Some(text(&meta)?),
                    Some("renamed_from") => param.renamed_from.push(text(&meta)?),
                    _ => {
                        let known = "default, range, soft, step, unit, label, group, enabled_if or renamed_from";
                        return Err(meta.error(format!("expected {known}")));
                    }
                }
                Ok(())
            })?;
        }
        Ok(param)
    }

    fn default_value(&self) -> TokenStream {
        match &self.default {
            // A string literal becomes a String, everything else is taken as it is.
            Some(Expr::Lit(literal)) if matches!(literal.lit, syn::Lit::Str(_)) => {
                quote!(::core::convert::From::from(#literal))
            }
            Some(expression) => expression.to_token_stream(),
            None => quote!(::core::default::Default::default()),
        }
    }

    fn spec(&self) -> TokenStream {
        let Self { name, label, doc, unit, group, renamed_from, .. } = self;
        let (ty, default) = (&self.field.ty, self.default_value());
        let pair = |range: &Option<(Expr, Expr)>| match range {
            Some((low, high)) => quote!(::core::option::Option::Some(((#low) as f64, (#high) as f64))),
            None => quote!(::core::option::Option::None),
        };
        let (hard, soft) = (pair(&self.hard), pair(if self.soft.is_some() { &self.soft } else { &self.hard }));
        let step = match &self.step {
            Some(step) => quote!(::core::option::Option::Some((#step) as f64)),
            None => quote!(::core::option::Option::None),
        };
        let enabled_if = match &self.enabled_if {
            Some(name) => quote!(::core::option::Option::Some(#name.into())),
            None => quote!(::core::option::Option::None),
        };
        quote! {
            ::playa_plugin_api::ParamSpec {
                name: #name.into(),
                label: #label.into(),
                kind: <#ty as ::playa_plugin_api::Param>::KIND,
                default: {
                    let default: #ty = #default;
                    ::playa_plugin_api::Param::to_value(&default)
                },
                hard_range: #hard,
                soft_range: #soft,
                step: #step,
                unit: #unit.into(),
                doc: #doc.into(),
                group: #group.into(),
                choices: <#ty as ::playa_plugin_api::Param>::choices(),
                enabled_if: #enabled_if,
                renamed_from: ::std::vec![#( #renamed_from.into() ),*],
            }
        }
    }
}

/// The two ends of `low..=high`.
fn range(range: ExprRange) -> syn::Result<(Expr, Expr)> {
    match (&range.start, &range.limits, &range.end) {
        (Some(low), RangeLimits::Closed(_), Some(high)) => Ok(((**low).clone(), (**high).clone())),
        _ => Err(syn::Error::new_spanned(range, "a range has both ends and includes them: 0.0..=1.0")),
    }
}

/// The strings of `["a", "b"]`.
fn texts(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<Vec<String>> {
    let value = meta.value()?;
    let content;
    syn::bracketed!(content in value);
    let items = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
    Ok(items.iter().map(LitStr::value).collect())
}
