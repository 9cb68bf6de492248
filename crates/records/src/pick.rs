//! Takes single values out of a JSON record without building the rest of it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;

use rustc_hash::FxHashMap;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::path::{PathError, Step, parse};
use crate::problem::{Found, Place, Problem};
use crate::{Cell, Limits, Record};

/// A compiled list of paths. Each path has a slot: its position in the list.
#[derive(Debug)]
pub struct Picker {
    root: Node,
    slots: usize,
    limits: Limits,
}

/// What a record has at the paths of a [`Picker`].
#[derive(Debug, Default)]
pub struct Picked<'a> {
    values: Vec<Option<&'a RawValue>>,
    members: Vec<Member<'a>>,
    problems: Vec<Found>,
}

/// A value that a path with a `*` found.
#[derive(Debug)]
pub struct Member<'a> {
    /// Slot of the path.
    pub slot: usize,
    /// The key that stood for the `*`: a key of the object, or the value of the element's key as plain text.
    pub key: Cow<'a, str>,
    /// The value, when the element has it.
    pub value: Option<&'a RawValue>,
}

#[derive(Debug, Default)]
struct Node {
    /// Path of this node as written, for problems and for unknown keys.
    path: String,
    slots: Vec<usize>,
    /// Slots of paths that end with `.*` here.
    any: Vec<usize>,
    kids: FxHashMap<String, Node>,
    elements: Option<Box<Elements>>,
}

/// A list of objects, each told by one of its keys.
#[derive(Debug)]
struct Elements {
    key: String,
    /// The element as a record of its own: its key has slot 0, the wanted paths have the next slots.
    element: Node,
    locals: usize,
    /// From the key's value to the local slots and where they go.
    routes: FxHashMap<String, Vec<(usize, usize)>>,
    /// The same for any key that has no route.
    any: Vec<(usize, usize)>,
}

impl Node {
    fn is_leaf(&self) -> bool {
        self.kids.is_empty() && self.any.is_empty() && self.elements.is_none()
    }

    fn kid(&mut self, name: &str) -> &mut Node {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        self.kids.entry(name.to_owned()).or_insert_with(|| Node { path, ..Node::default() })
    }

    fn add(&mut self, steps: &[Step], slot: usize) -> Result<(), &'static str> {
        match steps {
            [] => self.slots.push(slot),
            [Step::Key(name), rest @ ..] => self.kid(name).add(rest, slot)?,
            [Step::AnyKey, ..] => self.any.push(slot),
            [Step::Element { key, value }, rest @ ..] => {
                let path = format!("{}[{key}]", self.path);
                let elements = self.elements.get_or_insert_with(|| {
                    let mut element = Node { path, ..Node::default() };
                    element.kid(key).slots.push(0);
                    Box::new(Elements {
                        key: key.clone(),
                        element,
                        locals: 1,
                        routes: FxHashMap::default(),
                        any: Vec::new(),
                    })
                });
                if elements.key != *key {
                    return Err("the elements of one list are told by one key");
                }
                let local = elements.locals;
                elements.locals += 1;
                elements.element.add(rest, local)?;
                match value {
                    Some(value) => elements.routes.entry(value.clone()).or_default().push((local, slot)),
                    None => elements.any.push((local, slot)),
                }
            }
        }
        Ok(())
    }
}

impl Picker {
    /// Compiles paths.
    ///
    /// # Errors
    /// When a path cannot be read, or two paths tell the elements of one list by different keys.
    pub fn new<S: AsRef<str>>(paths: &[S], limits: Limits) -> Result<Picker, PathError> {
        let mut root = Node::default();
        for (slot, path) in paths.iter().enumerate() {
            let path = path.as_ref();
            let steps = parse(path)?;
            root.add(&steps, slot).map_err(|reason| PathError { path: path.to_owned(), reason })?;
        }
        Ok(Picker { root, slots: paths.len(), limits })
    }

