//! Clocks that have not begun, clocks that were over and run again, and policies that hold another length than was promised.

mod march;

use cutover_calendar::Length;
use cutover_preview::{
    Absent, Action, Carried, Class, Due, Form, Metric, Outcome, Promise, Reason, Seen, Ticket,
};
use march::{march, nine_to_five};

/// At a desk that is open from nine to five, whose calendars hold everything.
fn told(desks: (&str, &str), ticket: &Ticket, promise: &Promise) -> Option<(Outcome, Vec<String>)> {
    march::told(desks, (&nine_to_five()?, Form::FREE, Carried::ALL), ticket, promise)
}

fn business(metric: Metric, hours: u64) -> Promise {
    let allowed = Length::Business(hours * 3600);
    Promise { metric, allowed, held: allowed, held_before: Some(allowed), action: Action::Recalculate }
}

fn made() -> Ticket {
    Ticket { id: "17".to_owned(), created: march(2, 9, 0), ..Ticket::default() }
}

#[test]
fn a_clock_of_messages_that_nobody_wrote_has_not_begun() {
    let never = Ticket { last_customer: Seen::Never, last_agent: Seen::Never, ..made() };
    for (metric, who) in
        [(Metric::Update, "no agent has written"), (Metric::NextResponse, "the customer has not written")]
    {
        let Some((outcome, lines)) = told(("zendesk", "zammad"), &never, &business(metric, 8)) else {
            unreachable!("both desks are known")
        };
        assert_eq!(outcome.contract, Due::None(Absent::NotBegun));
        assert_eq!(outcome.source, Due::None(Absent::NotBegun));
        assert_eq!(outcome.after_event.due, Due::None(Absent::NotBegun));
        assert_eq!(
            (outcome.after_import.class, outcome.after_event.class),
            (Class::NotBegun, Class::NotBegun)
        );
        assert!(!outcome.breached && !outcome.at_risk);
        assert!(
            lines.iter().any(|line| line.starts_with("There is no clock yet") && line.contains(who)),
            "{lines:?}"
        );
    }
    // Request Tracker counts from the import whoever wrote: it shows what nobody has promised.
    let Some((outcome, _)) = told(("zendesk", "rt"), &never, &business(Metric::Update, 8)) else { return };
    assert_eq!(outcome.after_event.class, Class::FalseLate);
}

#[test]
fn a_clock_of_messages_that_nobody_looked_for_is_not_known() {
    let unknown = [
        (made(), Metric::Update),
        (made(), Metric::NextResponse),
        // Whether an agent has answered since is not known.
        (Ticket { last_customer: Seen::At(march(2, 10, 0)), ..made() }, Metric::NextResponse),
    ];
    for (ticket, metric) in unknown {
        let Some((outcome, lines)) = told(("zendesk", "zammad"), &ticket, &business(metric, 8)) else {
            continue;
        };
        assert_eq!(outcome.contract, Due::None(Absent::Untold), "{metric:?}");
        assert_eq!((outcome.after_import.class, outcome.after_event.class), (Class::Unknown, Class::Unknown));
        assert!(lines.iter().any(|line| line.starts_with("It is not known")), "{lines:?}");
    }
    // What is known runs, or is over.
    let asked = Ticket { last_customer: Seen::At(march(2, 10, 0)), last_agent: Seen::Never, ..made() };
    let due = |ticket: &Ticket| told(("zendesk", "zammad"), ticket, &business(Metric::NextResponse, 8));
    assert_eq!(due(&asked).map(|(outcome, _)| outcome.contract), Some(Due::At(march(3, 10, 0))));
    let answered = Ticket { last_agent: Seen::At(march(2, 11, 0)), ..asked };
    assert_eq!(due(&answered).map(|(outcome, _)| outcome.contract), Some(Due::None(Absent::Done)));
}

/// Made on Monday at nine, solved from eleven to Tuesday at three, and opened again.
fn reopened() -> Ticket {
    Ticket {
        stopped: vec![(march(2, 11, 0), Some(march(3, 15, 0)))],
        reopened: Some(march(3, 15, 0)),
        ..made()
    }
}

#[test]
fn a_promise_goes_on_where_it_stood_when_a_ticket_is_opened_again() {
    // Two hours of Monday, two of Tuesday, four of Wednesday.
    let contract = Due::At(march(4, 13, 0));
    for (source, theirs) in [
        // Time in which a ticket is solved is no time of work.
        ("zendesk", Due::At(march(4, 13, 0))),
        ("zammad", Due::At(march(4, 13, 0))),
        // Counts on: eight hours of Monday.
        ("freshdesk", Due::At(march(3, 9, 0))),
        ("rt", Due::At(march(3, 9, 0))),
        // Begin anew at the reopening: two hours of Tuesday, six of Wednesday.
        ("jira_sm", Due::At(march(4, 15, 0))),
        ("osticket", Due::At(march(4, 15, 0))),
    ] {
        let Some((outcome, lines)) = told((source, "zendesk"), &reopened(), &business(Metric::Resolution, 8))
        else {
            unreachable!("{source} is known")
        };
        assert_eq!((outcome.contract, outcome.source), (contract, theirs), "{source}");
        assert!(lines.iter().any(|line| line.contains("solved, nothing counts")), "{lines:?}");
        // The new desk knows nothing of the time before: it looks late.
        assert_eq!(outcome.after_event.class, Class::FalseLate);
        assert_eq!(outcome.after_event.reasons(), [Reason::Unpaused]);
    }
    // A pause that touches the end counts once.
    let waited = Ticket { paused: vec![(march(2, 10, 0), Some(march(2, 12, 0)))], ..reopened() };
    let due =
        told(("zendesk", "zendesk"), &waited, &business(Metric::Resolution, 8)).map(|(it, _)| it.contract);
    assert_eq!(due, Some(Due::At(march(4, 14, 0))));
}

