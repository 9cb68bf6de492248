//! Writing a set of files so that a reader never meets half of it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::{ASSETS, BundleError, Outputs, PLAN};
use crate::documents::MADE;

/// Writes the files into the folder, which is made when it does not exist: all of them into a temporary folder first, then each is
/// renamed to its place, `plan.json` last. Assets that no longer belong to the plan are removed; other files of the folder stay.
///
/// # Errors
/// When the folder cannot be written. Nothing in it has changed then, unless the disk fails between two renames; `plan.json` is the
/// old one in that case, and `check` shows what differs.
pub fn write(folder: &Path, outputs: &Outputs) -> Result<(), BundleError> {
    let io = |action, path: &Path| {
        let path = path.to_owned();
        move |source| BundleError::Io { action, path, source }
    };
    fs::create_dir_all(folder).map_err(io("create the folder", folder))?;
    for name in outputs.keys() {
        let path = folder.join(name);
        match fs::symlink_metadata(&path) {
            Ok(data) if !data.is_file() => return Err(BundleError::Taken { path }),
            Ok(data) if data.len() > 0 && !name.contains('/') && !is_ours(&path) => {
                return Err(BundleError::Others { path });
            }
            _ => {}
        }
    }
    let assets = folder.join(ASSETS);
    if fs::symlink_metadata(&assets).is_ok_and(|data| !data.is_dir()) {
        return Err(BundleError::Taken { path: assets });
    }
    let temporary = tempfile::Builder::new()
        .prefix(".cutover-")
        .tempdir_in(folder)
        .map_err(io("write into the folder", folder))?;
    let needs_assets = outputs.keys().any(|name| name.contains('/'));
    if needs_assets {
        let path = temporary.path().join(ASSETS);
        fs::create_dir(&path).map_err(io("create the folder", &path))?;
    }
    for (name, bytes) in outputs {
        let path = temporary.path().join(name);
        written(&path, bytes).map_err(io("write", &path))?;
    }
    if needs_assets {
        fs::create_dir_all(&assets).map_err(io("create the folder", &assets))?;
    }
    let plan_last =
        outputs.keys().filter(|name| *name != PLAN).chain(outputs.keys().filter(|name| *name == PLAN));
    for name in plan_last {
        let path = folder.join(name);
        fs::rename(temporary.path().join(name), &path).map_err(io("replace", &path))?;
    }
    if needs_assets {
        synced(&assets).map_err(io("write into the folder", &assets))?;
    }
    synced(folder).map_err(io("write into the folder", folder))?;
    remove_orphans(&assets, outputs);
    Ok(())
}

/// Bytes in which a file says what it is.
const HEAD: u64 = 4096;

/// Whether a file of one of a bundle's names belongs to a bundle, even when a merge left its marks in it: what somebody else keeps under
/// such a name is not written over.
fn is_ours(path: &Path) -> bool {
    let mut head = Vec::new();
    let read =
        File::open(path).and_then(|file| io::Read::read_to_end(&mut io::Read::take(file, HEAD), &mut head));
    let head = String::from_utf8_lossy(&head);
    let json = path.extension().is_some_and(|end| end == "json");
    // What cannot be read cannot be replaced either, and the reason is told then.
    read.is_err() || if json { head.replace('\r', "").starts_with("{\n \"") } else { head.contains(MADE) }
}

/// Writes a file whose bytes are on the disk before it gets its name: otherwise a loss of power could leave an empty `plan.json`.
fn written(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Brings the names of a folder's files to the disk. Only Unix opens folders for that; elsewhere the file system does it by itself.
fn synced(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Removes assets of an earlier plan: files whose name is a digest. What cannot be removed does no harm.
fn remove_orphans(assets: &Path, outputs: &Outputs) {
    for name in asset_names(assets) {
        if !outputs.contains_key(&format!("{ASSETS}/{name}")) {
            let _ = fs::remove_file(assets.join(name));
        }
    }
}

/// Names of the files in the folder that are digests, sorted.
pub(super) fn asset_names(assets: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(assets) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()))
        .collect();
    names.sort_unstable();
    names
}
