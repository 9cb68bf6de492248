//! What a desk can hold: lengths of its policies, hours of its calendars, due times that somebody writes; and who has answered.

mod march;

use std::collections::BTreeMap;

use cutover_calendar::{Day, Hours, Length, Stretch, Zone};
use cutover_preview::{
    Absent, Action, Carried, Class, Due, Form, Metric, Outcome, Promise, Reason, Seen, Shown, Ticket, Written,
};
use march::{march, nine_to_five};

/// The same without its explanation.
fn told(
    desks: (&str, &str),
    hours: (&Hours, Form, Carried),
    ticket: &Ticket,
    promise: &Promise,
) -> Option<Outcome> {
    Some(march::told(desks, hours, ticket, promise)?.0)
}

fn promise(metric: Metric, hours: u64, action: Action) -> Promise {
    let allowed = Length::Business(hours * 3600);
    Promise { metric, allowed, held: allowed, held_before: Some(allowed), action }
}

fn made(at: i64) -> Ticket {
    Ticket { id: "17".to_owned(), created: at, ..Ticket::default() }
}

#[test]
fn hours_of_its_own_that_a_calendar_cannot_hold_are_those_of_every_week() {
    let Some(mut hours) = nine_to_five() else { return };
    hours.special =
        BTreeMap::from_iter(Day::new(2026, 3, 3).map(|day| (day, vec![Stretch::minutes(600, 840)])));
    let whole = Form { days_of_their_own: false, step: 1 };
    let ask = promise(Metric::Resolution, 10, Action::Recalculate);
    let ticket = made(march(2, 9, 0));
    let Some(outcome) = told(("zendesk", "zammad"), (&hours, whole, Carried::ALL), &ticket, &ask) else {
        return;
    };
    // Eight hours on Monday; two on Tuesday, which opens at ten by the promise and at nine there.
    assert_eq!(outcome.contract, Due::At(march(3, 12, 0)));
    assert_eq!(outcome.after_event.due, Due::At(march(3, 11, 0)));
    assert_eq!(outcome.after_event.class, Class::FalseLate);
    assert_eq!(outcome.after_event.reasons(), [Reason::HolidayPart]);
    let Some(free) = told(("zendesk", "zammad"), (&hours, Form::FREE, Carried::ALL), &ticket, &ask) else {
        return;
    };
    assert_eq!(free.after_event.class, Class::Equal);
    // A day without any hours is a holiday, which every calendar can hold.
    hours.special.values_mut().for_each(Vec::clear);
    let Some(closed) = told(("zendesk", "zammad"), (&hours, whole, Carried::ALL), &ticket, &ask) else {
        return;
    };
    assert_eq!((closed.contract, closed.after_event.class), (Due::At(march(4, 11, 0)), Class::Equal));
}

#[test]
fn times_between_two_steps_are_taken_a_little_longer() {
    let Some(zone) = Zone::named("Europe/Berlin") else { return };
    let hours = Hours::weekdays(zone, 550, 1020);
    let quarter = Form { days_of_their_own: false, step: 15 };
    let ask = promise(Metric::Resolution, 1, Action::Recalculate);
    let ticket = made(march(2, 8, 0));
    let Some(outcome) = told(("zendesk", "zendesk"), (&hours, quarter, Carried::ALL), &ticket, &ask) else {
        return;
    };
    assert_eq!(outcome.contract, Due::At(march(2, 10, 10)));
    assert_eq!(outcome.after_event.due, Due::At(march(2, 10, 0)));
    assert_eq!(outcome.after_event.class, Class::FalseLate);
    assert_eq!(outcome.after_event.reasons(), [Reason::Step]);
}

