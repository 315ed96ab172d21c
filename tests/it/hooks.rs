//! Git hooks, with real repositories and real pushes.

use crate::publish::{Published, beilin, git, told, until};
use beilin::disk::{Disk, Real};
use std::process::Output;

/// A site whose repository pushes to a bare one.
fn pushing(name: &str) -> Published {
    let here = Published::new(name);
    here.git_in("", &["init", "--quiet", "--bare", "--initial-branch=main", "bare.git"]);
    here.git(&["remote", "add", "origin", &here.path("bare.git")]);
    here
}

fn install(here: &Published, more: &[&str]) -> Output {
    let (bare, to) = (here.path("bare.git"), here.path("site"));
    let words = ["hook", "install", "--repository", &bare, "--to", &to];
    beilin(&here.folder).args(words).args(more).output().expect("the binary runs")
}

fn push(here: &Published, words: &[&str]) -> Output {
    let words = [&["push", "--quiet", "origin"], words].concat();
    git(&here.folder.join("repo"), &words).env("BEILIN_LANG", "en").output().expect("git runs")
}

fn live(here: &Published) -> Option<String> {
    Real.pointed(&here.path("site/current"))
}

fn tip(here: &Published) -> String {
    here.git_in("bare.git", &["for-each-ref", "--format=%(objectname)", "refs/heads/main"])
}

#[test]
fn a_push_ends_on_the_live_site_and_one_with_errors_is_refused() {
    let here = pushing("push");
    let output = install(&here, &["--keep", "2"]);
    assert!(output.status.success(), "{}", told(&output));
    let output = push(&here, &["main"]);
    assert!(output.status.success() && told(&output).contains("queued"), "{}", told(&output));
    let first = here.git(&["rev-parse", "HEAD"]);
    until("the site is live", || live(&here) == Some(format!("releases/{first}")));
    assert_eq!(here.served(), 1);

    here.put("content/about.md", "+++\ntitle = \"关于\"\ntitel = \"关于\"\n+++\n见[手册](manul.md)。\n");
    here.commit("写错");
    let output = push(&here, &["main"]);
    let text = told(&output);
    assert!(!output.status.success(), "{text}");
    assert!(text.contains("content/about.md:3:1") && text.contains("content/about.md:5:"), "{text}");
    assert!(text.contains("did not take this push"), "{text}");
    assert_eq!((tip(&here), here.served()), (first, 1));

    let second = here.version(2);
    assert!(push(&here, &["main"]).status.success());
    until("the mended site is live", || live(&here) == Some(format!("releases/{second}")));
    assert_eq!(here.served(), 2);
    until("the log says so", || {
        std::fs::read_to_string(here.path("site/.beilin/publish.log")).is_ok_and(|l| l.contains(&second))
    });
}

#[test]
fn a_push_returns_while_publishing_waits_and_the_newest_commit_wins() {
    let here = pushing("queue");
    assert!(install(&here, &[]).status.success());
    let lock = Real.lock(&here.path("site/.beilin/lock")).expect("locked");
    let mut newest = String::new();
    for n in 2..=6 {
        newest = here.version(n);
        // That it returns at all is the test: the worker cannot go on before the lock is let go.
        assert!(push(&here, &["main"]).status.success());
    }
    assert_eq!(live(&here), None);
    drop(lock);
    until("the newest is live", || live(&here) == Some(format!("releases/{newest}")));
    until("nothing is left to do", || Real.list(&here.path("site/.beilin/queue")).is_ok_and(|l| l.is_empty()));
    assert_eq!(here.served(), 6);
    let log = std::fs::read_to_string(here.path("site/.beilin/publish.log")).expect("there is a log");
    assert_eq!(log.matches("published").count(), 1, "five pushes, one publish: {log}");
    assert!(log.lines().count() <= 2, "at most one more look at what came meanwhile: {log}");
}

#[test]
fn a_request_outlives_its_worker() {
    let here = pushing("outlive");
    here.git(&["push", "--quiet", "origin", "main"]);
    let bare = here.path("bare.git");
    let words = ["publish", "--queued", "--repository", &bare, "--revision", "refs/heads/main"];
    assert!(here.run(&words).status.success());
    assert_eq!(live(&here), None, "nothing was asked for");
    // As a worker that was killed leaves it.
    Real.write(&here.path("site/.beilin/queue/1-x"), b"x").expect("written");
    assert!(here.run(&words).status.success());
    assert_eq!(here.served(), 1);
    assert!(Real.list(&here.path("site/.beilin/queue")).expect("listed").is_empty());
}

#[test]
fn other_branches_tags_and_deletions_pass() {
    let here = pushing("others");
    assert!(install(&here, &["--branch", "main"]).status.success());
    here.git_in("bare.git", &["config", "receive.denyDeleteCurrent", "ignore"]);
    assert!(push(&here, &["main"]).status.success());
    until("the site is live", || live(&here).is_some());
    here.git(&["switch", "--quiet", "-c", "draft"]);
    here.put("content/about.md", "+++\ntitel = \"关于\"\n+++\n");
    here.commit("草稿");
    here.git(&["tag", "try"]);
    for words in [["draft"], ["try"], [":main"]] {
        let output = push(&here, &words);
        assert!(output.status.success(), "{words:?}: {}", told(&output));
    }
    assert_eq!(here.served(), 1);
    let output = push(&here, &["draft:main"]);
    assert!(!output.status.success(), "as main it is looked at");
    assert_eq!(tip(&here), "");
}

#[test]
fn hooks_of_others_are_never_lost() {
    let here = pushing("theirs");
    let theirs = here.path("bare.git/hooks/post-receive");
    Real.write(&theirs, b"#!/bin/sh\necho theirs\n").expect("written");
    let output = install(&here, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(told(&output).contains("was not written by Beilin"), "{}", told(&output));
    assert!(!Real.exists(&here.path("bare.git/hooks/pre-receive")), "then none is written");
    assert!(install(&here, &["--force"]).status.success());
    let kept = std::fs::read(format!("{theirs}.before-beilin-1")).expect("kept");
    assert_eq!(kept, b"#!/bin/sh\necho theirs\n");
    let ours = std::fs::read(&theirs).expect("written");
    assert!(install(&here, &[]).status.success(), "our own are written again");
    assert_eq!(std::fs::read(&theirs).expect("written"), ours);
    assert!(push(&here, &["main"]).status.success());
    until("they work", || live(&here).is_some());
}

#[test]
fn what_cannot_be_checked_is_not_taken() {
    let here = pushing("cannot");
    assert!(install(&here, &["--site", "elsewhere"]).status.success());
    let output = push(&here, &["main"]);
    assert!(!output.status.success() && told(&output).contains("elsewhere/beilin.toml"), "{}", told(&output));
    assert_eq!(tip(&here), "");
}
