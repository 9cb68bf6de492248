//! How products count, as data with sources.

use cutover_calendar::{
    Boundary, DueRules, Gap, HolidayExtent, PauseRule, Reading, Rounding, SearchLimit, Walk,
};

use crate::outcome::{Absent, Due};
use crate::ticket::{Anchor, Metric};

/// How a product counts the time of its promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The product, by the name of its catalog.
    pub product: &'static str,
    /// How it gets from a beginning and a length to a due instant.
    pub rules: DueRules,
    /// From when it counts each metric.
    pub anchors: &'static [(Metric, Anchor)],
    /// From when it counts a metric of an imported ticket, where that is another instant.
    pub imported: &'static [(Metric, Anchor)],
    /// An import may set when a ticket was made. Where not, it was made when it was imported.
    pub backdates: bool,
    /// It computes a due instant when a ticket is imported.
    pub on_import: bool,
    /// It computes one when something happens to the ticket.
    pub on_event: bool,
    /// What it knows of pauses.
    pub pauses: PauseKnowledge,
    /// It shows no due instant while a ticket is in a status in which its clock stands still.
    pub hides_paused: bool,
    /// What opening again does.
    pub reopening: Reopening,
    /// Of a clock that goes on when a ticket is opened again, the time in which it was solved counts.
    pub solved_counts: bool,
    /// What becomes of a due instant that is written into it.
    pub keeps: Keeps,
    /// A due instant can be written only in a status in which the clock runs.
    pub keeps_running: bool,
    /// Only a ticket with a service level has clocks. Without one nothing is computed, and a due instant that is written stays.
    pub by_level: bool,
    /// It shows one due instant for all clocks of a ticket, the earliest. Where it gave up on one of them, it shows none.
    pub one_due: bool,
    /// Known faults, each of which can be seen in a due instant.
    pub defects: &'static [Defect],
    /// What of this nobody has verified, as sentences.
    pub unverified: &'static [&'static str],
    /// Where all this is from.
    pub sources: &'static [&'static str],
}

/// What a product knows of the time that a ticket stood still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseKnowledge {
    /// It has no pauses.
    None,
    /// It counts those that happened in it; of those before an import it knows nothing.
    Own,
    /// A pause is forgotten when it is over.
    Forgets,
    /// It counts its own, and forgets those before the last change of policy.
    SincePolicyChange,
}

/// What opening a solved ticket again does to its clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reopening {
    /// It goes on from its old beginning.
    GoesOn,
    /// It begins anew.
    BeginsAnew,
    /// Clocks of answers begin anew, others go on.
    AnswersBeginAnew,
}

/// What becomes of a due instant that an import writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// It cannot be written.
    Nothing,
    /// It stays.
    Always,
    /// It stays until something happens to the ticket.
    UntilEvent,
    /// It stays when it lies in the future; one that has passed cannot be written.
    Future,
}

/// A known fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// What happens, as a sentence.
    pub what: &'static str,
    /// Where it is reported or was seen.
    pub source: &'static str,
}

/// The engine of zendesk/biz: a skipped time of day is read an hour later, and what begins on a holiday is left out.
const BIZ: DueRules = DueRules {
    reading: Reading { gap: Gap::Later, holidays: HolidayExtent::Begins },
    boundary: Boundary::NextOpening,
    pauses: PauseRule::Stop,
    pauses_in_minutes: false,
    rounding: Rounding::None,
    limit: SearchLimit::None,
    walk: Walk::Exact,
};

/// Nothing is known but that hours count: the rules that this compiler holds to be right.
const PLAIN: DueRules =
    DueRules { reading: Reading { gap: Gap::Closed, holidays: HolidayExtent::Date }, ..BIZ };

