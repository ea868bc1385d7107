//! How a container differs from what is declared, field by field.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::{Digest, FieldText, ImageName, Service};

use super::{Change, Container, ContextValue, Image, ImageId};

/// How many characters of a digest tell two apart for a person.
const SHORT: usize = 12;

/// What differs between a container and the declaration of its service; nothing if the container can stay.
pub(super) fn drift(
    service: &Service,
    found: &Container,
    image: Option<&Image>,
    context: ContextValue<'_>,
) -> Vec<Change> {
    let mut changes = changed_fields(service, found);
    if let Some(image) = image
        && image.id != found.image
        && !changes.iter().any(|change| change.field == "image")
    {
        changes.push(another_image(&service.image, &found.image, &image.id));
    }
    if changes.is_empty() {
        changes = environment_drift(service, found, context);
    }
    changes
}

/// The fields that differ from those a container was made from.
fn changed_fields(service: &Service, found: &Container) -> Vec<Change> {
    if found.fields == service.fields_hash() {
        return Vec::new();
    }
    let unknown = || Change { field: "fields".to_owned(), old: None, new: None };
    let Some(declared) = &found.declared else { return vec![unknown()] };
    let (old, new) = (declared.described(), service.described());
    let names: BTreeSet<_> = old.keys().chain(new.keys()).collect();
    let changes: Vec<_> = names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| {
            let shown = |fields: &BTreeMap<String, FieldText>| fields.get(name).map(|field| field.shown().to_owned());
            Change { field: name.clone(), old: shown(&old), new: shown(&new) }
        })
        .collect();
    if changes.is_empty() { vec![unknown()] } else { changes }
}

/// The change from one image to another one of the same name.
pub(super) fn another_image(name: &ImageName, old: &ImageId, new: &ImageId) -> Change {
    let shown = |id: &ImageId| Some(format!("{name} ({})", short(&id.0)));
    Change { field: "image".to_owned(), old: shown(old), new: shown(new) }
}

/// The change of what an image is built from.
pub(super) fn another_context(old: Option<&Digest>, new: &Digest) -> Change {
    let shown = |digest: &Digest| short(&digest.to_string()).to_owned();
    Change { field: "build context".to_owned(), old: old.map(shown), new: Some(shown(new)) }
}

/// The beginning of an id or digest, without the name of its algorithm.
fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..SHORT).unwrap_or(id)
}

/// The variables whose values from the context are known to be others than those the container was made with. A key
/// that has no value now is no evidence: the values may be lost, and the container is as it was. The values are not
/// shown, since they may be secret; nor can it be known which of several variables changed.
pub(super) fn environment_drift(service: &Service, found: &Container, context: ContextValue<'_>) -> Vec<Change> {
    let Some(made_with) = &found.environment else { return Vec::new() };
    if environment_hash(service, context).is_none_or(|now| now == *made_with) {
        return Vec::new();
    }
    let from_context = service.env.iter().filter(|(_, value)| value.keys().next().is_some());
    let fields: BTreeSet<_> = from_context.map(|(name, _)| format!("env {name}")).collect();
    let described = service.described().into_iter().filter(|(field, _)| fields.contains(field));
    described
        .map(|(field, text)| {
            let shown = Some(text.shown().to_owned());
            Change { field, old: shown.clone(), new: shown }
        })
        .collect()
}

/// The hash of a service's environment with the context filled in, if every key has a value.
#[must_use]
pub fn environment_hash(service: &Service, context: ContextValue<'_>) -> Option<Digest> {
    let filled =
        service.env.iter().map(|(name, value)| Some((name, value.fill(context).ok()?))).collect::<Option<Vec<_>>>()?;
    Some(Digest::of_json(&filled))
}
