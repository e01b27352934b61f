//! `Solid`.

use crate::source::source_class;

source_class! {
    /// One colour over a rectangle, as the source of layers.
    Solid of Solid, Solid;
    |solid| format!("color {:?}", solid.attrs.color("color"));
}
