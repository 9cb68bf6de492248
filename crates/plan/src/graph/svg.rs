//! The stages as a picture that every browser shows. It holds no script, no link, no font and nothing from elsewhere.

use std::fmt::Write as _;

use super::layout::{HEIGHT, Layout, WIDTH, layout};
use super::view::{Detail, Node, View, view};
use super::{GraphError, Options};
use crate::model::{Phase, Plan, StageKind};
use crate::text::escape;

/// More boxes than this are put together: nobody reads them.
const MOST_BOXES: usize = 400;
/// How many narrow characters of a title fit into a box.
const FITS: usize = 36;
/// Room around the picture.
const MARGIN: i64 = 30;
/// Room above the boxes, for the title and the phases.
const HEAD: i64 = 80;
/// Room below the boxes, for what the shapes mean.
const FOOT: i64 = 60;

/// An SVG picture of the stages, from left to right. Where there are too many, stages are put together as for Mermaid.
///
/// # Errors
/// When the focus is no stage of the plan.
pub fn svg(plan: &Plan, options: &Options) -> Result<String, GraphError> {
    let mut drawn = view(plan, options, Detail::Stages)?;
    for detail in [Detail::Kinds, Detail::Operations, Detail::Phases] {
        if drawn.nodes.len() <= MOST_BOXES {
            break;
        }
        drawn = view(plan, options, detail)?;
    }
    Ok(write(&plan.migration.title, &drawn, &layout(&drawn)))
}

fn write(title: &str, view: &View, layout: &Layout) -> String {
    let width = layout.width + 2 * MARGIN;
    let height = layout.height + HEAD + FOOT + MARGIN;
    let mut out = String::with_capacity(view.nodes.len() * 500 + view.edges.len() * 300 + 2_000);
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         style=\"max-width:100%;height:auto\" role=\"img\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"12\">"
    );
    out.push_str("<title>");
    escape::xml(&mut out, title);
    out.push_str("</title>\n");
    out.push_str(
        "<style>.arrow{fill:none;stroke:#7a828c;stroke-width:1.2}\
         .box{fill:#fff;stroke:#7a828c;stroke-width:1.2}.critical{stroke:#1f2933;stroke-width:3}.final{fill:#f9dcdc}.focus{stroke:#1d4ed8}.id{fill:#616e7c;font-size:10px}\
         text{fill:#1f2933}</style>\n",
    );
    out.push_str(
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
         markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#4a5561\"/></marker></defs>\n",
    );
    let _ = writeln!(out, "<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>");
    let _ = write!(out, "<text x=\"{MARGIN}\" y=\"28\" font-size=\"18\" font-weight=\"bold\">");
    escape::xml(&mut out, title);
    out.push_str("</text>\n");
    for (phase, from, to) in &layout.bands {
        band(&mut out, *phase, *from, *to, layout.height);
    }
    // Arrows first, so that boxes lie above them; the critical ones last among them.
    for critical in [false, true] {
        let arrows = view.edges.iter().zip(&layout.ways).filter(|(edge, _)| edge.critical == critical);
        for (edge, way) in arrows {
            let ends = (layout.boxes.get(edge.from), layout.boxes.get(edge.to));
            if let (Some(from), Some(to)) = ends {
                arrow(&mut out, *from, way, *to, critical, &edge.reason);
            }
        }
    }
    for (node, place) in view.nodes.iter().zip(&layout.boxes) {
        stage(&mut out, node, *place);
    }
    legend(&mut out, layout.height + HEAD + MARGIN);
    out.push_str("</svg>\n");
    out
}

/// A pale colour of its own for each phase.
fn colour(phase: Phase) -> &'static str {
    const COLOURS: [&str; 4] = ["#eef4fb", "#f3f8ee", "#fbf5e9", "#f5effa"];
    let at = Phase::ALL.iter().position(|other| *other == phase).unwrap_or(0);
    COLOURS.get(at % COLOURS.len()).copied().unwrap_or("#eee")
}

fn band(out: &mut String, phase: Phase, from: i64, to: i64, height: i64) {
    let (x, width) = (from + MARGIN - 12, to - from + 24);
    let (y, height) = (HEAD - 34, height + 48);
    let _ = write!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"6\" fill=\"{}\"/><text x=\"{}\" y=\"{}\" font-weight=\"bold\">",
        colour(phase),
        x + 10,
        y + 18
    );
    escape::xml(out, phase.title());
    out.push_str("</text>\n");
}

/// A line of gentle curves from the right side of a box to the left side of another.
fn arrow(
    out: &mut String,
    from: (i64, i64),
    way: &[(i64, i64)],
    to: (i64, i64),
    critical: bool,
    reason: &str,
) {
    let (dx, dy) = (MARGIN, HEAD);
    let start = (from.0 + WIDTH + dx, from.1 + HEIGHT / 2 + dy);
    let end = (to.0 + dx, to.1 + HEIGHT / 2 + dy);
    let _ = write!(
        out,
        "<path class=\"arrow{}\" d=\"M{} {}",
        if critical { " critical" } else { "" },
        start.0,
        start.1
    );
    let mut at = start;
    for (x, y) in way {
        let into = (x + dx, y + dy);
        curve(out, at, into);
        at = (into.0 + WIDTH, into.1);
        let _ = write!(out, "H{}", at.0);
    }
    curve(out, at, end);
    out.push_str("\" marker-end=\"url(#tip)\"><title>");
    escape::xml(out, reason);
    out.push_str("</title></path>\n");
}

fn curve(out: &mut String, from: (i64, i64), to: (i64, i64)) {
    let bend = ((to.0 - from.0) / 2).max(20);
    let _ = write!(out, "C{} {} {} {} {} {}", from.0 + bend, from.1, to.0 - bend, to.1, to.0, to.1);
}

