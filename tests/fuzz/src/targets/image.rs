//! Image references, against the crate that knows their specification.

use std::str;

use drillmaster::group::ImageName;
use oci_spec::distribution::Reference;

use crate::shown::plain;

pub(super) fn run(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let name = ImageName::new(text);
    let canonical = name.as_ref().ok().map(ImageName::canonical);
    // The crate takes letters beyond ASCII for a tag, and a first part with capitals for a user of the hub's, where the
    // specification's own implementation sees a registry.
    let is_read_otherwise = text.split_once('/').is_some_and(|(first, _)| first.contains(char::is_uppercase));
    if text.is_ascii() && !is_read_otherwise {
        let expected = text.parse::<Reference>().ok();
        assert_eq!(canonical, expected.map(|reference| reference.whole()));
    }
    if let Some(canonical) = canonical {
        let again = ImageName::new(&canonical).expect("the whole of a reference is one");
        assert_eq!(again.canonical(), canonical);
    } else if let Err(error) = name {
        plain(&error.to_string());
    }
}
