//! What becomes of running clocks, worked by hand, and laws that hold for every ticket.

use cutover_calendar::{Civil, Day, Hours, Length, Local, Zone};
use cutover_preview::{
    Absent, Action, Carried, Class, Compared, DIALECTS, Due, Form, Metric, Migration, Outcome,
    PauseKnowledge, Preview, Promise, Reason, Seen, Shown, Side, Summary, Ticket, dialect, pauses_of,
};
use proptest::prelude::*;

/// An instant by the wall clock in Berlin, in 2026.
fn berlin(month: i8, day: i8, hour: i8, minute: i8) -> i64 {
    let civil = Civil { year: 2026, month, day, hour, minute, second: 0 };
    match Zone::named("Europe/Berlin").map(|zone| zone.resolve(civil)) {
        Some(Local::At(at)) => at,
        _ => i64::MIN,
    }
}

fn office() -> Hours {
    Zone::named("Europe/Berlin").map_or_else(|| Hours::closed(utc()), |zone| Hours::weekdays(zone, 540, 1020))
}

fn utc() -> Zone {
    let Some(zone) = Zone::named("Etc/UTC") else { unreachable!("the bundled data has UTC") };
    zone
}

fn promise(metric: Metric, hours: u64, action: Action) -> Promise {
    Promise {
        metric,
        allowed: Length::Business(hours * 3600),
        held: Length::Business(hours * 3600),
        held_before: Some(Length::Business(hours * 3600)),
        action,
    }
}

