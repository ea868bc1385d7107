//! The packages that a definition requires. pip unpacks them into a directory for temporary files, and runs nothing of
//! them; the definition then imports them from there, in the sandbox.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use cap_std::ambient_authority;
#[cfg(unix)]
use cap_std::fs::OpenOptionsExt as _;
use cap_std::fs::{Dir, OpenOptions};

use crate::group::quoted;
use crate::toolchain::making::{Step, ToolError};

use super::{pip, requirements};

/// The Python in a component, for which packages are chosen.
const INSIDE: &str = "3.14";

/// The files that say what is required; the first that is there does.
const REQUIREMENTS: &str = "requirements.txt";
const PROJECT: &str = "pyproject.toml";

/// The largest of these files, in bytes.
const LARGEST: u64 = 1024 * 1024;

const REQUIRING: Step = Step {
    name: "installing the packages that the definition requires",
    limit: Duration::from_mins(10),
    advice: "\nThey come from PyPI, which this machine has to reach; only packages in pure Python work in a component.",
};

/// The packages that the definition in a directory requires, in a directory below another one; none if it requires none.
///
/// # Errors
/// If what it requires is not to be had, or not to be installed.
pub(super) async fn installed(
    directory: &Path,
    work: &Path,
    tell: &(dyn Fn(&str) + Send + Sync),
) -> Result<Option<PathBuf>, ToolError> {
    let required = required(directory)?;
    if required.is_empty() {
        return Ok(None);
    }
    tell("installing the packages that the definition requires");
    let python = pip::environment(work).await?;
    let list = work.join(REQUIREMENTS);
    let cannot = ToolError::system(format!("write {}", list.display()));
    std::fs::write(&list, required.join("\n") + "\n").map_err(cannot)?;
    let packages = work.join("packages");
    let mut command = pip::install(&python);
    // What is not built here cannot run a program here.
    command.args(["--only-binary", ":all:", "--platform", "any", "--implementation", "py", "--abi", "none"]);
    command.args(["--python-version", INSIDE, "--no-compile", "--target"]).arg(&packages);
    command.arg("--requirement").arg(list);
    REQUIRING.run(command, work).await?;
    Ok(Some(packages))
}

/// What the definition in a directory requires, a line for each package.
fn required(directory: &Path) -> Result<Vec<String>, ToolError> {
    #[derive(Default, serde::Deserialize)]
    struct Project {
        #[serde(default)]
        dependencies: Vec<String>,
    }
    #[derive(serde::Deserialize)]
    struct File {
        #[serde(default)]
        project: Project,
    }
    let wrong = |name: &str, reason: &str| {
        ToolError::Sources(format!("{}: {}", directory.join(name).display(), quoted(reason)))
    };
    if let Some(text) = read(directory, REQUIREMENTS)? {
        return requirements::in_file(&text).map_err(|reason| wrong(REQUIREMENTS, &reason));
    }
    let Some(text) = read(directory, PROJECT)? else { return Ok(Vec::new()) };
    let file: File = toml::from_str(&text).map_err(|error| wrong(PROJECT, &error.to_string()))?;
    requirements::in_list(&file.project.dependencies)
        .map_err(|reason| wrong(PROJECT, &format!("dependencies: {reason}")))
}

/// The text of a file in a directory, and in no other; none if it is not there.
fn read(directory: &Path, name: &str) -> Result<Option<String>, ToolError> {
    let read = || -> io::Result<String> {
        let mut options = OpenOptions::new();
        options.read(true);
        // Should it be a pipe, nobody waits for the other end.
        #[cfg(unix)]
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
        let file = Dir::open_ambient_dir(directory, ambient_authority())?.open_with(name, &options)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is not a file"));
        }
        let mut text = String::new();
        if file.take(LARGEST + 1).read_to_string(&mut text)? as u64 > LARGEST {
            return Err(io::Error::other(format!("it is larger than {} MiB", LARGEST / 1024 / 1024)));
        }
        Ok(text)
    };
    match read() {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ToolError::Sources(format!("cannot read {}: {error}", directory.join(name).display()))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_requirements_count_and_else_the_dependencies_of_the_project() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(required(home.path()).unwrap(), [""; 0]);
        let project = "[project]\nname = \"shop\"\ndependencies = [\"drillmaster-sdk\", \"six==1.17.0\"]\n";
        fs::write(home.path().join(PROJECT), project).unwrap();
        assert_eq!(required(home.path()).unwrap(), ["six==1.17.0"]);
        fs::write(home.path().join(REQUIREMENTS), "attrs\n").unwrap();
        assert_eq!(required(home.path()).unwrap(), ["attrs"]);
    }

    #[test]
    fn what_is_wrong_is_told_with_its_file_and_line() {
        let home = tempfile::tempdir().unwrap();
        let told = || required(home.path()).unwrap_err().to_string();
        fs::write(home.path().join(PROJECT), "[project]\ndependencies = [\"six @ file:///etc\"]\n").unwrap();
        let error = told();
        assert!(
            error.contains("pyproject.toml: dependencies: `six @ file:///etc` is a package at an address"),
            "{error}"
        );
        fs::write(home.path().join(REQUIREMENTS), "six\n-r /etc/passwd\n").unwrap();
        let error = told();
        assert!(error.contains("requirements.txt: line 2: `-r /etc/passwd` is an option of pip"), "{error}");
        fs::write(home.path().join(REQUIREMENTS), vec![b'#'; usize::try_from(LARGEST).unwrap() + 1]).unwrap();
        assert!(told().ends_with("it is larger than 1 MiB"), "{}", told());
        fs::write(home.path().join(REQUIREMENTS), [0xff]).unwrap();
        assert!(told().contains("UTF-8"), "{}", told());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_read_in_its_directory_alone_and_is_a_file() {
        let home = tempfile::tempdir().unwrap();
        let (outside, inside) = (home.path().join("secret"), home.path().join("shop"));
        fs::create_dir(&inside).unwrap();
        fs::write(&outside, "root:secret").unwrap();
        let file = inside.join(REQUIREMENTS);
        std::os::unix::fs::symlink(&outside, &file).unwrap();
        let told = required(&inside).unwrap_err().to_string();
        assert!(told.starts_with("cannot read ") && !told.contains("root:"), "{told}");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert!(required(&inside).unwrap_err().to_string().contains("not a file"));
        fs::remove_dir(&file).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &file, rustix::fs::Mode::RWXU).unwrap();
        assert!(required(&inside).unwrap_err().to_string().contains("not a file"));
    }
}
