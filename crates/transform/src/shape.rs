//! What is wanted of a record, as a tree of keys, and the one pass that finds it.
//!
//! Each place has a slot. Whatever lies on no wanted path is checked and skipped. The keys of an export come in nearly the same order in
//! each record: a reader remembers the order of the last one and compares the bytes at hand with the key that it expects.

use rustc_hash::FxHashMap;

use crate::json::{Cursor, Fault, Kind, Raw, unescape};
use crate::layout::{Path, Step};

/// The wanted places of a record.
#[derive(Debug)]
pub(crate) struct Shape {
    nodes: Vec<Node>,
    slots: usize,
    paths: Vec<(Path, usize)>,
}

#[derive(Debug, Default)]
struct Node {
    slot: Option<usize>,
    kids: FxHashMap<Box<str>, usize>,
    /// Lists of objects that are told by one member.
    elements: Vec<Elements>,
    /// Slots below this node: of members, and of elements.
    below_kids: Vec<usize>,
    below_elements: Vec<usize>,
}

#[derive(Debug)]
struct Elements {
    key: Box<str>,
    /// The element as a record of its own.
    node: usize,
    /// Slot of its key.
    key_slot: usize,
    /// Slots of the element, emptied before each.
    locals: Vec<usize>,
    /// From the key to pairs of local slot and wanted slot.
    routes: FxHashMap<Box<str>, Vec<(usize, usize)>>,
}

/// The order of keys in the last record, for each node.
#[derive(Debug, Default)]
pub(crate) struct Order {
    nodes: Vec<Vec<Expected>>,
}

#[derive(Debug)]
struct Expected {
    /// `"subject":`
    bytes: Box<[u8]>,
    kid: Option<usize>,
}

/// Most keys of an object whose order is remembered.
const REMEMBERED: usize = 256;
/// Longest key that is remembered.
const REMEMBERED_KEY: usize = 256;

impl Shape {
    pub(crate) fn new() -> Shape {
        Shape { nodes: vec![Node::default()], slots: 0, paths: Vec::new() }
    }

    /// The slot of a place.
    pub(crate) fn add(&mut self, path: &Path) -> usize {
        if let Some((_, slot)) = self.paths.iter().find(|(known, _)| known == path) {
            return *slot;
        }
        let slot = self.place(0, &path.steps);
        self.paths.push((path.clone(), slot));
        slot
    }

    /// How many slots there are.
    pub(crate) fn slots(&self) -> usize {
        self.slots
    }

    fn new_slot(&mut self) -> usize {
        self.slots += 1;
        self.slots - 1
    }

    fn place(&mut self, at: usize, steps: &[Step]) -> usize {
        match steps {
            [] => {
                if let Some(slot) = self.nodes.get(at).and_then(|node| node.slot) {
                    return slot;
                }
                let slot = self.new_slot();
                if let Some(node) = self.nodes.get_mut(at) {
                    node.slot = Some(slot);
                }
                slot
            }
            [Step::Key(name), rest @ ..] => {
                let kid = self.kid(at, name);
                let slot = self.place(kid, rest);
                if let Some(node) = self.nodes.get_mut(at) {
                    node.below_kids.push(slot);
                }
                slot
            }
            [Step::Element { key, is }, rest @ ..] => {
                let (position, element) = self.element(at, key);
                let local = self.place(element, rest);
                let slot = self.new_slot();
                if let Some(node) = self.nodes.get_mut(at) {
                    node.below_elements.push(slot);
                    if let Some(elements) = node.elements.get_mut(position) {
                        if !elements.locals.contains(&local) {
                            elements.locals.push(local);
                        }
                        elements.routes.entry(is.as_str().into()).or_default().push((local, slot));
                    }
                }
                slot
            }
        }
    }

    fn kid(&mut self, at: usize, name: &str) -> usize {
        if let Some(kid) = self.nodes.get(at).and_then(|node| node.kids.get(name)) {
            return *kid;
        }
        let kid = self.nodes.len();
        self.nodes.push(Node::default());
        if let Some(node) = self.nodes.get_mut(at) {
            node.kids.insert(name.into(), kid);
        }
        kid
    }

