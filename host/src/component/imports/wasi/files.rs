//! `wasi:filesystem`, as wasmtime has it, but that a person hears of what was denied; and that in `fields`, and while a
//! component is built, a file tells nothing but what it is and has: the same files are to give the same services.
//!
//! A definition sees nothing but the directories that were granted. So what it can ask for in vain is what leads out of
//! them, and to change what it may only read.

use wasmtime::component::{Linker, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi::filesystem::{Descriptor, WasiFilesystemView as _};
use wasmtime_wasi::p2::FsError;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorFlags, DescriptorStat, DescriptorType, DirectoryEntry, DirectoryEntryStream, ErrorCode,
    HostDescriptor as _, HostDirectoryEntryStream as _, MetadataHashValue, OpenFlags, PathFlags,
};

use crate::component::state::{Role, State};
use crate::grants::Asked;

/// The interface, in the version that wasmtime links.
const TYPES: &str = "wasi:filesystem/types@0.2.12";

/// What a component is called that is built.
const BUILT: &str = "app.wasm";

type Answer<T> = (std::result::Result<T, ErrorCode>,);
type At = (Resource<Descriptor>, String);
type AtLink = (Resource<Descriptor>, PathFlags, String);

/// Puts itself before what wasmtime has linked.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async("[method]descriptor.open-at", |store, parameters| Box::new(open_at(store, parameters)))?;
    types.func_wrap_async("[method]descriptor.create-directory-at", |mut store, (directory, path): At| {
        Box::new(async move {
            let done = store.data_mut().filesystem().create_directory_at(directory, path.clone()).await;
            told(&store, &path, true, done)
        })
    })?;
    types.func_wrap_async("[method]descriptor.remove-directory-at", |mut store, (directory, path): At| {
        Box::new(async move {
            let done = store.data_mut().filesystem().remove_directory_at(directory, path.clone()).await;
            told(&store, &path, true, done)
        })
    })?;
    types.func_wrap_async("[method]descriptor.unlink-file-at", |mut store, (directory, path): At| {
        Box::new(async move {
            let done = store.data_mut().filesystem().unlink_file_at(directory, path.clone()).await;
            told(&store, &path, true, done)
        })
    })?;
    types.func_wrap_async(
        "[method]descriptor.rename-at",
        |mut store, (from, old, to, new): (Resource<Descriptor>, String, Resource<Descriptor>, String)| {
            Box::new(async move {
                let done = store.data_mut().filesystem().rename_at(from, old.clone(), to, new).await;
                told(&store, &old, true, done)
            })
        },
    )
}

/// The same for what only looks.
pub(super) fn add_looking_to_linker(linker: &mut Linker<State>) -> Result<()> {
    let mut types = linker.instance(TYPES)?;
    types.func_wrap_async("[method]descriptor.stat", |mut store, (file,): (Resource<Descriptor>,)| {
        Box::new(async move {
            let found = store.data_mut().filesystem().stat(file).await;
            described(&store, found)
        })
    })?;
    types.func_wrap_async("[method]descriptor.stat-at", |mut store, (directory, links, path): AtLink| {
        Box::new(async move {
            let found = store.data_mut().filesystem().stat_at(directory, links, path).await;
            described(&store, found)
        })
    })?;
    types.func_wrap_async("[method]descriptor.metadata-hash", |mut store, (file,): (Resource<Descriptor>,)| {
        Box::new(async move {
            let found = store.data_mut().filesystem().metadata_hash(file).await;
            identified(&mut store, found)
        })
    })?;
    types.func_wrap_async("[method]descriptor.metadata-hash-at", |mut store, (directory, links, path): AtLink| {
        Box::new(async move {
            let found = store.data_mut().filesystem().metadata_hash_at(directory, links, path).await;
            identified(&mut store, found)
        })
    })?;
    types.func_wrap_async(
        "[method]directory-entry-stream.read-directory-entry",
        |store, (entries,): (Resource<DirectoryEntryStream>,)| Box::new(next_entry(store, entries)),
    )
}

/// The next entry of a directory. While a component is built it is none of what was built before: with it and without,
/// the sources are the same.
async fn next_entry(
    mut store: StoreContextMut<'_, State>,
    entries: Resource<DirectoryEntryStream>,
) -> Result<Answer<Option<DirectoryEntry>>> {
    loop {
        let entries = Resource::new_borrow(entries.rep());
        let next = store.data_mut().filesystem().read_directory_entry(entries).await;
        match next {
            Ok(Some(entry)) if entry.name == BUILT && matches!(store.data().role, Role::Build) => {}
            Ok(next) => return Ok((Ok(next),)),
            Err(error) => return Ok((Err(error.downcast()?),)),
        }
    }
}

