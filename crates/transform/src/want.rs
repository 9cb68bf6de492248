//! Values as the target's types want them: short ways for common types, the evaluator's own rule for the rest and for each refusal.

use cutover_ir::Type;
use cutover_ir::eval::{Reason, conform};
use rustc_hash::FxHashSet;

use crate::engine::Asking;
use crate::value::{Sort, Text, V};

/// A compiled target type.
#[derive(Debug)]
pub(crate) struct Want {
    pub(crate) of_type: Type,
    optional: bool,
    sort: WantSort,
}

#[derive(Debug)]
enum WantSort {
    Any,
    Int { min: i64, max: i64 },
    Text { max: Option<u32> },
    Email,
    Choice(Box<str>),
    Ref,
    Bool,
    Instant,
    Tags,
    Choices(Box<str>),
    List(Box<Want>),
    Other,
}

impl Want {
    pub(crate) fn new(of_type: &Type) -> Want {
        let sort = match of_type.required() {
            Type::Poison | Type::Hole => WantSort::Any,
            Type::Int { min, max } => WantSort::Int { min: *min, max: *max },
            Type::Text { max } => WantSort::Text { max: *max },
            Type::Email => WantSort::Email,
            Type::Choice(domain) => WantSort::Choice(domain.clone()),
            Type::Ref(_) => WantSort::Ref,
            Type::Bool => WantSort::Bool,
            Type::Instant => WantSort::Instant,
            Type::Tags => WantSort::Tags,
            Type::Choices(domain) => WantSort::Choices(domain.clone()),
            Type::List(item) => WantSort::List(Box::new(Want::new(item))),
            _ => WantSort::Other,
        };
        Want { optional: of_type.is_optional(), of_type: of_type.clone(), sort }
    }

    /// Makes the value one of the type.
    pub(crate) fn conform(&self, value: &mut V<'_>, asking: &Asking<'_>) -> Result<(), Reason> {
        if value.is_missing() {
            return if self.optional { Ok(()) } else { Err(Reason::Missing) };
        }
        match self.fits(value, asking) {
            Fit::AsIs => {}
            Fit::Spelled => {
                if let V::Digits(digits) = value {
                    *value = V::Text(Sort::Text, Text::Plain(digits));
                }
            }
            Fit::Sort(wanted) => {
                if let V::Text(sort, _) = value {
                    *sort = wanted;
                }
            }
            Fit::Items => {
                if let V::List(items) = value {
                    self.conform_items(items, asking)?;
                }
            }
            Fit::Ask => *value = V::from_value(conform(value.to_value(), &self.of_type, asking.host)?),
        }
        Ok(())
    }

    fn conform_items(&self, items: &mut Vec<V<'_>>, asking: &Asking<'_>) -> Result<(), Reason> {
        if let WantSort::List(item) = &self.sort {
            if !item.optional && items.iter().any(V::is_missing) {
                items.retain(|value| !value.is_missing());
            }
            return items.iter_mut().try_for_each(|value| item.conform(value, asking));
        }
        let wanted = if matches!(self.sort, WantSort::Choices(_)) { Sort::Choice } else { Sort::Text };
        for item in items.iter_mut() {
            if let V::Text(sort, _) = item {
                *sort = wanted;
            }
        }
        distinct(items);
        Ok(())
    }

    /// Whether a text of at most so many characters certainly fits.
    pub(crate) fn copies_text(&self, length: usize) -> bool {
        match self.sort {
            WantSort::Text { max } => max.is_none_or(|max| length <= max as usize),
            _ => false,
        }
    }

    /// Whether every whole number fits.
    pub(crate) fn copies_numbers(&self) -> bool {
        matches!(self.sort, WantSort::Int { min: i64::MIN, max: i64::MAX })
    }

    /// Whether a missing value fits.
    pub(crate) fn takes_missing(&self) -> bool {
        self.optional
    }

