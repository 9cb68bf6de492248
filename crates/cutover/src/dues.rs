//! Due times that tests expect, computed by the contract's clock.

use std::collections::BTreeSet;

use cutover_calendar::{Answer, Clock, DueRules, Length, Pauses};
use cutover_ir::Id;
use cutover_ir::eval::{Truth, truth};
use cutover_ir::time::Instant;
use cutover_ir::value::{Record, Value};
use cutover_plan::host::PlanHost;
use cutover_plan::map_tests::given;
use cutover_plan::model::{Content, ExpectedDue, MapTest, Plan};

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
    /// It is not. A sentence about what comes out.
    Missed(String),
    /// It depends on these fields of the source, which the test does not give. Sorted.
    Needs(Vec<String>),
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
    let mut met = false;
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
        if metric(&due.clock).is_none() {
            return DueVerdict::Missed(format!("no product is known to measure {} alike", due.clock));
        }
        let Some(start) = instant(&record, created) else {
            needs.insert(created.to_owned());
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
            let (at, zone) = (words::moment(zone, at), zone.name());
            return DueVerdict::Missed(format!(
                "by `{}` it is due {at}, by the clock of {zone}",
                promised.name
            ));
        }
        met = true;
    }
    match (met, needs.is_empty()) {
        (_, false) => DueVerdict::Needs(needs.into_iter().collect()),
        (true, true) => DueVerdict::Met,
        (false, true) => DueVerdict::Missed("no policy promises this to the ticket".to_owned()),
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
