//! The parameters that the person gives to definitions.

use std::collections::{BTreeMap, BTreeSet};

use crate::group::{Source, short};
use crate::run::Event;

use super::screen;

/// The most bytes that are shown of the names of parameters.
const SHOWN: usize = 1000;

/// Tells the person which parameters were given that no definition asks for.
pub(super) fn tell_unasked(given: &BTreeMap<String, String>, sources: &[Source]) {
    for warning in unasked(given, sources) {
        screen::show(Event::Warning(warning));
    }
}

/// What is said of those parameters: their names may be mistaken.
fn unasked(given: &BTreeMap<String, String>, sources: &[Source]) -> Vec<String> {
    let asked: BTreeSet<&str> =
        sources.iter().flat_map(|source| &source.declaration.asked).map(String::as_str).collect();
    let known = match asked.len() {
        0 => "they ask for none".to_owned(),
        _ => format!("they ask for {}", asked.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    let known = short(&known, SHOWN);
    let unknown = given.keys().filter(|name| !asked.contains(name.as_str()));
    unknown.map(|name| format!("the parameter {name} was given, and no definition asks for it; {known}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{Declaration, Digest};

    #[test]
    fn a_parameter_is_told_that_none_of_the_definitions_asks_for() {
        let source = |asked: &[&str]| {
            let asked = asked.iter().map(ToString::to_string).collect();
            let declaration = Declaration { asked, ..Declaration::default() };
            Source { file: "app.js".to_owned(), digest: Digest::of(b""), declaration }
        };
        let given = |names: &[&str]| names.iter().map(|name| (name.to_string(), "1".to_owned())).collect();
        let sources = [source(&["port"]), source(&["mode", "port"])];
        assert_eq!(unasked(&given(&["mode", "port"]), &sources), [""; 0]);
        let told = unasked(&given(&["mod", "port"]), &sources);
        assert_eq!(told, ["the parameter mod was given, and no definition asks for it; they ask for mode, port"]);
        let told = unasked(&given(&["x"]), &[source(&[])]);
        assert_eq!(told, ["the parameter x was given, and no definition asks for it; they ask for none"]);
    }
}
