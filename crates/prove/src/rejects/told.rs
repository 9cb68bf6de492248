//! The finding about a condition that what is rejected breaks.

use cutover_analysis::world::KindView;
use cutover_diagnostics::{Diagnostic, Span};
use cutover_ir::measure::Measure;
use cutover_plan::text::numbers::number;

use super::causes::{Cause, What};
use super::{Certain, place};
use crate::Facts;

/// A cause, and what a measure makes of it.
pub(super) struct Told<'a> {
    pub(super) kind: &'a KindView<'a>,
    pub(super) cause: &'a Cause,
    pub(super) certain: Certain,
    /// How many records of the kind there are.
    pub(super) total: u64,
    /// Whether a share is measured.
    pub(super) share: bool,
}

impl Told<'_> {
    /// The more is certain, the more it says.
    pub(super) fn rank(&self) -> (u64, u64) {
        (self.certain.least, self.cause.least)
    }

    fn what(&self) -> &'static str {
        match self.cause.what {
            What::Require => "do not meet this, and are rejected",
            What::Missing => "have no value here, and are rejected",
            What::Value => "have a value that is rejected here",
        }
    }

    fn help(&self, measure: &Measure) -> String {
        let change = match self.cause.what {
            What::Require => "give them a value in the map or in `clean copy`",
            What::Missing => {
                "give them a value: `when missing placeholder \"...\"`, or `adopt` and `reassign` in `clean copy`"
            }
            What::Value => "let the translation give these values another one",
        };
        let leave = "leave them behind in `scope`";
        if self.share || self.cause.what == What::Missing {
            return format!("{change}; or {leave}, or tolerate as many");
        }
        let plural = self.kind.plural.replace('_', " ");
        format!("{change}; {leave}; or ask about the others only: `{} {plural} (where ...)`", measure.metric)
    }

    pub(super) fn diagnostic(
        &self,
        facts: &Facts<'_>,
        measure: &Measure,
        at: Span,
        fires: bool,
    ) -> Diagnostic {
        let plural = self.kind.plural.replace('_', " ");
        let Told { cause, certain, total, .. } = self;
        let (finding, label) = if self.share {
            let permille = u128::from(certain.least) * 1000 / u128::from((*total).max(1));
            let share = format!("{}.{}%", permille / 10, permille % 10);
            let share = share.replace(".0%", "%");
            let label = if certain.least == 0 {
                "one rejected record is more than this allows".to_owned()
            } else {
                let at_least = if certain.all { "" } else { "at least " };
                format!(
                    "the map rejects {at_least}{} of {} {plural}, which is {share}",
                    number(certain.least),
                    number(*total)
                )
            };
            if fires {
                let finding = Diagnostic::error(
                    "rollback/fires-by-default#rejected",
                    "a trigger fires by what the spec itself does",
                );
                (finding, label)
            } else {
                let finding = Diagnostic::error(
                    "checks/turned-away#share",
                    "a condition counts as failed what the map rejects",
                );
                (finding, label)
            }
        } else {
            let finding =
                Diagnostic::error("checks/turned-away", "a condition counts as missing what the map rejects");
            let none = super::tolerates_none(measure, fires);
            let label = match (fires, none) {
                (true, true) => "this fires on the first missing one".to_owned(),
                (false, true) if certain.least > 0 => {
                    "with no missing one allowed, this can never be met".to_owned()
                }
                (false, true) => "one of those that are rejected is enough to break this".to_owned(),
                (true, false) => {
                    format!("this fires: at least {} are missing", number(certain.least))
                }
                (false, false) => {
                    format!("this can never be met: at least {} are missing", number(certain.least))
                }
            };
            (finding, label)
        };
        let finding = finding.primary(at, label);
        let finding = match place(facts, &cause.id) {
            Some(place) => {
                let label = format!("{} of {} {plural} {}", number(cause.least), number(*total), self.what());
                finding.secondary(place, label)
            }
            None => finding,
        };
        let finding = if certain.all || certain.least > 0 {
            finding
        } else {
            finding.note("the inventory does not tell how many of these are counted here; one is enough")
        };
        finding.help(self.help(measure))
    }
}
