//! The grammar of image references, as the distribution specification has it.
//!
//! Written out, since the crates that know it compile a regular expression of half a million states for it: 50 ms of
//! each command.

/// The parts of a reference, with what is left out filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference<'a> {
    registry: &'a str,
    /// Whether the registry's own images are meant, which need no user.
    official: bool,
    repository: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

const HUB: &str = "docker.io";
const HUB_LEGACY: &str = "index.docker.io";
const OFFICIAL: &str = "library/";
const TAG: &str = "latest";
const MAX_REPOSITORY: usize = 255;
const MAX_TAG: usize = 128;

impl<'a> Reference<'a> {
    /// Reads a reference; what is wrong with it if it is none.
    pub(super) fn parse(text: &'a str) -> Result<Self, &'static str> {
        if text.is_empty() {
            return Err("it is empty");
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        // A colon before a slash belongs to the registry's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if !is_name(name) {
            return Err("invalid reference format: a name is made of lowercase letters and digits, with single `.`, \
                        `_`, `__` or dashes between them, and parts of it are separated by `/`");
        }
        if !tag.is_none_or(is_tag) {
            return Err(
                "invalid reference format: a tag is made of at most 128 letters, digits, `_`, `.` and `-`, and \
                        begins with none of the last two",
            );
        }
        if let Some(digest) = digest {
            check_digest(digest)?;
        }
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest)) if names_registry(first) => (first, rest),
            _ => (HUB, name),
        };
        let registry = if registry == HUB_LEGACY { HUB } else { registry };
        let official = registry == HUB && !repository.contains('/');
        if repository.len() + if official { OFFICIAL.len() } else { 0 } > MAX_REPOSITORY {
            return Err("a repository's name must not be longer than 255 characters");
        }
        let tag = if tag.is_none() && digest.is_none() { Some(TAG) } else { tag };
        Ok(Self { registry, official, repository, tag, digest })
    }

    /// The name as people write it: without the hub, without the tag and the digest.
    pub(super) fn familiar_name(&self) -> String {
        if self.registry == HUB {
            let repository = self.repository;
            repository.strip_prefix(OFFICIAL).filter(|name| !name.contains('/')).unwrap_or(repository).to_owned()
        } else {
            format!("{}/{}", self.registry, self.repository)
        }
    }

    /// The host and port of the registry, as `ghcr.io` or `127.0.0.1:5000`.
    pub(super) fn registry(&self) -> &'a str {
        self.registry
    }

    /// The tag, if there is one.
    pub(super) fn tag(&self) -> Option<&'a str> {
        self.tag
    }

    /// Whether it names an image by its digest.
    pub(super) fn has_digest(&self) -> bool {
        self.digest.is_some()
    }

    /// The reference in full.
    pub(super) fn whole(&self) -> String {
        let mut whole = format!("{}/", self.registry);
        whole += if self.official { OFFICIAL } else { "" };
        whole += self.repository;
        for (mark, part) in [(':', self.tag), ('@', self.digest)] {
            if let Some(part) = part {
                whole.push(mark);
                whole += part;
            }
        }
        whole
    }
}

/// Whether the first part of a name with several is a registry. What has a capital in it can be nothing else.
fn names_registry(first: &str) -> bool {
    first.contains(['.', ':']) || first == "localhost" || first.contains(|c: char| c.is_ascii_uppercase())
}

/// A path, with a registry before it or not.
fn is_name(name: &str) -> bool {
    let mut parts = name.split('/');
    let first = parts.next().unwrap_or_default();
    let mut rest = parts.peekable();
    (is_path_component(first) || rest.peek().is_some() && is_registry(first)) && rest.all(is_path_component)
}

/// Lowercase letters and digits, and between them `.`, `_`, `__` or any number of dashes.
fn is_path_component(part: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut separators = part.split(alphanumeric);
    // Outside of the first and the last letter there is nothing.
    let outside = separators.next() == Some("") && separators.next_back() == Some("");
    let known = |separator: &str| matches!(separator, "." | "_" | "__") || separator.bytes().all(|byte| byte == b'-');
    outside && separators.all(known)
}

