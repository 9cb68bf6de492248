//! The three closed sets of keywords. `grammar/README.md` holds the same table; a test compares them.
//!
//! An item keyword starts a line and is never user text, which makes it a safe place to go on after a mistake. A statement or
//! clause keyword means itself only in the blocks whose row in [`crate::construct`] lists it.

macro_rules! keywords {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
        }

        impl $name {
            /// All of them, in the order of the table.
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];

            /// As it is written in a spec.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self {
                    $($name::$variant => $text,)*
                }
            }

            /// Whether one may have this first word: no for nearly every word that is not a keyword, at the cost of a look into
            /// a table.
            pub(crate) fn may_begin_with(word: &str) -> bool {
                static LENGTHS: Lengths = Lengths::of(&[$($text,)*]);
                LENGTHS.may_hold(word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.text())
            }
        }
    };
}

keywords! {
    /// Words that start an item.
    ItemKw {
        Edition = "edition",
        Use = "use",
        Migration = "migration",
        Team = "team",
        Calendar = "calendar",
        Baseline = "baseline",
        Objective = "objective",
        Criterion = "criterion",
        Scope = "scope",
        Integration = "integration",
        Inbound = "inbound",
        Consumer = "consumer",
        Truth = "truth",
        Clean = "clean",
        Freeze = "freeze",
        Backup = "backup",
        Export = "export",
        Map = "map",
        Translate = "translate",
        Accept = "accept",
        Test = "test",
        Sla = "sla",
        Escalation = "escalation",
        Rehearse = "rehearse",
        Wave = "wave",
        GoLive = "go live",
        Announce = "announce",
        Train = "train",
        Inspect = "inspect",
        Check = "check",
        Waive = "waive",
        Rollback = "rollback",
        Watch = "watch",
        Hypercare = "hypercare",
        Ownership = "ownership",
        ReadOnly = "read only",
        Decommission = "decommission",
        Lessons = "lessons",
        Allow = "allow",
    }
}

keywords! {
    /// Words that start a statement in a body.
    StmtKw {
        // migration; `source`, `target`, `sandbox` and `window` also name the declared thing wherever they stand as a value.
        Source = "source",
        Target = "target",
        Sandbox = "sandbox",
        Table = "table",
        Secret = "secret",
        Window = "window",
        Downtime = "downtime",
        Pace = "pace",
        // scope
        Import = "import",
        Archive = "archive",
        Retire = "retire",
        Recreate = "recreate",
        // clean
        Merge = "merge",
        Reassign = "reassign",
        Adopt = "adopt",
        Keep = "keep",
        Rename = "rename",
        Drop = "drop",
        Link = "link",
        // backup, export, rehearse
        Restore = "restore",
        Verify = "verify",
        Sample = "sample",
        Include = "include",
        Run = "run",
        // map
        Require = "require",
        Remaining = "remaining",
        // test
        Given = "given",
        Expect = "expect",
        // sla, escalation
        Clock = "clock",
        Runs = "runs",
        Pauses = "pauses",
        Stops = "stops",
        Tolerance = "tolerance",
        Notify = "notify",
        // go live
        Hold = "hold",
        Load = "load",
        Silent = "silent",
        Switch = "switch",
        Drain = "drain",
        // check, rollback
        Evidence = "evidence",
        Trigger = "trigger",
        Undo = "undo",
        Message = "message",
        // watch, hypercare
        Report = "report",
        Daily = "daily",
        Defects = "defects",
        Stable = "stable",
        // calendar
        Zone = "zone",
        Open = "open",
        Break = "break",
        Holiday = "holiday",
        Special = "special",
        Horizon = "horizon",
    }
}

