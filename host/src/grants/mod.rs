//! What the person who runs a definition allows it beyond what every definition may do, and the answer to "may it?".
//!
//! Pure: nothing here opens, resolves or connects. Who does asks here first, and tells a person what was
//! [denied](Denied).

mod denied;
mod download;
mod fence;
mod lent;
mod net;

pub use denied::{Asked, Denied};
pub use download::{denied_registry, may_download};
pub use fence::{Fence, OutOfReach, PathDenied, Project, is_bare_repository, is_obeyed_name, obeyed_entry};
pub use lent::{DirectoryDenied, may_be_lent};
pub use net::{InvalidNetGrant, NetGrant, may_resolve_to};

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;

/// Where ports are published unless `--publish-on` says otherwise.
const PUBLISH_ON: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A directory that a definition finds under the path that the person wrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "PathBuf")]
pub struct Directory {
    /// As it was written: where the definition finds it.
    pub written: PathBuf,
    /// Where it is.
    pub path: PathBuf,
}

impl From<PathBuf> for Directory {
    fn from(written: PathBuf) -> Self {
        Self { path: written.clone(), written }
    }
}

/// How much memory a call of a definition may use: 256 MiB by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "u32")]
pub struct Memory(u32);

impl Memory {
    /// So many MiB.
    ///
    /// # Errors
    /// If it is none, or more than 4096.
    pub fn of_mib(mib: u32) -> Result<Self, String> {
        if (1..=4096).contains(&mib) { Ok(Self(mib)) } else { Err(format!("{mib} is not between 1 and 4096 MiB")) }
    }

    /// As bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        usize::try_from(u64::from(self.0) * 1024 * 1024).unwrap_or(usize::MAX)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self(256)
    }
}

impl TryFrom<u32> for Memory {
    type Error = String;

    fn try_from(mib: u32) -> Result<Self, String> {
        Self::of_mib(mib)
    }
}

/// The beginning of the names of labels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct LabelPrefix(String);

impl TryFrom<String> for LabelPrefix {
    type Error = String;

    fn try_from(prefix: String) -> Result<Self, String> {
        if prefix.is_empty() { Err("the beginning of a label's name is empty".to_owned()) } else { Ok(Self(prefix)) }
    }
}

impl FromStr for LabelPrefix {
    type Err = String;

    fn from_str(prefix: &str) -> Result<Self, String> {
        Self::try_from(prefix.to_owned())
    }
}

/// What a person allows, on the command line or in `drillmaster.toml`. Nothing by default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Grants {
    /// Directories that a definition may read.
    pub read: BTreeSet<Directory>,
    /// Directories that it may read and write.
    pub write: BTreeSet<Directory>,
    /// Environment variables of the host that it may see.
    pub env: BTreeSet<String>,
    /// Where it may connect to, beside its own services.
    pub net: BTreeSet<NetGrant>,
    /// Files and directories that its services may mount, and what is below them.
    pub mount: BTreeSet<PathBuf>,
    /// What the names of its services' labels may begin with, although other tools act on them.
    pub label: BTreeSet<LabelPrefix>,
    /// The address on which its services' ports are published.
    pub publish_on: Option<IpAddr>,
    /// How much memory a call may use.
    pub memory: Option<Memory>,
}

