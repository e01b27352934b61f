//! What an author is told who writes something that cannot be an effect.

use syn::{DeriveInput, parse_quote};

use crate::{choice, params};

fn params_error(input: DeriveInput) -> String {
    params::expand(&input).expect_err("refused").to_string()
}

fn choice_error(input: DeriveInput) -> String {
    choice::expand(&input).expect_err("refused").to_string()
}

#[test]
fn an_effect_without_a_good_identity() {
    assert_eq!(
        params_error(parse_quote!(
            struct SoftGlow {}
        )),
        "an effect needs an identity: #[effect(id = \"com.example.soft_glow\")] on the struct"
    );
    let refused: [DeriveInput; 4] = [
        parse_quote!(
            #[effect(id = "glow")]
            struct SoftGlow {}
        ),
        parse_quote!(
            #[effect(id = "com..glow")]
            struct SoftGlow {}
        ),
        parse_quote!(
            #[effect(id = "com.Example.glow")]
            struct SoftGlow {}
        ),
        parse_quote!(
            #[effect(id = "com.1example.glow")]
            struct SoftGlow {}
        ),
    ];
    for input in refused {
        let error = params_error(input);
        assert!(error.contains("is not reverse-DNS: expected something like \"com.example.soft_glow\""), "{error}");
    }
    let error = params_error(parse_quote!(
        #[effect(name = "glow")]
        struct SoftGlow {}
    ));
    assert_eq!(error, "expected id, label, version or tags");
}

#[test]
fn a_type_that_cannot_hold_parameters() {
    let error = params_error(parse_quote!(
        #[effect(id = "com.example.a")]
        struct A(f32);
    ));
    assert_eq!(error, "parameters need names: use a struct with named fields");
    let error = params_error(parse_quote!(
        #[effect(id = "com.example.a")]
        enum A {
            B,
        }
    ));
    assert_eq!(error, "Params is for structs: one field a parameter");
}

#[test]
fn a_parameter_with_something_unknown_or_half_said() {
    let with = |attribute: syn::Attribute| {
        params_error(parse_quote!(#[effect(id = "com.example.a")] struct A { #attribute x: f32 }))
    };
    let error = with(parse_quote!(#[param(minimum = 0.0)]));
    assert_eq!(error, "expected default, range, soft, step, unit, label, group, enabled_if or renamed_from");
    for range in [parse_quote!(#[param(range = 0.0..1.0)]), parse_quote!(#[param(soft = 0.0..)])] {
        assert_eq!(with(range), "a range has both ends and includes them: 0.0..=1.0");
    }
    let error = with(parse_quote!(#[param(enabled_if = "y")]));
    assert_eq!(error, "enabled_if names \"y\", which is no parameter of this effect");
}

#[test]
fn a_choice_that_leaves_nothing_to_choose_clearly() {
    assert_eq!(
        choice_error(parse_quote!(
            enum Mode {}
        )),
        "a choice needs at least one variant"
    );
    assert_eq!(
        choice_error(parse_quote!(
            struct Mode {}
        )),
        "Choice is for enums: one variant an alternative"
    );
    assert_eq!(
        choice_error(parse_quote!(
            enum Mode {
                A(f32),
            }
        )),
        "an alternative of a choice has no fields"
    );
    let error = choice_error(parse_quote!(
        enum Mode {
            ThirdWay,
            #[choice(key = "third_way")]
            Other,
        }
    ));
    assert_eq!(error, "two alternatives have the key \"third_way\"");
    let error = choice_error(parse_quote!(
        enum Mode {
            #[choice(name = "a")]
            A,
        }
    ));
    assert_eq!(error, "expected key or label");
}
