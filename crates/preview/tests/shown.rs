//! What the old desk shows of a clock, by what is told of it: left out, none, in the past, in the future. Whatever is asked of two desks about
//! one clock, the due times of both and how they are explained go by it.

mod march;

use cutover_calendar::Length;
use cutover_preview::{
    Absent, Action, Carried, Class, Due, Form, Keeps, Metric, Outcome, Preview, Promise, Reason, Seen, Shown,
    Ticket, Written, dialect, shared,
};
use march::{UNKNOWN, march, nine_to_five};

const DESKS: [&str; 6] = ["freshdesk", "jira_sm", "osticket", "rt", "zammad", "zendesk"];
const METRICS: [Metric; 4] =
    [Metric::FirstResponse, Metric::NextResponse, Metric::Update, Metric::Resolution];

/// One question, and what is answered.
struct Case {
    from: &'static str,
    to: &'static str,
    metric: Metric,
    waits: bool,
    level: bool,
    shown: Shown,
    action: Action,
    found: Outcome,
    explained: String,
    /// The same where the clock is counted anew.
    anew: Outcome,
}

impl Case {
    fn name(&self) -> String {
        format!(
            "{} to {}, {:?}, {:?}, {:?}, waits: {}, level: {}",
            self.from, self.to, self.metric, self.shown, self.action, self.waits, self.level
        )
    }

    fn inherits(&self) -> bool {
        let action = match &self.action {
            Action::Suspend { then, .. } => then,
            action => action,
        };
        matches!(action, Action::InheritDue | Action::InheritRemaining)
    }

    fn suspended(&self) -> bool {
        matches!(self.action, Action::Suspend { .. })
    }
}

/// Every pair of desks, every clock, every decision about it and everything that can be told of its due time.
fn cases() -> Option<Vec<Case>> {
    let hours = nine_to_five()?;
    let until = march(9, 10, 0);
    let suspended = |then| Action::Suspend { until, then: Box::new(then) };
    let actions = [
        Action::InheritDue,
        Action::InheritRemaining,
        Action::Recalculate,
        suspended(Action::InheritDue),
        suspended(Action::Recalculate),
        Action::Done,
        Action::Undecided,
    ];
    let mut all = Vec::new();
    for (from, to) in DESKS.into_iter().chain([UNKNOWN]).flat_map(|from| DESKS.map(|to| (from, to))) {
        for level in [true, false] {
            let carried = Carried { level, ..Carried::ALL };
            let more = march::asked((from, to), (&hours, Form::FREE, carried), |preview| {
                let mut more = Vec::new();
                for (metric, waits) in METRICS.into_iter().flat_map(|of| [(of, true), (of, false)]) {
                    more.extend(about(preview, (from, to), (metric, waits, level), &actions));
                }
                more
            })?;
            all.extend(more);
        }
    }
    Some(all)
}

/// Everything that can be told of a clock, and every decision about it.
fn about(
    preview: &Preview<'_>,
    (from, to): (&'static str, &'static str),
    (metric, waits, level): (Metric, bool, bool),
    actions: &[Action],
) -> Vec<Case> {
    let allowed = Length::Business(16 * 3600);
    let agent = if metric == Metric::Update { Seen::At(march(5, 12, 0)) } else { Seen::Never };
    let mut all = Vec::new();
    for shown in [
        Shown::Untold,
        Shown::Nothing,
        Shown::At(march(6, 15, 0)),
        Shown::At(march(12, 15, 0)),
        Shown::Other(march(11, 15, 0)),
    ] {
        let ticket = Ticket {
            created: march(5, 9, 0),
            last_customer: Seen::At(march(6, 9, 0)),
            last_agent: agent,
            paused: if waits { vec![(march(6, 10, 0), None)] } else { Vec::new() },
            shown,
            ..Ticket::default()
        };
        for action in actions {
            let ask = |action: Action| {
                let promise = Promise { metric, allowed, held: allowed, held_before: Some(allowed), action };
                let found = preview.outcome(&ticket, &promise);
                let explained = preview.explain(&ticket, &promise, &found).join("\n");
                (found, explained)
            };
            let (found, explained) = ask(action.clone());
            let anew = match action {
                Action::Suspend { until, .. } => {
                    Action::Suspend { until: *until, then: Box::new(Action::Recalculate) }
                }
                _ => Action::Recalculate,
            };
            let (anew, _) = ask(anew);
            let action = action.clone();
            all.push(Case { from, to, metric, waits, level, shown, action, found, explained, anew });
        }
    }
    all
}

