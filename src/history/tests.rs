//! What holds without a repository.

use super::*;
use crate::disk::Memory;

fn ask(options: &HistoryOptions) -> Vec<Diagnostic> {
    let disk = Memory::new([("s/content/a.md", "文")]);
    let mut out = Vec::new();
    assert!(read(&disk, "s", "content", None, options, &mut out).is_none());
    out
}

#[test]
fn no_git_is_a_fault_only_where_a_history_is_expected() {
    let expected = HistoryOptions { enabled: true, expected: true, authors: false };
    assert_eq!(ask(&expected).iter().map(|d| d.code).collect::<Vec<_>>(), ["history-unread"]);
    assert_eq!(ask(&HistoryOptions { expected: false, ..expected }), []);
    assert_eq!(ask(&HistoryOptions { enabled: false, ..expected }), []);
}

#[test]
fn damaged_bytes_are_no_history() {
    let terms = Terms { authors: true, prefix: "s/content/".into(), shallow: Vec::new(), mailmap: None };
    let kept = Kept { head: "0".repeat(40), terms, commits: Vec::new(), corrections: vec![("a.md".into(), true)] };
    let bytes = kept.to_bytes();
    assert_eq!(Kept::from_bytes(&bytes), Some(kept));
    for at in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[at] ^= 1;
        assert!(History::from_bytes(&bytes).is_none(), "a wrong byte at {at} is noticed");
        assert!(History::from_bytes(&bytes[..at]).is_none(), "an end at {at} is noticed");
    }
}

#[test]
fn every_trouble_has_its_words_in_both_languages() {
    let expected = HistoryOptions { enabled: true, expected: true, authors: false };
    for trouble in [
        Trouble::NoProgram,
        Trouble::NoRepository,
        Trouble::NoCommit,
        Trouble::Untrusted("/srv/站".into()),
        Trouble::Late,
        Trouble::Failed("fatal: x".into()),
    ] {
        let told = told(&trouble, &expected).expect("who expects it is told");
        let hint = told.hint.expect("there is a way out");
        assert!([told.message.zh, told.message.en, hint.zh, hint.en].iter().all(|words| !words.is_empty()));
    }
}
