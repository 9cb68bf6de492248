//! A reader without data that notes what types ask for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};

/// What a type asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Unknown,
    Unit,
    Bool,
    Integer,
    Natural,
    Text,
    Decimal,
    Date,
    Instant,
    Named(String),
    List(Box<Shape>),
    Tuple(Vec<Shape>),
    Map(Box<Shape>),
    Fields(Vec<(String, Shape)>),
}

/// A type with a name.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Def {
    Struct(Vec<(String, Shape)>),
    Enum(Vec<(String, Shape)>),
}

/// What is known so far.
#[derive(Default)]
pub(super) struct Trace {
    pub(super) defs: BTreeMap<String, Def>,
    /// Members that cannot be left out, with the struct or `Enum::Variant` to which they belong.
    pub(super) required: BTreeSet<(String, String)>,
    /// Texts that have to be of a particular form, by where they stand.
    texts: BTreeMap<String, Shape>,
    /// How often each enum has been met.
    visits: BTreeMap<String, usize>,
}

/// One pass through a type.
struct Pass<'t> {
    trace: &'t mut Trace,
    /// Whether members that can be left out are left out.
    sparse: bool,
    /// Names of the types being read, outermost first.
    open: Vec<String>,
    /// Where the last text was given.
    last_text: String,
    /// The struct whose members came to an end last.
    last_struct: String,
}

impl Trace {
    /// Asks a type until nothing new is learnt for a while.
    pub(super) fn of<T: for<'de> Deserialize<'de>>(&mut self) {
        for sparse in [true, false] {
            let mut quiet = 0;
            while quiet < 300 {
                let before = (self.defs.clone(), self.required.len(), self.texts.len());
                let pass = RefCell::new(Pass {
                    trace: self,
                    sparse,
                    open: Vec::new(),
                    last_text: String::new(),
                    last_struct: String::new(),
                });
                let mut shape = Shape::Unknown;
                let result = T::deserialize(Reader { pass: &pass, at: "root".to_owned(), shape: &mut shape });
                let pass = pass.into_inner();
                if let Err(Problem(message)) = result {
                    pass.learn(&message);
                }
                let after = (&self.defs, self.required.len(), self.texts.len());
                quiet = if (&before.0, before.1, before.2) == after { quiet + 1 } else { 0 };
            }
        }
    }
}

impl Pass<'_> {
    fn learn(self, message: &str) {
        if let Some(field) = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
            self.trace.required.insert((self.last_struct, field.to_owned()));
        } else {
            let shape = match message {
                "not a decimal number" => Shape::Decimal,
                "not a date like 2026-12-05" => Shape::Date,
                "not a point in time like 2026-12-05T19:00:00Z" => Shape::Instant,
                other => unreachable!("{other} at {}", self.last_text),
            };
            self.trace.texts.insert(self.last_text, shape);
        }
    }
}

#[derive(Debug)]
pub(super) struct Problem(String);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Problem(message.to_string())
    }
}

/// Reads one value.
struct Reader<'a, 't> {
    pass: &'a RefCell<Pass<'t>>,
    /// Where it stands: `Struct.field`.
    at: String,
    shape: &'a mut Shape,
}

/// What is already known wins over what is not.
fn merge(into: &mut Shape, new: Shape) {
    match (&mut *into, new) {
        (_, Shape::Unknown) => {}
        (Shape::List(old), Shape::List(new)) | (Shape::Map(old), Shape::Map(new)) => merge(old, *new),
        (Shape::Tuple(old), Shape::Tuple(new)) => {
            for (old, new) in old.iter_mut().zip(new) {
                merge(old, new);
            }
        }
        (Shape::Fields(old), Shape::Fields(new)) => merge_fields(old, new),
        (slot, new) => *slot = new,
    }
}

fn merge_fields(old: &mut Vec<(String, Shape)>, new: Vec<(String, Shape)>) {
    for (name, shape) in new {
        match old.iter_mut().find(|(known, _)| *known == name) {
            Some((_, slot)) => merge(slot, shape),
            None => old.push((name, shape)),
        }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $shape:ident),*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
            *self.shape = Shape::$shape;
            visitor.$visit(1)
        })*
    };
}

impl<'de> Deserializer<'de> for Reader<'_, '_> {
    type Error = Problem;