#[test]
fn the_old_desk_shows_what_is_told_of_it_and_else_what_its_rules_give() {
    let all = cases().unwrap_or_default();
    assert_eq!(all.len(), 7 * 6 * 2 * 4 * 2 * 5 * 7);
    for case in &all {
        let hides = case.waits && dialect(case.from).is_some_and(|old| old.hides_paused);
        let expected = match case.shown {
            Shown::At(at) => Due::At(at),
            Shown::Untold | Shown::Nothing if hides => Due::None(Absent::Paused),
            Shown::Nothing => Due::None(Absent::NoDue),
            Shown::Untold | Shown::Other(_) => case.found.source_computed,
        };
        assert_eq!(case.found.source, expected, "{}", case.name());
        let over = case.action == Action::Done;
        let none = case.explained.contains("By the old desk: it has no due time of this ticket.");
        assert_eq!(
            none,
            expected == Due::None(Absent::NoDue) && !over,
            "{}: {}",
            case.name(),
            case.explained
        );
        let unknown = case.explained.contains("By the old desk: not known");
        if matches!(case.shown, Shown::At(_) | Shown::Nothing) {
            assert!(!unknown, "{}: {}", case.name(), case.explained);
        }
    }
}

#[test]
fn the_new_desk_shows_what_is_taken_over_or_counts_by_itself() {
    let mut seen = [0; 4];
    for case in &cases().unwrap_or_default() {
        let Some(new) = dialect(case.to) else { return assert_eq!("a desk", case.to) };
        let name = case.name();
        for (event, found, anew) in [
            (false, &case.found.after_import, &case.anew.after_import),
            (true, &case.found.after_event, &case.anew.after_event),
        ] {
            let refused = found.reasons().contains(&Reason::Refused);
            match &case.action {
                Action::Done => {
                    assert_eq!(found.class, Class::Done, "{name}");
                    continue;
                }
                Action::Undecided => {
                    assert_eq!(found.class, Class::Unknown, "{name}");
                    continue;
                }
                _ if case.suspended() && !event => {
                    assert_eq!(found.due, Due::None(Absent::Suspended), "{name}");
                    continue;
                }
                _ => {}
            }
            // What is shown of it changes nothing of a clock that is counted anew, nor does a due time that the new desk does not keep.
            let keeps = match new.keeps {
                Keeps::Nothing => false,
                Keeps::UntilEvent => !event || !case.level,
                Keeps::Always | Keeps::Future => true,
            };
            if !case.inherits() || case.shown == Shown::Nothing {
                assert_eq!((found.due, found.class), (anew.due, anew.class), "{name}");
                assert!(!refused, "{name}");
                seen[0] += 1;
                continue;
            }
            let hidden = case.waits && dialect(case.from).is_some_and(|old| old.hides_paused);
            let stands = new.keeps_running && case.waits;
            match case.shown {
                // It shows nothing while a ticket waits, and nothing is taken in a status in which nothing can be written.
                Shown::Untold if hidden || stands || !keeps => {
                    assert_eq!((found.due, found.class), (anew.due, anew.class), "{name}");
                    assert!(!refused, "{name}");
                }
                Shown::Untold => {
                    assert_eq!(found.due, Due::None(Absent::Unread), "{name}");
                    assert_eq!(found.class, Class::Unknown, "{name}");
                    seen[1] += 1;
                }
                Shown::At(at) if stands || (new.keeps == Keeps::Future && at < march(7, 0, 0)) => {
                    assert_eq!(found.due, anew.due, "{name}");
                    if let Due::At(_) = found.due {
                        let shift = found.shifts.first().map(|shift| (shift.reason, shift.to));
                        let boundary =
                            found.shifts.first().is_some_and(|shift| shift.reason == Reason::Boundary);
                        assert!(
                            boundary || shift == Some((Reason::Refused, Due::At(at))),
                            "{name}: {found:?}"
                        );
                        seen[2] += 1;
                    }
                }
                Shown::At(at) if keeps => {
                    assert_eq!(found.due, Due::At(at), "{name}");
                    assert!(!refused, "{name}");
                    seen[3] += 1;
                }
                Shown::At(_) => assert_eq!(found.due, anew.due, "{name}"),
                // The one instant is written there; in a desk that shows one, too, a clock is beside its own.
                Shown::Other(at) if keeps && !stands => {
                    let own = case.found.source.at().filter(|_| new.one_due).unwrap_or(at);
                    let changes = if case.suspended() { march(9, 10, 0) } else { march(7, 12, 0) };
                    if new.keeps != Keeps::Future || own > changes {
                        assert_eq!(found.due, Due::At(own), "{name}");
                    }
                }
                Shown::Other(_) | Shown::Nothing => {}
            }
        }
    }
    assert!(seen.iter().all(|seen| *seen > 20), "{seen:?}");
}

