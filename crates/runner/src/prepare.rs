//! From a record of the source to what is sent: mapped, its references leading to the target, its parts with it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use cutover_connect::{Ahead, Draft, Part, Ready};
use cutover_transform::{Outcome, Worker};
use sha2::{Digest as _, Sha256};

use crate::beside::Beside;
use crate::edited::{Edited, edited};
use crate::files::looked_at;
use crate::flow::{Load, MapUse, Reference};
use crate::host::RunHost;
use crate::journal::{Journal, Rejected};
use crate::problem::Problem;
use crate::refs::Refs;
use crate::skip::Skipped;
use crate::spell::{Hole, Item, Spelling, fill_known, spell, write_ids};
use crate::stand_in::stand_in;
use crate::veil::Veil;
use crate::work::{Copied, Work};

/// What is known of the target while records are prepared.
pub(crate) trait Target {
    /// The id of a placeholder, which is made when it is not there; why not, where the target refuses it.
    fn placeholder(&mut self, kind: &str, name: &str) -> Result<Result<String, String>, Problem>;
    /// The id of the record of that name; `None` when there is none, the name itself where the target has no list of the kind.
    fn named(&mut self, kind: &str, name: &str) -> Result<Option<String>, Problem>;
}

/// A record that is ready to be sent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Planned {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) into: String,
    pub(crate) draft: Draft,
    pub(crate) digest: [u8; 32],
    /// Fields that a link stage sets: field, and to what.
    pub(crate) links: Vec<(String, Link)>,
    pub(crate) parts: Vec<PlannedPart>,
    /// Parts that break a rule.
    pub(crate) rejected: Vec<Rejected>,
    /// What the desk would find out, where that was found out ahead.
    pub(crate) ready: Option<Ready>,
}

/// A part that is ready to be sent; its record is in the draft at the same place.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlannedPart {
    pub(crate) kind: String,
    pub(crate) key: String,
    pub(crate) into: String,
    pub(crate) digest: [u8; 32],
}

/// A reference that is set later.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Link {
    pub(crate) of: Vec<String>,
    pub(crate) into: Vec<String>,
    pub(crate) keys: Vec<String>,
    pub(crate) list: bool,
    /// What is set where the field is no reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<serde_json::Value>,
}

impl Link {
    /// As the journal keeps it: no key in it names a person.
    pub(crate) fn kept(&self, veil: &Veil) -> Result<String, Problem> {
        let of = self.of.first().map_or("", String::as_str);
        let keys = self.keys.iter().map(|key| veil.key(of, key).into_owned()).collect();
        let kept = Link { keys, ..self.clone() };
        serde_json::to_string(&kept).map_err(|error| Problem::new(error.to_string()))
    }
}

/// What becomes of a record.
pub(crate) enum Fate {
    Ready(Box<Planned>),
    /// Outside of the scope, by that part of it; empty where no part decides.
    Filtered(String),
    Rejected(Box<Rejected>),
}

/// What the working copy has, which is asked once.
fn has<'h>(known: &'h mut Option<Has>, load: &Load, work: &Work) -> Result<&'h Has, Problem> {
    if known.is_none() {
        *known = Some(Has::of(load, work)?);
    }
    known.as_ref().ok_or_else(|| Problem::new("what the working copy has is not known"))
}

/// What a map makes of a record, before its references lead anywhere: all that can be found out without the journal and the target.
pub(crate) enum Mapped {
    Ready(Box<Open>),
    Filtered(String),
    Rejected(Box<Rejected>),
}

/// A record that is ready but for its references.
pub(crate) struct Open {
    planned: Planned,
    holes: Vec<Hole>,
    /// Where the texts of the parts want references.
    part_holes: Vec<PartHoles>,
    /// Whether nothing is missing any more, and the digests are known.
    led: bool,
}

struct PartHoles {
    /// The map of the part, by its position.
    map: usize,
    holes: Vec<Hole>,
}