    /// Picks the values of a record. `unknown` hears of each key, as path of its object and key, that lies on no path:
    /// keys beside a wanted one, at every level that the paths go through, elements of lists by the value of their key.
    ///
    /// # Errors
    /// When the record is not one JSON object, or is nested too deep. The place is that of the fault where it is known.
    pub fn pick<'a>(
        &self,
        record: Record<'a>,
        unknown: &mut dyn FnMut(&str, &str),
    ) -> Result<Picked<'a>, Found> {
        if too_deep(record.text.as_bytes(), self.limits.depth) {
            return Err(Found { problem: Problem::TooDeep, place: record.place });
        }
        let out = Out {
            picked: Picked { values: vec![None; self.slots], members: Vec::new(), problems: Vec::new() },
            unknown,
            place: record.place,
        };
        let out = RefCell::new(out);
        let mut deserializer = serde_json::Deserializer::from_str(record.text);
        let seed = Seed { node: &self.root, out: &out, root: true };
        let result = seed.deserialize(&mut deserializer).and_then(|()| deserializer.end());
        match result {
            Ok(()) => Ok(out.into_inner().picked),
            Err(error) => Err(Found {
                place: place_of(record, &error),
                problem: Problem::NotJson { reason: reason_of(&error) },
            }),
        }
    }
}

impl<'a> Picked<'a> {
    /// The value of a slot as written, if the record has it.
    #[must_use]
    pub fn raw(&self, slot: usize) -> Option<&'a RawValue> {
        self.values.get(slot).copied().flatten()
    }

    /// The value of a slot.
    #[must_use]
    pub fn cell(&self, slot: usize) -> Cell<'a> {
        Cell::of_json(self.raw(slot))
    }

    /// What paths with a `*` found, in the order of the record.
    #[must_use]
    pub fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    /// Duplicate keys and values of another shape, at the place of the record.
    #[must_use]
    pub fn problems(&self) -> &[Found] {
        &self.problems
    }
}

struct Out<'a, 'u> {
    picked: Picked<'a>,
    unknown: &'u mut dyn FnMut(&str, &str),
    place: Place,
}

impl<'a> Out<'a, '_> {
    fn set(&mut self, slot: usize, value: &'a RawValue) {
        if let Some(place) = self.picked.values.get_mut(slot) {
            *place = Some(value);
        }
    }

    fn problem(&mut self, problem: Problem) {
        // A record of a million faults is one fault often enough.
        if self.picked.problems.len() < 16 {
            self.picked.problems.push(Found { problem, place: self.place });
        }
    }
}

struct Seed<'n, 'o, 'a, 'u> {
    node: &'n Node,
    out: &'o RefCell<Out<'a, 'u>>,
    root: bool,
}

impl<'a> DeserializeSeed<'a> for Seed<'_, '_, 'a, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.node.slots.is_empty() {
            return deserializer.deserialize_any(self);
        }
        let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
        for slot in &self.node.slots {
            self.out.borrow_mut().set(*slot, raw);
        }
        if self.node.is_leaf() {
            return Ok(());
        }
        // The value is wanted whole and in parts.
        let mut inner = serde_json::Deserializer::from_str(raw.get());
        serde::Deserializer::deserialize_any(&mut inner, self).map_err(serde::de::Error::custom)
    }
}

impl Seed<'_, '_, '_, '_> {
    fn other_shape<E: serde::de::Error>(self, unexpected: serde::de::Unexpected<'_>) -> Result<(), E> {
        if self.root {
            return Err(E::invalid_type(unexpected, &"an object"));
        }
        self.out.borrow_mut().problem(Problem::OtherShape { path: self.node.path.clone() });
        Ok(())
    }
}

