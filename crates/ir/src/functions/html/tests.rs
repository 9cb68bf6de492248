//! HTML as mail programs write it, and as attackers do.

use super::reader::to_text;

#[test]
fn what_a_reader_sees() {
    for (html, text) in [
        ("", ""),
        ("  a \n b ", "a b"),
        ("a<br><br/>b", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<p>a</p>\n\n<p>b</p>", "a\n\nb"),
        ("<h1>T</h1>x", "T\n\nx"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>d", "- a\n- b\n\n- c\n\nd"),
        ("<pre>a\n  b</pre>c", "a\n  b\n\nc"),
        ("a &lt; b &amp;&#38; c &unknown; &auml;&#xE4;&euro;", "a < b && c &unknown; ää€"),
        ("<img src=x alt=\"a &amp; b\">", "[a & b]"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
    ] {
        assert_eq!(to_text(html), text, "{html}");
    }
}

#[test]
fn links_keep_their_address() {
    for (html, text) in [
        ("<a href='https://a.example/?x=1&amp;y=2'>here</a>", "here (https://a.example/?x=1&y=2)"),
        ("<A HREF=https://a.example>here</A>!", "here (https://a.example)!"),
        ("<a href=\"https://a.example\">https://a.example</a>", "https://a.example"),
        ("<a href=\"mailto:ann@example.org\">ann@example.org</a>", "ann@example.org"),
        ("<a href=\"https://a.example\"><img src=x></a>", "https://a.example"),
        ("<a href=\"javascript:alert(1)\">x</a>", "x"),
        ("<a href=\"#top\">x</a>", "x"),
        ("<a title=\"a > b\" href=\"https://a.example\">x", "x (https://a.example)"),
    ] {
        assert_eq!(to_text(html), text, "{html}");
    }
}

#[test]
fn nothing_that_runs_or_hides_is_shown() {
    for html in [
        "<script>alert('</b>')</script>",
        "<SCRIPT src=x>a</script >",
        "<style>a{}</style>",
        "<!-- a <b> -->",
        "<!DOCTYPE html><title>t</title>",
        "<?xml version='1.0'?>",
        "<script>a",
        "<!-- a",
        "<a href=\"",
        "</",
        "<b",
    ] {
        assert!(!to_text(html).contains(['a', 'b', 't']), "{html}: {}", to_text(html));
    }
}

#[test]
fn hostile_input_takes_linear_time() {
    for part in [
        "<",
        "<a href=\"",
        "<script></",
        "&",
        "<a ",
        "<!--",
        "</x",
        "<li>",
        "<pre>\n",
        "a=",
        "<br>x",
        "<a href=http:x>y",
    ] {
        let html = part.repeat(200_000);
        assert!(to_text(&html).len() <= html.len());
    }
}
