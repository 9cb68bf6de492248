//! HTML to text and back. What a reader sees is kept, what a machine runs is not.

use crate::functions::rules::{
    BASE, MANY_TO_ONE, STRUCTURE, gives, input, one_text, refused, text_max, text_of,
};
use crate::functions::sample::Sample::Text;
use crate::functions::sample::ex;
use crate::functions::{Family, Function};
use crate::types::{LossSet, Type};

const HTML: Function = Function { family: Family::Html, lifts: true, ..BASE };

pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "html_to_text",
        input: "HTML",
        loss: STRUCTURE.union(MANY_TO_ONE),
        summary: "What a reader sees of HTML, as plain text.",
        doc: "Paragraphs are set apart by an empty line, `<br>` and table rows end a line, list items begin with `- `. A link is followed by its address in parentheses unless it shows the address itself; an image leaves its alternative text in square brackets. Scripts, styles, comments and the head are dropped. Entities are resolved; one that is not known stays as it is written. Broken HTML is read as far as it goes. The text is never longer than the HTML.",
        examples: &[
            ex(
                &[Text("<p>Dear <b>Ann</b>,</p><p>it&nbsp;is &lt;down&gt;.<br>Bye</p>")],
                &[],
                &[Text("Dear Ann,\n\nit is <down>.\nBye")],
            ),
            ex(&[Text("<ul><li>one<li>two</ul>")], &[], &[Text("- one\n- two")]),
            ex(
                &[Text("See <a href=\"https://a.example/1\">the page</a>.")],
                &[],
                &[Text("See the page (https://a.example/1).")],
            ),
            ex(&[Text("<style>p{}</style>Hi<script>steal()</script>")], &[], &[Text("Hi")]),
        ],
        rule: |inputs, _| match input(inputs, 0) {
            Type::Html { max } => gives(Type::Text { max: *max }, STRUCTURE.union(MANY_TO_ONE)),
            _ => refused(inputs, 0, "HTML"),
        },
        body: |inputs, _, _| one_text(reader::to_text(text_of(inputs)?)),
        ..HTML
    },
    Function {
        name: "text_to_html",
        input: "text",
        injective: true,
        summary: "Plain text as HTML that shows the same.",
        doc: "`&`, `<`, `>` and `\"` are escaped, so that nothing in the text becomes markup; a line end becomes `<br>`.",
        examples: &[ex(&[Text("a < b & c\nnext")], &[], &[Text("a &lt; b &amp; c<br>next")])],
        rule: |inputs, _| {
            let max = text_max(inputs, 0, "text")?.map(|max| max.saturating_mul(6));
            gives(Type::Html { max }, LossSet::EXACT)
        },
        body: |inputs, _, _| one_text(escaped(text_of(inputs)?)),
        ..HTML
    },
];

/// Plain text as HTML.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\n' => html.push_str("<br>"),
            c => html.push(c),
        }
    }
    html
}

mod entities;
mod reader;

#[cfg(test)]
mod tests;