    numbers!(deserialize_i8 visit_i8 Integer, deserialize_i16 visit_i16 Integer, deserialize_i32 visit_i32 Integer,
        deserialize_i64 visit_i64 Integer, deserialize_u8 visit_u8 Natural, deserialize_u16 visit_u16 Natural,
        deserialize_u32 visit_u32 Natural, deserialize_u64 visit_u64 Natural);

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Problem> {
        unreachable!("{}: a plan has no untyped value", self.at)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        *self.shape = Shape::Bool;
        visitor.visit_bool(true)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.pass.borrow_mut().last_text.clone_from(&self.at);
        let shape = self.pass.borrow().trace.texts.get(&self.at).cloned().unwrap_or(Shape::Text);
        let text = match shape {
            Shape::Decimal => "1",
            Shape::Date => "2026-12-05",
            Shape::Instant => "2026-12-05T19:00:00Z",
            _ => "text",
        };
        *self.shape = shape;
        visitor.visit_str(text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let mut inner = Shape::Unknown;
        let once = Once { pass: self.pass, at: &self.at, shape: &mut inner, left: 1 };
        let value = visitor.visit_seq(once);
        *self.shape = Shape::List(Box::new(inner));
        value
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Problem> {
        let mut parts = vec![Shape::Unknown; len];
        let value = visitor.visit_seq(Parts { pass: self.pass, at: &self.at, parts: parts.iter_mut() });
        *self.shape = Shape::Tuple(parts);
        value
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        let mut inner = Shape::Unknown;
        let once = Once { pass: self.pass, at: &self.at, shape: &mut inner, left: 1 };
        let value = visitor.visit_map(once);
        *self.shape = Shape::Map(Box::new(inner));
        value
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        *self.shape = Shape::Named(name.to_owned());
        self.pass.borrow_mut().open.push(name.to_owned());
        let mut found = Vec::new();
        let members = Members { pass: self.pass, of: name, fields, found: &mut found };
        let value = visitor.visit_map(members);
        let mut pass = self.pass.borrow_mut();
        pass.open.pop();
        match pass.trace.defs.entry(name.to_owned()).or_insert(Def::Struct(Vec::new())) {
            Def::Struct(known) => merge_fields(known, found),
            Def::Enum(_) => unreachable!("{name} names two types"),
        }
        value
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        *self.shape = Shape::Named(name.to_owned());
        let mut pass = self.pass.borrow_mut();
        // Within itself the first variant is taken, which ends the circle.
        let inside = pass.open.iter().any(|open| open == name);
        let visits = pass.trace.visits.entry(name.to_owned()).or_insert(0);
        let index = if inside { 0 } else { *visits % variants.len() };
        *visits += usize::from(!inside);
        pass.open.push(name.to_owned());
        drop(pass);
        let Some(variant) = variants.get(index) else { unreachable!("the index is smaller than the number") };
        let mut shape = Shape::Unknown;
        let value = visitor.visit_enum(Chosen { pass: self.pass, name, variant, shape: &mut shape });
        let mut pass = self.pass.borrow_mut();
        pass.open.pop();
        let all = || variants.iter().map(|variant| ((*variant).to_owned(), Shape::Unknown)).collect();
        match pass.trace.defs.entry(name.to_owned()).or_insert_with(|| Def::Enum(all())) {
            Def::Enum(known) => merge_fields(known, vec![((*variant).to_owned(), shape)]),
            Def::Struct(_) => unreachable!("{name} names two types"),
        }
        value
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_str(visitor)
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 char bytes byte_buf unit unit_struct tuple_struct ignored_any
    }
}

/// A list or map with one element.
struct Once<'a, 't> {
    pass: &'a RefCell<Pass<'t>>,
    at: &'a str,
    shape: &'a mut Shape,
    left: u8,
}

impl<'de> SeqAccess<'de> for Once<'_, '_> {
    type Error = Problem;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Problem> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(Reader { pass: self.pass, at: format!("{}[]", self.at), shape: self.shape })
            .map(Some)
    }
}

impl<'de> MapAccess<'de> for Once<'_, '_> {
    type Error = Problem;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Problem> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize("key".into_deserializer()).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Problem> {
        seed.deserialize(Reader { pass: self.pass, at: format!("{}[]", self.at), shape: self.shape })
    }
}

/// The parts of a tuple.
struct Parts<'a, 't, 's> {
    pass: &'a RefCell<Pass<'t>>,
    at: &'a str,
    parts: std::slice::IterMut<'s, Shape>,
}

impl<'de> SeqAccess<'de> for Parts<'_, '_, '_> {
    type Error = Problem;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Problem> {
        let left = self.parts.len();
        match self.parts.next() {
            None => Ok(None),
            Some(shape) => seed
                .deserialize(Reader { pass: self.pass, at: format!("{}[{left}]", self.at), shape })
                .map(Some),
        }
    }
}

/// The members of a struct.
struct Members<'a, 't> {
    pass: &'a RefCell<Pass<'t>>,
    of: &'a str,
    fields: &'static [&'static str],
    found: &'a mut Vec<(String, Shape)>,
}

impl<'de> MapAccess<'de> for Members<'_, '_> {
    type Error = Problem;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Problem> {
        loop {
            let Some((field, rest)) = self.fields.split_first() else {
                self.pass.borrow_mut().last_struct = self.of.to_owned();
                return Ok(None);
            };
            self.fields = rest;
            let pass = self.pass.borrow();
            let wanted =
                !pass.sparse || pass.trace.required.contains(&(self.of.to_owned(), (*field).to_owned()));
            drop(pass);
            self.found.push(((*field).to_owned(), Shape::Unknown));
            if wanted {
                return seed.deserialize((*field).into_deserializer()).map(Some);
            }
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Problem> {
        let Some((field, shape)) = self.found.last_mut() else {
            unreachable!("a key comes before its value")
        };
        seed.deserialize(Reader { pass: self.pass, at: format!("{}.{field}", self.of), shape })
    }
}

/// A variant of an enum.
struct Chosen<'a, 't> {
    pass: &'a RefCell<Pass<'t>>,
    name: &'a str,
    variant: &'static str,
    shape: &'a mut Shape,
}

impl<'de> EnumAccess<'de> for Chosen<'_, '_> {
    type Error = Problem;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Problem> {
        let value = seed.deserialize(self.variant.into_deserializer())?;
        Ok((value, self))
    }
}

impl<'de> VariantAccess<'de> for Chosen<'_, '_> {
    type Error = Problem;

    fn unit_variant(self) -> Result<(), Problem> {
        *self.shape = Shape::Unit;
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Problem> {
        let at = format!("{}::{}", self.name, self.variant);
        seed.deserialize(Reader { pass: self.pass, at, shape: self.shape })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Problem> {
        let at = format!("{}::{}", self.name, self.variant);
        Reader { pass: self.pass, at, shape: self.shape }.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let of = format!("{}::{}", self.name, self.variant);
        let mut found = Vec::new();
        let value = visitor.visit_map(Members { pass: self.pass, of: &of, fields, found: &mut found });
        *self.shape = Shape::Fields(found);
        value
    }
}
