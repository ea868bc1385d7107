//! What a fence lets through.

use super::*;

/// A fence round `/home/me/p`, with these grants.
fn fence(granted: &[&str]) -> Fence {
    let out_of_reach = vec![
        OutOfReach::new("the engine's socket", "/run/docker.sock"),
        OutOfReach::new("drillmaster's state", "/home/me/.local/state/drillmaster"),
        OutOfReach::to_write("drillmaster itself", "/usr/bin/drillmaster"),
    ];
    let granted = granted.iter().map(PathBuf::from).collect();
    Fence::new(project(), "drillmaster.toml", granted, out_of_reach)
}

fn project() -> Project {
    Project {
        directory: "/home/me/p".into(),
        private: vec!["/home/me".into(), "/home/me/Downloads".into()],
        is_trusted: true,
        ..Project::default()
    }
}

/// A fence round another project, without grants.
fn round(project: Project) -> Fence {
    Fence::new(project, "drillmaster.toml", BTreeSet::new(), vec![])
}

fn read(fence: &Fence, path: &str) -> Result<(), String> {
    fence.may_have(path, Path::new(path), false).map_err(|denied| denied.to_string())
}

fn write(fence: &Fence, path: &str) -> Result<(), String> {
    fence.may_have(path, Path::new(path), true).map_err(|denied| denied.to_string())
}

#[test]
fn what_is_below_the_project_is_had_and_nothing_else() {
    let fence = fence(&[]);
    for path in ["/home/me/p/data", "/home/me/p/a/b"] {
        assert_eq!((read(&fence, path), write(&fence, path)), (Ok(()), Ok(())), "{path}");
    }
    for path in ["/etc", "/home/me/project", "/home/me/p2", "/home/you"] {
        let expected =
            format!("{path} leads outside the project directory /home/me/p; --allow-mount {path} would allow it");
        assert_eq!((read(&fence, path), write(&fence, path)), (Err(expected.clone()), Err(expected)), "{path}");
    }
}

#[test]
fn what_is_granted_is_had_with_all_that_is_below_it() {
    let fence = fence(&["/etc", "/srv/data"]);
    for path in ["/etc", "/etc/ssl/certs", "/srv/data", "/home/me/p/data"] {
        assert_eq!(write(&fence, path), Ok(()), "{path}");
    }
    for path in ["/srv", "/srv/database", "/etcetera"] {
        assert!(read(&fence, path).unwrap_err().contains("leads outside"), "{path}");
    }
}

#[test]
fn no_grant_allows_what_is_out_of_reach_or_holds_it() {
    let fence = fence(&["/"]);
    assert_eq!(write(&fence, "/etc"), Ok(()));
    assert_eq!(read(&fence, "/").unwrap_err(), "/ holds the engine's socket, /run/docker.sock: no option allows that");
    assert_eq!(
        read(&fence, "/run/docker.sock").unwrap_err(),
        "/run/docker.sock is the engine's socket: no option allows that"
    );
    assert!(read(&fence, "/run").is_err());
    assert!(read(&fence, "/run/docker.socket").is_ok() && read(&fence, "/run/dock").is_ok());
    assert_eq!(
        read(&fence, "/home/me").unwrap_err(),
        "/home/me holds drillmaster's state, /home/me/.local/state/drillmaster: no option allows that"
    );
    assert_eq!(
        read(&fence, "/home/me/.local/state/drillmaster/engine/g").unwrap_err(),
        "/home/me/.local/state/drillmaster/engine/g lies in drillmaster's state, \
         /home/me/.local/state/drillmaster: no option allows that"
    );
    for path in ["/proc", "/proc/sys", "/sys", "/sys/fs/cgroup", "/dev", "/dev/sda"] {
        assert!(read(&fence, path).unwrap_err().ends_with("no option allows that"), "{path}");
    }
}

#[test]
fn some_of_it_can_be_read() {
    let fence = fence(&["/usr"]);
    assert_eq!(read(&fence, "/usr/bin"), Ok(()));
    assert_eq!(
        write(&fence, "/usr/bin").unwrap_err(),
        "/usr/bin holds drillmaster itself, /usr/bin/drillmaster: it can be mounted to be read only"
    );
}

#[test]
fn nobody_writes_what_grants_unless_that_is_granted() {
    for path in ["/home/me/p", "/home/me/p/drillmaster.toml"] {
        assert_eq!(read(&fence(&[]), path), Ok(()));
        assert_eq!(
            write(&fence(&[]), path).unwrap_err(),
            format!(
                "{path} has or can have /home/me/p/drillmaster.toml, which grants: it can be mounted to be read \
                 only; --allow-mount {path} would allow it"
            )
        );
        assert_eq!(write(&fence(&["/home/me/p"]), path), Ok(()));
    }
}

#[test]
fn nobody_writes_where_what_is_granted_could_be_replaced() {
    let pinned = vec!["/home/me/p/conf/app".into(), "/srv/data".into()];
    let project = Project { pinned, lent: vec!["/home/me/p/out".into()], ..project() };
    let fence = Fence::new(project, "drillmaster.toml", ["/srv".into()].into(), vec![]);
    for path in ["/home/me/p/conf", "/srv"] {
        assert_eq!(read(&fence, path), Ok(()));
        assert!(write(&fence, path).unwrap_err().contains("which is granted by name"), "{path}");
    }
    for path in ["/home/me/p/conf/app", "/home/me/p/conf/app/x", "/home/me/p/conf/other", "/srv/data", "/srv/more"] {
        assert_eq!(write(&fence, path), Ok(()), "{path}");
    }
    for denied in [read(&fence, "/home/me/p/out/x"), write(&fence, "/home/me/p/out/x/y")] {
        assert!(denied.unwrap_err().contains("lies in /home/me/p/out, to which the code of the definitions may write"));
    }
    assert_eq!(write(&fence, "/home/me/p/out"), Ok(()));
}

