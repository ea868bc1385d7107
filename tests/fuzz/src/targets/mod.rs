//! The targets: one a file, which `cargo xtask fuzz` finds by its name.

mod arguments;
mod component;
mod containers;
mod declaration;
mod dockerignore;
mod endpoint;
mod grants;
mod image;
mod modules;
mod project_file;
mod screen;
mod state;
mod template;

/// A target: it panics where something is not as it should be.
pub(crate) type Target = fn(&[u8]);

/// The target that has a name.
pub(crate) fn find(name: &str) -> Option<Target> {
    Some(match name {
        "arguments" => arguments::run,
        "component" => component::run,
        "containers" => containers::run,
        "declaration" => declaration::run,
        "dockerignore" => dockerignore::run,
        "endpoint" => endpoint::run,
        "grants" => grants::run,
        "image" => image::run,
        "modules" => modules::run,
        "project_file" => project_file::run,
        "screen" => screen::run,
        "state" => state::run,
        "template" => template::run,
        _ => return None,
    })
}
