//! `drillmaster trust`, and the question whether a project file or a directory is trusted.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Component, Path, PathBuf};

use crate::grants::OutOfReach;
use crate::group::shell_word;
use crate::project::{
    PROJECT_FILE, ProjectFile, TrustError, TrustStore, Trusted, TrustedContent, is_no_project, is_own,
};
use crate::report::visible;
use crate::toolchain::{Language, Sources};

use super::arguments;
use super::fault::Fault;
use super::output;
use super::print::{out, tell};

/// What a command is about to do with the definitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It changes the group: it needs the grants of a project file, and builds what has to be built.
    Change {
        /// Whether the person can be asked.
        ask: bool,
    },
    /// It shows what such a command would do: it needs the grants, and builds nothing.
    Plan,
    /// It looks at definitions: it goes on without grants, and builds nothing.
    Look,
    /// It is about what runs: the same, and what was built before is as good as what a source says by now.
    Manage,
}

/// What a project file or a directory wants that only the person can allow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// Grants, each in a few words.
    grants: Vec<String>,
    /// Directories whose sources are built by native tools, which do what the sources say.
    builds: Vec<(PathBuf, Language)>,
    /// Definitions that lie outside the file's own directory.
    outside: Vec<PathBuf>,
    /// The name of its group, which another project may have now.
    group: Option<String>,
}

impl Wishes {
    /// Those of a project file.
    pub(super) fn of(file: &ProjectFile) -> Self {
        let directory = file.path.parent().unwrap_or(Path::new("/"));
        let leads_out = |path: &&PathBuf| !path.canonicalize().unwrap_or_else(|_| cleaned(path)).starts_with(directory);
        Self {
            grants: file.grants.described(),
            builds: file.definitions.iter().filter_map(|path| Some((path.clone(), native(path)?))).collect(),
            outside: file.definitions.iter().filter(leads_out).cloned().collect(),
            group: file.group.clone(),
        }
    }

    fn of_directory(directory: &Path) -> Self {
        let builds = native(directory).map(|language| (directory.to_owned(), language));
        Self { builds: builds.into_iter().collect(), ..Self::default() }
    }

    /// Whether it needs nobody's trust.
    pub(super) fn is_empty(&self) -> bool {
        self.grants.is_empty() && self.builds.is_empty() && self.outside.is_empty()
    }

    /// All of them, by kind: nothing is left out, since a project file can name only so much.
    fn text(&self) -> String {
        let builds: Vec<_> = self.builds.iter().map(|(path, language)| build_wish(path, *language)).collect();
        let outside: Vec<_> = self.outside.iter().map(|path| path.display().to_string()).collect();
        let group: Vec<_> = self.group.iter().cloned().collect();
        let mut text = String::new();
        for (title, wishes) in [
            ("grants for its definitions and services:", &self.grants),
            ("native tools, which do what the sources say, outside the sandbox:", &builds),
            ("definitions outside its directory:", &outside),
            ("the containers, networks and volumes of the group of this name, whoever's it is:", &group),
        ] {
            if !wishes.is_empty() {
                let _ = writeln!(text, "  {title}");
            }
            for wish in wishes {
                let _ = writeln!(text, "    {}", visible(wish));
            }
        }
        text
    }
}

/// Where a path leads by what it says: of what is not there yet, nothing more can be told.
fn cleaned(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut cleaned, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                cleaned.pop();
            }
            other => cleaned.push(other),
        }
        cleaned
    })
}

fn build_wish(directory: &Path, language: Language) -> String {
    let tool = match language {
        Language::Rust => "cargo",
        Language::C => "make",
        Language::Go => "go",
        Language::Python | Language::JavaScript => "drillmaster",
    };
    format!("{tool} in {}", directory.display())
}

/// The language of the sources in a directory, if building them runs what they say outside the sandbox.
fn native(directory: &Path) -> Option<Language> {
    let language = Sources::find(directory, None).ok()?.language();
    (!matches!(language, Language::Python | Language::JavaScript)).then_some(language)
}

/// Whether the person trusts a project file, with all that it says.
pub(super) fn trusts(file: &ProjectFile) -> bool {
    TrustStore::of_user().is_ok_and(|store| store.trusts_file(&file.path, &file.digest))
}

/// Whether the person trusts a directory: it itself, or the nearest project file in it or above it, which names it or a
/// definition in it.
pub(super) fn trusts_directory(directory: &Path) -> bool {
    let Ok(directory) = directory.canonicalize() else { return false };
    let names =
        |path: &PathBuf| path.canonicalize().is_ok_and(|path| path == directory || path.parent() == Some(&directory));
    TrustStore::of_user().is_ok_and(|store| store.trusts_directory(&directory))
        || matches!(ProjectFile::find(&directory), Ok(Some(file)) if file.definitions.iter().any(names) && trusts(&file))
}

