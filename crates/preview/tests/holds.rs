//! What a desk can hold: lengths of its policies, hours of its calendars, due times that somebody writes; and who has answered.

use std::collections::BTreeMap;

use cutover_calendar::{Civil, Day, Hours, Length, Local, Stretch, Zone};
use cutover_preview::{
    Absent, Action, Carried, Class, Due, Form, Metric, Migration, Outcome, Preview, Promise, Reason, Seen,
    Side, Ticket, dialect,
};

/// An instant by the wall clock in Berlin, in March 2026. The first of March is a Sunday.
fn march(day: i8, hour: i8, minute: i8) -> i64 {
    let civil = Civil { year: 2026, month: 3, day, hour, minute, second: 0 };
    match Zone::named("Europe/Berlin").map(|zone| zone.resolve(civil)) {
        Some(Local::At(at)) => at,
        _ => i64::MIN,
    }
}

fn nine_to_five() -> Option<Hours> {
    Some(Hours::weekdays(Zone::named("Europe/Berlin")?, 540, 1020))
}

/// Everything moves on Saturday the seventh, and first something happens on Monday at ten.
fn told(
    (from, to): (&str, &str),
    (hours, form, carried): (&Hours, Form, Carried),
    ticket: &Ticket,
    promise: &Promise,
) -> Option<Outcome> {
    let side = |product| Some(Side { dialect: dialect(product)?, hours, form });
    let migration = Migration {
        source: Some(side(from)?),
        target: Some(side(to)?),
        contract: hours,
        known: march(7, 12, 0),
        imported: march(7, 12, 0),
        carried,
        first_event: march(9, 10, 0),
        tolerance: 60,
    };
    Some(Preview::new(migration).ok()?.outcome(ticket, promise))
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
    let ticket = Ticket { shown_due: Some(march(12, 15, 0)), ..made(march(6, 9, 0)) };
    let ask = promise(Metric::Resolution, 8, Action::InheritDue);
    let due = |carried| {
        let outcome = told(("zammad", "osticket"), (&hours, Form::FREE, carried), &ticket, &ask)?;
        Some(outcome.after_import.due)
    };
    assert_eq!(due(Carried::ALL), Some(Due::At(march(12, 15, 0))));
    // It counts from the import, on Saturday.
    assert_ne!(due(Carried { due: false, ..Carried::ALL }), Some(Due::At(march(12, 15, 0))));
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
