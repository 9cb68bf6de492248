//! The serializer behind [`compact`](super::compact).

use std::fmt::Write as _;

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::{CanonicalError, MAX_DEPTH};

/// Name of the newtype that refers to an item.
const REF: &str = "Ref";

/// Writes values one after the other into one text, and notes the items that they refer to.
#[derive(Default)]
pub(crate) struct Writer {
    pub(crate) out: String,
    /// Items referred to, in the order in which they were met.
    pub(crate) refs: Vec<String>,
    /// Where the members of the objects that are being written begin, innermost last.
    members: Vec<Member>,
    /// Reused when members have to change places.
    scratch: String,
    depth: u32,
    /// The next text is the id of an item that is referred to.
    next_is_ref: bool,
}

#[derive(Clone, Copy)]
struct Member {
    name: &'static str,
    start: usize,
    end: usize,
}

impl Writer {
    pub(crate) fn write<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        value.serialize(self)
    }

    fn open(&mut self, bracket: char) -> Result<(), CanonicalError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(CanonicalError::TooDeep);
        }
        self.out.push(bracket);
        Ok(())
    }

    /// Ends a list or an object: each element has left a comma behind it.
    fn close(&mut self, bracket: char) {
        self.depth -= 1;
        if self.out.ends_with(',') {
            self.out.pop();
        }
        self.out.push(bracket);
    }

    /// Puts the members written since `base` in the order of their names.
    fn sort_members(&mut self, base: usize) {
        let Some(members) = self.members.get_mut(base..) else { return };
        if !members.is_sorted_by(|a, b| a.name <= b.name)
            && let Some(start) = members.first().map(|member| member.start)
        {
            members.sort_by_key(|member| member.name);
            self.scratch.clear();
            for member in members {
                self.scratch.push_str(self.out.get(member.start..member.end).unwrap_or_default());
            }
            self.out.truncate(start);
            self.out.push_str(&self.scratch);
        }
        self.members.truncate(base);
    }
}

/// Appends a text in quotes.
pub(crate) fn push_text(out: &mut String, text: &str) {
    out.push('"');
    // Almost all texts are plain ASCII without anything to escape; bytes are looked at much faster than characters.
    if text.bytes().all(|b| (b' '..0x7f).contains(&b) && b != b'"' && b != b'\\') {
        out.push_str(text);
    } else {
        push_escaped(out, text);
    }
    out.push('"');
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || is_hidden(c) => {
                let mut units = [0; 2];
                for unit in c.encode_utf16(&mut units) {
                    // Writing to a String cannot fail.
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
}

/// Characters that hide, reorder or end a line of the text around them. Joiners are not among them: scripts and emoji need them.
pub(crate) fn is_hidden(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

macro_rules! whole_numbers {
    ($($method:ident: $type:ty),*) => {
        $(fn $method(self, value: $type) -> Result<(), CanonicalError> {
            // Writing to a String cannot fail.
            let _ = write!(self.out, "{value}");
            Ok(())
        })*
    };
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = CanonicalError;
    type SerializeSeq = &'a mut Writer;
    type SerializeTuple = &'a mut Writer;
    type SerializeTupleStruct = &'a mut Writer;
    type SerializeTupleVariant = Variant<'a>;
    type SerializeMap = Map<'a>;
    type SerializeStruct = Object<'a>;
    type SerializeStructVariant = Object<'a>;

    whole_numbers!(serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64);

    fn serialize_bool(self, value: bool) -> Result<(), CanonicalError> {
        self.out.push_str(if value { "true" } else { "false" });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), CanonicalError> {
        Err(CanonicalError::Float)
    }

    fn serialize_f64(self, _: f64) -> Result<(), CanonicalError> {
        Err(CanonicalError::Float)
    }

    fn serialize_char(self, value: char) -> Result<(), CanonicalError> {
        push_text(&mut self.out, value.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), CanonicalError> {
        if std::mem::take(&mut self.next_is_ref) {
            self.refs.push(value.to_owned());
        }
        push_text(&mut self.out, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), CanonicalError> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), CanonicalError> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), CanonicalError> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), CanonicalError> {
        self.out.push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), CanonicalError> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), CanonicalError> {
        push_text(&mut self.out, variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), CanonicalError> {
        self.next_is_ref = name == REF;
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), CanonicalError> {
        self.open('{')?;
        push_text(&mut self.out, variant);
        self.out.push(':');
        value.serialize(&mut *self)?;
        self.close('}');
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<&'a mut Writer, CanonicalError> {
        self.open('[')?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<&'a mut Writer, CanonicalError> {
        self.open('[')?;
        Ok(self)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<&'a mut Writer, CanonicalError> {
        self.open('[')?;
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Variant<'a>, CanonicalError> {
        self.open('{')?;
        push_text(&mut self.out, variant);
        self.out.push(':');
        self.open('[')?;
        Ok(Variant { writer: self })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Map<'a>, CanonicalError> {
        self.open('{')?;
        Ok(Map { writer: self, last: None })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'a>, CanonicalError> {
        self.open('{')?;
        let base = self.members.len();
        Ok(Object { writer: self, base, variant: false })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Object<'a>, CanonicalError> {
        self.open('{')?;
        push_text(&mut self.out, variant);
        self.out.push(':');
        self.open('{')?;
        let base = self.members.len();
        Ok(Object { writer: self, base, variant: true })
    }
}

macro_rules! list {
    ($trait:ident, $method:ident) => {
        impl $trait for &mut Writer {
            type Ok = ();
            type Error = CanonicalError;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
                value.serialize(&mut **self)?;
                self.out.push(',');
                Ok(())
            }

            fn end(self) -> Result<(), CanonicalError> {
                self.close(']');
                Ok(())
            }
        }
    };
}
list!(SerializeSeq, serialize_element);
list!(SerializeTuple, serialize_element);
list!(SerializeTupleStruct, serialize_field);

/// A tuple variant: a list within an object.
pub(crate) struct Variant<'a> {
    writer: &'a mut Writer,
}