    fn element(&mut self, at: usize, key: &str) -> (usize, usize) {
        let known = self.nodes.get(at).map(|node| node.elements.as_slice()).unwrap_or_default();
        if let Some(position) = known.iter().position(|elements| *elements.key == *key) {
            return (position, known.get(position).map_or(0, |elements| elements.node));
        }
        let position = known.len();
        let node = self.nodes.len();
        self.nodes.push(Node::default());
        let told_by = self.kid(node, key);
        let key_slot = self.place(told_by, &[]);
        let elements = Elements {
            key: key.into(),
            node,
            key_slot,
            locals: vec![key_slot],
            routes: FxHashMap::default(),
        };
        if let Some(node) = self.nodes.get_mut(at) {
            node.elements.push(elements);
        }
        (position, node)
    }

    /// Reads a record into its slots, which all are absent before.
    pub(crate) fn read<'a>(
        &self,
        order: &mut Order,
        record: &'a str,
        slots: &mut [Raw<'a>],
    ) -> Result<(), Fault> {
        order.nodes.resize_with(self.nodes.len(), Vec::new);
        let mut reading = Reading { shape: self, order, cursor: Cursor::new(record), slots };
        reading.cursor.blanks();
        if reading.cursor.byte() != b'{' {
            return Err(Fault::Syntax("an object was expected"));
        }
        reading.value(0)?;
        reading.cursor.end()
    }
}

struct Reading<'r, 'a> {
    shape: &'r Shape,
    order: &'r mut Order,
    cursor: Cursor<'a>,
    slots: &'r mut [Raw<'a>],
}