#[test]
fn a_first_answer_and_answers_are_not_opened_again() {
    let answered = Ticket { first_response: Some(march(2, 10, 0)), ..reopened() };
    let due = |metric, ticket: &Ticket| {
        told(("zendesk", "zendesk"), ticket, &business(metric, 8)).map(|(it, _)| it.contract)
    };
    assert_eq!(due(Metric::FirstResponse, &answered), Some(Due::None(Absent::Done)));
    // Nobody answered before it was solved: the promise goes on.
    assert_eq!(due(Metric::FirstResponse, &reopened()), Some(Due::At(march(4, 13, 0))));
    // The customer's message that opened it again begins its own clock.
    let asked = Ticket { last_customer: Seen::At(march(3, 15, 0)), last_agent: Seen::Never, ..reopened() };
    assert_eq!(due(Metric::NextResponse, &asked), Some(Due::At(march(4, 15, 0))));
}

#[test]
fn a_policy_that_holds_another_length_is_never_equal() {
    let ticket = Ticket { created: march(6, 16, 50), ..made() };
    let promise = Promise {
        metric: Metric::FirstResponse,
        allowed: Length::Calendar(1800),
        held: Length::Business(1800),
        held_before: Some(Length::Calendar(1800)),
        action: Action::Recalculate,
    };
    // Half an hour by day and night is Friday 17:20; of opening hours ten minutes are on Friday and twenty on Monday.
    let Some((outcome, lines)) = told(("zendesk", "zammad"), &ticket, &promise) else { return };
    assert_eq!(outcome.contract, Due::At(march(6, 17, 20)));
    assert_eq!(outcome.after_event.due, Due::At(march(9, 9, 20)));
    assert_eq!(outcome.after_event.class, Class::HiddenBreach);
    assert_eq!(outcome.after_event.reasons(), [Reason::Held]);
    assert!(lines.iter().any(|line| line.contains("its policy holds another length of time")), "{lines:?}");
}

#[test]
fn days_with_opening_hours_are_told_one_by_one() {
    let promise = Promise {
        metric: Metric::Resolution,
        allowed: Length::BusinessDays(3),
        held: Length::Business(24 * 3600),
        held_before: Some(Length::BusinessDays(3)),
        action: Action::Recalculate,
    };
    let ticket = Ticket { created: march(4, 10, 0), ..made() };
    let Some((outcome, lines)) = told(("zendesk", "zendesk"), &ticket, &promise) else { return };
    assert_eq!(outcome.contract, Due::At(march(9, 10, 0)));
    for wanted in [
        "Day 1 with opening hours: Thursday 5 March 2026.",
        "Day 2 with opening hours: Friday 6 March 2026.",
        "Day 3 with opening hours: Monday 9 March 2026.",
        "At the same time of day, or when it opens after that: Monday 9 March 2026, 10:00.",
    ] {
        assert!(lines.iter().any(|line| line == wanted), "{wanted}\n{lines:#?}");
    }
}

#[test]
fn time_that_runs_out_as_a_pause_begins_is_one_moment_on_both_sides_of_it() {
    let waits = vec![(march(2, 11, 0), Some(march(2, 15, 0)))];
    let ticket = Ticket { paused: waits, ..made() };
    // Two hours from nine are over at eleven, when the pause begins; the next second counts when it ends.
    for allowed in [Length::Business(2 * 3600), Length::Calendar(2 * 3600)] {
        let promise = Promise {
            metric: Metric::Resolution,
            allowed,
            held: allowed,
            held_before: Some(allowed),
            action: Action::Recalculate,
        };
        let Some((outcome, _)) = told(("zendesk", "zammad"), &ticket, &promise) else { return };
        assert_eq!(outcome.after_event.due, Due::At(march(2, 11, 0)), "{allowed:?}");
        assert_eq!(
            (outcome.after_event.class, outcome.after_event.difference),
            (Class::Equal, Some(0)),
            "{allowed:?}"
        );
    }
    // A minute more is a minute after the pause.
    let Some((outcome, _)) = told(("zendesk", "zammad"), &ticket, &business(Metric::Resolution, 3)) else {
        return;
    };
    assert_eq!((outcome.contract, outcome.after_event.class), (Due::At(march(2, 16, 0)), Class::FalseLate));
}
