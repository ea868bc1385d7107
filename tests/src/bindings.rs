//! The SDKs' bindings: generated from the WIT, and committed, so that nobody needs the generator who builds a definition.
//! Python's and JavaScript's are made when a component is.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use wit_bindgen_core::wit_parser::{Resolve, WorldId};
use wit_bindgen_core::{Files, WorldGenerator};

use crate::workspace;

const WORLD: &str = "plugin-with-hooks";

/// Where Go's bindings look for the package that they need at run time, and where the SDK has it: a module that another one
/// replaces cannot replace one itself.
const GOS_RUNTIME: &str = "go.bytecodealliance.org/pkg/wit/";
const OUR_RUNTIME: &str = "drillmaster.dev/drillmaster/internal/_wit/";
const GOS_BINDINGS: &str = "drillmaster.dev/drillmaster/internal/_bindings";

/// A file that is generated.
pub struct Generated {
    /// Where it is committed.
    pub path: PathBuf,
    /// What it should be, going by the WIT.
    pub content: String,
}

/// All that is generated.
///
/// # Errors
///
/// When the WIT has mistakes.
pub fn generate() -> Result<Vec<Generated>> {
    Ok([rust()?, c()?, go()?].into_iter().flatten().collect())
}

fn rust() -> Result<Vec<Generated>> {
    let options = wit_bindgen_rust::Opts { format: true, pub_export_macro: true, ..wit_bindgen_rust::Opts::default() };
    let files = files(&mut options.build())?;
    ensure!(files.len() == 1, "more than one file was generated for Rust");
    let path = workspace::root().join("guest-sdk/rust/src/bindings.rs");
    Ok(files.into_iter().map(|(_, content)| Generated { path: path.clone(), content }).collect())
}

fn c() -> Result<Vec<Generated>> {
    let options = wit_bindgen_c::Opts {
        // `drillmaster build` says for which world the module is.
        no_object_file: true,
        rename_world: Some("bindings".to_owned()),
        ..wit_bindgen_c::Opts::default()
    };
    let directory = workspace::root().join("guest-sdk/c/src/bindings");
    Ok(below(&directory, files(&mut *options.build())?))
}

fn go() -> Result<Vec<Generated>> {
    let options = wit_bindgen_go::Opts {
        // Formatted by whatever gofmt is there, it would be another thing on each machine.
        format: wit_bindgen_go::Format::False,
        pkg_name: Some(GOS_BINDINGS.to_owned()),
        quiet: true,
        ..wit_bindgen_go::Opts::default()
    };
    let directory = workspace::root().join("guest-sdk/go/internal/_bindings");
    let mut files = below(&directory, files(&mut *options.build())?);
    for file in &mut files {
        file.content = file.content.replace(GOS_RUNTIME, OUR_RUNTIME);
    }
    Ok(files)
}

/// What a generator makes of the contract: names and texts.
fn files(generator: &mut dyn WorldGenerator) -> Result<Vec<(String, String)>> {
    let (mut contract, world) = contract()?;
    let mut files = Files::default();
    generator.generate(&mut contract, world, &mut files).context("cannot generate bindings")?;
    let text = |(name, content): (&str, &[u8])| Ok((name.to_owned(), String::from_utf8(content.to_vec())?));
    files.iter().map(text).collect()
}

fn contract() -> Result<(Resolve, WorldId)> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(workspace::root().join("wit")).context("cannot read the WIT")?;
    let world = resolve.select_world(&[package], Some(WORLD)).context("cannot select the world")?;
    Ok((resolve, world))
}

fn below(directory: &Path, files: Vec<(String, String)>) -> Vec<Generated> {
    let generated = |(name, content): (String, String)| Generated { path: directory.join(name), content };
    files.into_iter().map(generated).collect()
}

/// Writes those that are stale; gives which were.
///
/// # Errors
///
/// As for [`generate`], and when a file cannot be written.
pub fn write() -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for Generated { path, content } in generate()? {
        if fs::read_to_string(&path).is_ok_and(|old| old == content) {
            continue;
        }
        let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&path, content));
        made.with_context(|| format!("cannot write {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

/// Makes sure that they are as generated.
///
/// # Errors
///
/// As for [`generate`], and when one differs: with the first line that does.
pub fn check() -> Result<()> {
    generate()?.iter().try_for_each(check_one)
}

fn check_one(Generated { path, content: generated }: &Generated) -> Result<()> {
    let shown = path.display();
    let committed = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    if committed == *generated {
        return Ok(());
    }
    let same = committed.lines().zip(generated.lines()).take_while(|(left, right)| left == right).count();
    let line = |text: &str| text.lines().nth(same).unwrap_or("the end of the file").trim().to_owned();
    anyhow::bail!(
        "{shown} is stale: line {} is\n    {}\nand generated would be\n    {}\nRun `cargo xtask bindings`.",
        same + 1,
        line(&committed),
        line(generated)
    )
}
