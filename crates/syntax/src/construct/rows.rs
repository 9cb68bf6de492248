//! The rows of the construct table, in the order of the item keywords.

use super::rules::{ArgRule, BodyRule, ClauseRule, Construct, MemberRule, NameRule, StatementRule, Takes};
use crate::keywords::{ClauseKw as C, ItemKw as I, StmtKw as S};

/// A clause that a line may have.
const fn may(keyword: C, takes: Takes) -> ClauseRule {
    ClauseRule { keyword, takes, need: false }
}

/// A clause that a line must have.
const fn must(keyword: C, takes: Takes) -> ClauseRule {
    ClauseRule { keyword, takes, need: true }
}

/// A statement without a body.
const fn statement(keyword: S, args: ArgRule, clauses: &'static [ClauseRule]) -> StatementRule {
    StatementRule { keyword, args, clauses, body: BodyRule::None }
}

const fn lines(statements: &'static [StatementRule], members: MemberRule) -> BodyRule {
    BodyRule::Lines { optional: false, statements, members }
}

const fn maybe_lines(statements: &'static [StatementRule], members: MemberRule) -> BodyRule {
    BodyRule::Lines { optional: true, statements, members }
}

/// An item of its kind with an identifier and a title.
const fn named(keyword: I, summary: &'static str, clauses: &'static [ClauseRule], body: BodyRule) -> Construct {
    Construct {
        keyword,
        summary,
        many: true,
        name: NameRule::Identifier,
        title: true,
        args: ArgRule::None,
        clauses,
        body,
    }
}

/// An item that stands once and has no name.
const fn single(keyword: I, summary: &'static str, clauses: &'static [ClauseRule], body: BodyRule) -> Construct {
    Construct {
        keyword,
        summary,
        many: false,
        name: NameRule::None,
        title: false,
        args: ArgRule::None,
        clauses,
        body,
    }
}

const OWNER: ClauseRule = must(C::Owner, Takes::Person);
const MAYBE_OWNER: ClauseRule = may(C::Owner, Takes::Person);
const SIGNED: ClauseRule = may(C::SignedBy, Takes::People);
const MUST_SIGN: ClauseRule = must(C::SignedBy, Takes::People);
const BECAUSE: ClauseRule = must(C::Because, Takes::Text);
const MAYBE_BECAUSE: ClauseRule = may(C::Because, Takes::Text);
const LOSSY: ClauseRule = may(C::Lossy, Takes::Text);
const MEANING: ClauseRule = may(C::Meaning, Takes::Text);
const WHERE: ClauseRule = may(C::Where, Takes::Predicate);
const PLACE: ClauseRule = must(C::In, Takes::Words);
const BEFORE: ClauseRule = may(C::Before, Takes::Moment);
const FROM: ClauseRule = may(C::From, Takes::Moment);
const UNTIL: ClauseRule = may(C::Until, Takes::Moment);
const THEN: ClauseRule = may(C::Then, Takes::Words);

const MIGRATION: &[StatementRule] = &[
    statement(
        S::Source,
        ArgRule::Some("a helpdesk product and the account's name: `freshdesk \"acme-legacy\"`"),
        &[may(C::Plan, Takes::Text), may(C::Inventory, Takes::Text)],
    ),
    statement(
        S::Target,
        ArgRule::Some("a helpdesk product and the account's name: `zendesk \"acme\"`"),
        &[may(C::Plan, Takes::Text), may(C::Inventory, Takes::Text)],
    ),
    statement(
        S::Sandbox,
        ArgRule::Some("the target's product and the name of a test account: `zendesk \"acme-trial\"`"),
        &[may(C::Plan, Takes::Text)],
    ),
    statement(
        S::Table,
        ArgRule::Some("a name and what the table is called: `crm \"accounts\"`"),
        &[must(C::KeyedBy, Takes::Words), may(C::Inventory, Takes::Text)],
    ),
    statement(
        S::Secret,
        ArgRule::Some("the system it opens and the secret's name: `target \"ZENDESK_TOKEN\"`"),
        &[UNTIL],
    ),
    statement(
        S::Window,
        ArgRule::Some("when it begins: `2026-12-05 20:00`"),
        &[must(C::To, Takes::Moment), must(C::In, Takes::Text)],
    ),
    statement(S::Downtime, ArgRule::None, &[must(C::AtMost, Takes::Duration)]),
    statement(S::Pace, ArgRule::Some("`source` or `target`"), &[must(C::AtMost, Takes::Quantity), UNTIL]),
];

