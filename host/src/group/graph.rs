//! Who depends on whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// The services of a group and, for each, the services it depends on.
///
/// It comes from a definition or from the labels of containers; dependencies that are not services themselves are
/// ignored by every question asked here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dependencies(BTreeMap<String, BTreeSet<String>>);

impl FromIterator<(String, BTreeSet<String>)> for Dependencies {
    fn from_iter<I: IntoIterator<Item = (String, BTreeSet<String>)>>(services: I) -> Self {
        Self(services.into_iter().collect())
    }
}

/// A circle of dependencies: each service depends on the next one, the last on the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle(pub Vec<String>);

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.0.first().into_iter();
        f.write_str(&self.0.iter().chain(first).map(String::as_str).collect::<Vec<_>>().join(" → "))
    }
}

impl Dependencies {
    /// The names of all services.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Whether there is such a service.
    #[must_use]
    pub fn has(&self, service: &str) -> bool {
        self.0.contains_key(service)
    }

    /// What a service depends on directly.
    pub fn of<'a>(&'a self, service: &str) -> impl Iterator<Item = &'a str> {
        let known = |name: &&str| self.has(name);
        self.0.get(service).into_iter().flatten().map(String::as_str).filter(known)
    }

    /// The services that depend on one directly.
    pub fn dependents<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a str> {
        self.services().filter(move |other| self.0[*other].contains(service))
    }

    /// The services that depend on any of some, directly or not.
    #[must_use]
    pub fn all_dependents<'s>(&self, services: impl IntoIterator<Item = &'s String>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut to_visit: Vec<&str> = services.into_iter().map(String::as_str).collect();
        while let Some(service) = to_visit.pop() {
            for dependent in self.services().filter(|other| self.0[*other].contains(service)) {
                if found.insert(dependent.to_owned()) {
                    to_visit.push(dependent);
                }
            }
        }
        found
    }

    /// Every service after all that it depends on; among those that could come next, in alphabetical order.
    ///
    /// # Errors
    /// If there is no such order, with one of the circles that prevent it.
    pub fn order(&self) -> Result<Vec<&str>, Cycle> {
        let mut order = Order::default();
        let mut path = Vec::new();
        for service in self.services() {
            self.visit(service, &mut path, &mut order)?;
        }
        Ok(order.services)
    }

    fn visit<'a>(&'a self, service: &'a str, path: &mut Vec<&'a str>, order: &mut Order<'a>) -> Result<(), Cycle> {
        if order.placed.contains(service) {
            return Ok(());
        }
        if let Some(start) = path.iter().position(|visited| *visited == service) {
            return Err(Cycle(path[start..].iter().map(ToString::to_string).collect()));
        }
        path.push(service);
        for dependency in self.of(service) {
            self.visit(dependency, path, order)?;
        }
        path.pop();
        order.placed.insert(service);
        order.services.push(service);
        Ok(())
    }
}

/// Services in order, as far as they have been placed.
#[derive(Default)]
struct Order<'a> {
    services: Vec<&'a str>,
    placed: BTreeSet<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(text: &str) -> Dependencies {
        text.split_whitespace()
            .map(|entry| {
                let (service, dependencies) = entry.split_once(':').unwrap_or((entry, ""));
                let dependencies = dependencies.split(',').filter(|name| !name.is_empty());
                (service.to_owned(), dependencies.map(str::to_owned).collect())
            })
            .collect()
    }

    #[test]
    fn every_service_comes_after_what_it_depends_on() {
        assert_eq!(graph("a:c b c:b d").order().unwrap(), ["b", "c", "a", "d"]);
    }

    #[test]
    fn a_circle_is_shown_as_a_path_back_to_its_start() {
        let cycle = graph("a:b b:c c:a d:a").order().unwrap_err();
        assert_eq!(cycle.to_string(), "a → b → c → a");
        assert_eq!(graph("x:x").order().unwrap_err().to_string(), "x → x");
        assert_eq!(graph("a:b b:c c:b").order().unwrap_err().to_string(), "b → c → b");
    }

    #[test]
    fn a_dependency_that_is_no_service_is_ignored() {
        assert_eq!(graph("a:gone").of("a").count(), 0);
        assert_eq!(graph("a:gone").order().unwrap(), ["a"]);
    }

    #[test]
    fn dependents_are_found_in_the_other_direction() {
        assert_eq!(graph("a:c b:c c").dependents("c").collect::<Vec<_>>(), ["a", "b"]);
        let all = graph("a:b b:c c d:c e").all_dependents(&["c".to_owned()]);
        assert_eq!(all.into_iter().collect::<Vec<_>>(), ["a", "b", "d"]);
    }
}
