//! What building an image lets the engine download, held against what the person granted.

use std::collections::BTreeSet;

use crate::grants::{NetGrant, denied_registry, may_download};
use crate::group::ImageName;

use super::Fetches;

/// Where the engine does it, for an error.
const WHERE: &str = "in the network of the machine that Docker runs on";

impl Fetches {
    /// Why a build may not take place, if what it downloads was not granted.
    #[must_use]
    pub fn denied(&self, net: &BTreeSet<NetGrant>) -> Option<String> {
        if let Some(line) = self.unclear.first() {
            return Some(format!(
                "it cannot be told what `{line}` in its Dockerfile downloads, {WHERE}; write the host out, or use COPY"
            ));
        }
        if let Some(image) = self.images.iter().find(|image| ImageName::new(image).is_err()) {
            return Some(format!("its Dockerfile builds on `{image}`, which is not an image reference"));
        }
        let (host, port) = self.hosts.iter().find(|(host, port)| !may_download(net, host, *port))?;
        Some(format!(
            "its Dockerfile downloads from {host}, port {port}, with ADD, {WHERE}; --allow-net {host}:{port} would allow \
             it"
        ))
    }

    /// The images that it builds on whose registry needs a grant that there is none of, each with why it may not be
    /// pulled. One that the engine has is not pulled.
    #[must_use]
    pub fn denied_images(&self, net: &BTreeSet<NetGrant>) -> Vec<(ImageName, String)> {
        let images = self.images.iter().filter_map(|image| ImageName::new(image).ok());
        images.filter_map(|image| denied_registry(image.registry(), net).map(|why| (image, why))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::fetches;

    fn net(grants: &[&str]) -> BTreeSet<NetGrant> {
        grants.iter().map(|grant| grant.parse().unwrap()).collect()
    }

    fn denied(dockerfile: &str, grants: &[&str]) -> Option<String> {
        fetches(dockerfile, &[].into()).denied(&net(grants))
    }

    #[test]
    fn a_download_needs_a_grant_of_its_host_and_port() {
        let dockerfile = "FROM scratch\nADD https://example.com/a /\nADD http://127.0.0.1:22550/secret /\n";
        let why = denied(dockerfile, &["example.com:443"]).unwrap();
        assert!(why.contains("--allow-net 127.0.0.1:22550 would allow it"), "{why}");
        assert!(denied(dockerfile, &["127.0.0.1:22550"]).unwrap().contains("--allow-net example.com:443"));
        assert_eq!(denied(dockerfile, &["127.0.0.1:22550", "example.com:443"]), None);
        assert_eq!(denied("FROM debian\nADD a.tar /\nCOPY b /\n", &[]), None);
    }

    #[test]
    fn no_grant_allows_what_cannot_be_told() {
        let why = denied("FROM scratch\nARG A\nADD $A /\n", &["example.com:443"]).unwrap();
        assert!(why.contains("`ADD $A /`") && why.contains("COPY"), "{why}");
        let why = denied("FROM [::1]:5000/x\n", &["[::1]:5000"]).unwrap();
        assert!(why.contains("`[::1]:5000/x`, which is not an image reference"), "{why}");
    }

    #[test]
    fn the_images_of_stages_are_held_against_the_grants_too() {
        let dockerfile =
            "FROM 127.0.0.1:5000/a AS a\nFROM debian\nCOPY --from=a / /\nCOPY --from=registry:5000/b / /\n";
        let fetches = fetches(dockerfile, &[].into());
        let denied = |grants: &[&str]| -> Vec<_> {
            fetches.denied_images(&net(grants)).into_iter().map(|(image, _)| image.to_string()).collect()
        };
        assert_eq!(denied(&[]), ["127.0.0.1:5000/a", "registry:5000/b"]);
        assert_eq!(denied(&["127.0.0.1:5000"]), ["registry:5000/b"]);
    }
}
