//! "Did you mean": the names that a wrong name was probably meant to be.

/// The candidates that are near `name`, best first, at most `limit`.
///
/// Near means: equal but for upper and lower case, or the same words in another order, or at most a third of the
/// longer name's characters (and at least one) inserted, removed, replaced or swapped. Equal distances sort by the
/// candidate itself, so the answer never depends on the order of `candidates`; a repeated candidate counts once.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>, limit: usize) -> Vec<&'a str> {
    let wanted = name.to_lowercase();
    let length = wanted.chars().count();
    let words = sorted_words(&wanted);
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| Some((distance(&wanted, length, &words, candidate)?, candidate)))
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(limit).map(|(_, candidate)| candidate).collect()
}

/// The distance of a candidate that is near enough.
fn distance(wanted: &str, length: usize, words: &[&str], candidate: &str) -> Option<usize> {
    let other = candidate.to_lowercase();
    if other == wanted {
        return Some(0);
    }
    let other_length = other.chars().count();
    let allowed = (length.max(other_length) / 3).max(1);
    // The difference in length is a lower bound: most candidates are refused without the table of the full distance.
    let near = (length.abs_diff(other_length) <= allowed && length > 0)
        .then(|| strsim::damerau_levenshtein(wanted, &other))
        .filter(|&distance| distance <= allowed && distance < length);
    near.or_else(|| (words.len() > 1 && words == sorted_words(&other)).then_some(allowed))
}

/// The words of a name in alphabetical order: `created_at` and `at created` have the same.
fn sorted_words(name: &str) -> Vec<&str> {
    let mut words: Vec<&str> =
        name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [&str; 6] = ["assignee", "created_at", "priority", "requester", "status", "subject"];

    #[test]
    fn finds_slips_of_the_hand() {
        assert_eq!(nearest("asignee", FIELDS, 3), ["assignee"]);
        assert_eq!(nearest("STATUS", FIELDS, 3), ["status"]);
        assert_eq!(nearest("at created", FIELDS, 3), ["created_at"]);
        assert_eq!(nearest("requetser", FIELDS, 3), ["requester"]);
    }

    #[test]
    fn stays_silent_when_nothing_is_near() {
        assert!(nearest("owner", FIELDS, 3).is_empty());
        assert!(nearest("", FIELDS, 3).is_empty());
        assert!(nearest("x", ["y", "z"], 3).is_empty());
    }

    #[test]
    fn ties_do_not_depend_on_the_order_of_candidates() {
        assert_eq!(nearest("tick", ["tack", "tock", "tuck", "tack"], 2), ["tack", "tock"]);
        assert_eq!(nearest("tick", ["tuck", "tock", "tack"], 2), ["tack", "tock"]);
    }

    #[test]
    fn upper_and_lower_case_come_before_other_differences() {
        assert_eq!(nearest("open", ["opens", "Open"], 2), ["Open", "opens"]);
    }
}
