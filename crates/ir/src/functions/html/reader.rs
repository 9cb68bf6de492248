//! Reads HTML as browsers show it, roughly, in one pass: each byte is looked at a bounded number of times.

use super::entities;

/// What a reader sees of `html`.
pub(super) fn to_text(html: &str) -> String {
    let mut reader = Reader { rest: html, ..Reader::default() };
    reader.read();
    reader.end_link();
    reader.text
}

#[derive(Default)]
struct Reader<'a> {
    rest: &'a str,
    text: String,
    /// Line ends to write before the next character.
    breaks: usize,
    /// Blank to write before the next character.
    blank: bool,
    /// A list item's mark to write before the next character.
    item: bool,
    /// Depth of `<pre>`.
    verbatim: u32,
    /// The address of the open link, and where its text begins.
    link: Option<(String, usize)>,
}

impl<'a> Reader<'a> {
    fn read(&mut self) {
        while let Some(c) = self.rest.chars().next() {
            match c {
                '<' => self.markup(),
                '&' => self.entity(),
                c => {
                    self.advance(c.len_utf8());
                    self.character(c);
                }
            }
        }
    }

    /// Drops that many bytes; a wrong count ends the reading.
    fn advance(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn character(&mut self, c: char) {
        if self.verbatim > 0 && c == '\n' {
            self.breaks += 1;
        } else if self.verbatim > 0 && c.is_ascii_whitespace() && c != '\r' {
            self.write(c);
        } else if c.is_ascii_whitespace() {
            self.blank = true;
        } else if !c.is_control() {
            self.write(c);
        }
    }

    fn write(&mut self, c: char) {
        if self.text.is_empty() {
            (self.breaks, self.blank) = (0, false);
        }
        if self.breaks > 0 {
            self.text.extend(std::iter::repeat_n('\n', self.breaks));
        } else if self.blank {
            self.text.push(' ');
        }
        if self.item {
            self.text.push_str("- ");
        }
        (self.breaks, self.blank, self.item) = (0, false, false);
        self.text.push(c);
    }

    fn write_all(&mut self, text: &str) {
        for c in text.chars() {
            self.write(c);
        }
    }

    /// At least that many line ends before what follows.
    fn at_least(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
    }

    fn entity(&mut self) {
        let known = self.rest.char_indices().take(12).find(|(_, c)| *c == ';').and_then(|(at, _)| {
            let name = self.rest.get(1..at)?;
            Some((entities::resolve(name)?, at + 1))
        });
        match known {
            Some((c, length)) => {
                self.advance(length);
                // A blank that must not be broken is a blank that must not be collapsed.
                if c == '\u{a0}' { self.write(' ') } else { self.character(c) }
            }
            None => {
                self.advance(1);
                self.write('&');
            }
        }
    }

    fn markup(&mut self) {
        if self.rest.starts_with("<!--") {
            self.skip_behind("-->");
            return;
        }
        let second = self.rest.chars().nth(1);
        match second {
            Some('!' | '?') => self.skip_behind(">"),
            Some('/') if !self.rest.chars().nth(2).is_some_and(|c| c.is_ascii_alphabetic()) => {
                self.skip_behind(">");
            }
            Some(c) if c == '/' || c.is_ascii_alphabetic() => self.tag(),
            _ => {
                self.advance(1);
                self.write('<');
            }
        }
    }

    /// Goes behind the next `end`, or to the end of all.
    fn skip_behind(&mut self, end: &str) {
        self.rest = self.rest.split_once(end).map_or("", |(_, behind)| behind);
    }

    fn tag(&mut self) {
        let length = tag_length(self.rest);
        let inside = self.rest.get(1..length).unwrap_or_default().trim_end_matches('>');
        self.advance(length);
        let (closes, inside) = match inside.strip_prefix('/') {
            Some(inside) => (true, inside),
            None => (false, inside),
        };
        let end = inside.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inside.len());
        let (name, attributes) = inside.split_at(end);
        match (name.to_ascii_lowercase().as_str(), closes) {
            (name @ ("script" | "style" | "title" | "template" | "textarea"), false) => {
                self.skip_element(name)
            }
            ("br", _) => self.breaks += 1,
            (
                "p" | "blockquote" | "pre" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "dl"
                | "table",
                _,
            ) => {
                // An outer list is set apart, an inner one is not.
                self.at_least(if matches!(name, "ul" | "ol") && self.item { 1 } else { 2 });
                self.preformatted(name, closes);
            }
            ("li", false) => {
                self.at_least(1);
                self.item = true;
            }
            ("li", true) => {
                self.item = false;
                self.at_least(1);
            }
            (
                "div" | "tr" | "dt" | "dd" | "section" | "article" | "header" | "footer" | "address" | "hr"
                | "body" | "center" | "form" | "fieldset" | "figure" | "figcaption" | "main" | "nav"
                | "aside" | "caption",
                _,
            ) => self.at_least(1),
            ("td" | "th", _) => self.blank = true,
            ("a", false) => {
                self.end_link();
                self.link = attribute(attributes, "href").map(|url| (url, self.text.len()));
            }
            ("a", true) => self.end_link(),
            ("img", false) => {
                if let Some(alternative) = attribute(attributes, "alt").filter(|alt| !alt.trim().is_empty()) {
                    self.write_all(&format!("[{}]", alternative.trim()));
                }
            }
            _ => {}
        }
    }

    fn preformatted(&mut self, name: &str, closes: bool) {
        if name.eq_ignore_ascii_case("pre") {
            self.verbatim =
                if closes { self.verbatim.saturating_sub(1) } else { self.verbatim.saturating_add(1) };
        }
    }

    /// Goes behind the end of an element whose content nobody sees. Without an end it hides the rest, as in browsers.
    fn skip_element(&mut self, name: &str) {
        while let Some((_, behind)) = self.rest.split_once("</") {
            self.rest = behind;
            let here = behind.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name));
            if here {
                self.skip_behind(">");
                return;
            }
        }
        self.rest = "";
    }

    /// Writes the address of a link behind its text.
    fn end_link(&mut self) {
        let Some((url, start)) = self.link.take() else { return };
        let shown = self.text.get(start..).unwrap_or_default().trim();
        let bare = url.strip_prefix("mailto:").or_else(|| url.strip_prefix("tel:")).unwrap_or(&url);
        if shown == url || shown == bare || !is_address(&url) {
            return;
        }
        if shown.is_empty() {
            self.write_all(&url);
        } else {
            self.text.push_str(&format!(" ({url})"));
        }
    }
}

/// Addresses that mean something outside the page and run nothing.
fn is_address(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
    matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel" | "ftp")
}

/// The length of the tag at the start of `text`, with its `>`. A `>` in a quoted attribute does not end it.
fn tag_length(text: &str) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if before == '=' => quote = Some(c),
            (None, '>') => return at + 1,
            _ => {}
        }
        if !c.is_ascii_whitespace() {
            before = c;
        }
    }
    text.len()
}

/// The value of an attribute, entities resolved, without control characters and blanks at its ends.
fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let Some(value) = behind.trim_start().strip_prefix('=') else {
            if behind.is_empty() {
                return None;
            }
            rest = behind;
            continue;
        };
        let value = value.trim_start();
        let (value, behind) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inside = value.get(1..).unwrap_or_default();
                inside.split_once(quote).unwrap_or((inside, ""))
            }
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            let resolved: String = entities::resolve_all(value).chars().filter(|c| !c.is_control()).collect();
            return Some(resolved.trim().to_owned()).filter(|value| !value.is_empty());
        }
        rest = behind;
    }
}
