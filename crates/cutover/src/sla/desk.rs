//! From a plan to what a preview asks for: policies with their opening hours, both desks, the moments of the night.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cutover_analysis::{World, clocks};
use cutover_calendar::{Calendar, DAY_SECONDS, Day, Hours, Length, Problem, Reading, Zone};
use cutover_catalog::Catalog;
use cutover_catalog::fact::{Mark, Unit};
use cutover_catalog::kind::Part;
use cutover_ir::Type;
use cutover_ir::quantity::{Duration, TimeBase};
use cutover_plan::host::PlanHost;
use cutover_plan::model::{Clock, ClockEffect, Content, Plan, Sla};
use cutover_plan::promises::{Statuses, standing};
pub(crate) use cutover_plan::promises::{allowed, hours, metric, written};
use cutover_plan::text::numbers::number;
use cutover_preview::{
    Action, Carried, Dialect, Form, Metric, Migration, Preview, Promise, Side, Standing, dialect,
};

use super::hours::{Own, own};
use crate::systems::Account;

/// Why no due time can be computed at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotComputed {
    /// The spec has no `sla`.
    NoPolicy,
    /// The spec does not say when tickets move.
    NoWindow,
    /// The inventory of the source names no table of unfinished tickets.
    NoTickets,
    /// The table of unfinished tickets holds no ticket; so many of its lines are none, and the first of them with what is wrong.
    Empty(u64, Option<(u64, String)>),
    /// So many tickets were read, and none of them is under a policy.
    NoClock(u64),
    /// The table of unfinished tickets cannot be read: its path in the project, and why.
    Unreadable(String, String),
    /// The opening hours of a policy cannot be read: the policy, and why.
    Hours(String, Problem),
}

impl fmt::Display for NotComputed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotComputed::NoPolicy => f.write_str("the spec promises nothing: it has no `sla`"),
            NotComputed::NoWindow => {
                f.write_str("the spec does not say when tickets move: `migration` has no `window`")
            }
            NotComputed::NoTickets => f.write_str(
                "there are no tickets: the inventory of the source names no table of unfinished tickets",
            ),
            NotComputed::Empty(0, _) => f.write_str("the table of unfinished tickets is empty"),
            NotComputed::Empty(lines, first) => {
                f.write_str("the table of unfinished tickets holds no ticket: ")?;
                match lines {
                    1 => f.write_str("its one line is none")?,
                    lines => write!(f, "none of its {lines} lines is one")?,
                }
                match first {
                    Some((line, why)) => write!(f, " (line {line}: {why})"),
                    None => Ok(()),
                }
            }
            NotComputed::NoClock(1) => f.write_str("the one unfinished ticket is under no policy"),
            NotComputed::NoClock(tickets) => {
                write!(f, "none of the {} unfinished tickets is under a policy", number(*tickets))
            }
            NotComputed::Unreadable(file, why) => {
                write!(f, "the table of unfinished tickets {file} cannot be read: {why}")
            }
            NotComputed::Hours(policy, problem) => write!(f, "the opening hours of `{policy}`: {problem}"),
        }
    }
}

/// A policy of the plan, with the hours that it counts by.
pub(crate) struct Promised<'p> {
    pub(crate) name: &'p str,
    title: &'p str,
    pub(crate) sla: &'p Sla,
    pub(crate) hours: Hours,
    /// The schedule by which the old desk counts, and the one of the new desk; none: as promised, for all that is known.
    pub(super) source: Option<Own>,
    pub(super) target: Option<Own>,
    /// What the calendars of both desks can hold of what was promised, where nothing is told of their own.
    pub(super) forms: (Form, Form),
    /// What the old desk's policy holds in the place of each clock's length of time, in the order of the clocks.
    before: Vec<Option<Length>>,
}