impl Mapped {
    /// Bytes of its texts.
    pub(crate) fn bytes(&self) -> usize {
        let Mapped::Ready(open) = self else { return 0 };
        let draft = &open.planned.draft;
        draft.record.len() + draft.parts.iter().map(|part| part.record.len()).sum::<usize>()
    }
}

/// What a working copy has for the maps of a stage.
struct Has {
    /// Records of each part.
    parts: Vec<bool>,
    /// Records by whose names a translation goes: for the map of the stage, and for those of its parts.
    names: bool,
    part_names: Vec<bool>,
}

impl Has {
    fn of(load: &Load, work: &Work) -> Result<Has, Problem> {
        let names = |map: &MapUse| {
            let lists = map.lists.iter().map(|list| &list.kind);
            let mut kinds = map.by_name.iter().flat_map(|named| &named.kinds).chain(lists);
            kinds.try_fold(false, |any, kind| Ok::<_, Problem>(any || work.has(kind)?))
        };
        Ok(Has {
            parts: load.parts.iter().map(|part| work.has(&part.source)).collect::<Result<_, _>>()?,
            names: names(&load.map)?,
            part_names: load.parts.iter().map(names).collect::<Result<_, _>>()?,
        })
    }
}

/// A map at work.
pub(crate) struct Mapper<'p> {
    pub(crate) load: &'p Load,
    host: &'p RunHost<'p>,
    worker: Worker<'p>,
    parts: Vec<Worker<'p>>,
    spelling: Spelling,
    part_spellings: Vec<Spelling>,
    out: Vec<u8>,
    /// Where values stand in it.
    places: Vec<Range<usize>>,
    /// What the working copy has, known with the first record.
    has: Option<Has>,
    /// What can be found out ahead: where references lead, and what the desk would say.
    refs: Option<&'p Refs>,
    ahead: Option<Ahead<'p>>,
}

impl<'p> Mapper<'p> {
    pub(crate) fn new(load: &'p Load, host: &'p RunHost<'p>) -> Mapper<'p> {
        Mapper {
            load,
            host,
            worker: Worker::new(&load.map.program, host),
            parts: load.parts.iter().map(|part| Worker::new(&part.program, host)).collect(),
            spelling: Spelling::of(&load.map),
            part_spellings: load.parts.iter().map(Spelling::of).collect(),
            out: Vec::new(),
            places: Vec::new(),
            has: None,
            refs: None,
            ahead: None,
        }
    }

    /// Makes it lead references where it can, and check records as the embedded desk does, so that less is left for the thread that writes.
    pub(crate) fn ahead(self, refs: &'p Refs, desk: Option<Ahead<'p>>) -> Mapper<'p> {
        Mapper { refs: Some(refs), ahead: desk, ..self }
    }

    /// What the map says of a record, before its references.
    pub(crate) fn outcome(&mut self, record: &Copied, work: &Work) -> Result<Outcome, Problem> {
        let names = has(&mut self.has, self.load, work)?.names;
        let Edited { text, .. } = edited(&self.load.map, names, &record.key, &record.text, work)?;
        self.host.at(&text);
        self.out.clear();
        Beside::with(work, |others| self.worker.record(&text, others, &mut self.out))
    }

    /// Prepares a record.
    pub(crate) fn prepare(
        &mut self,
        record: &Copied,
        journal: &Journal,
        work: &Work,
        known: &Known,
        target: &mut dyn Target,
    ) -> Result<Fate, Problem> {
        let mapped = self.map(record, work)?;
        lead(self.load, mapped, &Aids { journal, work, known, refs: None }, target)
    }

