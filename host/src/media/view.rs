//! The views of a file: pictures of one scene for several eyes.
//!
//! A part may say which view it is (`view`), or list those among its channels (`multiView`): then channels without a dot are
//! of the first, and those of another have its name before the last part of theirs, as in `right.R` and `diffuse.right.R`.
//! What is said nowhere belongs to all.

use std::borrow::Cow;

use crate::image::{MetaValue, Metadata};

/// The attribute with the view of a part.
const VIEW: &str = "view";
/// The attribute with the views among the channels of a part.
const VIEWS: &str = "multiView";

/// The views that a part has, by its header; the first one has the channels without a prefix.
pub(super) fn views(metadata: &Metadata) -> Vec<String> {
    match (metadata.get(VIEW), metadata.get(VIEWS)) {
        (Some(MetaValue::Text(view)), _) => vec![view.clone()],
        (_, Some(MetaValue::TextList(views))) => views.clone(),
        _ => Vec::new(),
    }
}

/// The metadata of one view alone.
pub(super) fn of_one(mut metadata: Metadata, view: &str) -> Metadata {
    metadata.remove(VIEWS);
    metadata.insert(VIEW, MetaValue::Text(view.to_owned()));
    metadata
}

/// What a channel of a part with these views is called within one of them; none if it is of another one.
pub(super) fn name_within<'a>(name: &'a str, view: &str, views: &[String]) -> Option<Cow<'a, str>> {
    let Some((before, last)) = name.rsplit_once('.') else {
        return views.first().is_none_or(|first| first == view).then_some(name.into());
    };
    let (layer, named) = before.rsplit_once('.').map_or(("", before), |(layer, named)| (layer, named));
    match (named == view, layer) {
        (true, "") => Some(last.into()),
        (true, layer) => Some(format!("{layer}.{last}").into()),
        (false, _) => (!views.iter().any(|other| other == named)).then_some(name.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_have_the_views_of_openexr() {
        let views = ["left".to_owned(), "right".to_owned()];
        for (name, left, right) in [
            ("R", Some("R"), None),
            ("left.R", Some("R"), None),
            ("right.R", None, Some("R")),
            ("diffuse.right.R", None, Some("diffuse.R")),
            ("diffuse.direct.right.R", None, Some("diffuse.direct.R")),
            ("diffuse.R", Some("diffuse.R"), Some("diffuse.R")),
            ("right.diffuse.R", Some("right.diffuse.R"), Some("right.diffuse.R")),
        ] {
            assert_eq!(name_within(name, "left", &views).as_deref(), left, "{name}");
            assert_eq!(name_within(name, "right", &views).as_deref(), right, "{name}");
        }
        assert_eq!(name_within("R", "left", &[]).as_deref(), Some("R"));
    }
}
