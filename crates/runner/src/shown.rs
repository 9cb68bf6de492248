//! Due times that the new desk shows, beside what was promised: how far apart they are in the promise's kind of time, and why.

use std::collections::BTreeSet;

use cutover_ir::time::Instant;
use cutover_preview::{Absent, Class, Compared, Due, Metric, Outcome, Reason};
use rusqlite::params;
use serde_json::Value;

use crate::context::Context;
use crate::desk::Desk;
use crate::due::{self, DueFields, Promises, Running};
use crate::problem::Problem;

/// Rows of the journal that are read at once.
const PAGE: i64 = 1000;
/// Tickets that are named.
const NAMED: usize = 100;
/// Tickets of which it is known whether a condition holds for them.
const KEPT: usize = 1000;

/// A due time that is not as promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Differing {
    /// The ticket, by its key in the old desk.
    pub(crate) key: String,
    /// Policy and clock.
    pub(crate) clock: String,
    /// How much later than promised, in seconds of the promise's kind of time; negative is earlier.
    pub(crate) apart: i64,
    /// Whether the promise counts by day and night.
    pub(crate) by_day_and_night: bool,
    /// Why, in words; none where nobody knows.
    pub(crate) reason: Option<String>,
}

impl Differing {
    /// In plain words.
    pub(crate) fn words(&self) -> String {
        let kind = if self.by_day_and_night { "minutes" } else { "business minutes" };
        let how = if self.apart < 0 { "earlier" } else { "later" };
        let reason = self.reason.as_deref().unwrap_or("no reason was found");
        format!(
            "{}: {} {kind} {how} than promised: {reason}",
            self.clock,
            self.apart.unsigned_abs().div_ceil(60)
        )
    }
}

/// What was found about the due times of the tickets of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Clocks that were computed, of tickets that are in the new desk.
    computed: u64,
    /// Of these, over: nothing is due any more.
    over: u64,
    /// As promised, when the new desk has counted.
    equal: u64,
    /// Due earlier than promised: they will look late while they are not.
    early: u64,
    /// Due later than promised: a broken promise will look kept.
    late: u64,
    /// Nothing shows the promise.
    unseen: u64,
    /// An export of tickets does not tell when it begins.
    untold: u64,
    /// They take over a due time that the tickets do not tell.
    unread: u64,
    /// Clocks of which the tickets do not tell whether they are over.
    undecided: u64,
    /// Nobody knows how the new desk counts them.
    unforetold: u64,
    /// Due times that the new desk showed and that were compared.
    pub(crate) read: u64,
    /// Differences between what the new desk shows and what was promised: the first of them.
    pub(crate) differ: Vec<Differing>,
    /// How many there are.
    differing: u64,
    /// Differences without a reason, in seconds of the promise's kind of time, each with its ticket: the largest of them.
    unexplained: BTreeSet<(u64, String)>,
    /// The largest of those that were left out there.
    beyond: u64,
}

impl Found {
    /// In one line of plain words.
    pub(crate) fn words(&self) -> String {
        let mut text = format!(
            "{} promises of tickets in the new desk: {} over, {} as promised",
            self.computed, self.over, self.equal
        );
        for (count, what) in [
            (self.early, "will look late while they are not"),
            (self.late, "will look kept when they are broken"),
            (self.unseen, "are shown by nothing there"),
            (self.untold, "count from messages, of which the tickets tell nothing"),
            (self.unread, "take over a due time that the tickets do not tell"),
            (self.undecided, "may be over, by what the tickets do not tell"),
            (self.unforetold, "are counted in a way that nobody knows"),
        ] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        if self.read == 0 {
            text.push_str("; the new desk gives no due time back, so none was compared");
        } else {
            text.push_str(&format!("; {} due times were read back, {} differ", self.read, self.differing));
        }
        text
    }

    /// The largest difference without a reason, in seconds of the promise's kind of time, among the tickets that `holds` says.
    pub(crate) fn unexplained(
        &self,
        mut holds: impl FnMut(&str) -> Result<bool, Problem>,
    ) -> Result<u64, Problem> {
        for (apart, key) in self.unexplained.iter().rev() {
            if holds(key)? {
                return Ok(*apart);
            }
        }
        // Of tickets that are not named anybody may be meant.
        Ok(self.beyond)
    }

    fn count(&mut self, outcome: &Outcome) {
        self.computed += 1;
        *match outcome.after_event.class {
            Class::Equal => &mut self.equal,
            Class::Done | Class::NotBegun => &mut self.over,
            Class::Unknown if outcome.after_event.due == Due::None(Absent::Unknown) => &mut self.unforetold,
            Class::Unknown if outcome.contract == Due::None(Absent::Undecided) => &mut self.undecided,
            Class::Unknown if outcome.after_event.due == Due::None(Absent::Unread) => &mut self.unread,
            Class::Unknown => &mut self.untold,
            Class::FalseLate => &mut self.early,
            Class::HiddenBreach => &mut self.late,
            Class::NoClock => &mut self.unseen,
        } += 1;
    }

    /// Notes how a due time that the new desk shows stands to the promise.
    fn note(&mut self, key: &str, running: &Running, compared: &Compared) {
        self.read += 1;
        if compared.class == Class::Equal {
            return;
        }
        let reasons: Vec<&str> = compared.shifts.iter().map(|shift| shift.reason).map(words).collect();
        let apart = compared.difference.unwrap_or_default();
        if reasons.is_empty() {
            self.unexplained.insert((apart.unsigned_abs(), key.to_owned()));
            if self.unexplained.len() > KEPT
                && let Some((apart, _)) = self.unexplained.pop_first()
            {
                self.beyond = self.beyond.max(apart);
            }
        }
        self.differing += 1;
        if self.differ.len() < NAMED {
            self.differ.push(Differing {
                key: key.to_owned(),
                clock: running.label.clone(),
                apart,
                by_day_and_night: running.by_day_and_night(),
                reason: (!reasons.is_empty()).then(|| reasons.join(", ")),
            });
        }
    }
}

