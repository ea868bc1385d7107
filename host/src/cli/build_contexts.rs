//! What the images of a group are built from.

use std::collections::{BTreeMap, BTreeSet};

use crate::grants::NetGrant;
use crate::group::{Digest, Group, Service, WrittenContext, written_contexts};
use crate::project::{BuildContent, BuildContext, is_packed};
use crate::run::Event;

use super::fault::Fault;
use super::screen;
use super::target::Checked;

/// For each service with a build, the digest of what its image is built from.
pub(super) async fn contexts(checked: &Checked) -> Result<BTreeMap<String, Digest>, Fault> {
    let digest = |(service, digest): (String, Result<Digest, String>)| match digest {
        Ok(digest) => Ok((service, digest)),
        Err(problem) => Err(Fault::Invalid(format!("service `{service}`, build: {problem}"))),
    };
    digests(&checked.group, &checked.net).await?.into_iter().map(digest).collect()
}

/// Tells the person of what containers write into what images are built from.
pub(super) fn tell_written(group: &Group) {
    for WrittenContext { builder, build, writer, path } in written_contexts(group) {
        if is_packed(build, path) {
            let (path, directory) = (path.display(), build.directory.display());
            screen::show(Event::Warning(format!(
                "{builder}: its image is built from {directory}, and {writer} writes to {path} in it: what it has written \
                 builds the image again at the next start; name it in {directory}/.dockerignore, or mount it read-only"
            )));
        }
    }
}

/// The same, or why what it is built from cannot be read, or may not be built.
pub(super) async fn digests(
    group: &Group,
    net: &BTreeSet<NetGrant>,
) -> Result<Vec<(String, Result<Digest, String>)>, Fault> {
    let builds: Vec<_> = group.services.values().filter(|service| service.build.is_some()).cloned().collect();
    let net = net.clone();
    let digests = tokio::task::spawn_blocking(move || {
        let digest = |service: Service| {
            let build = service.build.as_ref()?;
            let content = BuildContext::look(build, service.platform.as_deref())
                .map_err(|error| format!("cannot read {}: {error}", build.directory.display()));
            let allowed = |content: BuildContent| content.fetches.denied(&net).map_or(Ok(content.digest), Err);
            Some((service.name, content.and_then(allowed)))
        };
        builds.into_iter().filter_map(digest).collect()
    });
    digests.await.map_err(|panic| Fault::Failed(format!("cannot read the build contexts: {panic}")))
}
