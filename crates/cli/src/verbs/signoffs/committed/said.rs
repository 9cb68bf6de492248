//! What a spec file says that matters for its past: which migration it is of, who is in its team, and which files it takes in.

use cutover_diagnostics::FileId;
use cutover_syntax::again::Parsed;
use cutover_syntax::keywords::{ClauseKw, ItemKw};
use cutover_syntax::split::split;
use cutover_syntax::tree::Item;
use cutover_syntax::value::{plain_name, unquote};

/// What one file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The migration that it declares.
    pub(super) migration: Option<String>,
    /// The people of its team.
    pub(super) people: Vec<Person>,
    /// The files that it takes in, as it names them.
    pub(super) uses: Vec<String>,
}

/// A line of the team.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Person {
    /// The short name.
    pub(super) name: String,
    /// The full name.
    pub(super) title: Option<String>,
    /// The address in git.
    pub(super) git: Option<String>,
}

impl Said {
    /// Reads a file: only the items that matter are parsed.
    pub(super) fn of(text: &str) -> Said {
        let mut said = Said::default();
        for piece in split(text) {
            if !matches!(piece.keyword, Some(ItemKw::Team | ItemKw::Migration | ItemKw::Use)) {
                continue;
            }
            let Some(text) = text.get(piece.start..piece.end) else { continue };
            for item in &Parsed::new(FileId(0), &text.into()).tree.items {
                said.take(item);
            }
        }
        said
    }

    fn take(&mut self, item: &Item) {
        let first =
            |line: &cutover_syntax::tree::Line| item.get(line.lead).first().map(|term| item.raw(*term));
        let head = item.head().and_then(first);
        match item.keyword {
            Some(ItemKw::Migration) => self.migration = head.map(|name| plain_name(name).into_owned()),
            Some(ItemKw::Use) => self.uses.extend(head.map(|file| unquote(file).into_owned())),
            Some(ItemKw::Team) => {
                for line in item.body_lines() {
                    let Some(name) = first(line) else { continue };
                    let title = item.get(line.lead).get(1).map(|term| unquote(item.raw(*term)).into_owned());
                    let git = line.clause(ClauseKw::Git).and_then(|git| item.get(git.terms).first());
                    let git = git.map(|address| unquote(item.raw(*address)).into_owned());
                    self.people.push(Person { name: plain_name(name).into_owned(), title, git });
                }
            }
            _ => {}
        }
    }
}

/// The line of a file, from 1, in which somebody of the team gets an address; none where it says nothing of it.
pub(super) fn line_of(text: &str, who: &str, address: &str) -> Option<usize> {
    let parsed = Parsed::new(FileId(0), &text.into());
    let teams = parsed.tree.items.iter().filter(|item| item.keyword == Some(ItemKw::Team));
    let start = teams.flat_map(|item| item.body_lines().iter().map(move |line| (item, line))).find_map(
        |(item, line)| {
            let name = item.get(line.lead).first()?;
            let git = item.get(line.clause(ClauseKw::Git)?.terms).first()?;
            let is_theirs =
                plain_name(item.raw(*name)) == who && plain(&unquote(item.raw(*git))) == plain(address);
            is_theirs.then(|| item.span(git.range).start as usize)
        },
    )?;
    let above = text.as_bytes().get(..start)?;
    Some(above.iter().filter(|byte| **byte == b'\n').count() + 1)
}

/// An address as it is compared.
pub(super) fn plain(address: &str) -> String {
    address.trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{Person, Said, line_of};

    #[test]
    fn team_migration_and_files_are_read() {
        let text = "edition 1\nuse \"team/all.cutover\"\nmigration pots \"Pots\" {\n  target zendesk \"x\"\n}\n\nteam small {\n  ines \"Ines\"  role decision_maker\n    git \"i@x.example\"  # the boss\n  tom \"Tom\" role data_owner\n}\n";
        let said = Said::of(text);
        assert_eq!(said.migration.as_deref(), Some("pots"));
        assert_eq!(said.uses, ["team/all.cutover"]);
        let person = |name: &str, title: &str, git: Option<&str>| Person {
            name: name.to_owned(),
            title: Some(title.to_owned()),
            git: git.map(str::to_owned),
        };
        assert_eq!(said.people, [person("ines", "Ines", Some("i@x.example")), person("tom", "Tom", None)]);
        assert_eq!(line_of(text, "ines", "I@x.example"), Some(9));
        assert_eq!(line_of(text, "tom", "i@x.example"), None);
        assert_eq!(Said::of("}{ team \u{0} {"), Said::default());
    }
}