    /// Maps a record and its parts.
    pub(crate) fn map(&mut self, record: &Copied, work: &Work) -> Result<Mapped, Problem> {
        let map = &self.load.map;
        if let Some(winner) = work.alias(&map.source, &record.key)? {
            return Ok(Mapped::Filtered(format!("merged into {winner}")));
        }
        let has = has(&mut self.has, self.load, work)?;
        let Edited { text, given, dangling } = edited(map, has.names, &record.key, &record.text, work)?;
        let text = match looked_at(&map.files, self.host.contents(), text)? {
            Ok(text) => text,
            Err((field, code, why)) => {
                let reject = unresolved(map, &record.key, field, code, why);
                return Ok(Mapped::Rejected(Box::new(reject)));
            }
        };
        self.host.at(&text);
        self.out.clear();
        let outcome = Beside::with(work, |others| {
            self.worker.record_with_places(&text, others, &mut self.out, &mut self.places)
        })?;
        match outcome {
            Outcome::Filtered(part) => {
                return Ok(Mapped::Filtered(part.map(|part| part.to_string()).unwrap_or_default()));
            }
            Outcome::Rejected(reject) => {
                return Ok(Mapped::Rejected(Box::new(by_rule(map, &record.key, &reject))));
            }
            Outcome::Written => {}
        }
        if let Some((field, why)) = dangling {
            let reject = unresolved(map, &record.key, field, "dangling-reference", why);
            return Ok(Mapped::Rejected(Box::new(reject)));
        }
        let mark = format!("{}:{}", map.source, record.key);
        let mut open = Box::new(Open {
            planned: Planned {
                kind: map.source.clone(),
                key: record.key.clone(),
                into: map.target.clone(),
                ..Planned::default()
            },
            holes: Vec::new(),
            part_holes: Vec::new(),
            led: false,
        });
        let links = &mut open.planned.links;
        open.planned.draft.record = if given.is_empty() {
            self.spelling.spell(map, &self.out, &self.places, &mut open.holes, links)?
        } else {
            spell(map, &self.out, &given, &mut open.holes, links)?
        };
        let parts = self.load.parts.iter().zip(&mut self.parts).zip(&self.part_spellings);
        for (at, ((part, worker), spelling)) in parts.enumerate() {
            if has.parts.get(at) != Some(&true) {
                continue;
            }
            let names = has.part_names.get(at) == Some(&true);
            work.each_of_owner(&part.source, &mark, &mut |key, text| {
                self.out.clear();
                let Edited { text, given, dangling } = edited(part, names, key, text, work)?;
                let text = match looked_at(&part.files, self.host.contents(), text)? {
                    Ok(text) => text,
                    Err((field, code, why)) => {
                        open.planned.rejected.push(unresolved(part, key, field, code, why));
                        return Ok(());
                    }
                };
                self.host.at(&text);
                let outcome = Beside::with(work, |others| {
                    worker.record_with_places(&text, others, &mut self.out, &mut self.places)
                })?;
                match outcome {
                    Outcome::Filtered(by) => {
                        open.planned.rejected.push(Rejected {
                            kind: part.source.clone(),
                            key: key.to_owned(),
                            rule: by.map(|by| by.to_string()).unwrap_or_default(),
                            code: FILTERED.to_owned(),
                            ..Rejected::default()
                        });
                    }
                    Outcome::Rejected(reject) => open.planned.rejected.push(by_rule(part, key, &reject)),
                    Outcome::Written if dangling.is_some() => {
                        let (field, why) = dangling.unwrap_or_default();
                        open.planned.rejected.push(unresolved(part, key, field, "dangling-reference", why));
                    }
                    Outcome::Written => {
                        let mut holes = Vec::new();
                        // A part's own references are set with it or not at all: no link stage reaches a part.
                        let record = if given.is_empty() {
                            spelling.spell(part, &self.out, &self.places, &mut holes, &mut Vec::new())?
                        } else {
                            spell(part, &self.out, &given, &mut holes, &mut Vec::new())?
                        };
                        open.part_holes.push(PartHoles { map: at, holes });
                        open.planned.parts.push(PlannedPart {
                            kind: part.source.clone(),
                            key: key.to_owned(),
                            into: part.target.clone(),
                            digest: [0; 32],
                        });
                        open.planned.draft.parts.push(Part {
                            kind: part.target.clone(),
                            mark: format!("{}:{key}", part.source),
                            record,
                        });
                    }
                }
                Ok(())
            })?;
        }
        open.planned.draft.mark = mark;
        if let Some(refs) = self.refs {
            open.lead(self.load, refs, work)?;
            if open.led
                && let Some(desk) = &self.ahead
            {
                open.planned.ready = desk.ready(&open.planned.into, &open.planned.draft);
            }
        }
        Ok(Mapped::Ready(open))
    }
}