keywords! {
    /// Words that start a clause, in the one order in which clauses stand in a line.
    ClauseKw {
        // what
        Plan = "plan",
        KeyedBy = "keyed by",
        Inventory = "inventory",
        Role = "role",
        Contact = "contact",
        Git = "git",
        Available = "available",
        Of = "of",
        // which
        Where = "where",
        IdentifiedBy = "identified by",
        WithSame = "with same",
        With = "with",
        On = "on",
        // how
        In = "in",
        As = "as",
        To = "to",
        By = "by",
        CutTo = "cut to",
        OverflowTo = "overflow to",
        SplitAt = "split at",
        JoinedBy = "joined by",
        Add = "add",
        ThreadsKept = "threads kept",
        Seats = "seats",
        Preferring = "preferring",
        ListedIn = "listed in",
        ChunkedBy = "chunked by",
        RedirectsVerified = "redirects verified",
        BothWays = "both ways",
        ReadsOnly = "reads only",
        WritesOnly = "writes only",
        Switched = "switched",
        Rebuilt = "rebuilt",
        Risk = "risk",
        HeldAt = "held at",
        Reads = "reads",
        Area = "area",
        DecidedBy = "decided by",
        DoneIf = "done if",
        Unpaused = "unpaused",
        Else = "else",
        Inherit = "inherit",
        Recalculate = "recalculate",
        Suspend = "suspend",
        SpreadOver = "spread over",
        EachOf = "each of",
        ReopenedAs = "reopened as",
        GatedBy = "gated by",
        Replacing = "replacing",
        Appending = "appending",
        Tag = "tag",
        ProvenBy = "proven by",
        Template = "template",
        EscalationsTo = "escalations to",
        AnomaliesTo = "anomalies to",
        AtLeast = "at least",
        Forbid = "forbid",
        Alert = "alert",
        Access = "access",
        SeenAs = "seen as",
        KeptIn = "kept in",
        // when a value is missing
        WhenMissing = "when missing",
        // what it was called
        Was = "was",
        // who
        Owner = "owner",
        SignedBy = "signed by",
        // time
        AtMost = "at most",
        ChangedBefore = "changed before",
        From = "from",
        Before = "before",
        After = "after",
        Every = "every",
        For = "for",
        Until = "until",
        Then = "then",
        Within = "within",
        // why
        Lossy = "lossy",
        Because = "because",
        Meaning = "meaning",
    }
}

/// Words that have a meaning of their own as values or inside predicates; listed for completion and the reference.
pub const VALUE_WORDS: &[&str] = &[
    "and",
    "or",
    "not",
    "is",
    "is not",
    "is one of",
    "is empty",
    "is not empty",
    "has",
    "at least",
    "at most",
    "more than",
    "less than",
    "before",
    "since",
    "the rest",
    "same name",
    "any case",
    "everything",
    "window",
    "source",
    "target",
    "sandbox",
    "yes",
    "no",
    "unfinished",
    "finished",
    "placeholder",
    "empty",
];

/// For each letter, the lengths of the first words that begin with it, one bit each. Nearly every word of a spec is told apart from
/// a keyword by this alone.
struct Lengths([u32; 26]);

impl Lengths {
    const fn of(texts: &[&str]) -> Lengths {
        let mut lengths = [0; 26];
        let mut at = 0;
        while at < texts.len() {
            #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
            {
                let text = texts[at].as_bytes();
                let mut len = 0;
                while len < text.len() && text[len] != b' ' {
                    len += 1;
                }
                lengths[(text[0] - b'a') as usize] |= 1 << len;
            }
            at += 1;
        }
        Lengths(lengths)
    }

    /// Whether a keyword may have this first word; no, if none has one with this letter and length.
    fn may_hold(&self, word: &str) -> bool {
        let lengths = letter(word).and_then(|at| self.0.get(at)).copied().unwrap_or(0);
        word.len() < 32 && lengths >> word.len() & 1 == 1
    }
}