/// The policies of a plan that have opening hours, in the order of their names, with what the accounts tell of those of the desks.
pub(crate) fn promised<'p>(plan: &'p Plan, accounts: &[Account]) -> Vec<Promised<'p>> {
    let policies = plan.items.iter().filter_map(|(id, item)| {
        let Content::Sla(sla) = &item.content else { return None };
        let name = id.as_str().strip_prefix("sla/")?;
        let on = &sla.calendar.as_ref()?.0;
        let Content::Calendar(calendar) = &plan.items.get(on)?.content else { return None };
        let title = item.title.as_deref().unwrap_or(name);
        let hours = hours(calendar)?;
        let own = |desk| own(plan, accounts, desk, on, &hours);
        let (source, target) = (own("source"), own("target"));
        let forms = (form(accounts, "source", source.as_ref()), form(accounts, "target", target.as_ref()));
        let before = held_before(plan, accounts, sla).into_iter().map(|held| held.map(allowed)).collect();
        Some(Promised { name, title, sla, hours, source, target, forms, before })
    });
    policies.collect()
}

/// What the calendars of a desk can hold. What its inventory tells of its schedule stands there, so it can be held.
fn form(accounts: &[Account], desk: &str, own: Option<&Own>) -> Form {
    let catalog = accounts.iter().find(|account| account.is(desk)).and_then(Account::catalog);
    let Some(form) = catalog.and_then(Catalog::calendar_form) else { return Form::FREE };
    let told = |what: &str| own.is_some_and(|own| !own.untold.contains(&what));
    let step = form.step.as_ref().filter(|step| step.unit == Unit::Minutes && !told("opening hours"));
    Form {
        days_of_their_own: form.part_holidays || told("holidays"),
        step: step.and_then(|step| u32::try_from(step.number).ok()).unwrap_or(1),
    }
}

/// What the old desk's policy can hold of what is promised, for each clock.
pub(super) fn held_before(plan: &Plan, accounts: &[Account], sla: &Sla) -> Vec<Option<Duration>> {
    let catalog = accounts.iter().find(|account| account.source().is_some()).and_then(Account::catalog);
    let form = catalog.and_then(clocks::policy_form);
    let mixed = sla.clocks.iter().any(|clock| clock.allowed.base == TimeBase::Business);
    let on = sla.calendar.as_ref().and_then(|calendar| plan.items.get(&calendar.0));
    let day = match on.map(|item| &item.content) {
        Some(Content::Calendar(calendar)) => clocks::day_length(calendar),
        _ => None,
    };
    let held = |promised: Duration| match form {
        Some(form) => clocks::held(form, promised, mixed, day),
        None => Some(promised),
    };
    sla.clocks.iter().map(|clock| held(clock.allowed)).collect()
}

/// The moments that matter: seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug)]
pub(super) struct Night {
    /// Tickets count as imported at the end of the window.
    pub(super) imported: i64,
    /// The day on which the old desk was looked at; none is the import.
    taken: Option<Day>,
    /// The moments that tickets bring along.
    pub(super) carried: Carried,
}

/// Both desks and all policies.
pub(super) struct Desk<'p> {
    pub(super) plan: &'p Plan,
    pub(super) host: PlanHost<'p>,
    /// How each desk counts; none when nobody knows.
    pub(super) source: Option<&'static Dialect>,
    pub(super) target: Option<&'static Dialect>,
    pub(super) policies: Vec<Policy<'p>>,
    pub(super) night: Night,
    /// The kind of tickets in the source, and its fields by what they mean.
    pub(super) kind: String,
    pub(super) fields: BTreeMap<&'static str, String>,
    /// Fields of tickets that hold whole numbers.
    pub(super) numbers: BTreeSet<String>,
    /// The table names the level of service of each ticket that has one: it names those that the account has, and it has some.
    pub(super) levels_known: bool,
    /// Somebody has shown which due times the new desk takes.
    pub(super) takes_shown: bool,
    /// Clocks that no desk is known to measure in a way that can be compared, as `policy clock`.
    pub(super) left_out: Vec<String>,
}

/// A policy, ready to be asked.
pub(super) struct Policy<'p> {
    pub(super) name: &'p str,
    pub(super) title: &'p str,
    /// The new desk's product, as people know it.
    pub(super) there: &'p str,
    pub(super) sla: &'p Sla,
    pub(super) zone: &'p Zone,
    /// The schedules of both desks that are known.
    pub(super) source: Option<&'p Own>,
    pub(super) target: Option<&'p Own>,
    /// Whether the calendars of the old desk and of the new one can hold the hours that they count by: the days, and the times.
    pub(super) holds: [(bool, bool); 2],
    pub(super) calendar: Calendar,
    pub(super) preview: Preview<'p>,
    /// When something first happens to its tickets: the first opening after the import.
    pub(super) first_event: i64,
    pub(super) clocks: Vec<Counted<'p>>,
}

