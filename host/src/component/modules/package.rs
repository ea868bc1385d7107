//! Packages in `node_modules`: those parts of Node.js's rules that lead to ES modules.

use serde_json::Value;

use super::{Modules, NoModule, common_js, directory_of, extension, join};

/// What a package's own file says of what it exports.
enum Target<'a> {
    /// A path in it that is an ES module, whatever else its `.js` files are.
    Module(&'a str),
    /// A path in it.
    Path(&'a str),
}

impl Modules {
    /// The module that a package exports under a name, as `name`, `@scope/name` or `name/part`.
    pub(super) fn of_package(&self, referrer: &str, specifier: &str) -> Result<String, NoModule> {
        let (name, part) =
            split(specifier).ok_or_else(|| NoModule::new("it is neither a path nor a package's name"))?;
        let (directory, package) = self.find(referrer, name)?;
        let target = target(&package, &part).ok_or_else(|| {
            NoModule::new(format!(
                "package `{name}` does not say in its package.json where `{part}` is, or not plainly"
            ))
        })?;
        let (path, is_module) = match target {
            Target::Module(path) => (path, true),
            Target::Path(path) => (path, package.get("type").and_then(Value::as_str) == Some("module")),
        };
        let file = join(&directory, path).filter(|file| file.starts_with(&directory));
        let file = file.ok_or_else(|| NoModule::new(format!("package `{name}` exports a path out of itself")))?;
        let extension = extension(&file);
        if extension == Some("cjs") || (extension == Some("js") && !is_module) {
            return Err(common_js(&file));
        }
        self.is_file(&file, specifier)?;
        Ok(file)
    }

    /// The nearest package of a name: its directory, and what its package.json says.
    fn find(&self, referrer: &str, name: &str) -> Result<(String, Value), NoModule> {
        let mut from = directory_of(referrer);
        loop {
            let directory = join(from, &format!("node_modules/{name}")).unwrap_or_default();
            let file = format!("{directory}/package.json");
            if self.directory.metadata(&file).is_ok_and(|found| found.is_file()) {
                let package = serde_json::from_str(&self.read(&file)?);
                let package = package.map_err(|error| NoModule::new(format!("`{file}` is not JSON: {error}")))?;
                return Ok((directory, package));
            }
            if from.is_empty() {
                let text = format!("there is no package `{name}` in a directory `node_modules` beside the definition");
                return Err(NoModule::new(text));
            }
            from = directory_of(from);
        }
    }
}

/// The name of a package, and what of it is meant, as `.` or `./part`.
fn split(specifier: &str) -> Option<(&str, String)> {
    let scope = if specifier.starts_with('@') { specifier.find('/')? + 1 } else { 0 };
    let end = specifier[scope..].find('/').map_or(specifier.len(), |slash| scope + slash);
    let (name, rest) = specifier.split_at(end);
    let plain = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains('\\');
    name.split('/').all(plain).then(|| (name, format!(".{rest}")))
}

fn target<'a>(package: &'a Value, part: &'a str) -> Option<Target<'a>> {
    let text = |field: &str| package.get(field).and_then(Value::as_str);
    match package.get("exports") {
        Some(Value::Object(exports)) if exports.keys().any(|key| key.starts_with('.')) => exported(exports.get(part)?),
        Some(exports) if part == "." => exported(exports),
        Some(_) => None,
        None if part != "." => Some(Target::Path(part)),
        None => Some(match text("module") {
            Some(module) => Target::Module(module),
            None => Target::Path(text("main").unwrap_or("index.js")),
        }),
    }
}

/// What an export says for somebody who imports.
fn exported(export: &Value) -> Option<Target<'_>> {
    match export {
        Value::String(path) => Some(Target::Path(path)),
        Value::Array(several) => several.iter().find_map(exported),
        Value::Object(conditions) => {
            let module = conditions.get("module").and_then(Value::as_str).map(Target::Module);
            module.or_else(|| ["import", "default"].iter().find_map(|name| exported(conditions.get(*name)?)))
        }
        _ => None,
    }
}
