//! What a sentence promises, read by the words of the language.

/// Something that a reason says will be so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Claim<'t> {
    /// The words that say so.
    pub(super) said: &'t str,
    pub(super) what: What<'t>,
}

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What<'t> {
    /// It is in one of the places that every migration has, or can have.
    In(Place),
    /// Something is done.
    Done(Act),
    /// It is in a field of this name. With `moved`, it is put there.
    Field { name: &'t str, moved: bool },
    /// It goes to somebody: the rest of the text begins with a name.
    To(&'t str),
}

/// Where a migration can put things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Archive,
    Backup,
    Tag,
    Placeholder,
    Comment,
}

/// What a migration can do with things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Deleted,
    Redirected,
    Recreated,
    Merged,
    Linked,
    Reassigned,
    Suspended,
    Masked,
    Imported,
}

const ACTS: &[(&[&str], What<'static>)] = &[
    (&["deleted", "erased", "purged", "destroyed"], What::Done(Act::Deleted)),
    (&["redirected"], What::Done(Act::Redirected)),
    (&["recreated", "rebuilt"], What::Done(Act::Recreated)),
    (&["merged"], What::Done(Act::Merged)),
    (&["linked"], What::Done(Act::Linked)),
    (&["reassigned"], What::Done(Act::Reassigned)),
    (&["suspended"], What::Done(Act::Suspended)),
    (
        &["masked", "anonymised", "anonymized", "pseudonymised", "pseudonymized", "hashed"],
        What::Done(Act::Masked),
    ),
    (&["imported"], What::Done(Act::Imported)),
    (&["archived"], What::In(Place::Archive)),
    (&["tagged"], What::In(Place::Tag)),
];

const PLACES: &[(&[&str], Place)] = &[
    (&["archive", "archives", "vault"], Place::Archive),
    (&["backup", "backups"], Place::Backup),
    (&["tag", "tags"], Place::Tag),
    (&["placeholder", "placeholders"], Place::Placeholder),
    (&["comment", "note", "comments", "notes"], Place::Comment),
];

/// Words before which a noun is where something goes.
const INTO: &[&str] = &["in", "into", "to", "as", "within", "inside"];
/// Words behind which a noun holds or says something.
const TELLS: &[&str] = &[
    "tell", "tells", "say", "says", "show", "shows", "hold", "holds", "keep", "keeps", "exclude", "excludes",
    "mark", "marks", "name", "names",
];
/// Words that put something somewhere.
const MOVES: &[&str] = &[
    "copied",
    "moved",
    "carried",
    "joined",
    "goes",
    "go",
    "put",
    "written",
    "appended",
    "added",
    "kept",
    "stored",
    "saved",
    "preserved",
    "folded",
];
/// Words that say where something is.
const STANDS: &[&str] =
    &["is", "are", "stand", "stands", "lie", "lies", "remain", "remains", "stay", "stays", "live", "lives"];
const ARE: &[&str] = &["is", "are", "be", "become", "becomes", "stay", "stays"];
const PASSIVE: &[&str] = &["is", "are", "be", "being", "get", "gets", "will", "then"];
const PAST: &[&str] = &["was", "were", "been", "had"];
/// Words behind which no noun belongs to the one before.
const BEHIND: &[&str] = &[
    "of", "from", "for", "and", "or", "by", "too", "until", "since", "which", "that", "where", "when",
    "with", "as", "is", "are", "now", "on", "in", "instead", "already", "anyway",
];
const LATER: &[&str] = &["after", "afterwards", "then", "later", "when", "once"];
const NOT: &[&str] = &[
    "not", "no", "never", "none", "nobody", "nothing", "without", "instead", "neither", "cannot", "can't",
    "isn't", "aren't", "don't", "doesn't", "won't", "than",
];
const LITTLE: &[&str] = &[
    "the", "a", "an", "this", "that", "its", "their", "his", "her", "our", "each", "every", "one",
    "internal", "private", "first", "same", "own", "of", "field", "fields",
];

struct Word<'t> {
    raw: &'t str,
    low: String,
    start: usize,
    end: usize,
    /// A part of the sentence ends behind it.
    stop: bool,
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    for chunk in text.split_whitespace() {
        let at = (chunk.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let kept = |c: char| c.is_alphanumeric() || "_`.-'".contains(c);
        let raw = chunk.trim_matches(|c| !kept(c)).trim_matches(['.', '\'', '-']);
        let Some(offset) = chunk.find(raw).filter(|_| !raw.is_empty()) else {
            if let Some(last) = words.last_mut() {
                let last: &mut Word<'_> = last;
                last.stop = true;
            }
            continue;
        };
        let start = at + offset;
        let stop = chunk.ends_with([',', ';', '.', ':', '!', '?', ')']);
        words.push(Word { raw, low: raw.to_lowercase(), start, end: start + raw.len(), stop });
    }
    words
}

/// The sentence around a word: what stands before it, up to where its part of the sentence begins.
fn before<'w, 't>(words: &'w [Word<'t>], at: usize) -> &'w [Word<'t>] {
    let upto = words.get(..at).unwrap_or_default();
    let begin = upto.iter().rposition(|word| word.stop).map_or(0, |stop| stop + 1);
    upto.get(begin..).unwrap_or_default()
}

