//! Whether the spec does what a reason promises, with the very thing whose reason it is.

use cutover_analysis::world::KindView;
use cutover_catalog::Part;
use cutover_ir::Type;
use cutover_ir::map::{Map, Outcome, Row, Source, WhenMissing};
use cutover_ir::predicate::Literal;
use cutover_plan::model::{Assignee, CleanAction, Content, Operation, Selection, Verb};

use super::Subject;
use super::claims::{Act, Place, What};
use crate::Facts;

/// A promise that is not kept.
pub(super) struct Broken {
    pub(super) what: String,
    pub(super) help: &'static str,
}

fn broken_as(what: impl Into<String>, help: &'static str) -> Option<Broken> {
    Some(Broken { what: what.into(), help })
}

/// Why a promise about a subject is not kept; none when it is, or when nobody can say.
pub(super) fn broken(facts: &Facts<'_>, subject: Subject<'_>, what: What<'_>) -> Option<Broken> {
    match what {
        What::In(Place::Archive) if !archived(facts, subject) => broken_as(
            if any_archive(facts) {
                "what is archived here is something else"
            } else {
                "nothing is archived"
            },
            "`archive` it, `accept` the loss with `in \"vault:...\"`, or correct the reason",
        ),
        What::In(Place::Backup) if !backed_up(facts, subject) => {
            broken_as("the backup does not hold it", "name it in `backup full`, or correct the reason")
        }
        What::In(Place::Tag) => tag(facts, subject),
        What::In(Place::Placeholder) if !stands_in(facts) => broken_as(
            "nothing is given a placeholder",
            "add `when missing placeholder \"...\"` to the row, or correct the reason",
        ),
        What::In(Place::Comment) => comment(facts, subject),
        What::Field { name, moved } => field(facts, subject, name, moved),
        What::To(rest) => to_group(facts, subject, rest),
        What::Done(act) => done(facts, subject, act),
        What::In(_) => None,
    }
}

fn done(facts: &Facts<'_>, subject: Subject<'_>, act: Act) -> Option<Broken> {
    let of_kind = |kind: &str| subject.kind().is_none_or(|own| own == kind);
    let step = |wanted: fn(&CleanAction) -> bool| {
        facts.items().any(|(_, item)| match &item.content {
            Content::Clean(clean) => clean.steps.iter().any(|step| wanted(&step.action)),
            _ => false,
        })
    };
    match act {
        Act::Deleted => match subject {
            Subject::Part(part) if part.verb == Verb::Archive => {
                let deleted = part.until.as_ref().is_some_and(|until| until.then_delete);
                (!deleted).then_some(())?;
                broken_as(
                    "nothing is deleted",
                    "add `until` with a date and `then delete`, or correct the reason",
                )
            }
            Subject::Part(part)
                if part.verb == Verb::Retire && !has(facts, |c| matches!(c, Content::Decommission(_))) =>
            {
                broken_as(
                    "it stays in the old desk, which nobody shuts down",
                    "add `decommission source`, or correct the reason",
                )
            }
            _ => None,
        },
        Act::Redirected => match subject {
            Subject::Part(part) if !part.redirects_verified => broken_as(
                "nothing checks that old addresses lead anywhere",
                "add `redirects verified`, or correct the reason",
            ),
            _ => None,
        },
        Act::Recreated => {
            let kept = has(facts, |content| match content {
                Content::Scope(part) => part.verb == Verb::Recreate && of_kind(&part.kind),
                Content::Integration(integration) => integration.how == "rebuilt",
                _ => false,
            });
            (!kept).then_some(())?;
            broken_as(
                "nobody builds it anew",
                "`recreate` it in `scope`, with an owner, or correct the reason",
            )
        }
        Act::Merged => {
            let kept = step(|action| matches!(action, CleanAction::Merge { .. } | CleanAction::Link { .. }));
            (!kept).then_some(())?;
            broken_as("nothing is merged", "add `merge` to `clean copy`, or correct the reason")
        }
        Act::Linked => {
            let kept = step(|action| matches!(action, CleanAction::Link { .. }))
                || has(facts, |content| match content {
                    // That answers to closed tickets are linked says nothing of a field or a kind that is left behind.
                    Content::Wave(wave) => {
                        wave.reopened_as.is_some()
                            && !matches!(subject, Subject::Dropped(..) | Subject::Part(_))
                    }
                    Content::Scope(part) => {
                        part.verb == Verb::Import && part_of(facts, &part.kind) == Some(Part::Link)
                    }
                    _ => false,
                })
                || facts.plan.stages.iter().any(|stage| matches!(stage.operation, Operation::Link { .. }));
            (!kept).then_some(())?;
            broken_as("nothing links it", "import the links, or correct the reason")
        }
        Act::Reassigned => {
            let kept = step(|action| matches!(action, CleanAction::Reassign { .. }));
            (!kept).then_some(())?;
            broken_as("nothing is reassigned", "add `reassign` to `clean copy`, or correct the reason")
        }
        Act::Suspended => {
            let kept = step(|action| matches!(action, CleanAction::Keep { .. }))
                || rows(facts).any(|(_, row)| row.to.iter().any(|to| to.contains("suspended")));
            (!kept).then_some(())?;
            broken_as(
                "nobody is suspended",
                "add a row to the field that says so, or `keep ... as suspended` to `clean copy`, or correct the reason",
            )
        }
        Act::Imported => match subject {
            Subject::Part(part) if part.verb != Verb::Import => {
                let kept = has(
                    facts,
                    |content| matches!(content, Content::Scope(other) if other.verb == Verb::Import && other.kind == part.kind),
                );
                (!kept).then_some(())?;
                broken_as("this line leaves it behind", "`import` it, or correct the reason")
            }
            _ => None,
        },
        // No function of the library masks a value.
        Act::Masked => match subject {
            Subject::Part(part) if part.verb != Verb::Retire => broken_as(
                "nothing masks it",
                "drop the fields that say who somebody is, or correct the reason",
            ),
            Subject::Row(..) => broken_as("nothing masks it", "drop the field, or correct the reason"),
            Subject::Dropped(..) => {
                broken_as("it is left behind, and nothing masks it", "correct the reason")
            }
            _ => None,
        },
    }
}

