//! Losses, defaults, silenced findings, facts, shapes of records, files, and numbers.

use std::collections::{BTreeMap, BTreeSet};

use cutover_ir::Id;
use cutover_plan::Plan;
use cutover_plan::model::{AcceptedLoss, ChosenRule, Stricter};
use cutover_plan::text::{numbers, words};

use super::context::{Context, Trio};
use crate::change::Affected;
use crate::kind::Kind;
use crate::order;

/// Compares what the plan holds beside items and stages.
pub(super) fn compare(cx: &mut Context<'_>) {
    losses(cx);
    defaults(cx);
    suppressions(cx);
    rules(cx);
    facts(cx);
    schemas(cx);
    figures(cx);
}

fn losses(cx: &mut Context<'_>) {
    let (old, new) = (cx.old, cx.new);
    let told: BTreeSet<Id> =
        cx.changes.iter().filter(|c| is_loss(c.kind)).map(|change| change.id.clone()).collect();
    let known: BTreeMap<&Id, &AcceptedLoss> =
        old.losses.iter().map(|(id, loss)| (cx.now(id), loss)).collect();
    let known: BTreeMap<Id, AcceptedLoss> =
        known.into_iter().map(|(id, loss)| (id.clone(), loss.clone())).collect();
    let ids: BTreeSet<&Id> = known.keys().chain(new.losses.keys()).filter(|id| !told.contains(*id)).collect();
    for id in ids {
        let (was, is) = (known.get(id), new.losses.get(id));
        let Some(loss) = is.or(was) else { continue };
        cx.about(id.clone(), words::capital(&loss.what));
        cx.affected = loss.records.map_or(Affected::not_computed(), |count| Affected::Records {
            count,
            of: "records".to_owned(),
            at_most: false,
        });
        let because = |loss: &AcceptedLoss| format!("accepted: {}", loss.because);
        match (was, is) {
            (None, Some(is)) => cx.say(Kind::LossAdded, "", None, because(is)),
            (Some(was), None) => cx.say(Kind::LossRemoved, "", because(was), None),
            (Some(was), Some(is)) => {
                let AcceptedLoss { what, because, records, of, kept_in } = is;
                cx.texts(Kind::LossChanged, "", Some(was.what.clone()), Some(what.clone()));
                // Its own item tells where an accepted loss is kept.
                if !new.items.contains_key(id) {
                    cx.texts(Kind::StoreChanged, "kept in", was.kept_in.clone(), kept_in.clone());
                }
                let count = |n: Option<u64>, of: Option<u64>| {
                    let n = numbers::number(n?);
                    Some(of.map_or_else(|| n.clone(), |of| format!("{n} of {}", numbers::number(of))))
                };
                cx.texts(Kind::FiguresChanged, "", count(was.records, was.of), count(*records, *of));
                cx.affected = Affected::None;
                if !new.items.contains_key(id) {
                    cx.texts(Kind::ReasonChanged, "", Some(was.because.clone()), Some(because.clone()));
                }
            }
            (None, None) => {}
        }
    }
}

fn is_loss(kind: Kind) -> bool {
    matches!(kind, Kind::LossAdded | Kind::LossRemoved | Kind::LossChanged)
}

/// Compares two registers of texts, by id.
fn texts<K: Ord>(
    cx: &mut Context<'_>,
    kind: Kind,
    old: BTreeMap<K, (String, String)>,
    new: BTreeMap<K, (String, String)>,
    id: impl Fn(&K) -> Id,
) {
    for key in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (old.get(key), new.get(key));
        if was.map(|was| &was.1) == is.map(|is| &is.1) {
            continue;
        }
        cx.about(id(key), is.or(was).map_or_else(String::new, |(what, _)| words::capital(what)));
        cx.say(kind, "", was.map(|was| was.1.clone()), is.map(|is| is.1.clone()));
    }
}

fn defaults(cx: &mut Context<'_>) {
    let all = |plan: &Plan| -> BTreeMap<Id, (String, String)> {
        plan.defaults
            .iter()
            .map(|(id, taken)| (id.clone(), (taken.what.clone(), taken.value.clone())))
            .collect()
    };
    let (old, new) = (all(cx.old), all(cx.new));
    texts(cx, Kind::DefaultChanged, old, new, Clone::clone);
}