/// A reason in words; most of them stand by their names in tables of promises.
const fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Shown => "shown so by the old desk",
        reason => reason.name(),
    }
}

/// Computes the promises about all tickets that are in the new desk, and compares the due times that it shows.
pub(crate) fn measure(ctx: &Context<'_>, desk: &mut Desk) -> Result<Option<Found>, Problem> {
    let all = due::promised(ctx)?;
    let Some(mut promises) = Promises::new(ctx, &all)? else { return Ok(None) };
    let kind = promises.kind().to_owned();
    if !ctx.work.has(&kind)? {
        return Ok(None);
    }
    let mut found = Found::default();
    let mut after = 0;
    loop {
        let mut get = ctx.journal.db.prepare_cached(
            "SELECT seq, key, into_kind, target FROM record
             WHERE seq > ?1 AND kind = ?2 AND state = 'done' AND owner IS NULL ORDER BY seq LIMIT ?3",
        )?;
        let rows = get.query_map(params![after, kind, PAGE], |row| {
            Ok((
                row.get::<_, i64>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, String>(3)?,
            ))
        })?;
        let rows: Vec<(i64, String, String, String)> = rows.collect::<Result<_, _>>()?;
        let Some((last, ..)) = rows.last() else { return Ok(Some(found)) };
        after = *last;
        for (_, key, into, target) in rows {
            let Some((record, _)) = ctx.work.by_key(&kind, &key)? else { continue };
            let running = promises.of(&record)?;
            for running in &running {
                found.count(&running.outcome);
            }
            // What is over, or has not begun, is due at no time.
            let live: Vec<&Running> =
                running.iter().filter(|running| running.outcome.contract.at().is_some()).collect();
            let at = DueFields::of(ctx.plan, "target", &into);
            if live.is_empty() || at.due.or(at.first).is_none() {
                continue;
            }
            let Some(text) = desk.connector().fetch(&into, &target)? else { continue };
            let Ok(fields) = serde_json::from_str::<Value>(&text) else { continue };
            for (running, shown) in beside(&live, promises.shows_one(), at, &fields) {
                let Some(compared) = promises.found(running, shown) else { continue };
                found.note(&key, running, &compared);
            }
        }
    }
}

/// The clocks of a ticket whose due times the new desk shows, each with what it shows. Of those that share one place, the promise that ends
/// first stands there.
fn beside<'r>(live: &[&'r Running], one_due: bool, at: DueFields, fields: &Value) -> Vec<(&'r Running, i64)> {
    let instant = |name: Option<&str>| Some(Instant::parse(fields.get(name?)?.as_str()?)?.seconds());
    let earliest = |takes: &dyn Fn(Metric) -> bool| {
        let of = live.iter().filter(|running| takes(running.promise.metric));
        of.min_by_key(|running| match running.outcome.contract {
            Due::At(at) => at,
            Due::None(_) => i64::MAX,
        })
        .copied()
    };
    let first = |metric| metric == Metric::FirstResponse;
    let places = [
        (instant(at.first), if one_due { None } else { earliest(&first) }),
        (
            instant(at.due),
            if one_due { earliest(&|_| true) } else { earliest(&|metric| metric == Metric::Resolution) },
        ),
    ];
    places.into_iter().filter_map(|(shown, running)| Some((running?, shown?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn one_due_time_for_all_clocks_is_that_of_the_promise_that_ends_first() {
        let (first, last) = (Running::due(Metric::FirstResponse, 100), Running::due(Metric::Resolution, 500));
        let live = [&last, &first];
        let fields = json!({ "due_by": "1970-01-01T00:01:30Z", "due_at": "1970-01-01T00:09:00Z" });
        let found = |one_due, fields: &Value| -> Vec<(Metric, i64)> {
            let at = DueFields { due: Some("due_by"), first: Some("fr_due_by") };
            let found = beside(&live, one_due, at, fields).into_iter();
            found.map(|(running, shown)| (running.promise.metric, shown)).collect()
        };
        assert_eq!(found(true, &fields), [(Metric::FirstResponse, 90)]);
        assert_eq!(found(false, &fields), [(Metric::Resolution, 90)]);
        let fields = json!({ "fr_due_by": "1970-01-01T00:02:00Z", "due_by": null });
        assert_eq!(found(false, &fields), [(Metric::FirstResponse, 120)]);
        assert_eq!(found(false, &json!({})), []);
    }

    #[test]
    fn of_differences_without_a_reason_those_count_that_are_meant() -> Result<(), Problem> {
        let running = Running::due(Metric::Resolution, 500);
        let mut found = Found::default();
        for (key, apart) in [("1", 600), ("2", -1200), ("3", 60)] {
            let compared = Compared {
                due: Due::At(500 + apart),
                class: Class::HiddenBreach,
                difference: Some(apart),
                shifts: Vec::new(),
            };
            found.note(key, &running, &compared);
        }
        assert_eq!(found.unexplained(|_| Ok(true))?, 1200);
        assert_eq!(found.unexplained(|key| Ok(key != "2"))?, 600);
        assert_eq!(found.unexplained(|_| Ok(false))?, 0);
        Ok(())
    }
}