fn any(words: &[Word<'_>], of: &[&str]) -> bool {
    words.iter().any(|word| of.contains(&word.low.as_str()))
}

/// What a reason promises, in the order of its words. Sentences of other languages promise nothing here: the words of the language are English.
pub(super) fn of(text: &str) -> Vec<Claim<'_>> {
    let words = words(text);
    let mut claims = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let before = before(&words, at);
        if any(before, NOT) {
            continue;
        }
        let next = if word.stop { None } else { words.get(at + 1) };
        let say = |begin: usize| {
            text.get(words.get(begin).map_or(word.start, |first| first.start)..word.end).unwrap_or_default()
        };
        let begins = at - before.len();
        if let Some((_, what)) = ACTS.iter().find(|(act, _)| act.contains(&word.low.as_str())) {
            if done(&words, before, at) {
                let near = before.iter().rposition(|word| PASSIVE.contains(&word.low.as_str()));
                claims.push(Claim { said: say(near.map_or(at, |near| begins + near)), what: *what });
            }
            continue;
        }
        if matches!(word.low.as_str(), "redirect" | "redirects") {
            claims.push(Claim { said: word.raw, what: What::Done(Act::Redirected) });
            continue;
        }
        let capital = word.raw.starts_with(char::is_uppercase);
        if capital && before.last().is_some_and(|word| matches!(word.low.as_str(), "to" | "into")) {
            let rest = text.get(word.start..).unwrap_or_default();
            let more = words.get(at + 1..).unwrap_or_default().iter();
            let more =
                more.take_while(|word| word.raw.starts_with(|c: char| c.is_uppercase() || c.is_numeric()));
            let end = if word.stop { None } else { more.last() }.map_or(word.end, |last| last.end);
            let begin = words.get(at - 1).map_or(word.start, |into| into.start);
            let said = text.get(begin..end).unwrap_or_default();
            claims.push(Claim { said, what: What::To(rest) });
        }
        let Some((begin, frame)) = frame(before, next).map(|(back, frame)| (at - back, frame)) else {
            continue;
        };
        let place =
            PLACES.iter().find(|(names, _)| names.contains(&word.low.as_str())).map(|(_, place)| *place);
        // "in vault:acme-archive", as the clause writes it.
        let place = place.or_else(|| word.low.starts_with("vault:").then_some(Place::Archive));
        match place {
            Some(Place::Comment) if frame != Frame::Into || !(any(before, MOVES) || stands(before)) => {}
            Some(place) => claims.push(Claim { said: say(begin), what: What::In(place) }),
            None => {
                claims.extend(field(word, before, next, frame).map(|what| Claim { said: say(begin), what }))
            }
        }
    }
    claims
}

/// How a noun is said to hold something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// `in the archive`, `as a tag`.
    Into,
    /// `by a tag`.
    By,
    /// `is a tag`.
    Is,
    /// `the tag tells`.
    Tells,
}