/// Clause keywords by their first letter, then in the order of the table, and where each letter begins among them.
static CLAUSES_BY_LETTER: ([ClauseKw; ClauseKw::ALL.len()], [usize; 27]) = {
    let mut sorted = [ClauseKw::Plan; ClauseKw::ALL.len()];
    let mut starts = [0; 27];
    let (mut letter, mut filled) = (0, 0);
    while letter < 26 {
        let mut at = 0;
        #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
        while at < ClauseKw::ALL.len() {
            if ClauseKw::ALL[at].text().as_bytes()[0] as usize == letter + b'a' as usize {
                sorted[filled] = ClauseKw::ALL[at];
                filled += 1;
            }
            at += 1;
        }
        letter += 1;
        #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
        {
            starts[letter] = filled;
        }
    }
    (sorted, starts)
};

/// The place in the alphabet of a word's first letter.
fn letter(word: &str) -> Option<usize> {
    word.bytes().next()?.checked_sub(b'a').map(usize::from)
}

impl ClauseKw {
    /// The keywords that may begin with this word, in the order of the table: none for nearly every word, else those with its
    /// first letter.
    pub(crate) fn near(word: &str) -> &'static [ClauseKw] {
        if !ClauseKw::may_begin_with(word) {
            return &[];
        }
        let (sorted, starts) = &CLAUSES_BY_LETTER;
        let range = letter(word).and_then(|at| Some(*starts.get(at)?..*starts.get(at + 1)?));
        range.and_then(|range| sorted.get(range)).unwrap_or_default()
    }
}

impl ItemKw {
    /// The keyword that a line begins with, when `first` is its first word and `second` the next one on the line.
    #[must_use]
    pub fn at_line_start(first: &str, second: &str) -> Option<ItemKw> {
        match first {
            "go" => (second == "live").then_some(ItemKw::GoLive),
            "read" => (second == "only").then_some(ItemKw::ReadOnly),
            _ => ItemKw::named(first),
        }
    }

    /// Whether a line with these first two letters may begin with a keyword.
    pub(crate) fn may_start(line: &str) -> bool {
        /// For each letter, those that follow it at the start of a keyword, one bit each.
        static SECONDS: [u32; 26] = {
            let mut seconds = [0; 26];
            let mut at = 0;
            while at < ItemKw::ALL.len() {
                #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
                {
                    let text = ItemKw::ALL[at].text().as_bytes();
                    seconds[(text[0] - b'a') as usize] |= 1 << (text[1] - b'a');
                }
                at += 1;
            }
            seconds
        };
        let [first @ b'a'..=b'z', second @ b'a'..=b'z', ..] = line.as_bytes() else { return false };
        SECONDS.get(usize::from(first - b'a')).is_some_and(|letters| letters >> (second - b'a') & 1 == 1)
    }

    /// The keyword that is written so.
    pub(crate) fn named(text: &str) -> Option<ItemKw> {
        // The first word of a keyword of two cannot be the whole of one.
        let all = if ItemKw::may_begin_with(text) || text.contains(' ') { ItemKw::ALL } else { &[] };
        all.iter().copied().find(|kw| kw.text() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::{ClauseKw, ItemKw, StmtKw};

    #[test]
    fn the_three_sets_are_disjoint() {
        let mut seen = std::collections::BTreeSet::new();
        let all = ItemKw::ALL.iter().map(|k| k.text());
        let all =
            all.chain(StmtKw::ALL.iter().map(|k| k.text())).chain(ClauseKw::ALL.iter().map(|k| k.text()));
        for text in all {
            assert!(seen.insert(text), "{text} stands in two sets");
        }
    }

    #[test]
    fn keywords_are_found_by_their_first_word_and_have_two_words_at_most() {
        for keyword in ClauseKw::ALL {
            let first = keyword.text().split(' ').next().unwrap_or_default();
            assert!(ClauseKw::near(first).contains(keyword));
            assert!(keyword.text().split(' ').count() <= 2);
        }
        for keyword in ItemKw::ALL {
            assert_eq!(ItemKw::named(keyword.text()), Some(*keyword));
            assert!(ItemKw::may_start(keyword.text()));
        }
        assert_eq!((ItemKw::named("go"), ItemKw::named("maps"), ItemKw::named("")), (None, None, None));
        assert!(ClauseKw::near("").is_empty() && ClauseKw::near("\u{e9}").is_empty());
    }
}
