//! What an item decides, in one line.

use cutover_ir::Id;
use cutover_ir::measure::Sample;

use crate::model::{CleanAction, CleanStep, Content, Item, LoadMode, Plan, Rhythm, Verb};
use crate::text::numbers::{clock, count, len};
use crate::text::words;

/// What an item is called: its title, or what it decides in a few words.
pub fn name(plan: &Plan, id: &Id, item: &Item) -> String {
    if let Some(title) = &item.title {
        return title.clone();
    }
    match &item.content {
        Content::Scope(part) => {
            let what = words::scoped(plan, part);
            let verb = match part.verb {
                Verb::Import => "moving",
                Verb::Recreate => "rebuilding",
                Verb::Archive => "archiving",
                Verb::Retire => "leaving behind",
            };
            words::capital(&format!("{verb} {what}"))
        }
        Content::Accept(accept) => format!("Losing the {}", words::human(&accept.what)),
        Content::Waiver(waiver) => format!("{} is not checked", words::area(&waiver.area)),
        _ => words::capital(&words::human(&id.as_str().replace('/', " "))),
    }
}

/// What the item decides beyond what its stage or its own section shows. None where there is nothing to add.
pub fn detail(plan: &Plan, item: &Item) -> Option<String> {
    let text = match &item.content {
        Content::Integration(integration) => {
            if integration.kind == "none" {
                return Some("no other system is connected".to_owned());
            }
            let mut text = format!("{}, {}", words::human(&integration.kind), integration.how);
            if integration.high_risk {
                text.push_str(", high risk");
            }
            if let Some(by) = &integration.changed_before {
                text.push_str(&format!(", changed before {}", words::moment(plan, by)));
            }
            text
        }
        Content::Inbound(inbound) => {
            let place = inbound.held_at.as_deref().unwrap_or("a place that is not named");
            format!("mail to {} waits at {place}", inbound.address)
        }
        Content::Consumer(consumer) => format!("reads {} of the old desk", words::list(&consumer.reads)),
        Content::Truth(truth) => format!("when systems disagree, {} is right", words::human(&truth.from)),
        Content::Baseline(baseline) => {
            format!(
                "compared with {} from {} to {}",
                words::product(plan, &baseline.system),
                baseline.from,
                baseline.to
            )
        }
        Content::Calendar(calendar) => {
            let until = calendar.known_until.map_or_else(String::new, |date| format!(", known until {date}"));
            let days = count(len(calendar.holidays.len()), "holiday", "holidays");
            format!("opening hours in {}, {days}{until}", calendar.zone)
        }
        Content::Clean(clean) => {
            let steps: Vec<String> = clean.steps.iter().map(|step| clean_step(plan, step)).collect();
            format!("on the copy, never in the old desk: {}", steps.join("; "))
        }
        Content::Freeze(freeze) => {
            format!(
                "nobody changes {} from {} on",
                words::humans(&freeze.rules),
                words::moment(plan, &freeze.from)
            )
        }
        Content::Backup(backup) => format!(
            "{} in {}; restored as a proof: {}",
            words::humans(&backup.parts),
            backup.store,
            samples(&backup.restore)
        ),
        Content::Export(export) => {
            let sample = if export.sample.is_empty() {
                String::new()
            } else {
                format!("; people compare {} side by side", samples(&export.sample))
            };
            format!("{} are verified for each part{sample}", words::compared(&export.verify))
        }
        Content::Test(test) => {
            let kinds: Vec<&String> = test.expect.keys().collect();
            let dues = if test.due.is_empty() { "" } else { ", due dates too" };
            if test.rejected {
                format!("an example that is rejected{dues}")
            } else {
                format!("an example with its expected {}{dues}", words::list(&kinds))
            }
        }
        Content::Sla(sla) => {
            let clocks: Vec<String> = sla
                .clocks
                .iter()
                .map(|clock| format!("{} within {}", words::human(&clock.name), words::length(clock.allowed)))
                .collect();
            let which = sla.applies.as_ref().map_or_else(
                || "all tickets".to_owned(),
                |applies| format!("tickets where {}", words::predicate(plan, applies)),
            );
            format!("{}; for {which}", words::list(&clocks))
        }
        Content::Escalation(escalation) => {
            let steps: Vec<String> = escalation
                .steps
                .iter()
                .map(|step| {
                    format!(
                        "{} is told {}",
                        words::recipient(plan, &step.notify),
                        words::due_offset(&step.when)
                    )
                })
                .collect();
            steps.join(", then ")
        }
        Content::Rehearsal(rehearsal) => {
            let mut text = samples(&rehearsal.sample);
            if !rehearsal.spread_over.is_empty() {
                text.push_str(&format!(" spread over {}", words::humans(&rehearsal.spread_over)));
            }
            if !rehearsal.include.is_empty() {
                text.push_str(&format!(", among them {}", samples(&rehearsal.include)));
            }
            if !rehearsal.run.is_empty() {
                text.push_str(&format!("; tried out: {}", words::humans(&rehearsal.run)));
            }
            text
        }
        Content::Wave(wave) => {
            let gates: Vec<String> = wave.gated_by.iter().map(|gate| title(plan, &gate.0)).collect();
            let gates = if gates.is_empty() {
                String::new()
            } else {
                format!("; it waits for {}", words::list(&gates))
            };
            format!(
                "wave {}: {}, {}{gates}",
                wave.order,
                words::selected(plan, &wave.kind, &wave.which),
                words::placement(wave.placement)
            )
        }
        Content::GoLive(go_live) => {
            let kind = go_live.load.kind.as_deref().map_or_else(|| "everything".to_owned(), words::plural);
            let load = match go_live.load.mode {
                LoadMode::Create => format!("{kind} is loaded in the window"),
                LoadMode::Replace => {
                    format!("{kind} that changed since the first load replace what was loaded")
                }
                LoadMode::Append => {
                    format!("{kind} that changed since the first load are added to what was loaded")
                }
            };
            format!("{load}; switched: {}", words::humans(&go_live.switch))
        }
        Content::Announce(announce) => {
            let mut text = format!("a message to {}", words::human(&announce.audience));
            if let Some(asset) = announce.template.as_ref().and_then(|digest| plan.assets.get(digest)) {
                text.push_str(&format!(", the text is in {}", asset.file));
            }
            if let Some(from) = &announce.from {
                text.push_str(&format!(", from {} on", words::moment(plan, from)));
            }
            text
        }
        Content::Train(train) => {
            let least = train.at_least.map_or_else(String::new, |least| {
                let each = train
                    .of_each
                    .as_ref()
                    .map_or_else(String::new, |each| format!(" of each {}", words::human(each)));
                format!("at least {}%{each}: ", words::decimal(least))
            });
            format!("{least}{}", words::humans(&train.scenarios))
        }
        Content::Inspect(inspect) => {
            let words: Vec<String> = inspect.forbid.iter().map(|word| format!("“{word}”")).collect();
            format!("{} do not say {}", words::humans(&inspect.of), words::list(&words))
        }
        Content::Watch(watch) => {
            let alerts: Vec<String> = watch.alerts.iter().map(|alert| words::measure(plan, alert)).collect();
            format!(
                "every {} for {}: {}; {} is alerted when {}",
                words::length(watch.every),
                words::length(watch.lasting),
                words::humans(&watch.report),
                words::people(plan, &watch.alert),
                alerts.join(", or ")
            )
        }
        Content::Hypercare(care) => {
            let mut text = rhythm(&care.rhythm);
            if let Some(who) = &care.defects_to {
                let within =
                    care.defects_within.map_or_else(String::new, |d| format!(" within {}", words::length(d)));
                text.push_str(&format!("; defects go to {}{within}", words::person(plan, who)));
            }
            if let Some(after) = care.stable_after {
                text.push_str(&format!("; over after {} without exceptions", words::length(after)));
            }
            text
        }
        Content::Ownership(ownership) => {
            format!("{}: {}", rhythm(&ownership.rhythm), words::humans(&ownership.classes))
        }
        Content::ReadOnly(read_only) => format!(
            "{} can be read until {}, access within {}",
            words::product(plan, &read_only.system),
            read_only.until,
            words::length(read_only.access_within)
        ),
        Content::Decommission(end) => {
            format!("{} ends after {}", words::product(plan, &end.system), words::humans(&end.after))
        }
        Content::Lessons(lessons) => format!("written to {}", lessons.file),
        Content::Scope(_)
        | Content::Map(_)
        | Content::Translate(_)
        | Content::Accept(_)
        | Content::Objective(_)
        | Content::Criterion(_)
        | Content::Check(_)
        | Content::Waiver(_)
        | Content::Rollback(_)
        | Content::Trigger(_) => return None,
    };
    Some(text)
}