const SCOPE: &[StatementRule] = &[
    statement(
        S::Import,
        ArgRule::Some("kinds of objects: `tickets`, `users, groups`"),
        &[
            WHERE,
            may(C::IdentifiedBy, Takes::Words),
            may(C::With, Takes::Words),
            may(C::Seats, Takes::Words),
            MAYBE_OWNER,
            SIGNED,
            MAYBE_BECAUSE,
        ],
    ),
    statement(
        S::Archive,
        ArgRule::Some("kinds of objects"),
        &[
            WHERE,
            PLACE,
            may(C::With, Takes::Words),
            may(C::RedirectsVerified, Takes::Nothing),
            OWNER,
            SIGNED,
            UNTIL,
            THEN,
            MAYBE_BECAUSE,
        ],
    ),
    statement(
        S::Retire,
        ArgRule::Some("kinds of objects"),
        &[WHERE, may(C::With, Takes::Words), MAYBE_OWNER, SIGNED, BECAUSE],
    ),
    statement(
        S::Recreate,
        ArgRule::Some("kinds of objects, or the names of some of a kind: `automations \"Escalate VIP\"`"),
        &[WHERE, may(C::As, Takes::Words), OWNER, SIGNED, BEFORE, MAYBE_BECAUSE],
    ),
];

const CLEAN: &[StatementRule] = &[
    statement(
        S::Merge,
        ArgRule::Some("a kind of objects: `users`"),
        &[
            WHERE,
            must(C::WithSame, Takes::Functions),
            may(C::Preferring, Takes::Words),
            may(C::ListedIn, Takes::Text),
            MAYBE_OWNER,
            SIGNED,
            MAYBE_BECAUSE,
        ],
    ),
    statement(
        S::Reassign,
        ArgRule::Some("a kind of objects: `tickets`"),
        &[WHERE, must(C::To, Takes::Words), MAYBE_OWNER, SIGNED, MAYBE_BECAUSE],
    ),
    statement(
        S::Adopt,
        ArgRule::Some("a kind of objects: `tickets`"),
        &[WHERE, must(C::As, Takes::Words), MAYBE_OWNER, SIGNED, MAYBE_BECAUSE],
    ),
    statement(
        S::Keep,
        ArgRule::Some("a kind of objects, or what is preserved"),
        &[
            WHERE,
            may(C::In, Takes::Words),
            may(C::As, Takes::Words),
            MAYBE_OWNER,
            SIGNED,
            may(C::After, Takes::Moment),
            MAYBE_BECAUSE,
        ],
    ),
    statement(
        S::Rename,
        ArgRule::Some("a kind of objects: `tags`"),
        &[must(C::By, Takes::Functions), MAYBE_OWNER, LOSSY, MAYBE_BECAUSE],
    ),
    statement(S::Drop, ArgRule::Some("a kind of objects: `tags`"), &[WHERE, MAYBE_OWNER, SIGNED, BECAUSE]),
    statement(
        S::Link,
        ArgRule::Some("a kind of objects: `tickets`"),
        &[WHERE, must(C::As, Takes::Words), MAYBE_OWNER, MAYBE_BECAUSE],
    ),
];

const ROW: &[ClauseRule] = &[
    may(C::As, Takes::Words),
    may(C::With, Takes::Words),
    may(C::By, Takes::Functions),
    may(C::CutTo, Takes::Quantity),
    may(C::OverflowTo, Takes::Words),
    may(C::SplitAt, Takes::Text),
    may(C::JoinedBy, Takes::Text),
    may(C::Add, Takes::Words),
    may(C::ThreadsKept, Takes::Nothing),
    may(C::WhenMissing, Takes::Words),
    MAYBE_OWNER,
    LOSSY,
    MAYBE_BECAUSE,
    MEANING,
];

const MAP: &[StatementRule] = &[
    statement(S::Drop, ArgRule::Some("source fields: `custom.legacy_id`"), &[MAYBE_OWNER, SIGNED, BECAUSE]),
    statement(S::Require, ArgRule::Some("a condition: `requester is not empty`"), &[MAYBE_BECAUSE]),
    statement(S::Remaining, ArgRule::Some("`fields`"), &[must(C::By, Takes::Functions)]),
];