#[test]
fn the_old_desk_counts_what_its_own_policy_holds() {
    let Some(hours) = nine_to_five() else { return };
    let desk = (&hours, Form::FREE, Carried::ALL);
    // Friday 16:50: half an hour by day and night, of which the old desk makes half an hour of opening hours.
    let ticket = made(march(6, 16, 50));
    let allowed = Length::Calendar(1800);
    let ask = Promise {
        metric: Metric::FirstResponse,
        allowed,
        held: allowed,
        held_before: Some(Length::Business(1800)),
        action: Action::Recalculate,
    };
    let Some(outcome) = told(("freshdesk", "zendesk"), desk, &ticket, &ask) else { return };
    assert_eq!((outcome.contract, outcome.source), (Due::At(march(6, 17, 20)), Due::At(march(9, 9, 20))));
    let Some(outcome) = told(("freshdesk", "zendesk"), desk, &ticket, &Promise { held_before: None, ..ask })
    else {
        return;
    };
    assert_eq!(outcome.source, Due::None(Absent::Unknown));
}

#[test]
fn a_due_time_that_no_row_writes_is_not_kept() {
    let Some(hours) = nine_to_five() else { return };
    let ticket = Ticket { shown: Shown::At(march(12, 15, 0)), ..made(march(6, 9, 0)) };
    // What is left of a promise is left until its due time.
    for action in [Action::InheritDue, Action::InheritRemaining] {
        let ask = promise(Metric::Resolution, 8, action);
        let import = |due| {
            let carried = Carried { due, ..Carried::ALL };
            let desks = ("zammad", "osticket");
            Some(told(desks, (&hours, Form::FREE, carried), &ticket, &ask)?.after_import)
        };
        assert_eq!(import(Written::Old).map(|import| import.due), Some(Due::At(march(12, 15, 0))));
        // It counts from the import, on Saturday.
        assert_eq!(import(Written::Nothing).map(|import| import.due), Some(Due::At(march(10, 9, 0))));
        // Whatever is written there stands, and nobody knows whether it is the due time.
        // Of a ticket without a due time none is written either.
        let none = Ticket { shown: Shown::Nothing, ..ticket.clone() };
        let found = told(("zammad", "osticket"), (&hours, Form::FREE, Carried::ALL), &none, &ask);
        assert_eq!(found.map(|found| found.after_import.due), Some(Due::At(march(10, 9, 0))));
        let unsure = import(Written::Unsure).map(|import| (import.due, import.class));
        assert_eq!(unsure, Some((Due::None(Absent::Unread), Class::Unknown)));
    }
}

#[test]
fn a_desk_that_counts_by_a_level_counts_nothing_without_one() {
    let Some(hours) = nine_to_five() else { return };
    // Shown two days later than promised: the promise is broken by then, and nobody sees it.
    let ticket = Ticket { shown: Shown::At(march(12, 15, 0)), ..made(march(6, 9, 0)) };
    let after = |action, level| {
        let carried = Carried { level, ..Carried::ALL };
        let found = told(
            ("zammad", "rt"),
            (&hours, Form::FREE, carried),
            &ticket,
            &promise(Metric::Resolution, 8, action),
        )?;
        Some([found.after_import, found.after_event].map(|compared| (compared.due, compared.class)))
    };
    let (kept, counted) = (Due::At(march(12, 15, 0)), Due::At(march(9, 9, 0)));
    // With a level the next event computes what was promised; without one nothing ever does.
    assert_eq!(after(Action::InheritDue, true), Some([(kept, Class::HiddenBreach), (counted, Class::Equal)]));
    assert_eq!(
        after(Action::InheritDue, false),
        Some([(kept, Class::HiddenBreach), (kept, Class::HiddenBreach)])
    );
    assert_eq!(after(Action::Recalculate, true), Some([(counted, Class::Equal); 2]));
    let none = Due::None(Absent::NoClock);
    assert_eq!(after(Action::Recalculate, false), Some([(none, Class::NoClock); 2]));
}