impl Grants {
    /// These and the others; where there can be one only, the other's.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.read.extend(other.read);
        self.write.extend(other.write);
        self.env.extend(other.env);
        self.net.extend(other.net);
        self.mount.extend(other.mount);
        self.label.extend(other.label);
        Self { publish_on: other.publish_on.or(self.publish_on), memory: other.memory.or(self.memory), ..self }
    }

    /// The same, with relative paths beginning at this directory.
    #[must_use]
    pub fn below(self, base: &Path) -> Self {
        let found = |directory: Directory| Directory { path: base.join(&directory.path), ..directory };
        Self {
            read: self.read.into_iter().map(found).collect(),
            write: self.write.into_iter().map(found).collect(),
            mount: self.mount.into_iter().map(|path| base.join(path)).collect(),
            ..self
        }
    }

    /// The grants of each kind in the words of `drillmaster.toml`, as `read conf, lib` or `net example.com:443`, with the
    /// paths that were written. What reaches furthest comes first.
    #[must_use]
    pub fn described(&self) -> Vec<String> {
        fn kind(word: &str, values: impl Iterator<Item = String>) -> Option<String> {
            let values = values.map(unmistakable).collect::<Vec<_>>().join(", ");
            (!values.is_empty()).then(|| format!("{word} {values}"))
        }
        let directories = |directories: &BTreeSet<Directory>| {
            directories.iter().map(|one| one.written.display().to_string()).collect()
        };
        let (read, write): (Vec<_>, Vec<_>) = (directories(&self.read), directories(&self.write));
        [
            kind("mount", self.mount.iter().map(|path| path.display().to_string())),
            kind("write", write.into_iter()),
            kind("read", read.into_iter()),
            kind("net", self.net.iter().map(ToString::to_string)),
            kind("label", self.label.iter().map(|prefix| prefix.0.clone())),
            kind("publish-on", self.publish_on.iter().map(ToString::to_string)),
            kind("env", self.env.iter().cloned()),
            self.memory.map(|memory| format!("memory {} MiB", memory.0)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// How many grants these are.
    #[must_use]
    pub fn count(&self) -> usize {
        let single = usize::from(self.publish_on.is_some()) + usize::from(self.memory.is_some());
        self.read.len()
            + self.write.len()
            + self.env.len()
            + self.net.len()
            + self.mount.len()
            + self.label.len()
            + single
    }

    /// The paths of files and directories that are granted, by whichever grant.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let directories = self.read.iter().chain(&self.write).map(|directory| directory.path.as_path());
        directories.chain(self.mount.iter().map(PathBuf::as_path))
    }

    /// The address on which ports are published: 127.0.0.1 by default.
    #[must_use]
    pub fn published_on(&self) -> IpAddr {
        self.publish_on.unwrap_or(PUBLISH_ON)
    }

    /// What the names of labels may begin with although other tools act on them.
    #[must_use]
    pub fn labels(&self) -> BTreeSet<String> {
        self.label.iter().map(|prefix| prefix.0.clone()).collect()
    }

    /// Whether a definition may look up the addresses of a host.
    #[must_use]
    pub fn may_look_up(&self, name: &str) -> bool {
        self.net.iter().any(|grant| grant.names(name))
    }

    /// Whether a definition may connect to an address, which it was given for these names when it looked them up.
    #[must_use]
    pub fn may_connect(&self, address: SocketAddr, names: &BTreeSet<String>) -> bool {
        self.net.iter().any(|grant| grant.allows(address, names))
    }
}

/// A value as it stands in a list, quoted if it could be taken for more than one, or for words of the list's own.
fn unmistakable(value: String) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "._-/:@+~*[]=".contains(c);
    if value.chars().all(is_plain) { value } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grants(net: &[&str]) -> Grants {
        Grants { net: net.iter().map(|text| text.parse().unwrap()).collect(), ..Grants::default() }
    }

    fn names(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        let none = Grants::default();
        assert!(!none.may_look_up("example.com"));
        assert!(!none.may_connect("127.0.0.1:80".parse().unwrap(), &names(&["localhost"])));
        assert_eq!(none.published_on(), IpAddr::from([127, 0, 0, 1]));
        assert_eq!(none.memory.unwrap_or_default().bytes(), 256 * 1024 * 1024);
    }

    #[test]
    fn an_address_is_allowed_with_its_port_and_no_other() {
        let grants = grants(&["10.0.0.1:80", "[::1]:443"]);
        let may = |address: &str| grants.may_connect(address.parse().unwrap(), &names(&[]));
        assert!(may("10.0.0.1:80") && may("[::ffff:10.0.0.1]:80") && may("[::1]:443"));
        assert!(!may("10.0.0.1:81") && !may("10.0.0.2:80") && !may("[::1]:80"));
    }

    #[test]
    fn a_name_is_allowed_at_the_addresses_that_were_found_for_it() {
        let grants = grants(&["Example.com:443"]);
        assert!(grants.may_look_up("example.COM") && grants.may_look_up("example.com."));
        assert!(!grants.may_look_up("www.example.com") && !grants.may_look_up("example.org"));
        let address = "93.184.215.14:443".parse().unwrap();
        assert!(grants.may_connect(address, &names(&["example.com"])));
        assert!(!grants.may_connect(address, &names(&["example.org"])));
        assert!(!grants.may_connect(address, &names(&[])));
        assert!(!grants.may_connect("93.184.215.14:80".parse().unwrap(), &names(&["example.com"])));
    }

    #[test]
    fn the_empty_beginning_of_every_label_is_none() {
        assert!("".parse::<LabelPrefix>().is_err() && "t".parse::<LabelPrefix>().is_ok());
    }

    #[test]
    fn relative_paths_begin_where_they_were_written() {
        let data = || Directory::from(PathBuf::from("data"));
        let grants = Grants { read: [data()].into(), mount: ["m".into(), "/abs".into()].into(), ..Grants::default() };
        let grants = grants.below(Path::new("/p"));
        assert_eq!(grants.read, [Directory { written: "data".into(), path: "/p/data".into() }].into());
        assert_eq!(grants.mount, ["/p/m".into(), "/abs".into()].into());
    }

    #[test]
    fn every_grant_is_described() {
        let all = Grants {
            read: [Directory::from(PathBuf::from("conf"))].into(),
            write: [Directory::from(PathBuf::from("/out"))].into(),
            env: ["CI".to_owned(), "HOME".to_owned()].into(),
            mount: ["../data".into()].into(),
            label: ["traefik.".parse().unwrap()].into(),
            publish_on: Some([0, 0, 0, 0].into()),
            memory: Memory::of_mib(64).ok(),
            ..grants(&["a:1"])
        };
        let expected = [
            "mount ../data",
            "write /out",
            "read conf",
            "net a:1",
            "label traefik.",
            "publish-on 0.0.0.0",
            "env CI, HOME",
            "memory 64 MiB",
        ];
        assert_eq!((all.described(), all.count()), (expected.map(str::to_owned).to_vec(), 9));
        assert_eq!((Grants::default().described(), Grants::default().count()), (vec![], 0));
    }

    #[test]
    fn a_grant_is_not_taken_for_two() {
        let read = ["conf, env LANG", "my files", "ok/a-b"].map(|path| Directory::from(PathBuf::from(path)));
        let grants = Grants { read: read.into(), ..Grants::default() };
        assert_eq!(grants.described(), ["read \"conf, env LANG\", \"my files\", ok/a-b"]);
    }

    #[test]
    fn what_the_command_line_says_is_added_to_the_file() {
        let mib = |mib| Some(Memory::of_mib(mib).unwrap());
        let file = Grants { memory: mib(64), publish_on: Some([0, 0, 0, 0].into()), ..grants(&["a:1"]) };
        let label = |prefix: &str| [prefix.parse().unwrap()].into();
        let file = Grants { label: label("traefik."), ..file };
        let both = file.and(Grants { memory: mib(128), label: label("caddy"), ..grants(&["b:2"]) });
        assert_eq!(both.labels(), ["caddy".to_owned(), "traefik.".to_owned()].into());
        assert_eq!(both.net, grants(&["a:1", "b:2"]).net);
        assert_eq!((both.memory, both.publish_on), (mib(128), Some([0, 0, 0, 0].into())));
    }
}
