//! What people build in the new desk, other systems, archives and what is left behind.

use cutover_ir::Id;
use cutover_plan::model::{
    Content, Inverse, Operation, Pass, Phase, Selection, StageKind, Undo, Verb, Words,
};

use super::export::{exported_kind, plural};
use crate::Sketch;
use crate::sketch::{CHECKSUMS, Node, carries, selection_name, spaced, stage, words};

pub(super) fn add(sketch: &mut Sketch<'_>) {
    let mut archives: Vec<(Node, &str)> = Vec::new();
    // What nobody in particular owns belongs to whoever owns the night.
    let scope_owner = super::load::night_owner(sketch);
    for (id, item) in sketch.items() {
        match &item.content {
            Content::Scope(part) => {
                let (verb, phase, operation) = match part.verb {
                    Verb::Import => continue,
                    Verb::Recreate => {
                        ("recreate", Phase::Build, Operation::Recreate { kind: part.kind.clone() })
                    }
                    Verb::Archive => (
                        "archive",
                        Phase::Export,
                        Operation::Archive {
                            kind: part.kind.clone(),
                            store: part.store.clone().unwrap_or_default(),
                        },
                    ),
                    Verb::Retire => ("retire", Phase::Build, Operation::Retire { kind: part.kind.clone() }),
                };
                let sub = selection_name(id, &part.which);
                let parts = ["stage", verb, part.kind.as_str()].into_iter().chain(sub.as_deref());
                let kind = match part.verb {
                    Verb::Archive => StageKind::Automatic,
                    _ => StageKind::Gate,
                };
                let what = which(&part.kind, &part.which);
                let title = match part.verb {
                    Verb::Recreate => format!("Build {what} anew in the new desk"),
                    Verb::Archive => format!("Keep {what} outside of both desks"),
                    _ => format!("Leave {what} behind"),
                };
                let mut made = carries(stage(Id::new(parts), phase, kind, title, operation), id, item);
                match part.verb {
                    Verb::Recreate => {
                        made.pass = Pass::Evidence("each was tried once in the sandbox".to_owned());
                        made.undo = Undo::Inverse(Inverse::SwitchOff);
                    }
                    Verb::Archive => {
                        made.verification = if part.redirects_verified {
                            words(["counts", "checksums", "redirects"])
                        } else {
                            Words::clone(&CHECKSUMS)
                        };
                    }
                    _ => {
                        made.pass = Pass::Evidence(
                            "what it did lives on elsewhere, or nobody needs it any more".to_owned(),
                        );
                        made.owner = made.owner.or_else(|| scope_owner.clone());
                    }
                }
                let node = sketch.add(made);
                if part.verb == Verb::Archive {
                    archives.push((node, part.kind.as_str()));
                }
            }
            Content::Integration(integration) if integration.how != "none" => {
                let name = id.as_str().rsplit('/').next().unwrap_or_default();
                if integration.how == "switched" {
                    continue;
                }
                let title = item.title.clone().unwrap_or_else(|| spaced(name));
                let mut made = stage(
                    Id::new(["stage", "integrate", name]),
                    Phase::Build,
                    StageKind::Gate,
                    format!("Point the integration at the new desk: {title}"),
                    Operation::Integrate { kind: integration.kind.clone() },
                );
                made.due = integration.changed_before.clone().map(Box::new);
                made.pass =
                    Pass::Evidence("a change made on each side arrives on the other as designed".to_owned());
                made.undo = Undo::Inverse(Inverse::SwitchBack);
                sketch.add(carries(made, id, item));
            }
            _ => {}
        }
    }
    let exported = sketch.index(exported_kind);
    for (archive, kind) in archives {
        let exports = exported.get(kind).cloned().unwrap_or_default();
        sketch.need_all(&[archive], &exports, "only what was exported can be kept");
    }
}

fn which(kind: &str, which: &Selection) -> String {
    let plural = plural(kind);
    match which {
        Selection::All => plural,
        Selection::Where(_) => format!("some {plural}"),
        Selection::Rest(_) | Selection::RestNamed(_) => format!("the other {plural}"),
        Selection::Named(names) if names.len() == 1 => format!("the {} “{}”", spaced(kind), names.join("")),
        Selection::Named(names) => {
            let names: Vec<String> = names.iter().map(|name| format!("“{name}”")).collect();
            format!("the {plural} {}", names.join(", "))
        }
    }
}