impl Open {
    /// Leads references as far as they are known. What is left is for the thread that has the journal.
    fn lead(&mut self, load: &Load, refs: &Refs, work: &Work) -> Result<(), Problem> {
        let Planned { draft, parts, digest, .. } = &mut self.planned;
        let mut led = fill_known(&load.map, &mut draft.record, &mut self.holes, refs, work)?;
        for (open, draft) in self.part_holes.iter_mut().zip(&mut draft.parts) {
            let Some(map) = load.parts.get(open.map) else { return Ok(()) };
            led &= fill_known(map, &mut draft.record, &mut open.holes, refs, work)?;
        }
        if led {
            *digest = Sha256::digest(draft.record.as_bytes()).into();
            for (part, draft) in parts.iter_mut().zip(&draft.parts) {
                part.digest = Sha256::digest(draft.record.as_bytes()).into();
            }
        }
        self.led = led;
        Ok(())
    }
}

/// Leads the references of a mapped record and its parts to the target.
pub(crate) fn lead(
    load: &Load,
    mapped: Mapped,
    aids: &Aids<'_>,
    target: &mut dyn Target,
) -> Result<Fate, Problem> {
    let open = match mapped {
        Mapped::Ready(open) => *open,
        Mapped::Filtered(part) => return Ok(Fate::Filtered(part)),
        Mapped::Rejected(reject) => {
            return Ok(match aids.known.skipped.part(&reject.kind, &reject.key) {
                Some(part) => Fate::Filtered(part),
                None => Fate::Rejected(reject),
            });
        }
    };
    let Open { mut planned, holes, part_holes, led } = open;
    let skipped = &aids.known.skipped;
    if let Some(part) = skipped.part(&planned.kind, &planned.key) {
        return Ok(Fate::Filtered(part));
    }
    for reject in &mut planned.rejected {
        if let Some(rule) = skipped.part(&reject.kind, &reject.key) {
            (reject.rule, reject.code) = (rule, FILTERED.to_owned());
        }
    }
    if led && skipped.is_empty() {
        return Ok(Fate::Ready(Box::new(planned)));
    }
    // Which parts go is decided now: what was found out ahead was about all of them.
    planned.ready = None;
    if let Err((field, code, why)) = fill(&load.map, &mut planned.draft.record, &holes, aids, target)? {
        return Ok(Fate::Rejected(Box::new(unresolved(&load.map, &planned.key, field, code, why))));
    }
    planned.digest = Sha256::digest(planned.draft.record.as_bytes()).into();
    let mut gone = Vec::new();
    let parts = planned.parts.iter_mut().zip(&mut planned.draft.parts).zip(&part_holes);
    for (at, ((part, draft), open)) in parts.enumerate() {
        let Some(map) = load.parts.get(open.map) else { continue };
        if let Some(rule) = skipped.part(&part.kind, &part.key) {
            let (kind, key) = (part.kind.clone(), part.key.clone());
            planned.rejected.push(Rejected {
                kind,
                key,
                rule,
                code: FILTERED.to_owned(),
                ..Rejected::default()
            });
            gone.push(at);
            continue;
        }
        match fill(map, &mut draft.record, &open.holes, aids, target)? {
            Ok(()) => part.digest = Sha256::digest(draft.record.as_bytes()).into(),
            Err((field, code, why)) => {
                planned.rejected.push(unresolved(map, &part.key, field, code, why));
                gone.push(at);
            }
        }
    }
    for at in gone.into_iter().rev() {
        planned.parts.remove(at);
        planned.draft.parts.remove(at);
    }
    Ok(Fate::Ready(Box::new(planned)))
}