#[test]
fn a_due_time_that_the_new_desk_does_not_take_is_counted_anew() {
    let Some(hours) = nine_to_five() else { return };
    let desk = (&hours, Form::FREE, Carried::ALL);
    let ask = promise(Metric::Resolution, 8, Action::InheritDue);
    // Moved on Saturday 7 March: what was due on Friday has passed, and osTicket counts eight hours from the import.
    let late = Ticket { shown: Shown::At(march(6, 15, 0)), ..made(march(5, 15, 0)) };
    let Some(found) = told(("zammad", "osticket"), desk, &late, &ask) else { return };
    let anew = Due::At(march(10, 9, 0));
    for after in [&found.after_import, &found.after_event] {
        assert_eq!((after.due, after.class), (anew, Class::HiddenBreach));
        assert_eq!(after.reasons(), [Reason::Refused]);
        let shift = after.shifts.first().map(|shift| (shift.from, shift.to));
        assert_eq!(shift, Some((anew, Due::At(march(6, 15, 0)))));
    }
    // Freshdesk takes none where its timer is off, as it is while a ticket waits; it is due anew when the wait is over.
    let due = Shown::At(march(12, 15, 0));
    let waits = Ticket { shown: due, paused: vec![(march(6, 10, 0), None)], ..made(march(6, 9, 0)) };
    let Some(found) = told(("zammad", "freshdesk"), desk, &waits, &ask) else { return };
    assert!(found.after_event.reasons().contains(&Reason::Refused), "{:?}", found.after_event);
    let runs = Ticket { shown: due, ..made(march(6, 9, 0)) };
    let Some(found) = told(("zammad", "freshdesk"), desk, &runs, &ask) else { return };
    assert_eq!(found.after_event.due, Due::At(march(12, 15, 0)));
}

#[test]
fn nothing_is_claimed_of_a_clock_that_may_be_over() {
    let Some(hours) = nine_to_five() else { return };
    let desk = (&hours, Form::FREE, Carried::ALL);
    let ask = promise(Metric::Resolution, 8, Action::Undecided);
    let Some((outcome, lines)) = march::told(("zammad", "zendesk"), desk, &made(march(6, 9, 0)), &ask) else {
        return;
    };
    // The old desk counts all the same: a Friday from nine.
    assert_eq!(outcome.source, Due::At(march(9, 9, 0)));
    assert_eq!((outcome.contract, outcome.breached), (Due::None(Absent::Undecided), false));
    assert_eq!((outcome.after_import.class, outcome.after_event.class), (Class::Unknown, Class::Unknown));
    assert!(
        lines.iter().any(|line| line.starts_with("Whether this clock is over is not known")),
        "{lines:?}"
    );
    // What is over anyway is over.
    let solved = Ticket { solved: true, ..made(march(6, 9, 0)) };
    let Some(outcome) = told(("zammad", "zendesk"), desk, &solved, &ask) else { return };
    assert_eq!(outcome.after_event.class, Class::Done);
}

#[test]
fn the_first_answer_is_a_message_of_an_agent() {
    let Some(hours) = nine_to_five() else { return };
    let desk = (&hours, Form::FREE, Carried::ALL);
    let asked = Ticket { last_customer: Seen::At(march(2, 9, 0)), ..made(march(2, 9, 0)) };
    let answered = Some(march(2, 11, 0));
    for last_agent in [Seen::Never, Seen::Unknown, Seen::At(march(2, 10, 0))] {
        let ticket = Ticket { last_agent, first_response: answered, ..asked.clone() };
        let next = promise(Metric::NextResponse, 4, Action::Recalculate);
        let Some(outcome) = told(("zendesk", "zammad"), desk, &ticket, &next) else { return };
        assert_eq!((outcome.contract, outcome.breached), (Due::None(Absent::Done), false), "{last_agent:?}");
        let update = promise(Metric::Update, 4, Action::Recalculate);
        let Some(outcome) = told(("zendesk", "zammad"), desk, &ticket, &update) else { return };
        let begun =
            if last_agent == Seen::Unknown { Due::None(Absent::Untold) } else { Due::At(march(2, 15, 0)) };
        assert_eq!(outcome.contract, begun, "{last_agent:?}");
    }
    // An agent who has written since it was made has answered, and one who made it has not.
    let first = promise(Metric::FirstResponse, 4, Action::Recalculate);
    for (written, contract) in
        [(march(2, 10, 0), Due::None(Absent::Done)), (march(2, 9, 0), Due::At(march(2, 13, 0)))]
    {
        let ticket = Ticket { last_agent: Seen::At(written), ..asked.clone() };
        let Some(outcome) = told(("zendesk", "zammad"), desk, &ticket, &first) else { return };
        assert_eq!(outcome.contract, contract);
    }
}