impl SerializeTupleVariant for Variant<'_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        value.serialize(&mut *self.writer)?;
        self.writer.out.push(',');
        Ok(())
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.writer.close(']');
        self.writer.close('}');
        Ok(())
    }
}

/// A map: its names have to come sorted, as those of a `BTreeMap` do.
pub(crate) struct Map<'a> {
    writer: &'a mut Writer,
    last: Option<String>,
}

impl SerializeMap for Map<'_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), CanonicalError> {
        let start = self.writer.out.len();
        key.serialize(&mut *self.writer)?;
        let written = self.writer.out.get(start..).unwrap_or_default();
        if !written.starts_with('"') {
            return Err(CanonicalError::Keys);
        }
        // An escape in a name would compare differently from the name itself, but both the same on every machine; only equal
        // names are wrong in any case, and unsorted ones where no escape is involved.
        let unsorted = self.last.as_deref().is_some_and(|last| {
            last == written
                || (!last.contains('\\') && !written.contains('\\') && unquoted(last) > unquoted(written))
        });
        if unsorted {
            return Err(CanonicalError::Keys);
        }
        let last = self.last.get_or_insert_default();
        last.clear();
        last.push_str(written);
        self.writer.out.push(':');
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), CanonicalError> {
        value.serialize(&mut *self.writer)?;
        self.writer.out.push(',');
        Ok(())
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.writer.close('}');
        Ok(())
    }
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// A struct: its members are sorted when it ends.
pub(crate) struct Object<'a> {
    writer: &'a mut Writer,
    base: usize,
    variant: bool,
}

impl Object<'_> {
    fn member<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), CanonicalError> {
        let writer = &mut *self.writer;
        let start = writer.out.len();
        // Names of members are identifiers of ours.
        writer.out.push('"');
        writer.out.push_str(name);
        writer.out.push_str("\":");
        let value_start = writer.out.len();
        value.serialize(&mut *writer)?;
        if writer.out.get(value_start..) == Some("null") {
            writer.out.truncate(start);
            return Ok(());
        }
        writer.out.push(',');
        writer.members.push(Member { name, start, end: writer.out.len() });
        Ok(())
    }

    fn finish(self) {
        self.writer.sort_members(self.base);
        self.writer.close('}');
        if self.variant {
            self.writer.close('}');
        }
    }
}

impl SerializeStruct for Object<'_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), CanonicalError> {
        self.member(name, value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.finish();
        Ok(())
    }
}

impl SerializeStructVariant for Object<'_> {
    type Ok = ();
    type Error = CanonicalError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), CanonicalError> {
        self.member(name, value)
    }

    fn end(self) -> Result<(), CanonicalError> {
        self.finish();
        Ok(())
    }
}
