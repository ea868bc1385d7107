//! Where file systems are mounted on this machine.

use std::path::PathBuf;

/// What Linux says of the mounts that this process sees:
/// [proc_pid_mountinfo(5)](https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html).
#[cfg(target_os = "linux")]
const MOUNTS: &str = "/proc/self/mountinfo";

/// Every mount point that this process sees.
#[cfg(target_os = "linux")]
pub(super) fn mount_points() -> Vec<PathBuf> {
    read(&std::fs::read(MOUNTS).unwrap_or_default())
}

/// Other systems have no such list.
#[cfg(not(target_os = "linux"))]
pub(super) fn mount_points() -> Vec<PathBuf> {
    Vec::new()
}

/// The mount points that a list names: the fifth word of each line.
#[cfg(target_os = "linux")]
fn read(list: &[u8]) -> Vec<PathBuf> {
    let lines = list.split(|byte| *byte == b'\n');
    lines.filter_map(|line| Some(unescaped(line.split(|byte| *byte == b' ').nth(4)?))).collect()
}

/// A path in which spaces, tabs, line feeds and backslashes are written as a backslash and three octal digits.
#[cfg(target_os = "linux")]
fn unescaped(mut word: &[u8]) -> PathBuf {
    let mut path = Vec::with_capacity(word.len());
    while let Some((first, rest)) = word.split_first() {
        let digits = rest.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.filter(|_| *first == b'\\').and_then(|digits| u8::from_str_radix(digits, 8).ok());
        path.push(code.unwrap_or(*first));
        word = if code.is_some() { &rest[3..] } else { rest };
    }
    PathBuf::from(<std::ffi::OsString as std::os::unix::ffi::OsStringExt>::from_vec(path))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn mount_points_are_read_as_the_kernel_writes_them() {
        let list = b"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw\n\
            37 35 0:4 / /home/me/with\\040space\\134and\\040more rw - tmpfs tmpfs rw\n\n38 35\n";
        assert_eq!(read(list), [PathBuf::from("/mnt2"), PathBuf::from("/home/me/with space\\and more")]);
        assert_eq!(unescaped(b"/a\\0"), PathBuf::from("/a\\0"));
    }

    #[test]
    fn the_root_is_mounted() {
        assert!(mount_points().contains(&PathBuf::from("/")));
    }
}
