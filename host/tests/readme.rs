//! One place for a fact: what the README says is what the command line, the contract and the example say.

use std::env;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    // Asked when it runs: a checkout can have moved since it was compiled.
    let package = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let path = Path::new(&package).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_command_and_option_is_in_the_readme() {
    let readme = read("README.md");
    let under = |heading: &str| {
        let section = readme.split(heading).nth(1).and_then(|rest| rest.split("\n## ").next());
        section.unwrap_or_else(|| panic!("the README has no {heading}"))
    };
    let (commands, grants) = (under("\n## Commands"), under("\n## What a definition may do"));
    for command in drillmaster::cli::command().get_subcommands() {
        let name = command.get_name();
        let heading = format!("`drillmaster {name} ");
        let section = commands.split(&heading).nth(1).unwrap_or_else(|| panic!("the README does not tell of {name}"));
        let section = section.split("`drillmaster ").next().unwrap_or_default();
        for argument in command.get_arguments() {
            let Some(option) = argument.get_long() else { continue };
            // What the definitions may do is the same for every command, and told once.
            let told = if argument.get_help_heading().is_some() { grants } else { section };
            assert!(told.contains(&format!("`--{option}")), "the README does not tell of {name} --{option}");
        }
    }
}

#[test]
fn every_field_of_the_contract_is_in_the_readme() {
    let readme = read("README.md");
    let table = readme.split("## Fields").nth(1).and_then(|rest| rest.split("## Hooks").next()).unwrap();
    let contract = read("wit/definition.wit");
    let service = contract.split("resource service {").nth(1).unwrap();
    let fields: Vec<_> = service
        .lines()
        .filter_map(|line| line.trim().split_once(": func"))
        .filter_map(|(name, _)| name.strip_prefix("set-").or_else(|| name.strip_prefix("add-")))
        .collect();
    assert!(fields.len() > 20, "{fields:?}");
    for field in fields {
        assert!(table.contains(&format!("`{field}`")), "the README does not tell of {field}");
    }
}

#[test]
fn the_definition_in_the_readme_is_the_example() {
    let readme = read("README.md");
    let shown = readme.split("<!-- examples/todo/src/lib.rs -->\n```rust\n").nth(1).unwrap();
    let shown = shown.split("```\n<!-- end -->").next().unwrap();
    assert_eq!(shown, read("examples/todo/src/lib.rs"));
}
