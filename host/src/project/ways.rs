//! The ways by which one gets to a path.

use std::path::{Path, PathBuf};

/// The most symlinks that are followed, as Linux has it.
#[cfg(unix)]
const MOST_LINKS: usize = 40;

/// Each symlink on the way to what a path leads to, and that itself, the last: whoever can replace one of them says what the
/// path leads to. None of them goes through a symlink. What is not there counts as it is written.
#[cfg(unix)]
#[must_use]
pub fn ways_to(path: &Path) -> Vec<PathBuf> {
    use std::collections::VecDeque;
    use std::path::Component;

    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut ways = Vec::new();
    let mut reached = PathBuf::from("/");
    let mut left: VecDeque<PathBuf> = path.components().map(|part| PathBuf::from(part.as_os_str())).collect();
    while let Some(part) = left.pop_front() {
        match part.components().next() {
            Some(Component::ParentDir) => drop(reached.pop()),
            Some(Component::Normal(_)) => {
                let next = reached.join(&part);
                match std::fs::read_link(&next) {
                    Ok(target) if ways.len() < MOST_LINKS => {
                        ways.push(next);
                        for part in target.components().rev() {
                            left.push_front(PathBuf::from(part.as_os_str()));
                        }
                    }
                    _ => reached = next,
                }
            }
            Some(Component::RootDir) => reached = PathBuf::from("/"),
            Some(Component::CurDir | Component::Prefix(_)) | None => {}
        }
    }
    ways.push(reached);
    ways
}

/// Symlinks are not looked at here.
#[cfg(not(unix))]
#[must_use]
pub fn ways_to(path: &Path) -> Vec<PathBuf> {
    vec![super::resolved(path)]
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_symlink_on_the_way_is_one() {
        let home = tempfile::tempdir().unwrap();
        let home = home.path().canonicalize().unwrap();
        std::fs::create_dir_all(home.join("real/deep")).unwrap();
        symlink("../real", home.join("real/up")).unwrap();
        symlink(home.join("real"), home.join("link")).unwrap();
        symlink("link/deep", home.join("twice")).unwrap();
        symlink("gone/x", home.join("dangling")).unwrap();
        symlink("loop", home.join("loop")).unwrap();
        let ways = |path: &str| -> Vec<String> {
            let ways = ways_to(&home.join(path));
            ways.iter().map(|way| way.strip_prefix(&home).unwrap().display().to_string()).collect()
        };
        assert_eq!(ways("real/deep"), ["real/deep"]);
        assert_eq!(ways("link/deep/new"), ["link", "real/deep/new"]);
        assert_eq!(ways("twice/../up/./deep"), ["twice", "link", "real/up", "real/deep"]);
        assert_eq!(ways("dangling"), ["dangling", "gone/x"]);
        assert_eq!(ways("real/../real"), ["real"]);
        assert_eq!(ways("loop").len(), MOST_LINKS + 1);
    }
}
