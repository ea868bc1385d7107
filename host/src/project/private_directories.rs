//! Which directories are private to people: their homes, and what desktops keep there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::files::read_regular;

#[cfg(unix)]
use super::account::trusted_users;

/// The local accounts of a Unix system.
const PASSWORD_FILE: &str = "/etc/passwd";

/// The most that is read of the password file, and of a file that names a desktop's directories.
const FILE_LIMIT: u64 = 64 * 1024 * 1024;

/// The lowest user number that systems give to people: 1000 on Linux, 501 on macOS.
const FIRST_PERSON: u32 = 500;

/// The directories that desktops make in a home directory, by their English names. Whatever else they are called there
/// stands in `user-dirs.dirs`.
const DESKTOP_DIRECTORIES: [&str; 10] =
    ["Desktop", "Documents", "Downloads", "Library", "Movies", "Music", "Pictures", "Public", "Templates", "Videos"];

/// Where programs keep what is a person's, in a home directory: keys, passwords, settings.
const HIDDEN_DIRECTORIES: [&str; 11] = [
    ".aws",
    ".azure",
    ".cache",
    ".config",
    ".docker",
    ".gnupg",
    ".kube",
    ".local",
    ".mozilla",
    ".password-store",
    ".ssh",
];

/// Where a home directory says what its desktop's directories are called, as
/// [xdg-user-dirs](https://www.freedesktop.org/wiki/Software/xdg-user-dirs/) has it.
const USER_DIRECTORIES: &str = ".config/user-dirs.dirs";

/// An account of the password file.
#[derive(Debug, PartialEq, Eq)]
struct Account<'a> {
    user: u32,
    home: &'a str,
    shell: &'a str,
}

impl Account<'_> {
    /// Whether a person can log in to it.
    fn is_a_persons(&self) -> bool {
        let no_shell = ["nologin", "false", "sync"].iter().any(|program| self.shell.ends_with(program));
        (self.user == 0 || self.user >= FIRST_PERSON) && !no_shell
    }
}

/// The accounts that a password file names. Lines that are none are left out.
fn accounts(text: &str) -> impl Iterator<Item = Account<'_>> {
    text.lines().filter_map(|line| {
        let mut fields = line.split(':').skip(2);
        let (user, _, _) = (fields.next()?.parse().ok()?, fields.next()?, fields.next()?);
        Some(Account { user, home: fields.next()?, shell: fields.next()? })
    })
}

/// The directories that a home's `user-dirs.dirs` names, as `XDG_DOWNLOAD_DIR="$HOME/Downloads"`.
fn desktop_directories(text: &str, home: &Path) -> Vec<PathBuf> {
    let named = text.lines().filter_map(|line| {
        let (name, value) = line.trim().split_once('=')?;
        let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
        (name.starts_with("XDG_") && name.ends_with("_DIR")).then_some(value)
    });
    named
        .filter_map(|value| match value.strip_prefix("$HOME/") {
            Some(below) => Some(home.join(below)),
            None => value.starts_with('/').then(|| PathBuf::from(value)),
        })
        .collect()
}

/// Every directory that is a person's home, or holds what a desktop keeps there. A directory is private also to those
/// who only call `sudo`, and whatever `HOME` says. `owner` owns the directory in question.
pub(super) fn private_directories(owner: Option<u32>) -> Vec<PathBuf> {
    let text = read(Path::new(PASSWORD_FILE));
    let local = accounts(&text).filter(Account::is_a_persons).map(|account| PathBuf::from(account.home));
    let mut homes: BTreeSet<PathBuf> = local.chain(std::env::home_dir()).collect();
    homes.extend(users(owner).into_iter().filter_map(home_of));
    // Of an account without one.
    homes.retain(|home| home.parent().is_some());
    let desktops = homes.iter().flat_map(|home| {
        let named = desktop_directories(&read(&home.join(USER_DIRECTORIES)), home);
        DESKTOP_DIRECTORIES.iter().chain(&HIDDEN_DIRECTORIES).map(|name| home.join(name)).chain(named)
    });
    // A desktop that lacks a directory of its own names the home in its place.
    let desktops: Vec<_> = desktops.filter(|directory| directory.is_dir()).collect();
    homes.into_iter().chain(desktops).collect()
}

/// The users whose homes are looked up wherever the system keeps its accounts.
#[cfg(unix)]
fn users(owner: Option<u32>) -> BTreeSet<u32> {
    trusted_users().into_iter().chain(owner).collect()
}

#[cfg(not(unix))]
fn users(_: Option<u32>) -> BTreeSet<u32> {
    BTreeSet::new()
}

#[cfg(unix)]
fn home_of(user: u32) -> Option<PathBuf> {
    nix::unistd::User::from_uid(user.into()).ok()?.map(|account| account.dir)
}

#[cfg(not(unix))]
fn home_of(_: u32) -> Option<PathBuf> {
    None
}

/// What a file says; nothing if it cannot be read.
fn read(path: &Path) -> String {
    read_regular(path, FILE_LIMIT).map(|text| String::from_utf8_lossy(&text).into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_people_are_told_from_those_of_programs() {
        let text = "root:x:0:0:root:/root:/bin/bash\n\
            www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\n\
            postgres:x:110:115:PostgreSQL:/var/lib/postgresql:/bin/bash\n\
            me:x:1000:1000:Me,,,:/home/me:/bin/zsh\n\
            nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n\
            # a remark\n\
            odd:x:many:0::/home/odd:/bin/sh\n";
        let people: Vec<_> = accounts(text).filter(Account::is_a_persons).map(|account| account.home).collect();
        assert_eq!(people, ["/root", "/home/me"]);
    }

    #[test]
    fn a_desktop_names_its_directories_in_the_persons_language() {
        let text = "# made by xdg-user-dirs-update\nXDG_DESKTOP_DIR=\"$HOME/Schreibtisch\"\nXDG_MUSIC_DIR=\"/data/music\"\n\
            XDG_X=\"$HOME/x\"\nXDG_VIDEOS_DIR=unquoted\n";
        let expected = [PathBuf::from("/home/me/Schreibtisch"), PathBuf::from("/data/music")];
        assert_eq!(desktop_directories(text, Path::new("/home/me")), expected);
    }

    #[cfg(unix)]
    #[test]
    fn the_home_of_the_account_is_private_whatever_home_says() {
        let own = rustix::process::geteuid().as_raw();
        let home = home_of(own).expect("whoever runs tests has an account");
        assert!(private_directories(None).contains(&home));
    }
}
