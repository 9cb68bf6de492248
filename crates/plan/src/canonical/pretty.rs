//! Line breaks for the canonical text, so that a diff shows what changed and nothing else.

/// Longest list or object that stays on one line, in bytes: one row of a map, one stage without its needs.
const WIDTH: usize = 300;

/// The same JSON with line breaks: a list or object of up to 300 bytes stands on one line, a longer one has each member on a line of
/// its own, indented by one blank a level. Ends with a line break.
///
/// The text has to be the result of [`compact`](super::compact).
#[must_use]
pub fn pretty(compact: &str) -> String {
    let mut out = String::with_capacity(compact.len() + compact.len() / 8);
    let lengths = lengths(compact);
    Printer { text: compact, lengths: &lengths, next: 0, indent: 0, out: &mut out }.print();
    out.push('\n');
    out
}

/// Where each list and object ends, in the order of their beginnings.
fn lengths(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut ends = Vec::new();
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at),
            b'{' | b'[' => {
                open.push(ends.len());
                ends.push(at);
                at += 1;
            }
            b'}' | b']' => {
                at += 1;
                if let Some(end) = open.pop().and_then(|index| ends.get_mut(index)) {
                    *end = at;
                }
            }
            _ => at += 1,
        }
    }
    ends
}

/// The position behind the closing quote of the text that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

struct Printer<'a> {
    text: &'a str,
    lengths: &'a [usize],
    /// Index of the next list or object.
    next: usize,
    indent: usize,
    out: &'a mut String,
}

impl Printer<'_> {
    fn print(&mut self) {
        let bytes = self.text.as_bytes();
        let (mut at, mut copied) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => at = string_end(bytes, at),
                b'{' | b'[' => {
                    let end = self.lengths.get(self.next).copied().unwrap_or(bytes.len());
                    if end - at <= WIDTH {
                        // Everything within is on this line too.
                        self.next += self.lengths.get(self.next..).map_or(0, |rest| {
                            // Ends of inner ones are not beyond this one; they follow it directly.
                            rest.iter().take_while(|inner| **inner <= end).count()
                        });
                        at = end;
                    } else {
                        at += 1;
                        self.next += 1;
                        self.indent += 1;
                        self.copy(copied, at);
                        copied = at;
                        self.line();
                    }
                }
                b'}' | b']' => {
                    self.copy(copied, at);
                    copied = at;
                    self.indent = self.indent.saturating_sub(1);
                    self.line();
                    at += 1;
                }
                b',' => {
                    at += 1;
                    self.copy(copied, at);
                    copied = at;
                    self.line();
                }
                b':' => {
                    at += 1;
                    self.copy(copied, at);
                    copied = at;
                    self.out.push(' ');
                }
                _ => at += 1,
            }
        }
        self.copy(copied, at);
    }

    fn copy(&mut self, from: usize, to: usize) {
        self.out.push_str(self.text.get(from..to).unwrap_or_default());
    }

    fn line(&mut self) {
        const BLANKS: &str = "                                ";
        self.out.push('\n');
        let mut left = self.indent;
        while left > 0 {
            let n = left.min(BLANKS.len());
            self.out.push_str(BLANKS.get(..n).unwrap_or_default());
            left -= n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn short_values_stay_on_a_line() {
        let long = "x".repeat(300);
        let text = format!(r#"{{"a":{{"b":[1,2,"]"]}},"c":["{long}",{{"d":{{}}}}],"e":"\"{{"}}"#);
        let expected = format!(
            "{{\n \"a\": {{\"b\":[1,2,\"]\"]}},\n \"c\": [\n  \"{long}\",\n  {{\"d\":{{}}}}\n ],\n \"e\": \"\\\"{{\"\n}}\n"
        );
        assert_eq!(pretty(&text), expected);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&pretty(&text)).ok(),
            serde_json::from_str::<serde_json::Value>(&text).ok()
        );
    }
}
