//! The names of the images that groups build.

use super::reference::Reference;
use super::{Digest, GroupName, ImageName};

/// The registry in the names of built images. No registry can have this name (RFC 2606), so that none of these images is
/// ever taken for one that could be pulled, and nothing that is built is ever found under a name of somebody else's.
const REGISTRY: &str = "drillmaster.invalid";

/// The longest part of such a name that is kept as it is.
const LONGEST: usize = 63;

/// How many characters of a part are shown that is not kept as it is.
const SHOWN: usize = 40;

/// The name of the image that a group builds where it declares `image`: `drillmaster.invalid/shop/app:1` for `app:1` in
/// the group `shop`. No two groups and no two images of a group have the same one.
pub(super) fn built_image(group: &GroupName, image: &ImageName) -> ImageName {
    let whole = image.canonical();
    let (name, tag) = Reference::parse(&whole).map_or((whole.clone(), "latest"), |reference| {
        (reference.familiar_name(), reference.tag().unwrap_or("latest"))
    });
    let text = format!("{REGISTRY}/{}/{}:{tag}", component(group.as_str()), component(&name));
    ImageName::new(&text).expect("its parts are made so that it is one")
}

/// Whether a name is one of those that groups give to the images that they build.
pub(super) fn is_built_image(image: &ImageName) -> bool {
    image.canonical().split_once('/').is_some_and(|(registry, _)| registry == REGISTRY)
}

/// A part of an image's name that stands for a text and for no other one: the text itself where it can be one, else as
/// much of it as can be, and its digest behind `__`, which no text has that is kept.
fn component(text: &str) -> String {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let bare = text.starts_with(alphanumeric) && text.ends_with(alphanumeric) && text.len() <= LONGEST;
    if bare && text.split(alphanumeric).all(|between| matches!(between, "" | "." | "_" | "-")) {
        return text.to_owned();
    }
    let lowercase = text.to_ascii_lowercase();
    let words = lowercase.split(|c: char| !alphanumeric(c)).filter(|word| !word.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").chars().take(SHOWN).collect();
    let digest = Digest::of(text.as_bytes()).to_string();
    format!("{}__{}", slug.trim_end_matches('-'), &digest[..32])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn built(group: &str, image: &str) -> String {
        built_image(&GroupName::new(group).unwrap(), &ImageName::new(image).unwrap()).as_str().to_owned()
    }

    #[test]
    fn ordinary_names_can_be_read_in_it() {
        assert_eq!(built("shop", "todo-app"), "drillmaster.invalid/shop/todo-app:latest");
        assert_eq!(built("my.shop_1-a", "app:1.2"), "drillmaster.invalid/my.shop_1-a/app:1.2");
        assert_eq!(built("shop", "docker.io/library/app"), built("shop", "app"));
        assert!(built("Shop", "app").starts_with("drillmaster.invalid/shop__"), "{}", built("Shop", "app"));
        assert!(built("shop", "r.io:80/team/app:1").starts_with("drillmaster.invalid/shop/r-io-80-team-app__"));
    }

    #[test]
    fn names_that_look_alike_are_told_apart() {
        let groups =
            ["shop", "Shop", "SHOP", "s.hop", "s-hop", "s_hop", "s--hop", "s__hop", "s.-hop", "shop-", "shop."];
        let images = ["a-b", "a/b", "a.b", "a_b", "a__b", "a--b", "r.io/a/b", "r.io:80/a/b", "localhost/a/b", "a-b:1"];
        let all: std::collections::BTreeSet<_> =
            groups.iter().flat_map(|group| images.map(|image| built(group, image))).collect();
        assert_eq!(all.len(), groups.len() * images.len());
    }

    #[test]
    fn it_is_known_as_what_it_is() {
        let is = |text: &str| is_built_image(&ImageName::new(text).unwrap());
        assert!(is(&built("Shop", "r.io/a:1")) && is("drillmaster.invalid/x"));
        assert!(!is("drillmaster.invalid") && !is("postgres:17") && !is("my/drillmaster.invalid/x"));
    }

    proptest! {
        #[test]
        fn every_group_and_image_has_one_that_is_well_formed_and_its_own(
            group in "[a-zA-Z0-9][a-bA-B_.-]{0,62}", other in "[a-zA-Z0-9][a-bA-B_.-]{0,62}",
            image in "[a-c]{1,3}([._/-][a-c]{1,3}){0,3}(:[a-cA-C_][a-c.-]{0,3})?",
        ) {
            let name = built(&group, &image);
            prop_assert!(is_built_image(&ImageName::new(&name).unwrap()));
            prop_assert_eq!(name == built(&other, &image), group == other);
        }
    }
}
