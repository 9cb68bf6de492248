//! Due times that tests expect, computed by the contract's clock.

use std::collections::{BTreeMap, BTreeSet};

use cutover_calendar::{Answer, Clock, DueRules, Length, Pauses, Zone};
use cutover_ir::Id;
use cutover_ir::eval::{Truth, truth};
use cutover_ir::host::Host as _;
use cutover_ir::predicate::{Predicate, StatusClass};
use cutover_ir::time::{Date, Instant};
use cutover_ir::value::{Record, Value};
use cutover_plan::host::PlanHost;
use cutover_plan::map_tests::given;
use cutover_plan::model::{
    ANSWERED, ClockAction, ClockEffect, ClockRule, Content, ExpectedDue, MapTest, Plan,
};
use cutover_plan::promises::{Statuses, answered, rule};
use cutover_preview::{Anchor, Metric, Progress, Seen, Ticket};

use crate::Compilation;
use crate::sla::desk::{allowed, metric, promised, ticket_fields};
use crate::sla::words;
use crate::systems::Account;

/// What became of a due time that a test expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueOutcome {
    /// The test: `test/urgent`.
    pub test: Id,
    /// The clock: `first_response`.
    pub clock: String,
    /// When the test expects it to be due.
    pub expected: Instant,
    /// Whether it is.
    pub verdict: DueVerdict,
}

/// Whether a clock is due when a test expects it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DueVerdict {
    /// It is: at this instant, or at the same moment in business time.
    Met,
    /// It is by the holidays that are known, and that is behind the last day for which they are listed. That day.
    Beyond(Date),
    /// It is not. A sentence about what comes out.
    Missed(String),
    /// It depends on these fields of the source, which the test does not give. Sorted.
    Needs(Vec<String>),
    /// It depends on this, which no field of the source's tickets holds, so that no test can give it.
    Untold(&'static str),
}

/// The due times that the tests of a plan expect, in the order of the tests. `compilation` is what the plan came from.
#[must_use]
pub fn due_outcomes(compilation: &Compilation, plan: &Plan) -> Vec<DueOutcome> {
    of_plan(&compilation.remains.accounts, plan)
}

pub(crate) fn of_plan(accounts: &[Account], plan: &Plan) -> Vec<DueOutcome> {
    let mut outcomes = Vec::new();
    for (id, item) in &plan.items {
        let Content::Test(test) = &item.content else { continue };
        for due in &test.due {
            let verdict = verdict(accounts, plan, test, due);
            outcomes.push(DueOutcome {
                test: id.clone(),
                clock: due.clock.clone(),
                expected: due.at,
                verdict,
            });
        }
    }
    outcomes
}

fn verdict(accounts: &[Account], plan: &Plan, test: &MapTest, due: &ExpectedDue) -> DueVerdict {
    let (kind, fields) = ticket_fields(accounts);
    let record = given(plan, test, &kind);
    let created = fields.get("created_at").map_or("created_at", String::as_str);
    let host = PlanHost::new(plan);
    let mut needs = BTreeSet::new();
    let (mut met, mut beyond) = (false, None);
    for promised in promised(plan, &[]) {
        let Some(clock) = promised.sla.clocks.iter().find(|clock| clock.name == due.clock) else { continue };
        let applies = promised.sla.applies.as_ref();
        match applies.map(|applies| truth(applies, &kind, &record, true, &host)) {
            Some(Truth::Known(false)) => continue,
            None | Some(Truth::Known(true)) => {}
            Some(Truth::Unknown(fields)) => {
                needs.extend(fields);
                continue;
            }
        }
        let Some(measured) = metric(&due.clock) else {
            return DueVerdict::Missed(format!("no product is known to measure {} alike", due.clock));
        };
        let statuses = Statuses::of(promised.sla, &clock.name);
        match status(&fields, &record, &statuses) {
            Status::Runs => {}
            Status::Open(field) => drop(needs.insert(field.to_owned())),
            Status::Not(why) => {
                return DueVerdict::Missed(format!("by `{}` nothing is due: {why}", promised.name));
            }
        }
        let ticket = ticket(&host, &kind, &fields, &record);
        // Whether somebody has answered is said by the field of the first answer. Where the old desk has no such field, whoever asks when
        // an answer is due says that there is none yet.
        let first = fields.get("first_response_at").map(String::as_str);
        let open = first.filter(|first| !record.contains_key(*first));
        let told = open.is_none() && first.is_some();
        if measured == Metric::FirstResponse
            && let Some(first) = open
        {
            needs.insert(first.to_owned());
        }
        let known = told || matches!(measured, Metric::FirstResponse | Metric::NextResponse);
        let holds = |condition: &Predicate| truth(condition, &kind, &record, true, &host);
        match rule(clock, known.then(|| answered(measured, &ticket)), holds) {
            Ok(Some(ClockRule { action: ClockAction::Done, .. })) => {
                return DueVerdict::Missed(format!(
                    "by `{}` nothing is due: the ticket is one of those for which this clock is over",
                    promised.name
                ));
            }
            Ok(_) => {}
            Err(fields) if fields.contains(ANSWERED) => match open {
                Some(first) => drop(needs.insert(first.to_owned())),
                None => return DueVerdict::Untold("whether somebody has answered"),
            },
            Err(fields) => {
                needs.extend(fields);
                continue;
            }
        }
        let (meaning, what) = match measured.anchor() {
            Anchor::LastCustomer => ("last_customer_at", "when the customer last wrote"),
            Anchor::LastAgent => ("last_agent_at", "when an agent last wrote"),
            Anchor::Created | Anchor::Reopened | Anchor::Import => ("created_at", "when the ticket was made"),
        };
        let Some(begins) =
            fields.get(meaning).map(String::as_str).or((meaning == "created_at").then_some(created))
        else {
            return DueVerdict::Untold(what);
        };
        match measured.progress(&ticket) {
            Progress::Done => {
                return DueVerdict::Missed(format!(
                    "by `{}` nothing is due: what was promised has happened",
                    promised.name
                ));
            }
            Progress::NotBegun => {
                return DueVerdict::Missed(format!(
                    "by `{}` nothing is due: nobody has written yet from whose message this clock counts",
                    promised.name
                ));
            }
            Progress::Unknown if record.contains_key(begins) => match fields.get("last_agent_at") {
                Some(agent) => drop(needs.insert(agent.clone())),
                None => return DueVerdict::Untold("whether an agent has answered since"),
            },
            Progress::Unknown | Progress::Running => {}
        }
        let Some(start) = instant(&record, begins) else {
            needs.insert(begins.to_owned());
            continue;
        };
        let length = allowed(clock.allowed);
        let Ok(contract) = Clock::new(&promised.hours, DueRules::default()) else { continue };
        let zone = &promised.hours.zone;
        let Answer::At(at) = contract.due(start.seconds(), length, &Pauses::default()) else {
            return DueVerdict::Missed(format!(
                "by `{}` it is never due: it is not open long enough",
                promised.name
            ));
        };
        if !same(&contract, length, at, due.at.seconds()) {
            // What a test expects is written by the clock of the window.
            let other = plan.migration.window.as_ref().and_then(|window| Zone::named(&window.zone));
            let here = format!("{}, by the clock of {}", words::moment(zone, at), zone.name());
            let due = match other.filter(|other| words::moment(other, at) != words::moment(zone, at)) {
                Some(other) => {
                    format!("{} by the clock of {}: {here}", words::moment(&other, at), other.name())
                }
                None => here,
            };
            return DueVerdict::Missed(format!("by `{}` it is due {due}", promised.name));
        }
        met = true;
        beyond = beyond.or(promised.hours.known_until.filter(|_| !contract.calendar().is_known(at)));
    }
    match (met, needs.is_empty()) {
        (_, false) => DueVerdict::Needs(needs.into_iter().collect()),
        (true, true) => beyond.map_or(DueVerdict::Met, |day| DueVerdict::Beyond(Date::from_days(day.0))),
        (false, true) => DueVerdict::Missed("no policy promises this to the ticket".to_owned()),
    }
}

