//! Who runs drillmaster, and on which machine.

#[cfg(unix)]
use std::collections::BTreeSet;
use std::path::Path;

use crate::group::Account;

/// Where a machine's identity is kept, by which it is told apart from all others, also under another name.
const MACHINE_ID: &str = "/etc/machine-id";

/// Where the names of users are kept.
const USERS: &str = "/etc/passwd";

/// The account that runs this process. Under `sudo` that is the person who called it.
#[must_use]
pub fn account() -> Account {
    let host = host_name();
    let variable = |name: &str| std::env::var(name).ok();
    let user = person(process_user(), &variable);
    let machine = std::fs::read_to_string(MACHINE_ID).ok().and_then(|text| machine_id(&text));
    let users = std::fs::read_to_string(USERS).unwrap_or_default();
    Account {
        machine: machine.unwrap_or_else(|| format!("host {host}")),
        user,
        name: format!("{}@{host}", user_name(&users, user).unwrap_or_else(|| format!("user {user}"))),
    }
}

/// The numbers of the users whose files are as good as the person's own: the one that this process acts as, the person
/// behind it, and root.
#[cfg(unix)]
pub(super) fn trusted_users() -> BTreeSet<u32> {
    let own = rustix::process::geteuid().as_raw();
    [own, 0, person(own, &|name| std::env::var(name).ok())].into()
}

/// Whether a directory may be there: also if it cannot be seen.
#[must_use]
pub fn may_exist(directory: &Path) -> bool {
    // Of a name that is no UTF-8 only something like it is known.
    directory.to_string_lossy().contains(char::REPLACEMENT_CHARACTER) || directory.try_exists().unwrap_or(true)
}

#[cfg(unix)]
fn process_user() -> u32 {
    rustix::process::getuid().as_raw()
}

#[cfg(not(unix))]
fn process_user() -> u32 {
    0
}

#[cfg(unix)]
fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(not(unix))]
fn host_name() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this machine".to_owned())
}

/// The number of the person behind a process of this user.
fn person(user: u32, variable: &dyn Fn(&str) -> Option<String>) -> u32 {
    // Only root can have got it from sudo; anybody else can have set it.
    let caller = || variable("SUDO_UID")?.parse().ok();
    if user == 0 { caller().unwrap_or(0) } else { user }
}

/// The identity in the machine's file. A machine that is made of an image may have none yet.
fn machine_id(text: &str) -> Option<String> {
    let id = text.trim();
    (!id.is_empty() && id != "uninitialized").then(|| id.to_owned())
}

/// The name of a user, in the file of users.
fn user_name(users: &str, user: u32) -> Option<String> {
    let number = user.to_string();
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _password, found) = (fields.next()?, fields.next()?, fields.next()?);
        (found == number && !name.is_empty()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn under_sudo_the_account_is_the_callers() {
        let with = |value: &'static str| move |name: &str| (name == "SUDO_UID").then(|| value.to_owned());
        assert_eq!(person(0, &with("1000")), 1000);
        assert_eq!(person(0, &|_| None), 0);
        assert_eq!(person(0, &with("root")), 0);
        assert_eq!(person(1001, &with("1000")), 1001, "only root can have called sudo");
    }

    #[test]
    fn a_machine_without_an_identity_of_its_own_has_none() {
        assert_eq!(machine_id("3d1219c7c4c5\n").as_deref(), Some("3d1219c7c4c5"));
        for none in ["", "\n", "uninitialized\n"] {
            assert_eq!(machine_id(none), None, "{none:?}");
        }
    }

    #[test]
    fn users_are_found_by_their_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\n\nalice:x:1000:1000::/home/alice:/bin/sh\n";
        assert_eq!(user_name(users, 0).as_deref(), Some("root"));
        assert_eq!(user_name(users, 1000).as_deref(), Some("alice"));
        assert_eq!(user_name(users, 100), None);
    }

    #[test]
    fn what_cannot_be_looked_at_may_exist() {
        let directory = tempfile::tempdir().unwrap();
        assert!(may_exist(directory.path()));
        assert!(!may_exist(&directory.path().join("gone")));
        assert!(!may_exist(&directory.path().join("gone/below")));
        assert!(may_exist(Path::new("/home/caf\u{fffd}")));
    }

    #[test]
    fn this_process_has_an_account() {
        let account = account();
        assert!(!account.machine.is_empty() && account.name.contains('@'), "{account:?}");
    }
}