fn has(facts: &Facts<'_>, wanted: impl Fn(&Content) -> bool) -> bool {
    facts.items().any(|(_, item)| wanted(&item.content))
}

fn rows<'a>(facts: &Facts<'a>) -> impl Iterator<Item = (&'a Map, &'a Row)> + use<'a> {
    facts
        .items()
        .filter_map(|(_, item)| match &item.content {
            Content::Map(map) => Some(map),
            _ => None,
        })
        .flat_map(|map| map.rows.iter().map(move |row| (map, row)))
}

fn part_of(facts: &Facts<'_>, kind: &str) -> Option<Part> {
    Some(facts.world.source()?.kind(kind)?.kind.part)
}

/// Whether something of the spec puts anything into an archive.
fn any_archive(facts: &Facts<'_>) -> bool {
    has(facts, |content| match content {
        Content::Scope(part) => part.verb == Verb::Archive,
        Content::Accept(accept) => accept.store.is_some(),
        _ => false,
    })
}

/// Whether the subject itself is in an archive: its kind as a whole, or what hangs on it, or an accepted loss of that sort.
fn archived(facts: &Facts<'_>, subject: Subject<'_>) -> bool {
    let kind = match subject {
        Subject::Part(part) if part.verb == Verb::Archive => return true,
        Subject::Accept(accept) => return accept.store.is_some(),
        Subject::Line(..) | Subject::Other => return any_archive(facts),
        _ => subject.kind().and_then(|kind| facts.world.source()?.kind(kind)),
    };
    let Some(kind) = kind else { return any_archive(facts) };
    has(facts, |content| match content {
        Content::Scope(part) if part.verb == Verb::Archive => {
            let whole = matches!(part.which, Selection::All);
            let Some(kept) = facts.world.source().and_then(|source| source.kind(&part.kind)) else {
                return true;
            };
            let hangs = kept.kind.with.as_deref() == Some(kind.name);
            let holds = kind.kind.with.as_deref() == Some(kept.name);
            whole && (kept.name == kind.name || hangs || holds)
        }
        Content::Accept(accept) => accept.store.is_some() && is_of(&accept.what, kind, subject),
        _ => false,
    })
}

/// Whether what is lost by this name is a part of the subject: a kind, or a field that means it.
fn is_of(lost: &str, kind: &KindView<'_>, subject: Subject<'_>) -> bool {
    let means = |wanted: &[&str]| {
        kind.fields().any(|field| {
            let canon = field.field.canon.as_deref().unwrap_or(field.name);
            wanted.iter().any(|wanted| canon.contains(wanted)) && subject.is_about(&field.spelled())
        })
    };
    let part = kind.kind.part;
    match lost {
        "attachments" => part == Part::Attachment || means(&["attachment"]),
        "authors" => means(&["author"]),
        "comment_times" => part == Part::Comment && means(&["created_at"]),
        "created_at" => part == Part::Ticket && means(&["created_at"]),
        "message_ids" => means(&["message_id"]),
        "status_history" => part == Part::History || means(&["status"]),
        "sla_history" => part == Part::SlaPolicy || means(&["due", "sla"]),
        _ => false,
    }
}