/// A host and perhaps a port.
fn is_registry(text: &str) -> bool {
    let (host, port) = text.split_once(':').unwrap_or((text, "0"));
    let is_label = |label: &str| {
        let inside = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        inside && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    host.split('.').all(is_label) && !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_tag(tag: &str) -> bool {
    let inside = tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    inside && (1..=MAX_TAG).contains(&tag.len()) && !tag.starts_with(['.', '-'])
}

fn check_digest(digest: &str) -> Result<(), &'static str> {
    let (algorithm, hex) = digest.split_once(':').unwrap_or((digest, ""));
    if hex.is_empty() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("invalid reference format: after `@` comes a digest like `sha256:` and its hexadecimal digits");
    }
    let digits = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return Err("unsupported digest algorithm: known are sha256, sha384 and sha512"),
    };
    if hex.len() == digits { Ok(()) } else { Err("invalid checksum digest length") }
}

#[cfg(test)]
mod tests {
    use oci_spec::distribution::Reference as Oracle;
    use proptest::prelude::*;

    use super::*;

    fn agree(text: &str) {
        let ours = Reference::parse(text).map(|reference| reference.whole()).ok();
        let theirs = text.parse::<Oracle>().map(|reference| reference.whole()).ok();
        // It takes capitals for a user of the hub's, where the specification's own implementation sees a registry.
        let theirs = theirs.map(|whole| match whole.strip_prefix("docker.io/") {
            Some(rest) if rest.split('/').next().is_some_and(|first| first.contains(char::is_uppercase)) => {
                rest.to_owned()
            }
            _ => whole,
        });
        assert_eq!(ours, theirs, "{text:?}");
    }

    #[test]
    fn references_are_read_as_the_specification_has_it() {
        let hex = "0123456789abcdef".repeat(8);
        for name in [
            "a",
            "a/b",
            "a/b/c",
            "docker.io/a",
            "docker.io/a/b",
            "index.docker.io/a",
            "localhost/a",
            "localhost",
            "LOCALHOST/a",
            "host:5000/a",
            "host:/a",
            "host:x/a",
            "a.b",
            "a..b",
            "a_b",
            "a__b",
            "a___b",
            "a--b",
            "-a",
            "a-",
            "a-.b",
            "a/-b",
            "a//b",
            "/a",
            "a/",
            "A",
            "a/B",
            "A/b",
            "a.b/c",
            "-a.b/c",
            "a-.b/c",
            "a.-b/c",
            "",
            "/",
            "ä",
            "xn--n3h.com/a",
            "a:1/b:2/c",
            "[::1]:5000/a",
            &"a".repeat(247),
            &"a".repeat(248),
            &format!("r.io/{}", "a".repeat(255)),
            &format!("r.io/{}", "a".repeat(256)),
        ] {
            agree(name);
            for tag in ["", "1", "1.2-x_Y", ".1", "-1", "_1", &"t".repeat(128), &"t".repeat(129), "a:b", " "] {
                agree(&format!("{name}:{tag}"));
            }
            for algorithm in ["sha256", "sha384", "sha512", "md5", ""] {
                for length in [0, 32, 63, 64, 65, 96, 128] {
                    agree(&format!("{name}@{algorithm}:{}", &hex[..length]));
                    agree(&format!("{name}:tag@{algorithm}:{}", &hex[..length]));
                }
            }
        }
    }

    #[test]
    fn a_tag_is_made_of_ascii() {
        // Where the oracle is wrong: no engine takes this.
        assert!(Reference::parse("a:ä").is_err());
    }

    #[test]
    fn what_has_a_capital_in_its_first_part_names_a_registry() {
        for (text, whole) in
            [("Host/a", "Host/a:latest"), ("LOCALHOST/a/b:1", "LOCALHOST/a/b:1"), ("a/b", "docker.io/a/b:latest")]
        {
            assert_eq!(Reference::parse(text).unwrap().whole(), whole);
            assert_eq!(Reference::parse(whole).unwrap().whole(), whole);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_as_the_specification_has_it(text in "[a-cA0._:@/-]{0,14}") {
            agree(&text);
        }

        #[test]
        fn what_looks_like_a_reference_is_read_as_the_specification_has_it(
            text in "([a-cA]{1,2}[.:-]?[a0]{0,2}/)?[ab]{1,2}([._-]{0,3}[a0]{1,2}){0,2}(:[aA0_.-]{0,3})?(@sha256:[0-9a]{63,65})?"
        ) {
            agree(&text);
        }
    }
}
