//! Build contexts into which containers write.

use std::path::Path;

use super::{Build, Group};

/// A file or directory of a build context to which a service of the same group writes, so that what it writes would build
/// the image again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenContext<'a> {
    /// The service whose image is built.
    pub builder: &'a str,
    /// How it is built.
    pub build: &'a Build,
    /// The service that writes.
    pub writer: &'a str,
    /// Where to: an absolute path, at the build's directory or below it.
    pub path: &'a Path,
}

/// Those of a group, by the builder and then by the writer.
#[must_use]
pub fn written_contexts(group: &Group) -> Vec<WrittenContext<'_>> {
    let written = || {
        group.services.values().flat_map(|service| {
            let written = service.mounts.values().filter(|mount| !mount.read_only);
            written.map(|mount| (service.name.as_str(), mount.source.as_path()))
        })
    };
    let builds = group.services.values().filter_map(|service| Some((service.name.as_str(), service.build.as_ref()?)));
    builds
        .flat_map(|(builder, build)| {
            let inside = written().filter(|(_, path)| path.starts_with(&build.directory));
            inside.map(move |(writer, path)| WrittenContext { builder, build, writer, path })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{
        BuildDeclaration, Declaration, Digest, GroupName, MemoryPaths, MountDeclaration, ServiceDeclaration, Source,
        check,
    };

    #[test]
    fn what_a_container_writes_in_a_build_context_is_found() {
        let service = |name: &str, mounts: &[(&str, bool)]| ServiceDeclaration {
            name: name.to_owned(),
            image: format!("{name}-image"),
            mounts: mounts
                .iter()
                .map(|(source, read_only)| MountDeclaration {
                    source: (*source).to_owned(),
                    target: format!("/at/{source}"),
                    read_only: *read_only,
                })
                .collect(),
            ..ServiceDeclaration::default()
        };
        let build = BuildDeclaration { directory: "app".to_owned(), dockerfile: None };
        let services = vec![
            ServiceDeclaration { build: Some(build), ..service("app", &[("app/data", false), ("app/conf", true)]) },
            service("db", &[("app/dump", false), ("apples", false), ("data", false)]),
        ];
        let declaration = Declaration { services, ..Declaration::default() };
        let source = Source { file: "f".to_owned(), digest: Digest::of(b""), declaration };
        let name = GroupName::new("g").unwrap();
        let group = check(vec![source], MemoryPaths::default().check(&name)).unwrap();
        let found = written_contexts(&group);
        let found: Vec<_> =
            found.iter().map(|found| (found.builder, found.writer, found.path.to_str().unwrap())).collect();
        assert_eq!(found, [("app", "app", "/project/app/data"), ("app", "db", "/project/app/dump")]);
    }
}