/// Everything moves on Saturday 7 March at noon, and first something happens on Monday at 10:00.
fn asked(
    (from, to): (&str, &str),
    hours: &Hours,
    ask: impl FnOnce(&Preview<'_>) -> Option<Outcome>,
) -> Option<Outcome> {
    let side = |product| Some(Side { dialect: dialect(product)?, hours, form: Form::FREE });
    let migration = Migration {
        source: Some(side(from)?),
        target: Some(side(to)?),
        contract: hours,
        known: berlin(3, 7, 12, 0),
        imported: berlin(3, 7, 12, 0),
        carried: Carried::ALL,
        first_event: berlin(3, 9, 10, 0),
        tolerance: 60,
    };
    ask(&Preview::new(migration).ok()?)
}

fn outcome(desks: (&str, &str), ticket: &Ticket, promise: &Promise) -> Outcome {
    let found = asked(desks, &office(), |preview| Some(preview.outcome(ticket, promise)));
    let Some(found) = found else { unreachable!("both desks are known and the hours are sound") };
    found
}

/// Made on Thursday 5 March at 09:00, waiting for the customer from 10:00 to 16:00.
fn waited() -> Ticket {
    Ticket {
        id: "17".to_owned(),
        created: berlin(3, 5, 9, 0),
        last_customer: Seen::At(berlin(3, 5, 16, 0)),
        last_agent: Seen::Never,
        paused: vec![(berlin(3, 5, 10, 0), Some(berlin(3, 5, 16, 0)))],
        ..Ticket::default()
    }
}

fn shown(compared: &Compared) -> (Due, Class, Vec<Reason>) {
    (compared.due, compared.class, compared.reasons())
}

/// Nothing is claimed of a new desk whose way to count nobody knows; what the old desk shows and what was promised are known all the same.
#[test]
fn of_an_unknown_new_desk_nothing_is_claimed() {
    let hours = office();
    let Some(freshdesk) = dialect("freshdesk") else { unreachable!("it is known") };
    let migration = Migration {
        source: Some(Side { dialect: freshdesk, hours: &hours, form: Form::FREE }),
        target: None,
        contract: &hours,
        known: berlin(3, 7, 12, 0),
        imported: berlin(3, 7, 12, 0),
        carried: Carried::ALL,
        first_event: berlin(3, 9, 10, 0),
        tolerance: 60,
    };
    let Ok(preview) = Preview::new(migration) else { unreachable!("the hours are sound") };
    let unknown = Compared {
        due: Due::None(Absent::Unknown),
        class: Class::Unknown,
        difference: None,
        shifts: Vec::new(),
    };
    for action in [Action::InheritDue, Action::InheritRemaining, Action::Recalculate] {
        let promise = promise(Metric::Resolution, 16, action);
        let found = preview.outcome(&waited(), &promise);
        assert_eq!(
            (found.source, found.contract),
            (Due::At(berlin(3, 9, 15, 0)), Due::At(berlin(3, 9, 15, 0)))
        );
        assert_eq!((&found.after_import, &found.after_event), (&unknown, &unknown));
        let told = preview.explain(&waited(), &promise, &found).join("\n");
        assert!(told.contains("By the new desk, after the first event: not known"), "{told}");
        assert_eq!(preview.target_anchor(Metric::Resolution), None);
    }
    // What is over is over in any desk, and what has not begun there has not begun.
    let over = preview.outcome(&waited(), &promise(Metric::Resolution, 16, Action::Done));
    assert_eq!((over.after_import.class, over.after_event.class), (Class::Done, Class::Done));
    let update = preview.outcome(&waited(), &promise(Metric::Update, 16, Action::Recalculate));
    assert_eq!(update.after_event.class, Class::NotBegun);
}

#[test]
fn each_desk_has_its_own_way_with_a_ticket_that_has_waited() {
    let (ticket, promise) = (waited(), promise(Metric::Resolution, 16, Action::Recalculate));
    // By the contract an hour of Thursday counts before the pause and one after it, 8 h on Friday, 6 h on Monday.
    let contract = Due::At(berlin(3, 9, 15, 0));
    // Without the pause: 8 h on Thursday, 8 h on Friday, which is Monday's opening.
    let unpaused = Due::At(berlin(3, 9, 9, 0));
    // From the import on a Saturday: all of Monday and Tuesday.
    let anew = Due::At(berlin(3, 11, 9, 0));
    let not_yet = (Due::None(Absent::NotYet), Class::NoClock, vec![]);
    let none = (Due::None(Absent::NoClock), Class::NoClock, vec![]);
    let late = (unpaused, Class::FalseLate, vec![Reason::Unpaused]);
    let hidden = (anew, Class::HiddenBreach, vec![Reason::Anchor, Reason::Unpaused]);
    // Windows of 72 hours from Saturday hold Monday and Tuesday; the second ends exactly with the time allowed.
    let window = (
        Due::At(berlin(3, 10, 17, 0)),
        Class::HiddenBreach,
        vec![Reason::Anchor, Reason::Unpaused, Reason::Window],
    );
    let expected = [
        ("freshdesk", hidden.clone(), hidden),
        ("jira_sm", none.clone(), none),
        ("osticket", window.clone(), window),
        ("rt", late.clone(), late.clone()),
        ("zammad", late.clone(), late.clone()),
        ("zendesk", not_yet, late),
    ];
    for (product, import, event) in expected {
        let found = outcome(("freshdesk", product), &ticket, &promise);
        assert_eq!(found.contract, contract);
        assert_eq!(found.source, contract, "{product}");
        assert_eq!((product, shown(&found.after_import)), (product, import));
        assert_eq!((product, shown(&found.after_event)), (product, event));
        assert!(!found.breached && !found.paused);
    }
}

#[test]
fn what_can_be_written_is_kept_as_long_as_the_desk_keeps_it() {
    let ticket = Ticket { shown: Shown::At(berlin(3, 9, 15, 0)), ..waited() };
    for action in [Action::InheritDue, Action::InheritRemaining] {
        let promise = promise(Metric::Resolution, 16, action);
        let classes = |product| {
            let found = outcome(("freshdesk", product), &ticket, &promise);
            (found.after_import.class, found.after_event.class)
        };
        assert_eq!(classes("freshdesk"), (Class::Equal, Class::Equal));
        assert_eq!(classes("osticket"), (Class::Equal, Class::Equal));
        // The next transaction counts again, and knows no pause.
        assert_eq!(classes("rt"), (Class::Equal, Class::FalseLate));
        assert_eq!(classes("zammad"), (Class::FalseLate, Class::FalseLate));
        assert_eq!(classes("zendesk"), (Class::NoClock, Class::FalseLate));
        assert_eq!(classes("jira_sm"), (Class::NoClock, Class::NoClock));
    }
    // Where the old desk shows none, nobody knows what is written, and a desk that keeps nothing counts by itself.
    let inherits = promise(Metric::Resolution, 16, Action::InheritDue);
    let found = |product| outcome(("freshdesk", product), &waited(), &inherits).after_event;
    assert_eq!(shown(&found("freshdesk")), (Due::None(Absent::Unread), Class::Unknown, vec![]));
    assert_eq!(found("zammad").class, Class::FalseLate);
    // A due instant that has passed cannot be written everywhere.
    let late = Ticket { shown: Shown::At(berlin(3, 6, 9, 0)), paused: Vec::new(), ..waited() };
    let promise = promise(Metric::Resolution, 8, Action::InheritDue);
    let kept = outcome(("freshdesk", "freshdesk"), &late, &promise);
    assert_eq!(
        (kept.breached, shown(&kept.after_event)),
        (true, (Due::At(berlin(3, 6, 9, 0)), Class::Equal, vec![]))
    );
    let lost = outcome(("freshdesk", "osticket"), &late, &promise);
    assert_eq!((lost.breached, lost.after_event.class), (true, Class::HiddenBreach));
}

#[test]
fn a_clock_that_is_held_still_goes_on_in_the_way_that_is_named() {
    let until = berlin(3, 9, 12, 0);
    let ticket = Ticket { shown: Shown::At(berlin(3, 9, 15, 0)), ..waited() };
    let held = |then| Action::Suspend { until, then: Box::new(then) };
    let found = outcome(
        ("freshdesk", "zammad"),
        &ticket,
        &promise(Metric::Resolution, 16, held(Action::Recalculate)),
    );
    assert_eq!(shown(&found.after_import), (Due::None(Absent::Suspended), Class::NoClock, vec![]));
    assert_eq!(found.after_event.class, Class::FalseLate);
    let kept = promise(Metric::Resolution, 16, held(Action::InheritRemaining));
    let found = outcome(("freshdesk", "freshdesk"), &ticket, &kept);
    // Three hours are left at noon, and they end when the promise does.
    assert_eq!(shown(&found.after_event), (Due::At(berlin(3, 9, 15, 0)), Class::Equal, vec![]));
}

#[test]
fn a_ticket_that_still_waits_goes_on_at_the_first_event() {
    let ticket = Ticket { paused: vec![(berlin(3, 5, 10, 0), None)], ..waited() };
    let promise = promise(Metric::Resolution, 16, Action::Recalculate);
    // An hour counted on Thursday; Monday from 10:00 has 7 h, Tuesday 8 h: then the close is the next opening.
    let contract = Due::At(berlin(3, 11, 9, 0));
    for (product, import) in [
        // Both show nothing in a status in which clocks stand still; Zammad knows afterwards how long it stood in it.
        ("zammad", Due::None(Absent::Paused)),
        ("rt", Due::None(Absent::Paused)),
        ("zendesk", Due::None(Absent::NotYet)),
    ] {
        let found = outcome(("freshdesk", product), &ticket, &promise);
        assert!(found.paused);
        assert_eq!((found.contract, found.after_import.due), (contract, import), "{product}");
        assert_eq!(found.after_import.class, Class::NoClock, "{product}");
    }
    // So does the old desk.
    let found = outcome(("zammad", "zendesk"), &ticket, &promise);
    assert_eq!(found.source, Due::None(Absent::Paused));
    assert!(found.source_computed.at().is_some());
}

#[test]
fn a_pause_is_lost_with_a_change_of_policy() {
    // A product that forgets pauses when a policy changes; none of the six does.
    let Some(plain) = dialect("freshdesk") else { return assert_eq!("a dialect", "") };
    let forgets = cutover_preview::Dialect { pauses: PauseKnowledge::SincePolicyChange, ..*plain };
    let hours = office();
    let migration = Migration {
        source: Some(Side { dialect: &forgets, hours: &hours, form: Form::FREE }),
        target: Some(Side { dialect: plain, hours: &hours, form: Form::FREE }),
        contract: &hours,
        known: berlin(3, 7, 12, 0),
        imported: berlin(3, 7, 12, 0),
        carried: Carried::ALL,
        first_event: berlin(3, 9, 10, 0),
        tolerance: 60,
    };
    let Ok(preview) = Preview::new(migration) else { return assert_eq!("calendars", "") };
    let kept = Ticket { policy_since: Some(berlin(3, 5, 9, 30)), ..waited() };
    let early = Shown::At(berlin(3, 9, 9, 0));
    let lost = Ticket { policy_since: Some(berlin(3, 5, 16, 30)), shown: early, ..waited() };
    let promise = promise(Metric::Resolution, 16, Action::InheritDue);
    assert_eq!(preview.outcome(&kept, &promise).source, Due::At(berlin(3, 9, 15, 0)));
    let found = preview.outcome(&lost, &promise);
    assert_eq!(found.source, Due::At(berlin(3, 9, 9, 0)));
    assert_eq!(shown(&found.after_event), (found.source, Class::FalseLate, vec![Reason::Unpaused]));
}

#[test]
fn what_the_old_desk_shows_is_compared_with_its_rules() {
    let ticket = Ticket { shown: Shown::At(berlin(3, 10, 9, 0)), ..waited() };
    let found =
        outcome(("freshdesk", "freshdesk"), &ticket, &promise(Metric::Resolution, 16, Action::InheritDue));
    assert_eq!(found.source, Due::At(berlin(3, 10, 9, 0)));
    assert_eq!(found.source_computed, found.contract);
    assert_eq!(shown(&found.after_event), (found.source, Class::HiddenBreach, vec![Reason::Shown]));
    assert_eq!(found.after_event.difference, Some(2 * 3600));
}

#[test]
fn the_same_moment_on_both_sides_of_a_night_is_equal() {
    // The old desk shows the close of Friday, the contract says the opening of Monday.
    let ticket = Ticket { paused: Vec::new(), shown: Shown::At(berlin(3, 6, 17, 0)), ..waited() };
    let found =
        outcome(("zendesk", "freshdesk"), &ticket, &promise(Metric::Resolution, 16, Action::InheritDue));
    assert_eq!(found.contract, Due::At(berlin(3, 9, 9, 0)));
    assert_eq!(found.after_import.difference, Some(0));
    assert_eq!(
        shown(&found.after_import),
        (Due::At(berlin(3, 6, 17, 0)), Class::Equal, vec![Reason::Boundary])
    );
}

#[test]
fn what_is_fulfilled_is_over() {
    let answered = Ticket { first_response: Some(berlin(3, 5, 9, 30)), ..waited() };
    let found = outcome(("rt", "zammad"), &answered, &promise(Metric::FirstResponse, 4, Action::Recalculate));
    assert_eq!((found.contract, found.after_event.class), (Due::None(Absent::Done), Class::Done));
    let asked_again = Ticket { last_agent: Seen::At(berlin(3, 5, 15, 0)), ..waited() };
    let next = promise(Metric::NextResponse, 4, Action::Recalculate);
    assert_eq!(outcome(("rt", "zammad"), &asked_again, &next).contract, Due::At(berlin(3, 6, 12, 0)));
    let told = Ticket { last_agent: Seen::At(berlin(3, 5, 16, 30)), ..waited() };
    assert_eq!(outcome(("rt", "zammad"), &told, &next).after_event.class, Class::Done);
}

#[test]
fn a_ticket_that_was_opened_again_counts_as_its_desk_counts() {
    let ticket = Ticket { reopened: Some(berlin(3, 6, 9, 0)), paused: Vec::new(), ..waited() };
    let promise = promise(Metric::Resolution, 8, Action::InheritDue);
    let source = |product| outcome((product, "freshdesk"), &ticket, &promise).source;
    assert_eq!(source("zammad"), Due::At(berlin(3, 6, 9, 0)));
    for product in ["osticket", "jira_sm"] {
        let anew = Due::At(berlin(3, 9, 9, 0));
        let ticket = Ticket { shown: anew.at().map_or(Shown::Untold, Shown::At), ..ticket.clone() };
        let found = outcome((product, "freshdesk"), &ticket, &promise);
        assert_eq!((found.source, found.after_event.class), (anew, Class::HiddenBreach), "{product}");
        assert_eq!(found.after_event.reasons(), [Reason::Anchor]);
        assert!(found.breached);
    }
}

#[test]
fn one_desk_gives_up_and_shows_nothing() {
    let ticket = Ticket { paused: Vec::new(), ..waited() };
    let found =
        outcome(("zendesk", "rt"), &ticket, &promise(Metric::Resolution, 22 * 8, Action::Recalculate));
    assert_eq!(found.after_event.due, Due::None(Absent::GivenUp));
    assert_eq!(
        (found.after_event.class, found.after_event.reasons()),
        (Class::NoClock, vec![Reason::Window])
    );
}

#[test]
fn an_explanation_can_be_read_aloud() {
    let hours = office();
    let (ticket, promise) = (waited(), promise(Metric::Resolution, 16, Action::Recalculate));
    let mut told = Vec::new();
    asked(("freshdesk", "zendesk"), &hours, |preview| {
        told = preview.explain(&ticket, &promise, &preview.outcome(&ticket, &promise));
        None
    });
    assert_eq!(
        told,
        [
            "All times are those of Europe/Berlin.",
            "Promised: a solution within 16 h of business time.",
            "The clock begins when the ticket was made: Thursday 5 March 2026, 09:00.",
            "Thursday 5 March 2026, 09:00 to 10:00: 1 h count, 15 h are left.",
            "Thursday 5 March 2026, 10:00 to 16:00: paused, nothing counts.",
            "Thursday 5 March 2026, 16:00 to 17:00: 1 h count, 14 h are left.",
            "Friday 6 March 2026, 09:00 to 17:00: 8 h count, 6 h are left.",
            "Monday 9 March 2026, 09:00 to 15:00: 6 h count, nothing is left.",
            "By the contract: due Monday 9 March 2026, 15:00.",
            "For the desk, not for the customer:",
            "By the old desk: due Monday 9 March 2026, 15:00.",
            "By the new desk, right after the import: nothing computed yet; nobody sees the promise there.",
            "By the new desk, after the first event: due Monday 9 March 2026, 09:00, which in business time is also \
         Friday 6 March 2026, 17:00, when it closed; 6 h too early: it will look late while it is not.",
            "  pauses are not counted as they were: without that it is 6 h later, Monday 9 March 2026, 15:00.",
        ]
    );
}

#[test]
fn a_long_explanation_tells_its_beginning_and_its_end() {
    let hours = office();
    let ticket = Ticket { paused: Vec::new(), ..waited() };
    let mut told = Vec::new();
    asked(("freshdesk", "zendesk"), &hours, |preview| {
        let long = promise(Metric::Resolution, 400, Action::Recalculate);
        told = preview.explain(&ticket, &long, &preview.outcome(&ticket, &long));
        None
    });
    let lines: Vec<&str> = told.iter().map(String::as_str).skip(9).take(3).collect();
    assert_eq!(
        lines,
        [
            "Friday 13 March 2026, 09:00 to 17:00: 8 h count, 344 h are left.",
            "42 more stretches of time like these.",
            "Wednesday 13 May 2026, 09:00 to 17:00: 8 h count, nothing is left.",
        ]
    );
}

#[test]
fn pauses_are_read_from_the_history_of_a_status() {
    let waits = |status: &str| ["Pending", "On hold"].contains(&status);
    let changes = [(1, "New"), (5, "Pending"), (7, "On hold"), (9, "Open"), (10, "Open"), (20, "On hold")];
    assert_eq!(pauses_of(changes, waits), [(5, Some(9)), (20, None)]);
    assert_eq!(pauses_of([(1, "Pending"), (2, "Open")], waits), [(1, Some(2))]);
    assert_eq!(pauses_of([], waits), []);
}

#[test]
fn a_summary_counts_and_keeps_the_worst() {
    let (mut summary, hours) = (Summary::default(), office());
    asked(("freshdesk", "zammad"), &hours, |preview| {
        for minutes in 0..100_i64 {
            let begins = berlin(3, 5, 10, 0);
            let ticket = Ticket {
                id: minutes.to_string(),
                priority: if minutes % 2 == 0 { "high" } else { "low" }.to_owned(),
                paused: vec![(begins, Some(begins + minutes * 60))],
                ..waited()
            };
            let promise = promise(Metric::Resolution, 16, Action::Recalculate);
            summary.add(&ticket, &preview.outcome(&ticket, &promise));
        }
        None
    });
    // A minute is within the tolerance.
    let classes: Vec<_> = summary.all.classes.iter().map(|(class, count)| (*class, *count)).collect();
    assert_eq!(classes, [(Class::Equal, 2), (Class::FalseLate, 98)]);
    assert_eq!((summary.all.tickets, summary.groups.len(), summary.all.breached), (100, 2, 0));
    let worst: Vec<_> = summary.worst.iter().map(|worst| (worst.ticket.as_str(), worst.difference)).collect();
    assert_eq!(worst.len(), Summary::WORST);
    assert_eq!(worst.first(), Some(&("99", Some(-99 * 60))));
    assert_eq!(worst.last(), Some(&("80", Some(-80 * 60))));
}

#[test]
fn dialects_are_sorted_and_say_where_they_are_from() {
    let names: Vec<_> = DIALECTS.iter().map(|dialect| dialect.product).collect();
    assert_eq!(names, ["freshdesk", "jira_sm", "osticket", "rt", "zammad", "zendesk"]);
    assert!(DIALECTS.iter().all(|dialect| !dialect.sources.is_empty() && !dialect.anchors.is_empty()));
    let sentences =
        DIALECTS.iter().flat_map(|dialect| dialect.defects).map(|defect| (defect.what, defect.source));
    assert!(sentences.clone().count() > 8);
    assert!(sentences.into_iter().all(|(what, source)| what.ends_with('.') && !source.is_empty()));
}

proptest! {
    #[test]
    fn steps_add_up(
        desks in (0..DIALECTS.len(), 0..DIALECTS.len()),
        metric in prop::sample::select(vec![Metric::FirstResponse, Metric::NextResponse, Metric::Update, Metric::Resolution]),
        action in 0..4_usize,
        moves in prop::collection::vec(0..40_000_i64, 4),
        pauses in prop::collection::vec((0..20_000_i64, 1..9_000_i64), 0..3),
        shown in prop::option::of(0..60_000_i64),
        hours in 1..300_u64,
        business in any::<bool>(),
        holidays in prop::collection::btree_set(0..60_i32, 0..6),
        night in any::<bool>(),
    ) {
        // March 2026 has a clock change in Berlin.
        let begin = berlin(3, 1, 0, 0);
        let at = |minutes: i64| begin + minutes * 60;
        let mut open = if night { Hours::always(office().zone) } else { office() };
        open.holidays = Day::new(2026, 3, 1).into_iter().flat_map(|day| holidays.iter().map(move |more| day.plus(*more))).collect();
        let (Some(source), Some(target)) = (DIALECTS.get(desks.0), DIALECTS.get(desks.1)) else { return Ok(()) };
        let [created, customer, imported, event] = moves[..] else { return Ok(()) };
        let imported = at(created.max(customer) + imported);
        let migration = Migration {
            source: Some(Side { dialect: source, hours: &open, form: Form::FREE }),
            target: Some(Side { dialect: target, hours: &open, form: Form::FREE }),
            contract: &open,
            known: imported,
            imported,
            carried: Carried::ALL,
            first_event: imported + event * 6,
            tolerance: 60,
        };
        let Ok(preview) = Preview::new(migration) else { return Err(TestCaseError::fail("calendars")) };
        let actions = [Action::InheritDue, Action::InheritRemaining, Action::Recalculate];
        let action = actions.get(action).cloned().unwrap_or(Action::Suspend {
            until: imported + event * 60,
            then: Box::new(Action::InheritDue),
        });
        let allowed = if business { Length::Business(hours * 3600) } else { Length::Calendar(hours * 3600) };
        let promise = Promise { metric, allowed, held: allowed, held_before: Some(allowed), action };
        let ticket = Ticket {
            created: at(created),
            last_customer: Seen::At(at(created.max(customer))),
            shown: shown.map(at).map_or(Shown::Untold, Shown::At),
            paused: pauses.iter().map(|(from, lasts)| (at(*from), Some(at(from + lasts)))).collect(),
            ..Ticket::default()
        };
        let found = preview.outcome(&ticket, &promise);
        for compared in [&found.after_import, &found.after_event] {
            let mut due = compared.due;
            for shift in &compared.shifts {
                prop_assert_eq!(shift.from, due);
                prop_assert!(shift.to != due);
                due = shift.to;
            }
            // Where both are due, the steps lead to the promise.
            if let (Due::At(_), Due::At(_)) = (compared.due, found.contract) {
                prop_assert_eq!(due, found.contract);
            }
            let within = compared.difference.is_some_and(|apart| apart.abs() <= 60);
            prop_assert!(compared.difference.is_none() || within == (compared.class == Class::Equal));
        }
        prop_assert!(preview.explain(&ticket, &promise, &preview.outcome(&ticket, &promise)).iter().all(|line| !line.is_empty()));
    }

    #[test]
    fn any_instants_are_answered(
        desks in (0..DIALECTS.len(), 0..DIALECTS.len()),
        instants in prop::collection::vec(any::<i64>(), 9),
        length in any::<u64>(),
        action in 0..3_usize,
    ) {
        let (Some(source), Some(target)) = (DIALECTS.get(desks.0), DIALECTS.get(desks.1)) else { return Ok(()) };
        let [created, customer, agent, reopened, from, to, shown, imported, event] = instants[..] else {
            return Ok(());
        };
        let hours = office();
        let migration = Migration {
            source: Some(Side { dialect: source, hours: &hours, form: Form::FREE }),
            target: Some(Side { dialect: target, hours: &hours, form: Form::FREE }),
            contract: &hours,
            known: imported,
            imported,
            carried: Carried::ALL,
            first_event: event,
            tolerance: 60,
        };
        let Ok(preview) = Preview::new(migration) else { return Err(TestCaseError::fail("calendars")) };
        let ticket = Ticket {
            created,
            last_customer: Seen::At(customer),
            last_agent: Seen::At(agent),
            reopened: Some(reopened),
            shown: Shown::At(shown),
            paused: vec![(from, Some(to)), (to, None)],
            ..Ticket::default()
        };
        let actions = [Action::InheritDue, Action::InheritRemaining, Action::Recalculate];
        let action = actions.get(action).cloned().unwrap_or(Action::Done);
        for allowed in [Length::Business(length), Length::Calendar(length), Length::BusinessDays(1)] {
            let promise =
                Promise { metric: Metric::Resolution, allowed, held: allowed, held_before: Some(allowed), action: action.clone() };
            let mut summary = Summary::default();
            summary.add(&ticket, &preview.outcome(&ticket, &promise));
            prop_assert_eq!(summary.all.tickets, 1);
            prop_assert!(preview.explain(&ticket, &promise, &preview.outcome(&ticket, &promise)).len() > 2);
        }
    }
}