#[test]
fn a_repository_of_another_name_is_not_written() {
    let in_repository = |granted: &[&str], above: &str| {
        let has = |name: &str| BARE.contains(&name);
        fence(granted).may_write_in("hooks", Path::new("/home/me/p/x.git/hooks"), Path::new(above), has)
    };
    let denied = in_repository(&[], "/home/me/p/x.git").unwrap_err().to_string();
    assert!(denied.contains("lies in /home/me/p/x.git, which is a repository"), "{denied}");
    assert_eq!(in_repository(&["/home/me/p/x.git"], "/home/me/p/x.git"), Ok(()));
    // What the project itself lies in is not its affair.
    assert_eq!(in_repository(&[], "/home/me"), Ok(()));
    assert_eq!(fence(&[]).may_write_in("a", Path::new("/home/me/p/a"), Path::new("/home/me/p/a"), |_| false), Ok(()));
}

#[test]
fn a_private_directory_is_no_project() {
    for directory in ["/home/me/Downloads", "/home/me", "/home", "/"] {
        let fence = |granted: &[&str]| {
            let granted = granted.iter().map(PathBuf::from).collect();
            let project = Project { directory: directory.into(), ..project() };
            Fence::new(project, "drillmaster.toml", granted, vec![])
        };
        let path = "/home/me/Downloads/tax";
        let error = read(&fence(&[]), path).unwrap_err();
        assert!(
            error.contains("no project directory") && error.ends_with(&format!("--allow-mount {path} would allow it")),
            "{error}"
        );
        assert_eq!(read(&fence(&[path]), path), Ok(()));
    }
    assert_eq!(
        read(&round(Project { directory: "/home/me/Downloads/shop".into(), ..project() }), "/home/me/Downloads/shop/a"),
        Ok(())
    );
}

#[test]
fn a_directory_where_everybody_can_write_is_no_project() {
    let fence = round(Project { is_everybodys: true, ..project() });
    for path in ["/home/me/p/tmux-1000/default", "/home/me/p/a"] {
        assert!(read(&fence, path).unwrap_err().contains("where everybody can write"), "{path}");
    }
}

#[test]
fn a_repository_is_not_had_and_what_programs_obey_is_not_written() {
    let fence = fence(&["/home/me/p/granted"]);
    for path in ["/home/me/p/.git", "/home/me/p/.git/hooks", "/home/me/p/vendor/x/.hg/store"] {
        for denied in [read(&fence, path), write(&fence, path)] {
            assert!(denied.unwrap_err().contains("credentials and hooks"), "{path}");
        }
    }
    for path in ["/home/me/p/.vscode", "/home/me/p/sub/.envrc", "/home/me/p/.github/workflows"] {
        assert_eq!(read(&fence, path), Ok(()));
        assert!(write(&fence, path).unwrap_err().contains("programs of this machine obey"), "{path}");
    }
    assert_eq!(write(&fence, "/home/me/p/granted/.git"), Ok(()));
    assert_eq!(write(&fence, "/home/me/p/.github.io"), Ok(()));
    let beside = |directory: &str, has: &str| {
        let beside = fence.may_write_beside("data", Path::new(directory), |name| name == has);
        beside.map_err(|denied| denied.to_string())
    };
    assert_eq!(beside("/home/me/p/data", "README"), Ok(()));
    assert_eq!(beside("/home/me/p/granted/x", ".git"), Ok(()));
    assert_eq!(
        beside("/home/me/p/data", ".git").unwrap_err(),
        "data leads to /home/me/p/data, which holds /home/me/p/data/.git, which programs of this machine obey: it can \
         be mounted to be read only; --allow-mount /home/me/p/data would allow it"
    );
}

#[test]
fn what_is_mounted_in_a_project_leads_elsewhere() {
    let points = ["/", "/home", "/home/me/p", "/home/me/p/data/host", "/home/me/p2"];
    let fence = round(Project { mount_points: points.map(PathBuf::from).to_vec(), ..project() });
    let told = |path| read(&fence, path).unwrap_err();
    assert!(told("/home/me/p/data").contains("holds the mount point /home/me/p/data/host"));
    assert!(told("/home/me/p/data/host").contains("is a mount point"));
    assert!(told("/home/me/p/data/host/a").contains("lies below the mount point /home/me/p/data/host"));
    assert!(told("/home/me/p").contains("holds the mount point"));
    assert_eq!((read(&fence, "/home/me/p/other"), read(&fence, "/home/me/p/data/hosts")), (Ok(()), Ok(())));
}

#[test]
fn services_of_a_project_that_is_not_trusted_only_read() {
    let fence = round(Project { is_trusted: false, ..project() });
    assert_eq!(read(&fence, "/home/me/p/data"), Ok(()));
    assert_eq!(
        write(&fence, "/home/me/p/data").unwrap_err(),
        "/home/me/p/data would be written to, and /home/me/p is not trusted: `drillmaster trust /home/me/p` says that \
         it is; --allow-mount /home/me/p/data would allow it"
    );
    let granted = Fence { granted: ["/home/me/p/data".into()].into(), ..fence };
    assert_eq!(write(&granted, "/home/me/p/data"), Ok(()));
}

#[test]
fn a_path_that_leads_somewhere_is_told_with_where() {
    let denied = fence(&["/"]).may_have("link", Path::new("/run"), false).unwrap_err();
    assert_eq!(
        denied.to_string(),
        "link leads to /run, which holds the engine's socket, /run/docker.sock: no option allows that"
    );
}