const PAIR: &[ClauseRule] =
    &[may(C::SeenAs, Takes::Text), may(C::KeptIn, Takes::Words), MAYBE_OWNER, LOSSY, MAYBE_BECAUSE, MEANING];

const SLA: &[StatementRule] = &[
    statement(
        S::Clock,
        ArgRule::Some("a metric and its target: `first_response 1 business hour`"),
        &[
            may(C::As, Takes::Words),
            may(C::DoneIf, Takes::Predicate),
            may(C::Unpaused, Takes::Nothing),
            may(C::Else, Takes::Nothing),
            may(C::Inherit, Takes::Words),
            may(C::Recalculate, Takes::Nothing),
            may(C::Suspend, Takes::Nothing),
            may(C::From, Takes::Words),
            UNTIL,
            may(C::Then, Takes::Nothing),
            LOSSY,
        ],
    ),
    statement(S::Runs, ArgRule::Some("source statuses"), &[may(C::Of, Takes::Words)]),
    statement(S::Pauses, ArgRule::Some("source statuses"), &[may(C::Of, Takes::Words)]),
    statement(S::Stops, ArgRule::Some("source statuses"), &[may(C::Of, Takes::Words)]),
    statement(S::Tolerance, ArgRule::Some("a length of time: `0 min`"), &[MAYBE_BECAUSE]),
];

const ROLLBACK: &[StatementRule] = &[
    statement(
        S::Trigger,
        ArgRule::Some("a name and a condition: `failures failed_imports more than 0.5% over 1000 records`"),
        &[],
    ),
    statement(S::Undo, ArgRule::Some("`everything`"), &[BEFORE]),
    statement(
        S::Keep,
        ArgRule::Some("what is preserved: `new tickets, replies`"),
        &[
            must(C::In, Takes::Words),
            may(C::As, Takes::Words),
            OWNER,
            SIGNED,
            may(C::After, Takes::Moment),
            MAYBE_BECAUSE,
        ],
    ),
    statement(S::Message, ArgRule::Some("the file of the message: `\"announce/rollback.md\"`"), &[]),
];

const GO_LIVE: &[StatementRule] = &[
    statement(S::Hold, ArgRule::Some("`inbound`"), &[]),
    statement(
        S::Load,
        ArgRule::Some("`everything`, or `changed tickets`"),
        &[may(C::Replacing, Takes::Nothing), may(C::Appending, Takes::Nothing), LOSSY],
    ),
    statement(
        S::Silent,
        ArgRule::None,
        &[may(C::Tag, Takes::Text), may(C::ProvenBy, Takes::Functions), UNTIL, THEN],
    ),
    statement(S::Switch, ArgRule::Some("channels: `email, chat`"), &[MAYBE_OWNER, SIGNED]),
    statement(S::Drain, ArgRule::Some("`inbound`"), &[]),
];

const CALENDAR: &[StatementRule] = &[
    statement(S::Zone, ArgRule::Some("an IANA time zone: `\"Europe/Berlin\"`"), &[]),
    statement(
        S::Open,
        ArgRule::Some("weekdays and a time: `mon, tue, wed 09:00`"),
        &[must(C::To, Takes::Moment)],
    ),
    statement(
        S::Break,
        ArgRule::Some("weekdays and a time: `mon, tue 12:00`"),
        &[must(C::To, Takes::Moment)],
    ),
    statement(S::Holiday, ArgRule::Some("a date and its name: `2026-12-25 \"Christmas Day\"`"), &[]),
    statement(
        S::Special,
        ArgRule::Some("a date and a time: `2026-12-24 09:00`"),
        &[must(C::To, Takes::Moment)],
    ),
    statement(S::Horizon, ArgRule::Some("the last day that the holidays are known for: `2027-12-31`"), &[]),
];

