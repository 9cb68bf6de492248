//! The statements of the larger blocks, and the clauses that many lines share.

use super::rules::{ArgRule, BodyRule, ClauseRule, StatementRule, Takes};
use crate::keywords::{ClauseKw as C, StmtKw as S};

/// A clause that a line may have.
pub(super) const fn may(keyword: C, takes: Takes) -> ClauseRule {
    ClauseRule { keyword, takes, need: false }
}

/// A clause that a line must have.
pub(super) const fn must(keyword: C, takes: Takes) -> ClauseRule {
    ClauseRule { keyword, takes, need: true }
}

/// A statement without a body.
pub(super) const fn statement(keyword: S, args: ArgRule, clauses: &'static [ClauseRule]) -> StatementRule {
    StatementRule { keyword, args, clauses, body: BodyRule::None }
}

/// The name that an item had before: its sign-offs stay, and reviewers see a renaming.
pub(super) const WAS: ClauseRule = may(C::Was, Takes::Name);
pub(super) const OWNER: ClauseRule = must(C::Owner, Takes::Person);
pub(super) const MAYBE_OWNER: ClauseRule = may(C::Owner, Takes::Person);
pub(super) const SIGNED: ClauseRule = may(C::SignedBy, Takes::People);
pub(super) const MUST_SIGN: ClauseRule = must(C::SignedBy, Takes::People);
pub(super) const BECAUSE: ClauseRule = must(C::Because, Takes::Text);
pub(super) const MAYBE_BECAUSE: ClauseRule = may(C::Because, Takes::Text);
pub(super) const LOSSY: ClauseRule = may(C::Lossy, Takes::Text);
pub(super) const MEANING: ClauseRule = may(C::Meaning, Takes::Text);
pub(super) const WHERE: ClauseRule = may(C::Where, Takes::Predicate);
pub(super) const PLACE: ClauseRule = must(C::In, Takes::Text);
pub(super) const BEFORE: ClauseRule = may(C::Before, Takes::Moment);
pub(super) const FROM: ClauseRule = may(C::From, Takes::Moment);
pub(super) const UNTIL: ClauseRule = may(C::Until, Takes::Moment);
pub(super) const THEN: ClauseRule = may(C::Then, Takes::Name);

pub(super) const MIGRATION: &[StatementRule] = &[
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
        &[must(C::KeyedBy, Takes::Name), may(C::Inventory, Takes::Text)],
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
    statement(S::Pace, ArgRule::One("`source` or `target`"), &[must(C::AtMost, Takes::Quantity), UNTIL]),
];