fn backed_up(facts: &Facts<'_>, subject: Subject<'_>) -> bool {
    let named = |kind: &str, part: &String| {
        part == "everything"
            || part == kind
            || facts
                .world
                .source()
                .and_then(|source| source.kind(part))
                .is_some_and(|named| named.name == kind)
    };
    has(facts, |content| match content {
        Content::Backup(backup) => {
            subject.kind().is_none_or(|kind| backup.parts.iter().any(|part| named(kind, part)))
        }
        _ => false,
    })
}

fn into_tags(row: &Row) -> bool {
    row.types.iter().any(|ty| matches!(ty.required(), Type::Tags))
}

/// The translation that a row applies.
fn table(row: &Row) -> impl Iterator<Item = &str> {
    row.pipe.iter().filter(|call| call.function == "translate").filter_map(|call| match call.args.first() {
        Some(Literal::Text(name)) => Some(name.as_str()),
        _ => None,
    })
}

fn tag(facts: &Facts<'_>, subject: Subject<'_>) -> Option<Broken> {
    let keeps = |name: &str| {
        has(facts, |content| match content {
            Content::Translate(table) => {
                table.id.as_str().rsplit('/').next() == Some(name)
                    && table.rows.iter().any(|row| row.kept_in_tag)
            }
            _ => false,
        })
    };
    let same = |map: &Map, row: &Row, of: &Row| {
        row.from.iter().any(|from| matches!(from, Source::Field(_)) && of.from.contains(from))
            && map.rows.contains(row)
    };
    let help = "write the value into tags: a row to them, or `kept in tag` in its translation; or correct the reason";
    let kept = match subject {
        Subject::Dropped(map, field) => map.rows.iter().any(|row| {
            row.from.iter().any(|from| matches!(from, Source::Field(path) if path == field))
                && (into_tags(row) || table(row).any(keeps))
        }),
        Subject::Row(map, row) => {
            into_tags(row)
                || map
                    .rows
                    .iter()
                    .any(|other| same(map, other, row) && (into_tags(other) || table(other).any(keeps)))
        }
        Subject::Line(name, line) => {
            line.kept_in_tag
                || rows(facts).any(|(map, row)| {
                    table(row).any(|used| used == name)
                        && (into_tags(row)
                            || map.rows.iter().any(|other| into_tags(other) && same(map, other, row)))
                })
        }
        Subject::Part(_) | Subject::Step(_) | Subject::Accept(_) | Subject::Other => {
            let added = rows(facts).any(|(_, row)| row.pipe.iter().any(|call| call.function == "add"));
            let silent = has(facts, |content| match content {
                Content::GoLive(night) => night.silent.as_ref().is_some_and(|silent| silent.tag.is_some()),
                _ => false,
            });
            if added || silent {
                return None;
            }
            return broken_as(
                "nothing adds a tag",
                "add a tag to what is loaded, `tags -> tags add \"...\"`, or correct the reason",
            );
        }
    };
    if kept { None } else { broken_as("the value is in no tag", help) }
}

fn stands_in(facts: &Facts<'_>) -> bool {
    let by_row = |row: &Row| {
        matches!(row.when_missing, Some(WhenMissing::Placeholder(_) | WhenMissing::PlaceholderBy(_)))
    };
    let by_step = |action: &CleanAction| {
        matches!(action, CleanAction::Adopt { .. } | CleanAction::Reassign { to: Assignee::Placeholder(_) })
    };
    rows(facts).any(|(_, row)| by_row(row))
        || has(facts, |content| match content {
            Content::Clean(clean) => clean.steps.iter().any(|step| by_step(&step.action)),
            _ => false,
        })
}

/// What is said to be written into a comment is read by a row that writes there.
fn comment(facts: &Facts<'_>, subject: Subject<'_>) -> Option<Broken> {
    if matches!(subject, Subject::Part(part) if part.verb == Verb::Retire) {
        return broken_as(
            "this line leaves it behind, and no row writes it",
            "`import` it with its tickets, or correct the reason",
        );
    }
    let map = subject.map()?;
    let target = facts.world.target()?;
    let opens = |path: &str| {
        let (first, _) = path.split_once('.').unwrap_or((path, ""));
        target.kind(first).is_some_and(|kind| kind.kind.part == Part::Comment)
            || target
                .kind(&map.target)
                .and_then(|kind| kind.field(path))
                .is_some_and(|field| field.field.canon.as_deref() == Some("description"))
    };
    let whole = part_of(facts, &map.source) == Some(Part::Comment);
    let kept = map.rows.iter().any(|row| {
        let own = match subject {
            Subject::Row(_, own) => own.id == row.id || row.from.iter().any(|from| own.from.contains(from)),
            Subject::Dropped(_, field) => {
                row.from.iter().any(|from| matches!(from, Source::Field(path) if path == field))
            }
            _ => false,
        };
        own && (whole || row.to.iter().any(|to| opens(to)) || row.overflow.as_deref().is_some_and(opens))
    });
    if kept {
        return None;
    }
    broken_as(
        "no row writes it into a comment",
        "add a row from the field to the first comment, or `overflow to` it, or correct the reason",
    )
}

