//! What an environment names stands apart: what is written is never what is read, and no two of the run's own files are one.
//!
//! Paths are compared as the file system knows them, behind links and with what does not exist yet: two ways to write a name are one place.

use std::path::{Path, PathBuf};

use crate::environment::{Binding, ContentsAt, Environment, Spool};
use crate::problem::Problem;

/// What the run does with a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    /// It is the old desk's, and only read.
    Source,
    /// It is read.
    Read,
    /// It is read, and its messages are delivered.
    Spool,
    /// It takes messages, of several addresses.
    Into,
    /// It is written.
    Written,
}

/// A place that the environment names.
struct Place {
    /// The words of the environment for it.
    name: String,
    path: PathBuf,
    of: Use,
}

impl Place {
    fn new(environment: &Environment, name: impl Into<String>, path: &Path, of: Use) -> Place {
        Place { name: name.into(), path: canonical(&environment.path(path)), of }
    }
}

/// Refuses an environment in which two names lead to one place, or in which something is written into the export.
pub(crate) fn check(environment: &Environment, file: &Path) -> Result<(), Problem> {
    let file = Place { name: "the environment file".to_owned(), path: canonical(file), of: Use::Read };
    weigh_all(environment, Some(file))
}

/// Refuses a rehearsal that would write into the export, or where the run itself does.
pub(crate) fn check_rehearsal(environment: &Environment, target: &Binding) -> Result<(), Problem> {
    let target = target.is_local().then(|| Place::new(environment, "`[target]`", &target.at, Use::Written));
    weigh_all(environment, target)
}

fn weigh_all(environment: &Environment, one_more: Option<Place>) -> Result<(), Problem> {
    let mut places = places(environment);
    places.extend(one_more);
    for (at, one) in places.iter().enumerate() {
        for other in places.iter().skip(at + 1) {
            weigh(one, other)?;
        }
    }
    Ok(())
}

fn places(environment: &Environment) -> Vec<Place> {
    let of = |name: &str, path: &Path, of| Place::new(environment, name, path, of);
    let mut places = vec![of("`journal`", &environment.journal, Use::Written)];
    // What stands beside it is its own.
    for (end, what) in [
        (".lock", "the lock of the journal"),
        ("-wal", "the newest of the journal"),
        ("-shm", "the shared part of the journal"),
    ] {
        let mut name = environment.journal.as_os_str().to_owned();
        name.push(end);
        places.push(of(what, Path::new(&name), Use::Written));
    }
    places.push(of("`work`", &environment.work, Use::Written));
    for (name, path) in [("`ship`", &environment.ship), ("`page`", &environment.page)] {
        places.extend(path.iter().map(|path| of(name, path, Use::Written)));
    }
    let source = &environment.source;
    places.extend(is_place(source).then(|| of("`[source]`", &source.at, Use::Source)));
    if let Some(ContentsAt::Folder(folder)) = &source.contents
        && source.connector != "files"
    {
        places.push(of("`contents` of `[source]`", folder, Use::Source));
    }
    let target = if environment.rehearsal { "the sandbox" } else { "`[target]`" };
    let targets = [(target, Some(&environment.target)), ("`[sandbox]`", environment.sandbox.as_ref())];
    for (name, binding) in targets {
        let binding = binding.filter(|binding| is_place(binding));
        places.extend(binding.map(|binding| of(name, &binding.at, Use::Written)));
    }
    for (name, path) in &environment.stores {
        places.push(of(&format!("the store `{name}`"), path, Use::Written));
    }
    for (name, path) in &environment.tables {
        places.push(of(&format!("the table `{name}`"), path, Use::Read));
    }
    for (name, Spool { spool, into, .. }) in &environment.inbound {
        places.push(of(&format!("`spool` of `{name}`"), spool, Use::Spool));
        places.extend(into.iter().map(|into| of(&format!("`into` of `{name}`"), into, Use::Into)));
    }
    places
}

/// Whether a binding leads to a file or folder of this machine.
fn is_place(binding: &Binding) -> bool {
    binding.is_local() || binding.connector == "singer"
}

/// Refuses two places that harm each other.
fn weigh(one: &Place, other: &Place) -> Result<(), Problem> {
    let both = |of: Use| one.of == of && other.of == of;
    let read = |of: Use| matches!(of, Use::Read | Use::Source);
    if both(Use::Into) || (read(one.of) && read(other.of)) {
        return Ok(());
    }
    if same(&one.path, &other.path) {
        let why = format!(
            "{} and {} of the environment are one place, {}",
            one.name,
            other.name,
            one.path.display()
        );
        return Err(Problem::new(why).help(if both(Use::Spool) {
            "each message would be delivered once for each of the two addresses: give each a spool of its own, or hold them as one"
        } else {
            "each is for something else: give each a place of its own"
        }));
    }
    for (inner, outer) in [(one, other), (other, one)] {
        if !inner.path.starts_with(&outer.path) {
            continue;
        }
        let help = match (inner.of, outer.of) {
            (Use::Written | Use::Into, Use::Source) => {
                "what is written would become a part of what is exported: name a place outside of it"
            }
            // A folder that is filled from the source, and would be filled with itself.
            (Use::Source, Use::Written | Use::Into) => {
                "what is written there could replace what is exported: name another place"
            }
            (Use::Into | Use::Written, Use::Spool) | (Use::Spool, Use::Into) => {
                "what was delivered would be held and delivered again: name a place outside of it"
            }
            _ => continue,
        };
        let why =
            format!("{} of the environment lies in {}, {}", inner.name, outer.name, outer.path.display());
        return Err(Problem::new(why).help(help));
    }
    Ok(())
}

