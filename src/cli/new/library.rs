//! `beilin new programme --from ID`: a text of the library with all it names, copied into the site.

use super::super::eject::read_config;
use super::super::report::number;
use super::super::{Cli, FINE, Failure, Outcome, args};
use crate::diagnostic::{Error, Lang, did_you_mean};
use crate::disk::join;
use crate::library::{self, Entry, Sort};
use crate::say;
use serde_json::json;

/// Returns what a word means in the library; `None` for a kind of record.
pub(super) fn sort_of(word: &str) -> Option<Sort> {
    Some(match word {
        "programme" | "创建方案" => Sort::Programme,
        "rubric" | "评定标准" => Sort::Rubric,
        "pack" | "规则包" => Sort::Pack,
        "catalogue" | "公开目录" => Sort::Catalogue,
        _ => return None,
    })
}

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::New, sort: Sort) -> Outcome {
    if args.list {
        return list(cli, sort);
    }
    let entry = entry_of(sort, args.from.as_deref())?;
    let root = args.root.folder();
    let content = join(&root, &read_config(cli, &root)?.content.dir);
    let own = join(&content, entry.path);
    if cli.disk.exists(&own) {
        return Err(Failure::of(
            say!("`{own}` 已经有了", "there is a file `{own}` already"),
            say!("程序不覆盖文件；要重新开始，先把它改名", "no file is overwritten; to begin anew, rename it first"),
        ));
    }
    let family = entry.family();
    let rubrics: Vec<&str> = family.iter().filter(|e| e.sort == Sort::Rubric).map(|e| e.id).collect();
    let there = |id: &str| rubrics.contains(&id) || cli.disk.exists(&join(&content, &format!("rubrics/{id}.md")));
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    // What it names first: a run that is cut off leaves nothing that names what is not there.
    for entry in family.iter().rev() {
        let path = join(&content, entry.path);
        if cli.disk.exists(&path) {
            kept.push(path);
            continue;
        }
        let text = entry.text_for(there);
        cli.disk
            .write(&path, text.as_bytes())
            .map_err(|e| Error::new(say!("写不了 `{path}`", "cannot write `{path}`"), e))?;
        written.push(path);
    }
    written.reverse();
    kept.reverse();
    if cli.json {
        cli.say_json(&json!({ "ok": true, "id": entry.id, "written": written, "kept": kept }));
    } else {
        let text = told(&written, &kept, cli.lang);
        cli.say(&text);
    }
    Ok(FINE)
}

fn entry_of(sort: Sort, id: Option<&str>) -> Result<&'static Entry, Failure> {
    let word = sort.word();
    let all = || library::ALL.iter().filter(move |e| e.sort == sort);
    let Some(id) = id else {
        let ids: Vec<&str> = all().map(|e| e.id).collect();
        let (zh, en) = (ids.join("、"), ids.join(", "));
        return Err(Failure::of(
            say!(
                "写明从哪一份开始：beilin new {word} --from 编号",
                "say which to begin with: beilin new {word} --from ID"
            ),
            say!("有：{zh}", "there are: {en}"),
        ));
    };
    library::find(sort, id).ok_or_else(|| {
        let hint = match did_you_mean(id, all().map(|e| e.id)) {
            Some(near) => say!("是不是 `{near}`？", "did you mean `{near}`?"),
            None => say!("`beilin new {word} --list` 列出全部", "`beilin new {word} --list` lists them all"),
        };
        Failure::of(say!("文库里没有`{id}`", "there is no `{id}` in the library"), hint)
    })
}

fn list(cli: &mut Cli<'_, '_>, sort: Sort) -> Outcome {
    let all: Vec<&Entry> = library::ALL.iter().filter(|e| e.sort == sort).collect();
    if cli.json {
        let rows: Vec<_> = all.iter().map(|e| json!({ "id": e.id, "title": e.title() })).collect();
        cli.say_json(&json!({ "ok": true, "library": rows }));
    } else {
        let width = all.iter().map(|e| e.id.len()).max().unwrap_or(0) + 2;
        let text: String = all.iter().map(|e| format!("{:width$}{}\n", e.id, e.title())).collect();
        cli.say(&text);
    }
    Ok(FINE)
}

fn told(written: &[String], kept: &[String], lang: Lang) -> String {
    let mut out: String = written.iter().map(|path| format!("{path}\n")).collect();
    let w = written.len();
    out += &match lang {
        Lang::Zh => format!("写了 {w} 个文件。文字照录原来的文件，改成自己的再用。\n"),
        Lang::En => format!("Wrote {}. The words are those of the documents: make them your own.\n", number(w, "file")),
    };
    if !kept.is_empty() {
        let k = kept.len();
        out += &match lang {
            Lang::Zh => format!("已经有的 {k} 个没有动：\n"),
            Lang::En => format!("There already, and left as they are: {k}\n"),
        };
        out.extend(kept.iter().map(|path| format!("  {path}\n")));
    }
    out
}