/// A clock of a policy.
pub(super) struct Counted<'p> {
    pub(super) clock: &'p Clock,
    /// Policy and clock, as tables show it.
    pub(super) label: String,
    pub(super) metric: Metric,
    /// The time that the old desk's policy holds; `None` when nobody knows.
    before: Option<Length>,
    /// What each status does to it.
    pub(super) statuses: Statuses<'p>,
    /// What the new desk's clock does in what each status becomes; statuses of which that is not known are left out.
    pub(super) there: BTreeMap<&'p str, Standing>,
}

/// Fields whose meaning the table of tickets knows.
const MEANINGS: &[&str] = &[
    "status",
    "priority",
    "group",
    "queue",
    "sla",
    "created_at",
    "updated_at",
    "last_customer_at",
    "last_agent_at",
    "due_at",
    "sla_due_at",
    "first_response_at",
    "first_response_due_at",
];

impl<'p> Desk<'p> {
    /// Reads calendars and products.
    pub(super) fn new(
        plan: &'p Plan,
        accounts: &[Account],
        promised: &'p [Promised<'p>],
    ) -> Result<Desk<'p>, NotComputed> {
        if promised.is_empty() {
            return Err(NotComputed::NoPolicy);
        }
        let window = plan.migration.window.as_ref().ok_or(NotComputed::NoWindow)?;
        let world = World::new(accounts.iter().map(Account::loaded).collect());
        let carried = clocks::carried(plan, &world);
        let taken = accounts.iter().find(|account| account.source().is_some()).and_then(Account::inventory);
        let night = Night {
            imported: window.end.seconds(),
            taken: taken.and_then(|inventory| inventory.taken).map(|date| Day(date.days())),
            carried: Carried {
                created: carried.created,
                messages: carried.messages,
                first_response_due: written(carried.first_response_due),
                due: written(carried.due),
                level: carried.level,
            },
        };
        let (source, target) = (desk(plan, "source"), desk(plan, "target"));
        let mut policies = Vec::new();
        let mut left_out = Vec::new();
        for promised in promised {
            policies.push(policy(plan, &world, promised, (source, target), night, &mut left_out)?);
        }
        let (kind, fields) = ticket_fields(accounts);
        let numbers = plan.schemas.get("source").and_then(|schema| schema.kinds.get(&kind));
        let numbers = numbers.map(|kind| &kind.fields).into_iter().flatten();
        let numbers = numbers
            .filter(|(_, field)| matches!(field.of_type.required(), Type::Int { .. } | Type::Count))
            .map(|(name, _)| name.clone())
            .collect();
        let levels_known = accounts.iter().any(|account| levels_known(account, &kind, fields.get("sla")));
        let host = PlanHost::new(plan);
        Ok(Desk {
            plan,
            host,
            source,
            target,
            policies,
            night,
            kind,
            fields,
            numbers,
            levels_known,
            takes_shown: clocks::takes_shown(&world),
            left_out,
        })
    }

    /// The name of a product, as people know it.
    pub(super) fn product(&self, system: &str) -> &'p str {
        product(self.plan, system)
    }
}

fn product<'p>(plan: &'p Plan, system: &str) -> &'p str {
    plan.systems.get(system).map_or("", |system| system.product.as_str())
}

/// Whether the scan of the old desk saw levels of service and tickets that have them.
fn levels_known(account: &Account, kind: &str, field: Option<&String>) -> bool {
    let Some((catalog, inventory)) = account.source().zip(account.inventory()) else { return false };
    let policies = catalog.kinds.iter().find(|(_, kind)| kind.part == Part::SlaPolicy);
    let listed =
        policies.and_then(|(name, _)| inventory.objects.get(name)).is_some_and(|some| !some.is_empty());
    let profile = inventory.profile.get(kind).zip(field);
    let seen =
        profile.and_then(|(profile, field)| profile.fields.get(field)).is_some_and(|seen| seen.present > 0);
    listed && seen
}

fn desk(plan: &Plan, name: &str) -> Option<&'static Dialect> {
    dialect(&plan.systems.get(name)?.platform)
}