fn suppressions(cx: &mut Context<'_>) {
    let (old, new) = (cx.old, cx.new);
    for id in old.suppressions.keys().chain(new.suppressions.keys()).collect::<BTreeSet<_>>() {
        let (was, is) = (old.suppressions.get(id), new.suppressions.get(id));
        let Some(silenced) = is.or(was) else { continue };
        cx.about(id.clone(), silenced.code.clone());
        let said = |one: &cutover_plan::model::Suppression| match one.until {
            Some(until) => format!("until {until}: {}", one.because),
            None => one.because.clone(),
        };
        match (was, is) {
            (Some(was), Some(is)) => {
                let day = |until: Option<cutover_ir::time::Date>| {
                    until.map_or_else(|| "without end".to_owned(), |until| format!("until {until}"))
                };
                // Without an end it is silenced for longest.
                let strength = match (was.until, is.until) {
                    (Some(_), None) => order::Strength::Weaker,
                    (None, Some(_)) => order::Strength::Stronger,
                    (a, b) => order::smaller(a, b),
                };
                let trio = Trio(Kind::SuppressionAdded, Kind::SuppressionRemoved, Kind::SuppressionAdded);
                cx.strength(trio, strength, "", day(was.until), day(is.until));
                cx.texts(Kind::ReasonChanged, "", Some(was.because.clone()), Some(is.because.clone()));
            }
            (was, is) => {
                let kind = if is.is_some() { Kind::SuppressionAdded } else { Kind::SuppressionRemoved };
                cx.say(kind, "", was.map(said), is.map(said));
            }
        }
    }
}

/// What the project chose for its rules. One that only one of the plans tells of is as usual in the other.
fn rules(cx: &mut Context<'_>) {
    let (old, new) = (cx.old, cx.new);
    let usual = ChosenRule::default();
    for code in old.rules.keys().chain(new.rules.keys()).collect::<BTreeSet<_>>() {
        let id = Id::new(["allow", code]);
        cx.about(Id::new(["rule", code]), code.clone());
        let [was, is] = [old, new].map(|plan| plan.rules.get(code).unwrap_or(&usual));
        let ChosenRule { level, numbers: chosen, forbidden, because } = is;
        // That a rule is turned off, or on again, is told as a finding that is silenced.
        let is_off = |plan: &Plan| plan.suppressions.get(&id).is_some_and(|one| one.at.is_none());
        if is_off(old) == is_off(new)
            && let Some(known) = level.or(was.level)
        {
            let [before, after] =
                [was.level, *level].map(|level| level.map_or(known.usual, |level| level.chosen));
            let strength = order::Strength::of(after.cmp(&before));
            cx.strength(RULES, strength, "level", before.word().to_owned(), after.word().to_owned());
        }
        for name in was.numbers.keys().chain(chosen.keys()).collect::<BTreeSet<_>>() {
            let (earlier, later) = (was.numbers.get(name), chosen.get(name));
            let Some(known) = later.or(earlier).filter(|_| is_off(old) == is_off(new)) else { continue };
            let [before, after] =
                [earlier, later].map(|number| number.map_or(known.usual, |number| number.chosen));
            let order = match known.stricter {
                Stricter::Larger => after.cmp(&before),
                Stricter::Smaller => before.cmp(&after),
            };
            let said = |number: u64| numbers::number(number);
            cx.strength(RULES, order::Strength::of(order), &known.counts, said(before), said(after));
        }
        if was.forbidden != *forbidden {
            let said = |forbidden: bool| {
                Some(if forbidden { "no spec may silence it" } else { "a spec may silence it" }.to_owned())
            };
            let kind = if *forbidden { Kind::RuleStronger } else { Kind::RuleWeaker };
            cx.say(kind, "forbid", said(was.forbidden), said(*forbidden));
        }
        if old.rules.contains_key(code) && new.rules.contains_key(code) {
            cx.texts(Kind::ReasonChanged, "", was.because.clone(), because.clone());
        }
    }
}

/// A rule is weaker or stronger; there is no third way.
const RULES: Trio = Trio(Kind::RuleWeaker, Kind::RuleStronger, Kind::RuleWeaker);