    fn fits(&self, value: &V<'_>, asking: &Asking<'_>) -> Fit {
        match (&self.sort, value) {
            (WantSort::Any, _)
            | (WantSort::Bool, V::Bool(_))
            | (WantSort::Instant, V::Instant(_))
            | (WantSort::Int { min: i64::MIN, max: i64::MAX }, V::Digits(_))
            | (WantSort::Ref, V::Text(Sort::Placeholder, _)) => Fit::AsIs,
            (WantSort::Int { min, max }, V::Int(number)) if (*min..=*max).contains(number) => Fit::AsIs,
            (WantSort::Int { min, max }, V::Digits(digits))
                if digits.parse().is_ok_and(|number| (*min..=*max).contains(&number)) =>
            {
                Fit::AsIs
            }
            (WantSort::Text { max }, V::Text(Sort::Text, text)) if within(text, *max) => Fit::AsIs,
            (WantSort::Text { max }, V::Digits(digits))
                if max.is_none_or(|max| digits.len() <= max as usize) =>
            {
                Fit::Spelled
            }
            (WantSort::Email, V::Text(Sort::Text, text)) if is_address(&text.get()) => Fit::AsIs,
            (WantSort::Ref, V::Text(Sort::Ref | Sort::Text, _)) => Fit::Sort(Sort::Ref),
            (WantSort::Choice(domain), V::Text(Sort::Choice | Sort::Text, text))
                if asking.has_option(domain, &text.get()) != Some(false) =>
            {
                Fit::Sort(Sort::Choice)
            }
            (WantSort::List(_), V::List(_)) => Fit::Items,
            (WantSort::Tags, V::List(items)) if items.iter().all(is_label) => Fit::Items,
            (WantSort::Choices(domain), V::List(items))
                if items.iter().all(|item| {
                    is_label(item)
                        && matches!(item, V::Text(_, text)
                            if asking.has_option(domain, &text.get()) != Some(false))
                }) =>
            {
                Fit::Items
            }
            _ => Fit::Ask,
        }
    }
}

/// How a value becomes one of a type.
enum Fit {
    AsIs,
    /// A number as its digits.
    Spelled,
    /// A text of another sort.
    Sort(Sort),
    /// Element by element.
    Items,
    /// By the evaluator's rule.
    Ask,
}

fn is_label(item: &V<'_>) -> bool {
    matches!(item, V::Text(Sort::Text | Sort::Choice, _))
}

/// Whether a text has at most so many characters. As many bytes are enough to know.
fn within(text: &Text<'_>, max: Option<u32>) -> bool {
    match max {
        None => true,
        Some(max) if text.at_most() <= max as usize => true,
        Some(max) => text.get().chars().count() <= max as usize,
    }
}

/// The same as the library's, with a short way for ASCII.
fn is_address(text: &str) -> bool {
    if !text.is_ascii() {
        return cutover_ir::functions::is_address(text);
    }
    let mut at = None;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'@' if at.is_some() => return false,
            b'@' => at = Some(place),
            b'<' | b'>' | b',' | b';' | 0..=b' ' | 0x7f => return false,
            _ => {}
        }
    }
    let domain = at.filter(|at| *at > 0).and_then(|at| text.get(at + 1..)).unwrap_or_default();
    !domain.is_empty() && !domain.starts_with('.') && !domain.ends_with('.')
}

/// Leaves each text once, where it stands first. All are of one sort.
pub(crate) fn distinct(items: &mut Vec<V<'_>>) {
    /// Up to here comparing with each is faster than a table.
    const FEW: usize = 12;
    let mut repeated: Vec<usize> = Vec::new();
    if items.len() <= FEW {
        for (at, item) in items.iter().enumerate().skip(1) {
            if items.iter().take(at).any(|earlier| same(earlier, item)) {
                repeated.push(at);
            }
        }
    } else {
        let mut seen = FxHashSet::default();
        let again = items.iter().enumerate().filter(|(_, item)| !seen.insert(text(item)));
        repeated = again.map(|(at, _)| at).collect();
    }
    if repeated.is_empty() {
        return;
    }
    let mut skip = repeated.into_iter().peekable();
    let mut at = 0;
    items.retain(|_| {
        at += 1;
        skip.next_if_eq(&(at - 1)).is_none()
    });
}

fn text<'v>(item: &'v V<'_>) -> Option<std::borrow::Cow<'v, str>> {
    match item {
        V::Text(_, text) => Some(text.get()),
        _ => None,
    }
}

fn same(a: &V<'_>, b: &V<'_>) -> bool {
    match (a, b) {
        (V::Text(_, Text::Plain(a)), V::Text(_, Text::Plain(b))) => a == b,
        (a, b) => text(a) == text(b),
    }
}

/// Whether the library's `distinct` may be replaced by [`distinct`].
pub(crate) fn is_texts(items: &[V<'_>]) -> bool {
    let mut sorts = items.iter().map(|item| match item {
        V::Text(sort, _) => Some(*sort),
        _ => None,
    });
    let first = sorts.next().unwrap_or(Some(Sort::Text));
    first.is_some() && sorts.all(|sort| sort == first)
}