/// All that are known, sorted by product.
pub const DIALECTS: &[Dialect] = &[
    Dialect {
        product: "freshdesk",
        rules: PLAIN,
        anchors: &[
            (Metric::FirstResponse, Anchor::Created),
            (Metric::NextResponse, Anchor::LastCustomer),
            (Metric::Resolution, Anchor::Created),
        ],
        // No message can be backdated.
        imported: &[(Metric::NextResponse, Anchor::Import)],
        backdates: false,
        on_import: true,
        on_event: true,
        pauses: PauseKnowledge::Own,
        hides_paused: false,
        reopening: Reopening::GoesOn,
        solved_counts: true,
        keeps: Keeps::Always,
        keeps_running: true,
        by_level: false,
        one_due: false,
        defects: &[Defect {
            what: "What a day of business hours is changed in 2026: one working day before, 24 business hours since.",
            source: "https://support.freshdesk.com/support/solutions/articles/50000011664",
        }],
        unverified: &[
            "Whether an import can write a due time has to be tried.",
            "How it reads the day of a clock change, and what opening again does, is not documented.",
        ],
        sources: &[
            "https://developers.freshdesk.com/api/",
            "https://support.freshdesk.com/support/solutions/articles/50000011664",
        ],
    },
    Dialect {
        product: "jira_sm",
        rules: PLAIN,
        anchors: &[(Metric::FirstResponse, Anchor::Created), (Metric::Resolution, Anchor::Created)],
        imported: &[],
        backdates: false,
        on_import: false,
        // Clocks come from the history of an item, and an import brings none.
        on_event: false,
        pauses: PauseKnowledge::Own,
        hides_paused: false,
        reopening: Reopening::BeginsAnew,
        solved_counts: true,
        keeps: Keeps::Nothing,
        keeps_running: false,
        by_level: false,
        one_due: false,
        defects: &[Defect {
            what: "An imported item has no history, so its clocks do not run until they are reconstructed.",
            source: "https://confluence.atlassian.com/jirakb/resolve-wrong-or-missing-slas-in-jira-service-management-cloud-954252774.html",
        }],
        unverified: &[
            "An account sets when its clocks begin, pause and end; these are the usual conditions.",
            "How it reads the day of a clock change is not documented.",
        ],
        sources: &["https://support.atlassian.com/jira-service-management-cloud/docs/set-up-sla-conditions/"],
    },
    Dialect {
        product: "osticket",
        rules: DueRules { walk: Walk::Windows(72), pauses: PauseRule::Ignored, ..BIZ },
        anchors: &[(Metric::Resolution, Anchor::Reopened)],
        imported: &[],
        backdates: false,
        on_import: true,
        on_event: true,
        pauses: PauseKnowledge::None,
        hides_paused: false,
        reopening: Reopening::BeginsAnew,
        solved_counts: true,
        keeps: Keeps::Future,
        keeps_running: false,
        by_level: false,
        one_due: true,
        defects: &[
            Defect {
                what: "Hours are added in windows of 72 hours: where a window holds none, the rest of the time is not added.",
                source: "https://github.com/osTicket/osTicket/issues/6739",
            },
            Defect {
                what: "A lunch break made as half a holiday can make a ticket due before it was made.",
                source: "https://github.com/osTicket/osTicket/issues/6847",
            },
            Defect {
                what: "A day that ends at 23:59:59 loses a second; a day of a clock change counts 24 hours.",
                source: "osTicket/osTicket: include/class.businesshours.php, run with PHP 8.2",
            },
        ],
        unverified: &[],
        sources: &[
            "osTicket/osTicket: include/class.businesshours.php",
            "osTicket/osTicket: include/class.ticket.php",
        ],
    },
    Dialect {
        product: "rt",
        rules: DueRules {
            // A holiday is 24 hours and the second after them.
            reading: Reading { gap: Gap::Unchanged, holidays: HolidayExtent::Seconds(86_401) },
            limit: SearchLimit::Within(29 * 86_400),
            pauses: PauseRule::Ignored,
            ..BIZ
        },
        anchors: &[
            (Metric::FirstResponse, Anchor::Created),
            (Metric::NextResponse, Anchor::LastCustomer),
            (Metric::Update, Anchor::LastAgent),
            (Metric::Resolution, Anchor::Created),
        ],
        // Answers are due from the last transaction, and the import is one.
        imported: &[
            (Metric::FirstResponse, Anchor::Import),
            (Metric::NextResponse, Anchor::Import),
            (Metric::Update, Anchor::Import),
        ],
        backdates: true,
        on_import: true,
        on_event: true,
        pauses: PauseKnowledge::Forgets,
        hides_paused: true,
        reopening: Reopening::AnswersBeginAnew,
        solved_counts: true,
        keeps: Keeps::UntilEvent,
        keeps_running: false,
        by_level: true,
        one_due: true,
        defects: &[
            Defect {
                what: "A promise that needs more than 29 calendar days is not due at all, and takes shorter ones of its level with it.",
                source: "Business::Hours 0.13, add_seconds; bestpractical/rt: lib/RT/Action/SLA_SetDue.pm",
            },
            Defect {
                what: "A holiday on the day of a clock change is an hour too long or too short.",
                source: "Business::Hours 0.13, for_timespan",
            },
            Defect {
                what: "Hours past midnight on Saturday are forgotten for a ticket that begins on Sunday.",
                source: "Business::Hours 0.13, for_timespan",
            },
        ],
        unverified: &[],
        sources: &["bestpractical/rt: docs/customizing/sla.pod", "Business::Hours 0.13"],
    },
    Dialect {
        product: "zammad",
        rules: DueRules { pauses_in_minutes: true, ..BIZ },
        anchors: &[
            (Metric::FirstResponse, Anchor::Created),
            (Metric::NextResponse, Anchor::LastCustomer),
            (Metric::Update, Anchor::LastAgent),
            (Metric::Resolution, Anchor::Created),
        ],
        imported: &[],
        backdates: true,
        on_import: true,
        on_event: true,
        pauses: PauseKnowledge::Own,
        hides_paused: true,
        reopening: Reopening::GoesOn,
        solved_counts: false,
        keeps: Keeps::Nothing,
        keeps_running: false,
        by_level: false,
        one_due: false,
        defects: &[
            Defect {
                what: "After an import, closed states may count as running, so that closed tickets escalate.",
                source: "https://github.com/zammad/zammad/issues/2949",
            },
            Defect {
                what: "Pauses are rebuilt from the history with the states as they are configured now, in whole minutes.",
                source: "zammad/zammad: lib/escalation/ticket_biz_break.rb",
            },
            Defect {
                what: "The clock of updates can take the place of the first response's.",
                source: "https://github.com/zammad/zammad/issues/5177",
            },
        ],
        unverified: &[],
        sources: &["zammad/zammad: lib/escalation.rb, lib/escalation/", "zendesk/biz: lib/biz/"],
    },
    Dialect {
        product: "zendesk",
        rules: BIZ,
        anchors: &[
            (Metric::FirstResponse, Anchor::Created),
            (Metric::NextResponse, Anchor::LastCustomer),
            (Metric::Update, Anchor::LastAgent),
            (Metric::Resolution, Anchor::Created),
        ],
        imported: &[],
        backdates: true,
        on_import: false,
        on_event: true,
        pauses: PauseKnowledge::Own,
        hides_paused: false,
        reopening: Reopening::AnswersBeginAnew,
        solved_counts: false,
        keeps: Keeps::Nothing,
        keeps_running: false,
        by_level: false,
        one_due: false,
        defects: &[
            Defect {
                what: "A ticket that nothing happens to keeps the clocks of the policy and the schedule that it last saw.",
                source: "https://support.zendesk.com/hc/en-us/articles/4408885881498",
            },
            Defect {
                what: "When a schedule changes, all time of a ticket is counted by the last one.",
                source: "fivetran/dbt_zendesk: DECISIONLOG.md",
            },
        ],
        unverified: &["That the product counts exactly as the engine that its maker has published."],
        sources: &["zendesk/biz: lib/biz/", "https://support.zendesk.com/hc/en-us/articles/4408885881498"],
    },
];

