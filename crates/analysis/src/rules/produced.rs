//! Metrics that nothing in the spec produces: a number that is always zero, or never there, keeps nobody awake.

use cutover_catalog::Part;
use cutover_diagnostics::{Diagnostic, Label, Span};
use cutover_ir::Id;
use cutover_ir::measure::{self, Condition, Measure};
use cutover_plan::model::{Content, LoadMode, SilenceProof, Verb};
use rustc_hash::FxHashSet;

use crate::context::Context;
use crate::lower::words::INTEGRATIONS;
use crate::rules::disposition;

/// Metrics of mail to canary addresses.
const CANARIES: &[&str] =
    &["delayed_confirmations", "duplicate_confirmations", "failed_canary_mails", "missing_confirmations"];
/// Metrics of due dates, which only declared policies have.
const DUE: &[&str] = &["false_late", "hidden_breaches", "unexplained_due_difference"];
/// Metrics that count records which were loaded.
const LOADED: &[&str] = &["broken", "lost", "lost_assignees", "misrouted", "missing", "shifted_statuses"];

/// Asks of each measured condition that something produces its number.
pub fn check(cx: &mut Context<'_>) {
    let made = Made::of(cx);
    let mut found = Vec::new();
    for (id, item) in &cx.draft.plan.items {
        let conditions: &[Condition] = match &item.content {
            Content::Objective(goal) | Content::Criterion(goal) => &goal.pass,
            Content::Check(check) if !check.generated => &check.pass,
            Content::Trigger(trigger) => {
                found.extend(missing(cx, &made, &trigger.fires).zip(span(cx, id, "")));
                continue;
            }
            Content::Watch(watch) => {
                for (name, alert) in measure::each(&watch.alerts) {
                    found.extend(missing(cx, &made, alert).zip(span(cx, id, &name)));
                }
                continue;
            }
            _ => continue,
        };
        for (name, measure) in measure::named(conditions) {
            found.extend(missing(cx, &made, measure).zip(span(cx, id, &name)));
        }
    }
    found.sort_by_key(|(_, span)| *span);
    // What one block brings back is told once, at the first condition that waits for it.
    let mut told: Vec<(String, Diagnostic)> = Vec::new();
    for (missing, span) in found {
        if let Some((_, finding)) = told.iter_mut().find(|(label, _)| *label == missing.label) {
            finding.labels.push(Label { span, text: "and this one".into() });
            continue;
        }
        let finding = Diagnostic::error(
            "metrics/not-produced",
            "nothing produces the number that a condition asks for",
        )
        .primary(span, missing.label.clone())
        .help(missing.help);
        told.push((missing.label, finding));
    }
    for (_, finding) in told {
        cx.push(finding);
    }
}

/// What the spec has that metrics rest on.
#[derive(Default)]
struct Made {
    canary: bool,
    policies: bool,
    agents: bool,
    comments: bool,
    texts: bool,
    /// Whether changes since an earlier load are loaded in the night; none when that is not known.
    changes: Option<bool>,
    imported: FxHashSet<String>,
}

impl Made {
    fn of(cx: &Context<'_>) -> Made {
        let mut made = Made::default();
        for item in cx.draft.plan.items.values() {
            match &item.content {
                Content::GoLive(night) => {
                    made.changes = Some(night.load.mode != LoadMode::Create);
                    for proof in night.silent.iter().flat_map(|silent| &silent.proven_by) {
                        made.canary |= matches!(proof, SilenceProof::Canary(_));
                    }
                }
                Content::Sla(_) => made.policies = true,
                Content::Scope(part) if matches!(part.verb, Verb::Import | Verb::Recreate) => {
                    let kind = cx.world.source().and_then(|source| source.kind(&part.kind));
                    let of = kind.map_or(Part::Unset, |kind| kind.kind.part);
                    made.texts |= matches!(of, Part::Macro | Part::Template | Part::Automation);
                    if part.verb == Verb::Import {
                        made.agents |= matches!(of, Part::Agent | Part::User);
                        made.comments |= matches!(of, Part::Comment | Part::Transcript);
                        made.imported.insert(part.kind.clone());
                    }
                }
                _ => {}
            }
        }
        made
    }
}

/// What is missing, and what to do.
struct Missing {
    label: String,
    help: &'static str,
}

fn missing(cx: &Context<'_>, made: &Made, measure: &Measure) -> Option<Missing> {
    let metric = measure.metric.as_str();
    // Without a night nothing is known of its proofs, and that is reported.
    let night = cx.draft.plan.items.contains_key("go_live");
    if CANARIES.contains(&metric) && !made.canary && night {
        return Some(Missing {
            label: "no mail is sent to any address of your own, so none can fail".to_owned(),
            help: "name an address in `go live`: `silent proven by canary(\"canary@acme.example\") until checks pass`",
        });
    }
    if DUE.contains(&metric) && !made.policies {
        return Some(Missing {
            label: "the spec declares no policy, so no due date is computed".to_owned(),
            help: "declare the promises: `sla premium \"Premium\" on support_hours { clock ... }`",
        });
    }
    if metric == "widened_roles" && !made.agents {
        return Some(Missing {
            label: "no agents are imported, so there are no roles to compare".to_owned(),
            help: "waive the area `permissions`, or show it by `evidence \"...\"`",
        });
    }
    if metric == "waiting_changes" && made.changes == Some(false) {
        return Some(Missing {
            label: "everything is loaded in the night, so nothing changes between a load and the next"
                .to_owned(),
            help: "leave it out; it counts where a part is loaded ahead: `load changed tickets replacing`",
        });
    }
    if made.imported.is_empty() {
        return None;
    }
    // A kind about which nobody has decided yet is asked about there.
    let open = |parts: &[Part]| {
        let source = cx.world.source();
        source.is_none_or(|source| {
            let mut kinds = source.kinds.iter().filter(|kind| parts.contains(&kind.kind.part));
            kinds.any(|kind| disposition::is_asked_about(cx, source, kind))
        })
    };
    if metric == "wrong_visibility" && !made.comments && !open(&[Part::Comment, Part::Transcript]) {
        return Some(Missing {
            label: "no comments are imported, so there is no note that anybody could see".to_owned(),
            help: "import the comments, or waive the area: `waive permissions owner ... because \"no notes move\"`",
        });
    }
    if metric == "unknown_placeholders"
        && !made.texts
        && !open(&[Part::Macro, Part::Template, Part::Automation])
    {
        return Some(Missing {
            label: "no macros, templates or rules are rebuilt, so there is no text with placeholders"
                .to_owned(),
            help: "rebuild them, or waive the area: `waive macros owner ... because \"nobody uses any\"`",
        });
    }
    if !LOADED.contains(&metric) {
        return None;
    }
    let source = cx.world.source()?;
    let kind = measure
        .of
        .iter()
        .find_map(|name| source.kind(name).filter(|_| !INTEGRATIONS.contains(&name.as_str())))?;
    let missing = !made.imported.contains(kind.name) && !disposition::is_asked_about(cx, source, kind);
    missing.then(|| Missing {
        label: format!("no {} are imported, so there is nothing to count", kind.plural.replace('_', " ")),
        help: "ask about a kind that `scope` imports, or import this one",
    })
}

fn span(cx: &Context<'_>, id: &Id, sub: &str) -> Option<Span> {
    let places = &cx.draft.places;
    places.get(&id.child(sub)).or_else(|| places.get(id)).copied()
}
