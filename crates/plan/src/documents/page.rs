//! A page of Markdown that grows.

use std::fmt::Write as _;

use cutover_ir::Id;

use super::MADE;
use crate::model::{Item, Plan};
use crate::text::{escape, words};

/// A page about a plan. What goes through `raw` is our own; everything else is escaped.
pub(super) struct Page<'a> {
    pub(super) plan: &'a Plan,
    pub(super) out: String,
    /// Whether the next code stands in a cell of a table.
    table: bool,
}

impl<'a> Page<'a> {
    /// A page with its title and what it is.
    pub(super) fn new(plan: &'a Plan, title: &str, about: &str) -> Page<'a> {
        let mut page = Page { plan, out: String::new(), table: false };
        page.raw("# ").text(title).raw("\n\n").raw(about);
        page.raw(&format!(" {MADE}; edit the spec, not this page.\n"));
        page
    }

    /// Says to which plan the page belongs. Not on every page: it changes with every edit.
    pub(super) fn of_plan(&mut self) -> &mut Self {
        let plan = self.plan;
        match plan.digest.get(..16) {
            Some(short) => self.raw("\nPlan `").raw(short).raw("`\n"),
            None => self,
        }
    }

    /// Text of our own.
    pub(super) fn raw(&mut self, text: &str) -> &mut Self {
        self.out.push_str(text);
        self
    }

    /// Text from outside.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        escape::markdown(&mut self.out, text);
        self
    }

    /// Text from outside that begins a sentence.
    pub(super) fn sentence(&mut self, text: &str) -> &mut Self {
        let text = words::capital(text);
        self.text(&text)
    }

    /// Text from outside in which names stand between back quotes.
    pub(super) fn prose(&mut self, text: &str) -> &mut Self {
        if !text.contains('`') || !text.matches('`').count().is_multiple_of(2) {
            return self.text(text);
        }
        for (index, part) in text.split('`').enumerate() {
            if index % 2 == 1 {
                self.code(part);
            } else {
                // Escaping trims; the blanks at both ends belong to the sentence.
                self.raw(if part.starts_with(' ') { " " } else { "" });
                self.text(part);
                self.raw(if part.len() > 1 && part.ends_with(' ') { " " } else { "" });
            }
        }
        self
    }

    /// The same within a cell of a table.
    pub(super) fn in_table(&mut self, text: &str) -> &mut Self {
        escape::code_in_table(&mut self.out, text);
        self
    }

    /// A field, a value, a file.
    pub(super) fn code(&mut self, text: &str) -> &mut Self {
        if self.table {
            escape::code_in_table(&mut self.out, text);
        } else {
            escape::code(&mut self.out, text);
        }
        self
    }

    /// An id.
    pub(super) fn id(&mut self, id: &Id) -> &mut Self {
        self.code(id.as_str())
    }

    /// The id at the end of a line.
    pub(super) fn ends_with(&mut self, id: &Id) -> &mut Self {
        self.raw(" · ").id(id).raw("\n")
    }

    /// The name of a person.
    pub(super) fn person(&mut self, who: &str) -> &mut Self {
        let name = words::person(self.plan, who);
        self.text(name)
    }

    /// A whole number with separators.
    pub(super) fn number(&mut self, n: u64) -> &mut Self {
        crate::text::numbers::push_number(&mut self.out, n);
        self
    }

    /// A heading.
    pub(super) fn heading(&mut self, level: usize, title: &str) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(self.out, "\n{:#<level$} ", "");
        self.text(title).raw("\n\n")
    }

    /// The head of a table.
    pub(super) fn table(&mut self, columns: &[&str]) -> &mut Self {
        self.raw("|");
        for column in columns {
            self.raw(" ").raw(column).raw(" |");
        }
        self.raw("\n|");
        for _ in columns {
            self.raw("---|");
        }
        self.raw("\n");
        self
    }

    /// A row of a table: each cell is written by itself.
    pub(super) fn row(&mut self, cells: &[&dyn Fn(&mut Self)]) -> &mut Self {
        self.table = true;
        self.raw("|");
        for cell in cells {
            self.raw(" ");
            let before = self.out.len();
            cell(self);
            if self.out.len() == before {
                self.raw("–");
            }
            self.raw(" |");
        }
        self.table = false;
        self.raw("\n")
    }
}

/// The items of one kind, in the order of their ids.
pub(super) fn items<'a, T: 'a>(
    plan: &'a Plan,
    pick: impl Fn(&'a crate::model::Content) -> Option<&'a T> + 'a,
) -> impl Iterator<Item = (&'a Id, &'a Item, &'a T)> {
    plan.items.iter().filter_map(move |(id, item)| pick(&item.content).map(|content| (id, item, content)))
}

/// Picks one kind of content in [`items`].
macro_rules! of_kind {
    ($plan:expr, $kind:ident) => {
        $crate::documents::page::items($plan, |content| match content {
            $crate::model::Content::$kind(content) => Some(content),
            _ => None,
        })
    };
}
pub(super) use of_kind;

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn names_in_prose_are_code_and_nothing_else_is() {
        let plan = crate::Plan::default();
        let prose = |text: &str| {
            let mut page = Page { plan: &plan, out: String::new(), table: false };
            page.prose(text);
            page.out
        };
        assert_eq!(prose("the end of `ticket.subject` is cut"), "the end of `ticket.subject` is cut");
        assert_eq!(prose("`a` and `b`"), "`a` and `b`");
        assert_eq!(prose("a ` <b>"), "a \\` &lt;b&gt;");
        assert_eq!(prose("``<b>``"), "&lt;b&gt;");
        assert_eq!(prose("`\n# x` | y"), "` # x` \\| y");
    }
}