/// What defines groups of other projects that the person trusts, and what they are built of, which nothing writes that is started
/// for this one: it would run the next time.
pub(super) fn defining_elsewhere(project: &Path) -> Vec<OutOfReach> {
    let Ok(store) = TrustStore::of_user() else { return Vec::new() };
    let of_file = |path: PathBuf| {
        let file = ProjectFile::read(&path).ok();
        let definitions = file.into_iter().flat_map(|file| file.definitions);
        let definitions =
            definitions.map(|path| OutOfReach::to_write("a definition of a project that you trust", path));
        let itself = OutOfReach::to_write("a project file that you trust", path);
        std::iter::once(itself).chain(definitions).collect::<Vec<_>>()
    };
    let of_directory = |path: PathBuf| {
        // What lies in it is this project, or this project's own.
        let is_ours = project.starts_with(&path) && native(&path).is_none();
        (!is_ours).then(|| OutOfReach::to_write("a directory that you trust", path)).into_iter().collect()
    };
    let ours = project.join(PROJECT_FILE);
    let others = store.all().into_iter().filter(|trusted| trusted.path != ours);
    others
        .flat_map(|trusted| match trusted.what {
            TrustedContent::File(_) => of_file(trusted.path),
            TrustedContent::Directory(_) => of_directory(trusted.path),
        })
        .collect()
}

/// Whether what a project file wants is in force: it is trusted, or the person says now that it is.
///
/// # Errors
/// If it is not, and the command cannot go on without.
pub(super) async fn decide(file: &ProjectFile, purpose: Purpose) -> Result<bool, Fault> {
    let wishes = Wishes::of(file);
    if trusts(file) {
        return Ok(true);
    }
    if wishes.is_empty() {
        return Ok(false);
    }
    let path = visible(&file.path.display().to_string()).into_owned();
    let wants = format!("{path} is not trusted. It wants\n{}", wishes.text());
    let command = command("trust", &file.path);
    match purpose {
        Purpose::Look | Purpose::Manage => {
            tell(&format!("{wants}It gets nothing of that. If you know who wrote it: {command}"));
            Ok(false)
        }
        Purpose::Change { ask: true } if can_ask() => {
            if !ask(&format!("{wants}Do you trust this file as it is?")).await? {
                return Err(Fault::Invalid(format!("{path} is not trusted, and nothing was changed")));
            }
            store()?.trust_file(&file.path, &file.digest).map_err(Fault::local)?;
            Ok(true)
        }
        Purpose::Change { .. } | Purpose::Plan => {
            Err(Fault::Invalid(format!("{wants}If you know who wrote it: {command}")))
        }
    }
}

/// Makes sure that native tools may build a directory, asking the person if need be.
///
/// # Errors
/// If they may not, with what allows it.
pub(super) async fn allow_build(directory: &Path, purpose: Purpose) -> Result<(), Fault> {
    if trusts_directory(directory) {
        return Ok(());
    }
    let wishes = Wishes::of_directory(directory);
    let shown = visible(&directory.display().to_string()).into_owned();
    let wants = format!("{shown} is not trusted, and has to be built first. That takes\n{}", wishes.text());
    if purpose == (Purpose::Change { ask: true }) && can_ask() {
        if ask(&format!("{wants}Do you trust this directory?")).await? {
            let found = directory.canonicalize().map_err(Fault::local)?;
            return store()?.trust_directory(&found).map_err(Fault::local);
        }
        return Err(Fault::Invalid(format!("{shown} is not trusted, and nothing was changed")));
    }
    Err(Fault::Invalid(format!(
        "{wants}If you know who wrote it: {}, or once: {}",
        command("trust", directory),
        command("build", directory)
    )))
}

/// A command about a path, to be copied into a shell.
pub(super) fn command(name: &str, path: &Path) -> String {
    shell_word(path)
        .map_or_else(|| format!("drillmaster {name}, in its directory"), |path| format!("drillmaster {name} {path}"))
}

fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks the person, who has to answer with a `y`.
async fn ask(question: &str) -> Result<bool, Fault> {
    let mut to = output::styled_stderr();
    let asked = write!(to, "{question} [y/N] ").and_then(|()| to.flush());
    asked.map_err(Fault::local)?;
    // A read that an interruption leaves behind ends with the process.
    let answer = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).map(|_| line)
    });
    let answer = answer.await.map_err(|panic| Fault::Failed(panic.to_string()))?.map_err(Fault::local)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes" | "Yes"))
}