/// What the status of a test's ticket does to a clock.
enum Status<'f> {
    /// It runs, or no status does anything else.
    Runs,
    /// It is not given, and there is one in which the clock does not run. Its field.
    Open(&'f str),
    /// Nothing is due in it, as a sentence.
    Not(String),
}

fn status<'f>(fields: &'f BTreeMap<&str, String>, record: &Record, statuses: &Statuses<'_>) -> Status<'f> {
    let Some(field) = fields.get("status") else { return Status::Runs };
    let Some(status) = record.get(field) else {
        let all = statuses.iter().all(|(_, effect)| effect == ClockEffect::Runs);
        return if all { Status::Runs } else { Status::Open(field) };
    };
    let Some(status) = status.as_text() else { return Status::Runs };
    match statuses.effect(status) {
        Some(ClockEffect::Runs) => Status::Runs,
        Some(ClockEffect::Stops) => Status::Not(format!("the status `{status}` ends this clock")),
        Some(ClockEffect::Pauses) => Status::Not(format!(
            "in the status `{status}` this clock stands still, nobody knows for how long"
        )),
        None if statuses.leaves_out(status) => {
            Status::Not(format!("the policy does not say whether this clock runs in the status `{status}`"))
        }
        None => Status::Runs,
    }
}

/// What clocks need of the ticket of a test.
fn ticket(host: &PlanHost<'_>, kind: &str, fields: &BTreeMap<&str, String>, record: &Record) -> Ticket {
    let at = |meaning: &str| instant(record, fields.get(meaning)?).map(Instant::seconds);
    let seen = |meaning: &str| match fields.get(meaning).and_then(|field| record.get(field)) {
        Some(Value::Missing) => Seen::Never,
        _ => at(meaning).map_or(Seen::Unknown, Seen::At),
    };
    let status = fields.get("status").and_then(|field| record.get(field)).and_then(Value::as_text);
    let class = status.and_then(|status| host.status_class(kind, status));
    Ticket {
        created: at("created_at").unwrap_or_default(),
        last_customer: seen("last_customer_at"),
        last_agent: seen("last_agent_at"),
        first_response: at("first_response_at"),
        solved: class == Some(StatusClass::Finished),
        ..Ticket::default()
    }
}

/// Two sides of closed hours are one moment in business time.
fn same(contract: &Clock, length: Length, a: i64, b: i64) -> bool {
    match length {
        Length::Calendar(_) => a == b,
        Length::Business(_) | Length::BusinessDays(_) => contract.calendar().elapsed(a.min(b), a.max(b)) == 0,
    }
}

fn instant(record: &Record, field: &str) -> Option<Instant> {
    match record.get(field) {
        Some(Value::Instant(at)) => Some(*at),
        _ => None,
    }
}