/// Whether two paths lead to one place, by whatever names and links; what is not there yet is a place, too.
#[must_use]
pub fn is_one_place(one: &Path, other: &Path) -> bool {
    same(&canonical(one), &canonical(other))
}

/// Whether two paths are one file: by their names, or by what the file system says of them.
pub(crate) fn same(one: &Path, other: &Path) -> bool {
    if one == other {
        return true;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let id = |path: &Path| std::fs::metadata(path).ok().map(|data| (data.dev(), data.ino()));
        if let (Some(one), Some(other)) = (id(one), id(other)) {
            return one == other;
        }
    }
    false
}

/// A path as the file system knows it; what does not exist yet is put behind what does.
pub(crate) fn canonical(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut behind: Vec<std::ffi::OsString> = Vec::new();
    let mut there = whole.as_path();
    loop {
        if let Ok(found) = there.canonicalize() {
            return behind.iter().rev().fold(found, |found, name| step(&found, name));
        }
        let Some(parent) = there.parent() else { return whole };
        behind
            .push(there.components().next_back().map(|part| part.as_os_str().to_owned()).unwrap_or_default());
        there = parent;
    }
}

/// A step of a path that does not exist: `..` leads back by the name alone.
fn step(at: &Path, name: &std::ffi::OsStr) -> PathBuf {
    if name == ".." { at.parent().unwrap_or(at).to_owned() } else { at.join(name) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use std::fs;

    use super::check;
    use crate::environment::Environment;

    const SOUND: &str = "journal = \"run/journal.sqlite\"\nwork = \"run/copy\"\n#\n\
        [source]\nconnector = \"files\"\nat = \"export\"\n\
        [target]\nconnector = \"sqlite\"\nat = \"run/desk.sqlite\"\n\
        [stores]\n\"vault:a\" = \"run/vault\"\n\
        [tables]\ncrm = \"export/crm.csv\"\n\
        [inbound.shop]\nspool = \"held\"\ninto = \"in\"\n[inbound.studio]\nspool = \"held2\"\ninto = \"in\"\n";

    #[test]
    fn places_of_an_environment_stand_apart() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir_all(place.path().join("export")).unwrap();
        fs::create_dir_all(place.path().join("run")).unwrap();
        fs::write(place.path().join("run/old.sqlite"), "x").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("run", place.path().join("link")).unwrap();
        #[cfg(unix)]
        fs::hard_link(place.path().join("run/old.sqlite"), place.path().join("old.sqlite")).unwrap();
        let file = place.path().join("env.toml");
        let why = |text: &str| {
            let environment =
                Environment { folder: place.path().to_owned(), ..toml::from_str(text).unwrap() };
            check(&environment, &file).err().map(|problem| problem.why).unwrap_or_default()
        };
        assert_eq!(why(SOUND), "");
        for (from, to, said) in [
            ("#", "page = \"run/journal.sqlite\"", "`journal` and `page`"),
            ("#", "page = \"env.toml\"", "`page` and the environment file"),
            ("#", "ship = \"run/./x/../journal.sqlite\"", "`journal` and `ship`"),
            ("#", "ship = \"run/journal.sqlite.lock\"", "the lock of the journal and `ship`"),
            ("run/desk.sqlite", "run/journal.sqlite", "`journal` and `[target]`"),
            ("run/copy", "export", "`work` and `[source]`"),
            ("run/copy", "export/copy", "`work` of the environment lies in `[source]`"),
            ("run/vault", "export/vault", "the store `vault:a` of the environment lies in `[source]`"),
            ("run/vault", ".", "`[source]` of the environment lies in the store `vault:a`"),
            ("run/vault", "export", "`[source]` and the store `vault:a`"),
            (
                "\"vault:a\"",
                "\"vault:b\" = \"run/vault\"\n\"vault:a\"",
                "the store `vault:a` and the store `vault:b`",
            ),
            ("held2", "held", "`spool` of `shop` and `spool` of `studio`"),
            ("into = \"in\"\n[", "into = \"held\"\n[", "`spool` of `shop` and `into` of `shop`"),
            (
                "into = \"in\"\n[",
                "into = \"held2/new\"\n[",
                "`into` of `shop` of the environment lies in `spool` of `studio`",
            ),
            (
                "connector = \"files\"\nat = \"export\"",
                "connector = \"sqlite\"\nat = \"run/desk.sqlite\"",
                "`[source]` and `[target]`",
            ),
        ] {
            assert!(SOUND.contains(from), "{from}");
            let found = why(&SOUND.replacen(from, to, 1));
            assert!(found.contains(said), "{to}: {found}");
        }
        #[cfg(unix)]
        for (from, to, said) in [
            ("#", "page = \"link/journal.sqlite\"", "`journal` and `page`"),
            ("run/desk.sqlite", "link/copy", "`work` and `[target]`"),
        ] {
            let found = why(&SOUND.replacen(from, to, 1));
            assert!(found.contains(said), "{to}: {found}");
        }
        #[cfg(unix)]
        {
            let text = SOUND.replacen(
                "connector = \"files\"\nat = \"export\"",
                "connector = \"sqlite\"\nat = \"old.sqlite\"",
                1,
            );
            let text = text.replacen("run/desk.sqlite", "run/old.sqlite", 1);
            assert!(why(&text).contains("`[source]` and `[target]`"));
        }
    }
}
