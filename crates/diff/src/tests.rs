//! What no pair of specs shows: facts of catalogs, renames, and comments that are too long.

use std::collections::BTreeMap;

use cutover_ir::Id;
use cutover_ir::measure::{Bound, Comparison, Measure};
use cutover_ir::quantity::Decimal;
use cutover_ir::time::Instant;
use cutover_plan::Plan;
use cutover_plan::bundle::Places;
use cutover_plan::model::{
    Content, Fact, FactValue, Item, Keeping, Mark, Migration, Sla, System, SystemRole, Trigger, Window,
};

use crate::{Affected, Counts, Diff, Effect, Kind, Side, compare, render};

fn diff(old: &Plan, new: &Plan, counts: &Counts) -> Diff {
    let places = Places::default();
    compare(Side { plan: old, places: &places }, Side { plan: new, places: &places }, counts)
}

fn kinds(diff: &Diff) -> Vec<Kind> {
    diff.changes.iter().map(|change| change.kind).collect()
}

fn trigger(bound: i64, title: &str) -> Item {
    let fires = Measure {
        metric: "failed_imports".to_owned(),
        statistic: None,
        of: Vec::new(),
        scope: None,
        sample: None,
        comparison: Comparison::MoreThan,
        bound: Bound::Number(Decimal::from(bound)),
        over: None,
        within: None,
    };
    Item { title: Some(title.to_owned()), ..Item::new(Content::Trigger(Trigger { fires })) }
}

fn with_triggers(count: usize, title: &str) -> Plan {
    let items = (0..count).map(|n| (Id::new(["trigger", &format!("t{n}")]), trigger(0, title)));
    Plan { items: items.collect(), ..Plan::default() }
}

#[test]
fn another_fact_is_told_when_both_plans_rest_on_it() {
    let fact = |mark| Fact {
        system: "target".to_owned(),
        says: "backdating".to_owned(),
        value: FactValue::Flag(true),
        source: "a page".to_owned(),
        mark,
        tier: None,
    };
    let plan = |mark| Plan { facts: BTreeMap::from([("a".to_owned(), fact(mark))]), ..Plan::default() };
    let (old, new) = (plan(Mark::Verified), plan(Mark::Unverified));
    assert_eq!(kinds(&diff(&old, &new, &Counts::default())), [Kind::FactChanged]);
    assert_eq!(kinds(&diff(&old, &Plan::default(), &Counts::default())), []);
}

/// The account of a desk tells other opening hours: its due times are others, though the promise is the same.
#[test]
fn other_hours_of_a_desk_are_told() {
    let policy = Id::new(["sla", "premium"]);
    let sla = Sla { applies: None, calendar: None, clocks: Vec::new(), states: Vec::new(), tolerance: None };
    let target = System {
        role: SystemRole::Target,
        platform: "zammad".to_owned(),
        product: "Zammad".to_owned(),
        account: "acme".to_owned(),
        plan: None,
        secrets: Vec::new(),
        keyed_by: None,
        rows: None,
        keeping: BTreeMap::new(),
    };
    let window = Window {
        start: Instant::from_seconds(0),
        end: Instant::from_seconds(3600),
        zone: "Etc/UTC".to_owned(),
        offsets: Vec::new(),
    };
    let old = Plan {
        items: BTreeMap::from([(policy.clone(), Item::new(Content::Sla(sla)))]),
        systems: BTreeMap::from([("target".to_owned(), target)]),
        migration: Migration { window: Some(window), ..Migration::default() },
        ..Plan::default()
    };
    let mut new = old.clone();
    let keeping = Keeping { step: Some(15), whole_days: true, ..Keeping::default() };
    for system in new.systems.iter_mut().filter(|(name, _)| *name == "target").map(|(_, system)| system) {
        system.keeping.insert(policy.clone(), keeping.clone());
    }
    let found = diff(&old, &new, &Counts::default());
    assert_eq!(kinds(&found), [Kind::KeepingChanged]);
    let said = found
        .changes
        .first()
        .map(|change| (change.id.clone(), change.part.clone(), change.before.clone(), change.after.clone()));
    let after = "no day has hours of its own; in steps of 15 min".to_owned();
    let before = "as promised".to_owned();
    assert_eq!(said, Some((policy, "as the new desk keeps it".to_owned(), Some(before), Some(after))));
    assert!(diff(&new, &new, &Counts::default()).changes.is_empty());
}

