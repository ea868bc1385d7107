//! What a definition declares: services and their fields, checked, as plain data.
//!
//! A [`Declaration`] is what a definition said, word for word. [`check`] turns it into a [`Group`], in which every
//! value is known to be sound, or into the list of all its mistakes. Nothing here does I/O.

mod built;
mod check;
mod declaration;
mod described;
mod fingerprint;
mod graph;
mod hash;
mod image;
mod mask;
mod name;
mod owner;
mod quoted;
mod reference;
mod select;
mod service;
mod shell;
mod short;
mod template;
mod tool_labels;
mod written_context;

#[cfg(test)]
pub(crate) use check::MemoryPaths;
pub use check::{Check, GroupNameError, Mistake, Mistakes, Paths, check, group_name};
pub use declaration::{BuildDeclaration, Declaration, MountDeclaration, PortDeclaration, ServiceDeclaration, Source};
pub use described::{Comparison, FieldText, default_of, former_default_of};
pub use fingerprint::{Compared, FingerprintKey, Fingerprints};
pub use graph::{Cycle, Dependencies};
pub use hash::{Digest, Digester};
pub use image::{ImageName, InvalidImageName};
pub use mask::{MASK, mask_argv, mask_known, mask_text, mask_value};
pub use name::{GroupName, InvalidGroupName};
pub use owner::{Account, Adoption, KnownProject, Owner};
pub use quoted::{QUOTE, quoted};
pub use select::{SelectError, to_start, to_stop};
pub use service::{Build, Group, HealthCheck, Mount, Port, Protocol, RestartPolicy, Service, StopSignal, Volume};
pub use shell::{option_with, shell_word};
pub use short::short;
pub use template::{MissingKey, Template, is_key};
pub use tool_labels::{Tool, begins_with, is_own_label, tool_of_label};
pub use written_context::{WrittenContext, written_contexts};
