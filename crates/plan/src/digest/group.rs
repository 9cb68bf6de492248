//! Digests over items that name each other, in linear time, circles included.

use super::sha256_hex;

/// The digest of each node from its own digest and those of the nodes that it names.
///
/// `edges[i]` are the positions of the nodes that node `i` names, sorted by id.
pub(super) fn digests(own: Vec<String>, edges: &[Vec<usize>]) -> Vec<String> {
    let mut digests = vec![String::new(); own.len()];
    for members in groups(edges) {
        match members.as_slice() {
            [only] => {
                let named: Vec<&str> = named_outside(&members, edges, &digests);
                if let (Some(own), true) = (own.get(*only), named.is_empty()) {
                    let own = own.clone();
                    set(&mut digests, *only, own);
                } else if let Some(own) = own.get(*only) {
                    let digest = with_named(own.clone(), &named);
                    set(&mut digests, *only, digest);
                }
            }
            _ => {
                let mut inside: Vec<&str> =
                    members.iter().filter_map(|member| own.get(*member)).map(String::as_str).collect();
                inside.sort_unstable();
                let mut outside = named_outside(&members, edges, &digests);
                outside.sort_unstable();
                outside.dedup();
                inside.extend(outside);
                let group = over_lines(&inside);
                for member in &members {
                    if let Some(own) = own.get(*member) {
                        let digest = over_lines(&[own, &group]);
                        set(&mut digests, *member, digest);
                    }
                }
            }
        }
    }
    digests
}

/// The digest of something with an own digest and named items.
pub(super) fn with_named(own: String, named: &[&str]) -> String {
    if named.is_empty() {
        return own;
    }
    let mut lines = Vec::with_capacity(named.len() + 1);
    lines.push(own.as_str());
    lines.extend(named);
    over_lines(&lines)
}

fn over_lines(lines: &[&str]) -> String {
    let mut text = String::with_capacity(lines.len() * 65);
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    sha256_hex(text.as_bytes())
}

fn set(digests: &mut [String], index: usize, digest: String) {
    if let Some(slot) = digests.get_mut(index) {
        *slot = digest;
    }
}

/// Digests of what the members name outside of their group. They are known: groups come after what they name.
fn named_outside<'a>(members: &[usize], edges: &[Vec<usize>], digests: &'a [String]) -> Vec<&'a str> {
    let mut sorted = members.to_vec();
    sorted.sort_unstable();
    members
        .iter()
        .filter_map(|member| edges.get(*member))
        .flatten()
        .filter(|named| sorted.binary_search(named).is_err())
        .filter_map(|named| digests.get(*named))
        .map(String::as_str)
        .collect()
}

/// The strongly connected groups, each after those that it names: Tarjan's algorithm, without recursion.
fn groups(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let n = edges.len();
    let mut order = vec![UNSEEN; n];
    let mut low = vec![0_usize; n];
    let mut on_stack = vec![false; n];
    let mut stack = Vec::new();
    let mut groups = Vec::new();
    let mut count = 0;
    let get = |list: &[usize], at: usize| list.get(at).copied().unwrap_or(UNSEEN);
    for root in 0..n {
        if get(&order, root) != UNSEEN {
            continue;
        }
        // A node, and how many of its edges have been followed.
        let mut work = vec![(root, 0_usize)];
        while let Some((node, done)) = work.pop() {
            if done == 0 {
                assign(&mut order, node, count);
                assign(&mut low, node, count);
                assign(&mut on_stack, node, true);
                stack.push(node);
                count += 1;
            }
            let targets = edges.get(node).map(Vec::as_slice).unwrap_or_default();
            if done > 0
                && let Some(child) = targets.get(done - 1)
                && on_stack.get(*child) == Some(&true)
            {
                let lowest = get(&low, node).min(get(&low, *child));
                assign(&mut low, node, lowest);
            }
            if let Some(next) = targets.get(done) {
                work.push((node, done + 1));
                if get(&order, *next) == UNSEEN {
                    work.push((*next, 0));
                }
                continue;
            }
            if get(&low, node) == get(&order, node) {
                let mut group = Vec::new();
                while let Some(member) = stack.pop() {
                    assign(&mut on_stack, member, false);
                    group.push(member);
                    if member == node {
                        break;
                    }
                }
                group.sort_unstable();
                groups.push(group);
            }
        }
    }
    groups
}

fn assign<T>(list: &mut [T], at: usize, value: T) {
    if let Some(slot) = list.get_mut(at) {
        *slot = value;
    }
}

#[cfg(test)]
mod tests {
    use super::{digests, groups};

    #[test]
    fn groups_come_after_what_they_name() {
        // 0 -> 1 <-> 2 -> 3, 4 -> 4, 5 -> 0
        let edges = vec![vec![1], vec![2], vec![1, 3], vec![], vec![4], vec![0]];
        assert_eq!(groups(&edges), vec![vec![3], vec![1, 2], vec![0], vec![4], vec![5]]);
    }

    #[test]
    fn a_long_chain_is_no_recursion() {
        let n = 200_000;
        let edges: Vec<Vec<usize>> = (0..n).map(|i| if i + 1 < n { vec![i + 1] } else { vec![] }).collect();
        assert_eq!(groups(&edges).len(), n);
    }

    #[test]
    fn a_change_reaches_whoever_names_it_and_nobody_else() {
        let edges = vec![vec![1], vec![2], vec![1, 3], vec![], vec![4], vec![0]];
        let own = |changed: usize| -> Vec<String> {
            (0..6).map(|i| if i == changed { format!("{i}'") } else { i.to_string() }).collect()
        };
        let before = digests(own(9), &edges);
        let differ = |changed: usize| -> Vec<usize> {
            let after = digests(own(changed), &edges);
            (0..6).filter(|i| before.get(*i) != after.get(*i)).collect()
        };
        assert_eq!(differ(3), vec![0, 1, 2, 3, 5]);
        assert_eq!(differ(1), vec![0, 1, 2, 5]);
        assert_eq!(differ(0), vec![0, 5]);
        assert_eq!(differ(4), vec![4]);
        assert_eq!(differ(5), vec![5]);
        assert_eq!(before.first().map(String::len), Some(64));
        assert_eq!(before.get(3).map(String::as_str), Some("3"), "names nothing: its own digest");
    }
}
