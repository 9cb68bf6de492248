//! The page of a code, as code scanning shows it: nobody can follow a link into this program's folders there.

/// What stands first on a page behind its heading, on one line and without links.
pub(super) fn first(page: &str) -> String {
    let text = page.lines().skip_while(|line| line.is_empty() || line.starts_with('#'));
    let lines: Vec<&str> = text.take_while(|line| !line.is_empty()).collect();
    linked(&lines.join(" "), &|_| None)
}

/// The whole page. Links to other pages lead to the address of the documents, or are words only.
pub(super) fn whole(page: &str, code: &str, docs: Option<&str>) -> String {
    linked(page, &|target| absolute(docs?, code, target))
}

/// Where the page of a code can be read.
pub(super) fn address(docs: &str, code: &str) -> String {
    format!("{}/diagnostics/{code}.md", docs.trim_end_matches('/'))
}

/// A link of a page from the top of the documents.
fn absolute(docs: &str, code: &str, target: &str) -> Option<String> {
    if target.contains("://") {
        return Some(target.to_owned());
    }
    let mut parts: Vec<&str> = vec!["diagnostics"];
    parts.extend(code.split('/').next());
    for part in target.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(format!("{}/{}", docs.trim_end_matches('/'), parts.join("/")))
}

/// A text with other targets for its links; a link without one is its words.
fn linked(text: &str, target: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut fenced = false;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            out.push_str(line);
            continue;
        }
        let mut rest = line;
        while let Some((before, words, old, behind)) = link(rest) {
            out.push_str(before);
            match target(old) {
                Some(new) => out.push_str(&format!("[{words}]({new})")),
                None => out.push_str(words),
            }
            rest = behind;
        }
        out.push_str(rest);
    }
    out
}

/// The first link of a line: what stands before it, its words, its target, and what stands behind it.
fn link(line: &str) -> Option<(&str, &str, &str, &str)> {
    let (head, rest) = line.split_once("](")?;
    let (target, behind) = rest.split_once(')')?;
    let (before, words) = head.rsplit_once('[')?;
    Some((before, words, target, behind))
}

#[cfg(test)]
mod tests {
    use super::{address, first, whole};

    const PAGE: &str = "# `a/b`\n\nOne thing, see [`c/d`](../c/d.md).\nAnd [more](https://x.example/y).\n\n```cutover wrong\n[a](b)\n```\n";

    #[test]
    fn the_first_paragraph_is_one_line_without_links() {
        assert_eq!(first(PAGE), "One thing, see `c/d`. And more.");
        assert_eq!(first("# `a/b`\n"), "");
    }

    #[test]
    fn links_lead_to_the_documents_or_nowhere() {
        assert!(whole(PAGE, "a/b", None).contains("see `c/d`.\nAnd more.\n\n```cutover wrong\n[a](b)\n```"));
        let linked = whole(PAGE, "a/b", Some("https://git.example/docs/"));
        assert!(linked.contains("[`c/d`](https://git.example/docs/diagnostics/c/d.md)"), "{linked}");
        assert!(linked.contains("[more](https://x.example/y)"), "{linked}");
        assert_eq!(
            address("https://git.example/docs/", "a/b"),
            "https://git.example/docs/diagnostics/a/b.md"
        );
    }
}
