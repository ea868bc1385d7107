//! Counters in files, which the server and the commands of `exec` share.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::PathBuf;

/// Adds one to a counter and gives its new value.
pub(crate) fn count(name: &str) -> io::Result<u64> {
    let path = path(name)?;
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    // Two commands may count at the same time.
    file.lock()?;
    let value = value(&mut file)? + 1;
    file.rewind()?;
    file.write_all(value.to_string().as_bytes())?;
    Ok(value)
}

/// A counter's value, 0 when it was never counted.
pub(crate) fn peek(name: &str) -> io::Result<u64> {
    match File::open(path(name)?) {
        Ok(mut file) => {
            file.lock_shared()?;
            value(&mut file)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    }
}

fn value(file: &mut File) -> io::Result<u64> {
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidData, format!("{text:?} is no number")))
}

fn path(name: &str) -> io::Result<PathBuf> {
    if name.is_empty() || name.contains('/') || name.starts_with('.') {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name:?} is no counter's name")));
    }
    let directory = env::var_os("COUNT_DIR").unwrap_or_else(|| "/counts".into());
    Ok(PathBuf::from(directory).join(name))
}