impl<'a> Reading<'_, 'a> {
    fn set(&mut self, slot: usize, raw: Raw<'a>) -> Result<(), Fault> {
        match self.slots.get_mut(slot) {
            Some(place) if place.kind == Kind::Absent => {
                *place = raw;
                Ok(())
            }
            _ => Err(Fault::Twice(slot)),
        }
    }

    /// Reads the value of a node.
    fn value(&mut self, at: usize) -> Result<(), Fault> {
        let shape = self.shape;
        let Some(node) = shape.nodes.get(at) else { return self.cursor.value().map(|_| ()) };
        let start = self.cursor.place();
        let raw = match self.cursor.byte() {
            b'{' if !node.kids.is_empty() => {
                self.object(at, node)?;
                Raw { kind: Kind::Object, text: self.cursor.since(start) }
            }
            b'[' if !node.elements.is_empty() => {
                self.list(node)?;
                Raw { kind: Kind::List, text: self.cursor.since(start) }
            }
            _ => {
                let raw = self.cursor.value()?;
                self.not_entered(node, raw.kind)?;
                raw
            }
        };
        match node.slot {
            Some(slot) => self.set(slot, raw),
            None => Ok(()),
        }
    }

    /// What is wanted inside of a value that has no inside.
    fn not_entered(&mut self, node: &Node, kind: Kind) -> Result<(), Fault> {
        if node.below_kids.is_empty() && node.below_elements.is_empty() {
            return Ok(());
        }
        let kind = if kind == Kind::Null { Kind::Null } else { Kind::Behind };
        for slot in node.below_kids.iter().chain(&node.below_elements) {
            self.set(*slot, Raw { kind, text: "" })?;
        }
        Ok(())
    }

    fn object(&mut self, at: usize, node: &Node) -> Result<(), Fault> {
        self.cursor.open()?;
        self.cursor.blanks();
        if self.cursor.byte() == b'}' {
            self.cursor.close();
            return Ok(());
        }
        let mut position = 0;
        loop {
            let kid = self.member(at, node, &mut position)?;
            self.cursor.blanks();
            match kid {
                Some(kid) => self.value(kid)?,
                None => {
                    self.cursor.value()?;
                }
            }
            self.cursor.blanks();
            match self.cursor.byte() {
                b',' => self.cursor.step(),
                b'}' => {
                    self.cursor.close();
                    return Ok(());
                }
                _ => return Err(Fault::Syntax("a comma or a closing bracket was expected")),
            }
            self.cursor.blanks();
        }
    }

    /// Reads a key with its colon: the node that it leads to.
    #[inline]
    fn member(&mut self, at: usize, node: &Node, position: &mut usize) -> Result<Option<usize>, Fault> {
        let known = self.order.nodes.get(at).map(Vec::as_slice).unwrap_or_default();
        // A key that is not in each record makes the next ones come one or two places early.
        for (ahead, expected) in known.iter().skip(*position).take(3).enumerate() {
            if self.cursor.eat(&expected.bytes) {
                *position += ahead + 1;
                return Ok(expected.kid);
            }
        }
        let start = self.cursor.place();
        let (key, escaped) = self.cursor.key()?;
        let kid = if escaped { node.kids.get(unescape(key).as_str()) } else { node.kids.get(key) }.copied();
        let bytes = self.cursor.since(start).as_bytes();
        if bytes.len() <= REMEMBERED_KEY
            && *position < REMEMBERED
            && let Some(known) = self.order.nodes.get_mut(at)
        {
            let expected = Expected { bytes: bytes.into(), kid };
            match known.get_mut(*position) {
                Some(place) => *place = expected,
                None => known.push(expected),
            }
        }
        *position += 1;
        Ok(kid)
    }

    fn list(&mut self, node: &Node) -> Result<(), Fault> {
        self.cursor.open()?;
        self.cursor.blanks();
        if self.cursor.byte() == b']' {
            self.cursor.close();
            return Ok(());
        }
        loop {
            // Lists that are told by different members are rare; each is looked at by itself.
            let [elements] = node.elements.as_slice() else { return self.lists(node) };
            self.one_element(elements)?;
            self.cursor.blanks();
            match self.cursor.byte() {
                b',' => self.cursor.step(),
                b']' => {
                    self.cursor.close();
                    return Ok(());
                }
                _ => return Err(Fault::Syntax("a comma or a closing bracket was expected")),
            }
            self.cursor.blanks();
        }
    }

    fn one_element(&mut self, elements: &Elements) -> Result<(), Fault> {
        for slot in &elements.locals {
            if let Some(place) = self.slots.get_mut(*slot) {
                *place = Raw::default();
            }
        }
        if self.cursor.byte() != b'{' {
            self.cursor.value()?;
            return Ok(());
        }
        self.value(elements.node)?;
        self.route(elements)
    }

    fn route(&mut self, elements: &Elements) -> Result<(), Fault> {
        let told = self.slots.get(elements.key_slot).copied().unwrap_or_default();
        let routes = match told.kind {
            Kind::Number | Kind::Text => elements.routes.get(told.text),
            Kind::Escaped => elements.routes.get(unescape(told.text).as_str()),
            _ => None,
        };
        for (local, slot) in routes.into_iter().flatten() {
            let raw = self.slots.get(*local).copied().unwrap_or_default();
            // An element without the member has no value.
            let raw = if raw.kind == Kind::Absent { Raw { kind: Kind::Null, text: "" } } else { raw };
            self.set(*slot, raw)?;
        }
        Ok(())
    }

    /// A list whose elements are told by several members: each element is read once for each of them.
    fn lists(&mut self, node: &Node) -> Result<(), Fault> {
        loop {
            let start = self.cursor.place();
            self.cursor.value()?;
            let element = self.cursor.since(start);
            let behind = std::mem::replace(&mut self.cursor, Cursor::new(element));
            for elements in &node.elements {
                self.cursor = Cursor::new(element);
                self.one_element(elements)?;
            }
            self.cursor = behind;
            self.cursor.blanks();
            match self.cursor.byte() {
                b',' => self.cursor.step(),
                b']' => {
                    self.cursor.close();
                    return Ok(());
                }
                _ => return Err(Fault::Syntax("a comma or a closing bracket was expected")),
            }
            self.cursor.blanks();
        }
    }
}