/// The dialect of a product, by the name of its catalog.
#[must_use]
pub fn dialect(product: &str) -> Option<&'static Dialect> {
    DIALECTS.iter().find(|dialect| dialect.product == product)
}

/// The due instants for which desks have fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DueField {
    /// That of the first answer.
    FirstResponse,
    /// The other one: that of the solution, or of all clocks in a desk that shows one.
    Other,
}

/// Where a desk shows when a clock of a metric is due, given how it counts, if that is known. `None` when it has no field for it.
#[must_use]
pub fn due_field(desk: Option<&Dialect>, metric: Metric) -> Option<DueField> {
    if let Some(desk) = desk.filter(|desk| desk.one_due) {
        return desk.anchor(metric).map(|_| DueField::Other);
    }
    match metric {
        Metric::FirstResponse => Some(DueField::FirstResponse),
        Metric::Resolution => Some(DueField::Other),
        Metric::NextResponse | Metric::Update => None,
    }
}

impl Dialect {
    /// From when it counts a metric; a metric that it does not have has no clock there.
    #[must_use]
    pub fn anchor(&self, metric: Metric) -> Option<Anchor> {
        found(self.anchors, metric)
    }

    /// What it shows of the due instants of a ticket's clocks, given one for each clock: the earliest, where it shows only one.
    #[must_use]
    pub fn shown(&self, clocks: &[Due]) -> Vec<Due> {
        if !self.one_due {
            return clocks.to_vec();
        }
        // A clock on which it gave up counts as due before all time, and that is shown as no due instant.
        let one = |absent| clocks.iter().find(move |due| **due == Due::None(absent));
        // What nobody knows may be earlier than all others.
        let given_up = one(Absent::GivenUp).or_else(|| one(Absent::Unread));
        let earliest = || clocks.iter().filter(|due| due.at().is_some()).min_by_key(|due| due.at());
        given_up.or_else(earliest).or(clocks.first()).copied().into_iter().collect()
    }

    /// From when it counts a metric of a ticket that was imported into it.
    #[must_use]
    pub fn anchor_of_imported(&self, metric: Metric) -> Option<Anchor> {
        let anchor = found(self.imported, metric).or_else(|| self.anchor(metric))?;
        let moved = !self.backdates && matches!(anchor, Anchor::Created | Anchor::Reopened);
        Some(if moved { Anchor::Import } else { anchor })
    }
}

fn found(anchors: &[(Metric, Anchor)], metric: Metric) -> Option<Anchor> {
    anchors.iter().find(|(of, _)| *of == metric).map(|(_, anchor)| *anchor)
}
