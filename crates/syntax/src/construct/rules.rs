//! The shape of a row of the construct table.

use crate::keywords::{ClauseKw, ItemKw, StmtKw};

/// A row: one kind of item.
#[derive(Debug)]
pub struct Construct {
    /// The keyword.
    pub keyword: ItemKw,
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// Whether it may stand more than once.
    pub many: bool,
    /// What follows the keyword.
    pub name: NameRule,
    /// Whether a quoted title may follow the name.
    pub title: bool,
    /// What else stands before the clauses.
    pub args: ArgRule,
    /// Clauses of the item.
    pub clauses: &'static [ClauseRule],
    /// What stands in braces.
    pub body: BodyRule,
}

/// What follows an item keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameRule {
    /// Nothing: the item is one of its kind, or its arguments identify it.
    None,
    /// An ASCII identifier that the team chooses.
    Identifier,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `kind -> kind`, or `remaining kinds`.
    Signature,
}

/// What stands between the keyword and the clauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgRule {
    /// Nothing.
    None,
    /// Something, described for messages and the reference; the analysis checks it.
    Some(&'static str),
    /// One thing: a name, a text, a number.
    One(&'static str),
    /// Things with commas between them.
    List(&'static str),
    /// Something or nothing.
    Maybe(&'static str),
}

impl ArgRule {
    /// In words, for messages and the reference; none where nothing stands.
    #[must_use]
    pub const fn what(self) -> Option<&'static str> {
        match self {
            ArgRule::None => None,
            ArgRule::Some(what) | ArgRule::One(what) | ArgRule::List(what) | ArgRule::Maybe(what) => {
                Some(what)
            }
        }
    }
}

/// A clause that may stand in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClauseRule {
    /// The keyword.
    pub keyword: ClauseKw,
    /// What follows it.
    pub takes: Takes,
    /// Whether the line is incomplete without it.
    pub need: bool,
}

/// What follows a clause keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing.
    Nothing,
    /// A person of the team.
    Person,
    /// Persons of the team, separated by commas.
    People,
    /// A quoted text.
    Text,
    /// A condition over one record.
    Predicate,
    /// A moment: a date, a time, `window`, `window - 14 days`, or a declared gate.
    Moment,
    /// A length of time.
    Duration,
    /// A number, perhaps with a unit.
    Quantity,
    /// One name or text.
    Name,
    /// Names or texts, separated by commas.
    Names,
    /// A word, perhaps with the name of what it stands for: `group "Tier 1"`, `placeholder "Former agent"`.
    Object,
    /// What stands in for a missing value: `empty`, `reject`, a value, `placeholder "Unknown"`.
    StandIn,
    /// Names or texts; the analysis knows which.
    Words,
    /// Functions and translations, separated by commas.
    Functions,
    /// One value.
    Value,
}

impl Takes {
    /// In words, for messages: "expected ...".
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Takes::Nothing => "nothing",
            Takes::Person => "a person of the team",
            Takes::People => "persons of the team",
            Takes::Text => "a text in quotes",
            Takes::Predicate => "a condition",
            Takes::Moment => "a date, a time or a moment such as `window - 14 days`",
            Takes::Duration => "a length of time such as `30 min`",
            Takes::Quantity => "a number",
            Takes::Name | Takes::Words => "a name",
            Takes::Names => "names, separated by commas",
            Takes::Object => "a name, or a word and a name such as `group \"Tier 1\"`",
            Takes::StandIn => "`empty`, `reject`, a value or `placeholder \"...\"`",
            Takes::Functions => "the name of a translation or a function",
            Takes::Value => "a value",
        }
    }
}

/// What stands in braces behind an item or a statement.
#[derive(Clone, Copy, Debug)]
pub enum BodyRule {
    /// No body.
    None,
    /// Lines: statements, members, or both.
    Lines {
        /// Whether the braces may be left out.
        optional: bool,
        /// Statements that may stand there.
        statements: &'static [StatementRule],
        /// What a line is that begins with no statement keyword.
        members: MemberRule,
    },
}

/// A statement that may stand in a body.
#[derive(Debug)]
pub struct StatementRule {
    /// The keyword.
    pub keyword: StmtKw,
    /// What stands before the clauses.
    pub args: ArgRule,
    /// Clauses of the statement.
    pub clauses: &'static [ClauseRule],
    /// What stands in braces.
    pub body: BodyRule,
}

/// What a line of a body is that begins with no statement keyword.
#[derive(Clone, Copy, Debug)]
pub enum MemberRule {
    /// There are none.
    None,
    /// `maya "Maya Ito" role project_owner ...`
    People(&'static [ClauseRule]),
    /// Names, separated by commas: `tickets, comments`.
    Nouns(&'static [ClauseRule]),
    /// A field and its value: `status "Open"`.
    Fields,
    /// `subject -> subject cut to 150`
    Rows(&'static [ClauseRule]),
    /// `"Open" -> "open"`
    Pairs(&'static [ClauseRule]),
    /// A measured condition: `missing tickets at most 0`.
    Measures,
}

impl MemberRule {
    /// The clauses of such a line.
    #[must_use]
    pub const fn clauses(self) -> &'static [ClauseRule] {
        match self {
            MemberRule::People(clauses)
            | MemberRule::Nouns(clauses)
            | MemberRule::Rows(clauses)
            | MemberRule::Pairs(clauses) => clauses,
            MemberRule::None | MemberRule::Fields | MemberRule::Measures => &[],
        }
    }

    /// Whether such a line has an arrow.
    #[must_use]
    pub const fn has_arrow(self) -> bool {
        matches!(self, MemberRule::Rows(_) | MemberRule::Pairs(_))
    }

    /// In words, for messages.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            MemberRule::None => "a statement",
            MemberRule::People(_) => "a person: `maya \"Maya Ito\" role project_owner`",
            MemberRule::Nouns(_) => "names, separated by commas",
            MemberRule::Fields => "a field and its value: `status \"Open\"`",
            MemberRule::Rows(_) => "a row: `subject -> subject`",
            MemberRule::Pairs(_) => "a pair: `\"Open\" -> \"open\"`",
            MemberRule::Measures => "a condition: `missing tickets at most 0`",
        }
    }
}