/// The code of a part that its own scope leaves out: it is counted, and is no reject.
pub(crate) const FILTERED: &str = "filtered";

fn by_rule(map: &MapUse, key: &str, reject: &cutover_transform::Reject) -> Rejected {
    Rejected {
        stage: String::new(),
        kind: map.source.clone(),
        key: key.to_owned(),
        at: String::new(),
        rule: reject.rule.to_string(),
        field: reject.field.clone(),
        code: reject.cause.code().to_owned(),
        // What stands there is told by its class: the journal holds no text of a record.
        why: format!("{} (found: {})", reject.cause, reject.found),
    }
}

fn unresolved(map: &MapUse, key: &str, field: String, code: &'static str, why: String) -> Rejected {
    Rejected {
        stage: String::new(),
        kind: map.source.clone(),
        key: key.to_owned(),
        at: String::new(),
        rule: format!("{}/to/{field}", map.id),
        field,
        code: code.to_owned(),
        why,
    }
}

/// What references are resolved with.
pub(crate) struct Aids<'a> {
    pub(crate) journal: &'a Journal,
    pub(crate) work: &'a Work,
    pub(crate) known: &'a Known,
    /// What the thread that maps shall know the next time.
    pub(crate) refs: Option<&'a Refs>,
}

/// Why a reference leads nowhere: field, code, words.
type Unresolved = (String, &'static str, String);

/// Fills the places of a text where references go.
fn fill(
    map: &MapUse,
    text: &mut String,
    holes: &[Hole],
    aids: &Aids<'_>,
    target: &mut dyn Target,
) -> Result<Result<(), Unresolved>, Problem> {
    if holes.is_empty() {
        return Ok(Ok(()));
    }
    let mut out = String::with_capacity(text.len() + 24 * holes.len());
    let mut from = 0;
    for hole in holes {
        let Some((field, reference)) = map.references.iter().nth(hole.reference) else { continue };
        out.push_str(text.get(from..hole.at).unwrap_or_default());
        from = hole.at;
        let mut ids = Vec::with_capacity(hole.items.len());
        for item in &hole.items {
            let led = match lead_one(reference, item, hole.cleaned, aids, target)? {
                Err(("dangling-reference", why)) if !hole.cleaned => {
                    match stand_in(map, field, reference, item, aids, target)? {
                        Some(stands) => stands,
                        // What somebody left behind is no longer listed: the others are.
                        None if hole.list && is_skipped(reference, item, aids) => Ok(None),
                        None => Err(("dangling-reference", why)),
                    }
                }
                led => led.map(Some),
            };
            match led {
                Ok(id) => ids.extend(id),
                Err((code, why)) => return Ok(Err((field.clone(), code, why))),
            }
        }
        if ids.is_empty() && !hole.list {
            // The field stays empty: its name goes, too.
            out.truncate(
                out.len().saturating_sub(serde_json::Value::from(field.as_str()).to_string().len() + 1),
            );
            if out.ends_with(',') {
                out.pop();
            } else if text.get(from..).is_some_and(|rest| rest.starts_with(',')) {
                from += 1;
            }
            continue;
        }
        write_ids(hole.list, ids.into_iter(), &mut out);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    *text = out;
    Ok(Ok(()))
}

/// Whether an item leads to a record that somebody has left behind.
fn is_skipped(reference: &Reference, item: &Item, aids: &Aids<'_>) -> bool {
    let (Reference::Key { of, .. }, Item::Text(key)) = (reference, item) else { return false };
    of.iter().any(|kind| aids.known.skipped.part(kind, &aids.work.veil().key(kind, key)).is_some())
}

pub(crate) fn lead_one(
    reference: &Reference,
    item: &Item,
    cleaned: bool,
    aids: &Aids<'_>,
    target: &mut dyn Target,
) -> Result<Result<String, (&'static str, String)>, Problem> {
    let (Reference::Key { into, .. } | Reference::Name { into } | Reference::Later { into, .. }) = reference
    else {
        return Ok(Err(("malformed-map", "it leads to its owner".to_owned())));
    };
    let first = into.first().map_or("", String::as_str);
    match (reference, item) {
        (_, Item::Placeholder(name)) => {
            let made = target.placeholder(first, name)?;
            if let (Ok(id), Some(refs)) = (&made, aids.refs) {
                refs.learn_placeholder(first, name, id);
            }
            Ok(made.map_err(|why| ("placeholder", format!("the placeholder could not be made: {why}"))))
        }
        (Reference::Key { of, into }, Item::Text(key)) if !cleaned => {
            Ok(aids.known.target(aids.journal, aids.work, of, into, key)?.ok_or_else(|| {
                ("dangling-reference", format!("it leads to a {} that did not go over", of.join(" or ")))
            }))
        }
        (_, Item::Text(name)) => {
            for kind in into {
                if let Some(id) = target.named(kind, name)? {
                    if let Some(refs) = aids.refs {
                        refs.learn_name(into, name, &id);
                    }
                    return Ok(Ok(id));
                }
            }
            Ok(Err(("unknown-name", format!("the target has no {} of that name", into.join(" or ")))))
        }
    }
}

/// What the journal knows of references, with the last answers at hand.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// Placeholders that the target refuses.
    pub(crate) refused: RefCell<HashMap<(String, String), String>>,
    /// Whether the journal is known to know everything that was sent.
    pub(crate) certain: std::cell::Cell<bool>,
    /// Records that people left behind.
    pub(crate) skipped: Skipped,
    /// Names of the target, by kind.
    pub(crate) names: RefCell<Answers>,
    /// Ids of the target by keys of the source, by its kind and the target's.
    answers: RefCell<HashMap<String, Answers>>,
}

/// Answers to questions about records of a kind.
pub(crate) type Answers = HashMap<String, HashMap<Box<str>, Box<str>>>;

/// Answers about a kind that are kept.
const KEPT: usize = 100_000;

/// Keeps an answer.
pub(crate) fn keep_answer(answers: &mut Answers, kind: &str, question: &str, answer: &str) {
    if !answers.contains_key(kind) {
        answers.insert(kind.to_owned(), HashMap::new());
    }
    if let Some(kept) = answers.get_mut(kind) {
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(question.into(), answer.into());
    }
}

impl Known {
    /// Forgets everything: records were taken back.
    pub(crate) fn forget(&self) {
        self.refused.borrow_mut().clear();
        self.names.borrow_mut().clear();
        self.answers.borrow_mut().clear();
    }

    /// The id of what a key of the source became.
    pub(crate) fn target(
        &self,
        journal: &Journal,
        work: &Work,
        of: &[String],
        into: &[String],
        key: &str,
    ) -> Result<Option<String>, Problem> {
        for kind in of {
            let (winner, own) = (work.alias(kind, key)?, work.veil().key(kind, key));
            let key = winner.as_deref().unwrap_or(&own);
            for into in into {
                let kept = self.answers.borrow();
                if let Some(id) = kept.get(kind).and_then(|kept| kept.get(into)?.get(key)) {
                    return Ok(Some(String::from(&**id)));
                }
                drop(kept);
                let found = journal.record(kind, key, into)?.filter(|row| row.state == "done");
                // Only what is there stays as it is.
                if let Some(row) = found {
                    let mut answers = self.answers.borrow_mut();
                    keep_answer(answers.entry(kind.clone()).or_default(), into, key, &row.target);
                    return Ok(Some(row.target));
                }
            }
        }
        Ok(None)
    }
}
