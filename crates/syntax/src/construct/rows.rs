//! The rows of the construct table, in the order of the item keywords.

use super::rules::{ArgRule, BodyRule, ClauseRule, Construct, MemberRule, NameRule, StatementRule, Takes};
use super::statements::{
    BECAUSE, BEFORE, CALENDAR, CLEAN, FROM, GO_LIVE, MAP, MAYBE_BECAUSE, MAYBE_OWNER, MIGRATION, MUST_SIGN,
    OWNER, PAIR, PLACE, ROLLBACK, ROW, SCOPE, SIGNED, SLA, UNTIL, WAS, WHERE, may, must, statement,
};
use crate::keywords::{ClauseKw as C, ItemKw as I, StmtKw as S};

const fn lines(statements: &'static [StatementRule], members: MemberRule) -> BodyRule {
    BodyRule::Lines { optional: false, statements, members }
}

const fn maybe_lines(statements: &'static [StatementRule], members: MemberRule) -> BodyRule {
    BodyRule::Lines { optional: true, statements, members }
}

/// An item of its kind with an identifier and a title.
const fn named(
    keyword: I,
    summary: &'static str,
    clauses: &'static [ClauseRule],
    body: BodyRule,
) -> Construct {
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
const fn single(
    keyword: I,
    summary: &'static str,
    clauses: &'static [ClauseRule],
    body: BodyRule,
) -> Construct {
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

/// The rows, in the order of [`crate::keywords::ItemKw::ALL`].
pub static CONSTRUCTS: &[Construct] = &[
    Construct {
        keyword: I::Edition,
        summary: "The edition of the language that the file is written in.",
        many: false,
        name: NameRule::None,
        title: false,
        args: ArgRule::One("a number: `1`"),
        clauses: &[],
        body: BodyRule::None,
    },
    Construct {
        keyword: I::Use,
        summary: "Takes in another file of the project.",
        many: true,
        name: NameRule::None,
        title: false,
        args: ArgRule::One("a file: `\"shared/calendars.cutover\"`"),
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
                must(C::Role, Takes::Names),
                may(C::Contact, Takes::Text),
                may(C::Git, Takes::Text),
                may(C::Available, Takes::Moment),
                may(C::To, Takes::Moment),
                may(C::In, Takes::Text),
                may(C::Then, Takes::Person),
            ]),
        ),
    },
    named(
        I::Calendar,
        "Opening hours, breaks and holidays of one place.",
        &[WAS],
        lines(CALENDAR, MemberRule::None),
    ),
    Construct {
        title: false,
        ..named(
            I::Baseline,
            "A period of the source that later figures are compared with.",
            &[WAS, must(C::Of, Takes::Name), must(C::From, Takes::Moment), must(C::To, Takes::Moment)],
            BodyRule::None,
        )
    },
    named(
        I::Objective,
        "Why the migration is done, as a figure that is measured afterwards.",
        &[WAS, OWNER, SIGNED],
        lines(&[], MemberRule::Measures),
    ),
    named(
        I::Criterion,
        "What must be true for the migration to count as done.",
        &[WAS, OWNER, SIGNED],
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
            WAS,
            may(C::BothWays, Takes::Nothing),
            may(C::ReadsOnly, Takes::Nothing),
            may(C::WritesOnly, Takes::Nothing),
            may(C::Switched, Takes::Nothing),
            may(C::Rebuilt, Takes::Nothing),
            may(C::Risk, Takes::Name),
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
        &[WAS, may(C::HeldAt, Takes::Text), OWNER],
        BodyRule::None,
    ),
    named(
        I::Consumer,
        "Somebody outside who reads fields of the helpdesk.",
        &[WAS, must(C::Reads, Takes::Names), OWNER],
        BodyRule::None,
    ),
    Construct {
        title: false,
        ..named(
            I::Truth,
            "Which system is right about a field that two systems hold.",
            &[WAS, must(C::From, Takes::Name)],
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
        clauses: &[WAS, PLACE, OWNER, SIGNED],
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
        clauses: &[WAS, OWNER],
        body: lines(
            &[
                statement(S::Verify, ArgRule::List("what is compared: `counts, checksums`"), &[]),
                statement(S::Sample, ArgRule::Some("how many of what: `200 tickets`"), &[SIGNED]),
            ],
            MemberRule::Nouns(&[WHERE, may(C::ChunkedBy, Takes::Name), may(C::Of, Takes::Name)]),
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
        ..named(I::Translate, "Which value becomes which.", &[WAS], lines(&[], MemberRule::Pairs(PAIR)))
    },
    Construct {
        keyword: I::Accept,
        summary: "A loss that the target makes unavoidable, who agreed to it, and where the original is kept.",
        many: true,
        name: NameRule::Identifier,
        title: false,
        args: ArgRule::None,
        clauses: &[WAS, may(C::In, Takes::Text), OWNER, MUST_SIGN, UNTIL, BECAUSE],
        body: BodyRule::None,
    },
    named(
        I::Test,
        "A record and what must become of it.",
        &[WAS],
        lines(
            &[
                StatementRule {
                    keyword: S::Given,
                    args: ArgRule::One("a kind or a table"),
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
        &[WAS, WHERE, must(C::On, Takes::Name), MAYBE_OWNER],
        lines(SLA, MemberRule::None),
    ),
    named(
        I::Escalation,
        "Who is told when a clock runs out.",
        &[WAS, OWNER],
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
                    &[may(C::SpreadOver, Takes::Names)],
                ),
                statement(S::Include, ArgRule::One("how many: `20`"), &[must(C::EachOf, Takes::Names)]),
                statement(S::Run, ArgRule::List("what is tested: `tests, routing, reports`"), &[]),
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
            WAS,
            WHERE,
            may(C::In, Takes::Name),
            may(C::ReopenedAs, Takes::Words),
            may(C::GatedBy, Takes::Names),
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
            may(C::EscalationsTo, Takes::Names),
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
        clauses: &[WAS, must(C::Of, Takes::Names), may(C::Forbid, Takes::Names), OWNER, SIGNED, BEFORE],
        body: BodyRule::None,
    },
    named(
        I::Check,
        "A line of the pass / fail matrix: what is compared, and when it passes.",
        &[WAS, may(C::Area, Takes::Name), OWNER, SIGNED],
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
        clauses: &[WAS, OWNER, MUST_SIGN, UNTIL, BECAUSE],
        body: BodyRule::None,
    },
    single(
        I::Rollback,
        "When the migration is taken back, who decides, what is undone and what is kept.",
        &[must(C::DecidedBy, Takes::People), may(C::Else, Takes::Words), may(C::Within, Takes::Duration)],
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
            may(C::Alert, Takes::People),
            OWNER,
            must(C::Every, Takes::Duration),
            must(C::For, Takes::Duration),
        ],
        body: lines(
            &[statement(S::Report, ArgRule::List("metrics: `volume, backlog_age`"), &[])],
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
                statement(
                    S::Defects,
                    ArgRule::None,
                    &[must(C::To, Takes::Person), may(C::Within, Takes::Duration)],
                ),
                statement(S::Stable, ArgRule::None, &[must(C::After, Takes::Words)]),
            ],
            MemberRule::None,
        ),
    ),
    single(
        I::Ownership,
        "Who owns what is left over during the first 30 days.",
        &[OWNER, must(C::For, Takes::Duration)],
        maybe_lines(&[statement(S::Daily, ArgRule::Some("a time: `10:00`"), &[])], MemberRule::Nouns(&[])),
    ),
    Construct {
        args: ArgRule::One("`source`"),
        ..single(
            I::ReadOnly,
            "The old system can be read but no longer written to, and who still gets in.",
            &[
                must(C::Access, Takes::Nothing),
                OWNER,
                must(C::Until, Takes::Moment),
                must(C::Within, Takes::Duration),
            ],
            BodyRule::None,
        )
    },
    Construct {
        args: ArgRule::One("`source`"),
        ..single(
            I::Decommission,
            "The end of the old system, and what must be true before.",
            &[OWNER, MUST_SIGN, must(C::After, Takes::Names)],
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
        args: ArgRule::One("the lint's name in quotes: `\"scope/over-import\"`"),
        clauses: &[may(C::On, Takes::Words), UNTIL, BECAUSE],
        body: BodyRule::None,
    },
];