/// The rows, in the order of [`crate::keywords::ItemKw::ALL`].
pub static CONSTRUCTS: &[Construct] = &[
    Construct {
        keyword: I::Edition,
        summary: "The edition of the language that the file is written in.",
        many: false,
        name: NameRule::None,
        title: false,
        args: ArgRule::Some("a number: `1`"),
        clauses: &[],
        body: BodyRule::None,
    },
    Construct {
        keyword: I::Use,
        summary: "Takes in another file of the project.",
        many: true,
        name: NameRule::None,
        title: false,
        args: ArgRule::Some("a file: `\"shared/calendars.cutover\"`"),
        clauses: &[],
        body: BodyRule::None,
    },
    Construct {
        many: false,
        ..named(
            I::Migration,
            "The two systems, the window and what the migration may cost.",
            &[],
            lines(MIGRATION, MemberRule::None),
        )
    },
    Construct {
        keyword: I::Team,
        summary: "The people, their roles and when they can be reached.",
        many: false,
        name: NameRule::OneOf(&["full", "small"]),
        title: false,
        args: ArgRule::None,
        clauses: &[],
        body: lines(
            &[],
            MemberRule::People(&[
                must(C::Role, Takes::Words),
                may(C::Contact, Takes::Text),
                may(C::Git, Takes::Text),
                may(C::Available, Takes::Moment),
                may(C::To, Takes::Moment),
                may(C::In, Takes::Text),
            ]),
        ),
    },
    named(
        I::Calendar,
        "Opening hours, breaks and holidays of one place.",
        &[],
        lines(CALENDAR, MemberRule::None),
    ),
    Construct {
        title: false,
        ..named(
            I::Baseline,
            "A period of the source that later figures are compared with.",
            &[must(C::Of, Takes::Words), must(C::From, Takes::Moment), must(C::To, Takes::Moment)],
            BodyRule::None,
        )
    },
    named(
        I::Objective,
        "Why the migration is done, as a figure that is measured afterwards.",
        &[OWNER, SIGNED],
        lines(&[], MemberRule::Measures),
    ),
    named(
        I::Criterion,
        "What must be true for the migration to count as done.",
        &[OWNER, SIGNED],
        lines(
            &[statement(S::Evidence, ArgRule::Some("what somebody shows: `\"screenshot of ...\"`"), &[])],
            MemberRule::Measures,
        ),
    ),
    single(
        I::Scope,
        "Decides each kind of object of the source exactly once: import, archive, retire or recreate.",
        &[],
        lines(SCOPE, MemberRule::None),
    ),
    named(
        I::Integration,
        "A system that is connected to the helpdesk, and what happens to the connection.",
        &[
            may(C::BothWays, Takes::Nothing),
            may(C::ReadsOnly, Takes::Nothing),
            may(C::WritesOnly, Takes::Nothing),
            may(C::Switched, Takes::Nothing),
            may(C::Rebuilt, Takes::Nothing),
            may(C::Risk, Takes::Words),
            MAYBE_OWNER,
            SIGNED,
            may(C::ChangedBefore, Takes::Moment),
            MAYBE_BECAUSE,
        ],
        BodyRule::None,
    ),
    named(
        I::Inbound,
        "An address that customers write to, where mail waits during the switch, and who watches it.",
        &[may(C::HeldAt, Takes::Text), OWNER],
        BodyRule::None,
    ),
    named(
        I::Consumer,
        "Somebody outside who reads fields of the helpdesk.",
        &[must(C::Reads, Takes::Words), OWNER],
        BodyRule::None,
    ),
    Construct {
        title: false,
        ..named(
            I::Truth,
            "Which system is right about a field that two systems hold.",
            &[must(C::From, Takes::Words)],
            BodyRule::None,
        )
    },
    Construct {
        keyword: I::Clean,
        summary: "What is tidied on the copy on its way; the source is never written to.",
        many: false,
        name: NameRule::OneOf(&["copy"]),
        title: false,
        args: ArgRule::None,
        clauses: &[MAYBE_OWNER],
        body: lines(CLEAN, MemberRule::None),
    },
    Construct {
        keyword: I::Freeze,
        summary: "Rules that nobody changes any more; a drift stops the run.",
        many: false,
        name: NameRule::OneOf(&["rules"]),
        title: false,
        args: ArgRule::None,
        clauses: &[OWNER, must(C::From, Takes::Moment)],
        body: lines(&[], MemberRule::Nouns(&[])),
    },
    Construct {
        keyword: I::Backup,
        summary: "The backup, where it lies, and the test that it can be restored.",
        many: true,
        name: NameRule::Identifier,
        title: false,
        args: ArgRule::None,
        clauses: &[PLACE, OWNER, SIGNED, UNTIL],
        body: lines(
            &[statement(
                S::Restore,
                ArgRule::Some("how many of what: `100 tickets, 20 transcripts`"),
                &[MUST_SIGN, BEFORE],
            )],
            MemberRule::Nouns(&[]),
        ),
    },
    Construct {
        keyword: I::Export,
        summary: "The export of the source, in parts that can be checked and repeated alone.",
        many: true,
        name: NameRule::Identifier,
        title: false,
        args: ArgRule::None,
        clauses: &[OWNER],
        body: lines(
            &[
                statement(
                    S::Verify,
                    ArgRule::Some("what is compared: `counts, checksums`"),
                    &[],
                ),
                statement(S::Sample, ArgRule::Some("how many of what: `200 tickets`"), &[SIGNED]),
            ],
            MemberRule::Nouns(&[WHERE, may(C::ChunkedBy, Takes::Words), may(C::Of, Takes::Words)]),
        ),
    },
    Construct {
        keyword: I::Map,
        summary: "How the fields of one kind become the fields of another.",
        many: true,
        name: NameRule::Signature,
        title: false,
        args: ArgRule::None,
        clauses: &[may(C::By, Takes::Functions)],
        body: maybe_lines(MAP, MemberRule::Rows(ROW)),
    },
    Construct {
        title: false,
        ..named(
            I::Translate,
            "Which value becomes which.",
            &[],
            lines(&[], MemberRule::Pairs(PAIR)),
        )
    },
    Construct {
        keyword: I::Accept,
        summary: "A loss that the target makes unavoidable, who agreed to it, and where the original is kept.",
        many: true,
        name: NameRule::Identifier,
        title: false,
        args: ArgRule::None,
        clauses: &[may(C::In, Takes::Words), OWNER, MUST_SIGN, UNTIL, BECAUSE],
        body: BodyRule::None,
    },
    named(
        I::Test,
        "A record and what must become of it.",
        &[],
        lines(
            &[
                StatementRule {
                    keyword: S::Given,
                    args: ArgRule::Some("a kind or a table"),
                    clauses: &[],
                    body: lines(&[], MemberRule::Fields),
                },
                StatementRule {
                    keyword: S::Expect,
                    args: ArgRule::Some("a kind with fields, `due` with a clock and a time, or `rejected`"),
                    clauses: &[],
                    body: maybe_lines(&[], MemberRule::Fields),
                },
            ],
            MemberRule::None,
        ),
    ),
    named(
        I::Sla,
        "What happens to each clock of a policy, and which statuses run, pause and stop it.",
        &[WHERE, must(C::On, Takes::Words), MAYBE_OWNER],
        lines(SLA, MemberRule::None),
    ),
    named(
        I::Escalation,
        "Who is told when a clock runs out.",
        &[OWNER],
        lines(
            &[statement(
                S::Notify,
                ArgRule::Some("who, and when: `group \"Tier 2\" 30 min before due`"),
                &[],
            )],
            MemberRule::None,
        ),
    ),
    Construct {
        keyword: I::Rehearse,
        summary: "The rehearsal on a test account: which records, which tests, who approves.",
        many: true,
        name: NameRule::OneOf(&["sandbox"]),
        title: false,
        args: ArgRule::None,
        clauses: &[OWNER, SIGNED],
        body: lines(
            &[
                statement(
                    S::Sample,
                    ArgRule::Some("how many of what: `300 tickets`"),
                    &[may(C::SpreadOver, Takes::Words)],
                ),
                statement(
                    S::Include,
                    ArgRule::Some("how many: `20`"),
                    &[must(C::EachOf, Takes::Words)],
                ),
                statement(S::Run, ArgRule::Some("what is tested: `tests, routing, reports`"), &[]),
            ],
            MemberRule::None,
        ),
    },
    Construct {
        keyword: I::Wave,
        summary: "A part of the tickets that is loaded together.",
        many: true,
        name: NameRule::Identifier,
        title: false,
        args: ArgRule::Some("a kind: `tickets`, or `tickets the rest`"),
        clauses: &[
            WHERE,
            may(C::In, Takes::Words),
            may(C::ReopenedAs, Takes::Words),
            may(C::GatedBy, Takes::Words),
            OWNER,
            SIGNED,
            BEFORE,
        ],
        body: BodyRule::None,
    },
    single(
        I::GoLive,
        "The night: what is held, loaded, switched and drained.",
        &[OWNER, SIGNED],
        lines(GO_LIVE, MemberRule::None),
    ),
    Construct {
        keyword: I::Announce,
        summary: "A message to customers or agents.",
        many: true,
        name: NameRule::OneOf(&["customers", "agents"]),
        title: false,
        args: ArgRule::None,
        clauses: &[
            must(C::Template, Takes::Text),
            may(C::EscalationsTo, Takes::Words),
            may(C::AnomaliesTo, Takes::Text),
            OWNER,
            SIGNED,
            FROM,
        ],
        body: BodyRule::None,
    },
    Construct {
        keyword: I::Train,
        summary: "What agents are trained in before the switch.",
        many: true,
        name: NameRule::OneOf(&["agents"]),
        title: false,
        args: ArgRule::None,
        clauses: &[may(C::AtLeast, Takes::Words), OWNER, SIGNED, BEFORE],
        body: lines(&[], MemberRule::Nouns(&[])),
    },
    Construct {
        keyword: I::Inspect,
        summary: "Texts that may no longer name the old world.",
        many: true,
        name: NameRule::Identifier,
        title: false,
        args: ArgRule::None,
        clauses: &[must(C::Of, Takes::Words), may(C::Forbid, Takes::Words), OWNER, SIGNED, BEFORE],
        body: BodyRule::None,
    },
    named(
        I::Check,
        "A line of the pass / fail matrix: what is compared, and when it passes.",
        &[may(C::Area, Takes::Words), OWNER, SIGNED],
        lines(
            &[statement(S::Evidence, ArgRule::Some("what somebody shows: `\"each applied once\"`"), &[])],
            MemberRule::Measures,
        ),
    ),
    Construct {
        keyword: I::Waive,
        summary: "A review area that is not checked, and why.",
        many: true,
        name: NameRule::Identifier,
        title: false,
        args: ArgRule::None,
        clauses: &[OWNER, MUST_SIGN, UNTIL, BECAUSE],
        body: BodyRule::None,
    },
    single(
        I::Rollback,
        "When the migration is taken back, who decides, what is undone and what is kept.",
        &[
            must(C::DecidedBy, Takes::People),
            may(C::Else, Takes::Words),
            may(C::Within, Takes::Duration),
        ],
        lines(ROLLBACK, MemberRule::None),
    ),
    Construct {
        keyword: I::Watch,
        summary: "What is watched after the switch, how often and for how long.",
        many: true,
        name: NameRule::OneOf(&["target", "source"]),
        title: false,
        args: ArgRule::None,
        clauses: &[
            may(C::Alert, Takes::Words),
            OWNER,
            must(C::Every, Takes::Duration),
            must(C::For, Takes::Duration),
        ],
        body: lines(
            &[statement(S::Report, ArgRule::Some("metrics: `volume, backlog_age`"), &[])],
            MemberRule::Measures,
        ),
    },
    single(
        I::Hypercare,
        "The days of close care after the switch.",
        &[OWNER, must(C::For, Takes::Duration)],
        lines(
            &[
                statement(S::Daily, ArgRule::Some("a time: `09:30`"), &[]),
                statement(S::Defects, ArgRule::None, &[must(C::To, Takes::Person), may(C::Within, Takes::Duration)]),
                statement(S::Stable, ArgRule::None, &[must(C::After, Takes::Words)]),
            ],
            MemberRule::None,
        ),
    ),
    single(
        I::Ownership,
        "Who owns what is left over during the first 30 days.",
        &[OWNER, must(C::For, Takes::Duration)],
        maybe_lines(
            &[statement(S::Daily, ArgRule::Some("a time: `10:00`"), &[])],
            MemberRule::Nouns(&[]),
        ),
    ),
    Construct {
        args: ArgRule::Some("`source`"),
        ..single(
            I::ReadOnly,
            "The old system can be read but no longer written to, and who still gets in.",
            &[
                may(C::Access, Takes::Nothing),
                OWNER,
                must(C::Until, Takes::Moment),
                may(C::Within, Takes::Duration),
            ],
            BodyRule::None,
        )
    },
    Construct {
        args: ArgRule::Some("`source`"),
        ..single(
            I::Decommission,
            "The end of the old system, and what must be true before.",
            &[OWNER, MUST_SIGN, must(C::After, Takes::Words)],
            BodyRule::None,
        )
    },
    single(
        I::Lessons,
        "Where the lessons are written down, and by when.",
        &[PLACE, OWNER, FROM],
        BodyRule::None,
    ),
    Construct {
        keyword: I::Allow,
        summary: "A lint that does not speak here, until when and why.",
        many: true,
        name: NameRule::None,
        title: false,
        args: ArgRule::Some("the lint's name in quotes: `\"scope/over-import\"`"),
        clauses: &[may(C::On, Takes::Words), UNTIL, BECAUSE],
        body: BodyRule::None,
    },
];
