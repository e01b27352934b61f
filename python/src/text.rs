//! `Text`.

use crate::source::source_class;

source_class! {
    /// A text, as the source of layers.
    Text of Text, Text;
    |text| format!("{} px", text.attrs.float("font_size"));
}
