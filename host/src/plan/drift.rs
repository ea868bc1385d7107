//! How a container differs from what is declared, field by field.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::{
    Comparison, Digest, FieldText, FingerprintKey, Fingerprints, ImageName, MASK, Service, default_of,
    former_default_of,
};

use super::{Change, Container, ContextValue, Image, ImageId, Old, Recorded, Uncompared};

/// How many characters of a digest tell two apart for a person.
const SHORT: usize = 12;

/// How a container compares with the declaration of its service.
#[derive(Debug, Default)]
pub(super) struct Drift {
    /// What differs; nothing if the container can stay.
    pub(super) changes: Vec<Change>,
    /// What could not be compared.
    pub(super) uncompared: Option<Uncompared>,
}

/// Compares a container with the declaration of its service.
pub(super) fn drift(
    service: &Service,
    found: &Container,
    image: Option<&Image>,
    context: ContextValue<'_>,
    key: Option<&FingerprintKey>,
) -> Drift {
    let Drift { mut changes, mut uncompared } = field_drift(service, found, key);
    if let Some(image) = image
        && image.id != found.image
        && !changes.iter().any(|change| change.field == "image")
    {
        changes.push(another_image(&service.image, &found.image, &image.id));
    }
    if changes.is_empty() {
        let environment = environment_drift(service, found, context, key);
        changes = environment.changes;
        uncompared = uncompared.or(environment.uncompared);
    }
    Drift { changes, uncompared }
}

/// How the fields compare with those a container was made from.
fn field_drift(service: &Service, found: &Container, key: Option<&FingerprintKey>) -> Drift {
    let new = service.described();
    let change = |field: String, old: Old| Change { new: new.get(&field).map(FieldText::shown), old, field };
    match &found.recorded {
        Recorded::Fingerprints { fields, environment } => {
            let compared = fields.compare_fields(&new, &found.instance, key);
            let old = |field: &str| match field.strip_prefix("env ") {
                _ if !fields.has(field) => Old::of(default_of(field).map(str::to_owned)),
                // Its value came from the context, and is shown nowhere.
                Some(name) if environment.as_ref().is_some_and(|prints| prints.has(name)) => {
                    Old::Shown(MASK.to_owned())
                }
                _ => Old::Unknown,
            };
            Drift {
                changes: compared.changed.into_iter().map(|field| change(field.clone(), old(&field))).collect(),
                uncompared: without_key(compared.unknown),
            }
        }
        Recorded::Fields { service: declared, .. } => {
            let old = declared.described();
            // As far as it was not what is the same whether it was declared or not.
            let text = |fields: &BTreeMap<String, FieldText>, name: &str| {
                let is_former_default = |field: &FieldText| former_default_of(name) == Some(field.shown().as_str());
                fields.get(name).filter(|field| !is_former_default(field)).cloned()
            };
            let compared = old.iter().chain(&new).filter(|(_, field)| field.comparison() != Comparison::None);
            let names: BTreeSet<&String> = compared.map(|(name, _)| name).collect();
            let differing = names.into_iter().filter(|name| text(&old, name) != text(&new, name));
            let changes = differing.map(|name| change(name.clone(), Old::of(old.get(name).map(FieldText::shown))));
            Drift { changes: changes.collect(), uncompared: None }
        }
        Recorded::Unreadable => Drift { changes: Vec::new(), uncompared: Some(Uncompared::Unreadable) },
    }
}

fn without_key(fields: Vec<String>) -> Option<Uncompared> {
    Some(fields).filter(|fields| !fields.is_empty()).map(Uncompared::WithoutKey)
}

/// The change from one image to another one of the same name.
pub(super) fn another_image(name: &ImageName, old: &ImageId, new: &ImageId) -> Change {
    let shown = |id: &ImageId| format!("{name} ({})", short(&id.0));
    Change { field: "image".to_owned(), old: Old::Shown(shown(old)), new: Some(shown(new)) }
}

/// The change of what an image is built from.
pub(super) fn another_context(old: Option<&Digest>, new: &Digest) -> Change {
    let shown = |digest: &Digest| short(&digest.to_string()).to_owned();
    Change { field: "build context".to_owned(), old: Old::of(old.map(shown)), new: Some(shown(new)) }
}

/// The beginning of an id or digest, without the name of its algorithm.
fn short(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..SHORT).unwrap_or(id)
}

/// How the variables that refer to the context compare with those the container was made with. A key that has no value
/// now is no evidence: the values may be lost, and the container is as it was. The values are not shown, since they may be
/// secret.
pub(super) fn environment_drift(
    service: &Service,
    found: &Container,
    context: ContextValue<'_>,
    key: Option<&FingerprintKey>,
) -> Drift {
    let (changed, unknown) = match &found.recorded {
        Recorded::Fingerprints { environment: Some(prints), .. } => {
            let compared = prints.compare_environment(&filled(service, context), &found.instance, key);
            (compared.changed, compared.unknown)
        }
        Recorded::Fields { environment: Some(made_with), .. } => {
            let changed = environment_hash(service, context).is_some_and(|now| now != *made_with);
            // Which of them changed cannot be known.
            let from_context = service.env.iter().filter(|(_, value)| value.keys().next().is_some());
            (from_context.filter(|_| changed).map(|(name, _)| name.clone()).collect(), Vec::new())
        }
        _ => return Drift::default(),
    };
    let described = service.described();
    let change = |name: String| {
        let field = format!("env {name}");
        let shown = described.get(&field).map(FieldText::shown);
        Change { old: Old::of(shown.clone()), new: shown, field }
    };
    Drift {
        changes: changed.into_iter().map(change).collect(),
        uncompared: without_key(unknown.into_iter().map(|name| format!("env {name}")).collect()),
    }
}

/// The variables of a service that refer to the context and can be filled in, by name.
fn filled(service: &Service, context: ContextValue<'_>) -> BTreeMap<String, String> {
    let from_context = service.env.iter().filter(|(_, value)| value.keys().next().is_some());
    from_context.filter_map(|(name, value)| Some((name.clone(), value.fill(context).ok()?))).collect()
}

/// The fingerprints of the variables of a service that refer to the context, for a new container; none if none does.
#[must_use]
pub fn environment_fingerprints(
    service: &Service,
    context: ContextValue<'_>,
    instance: &str,
    key: &FingerprintKey,
) -> Option<Fingerprints> {
    let filled = filled(service, context);
    (!filled.is_empty()).then(|| Fingerprints::of_environment(&filled, instance, key))
}

/// The hash of a service's environment with the context filled in, if every key has a value, as 0.1 wrote it down.
fn environment_hash(service: &Service, context: ContextValue<'_>) -> Option<Digest> {
    let filled =
        service.env.iter().map(|(name, value)| Some((name, value.fill(context).ok()?))).collect::<Option<Vec<_>>>()?;
    Some(Digest::of_json(&filled))
}