/// A field that is said to hold something is written, and from what is said to be in it.
fn field(facts: &Facts<'_>, subject: Subject<'_>, name: &str, moved: bool) -> Option<Broken> {
    let map = subject.map()?;
    let source = facts.world.source()?;
    // Kinds are no fields of one another: "it stands in the ticket".
    if source.kind(name).is_some() {
        return None;
    }
    let short = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    let is =
        |path: &str| path == name || (!name.contains('.') && path.rsplit('.').next() == Some(short.as_str()));
    let writes = |row: &&Row| row.to.iter().any(|to| is(to)) || row.overflow.as_deref().is_some_and(is);
    let reads = |row: &&Row| row.from.iter().any(|from| matches!(from, Source::Field(path) if is(path)));
    let own = |row: &Row| match subject {
        Subject::Row(_, own) => own.id == row.id || row.from.iter().any(|from| own.from.contains(from)),
        Subject::Dropped(_, field) => {
            row.from.iter().any(|from| matches!(from, Source::Field(path) if path == field))
        }
        _ => true,
    };
    let known = |system: Option<&cutover_analysis::world::System<'_>>, kind: &str| {
        system.and_then(|system| system.kind(kind)).is_some_and(|kind| {
            kind.field(name).is_some()
                || kind.field(&short).is_some()
                || kind.field(&format!("custom.{short}")).is_some()
        })
    };
    let (old, new) = (known(Some(source), &map.source), known(facts.world.target(), &map.target));
    let help = "write the row that does it, or correct the reason";
    if !old && !new {
        let path = name.starts_with("custom.");
        (path && subject.map().is_some()).then_some(())?;
        return broken_as(format!("neither desk has a field `{name}`"), help);
    }
    let written: Vec<&Row> = map.rows.iter().filter(writes).collect();
    if moved && new {
        // What is put there is put there by a row of its own.
        return match written.as_slice() {
            [] => broken_as(format!("no row writes `{name}`"), help),
            rows if rows.iter().any(|row| own(row)) => None,
            _ => broken_as(format!("`{name}` is written from something else"), help),
        };
    }
    if !written.is_empty() || map.rows.iter().any(|row| reads(&row)) {
        return None;
    }
    broken_as(format!("`{name}` does not arrive"), help)
}

/// Whoever something is said to go to gets it by a step or a translation.
fn to_group(facts: &Facts<'_>, subject: Subject<'_>, rest: &str) -> Option<Broken> {
    let target = facts.world.target()?;
    let groups = [Part::Group, Part::Queue].into_iter().flat_map(|part| target.kinds_of(part));
    let names =
        groups.filter_map(|kind| target.objects(kind.name)).flatten().map(|object| object.name.as_ref());
    let named = |name: &&str| {
        rest.strip_prefix(*name).is_some_and(|behind| !behind.starts_with(|c: char| c.is_alphanumeric()))
    };
    let name: &str = names.filter(named).max_by_key(|name: &&str| name.len())?;
    let gives = |outcome: &Outcome| match outcome {
        Outcome::Value(Literal::Text(value)) => value == name,
        _ => false,
    };
    let kept = has(facts, |content| {
        match content {
        Content::Clean(clean) => clean
            .steps
            .iter()
            .any(|step| matches!(&step.action, CleanAction::Reassign { to: Assignee::Group(group) } if group == name)),
        // What becomes of people's tickets is said by a step; a value's way is a line of a translation.
        Content::Translate(table) if !matches!(subject, Subject::Part(_)) => {
            table.rows.iter().any(|row| gives(&row.outcome)) || table.rest.as_ref().is_some_and(gives)
        }
        _ => false,
    }
    });
    if kept {
        return None;
    }
    broken_as(
        format!("nothing goes to the group \"{name}\""),
        "add `reassign tickets where ... to group \"...\"` to `clean copy`, or correct the reason",
    )
}