fn title(plan: &Plan, id: &Id) -> String {
    plan.items
        .get(id)
        .and_then(|item| item.title.as_ref())
        .map_or_else(|| id.to_string(), |title| format!("“{title}”"))
}

fn samples(samples: &[Sample]) -> String {
    words::list(&samples.iter().map(words::sample).collect::<Vec<_>>())
}

fn rhythm(rhythm: &Rhythm) -> String {
    let daily = rhythm.daily_at.map_or_else(String::new, |at| format!(", daily at {}", clock(at)));
    format!("for {}{daily}", words::length(rhythm.lasting))
}

/// What a step of the cleaning does.
pub fn clean_step(plan: &Plan, step: &CleanStep) -> String {
    let kind = words::plural(&step.kind);
    let which = match &step.scope {
        Some(scope) => format!("{kind} where {}", words::predicate(plan, scope)),
        None => kind,
    };
    match &step.action {
        CleanAction::Merge { same, preferring, .. } => {
            let first = preferring.as_ref().map_or_else(String::new, |first| format!(", the {first} wins"));
            format!("{which} with the same {same} become one{first}")
        }
        CleanAction::Reassign { to } => format!("{which} go to {}", words::assignee(to)),
        CleanAction::Adopt { by } => format!("{which} get the placeholder “{by}”"),
        CleanAction::Keep { state } => format!("{which} stay {}", words::human(state)),
        CleanAction::Rename { by, .. } => format!("{which} are renamed by {}", words::humans(by)),
        CleanAction::Drop => match &step.because {
            Some(because) => format!("{which} are left behind ({because})"),
            None => format!("{which} are left behind"),
        },
        CleanAction::Link { state } => {
            format!("{which} are bound to what replaced them, {}", words::human(state))
        }
    }
}