#[test]
fn something_else_in_the_place_of_a_due_time_is_not_known() {
    let Some(hours) = nine_to_five() else { return };
    let allowed = Length::Business(16 * 3600);
    let promise = Promise {
        metric: Metric::Resolution,
        allowed,
        held: allowed,
        held_before: Some(allowed),
        action: Action::InheritDue,
    };
    let carried = Carried { due: Written::Unsure, ..Carried::ALL };
    for shown in [Shown::Untold, Shown::Nothing, Shown::At(march(12, 15, 0))] {
        let ticket = Ticket { created: march(5, 9, 0), shown, ..Ticket::default() };
        let found = march::told(("zammad", "osticket"), (&hours, Form::FREE, carried), &ticket, &promise);
        let found = found.map(|(found, _)| found.after_event.due);
        assert_eq!(found, Some(Due::None(Absent::Unread)), "{shown:?}");
    }
}

#[test]
fn one_due_time_belongs_to_the_clock_that_ends_first() {
    let Some(hours) = nine_to_five() else { return };
    let outcome = |metric, hours_allowed: u64, action| {
        let allowed = Length::Business(hours_allowed * 3600);
        let promise = Promise { metric, allowed, held: allowed, held_before: Some(allowed), action };
        let ticket = Ticket { created: march(5, 9, 0), ..Ticket::default() };
        march::told(("rt", "zendesk"), (&hours, Form::FREE, Carried::ALL), &ticket, &promise)
            .map(|(found, _)| found)
    };
    let first = outcome(Metric::FirstResponse, 4, Action::Recalculate);
    let last = outcome(Metric::Resolution, 16, Action::Recalculate);
    let over = outcome(Metric::FirstResponse, 4, Action::Done);
    // More than 29 days ahead nothing is due, as far as the desk can count.
    let far = outcome(Metric::Resolution, 400, Action::Recalculate);
    let next = outcome(Metric::NextResponse, 4, Action::Recalculate);
    let (Some(first), Some(last), Some(over), Some(far), Some(next)) = (first, last, over, far, next) else {
        return assert_eq!("outcomes", "");
    };
    let at = march(12, 15, 0);
    let (own, other, none) = (Shown::At(at), Shown::Other(at), Shown::Untold);
    assert_eq!(shared(at, &[&last, &first]), [other, own]);
    assert_eq!(shared(at, &[&over, &last]), [none, own]);
    // Somebody set it by hand, and there is no other clock that could have it.
    assert_eq!(shared(at, &[&far]), [own]);
    assert_eq!(shared(at, &[&far, &first]), [other, own]);
    // Nobody knows whose it is.
    assert_eq!(shared(at, &[&far, &next]), [other, other]);
    assert_eq!(shared(at, &[]), []);
}