/// What a file is like: of its times, as the calendar of the call says.
fn described(
    store: &StoreContextMut<'_, State>,
    found: std::result::Result<DescriptorStat, FsError>,
) -> Result<Answer<DescriptorStat>> {
    Ok((match found {
        Ok(found) => Ok(match store.data().wasi.time_of_files() {
            None => found,
            Some(time) => DescriptorStat {
                data_access_timestamp: Some(time),
                data_modification_timestamp: Some(time),
                status_change_timestamp: Some(time),
                ..found
            },
        }),
        Err(error) => Err(error.downcast()?),
    },))
}

/// Which file it is: by its place on the disk, or by the order in which the call has asked.
fn identified(
    store: &mut StoreContextMut<'_, State>,
    found: std::result::Result<MetadataHashValue, FsError>,
) -> Result<Answer<MetadataHashValue>> {
    Ok((match found {
        Ok(found) => Ok(match store.data_mut().wasi.number_of_file((found.lower, found.upper)) {
            None => found,
            Some(lower) => MetadataHashValue { lower, upper: 0 },
        }),
        Err(error) => Err(error.downcast()?),
    },))
}

async fn open_at(
    mut store: StoreContextMut<'_, State>,
    (directory, links, path, how, flags): (Resource<Descriptor>, PathFlags, String, OpenFlags, DescriptorFlags),
) -> Result<Answer<Resource<Descriptor>>> {
    let changes = how.intersects(OpenFlags::CREATE | OpenFlags::TRUNCATE | OpenFlags::EXCLUSIVE)
        || flags.intersects(DescriptorFlags::WRITE | DescriptorFlags::MUTATE_DIRECTORY);
    if is_special(&mut store, &directory, links, &path).await {
        return Ok((Err(ErrorCode::Access),));
    }
    let opened = store.data_mut().filesystem().open_at(directory, links, path.clone(), how, flags).await;
    told(&store, &path, changes, opened)
}

/// Whether there is a pipe, a socket or a device at a path. Opening a pipe waits for its other end, in a thread that the
/// time-out of the call does not end.
async fn is_special(
    store: &mut StoreContextMut<'_, State>,
    directory: &Resource<Descriptor>,
    links: PathFlags,
    path: &str,
) -> bool {
    let directory = Resource::new_borrow(directory.rep());
    let found = store.data_mut().filesystem().stat_at(directory, links, path.to_owned()).await;
    found.is_ok_and(|found| match found.type_ {
        DescriptorType::RegularFile | DescriptorType::Directory | DescriptorType::SymbolicLink => false,
        DescriptorType::Unknown
        | DescriptorType::BlockDevice
        | DescriptorType::CharacterDevice
        | DescriptorType::Fifo
        | DescriptorType::Socket => true,
    })
}

/// What the definition gets; if it was denied, the person hears of it.
fn told<T>(
    store: &StoreContextMut<'_, State>,
    path: &str,
    changes: bool,
    done: std::result::Result<T, FsError>,
) -> Result<Answer<T>> {
    let code = match done {
        Ok(value) => return Ok((Ok(value),)),
        Err(error) => error.downcast()?,
    };
    if code == ErrorCode::NotPermitted {
        let path = path.to_owned();
        let asked = if changes && !leads_out(&path) { Asked::Change(path) } else { Asked::Outside(path) };
        store.data().wasi.teller.deny(asked);
    }
    Ok((Err(code),))
}

/// Whether a path leads out of its directory by itself, without any symlink.
fn leads_out(path: &str) -> bool {
    let mut depth = 0_i32;
    path.starts_with('/')
        || path.split('/').any(|part| {
            depth += match part {
                "" | "." => 0,
                ".." => -1,
                _ => 1,
            };
            depth < 0
        })
}

#[cfg(test)]
mod tests {
    use super::leads_out;

    #[test]
    fn a_path_leads_out_by_what_it_says() {
        for path in ["/etc", "..", "a/../..", "./../a", "a/b/../../../c"] {
            assert!(leads_out(path), "{path}");
        }
        for path in ["a", "a/..", "a/../b", "./a//b/", "..a"] {
            assert!(!leads_out(path), "{path}");
        }
    }
}