fn store() -> Result<TrustStore, Fault> {
    TrustStore::of_user().map_err(Fault::local)
}

/// What was named, or is nearest.
enum Subject {
    File(Box<ProjectFile>),
    Directory(PathBuf),
}

impl Subject {
    fn find(named: Option<&Path>) -> Result<Self, Fault> {
        let Some(path) = named else {
            let here = std::env::current_dir().and_then(|here| here.canonicalize()).map_err(Fault::local)?;
            let file = ProjectFile::find(&here).map_err(Fault::invalid)?;
            return Ok(file.map_or(Self::Directory(here), |file| Self::File(Box::new(file))));
        };
        let found = path.canonicalize().map_err(|error| Fault::Invalid(format!("{}: {error}", path.display())))?;
        let file = found.join(PROJECT_FILE);
        if found.is_dir() && file.symlink_metadata().is_err() {
            return Ok(Self::Directory(found));
        }
        let file = if found.is_dir() { file } else { found };
        ProjectFile::read(&file).map(|file| Self::File(Box::new(file))).map_err(Fault::invalid)
    }
}

pub(super) fn run(arguments: &arguments::Trust) -> Result<(), Fault> {
    if arguments.list {
        let lines = store()?.all().iter().map(line).collect::<String>();
        out(if lines.is_empty() { "nothing is trusted\n" } else { &lines });
        return Ok(());
    }
    if arguments.revoke {
        return revoke(arguments.path.as_deref());
    }
    let (path, wishes) = match Subject::find(arguments.path.as_deref())? {
        Subject::File(file) => {
            store()?.trust_file(&file.path, &file.digest).map_err(Fault::local)?;
            (file.path.clone(), Wishes::of(&file))
        }
        Subject::Directory(directory) => {
            if is_no_project(&directory) {
                return Err(Fault::Invalid(format!(
                    "{} is a private directory, holds one, or everybody can write there: put the project into a \
                     directory of its own",
                    directory.display()
                )));
            }
            is_own(&directory).map_err(Fault::invalid)?;
            store()?.trust_directory(&directory).map_err(Fault::local)?;
            (directory.clone(), Wishes::of_directory(&directory))
        }
    };
    let shown = path.display().to_string();
    let shown = visible(&shown);
    out(&format!("{shown} is trusted from now on. It gets\n{}{}", wishes.text(), WRITES));
    Ok(())
}

/// What each project that is trusted gets.
const WRITES: &str = "  for its services: to write to the files and directories below it that they mount\n";

fn revoke(path: Option<&Path>) -> Result<(), Fault> {
    // Also of what is gone, or wrong by now.
    let named = path.map_or_else(std::env::current_dir, std::path::absolute).map_err(Fault::local)?;
    let found = named.canonicalize().unwrap_or(named);
    let store = store()?;
    let mut revoked = false;
    for path in [found.clone(), found.join(PROJECT_FILE)] {
        if store.revoke(&path).map_err(Fault::local)? {
            out(&format!("{} is not trusted any more\n", visible(&path.display().to_string())));
            revoked = true;
        }
    }
    if revoked {
        return Ok(());
    }
    Err(Fault::Invalid(format!("{} is not trusted; `drillmaster trust --list` shows what is", found.display())))
}

fn line(trusted: &Trusted) -> String {
    let path = trusted.path.display().to_string();
    let what = match &trusted.what {
        TrustedContent::File(digest) => format!("sha256 {digest}"),
        TrustedContent::Directory(_) => "directory".to_owned(),
    };
    format!("{}  {what}\n", visible(&path))
}

/// Trusts a directory that the person has just had made.
pub(super) fn trust_new(directory: &Path) -> Result<(), TrustError> {
    let not_found = |error| TrustError::NotFound { path: directory.to_owned(), error };
    TrustStore::of_user()?.trust_directory(&directory.canonicalize().map_err(not_found)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wishes_are_shown_by_kind_and_nothing_of_them_moves_the_cursor() {
        let wishes = Wishes {
            grants: vec!["mount /\u{1b}[2J, /srv".to_owned(), "env CI".to_owned()],
            builds: vec![("sub".into(), Language::C)],
            outside: vec!["../x/app.wasm".into()],
            group: None,
        };
        let expected = "  grants for its definitions and services:\n    mount /\\u{1b}[2J, /srv\n    env CI\n  \
            native tools, which do what the sources say, outside the sandbox:\n    make in sub\n  \
            definitions outside its directory:\n    ../x/app.wasm\n";
        assert_eq!(wishes.text(), expected);
        assert!(Wishes::default().is_empty() && Wishes::default().text().is_empty() && !wishes.is_empty());
    }
}
