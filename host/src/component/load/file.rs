//! Reading a file, and recognising what it is.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::path::Path;

use wasmtime::Engine;
use wast::Wat;
use wast::parser::{self, ParseBuffer};

use super::error::LoadProblem;

/// The largest file that is loaded.
pub(in crate::component) const MAX_SIZE: u64 = 64 * 1024 * 1024;

/// What binary Wasm begins with; then come the version of the format and the layer, 2 bytes each.
const MAGIC: &[u8] = b"\0asm";
const MODULE_LAYER: [u8; 2] = [0, 0];
const COMPONENT: [u8; 4] = [0x0d, 0, 1, 0];

/// Opens a file, and says what it is. It blocks, but never on a pipe or a device.
pub(super) fn open(path: &Path) -> Result<(File, Metadata), LoadProblem> {
    // Looked at before, since opening a device can do something; and then what has been opened.
    is_file(fs::metadata(path)?.file_type())?;
    let file = open_at_once(path)?;
    let metadata = file.metadata()?;
    is_file(metadata.file_type())?;
    if metadata.len() > MAX_SIZE { Err(LoadProblem::TooLarge) } else { Ok((file, metadata)) }
}

pub(super) fn open_at_once(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Should it have become a pipe since it was looked at, nobody waits for the other end.
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    options.open(path)
}

/// Reads a file to its end, which may lie elsewhere than when it was opened.
pub(super) fn read(file: File) -> Result<Vec<u8>, LoadProblem> {
    let mut bytes = Vec::new();
    file.take(MAX_SIZE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SIZE { Err(LoadProblem::TooLarge) } else { Ok(bytes) }
}

fn is_file(found: FileType) -> Result<(), LoadProblem> {
    if found.is_file() {
        return Ok(());
    }
    if found.is_dir() {
        return Err(LoadProblem::Directory);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if found.is_fifo() {
            return Err(LoadProblem::NotAFile("a pipe"));
        }
        if found.is_socket() {
            return Err(LoadProblem::NotAFile("a socket"));
        }
    }
    Err(LoadProblem::NotAFile("a device"))
}

/// The binary form of the component that bytes hold, binary or text.
pub(super) fn binary(bytes: Vec<u8>) -> Result<Vec<u8>, LoadProblem> {
    if bytes.is_empty() {
        Err(LoadProblem::Empty)
    } else if bytes.starts_with(MAGIC) {
        of_component(bytes)
    } else if is_text(&bytes) {
        of_component(from_text(&bytes)?)
    } else if Engine::detect_precompiled(&bytes).is_some() {
        Err(LoadProblem::CompiledCode)
    } else if bytes.starts_with(b"\x7fELF") {
        Err(LoadProblem::Program)
    } else if MAGIC.starts_with(&bytes) {
        Err(LoadProblem::CutOff)
    } else {
        Err(LoadProblem::NotWasm)
    }
}

/// Binary Wasm, if it is a component.
fn of_component(bytes: Vec<u8>) -> Result<Vec<u8>, LoadProblem> {
    match bytes.get(MAGIC.len()..MAGIC.len() + COMPONENT.len()) {
        None => Err(LoadProblem::CutOff),
        Some(header) if header == COMPONENT => Ok(bytes),
        Some(header) if header.ends_with(&MODULE_LAYER) => Err(LoadProblem::CoreModule),
        Some(_) => Err(LoadProblem::OtherFormat),
    }
}

/// Whether bytes begin as the text form does, with a parenthesis or a comment.
fn is_text(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii_start();
    text.starts_with(b"(") || text.starts_with(b";;")
}

fn from_text(bytes: &[u8]) -> Result<Vec<u8>, LoadProblem> {
    let text = std::str::from_utf8(bytes).map_err(|error| LoadProblem::NotText(error.valid_up_to() + 1))?;
    let wrong = |error: wast::Error| {
        let (line, column) = error.span().linecol_in(text);
        // Some messages go on with a list of what would be right.
        let reason = error.message().lines().next().unwrap_or_default().to_owned();
        LoadProblem::Text { line: line + 1, column: column + 1, reason }
    };
    let buffer = ParseBuffer::new(text).map_err(wrong)?;
    match parser::parse::<Wat>(&buffer).map_err(wrong)? {
        Wat::Module(_) => Err(LoadProblem::CoreModule),
        Wat::Component(mut component) => component.encode().map_err(wrong),
    }
}