fn facts(cx: &mut Context<'_>) {
    let all = |plan: &Plan, other: &Plan| -> BTreeMap<String, (String, String)> {
        // Another decision rests on other facts: only what both rest on can change by itself.
        let shared = plan.facts.iter().filter(|(id, _)| other.facts.contains_key(*id));
        shared
            .map(|(id, fact)| {
                let value = serde_json::to_string(&fact.value).unwrap_or_default();
                let mark = serde_json::to_string(&fact.mark).unwrap_or_default();
                (id.clone(), (fact.says.clone(), format!("{value}, {}", mark.trim_matches('"'))))
            })
            .collect()
    };
    let (old, new) = (all(cx.old, cx.new), all(cx.new, cx.old));
    texts(cx, Kind::FactChanged, old, new, |id| Id::new(["fact", id]));
}

/// Fields that both plans touch, and that have another shape now.
fn schemas(cx: &mut Context<'_>) {
    let (old, new) = (cx.old, cx.new);
    for (system, schema) in &new.schemas {
        let Some(was) = old.schemas.get(system) else { continue };
        for (kind, shape) in &schema.kinds {
            let Some(before) = was.kinds.get(kind) else { continue };
            for (name, field) in &shape.fields {
                let Some(earlier) = before.fields.get(name).filter(|earlier| *earlier != field) else {
                    continue;
                };
                let said = |field| serde_json::to_string(field).unwrap_or_default();
                cx.about(Id::new(["schema", system, kind, name]), format!("{} {name}", words::human(kind)));
                cx.say(Kind::SchemaChanged, "", said(earlier), said(field));
            }
        }
        for (name, options) in &schema.domains {
            let Some(earlier) = was.domains.get(name).filter(|earlier| *earlier != options) else { continue };
            let said = |all: &[cutover_plan::model::DomainOption]| {
                let names: Vec<String> = all.iter().map(|option| format!("“{}”", option.name)).collect();
                words::list(&names)
            };
            cx.about(Id::new(["schema", system, name]), format!("Options of {name}"));
            cx.say(Kind::SchemaChanged, "", said(earlier), said(options));
        }
        let limits = |limits: &BTreeMap<String, u64>| -> BTreeMap<String, (String, String)> {
            limits.iter().map(|(name, n)| (name.clone(), (words::human(name), numbers::number(*n)))).collect()
        };
        let capabilities = |all: &BTreeMap<String, String>| -> BTreeMap<String, (String, String)> {
            all.iter().map(|(name, case)| (name.clone(), (words::human(name), words::human(case)))).collect()
        };
        let rates =
            |all: &BTreeMap<String, cutover_plan::model::Rate>| -> BTreeMap<String, (String, String)> {
                let said =
                    |rate: &cutover_plan::model::Rate| format!("{} calls in {} s", rate.calls, rate.seconds);
                all.iter()
                    .map(|(name, rate)| (name.clone(), (format!("rate: {}", words::human(name)), said(rate))))
                    .collect()
            };
        let id = |name: &String| Id::new(["schema", system, "rate", name]);
        texts(cx, Kind::SchemaChanged, rates(&was.rates), rates(&schema.rates), id);
        let id = |name: &String| Id::new(["schema", system, name]);
        texts(cx, Kind::SchemaChanged, limits(&was.limits), limits(&schema.limits), id);
        let (before, after) = (capabilities(&was.capabilities), capabilities(&schema.capabilities));
        texts(cx, Kind::SchemaChanged, before, after, id);
    }
}

/// Numbers of the old account, by kind.
fn figures(cx: &mut Context<'_>) {
    let all = |plan: &Plan, other: &Plan| -> BTreeMap<String, (String, String)> {
        let shared = plan.figures.source.iter().filter(|(kind, _)| other.figures.source.contains_key(*kind));
        shared.map(|(kind, n)| (kind.clone(), (words::plural(kind), numbers::number(*n)))).collect()
    };
    let (old, new) = (all(cx.old, cx.new), all(cx.new, cx.old));
    texts(cx, Kind::FiguresChanged, old, new, |kind| Id::new(["figures", kind]));
}
