//! Which outputs a build changed: two manifests compared.

use std::cmp::Ordering;

/// More paths than these are not told one by one; scripts, styles and pictures of a page are always.
const MOST: usize = 1_000;

/// Returns the outputs that differ between two manifests; `None` if one cannot be read, or if too many
/// differ to be told.
pub(super) fn changed(old: &[u8], new: &[u8]) -> Option<Vec<String>> {
    let (old, new) = (entries(old)?, entries(new)?);
    let mut changed = Vec::new();
    let (mut a, mut b) = (old.into_iter().peekable(), new.into_iter().peekable());
    loop {
        let order = match (a.peek(), b.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((x, _)), Some((y, _))) => x.cmp(y),
        };
        let before = if order.is_le() { a.next() } else { None };
        let after = if order.is_ge() { b.next() } else { None };
        if before != after {
            changed.extend(after.or(before).map(|(path, _)| path.to_owned()));
        }
    }
    if changed.len() > MOST {
        // What of a page is no page itself must be known; a page asks for itself anyway.
        changed.retain(|path| !path.ends_with(".html"));
    }
    (changed.len() <= MOST).then_some(changed)
}

/// Reads lines `digest size path`, sorted by path.
fn entries(manifest: &[u8]) -> Option<Vec<(&str, &str)>> {
    let mut lines = std::str::from_utf8(manifest).ok()?.lines();
    lines.next().filter(|head| head.starts_with("beilin-manifest "))?;
    let entry = |line| {
        let (digest, rest): (&str, &str) = str::split_once(line, ' ')?;
        Some((rest.split_once(' ')?.1, digest))
    };
    let entries: Vec<_> = lines.map(entry).collect::<Option<_>>()?;
    entries.is_sorted().then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_changed_or_gone_is_told() {
        let old = "beilin-manifest 1\naa 1 a.css\nbb 1 b/index.html\ncc 1 c d.jpg\n";
        let new = "beilin-manifest 1\naa 1 a.css\nbx 1 b/index.html\nee 1 e.js\n";
        assert_eq!(
            changed(old.as_bytes(), new.as_bytes()),
            Some(vec!["b/index.html".into(), "c d.jpg".into(), "e.js".into()])
        );
        assert_eq!(changed(old.as_bytes(), old.as_bytes()), Some(Vec::new()));
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        let good = b"beilin-manifest 1\naa 1 a.css\n";
        assert_eq!(changed(b"", good), None);
        assert_eq!(changed(good, b"beilin-manifest 1\nnonsense\n"), None);
    }

    #[test]
    fn of_very_many_only_what_pages_are_made_of_is_told() {
        let mut new = String::from("beilin-manifest 1\naa 1 a.css\n");
        (0..2000).for_each(|i| new += &format!("bb 1 p{i:04}/index.html\n"));
        assert_eq!(changed(b"beilin-manifest 1\n", new.as_bytes()), Some(vec!["a.css".into()]));
    }
}
