//! `drillmaster new`: a small group to begin with, in each language, with the SDK of this version beside it.

use std::fs;
use std::io;
use std::path::Path;

use include_dir::{Dir, include_dir};

use crate::toolchain::Language;

/// What stands in the files for the group's name.
const NAME: &str = "@NAME@";

/// The directory that the SDK comes to lie in.
const SDK: &str = "sdk";

/// What of an SDK's directory is for its own development, or left there by tools.
const OWN: [&str; 4] = ["tests", "test", "target", "__pycache__"];

/// A group to begin with, and the SDK that it is written with.
struct Scaffold {
    files: Dir<'static>,
    sdk: Dir<'static>,
}

impl Scaffold {
    fn of(language: Language) -> Self {
        match language {
            Language::Rust => Self {
                files: include_dir!("$CARGO_MANIFEST_DIR/src/scaffold/rust"),
                sdk: include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/rust"),
            },
            Language::Python => Self {
                files: include_dir!("$CARGO_MANIFEST_DIR/src/scaffold/python"),
                sdk: include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/python/src"),
            },
            Language::C => Self {
                files: include_dir!("$CARGO_MANIFEST_DIR/src/scaffold/c"),
                sdk: include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/c"),
            },
            Language::JavaScript => Self {
                files: include_dir!("$CARGO_MANIFEST_DIR/src/scaffold/javascript"),
                sdk: include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/javascript"),
            },
            Language::Go => Self {
                files: include_dir!("$CARGO_MANIFEST_DIR/src/scaffold/go"),
                sdk: include_dir!("$CARGO_MANIFEST_DIR/../guest-sdk/go"),
            },
        }
    }
}

/// Why a group was not written.
#[derive(Debug, thiserror::Error)]
pub enum ScaffoldError {
    /// The directory's name cannot be the group's.
    #[error(
        "the directory's name is the group's, and {0:?} cannot be one: it must begin with a letter and hold only letters, \
         digits and inner hyphens, at most 63"
    )]
    Name(String),
    /// There is something already.
    #[error("{0} is there already, and not empty: choose another name, or remove it")]
    Taken(String),
    /// It cannot be written.
    #[error("cannot write {0}: {1}")]
    System(String, io::Error),
}

/// Writes a group of two services in a language into a new directory; gives its name, which is the directory's.
///
/// # Errors
/// If the directory is there and not empty, its name cannot be a group's, or it cannot be written.
pub fn write(directory: &Path, language: Language) -> Result<String, ScaffoldError> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !can_be_named(&name) {
        return Err(ScaffoldError::Name(name));
    }
    let shown = || directory.display().to_string();
    if fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(ScaffoldError::Taken(shown()));
    }
    let Scaffold { files, sdk } = Scaffold::of(language);
    write_below(&files, directory, &|text| text.replace(NAME, &name))
        .and_then(|()| write_below(&sdk, &directory.join(SDK), &str::to_owned))
        .map_err(|error| ScaffoldError::System(shown(), error))?;
    Ok(name)
}

/// Whether the group can have this name, and packages of all languages too.
fn can_be_named(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !name.ends_with('-')
}

/// Writes what a directory holds into another, each text as it is made.
fn write_below(from: &Dir<'_>, to: &Path, made: &dyn Fn(&str) -> String) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in from.files() {
        let target = to.join(file.path().file_name().unwrap_or_default());
        match file.contents_utf8() {
            Some(text) => fs::write(target, made(text))?,
            None => fs::write(target, file.contents())?,
        }
    }
    for directory in from.dirs() {
        let name = directory.path().file_name().unwrap_or_default();
        if !OWN.iter().any(|own| *own == name) {
            write_below(directory, &to.join(name), made)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_written_with_its_name_and_the_sdk() {
        let home = tempfile::tempdir().unwrap();
        let shop = home.path().join("some-shop");
        assert_eq!(write(&shop, Language::Python).unwrap(), "some-shop");
        let app = fs::read_to_string(shop.join("app.py")).unwrap();
        assert!(app.contains("drillmaster.group_name(\"some-shop\")") && !app.contains(NAME), "{app}");
        assert!(shop.join("sdk/drillmaster/testing.py").is_file());
        assert!(shop.join(".gitignore").is_file());
    }

    #[test]
    fn nothing_is_written_over() {
        let home = tempfile::tempdir().unwrap();
        let shop = home.path().join("shop");
        fs::create_dir(&shop).unwrap();
        write(&shop, Language::Rust).unwrap();
        fs::write(shop.join("README.md"), "mine").unwrap();
        assert!(matches!(write(&shop, Language::Rust), Err(ScaffoldError::Taken(_))));
        assert_eq!(fs::read_to_string(shop.join("README.md")).unwrap(), "mine");
    }

    #[test]
    fn a_name_that_no_group_can_have_is_refused() {
        for wrong in ["1shop", "my shop", "shop_", "-", "shop-", ".."] {
            let error = write(Path::new(wrong), Language::Rust).unwrap_err().to_string();
            assert!(error.contains("cannot be one"), "{error}");
        }
    }
}