impl<'a> Visitor<'a> for Seed<'_, '_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        if self.root { self.other_shape(serde::de::Unexpected::Unit) } else { Ok(()) }
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        self.other_shape(serde::de::Unexpected::Other("yes or no"))
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        self.other_shape(serde::de::Unexpected::Other("a number"))
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        self.other_shape(serde::de::Unexpected::Other("a number"))
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        self.other_shape(serde::de::Unexpected::Other("a number"))
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.other_shape(serde::de::Unexpected::Other("a text"))
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let node = self.node;
        let mut seen: HashSet<Cow<'a, str>> = HashSet::new();
        if node.elements.is_some() && node.kids.is_empty() && node.any.is_empty() {
            self.out.borrow_mut().problem(Problem::OtherShape { path: node.path.clone() });
        }
        while let Some(Key(key)) = map.next_key::<Key<'a>>()? {
            let kid = node.kids.get(key.as_ref());
            if let Some(kid) = kid {
                map.next_value_seed(Seed { node: kid, out: self.out, root: false })?;
            } else if node.any.is_empty() {
                map.next_value::<IgnoredAny>()?;
                (self.out.borrow_mut().unknown)(&node.path, &key);
            } else {
                let value = map.next_value::<&'a RawValue>()?;
                let mut out = self.out.borrow_mut();
                for slot in &node.any {
                    out.picked.members.push(Member { slot: *slot, key: key.clone(), value: Some(value) });
                }
            }
            if let Some(key) = seen.replace(key) {
                let path =
                    if node.path.is_empty() { key.into_owned() } else { format!("{}.{key}", node.path) };
                self.out.borrow_mut().problem(Problem::DuplicateKey { path });
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        let Some(elements) = &self.node.elements else {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return self.other_shape(serde::de::Unexpected::Seq);
        };
        while list.next_element_seed(ElementSeed { elements, out: self.out })?.is_some() {}
        Ok(())
    }
}

/// One element of a list of objects: read on its own, then its values go where its key says.
struct ElementSeed<'n, 'o, 'a, 'u> {
    elements: &'n Elements,
    out: &'o RefCell<Out<'a, 'u>>,
}

impl<'a> DeserializeSeed<'a> for ElementSeed<'_, '_, 'a, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        let elements = self.elements;
        let mut out = self.out.borrow_mut();
        let place = out.place;
        let inner = RefCell::new(Out {
            picked: Picked { values: vec![None; elements.locals], members: Vec::new(), problems: Vec::new() },
            unknown: &mut *out.unknown,
            place,
        });
        deserializer.deserialize_any(Seed { node: &elements.element, out: &inner, root: false })?;
        let Picked { values, problems, .. } = inner.into_inner().picked;
        for problem in problems {
            out.problem(problem.problem);
        }
        let key = Cell::of_json(values.first().copied().flatten());
        let Some(key) = key.into_plain() else { return Ok(()) };
        let local = |slot: usize| values.get(slot).copied().flatten();
        if let Some(route) = elements.routes.get(key.as_ref()) {
            for (from, to) in route {
                if let Some(value) = local(*from) {
                    out.set(*to, value);
                }
            }
        } else if elements.any.is_empty() {
            (out.unknown)(&elements.element.path, &key);
        } else {
            for (from, to) in &elements.any {
                let member = Member { slot: *to, key: key.clone(), value: local(*from) };
                out.picked.members.push(member);
            }
        }
        Ok(())
    }
}

/// A key, borrowed from the record where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'a> serde::Deserialize<'a> for Key<'a> {
    fn deserialize<D: serde::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'a> Visitor<'a> for Text {
            type Value = Key<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'a str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'a>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// Whether brackets outside of texts are nested deeper than the limit. Most records have too few brackets to need the second look.
fn too_deep(text: &[u8], limit: usize) -> bool {
    if memchr::memchr2_iter(b'{', b'[', text).nth(limit).is_none() {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in text {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn place_of(record: Record<'_>, error: &serde_json::Error) -> Place {
    let bytes = record.text.as_bytes();
    let above = error.line().saturating_sub(1);
    let start = match above.checked_sub(1) {
        None => 0,
        Some(nth) => memchr::memchr_iter(b'\n', bytes).nth(nth).map_or(0, |at| at + 1),
    };
    let at = (start + error.column().saturating_sub(1)).min(bytes.len());
    Place { line: record.place.line + above as u64, offset: record.place.offset + at as u64 }
}

fn reason_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text.split_at(at).0.to_owned(),
        None => text,
    }
}