/// The source's kind of tickets, and its fields by meaning.
pub(crate) fn ticket_fields(accounts: &[Account]) -> (String, BTreeMap<&'static str, String>) {
    let source = accounts.iter().find_map(Account::source);
    let kind = source.and_then(|catalog| catalog.kinds.iter().find(|(_, kind)| kind.part == Part::Ticket));
    let Some((name, kind)) = kind else { return ("ticket".to_owned(), BTreeMap::new()) };
    let named = |meaning: &&'static str| Some((*meaning, kind.by_canon(meaning)?.0.to_owned()));
    (name.to_owned(), MEANINGS.iter().filter_map(named).collect())
}

fn policy<'p>(
    plan: &'p Plan,
    world: &World<'_>,
    promised: &'p Promised<'p>,
    (source, target): (Option<&'static Dialect>, Option<&'static Dialect>),
    night: Night,
    left_out: &mut Vec<String>,
) -> Result<Policy<'p>, NotComputed> {
    let hours = &promised.hours;
    let given = |own: &'p Option<Own>| own.as_ref().map_or(hours, |own| &own.hours);
    let broken = |problem| NotComputed::Hours(promised.name.to_owned(), problem);
    let calendar = Calendar::new(hours, Reading::default()).map_err(broken)?;
    let first_event = calendar.next_opening(night.imported).unwrap_or(night.imported);
    let migration = Migration {
        source: source.map(|dialect| Side {
            dialect,
            hours: given(&promised.source),
            form: promised.forms.0,
        }),
        target: target.map(|dialect| Side {
            dialect,
            hours: given(&promised.target),
            form: promised.forms.1,
        }),
        contract: hours,
        known: night.known(&hours.zone),
        imported: night.imported,
        carried: night.carried,
        first_event,
        tolerance: promised.sla.tolerance.map_or(0, Duration::nominal_seconds),
    };
    let mut counted = Vec::new();
    for (clock, before) in promised.sla.clocks.iter().zip(&promised.before) {
        let label = format!("{} {}", promised.name, clock.name);
        let Some(metric) = metric(&clock.name) else {
            left_out.push(label);
            continue;
        };
        let statuses = Statuses::of(promised.sla, &clock.name);
        // Of a desk in which no clock runs for imported tickets, no status says that one does.
        let runs = target.is_none_or(|target| target.on_import || target.on_event);
        let there = statuses.iter().filter(|_| runs).filter_map(|(status, _)| {
            // What nobody has shown the plan does not say either, and a run counts by the plan.
            let moved =
                clocks::moved(plan, world, clock, status).filter(|moved| moved.mark != Mark::Unverified);
            Some((status, standing(moved?.effect)))
        });
        let there = there.collect();
        counted.push(Counted { clock, label, metric, before: *before, statuses, there });
    }
    Ok(Policy {
        name: promised.name,
        title: promised.title,
        there: product(plan, "target"),
        sla: promised.sla,
        zone: &hours.zone,
        source: promised.source.as_ref(),
        target: promised.target.as_ref(),
        holds: [
            promised.forms.0.holds(given(&promised.source)),
            promised.forms.1.holds(given(&promised.target)),
        ],
        calendar,
        preview: Preview::new(migration).map_err(broken)?,
        first_event,
        clocks: counted,
    })
}

impl Night {
    /// Until when it is known what happened to tickets: the beginning of the day on which the old desk was looked at.
    fn known(&self, zone: &Zone) -> i64 {
        let Some(day) = self.taken else { return self.imported };
        let midnight = i64::from(day.0) * DAY_SECONDS;
        (midnight - i64::from(zone.offset_at(midnight))).min(self.imported)
    }
}

impl Counted<'_> {
    /// Whether a status does something to the clock.
    pub(super) fn does(&self, status: &str, effect: ClockEffect) -> bool {
        self.statuses.effect(status) == Some(effect)
    }

    /// Whether some status holds the clock still.
    pub(super) fn pauses(&self) -> bool {
        self.statuses.iter().any(|(_, effect)| effect == ClockEffect::Pauses)
    }

    /// What was promised, and what becomes of it.
    pub(super) fn promise(&self, action: Action) -> Promise {
        let clock = self.clock;
        let (allowed, held) = (allowed(clock.allowed), allowed(clock.held.unwrap_or(clock.allowed)));
        Promise { metric: self.metric, allowed, held, held_before: self.before, action }
    }
}
