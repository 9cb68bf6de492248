//! Which files hold the records of which kind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cutover_records::list_folder;

use crate::fault::Fault;

/// Which files hold the records of which kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileSet {
    files: BTreeMap<String, Vec<PathBuf>>,
    lists: BTreeMap<String, Vec<String>>,
    top: BTreeMap<String, Vec<PathBuf>>,
}

impl FileSet {
    /// Says that the records of a kind stand in a file of the folder, or in each file of a folder of it: `dump/tickets.jsonl`, `tickets`.
    /// Said several times, in all of them. Then nothing is looked for by the kind's name.
    pub fn put(&mut self, kind: &str, path: &str) {
        self.files.entry(kind.to_owned()).or_default().push(PathBuf::from(path));
    }

    /// Says where in a JSON page the list of a kind's records stands: `["_embedded", "conversations"]`. Without it, under the plural
    /// of the kind.
    pub fn list_at(&mut self, kind: &str, path: Vec<String>) {
        self.lists.insert(kind.to_owned(), path);
    }

    /// The files of a kind.
    pub(crate) fn of_kind(&self, kind: &str) -> &[PathBuf] {
        self.top.get(kind).or_else(|| self.top.get(&plural(kind))).map_or(&[], Vec::as_slice)
    }

    /// Files that hold records, and none of these kinds: names below the folder.
    pub(crate) fn others(&self, kinds: &[&str]) -> Vec<String> {
        let read: BTreeSet<&PathBuf> = kinds.iter().flat_map(|kind| self.of_kind(kind)).collect();
        let all = self.top.values().flatten().filter(|path| !read.contains(path));
        let names = all.map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        names.collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// The path of the list of a kind in a page.
    pub(crate) fn list(&self, kind: &str) -> Vec<String> {
        self.lists.get(kind).cloned().unwrap_or_else(|| vec![plural(kind)])
    }

    /// The set with what can be found by name. Kinds that are not named stand under the name of their file, singular or plural.
    pub(crate) fn complete(mut self, top: &Path) -> Result<FileSet, Fault> {
        let listed = list_folder(top).map_err(|error| Fault::person(error.to_string()))?;
        for (kind, paths) in &self.files {
            let files = self.top.entry(kind.clone()).or_default();
            for path in paths {
                let before = files.len();
                for entry in &listed.files {
                    let name = Path::new(&entry.name);
                    // `strip_prefix` goes by whole names: `tickets` holds `tickets/1.jsonl` and not `tickets2.jsonl`.
                    if name.strip_prefix(path).is_ok() && format(name).is_some() {
                        files.push(entry.path.clone());
                    }
                }
                if files.len() == before {
                    return Err(Fault::person(format!(
                        "the folder {} has no file `{}` for the kind `{kind}`",
                        top.display(),
                        path.display()
                    )));
                }
            }
        }
        for entry in &listed.files {
            let name = Path::new(&entry.name);
            let first = name.components().next().map(|part| Path::new(part.as_os_str()));
            let Some(stem) = first.and_then(|first| {
                // A folder may have a dot in its name; a file's ending is not part of the kind.
                if name.components().count() > 1 { first.to_str() } else { first.file_stem()?.to_str() }
            }) else {
                continue;
            };
            if format(name).is_some() && !self.files.contains_key(stem) && !self.named_plural(stem) {
                self.top.entry(stem.to_owned()).or_default().push(entry.path.clone());
            }
        }
        Ok(self)
    }

    fn named_plural(&self, stem: &str) -> bool {
        self.files.keys().any(|kind| plural(kind) == stem)
    }
}

/// How a file holds records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Lines,
    Pages,
    Table,
}

/// The format of a file, by its ending.
pub(crate) fn format(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "jsonl" | "ndjson" => Some(Format::Lines),
        "json" => Some(Format::Pages),
        "csv" => Some(Format::Table),
        _ => None,
    }
}

/// The name for several records of a kind: `category` is `categories`, `status` is `statuses`, `reply` is `replies`, `survey` is `surveys`.
#[must_use]
pub fn plural(kind: &str) -> String {
    let vowel_y = ["ay", "ey", "oy", "uy"].iter().any(|end| kind.ends_with(end));
    match kind.strip_suffix('y') {
        Some(stem) if !vowel_y => format!("{stem}ies"),
        _ if ["s", "x", "ch", "sh"].iter().any(|end| kind.ends_with(end)) => format!("{kind}es"),
        _ => format!("{kind}s"),
    }
}