fn stage(out: &mut String, node: &Node, (x, y): (i64, i64)) {
    let (x, y) = (x + MARGIN, y + HEAD);
    out.push_str("<g><title>");
    escape::xml(out, &node.title);
    out.push('\n');
    escape::xml(out, &node.note);
    out.push_str("</title>");
    shape(out, node.kind, &classes(node), x, y, WIDTH);
    let middle = x + WIDTH / 2;
    let (first, second) = lines(&node.title, FITS);
    let top = if second.is_empty() { 22 } else { 16 };
    for (line, at) in [(first, top), (second, top + 14)] {
        if !line.is_empty() {
            let _ = write!(out, "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">", y + at);
            escape::xml(out, &line);
            out.push_str("</text>");
        }
    }
    let _ = write!(out, "<text class=\"id\" x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">", y + 44);
    escape::xml(out, &short(&node.note, FITS + 4));
    out.push_str("</text></g>\n");
}

fn classes(node: &Node) -> String {
    let mut classes = String::from("box");
    for (is, class) in [(node.critical, " critical"), (node.irreversible, " final"), (node.focus, " focus")] {
        if is {
            classes.push_str(class);
        }
    }
    classes
}

/// A box for what the program does, one with pointed ends for what people sign, a round one for what is watched.
fn shape(out: &mut String, kind: StageKind, classes: &str, x: i64, y: i64, width: i64) {
    let (right, bottom) = (x + width, y + HEIGHT);
    match kind {
        StageKind::Automatic => {
            let _ = write!(
                out,
                "<rect class=\"{classes}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" rx=\"3\"/>"
            );
        }
        StageKind::Gate => {
            let (middle, l, r) = (y + HEIGHT / 2, x + 12, right - 12);
            let _ = write!(
                out,
                "<path class=\"{classes}\" d=\"M{l} {y}H{r}L{right} {middle}L{r} {bottom}H{l}L{x} {middle}z\"/>"
            );
        }
        StageKind::Watch => {
            let _ = write!(
                out,
                "<rect class=\"{classes}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HEIGHT}\" rx=\"{}\"/>",
                HEIGHT / 2
            );
        }
    }
}

fn legend(out: &mut String, y: i64) {
    let mut x = MARGIN;
    let entries = [
        (StageKind::Automatic, "box", "done by the program or by people"),
        (StageKind::Gate, "box", "waits for a signature"),
        (StageKind::Watch, "box", "watched"),
        (StageKind::Automatic, "box critical", "on the longest way"),
        (StageKind::Automatic, "box final", "cannot be taken back"),
    ];
    for (kind, classes, words) in entries {
        shape(out, kind, classes, x, y, 60);
        let _ = writeln!(out, "<text x=\"{}\" y=\"{}\">{words}</text>", x + 70, y + HEIGHT / 2 + 4);
        x += 290;
    }
}

/// A text in at most two lines of so many narrow characters, parted between words where it can be. The second one is empty where one is enough.
fn lines(text: &str, fits: usize) -> (String, String) {
    if short(text, fits) == text {
        return (text.to_owned(), String::new());
    }
    let blanks = text.char_indices().filter(|(_, c)| *c == ' ').map(|(at, _)| at);
    let heads = blanks.filter_map(|at| text.get(..at)).take_while(|head| short(head, fits) == *head);
    let Some(head) = heads.last() else { return (short(text, fits), String::new()) };
    let rest = text.get(head.len()..).unwrap_or_default().trim_start();
    (head.to_owned(), short(rest, fits))
}

/// A text that fits into so many narrow characters, cut with an ellipsis where it must be. Characters of East Asia take two.
fn short(text: &str, fits: usize) -> String {
    let width = |c: char| if u32::from(c) < 0x1100 { 1 } else { 2 };
    if text.chars().map(width).sum::<usize>() <= fits {
        return text.to_owned();
    }
    let mut used = 1;
    let kept = text.chars().take_while(|c| {
        used += width(*c);
        used <= fits
    });
    let mut short: String = kept.collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::{lines, short, svg};
    use crate::fixture;
    use crate::graph::Options;

    #[test]
    fn what_does_not_fit_is_cut() {
        assert_eq!(short("Load tickets", 12), "Load tickets");
        assert_eq!(short("Load tickets", 8), "Load ti…");
        assert_eq!(short("日本語日本語", 7), "日本語…");
    }

    #[test]
    fn what_is_long_has_two_lines() {
        let two = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(lines("Load tickets", 12), two("Load tickets", ""));
        assert_eq!(lines("Load tickets of the rest", 13), two("Load tickets", "of the rest"));
        assert_eq!(lines("Load tickets of the rest and more", 12), two("Load tickets", "of the rest…"));
        assert_eq!(lines("Loadticketsoftherest", 8), two("Loadtic…", ""));
    }

    #[test]
    fn names_are_text_and_nothing_else() {
        let mut plan = fixture::acme();
        plan.migration.title = "<script>\"&'\u{1}\u{202e}]]>".to_owned();
        for stage in &mut plan.stages {
            stage.title = "</text><image href=\"http://x\"/>".to_owned();
        }
        let drawn = svg(&plan, &Options::default());
        let Ok(text) = drawn else { return assert_eq!(drawn, Ok(String::new())) };
        assert!(
            !text.contains("<script")
                && !text.contains("<image")
                && !text.contains('\u{202e}')
                && !text.contains('\u{1}')
        );
        assert!(text.contains("&lt;script&gt;&quot;&amp;&#39;"));
        assert_eq!(svg(&plan, &Options::default()), Ok(text));
    }
}
