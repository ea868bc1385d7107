//! What can be told of definitions before anything of them runs but `fields`, for people and as JSON.

mod json;
mod text;

pub use json::{check_json, inspection_json};
pub use text::{check_text, inspection_text};

use std::fmt;

use crate::component::{Facts, LoadError};
use crate::grants::Grants;
use crate::group::{Group, GroupName, Mistake, Mistakes, quoted};

/// What can be told of the definitions of a group.
#[derive(Debug, Default)]
pub struct Inspection {
    /// The definitions, in the order in which they were named.
    pub definitions: Vec<Inspected>,
    /// The name of the group, if it has one.
    pub name: Option<GroupName>,
    /// What the definitions declare, with the paths of the host as they name them; none if it cannot be made sense of.
    pub group: Option<Group>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
    /// What the person allows.
    pub grants: Grants,
}

/// What can be told of one definition.
#[derive(Debug)]
pub struct Inspected {
    /// Its file, as the person named it.
    pub file: String,
    /// What can be told of the component, if it is one.
    pub facts: Option<Facts>,
    /// The names and images of the services it declares, as it declares them; none if `fields` was not called or failed.
    pub services: Option<Vec<(String, String)>>,
}

/// Something that is wrong with a definition or a group.
#[derive(Debug)]
pub enum Problem {
    /// A definition cannot be loaded.
    Load(LoadError),
    /// Its `fields` failed.
    Fields {
        /// The definition's file.
        file: String,
        /// Why.
        problem: String,
    },
    /// It is about the whole group.
    Group(String),
    /// A service is declared wrongly.
    Mistake(Mistake),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Load(error) => error.fmt(f),
            Problem::Fields { file, problem } => write!(f, "{}: fields failed: {problem}", quoted(file)),
            Problem::Group(problem) => f.write_str(problem),
            Problem::Mistake(mistake) => write!(f, "{}: {mistake}", quoted(&mistake.file)),
        }
    }
}

impl Inspection {
    /// Everything that is wrong, each thing in a line of its own; none if nothing is.
    #[must_use]
    pub fn wrong(&self) -> Option<String> {
        let mistake = |problem: &Problem| match problem {
            Problem::Mistake(mistake) => Some(mistake.clone()),
            _ => None,
        };
        let mistakes: Vec<_> = self.problems.iter().filter_map(mistake).collect();
        let others = self.problems.iter().filter(|problem| mistake(problem).is_none()).map(ToString::to_string);
        let mistakes = (!mistakes.is_empty()).then(|| Mistakes(mistakes).to_string());
        let lines: Vec<_> = others.chain(mistakes).collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}
