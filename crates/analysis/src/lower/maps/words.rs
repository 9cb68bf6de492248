//! Wording shared by the findings about maps.

use crate::world::KindView;
use cutover_ir::LossSet;

pub use cutover_plan::text::numbers::number as grouped;

/// `"a", "b" and 3 more`, of at most `most` names.
#[must_use]
pub fn quoted_list<'n>(names: impl ExactSizeIterator<Item = &'n str>, most: usize) -> String {
    let total = names.len();
    let mut out: Vec<String> = names.take(most).map(|name| format!("\"{name}\"")).collect();
    if total > most {
        let last = format!("{} more", total - most);
        return format!("{} and {last}", out.join(", "));
    }
    match out.pop() {
        Some(last) if out.is_empty() => last,
        Some(last) => format!("{} and {last}", out.join(", ")),
        None => String::new(),
    }
}

/// What is lost, in words.
#[must_use]
pub fn losses(set: LossSet) -> String {
    let words: Vec<&str> = set.iter().map(cutover_ir::Loss::describe).collect();
    words.join(", ")
}

/// `of 12,480 tickets`, or `of the tickets` when nobody counted.
#[must_use]
pub fn of_all(kind: &KindView<'_>) -> String {
    match kind.count() {
        Some(count) => format!("of {} {}", grouped(count), kind.plural.replace('_', " ")),
        None => format!("of the {}", kind.plural.replace('_', " ")),
    }
}

/// The name with its article: `an agent`.
#[must_use]
pub fn a(name: &str) -> String {
    let vowel = name.starts_with(['a', 'e', 'i', 'o', 'A', 'E', 'I', 'O']) || name.starts_with("SLA");
    if vowel { format!("an {name}") } else { format!("a {name}") }
}

#[cfg(test)]
mod tests {
    use super::{grouped, quoted_list};

    #[test]
    fn numbers_and_lists() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(12_480), "12,480");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(quoted_list(["a"].into_iter(), 3), "\"a\"");
        assert_eq!(quoted_list(["a", "b"].into_iter(), 3), "\"a\" and \"b\"");
        assert_eq!(quoted_list(["a", "b", "c"].into_iter(), 2), "\"a\", \"b\" and 1 more");
    }
}