pub(super) const SCOPE: &[StatementRule] = &[
    statement(
        S::Import,
        ArgRule::Some("kinds of objects: `tickets`, `users, groups`"),
        &[
            WHERE,
            may(C::IdentifiedBy, Takes::Names),
            may(C::With, Takes::Name),
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
            may(C::With, Takes::Name),
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
        &[WHERE, may(C::With, Takes::Name), MAYBE_OWNER, SIGNED, BECAUSE],
    ),
    statement(
        S::Recreate,
        ArgRule::Some("kinds of objects, or the names of some of a kind: `automations \"Escalate VIP\"`"),
        &[WHERE, may(C::As, Takes::Words), OWNER, SIGNED, MAYBE_BECAUSE],
    ),
];

pub(super) const CLEAN: &[StatementRule] = &[
    statement(
        S::Merge,
        ArgRule::Some("a kind of objects: `users`"),
        &[
            WHERE,
            must(C::WithSame, Takes::Functions),
            may(C::Preferring, Takes::Words),
            may(C::ListedIn, Takes::Text),
            MAYBE_BECAUSE,
        ],
    ),
    statement(
        S::Reassign,
        ArgRule::Some("a kind of objects: `tickets`"),
        &[WHERE, must(C::To, Takes::Object), MAYBE_BECAUSE],
    ),
    statement(
        S::Adopt,
        ArgRule::Some("a kind of objects: `tickets`"),
        &[WHERE, must(C::As, Takes::Object), MAYBE_BECAUSE],
    ),
    statement(
        S::Keep,
        ArgRule::Some("a kind of objects: `users`"),
        &[WHERE, must(C::As, Takes::Words), MAYBE_BECAUSE],
    ),
    statement(
        S::Rename,
        ArgRule::Some("a kind of objects: `tags`"),
        &[must(C::By, Takes::Functions), LOSSY, MAYBE_BECAUSE],
    ),
    statement(S::Drop, ArgRule::Some("a kind of objects: `tags`"), &[WHERE, BECAUSE]),
    statement(
        S::Link,
        ArgRule::Some("a kind of objects: `tickets`"),
        &[WHERE, must(C::As, Takes::Words), MAYBE_BECAUSE],
    ),
];

pub(super) const ROW: &[ClauseRule] = &[
    may(C::As, Takes::Name),
    may(C::With, Takes::Name),
    may(C::By, Takes::Functions),
    may(C::CutTo, Takes::Quantity),
    may(C::OverflowTo, Takes::Name),
    may(C::SplitAt, Takes::Text),
    may(C::JoinedBy, Takes::Text),
    may(C::Add, Takes::Names),
    may(C::ThreadsKept, Takes::Nothing),
    may(C::WhenMissing, Takes::StandIn),
    LOSSY,
    MEANING,
];

pub(super) const MAP: &[StatementRule] = &[
    statement(S::Drop, ArgRule::List("source fields: `custom.legacy_id`"), &[BECAUSE]),
    statement(S::Require, ArgRule::Some("a condition: `requester is not empty`"), &[]),
    statement(S::Remaining, ArgRule::One("`fields`"), &[must(C::By, Takes::Functions)]),
];

pub(super) const PAIR: &[ClauseRule] = &[may(C::SeenAs, Takes::Text), may(C::KeptIn, Takes::Name), LOSSY];

pub(super) const SLA: &[StatementRule] = &[
    statement(
        S::Clock,
        ArgRule::Some("a metric and its target: `first_response 1 business hour`"),
        &[
            may(C::As, Takes::Name),
            may(C::DoneIf, Takes::Predicate),
            may(C::Unpaused, Takes::Nothing),
            may(C::Else, Takes::Nothing),
            may(C::Inherit, Takes::Name),
            may(C::Recalculate, Takes::Nothing),
            may(C::Suspend, Takes::Nothing),
            may(C::From, Takes::Name),
            UNTIL,
            may(C::Then, Takes::Nothing),
            LOSSY,
        ],
    ),
    statement(S::Runs, ArgRule::List("source statuses"), &[may(C::Of, Takes::Names)]),
    statement(S::Pauses, ArgRule::List("source statuses"), &[may(C::Of, Takes::Names)]),
    statement(S::Stops, ArgRule::List("source statuses"), &[may(C::Of, Takes::Names)]),
    statement(S::Tolerance, ArgRule::Some("a length of time: `0 min`"), &[MAYBE_BECAUSE]),
];

pub(super) const ROLLBACK: &[StatementRule] = &[
    statement(
        S::Trigger,
        ArgRule::Some("a name and a condition: `failures failed_imports more than 0.5% over 1000 records`"),
        &[],
    ),
    statement(S::Undo, ArgRule::One("`everything`"), &[BEFORE]),
    statement(
        S::Keep,
        ArgRule::Some("what is preserved: `new tickets, replies`"),
        &[must(C::In, Takes::Text), OWNER, may(C::After, Takes::Moment)],
    ),
    statement(S::Message, ArgRule::Some("the file of the message: `\"announce/rollback.md\"`"), &[]),
];

pub(super) const GO_LIVE: &[StatementRule] = &[
    statement(S::Hold, ArgRule::List("`inbound`"), &[]),
    statement(
        S::Load,
        ArgRule::Some("`everything`, or `changed tickets`"),
        &[may(C::Replacing, Takes::Nothing), may(C::Appending, Takes::Nothing), LOSSY],
    ),
    statement(
        S::Silent,
        ArgRule::None,
        &[may(C::Tag, Takes::Text), may(C::ProvenBy, Takes::Functions), UNTIL],
    ),
    statement(S::Switch, ArgRule::List("channels: `email, chat`"), &[SIGNED]),
    statement(S::Drain, ArgRule::List("`inbound`"), &[]),
];

pub(super) const CALENDAR: &[StatementRule] = &[
    statement(S::Zone, ArgRule::One("an IANA time zone: `\"Europe/Berlin\"`"), &[]),
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
    statement(S::Horizon, ArgRule::One("the last day that the holidays are known for: `2027-12-31`"), &[]),
];
