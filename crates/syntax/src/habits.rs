//! Words that people bring along from elsewhere, and what the language says instead.

/// A word or two that people write, and the keyword that means it.
type Habit = (&'static str, &'static str);

/// In place of a block.
pub(crate) const ITEMS: &[Habit] = &[
    ("address", "inbound"),
    ("cleanup", "clean"),
    ("cutover", "go live"),
    ("downtime", "migration"),
    ("go", "go live"),
    ("import", "scope"),
    ("include", "use"),
    ("mailbox", "inbound"),
    ("mapping", "map"),
    ("metric", "criterion"),
    ("notify", "announce"),
    ("pilot", "wave"),
    ("policy", "sla"),
    ("read", "read only"),
    ("rehearsal", "rehearse"),
    ("sandbox", "migration"),
    ("source", "migration"),
    ("staff", "team"),
    ("target", "migration"),
    ("training", "train"),
    ("window", "migration"),
];

/// In place of a statement.
pub(crate) const STATEMENTS: &[Habit] = &[
    ("abort", "trigger"),
    ("closed", "holiday"),
    ("copy", "import"),
    ("delete", "retire"),
    ("delete", "drop"),
    ("exclude", "retire"),
    ("ignore", "drop"),
    ("ignore", "retire"),
    ("lunch", "break"),
    ("migrate", "import"),
    ("move", "import"),
    ("must", "require"),
    ("pause", "hold"),
    ("pause", "pauses"),
    ("preserve", "keep"),
    ("rebuild", "recreate"),
    ("remove", "retire"),
    ("remove", "drop"),
    ("run", "runs"),
    ("skip", "retire"),
    ("skip", "drop"),
    ("stop", "hold"),
    ("stop", "stops"),
    ("timezone", "zone"),
];

/// In place of a reason that is still to be found.
pub(crate) const LATER: &[&str] = &[
    "",
    "-",
    "?",
    "??",
    "???",
    "fixme",
    "n/a",
    "tba",
    "tbc",
    "tbd",
    "to be decided",
    "to be defined",
    "to do",
    "todo",
    "xxx",
];

/// In place of a unit.
pub(crate) const UNITS: &[Habit] = &[
    ("d", "days"),
    ("gb", "GB"),
    ("hr", "hour"),
    ("hrs", "hours"),
    ("mb", "MB"),
    ("mins", "min"),
    ("secs", "seconds"),
    ("wk", "week"),
    ("wks", "weeks"),
];

/// In place of a clause.
pub(crate) const CLAUSES: &[Habit] = &[
    ("approved by", "signed by"),
    ("as of", "from"),
    ("assigned to", "owner"),
    ("default", "when missing"),
    ("deadline", "before"),
    ("due", "before"),
    ("during", "for"),
    ("email", "contact"),
    ("filter", "where"),
    ("if", "where"),
    ("if empty", "when missing"),
    ("matching", "where"),
    ("max", "at most"),
    ("min", "at least"),
    ("note", "meaning"),
    ("only", "where"),
    ("or else", "else"),
    ("owned by", "owner"),
    ("phone", "contact"),
    ("reason", "because"),
    ("responsible", "owner"),
    ("reviewed by", "signed by"),
    ("since", "because"),
    ("sla", "on"),
    ("starting", "from"),
    ("truncate to", "cut to"),
    ("using", "by"),
    ("via", "by"),
    ("when empty", "when missing"),
    ("while", "for"),
];

/// In place of a comparison.
pub(crate) const COMPARISONS: &[Habit] = &[
    ("after", "since"),
    ("contains", "has"),
    ("equals", "is"),
    ("exceeds", "more than"),
    ("from", "since"),
    ("greater", "more than"),
    ("in", "is one of"),
    ("includes", "has"),
    ("isnt", "is not"),
    ("lower", "less than"),
    ("on", "since"),
    ("over", "more than"),
    ("under", "less than"),
    ("until", "before"),
];

/// Signs in place of words. An empty word means that the sign is left out.
pub(crate) const SIGNS: &[Habit] = &[
    ("!", "not"),
    ("!=", "is not"),
    ("&", "and"),
    ("&&", "and"),
    ("<", "less than"),
    ("<=", "at most"),
    ("<>", "is not"),
    ("=", "is"),
    ("==", "is"),
    ("===", "is"),
    (">", "more than"),
    (">=", "at least"),
    ("|", "or"),
    ("||", "or"),
    ("\u{2260}", "is not"),
    ("\u{2264}", "at most"),
    ("\u{2265}", "at least"),
];

/// What the language says for a word; only if it is one of `allowed`.
pub(crate) fn meant<'a>(
    habits: &[Habit],
    word: &str,
    allowed: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let known = |candidate: &&str| {
        habits.iter().any(|(wrong, right)| wrong.eq_ignore_ascii_case(word) && right == candidate)
    };
    allowed.into_iter().find(known)
}

/// What the language says for a sign.
pub(crate) fn sign(sign: &str) -> Option<&'static str> {
    SIGNS.iter().find(|(wrong, _)| *wrong == sign).map(|(_, right)| *right)
}

/// Whether a word says that something is still to be decided.
pub(crate) fn is_open_question(word: &str) -> bool {
    matches!(word, "TODO" | "TBD" | "TBC" | "TBA" | "FIXME" | "XXX")
}