#[test]
fn a_renamed_item_is_the_same_item() {
    let old = with_triggers(1, "Failures");
    let mut renamed = trigger(5, "Failures");
    renamed.was = Some(Id::new(["trigger", "t0"]));
    let new =
        Plan { items: BTreeMap::from([(Id::new(["trigger", "failures"]), renamed)]), ..Plan::default() };
    assert_eq!(kinds(&diff(&old, &new, &Counts::default())), [Kind::TriggerWeaker, Kind::Renamed]);
}

#[test]
fn a_number_that_is_given_is_told_and_one_that_is_not_is_never_zero() {
    use cutover_plan::model::Sla;
    let sla = Sla { applies: None, calendar: None, clocks: Vec::new(), states: Vec::new(), tolerance: None };
    let id = Id::new(["sla", "premium"]);
    let new = Plan { items: BTreeMap::from([(id.clone(), Item::new(Content::Sla(sla)))]), ..Plan::default() };
    let counts = Counts {
        due_dates: BTreeMap::from([(id, crate::DueDates { tickets: 212, at_most: false })]),
        ..Counts::default()
    };
    let counted = diff(&Plan::default(), &new, &counts);
    assert_eq!(
        counted.changes.first().map(|c| &c.affected),
        Some(&Affected::DueDates { count: 212, at_most: false })
    );
    assert!(render::terminal(&counted).contains("212 unfinished tickets get a new due date"));
    let unknown = render::terminal(&diff(&Plan::default(), &new, &Counts::default()));
    assert!(unknown.contains("not computed"), "{unknown}");
}

#[test]
fn a_comment_that_is_too_long_loses_details_first_and_leaves_no_weaker_safeguard_out() {
    for (count, title) in
        [(10, "x"), (300, "a long title that goes on and on and on"), (2_000, "z"), (5_000, "y")]
    {
        let title = title.repeat(8);
        let (old, mut new) = (with_triggers(count, &title), Plan::default());
        for n in 0..count {
            new.items.insert(Id::new(["trigger", &format!("new{n}")]), trigger(1, &title));
        }
        let diff = diff(&old, &new, &Counts::default());
        assert_eq!(diff.of_effect(Effect::WeakerSafeguard), count);
        let text = render::markdown(&diff);
        assert!(text.len() <= render::LIMIT, "{}", text.len());
        let shown = (0..count).filter(|n| text.contains(&format!("`trigger/t{n}`"))).count();
        if count < 4_000 {
            assert_eq!(shown, count, "a weaker safeguard is left out");
        } else {
            assert!(text.contains("too many weaker safeguards and gates to name them"), "{text}");
            assert!(text.contains(&format!("{count} of `trigger`")), "{text}");
        }
    }
}

#[test]
fn room_that_is_left_is_filled_with_what_is_safe() {
    let mut new = Plan::default();
    for n in 0..900 {
        new.items.insert(Id::new(["trigger", &format!("new{n}")]), trigger(1, &"safe ".repeat(20)));
    }
    let text = render::markdown(&diff(&Plan::default(), &new, &Counts::default()));
    let shown = text.lines().filter(|line| line.starts_with("- **")).count();
    assert!(text.len() <= render::LIMIT && text.len() > render::LIMIT - 2_000, "{}", text.len());
    assert!(text.contains(&format!("{} more, for which there is no room here", 900 - shown)), "{shown}");
    assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
}
