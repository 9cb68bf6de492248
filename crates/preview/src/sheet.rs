//! The rules of a desk in sentences: what people who work in it should know about its clocks.

use std::borrow::Cow;

use cutover_calendar::{DueRules, Gap, HolidayExtent, Rounding, SearchLimit, Walk};

use crate::dialect::{Dialect, Keeps, PauseKnowledge, Reopening};
use crate::ticket::{Anchor, Metric};

impl Dialect {
    /// How the product counts, a sentence a line, without its faults. They stand in [`Dialect::defects`].
    #[must_use]
    pub fn sheet(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.anchors.iter().map(|(metric, anchor)| counts(*metric, *anchor, "counts")).collect();
        let moved = self.anchors.iter().filter_map(|(metric, anchor)| {
            let imported = self.anchor_of_imported(*metric).filter(|imported| imported != anchor)?;
            Some(counts(*metric, imported, "of an imported ticket counts"))
        });
        if self.on_event {
            lines.extend(moved);
        }
        lines.push(
            match (self.on_import, self.on_event) {
                (true, _) => "Due times are computed at the import and with each later change.",
                (false, true) => "An imported ticket has no due time until something happens to it.",
                (false, false) => "Clocks do not run for imported tickets.",
            }
            .to_owned(),
        );
        lines.push(
            match self.pauses {
                PauseKnowledge::None => "No status pauses a clock.",
                PauseKnowledge::Own => {
                    "Pauses count as the desk sees them happen; those before an import do not."
                }
                PauseKnowledge::Forgets => "A pause is not made up for when it is over.",
                PauseKnowledge::SincePolicyChange => "A change of policy forgets the pauses before it.",
            }
            .to_owned(),
        );
        if self.hides_paused {
            lines.push(
                "In a status in which a clock stands still a ticket has no due time at all.".to_owned(),
            );
        }
        lines.push(
            match self.reopening {
                Reopening::GoesOn => {
                    "A ticket that is opened again goes on from its old beginning and may be late at once."
                }
                Reopening::BeginsAnew => "A ticket that is opened again begins anew.",
                Reopening::AnswersBeginAnew => {
                    "When a ticket is opened again, clocks of answers begin anew and the others go on."
                }
            }
            .to_owned(),
        );
        if self.reopening != Reopening::BeginsAnew {
            lines.push(
                match self.solved_counts {
                    true => "The time in which a ticket was solved counts when it is opened again.",
                    false => "The time in which a ticket was solved does not count when it is opened again.",
                }
                .to_owned(),
            );
        }
        lines.push(
            match self.keeps {
                Keeps::Nothing => "A due time cannot be written into it.",
                Keeps::Always => "A due time that an import writes stays.",
                Keeps::UntilEvent => {
                    "A due time that an import writes stays until something happens to the ticket."
                }
                Keeps::Future => "A due time can be written when it lies in the future.",
            }
            .to_owned(),
        );
        if self.keeps_running {
            lines.push("No due time can be written in a status in which the clock stands still.".to_owned());
        }
        if self.by_level {
            lines.push(
                "A ticket without a service level has no clocks: a due time that was written stays as it is."
                    .to_owned(),
            );
        }
        if self.one_due && self.anchors.len() > 1 {
            lines.push("A ticket has one due time, that of its earliest clock.".to_owned());
        }
        lines.extend(engine(self.rules).into_iter().map(Cow::into_owned));
        lines
    }
}

fn counts(metric: Metric, anchor: Anchor, how: &str) -> String {
    let metric = match metric {
        Metric::FirstResponse => "The first response",
        Metric::NextResponse => "The next response",
        Metric::Update => "The next update",
        Metric::Resolution => "The resolution",
    };
    format!("{metric} {how} from {}.", beginning(anchor))
}

/// The moment from which a clock counts, as a noun.
#[must_use]
pub const fn beginning(anchor: Anchor) -> &'static str {
    match anchor {
        Anchor::Created => "the creation of the ticket",
        Anchor::LastCustomer => "the customer's last message",
        Anchor::LastAgent => "the agent's last message",
        Anchor::Reopened => "the last reopening, else the creation of the ticket",
        Anchor::Import => "the import",
    }
}

/// What is peculiar about its arithmetic.
fn engine(rules: DueRules) -> Vec<Cow<'static, str>> {
    let mut lines = Vec::new();
    match rules.walk {
        Walk::Exact => {}
        Walk::Windows(_) => {
            lines.push("Hours are added some days at a time, with one stretch of hours a day.".into())
        }
    }
    match rules.limit {
        SearchLimit::None => {}
        SearchLimit::Within(seconds) => lines.push(Cow::Owned(format!(
            "What would be due more than {} days ahead is not due at all.",
            seconds / 86_400
        ))),
    }
    match rules.reading.holidays {
        HolidayExtent::Date | HolidayExtent::Begins => {}
        HolidayExtent::Seconds(_) => {
            lines.push("A holiday is 24 hours from midnight, also when the clock changes.".into())
        }
    }
    match rules.reading.gap {
        Gap::Closed => {}
        Gap::Later | Gap::Unchanged => {
            lines.push(
                "Opening hours that begin or end in an hour that the clock skips are moved behind it.".into(),
            );
        }
    }
    if rules.pauses_in_minutes {
        lines.push("Pauses are known to the minute.".into());
    }
    if rules.rounding != Rounding::None {
        lines.push("Due times are whole minutes.".into());
    }
    lines
}
