//! Everything, for programs: one object, tickets first, so that nothing has to be kept.

use std::io::{self, Write};

use cutover_preview::{Class, Compared, Counts, Due, Reason};
use serde_json::{Map, Value, json};

use super::desk::{Desk, NotComputed};
use super::ticket::Row;
use super::totals::Totals;
use super::{Sink, remarks, words};

/// The format that is written.
const FORMAT: &str = "1.0";

/// What is written when there is nothing to compute.
pub(super) fn not_computed(out: &mut dyn Write, why: &NotComputed) -> io::Result<()> {
    writeln!(out, "{}", json!({ "format": FORMAT, "computed": false, "because": why.to_string() }))
}

pub(super) struct Json<'o> {
    out: &'o mut dyn Write,
    first: bool,
}

impl<'o> Json<'o> {
    pub(super) fn new(out: &'o mut dyn Write, desk: &Desk<'_>) -> io::Result<Json<'o>> {
        let policies: Map<String, Value> = desk
            .policies
            .iter()
            .map(|policy| {
                let told = json!({ "title": policy.title, "zone": policy.zone.name(), "first_event": words::utc(policy.first_event) });
                (policy.name.to_owned(), told)
            })
            .collect();
        write!(
            out,
            "{{\"format\":{},\"computed\":true,\"source\":{},\"target\":{},\"imported\":{},\"policies\":{},\"clocks\":[",
            json!(FORMAT),
            json!(desk.product("source")),
            json!(desk.product("target")),
            json!(words::utc(desk.night.imported)),
            Value::Object(policies),
        )?;
        Ok(Json { out, first: true })
    }
}

impl Sink for Json<'_> {
    fn row(&mut self, row: &Row<'_, '_>) -> io::Result<()> {
        let outcome = &row.outcome;
        let mut told = json!({
            "ticket": row.ticket.id,
            "policy": row.policy.name,
            "clock": row.counted.clock.name,
            "priority": row.ticket.priority,
            "source": due(outcome.source),
            "source_computed": due(outcome.source_computed),
            "contract": due(outcome.contract),
            "after_import": compared(&outcome.after_import),
            "after_event": compared(&outcome.after_event),
            "breached": outcome.breached,
            "at_risk": outcome.at_risk,
            "paused": outcome.paused,
            "depends_on": row.depends_on(),
            "waits_since_change": row.since_change,
        });
        if let (Some(answered), Some(told)) = (outcome.answered, told.as_object_mut()) {
            let (at, due) = (words::utc(answered.at), words::utc(answered.due));
            told.insert("answered".to_owned(), json!({ "at": at, "due": due, "late": answered.late }));
        }
        let before = if std::mem::take(&mut self.first) { "\n" } else { ",\n" };
        write!(self.out, "{before}{told}")
    }

    fn end(&mut self, desk: &Desk<'_>, totals: &Totals) -> io::Result<()> {
        let groups: Vec<Value> = totals
            .summary
            .groups
            .iter()
            .map(|(group, counts)| {
                let (policy, clock) = group.policy.split_once(' ').unwrap_or((&group.policy, ""));
                json!({ "policy": policy, "clock": clock, "priority": group.priority, "counts": counted(counts) })
            })
            .collect();
        let worst: Vec<Value> = totals
            .summary
            .worst
            .iter()
            .map(|worst| {
                let (policy, clock) = worst.group.policy.split_once(' ').unwrap_or((&worst.group.policy, ""));
                json!({
                    "ticket": worst.ticket,
                    "policy": policy,
                    "clock": clock,
                    "priority": worst.group.priority,
                    "class": worst.class.name(),
                    "seconds": worst.difference,
                })
            })
            .collect();
        let summary = json!({
            "tickets": totals.tickets,
            "without_policy": totals.without,
            "unreadable_lines": totals.unread,
            "all": counted(&totals.summary.all),
            "groups": groups,
            "worst": worst,
            "remarks": remarks::remarks(desk, totals),
        });
        writeln!(self.out, "\n],\"summary\":{summary}}}")?;
        self.out.flush()
    }
}

fn due(due: Due) -> Value {
    match due {
        Due::At(at) => json!({ "at": words::utc(at) }),
        Due::None(absent) => json!({ "none": words::absent_code(absent) }),
    }
}

fn compared(compared: &Compared) -> Value {
    let shifts: Vec<Value> = compared
        .shifts
        .iter()
        .map(|shift| json!({ "reason": shift.reason.name(), "from": due(shift.from), "to": due(shift.to) }))
        .collect();
    json!({
        "due": due(compared.due),
        "class": compared.class.name(),
        "seconds": compared.difference,
        "shifts": shifts,
    })
}

fn counted(counts: &Counts) -> Value {
    let classes = |of: &std::collections::BTreeMap<Class, u64>| -> Map<String, Value> {
        of.iter().map(|(class, count)| (class.name().to_owned(), json!(count))).collect()
    };
    let reasons: Map<String, Value> = counts
        .reasons
        .iter()
        .map(|(reason, count)| (Reason::name(*reason).to_owned(), json!(count)))
        .collect();
    json!({
        "clocks": counts.tickets,
        "after_import": classes(&counts.on_import),
        "after_event": classes(&counts.classes),
        "reasons": reasons,
        "breached": counts.breached,
        "at_risk": counts.at_risk,
    })
}