/// How the noun behind `before` holds something, and how many words before it say so.
fn frame(before: &[Word<'_>], next: Option<&Word<'_>>) -> Option<(usize, Frame)> {
    let little = before.iter().rev().take_while(|word| LITTLE.contains(&word.low.as_str())).count();
    let head =
        before.len().checked_sub(little + 1).and_then(|at| before.get(at)).map(|word| word.low.as_str());
    // "the first of the comments": the noun belongs to another one.
    if before.iter().rev().take(little).any(|word| word.low == "of") {
        return None;
    }
    let frame = match head {
        Some(head) if INTO.contains(&head) => Some(Frame::Into),
        Some("by") => Some(Frame::By),
        Some(head) if ARE.contains(&head) => Some(Frame::Is),
        _ => None,
    };
    if let Some(frame) = frame {
        // "kept in the archive" is said rather than "in the archive".
        let verb = before.len().checked_sub(little + 2).and_then(|at| before.get(at));
        let verb = verb.is_some_and(|word| MOVES.contains(&word.low.as_str()));
        return Some((little + 1 + usize::from(verb), frame));
    }
    next.is_some_and(|next| TELLS.contains(&next.low.as_str())).then_some((little, Frame::Tells))
}

/// Whether something is said to be in what follows: "it stands in a note".
fn stands(before: &[Word<'_>]) -> bool {
    let little = before.iter().rev().take_while(|word| LITTLE.contains(&word.low.as_str())).count();
    let verb = before.len().checked_sub(little + 2).and_then(|at| before.get(at));
    verb.is_some_and(|word| STANDS.contains(&word.low.as_str()))
}

/// Whether an act is said to happen: not that it has happened, not that somebody does it besides.
fn done(words: &[Word<'_>], before: &[Word<'_>], at: usize) -> bool {
    let near = before.get(before.len().saturating_sub(3)..).unwrap_or_default();
    let behind = words.get(at + 1..).unwrap_or_default();
    let sentence =
        behind.iter().position(|word| word.stop).map_or(behind, |stop| behind.get(..=stop).unwrap_or(behind));
    let sentence = if words.get(at).is_some_and(|word| word.stop) { &[] } else { sentence };
    let pair = |one: &str, two: &str| {
        sentence.windows(2).any(|pair| matches!(pair, [a, b] if a.low == one && b.low == two))
    };
    let later = sentence.first().is_some_and(|word| LATER.contains(&word.low.as_str()));
    // The last word of time decides: "what was lost is archived".
    let of_time =
        |word: &&Word<'_>| PASSIVE.contains(&word.low.as_str()) || PAST.contains(&word.low.as_str());
    // "Archived as a file": a reason that begins with the act, and says no more than where it goes.
    let first = sentence.first().map(|word| word.low.as_str());
    let bare = at == 0
        && words.first().is_some_and(|word| matches!(word.low.as_str(), "archived" | "tagged" | "imported"))
        && first.is_none_or(|next| INTO.contains(&next) || matches!(next, "for" | "until" | "with"));
    if bare {
        return !pair("old", "desk");
    }
    let passive = near.iter().rev().find(of_time).map(|word| PASSIVE.contains(&word.low.as_str()));
    passive.unwrap_or(later) && !pair("by", "hand") && !pair("old", "desk")
}

/// A field, when the sentence says that something is in it.
fn field<'t>(
    word: &Word<'t>,
    before: &[Word<'_>],
    next: Option<&Word<'_>>,
    frame: Frame,
) -> Option<What<'t>> {
    let name = word.raw.trim_matches('`');
    let path = name.starts_with("custom.") || name.contains('_') || word.raw.starts_with('`');
    let moved = any(before, MOVES);
    let the = before.last().is_some_and(|word| word.low == "the");
    let says = match frame {
        // "in the subject of each": a noun by itself, not what it is like ("in the old desk").
        Frame::Into => path || (the || moved) && next.is_none_or(|next| BEHIND.contains(&next.low.as_str())),
        Frame::Tells => true,
        Frame::By | Frame::Is => false,
    };
    let name_like =
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    (says && name_like).then_some(What::Field { name, moved: moved && frame == Frame::Into })
}

#[cfg(test)]
mod tests {
    use super::{Act, Place, What, of};

    fn what(text: &str) -> Vec<What<'_>> {
        of(text).into_iter().map(|claim| claim.what).collect()
    }

    #[test]
    fn promises_are_read() {
        for (text, promised) in [
            ("the auditors ask for one more year; deleted after that", What::Done(Act::Deleted)),
            ("seven years, then deleted", What::Done(Act::Deleted)),
            ("they will be erased with the old desk's contract", What::Done(Act::Deleted)),
            ("old links are redirected to the new help centre", What::Done(Act::Redirected)),
            ("kept in the archive", What::In(Place::Archive)),
            ("longer ones stand in the archive", What::In(Place::Archive)),
            ("the archive tells what was merged", What::In(Place::Archive)),
            ("they are archived", What::In(Place::Archive)),
            ("Archived.", What::In(Place::Archive)),
            ("archived as a CSV", What::In(Place::Archive)),
            ("stored in vault:acme-archive", What::In(Place::Archive)),
            ("it stands in a note", What::In(Place::Comment)),
            ("copied into the field custom.region", What::Field { name: "custom.region", moved: true }),
            ("they are imported with the tickets", What::Done(Act::Imported)),
            ("what was lost is archived", What::In(Place::Archive)),
            ("the values are kept in a tag", What::In(Place::Tag)),
            ("waiting is a tag from now on", What::In(Place::Tag)),
            ("told apart by their tag", What::In(Place::Tag)),
            ("replaced by a placeholder", What::In(Place::Placeholder)),
            ("written into a private note", What::In(Place::Comment)),
            ("copied to custom.family", What::Field { name: "custom.family", moved: true }),
            ("the lot stands in the subject", What::Field { name: "subject", moved: false }),
            ("the priority says both", What::Field { name: "priority", moved: false }),
            ("their tickets go to Backlog", What::To("Backlog")),
        ] {
            assert!(what(text).contains(&promised), "{text}: {:?}", of(text));
        }
    }

    #[test]
    fn what_is_said_otherwise_is_none() {
        for text in [
            "deleted in the old desk",
            "reported until the end of the year in the old desk",
            "deleted on purpose; some at a customer's request",
            "they were merged years ago",
            "merged tickets stay behind",
            "nothing is archived",
            "it is never tagged",
            "whoever was deleted is suspended by hand afterwards",
            "HubSpot has properties instead of tags",
            "it is the first of the ticket's comments",
            "chats are comments of their tickets; ratings were never read",
            "kept for the auditors",
            "one queue from now on",
            "nur E-Mail, über die Zentrale",
            "",
        ] {
            assert_eq!(what(text), Vec::new(), "{text}");
        }
    }

    #[test]
    fn the_words_are_those_of_the_reason() {
        let said = |text| of(text).first().map(|claim| claim.said);
        assert_eq!(said("yes, kept in the archive of 2024"), Some("kept in the archive"));
        assert_eq!(said("(they are deleted then)"), Some("are deleted"));
        assert_eq!(said("The tag tells them apart."), Some("The tag"));
    }
}
