//! `beilin eject`: copies what is built in into the site, to be changed. What is there stays.

use super::args::{self, Ejected};
use super::report::number;
use super::{Cli, FINE, Failure, Outcome};
use crate::config::{self, Config};
use crate::diagnostic::{Error, Lang};
use crate::disk::join;
use crate::library;
use crate::model::{form, kind};
use crate::render::theme;
use crate::say;
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Eject) -> Outcome {
    let root = args.root.folder();
    let config = read_config(cli, &root)?;
    let to = args.to.as_deref().map(args::folder);
    let theme = to.clone().unwrap_or_else(|| join(&root, &format!("themes/{}", config.site.theme)));
    let files: Vec<(String, &[u8])> = match args.what {
        Ejected::Theme => theme::embedded().into_iter().map(|(path, bytes)| (join(&theme, path), bytes)).collect(),
        Ejected::Strings => theme::embedded()
            .into_iter()
            .filter(|(path, _)| path.starts_with("strings/"))
            .map(|(path, bytes)| (join(&theme, path), bytes))
            .collect(),
        Ejected::Library => {
            let content = to.unwrap_or_else(|| join(&root, &config.content.dir));
            library::ALL.iter().map(|e| (join(&content, e.path), e.text.as_bytes())).collect()
        }
        Ejected::Kinds => vec![(to.unwrap_or_else(|| join(&root, "kinds.toml")), kind::SHIPPED.as_bytes())],
        Ejected::Reports => vec![(to.unwrap_or_else(|| join(&root, "reports.toml")), form::SHIPPED.as_bytes())],
    };
    let (mut written, mut kept) = (Vec::new(), Vec::new());
    for (path, bytes) in files {
        if cli.disk.exists(&path) {
            kept.push(path);
            continue;
        }
        cli.disk.write(&path, bytes).map_err(|e| Error::new(say!("写不了 `{path}`", "cannot write `{path}`"), e))?;
        written.push(path);
    }
    if cli.json {
        cli.say_json(&json!({ "ok": true, "written": written, "kept": kept }));
    } else if !cli.quiet {
        let text = told(args.what, &written, &kept, &config, cli.lang);
        cli.say(&text);
    }
    Ok(FINE)
}

/// Reads the configuration alone.
pub(super) fn read_config(cli: &Cli<'_, '_>, root: &str) -> Result<Config, Failure> {
    let path = join(root, config::FILE);
    let bytes = cli.disk.read(&path).map_err(|e| {
        Error::new(
            say!(
                "读不了 `{path}`（在站点根目录里运行，或用 --root 指出）",
                "cannot read `{path}` (run in the site's root, or name it with --root)"
            ),
            e,
        )
    })?;
    // What is wrong with it, `check` tells.
    Ok(config::read(&String::from_utf8_lossy(&bytes), &mut Vec::new()))
}

fn told(what: Ejected, written: &[String], kept: &[String], config: &Config, lang: Lang) -> String {
    let mut out: String = written.iter().map(|path| format!("{path}\n")).collect();
    let (w, k) = (written.len(), kept.len());
    out += &match lang {
        Lang::Zh => format!("写了 {w} 个文件。\n"),
        Lang::En => format!("Wrote {}.\n", number(w, "file")),
    };
    if k > 0 {
        out += &match lang {
            Lang::Zh => format!("已经有的 {k} 个没有动：\n"),
            Lang::En => format!("There already, and left as they are: {k}\n"),
        };
        out.extend(kept.iter().map(|path| format!("  {path}\n")));
    }
    match (what, lang) {
        (Ejected::Theme | Ejected::Strings, Lang::Zh) => {
            out += "只留下要改的文件，其余删去：没有改的，程序更新时才会跟着更新。\n"
        }
        (Ejected::Theme | Ejected::Strings, Lang::En) => {
            out += "Keep only the files you change: the others then follow the tool when it is updated.\n"
        }
        (Ejected::Library, Lang::Zh) => out += "这些是别的单位的方案，只留下要用的，改成自己的。\n",
        (Ejected::Library, Lang::En) => {
            out += "They are other units' plans: keep what you use, and make it your own.\n"
        }
        (Ejected::Kinds | Ejected::Reports, _) => {
            let name = if what == Ejected::Kinds { "kinds.toml" } else { "reports.toml" };
            if !config.content.kinds.iter().any(|k| k == name) {
                let mut all = config.content.kinds.clone();
                all.push(name.to_owned());
                let head = match lang {
                    Lang::Zh => "在 beilin.toml 里写上：",
                    Lang::En => "Add to beilin.toml:",
                };
                let quoted: Vec<String> = all.iter().map(|k| format!("\"{k}\"")).collect();
                out += &format!("{head}\n\n[content]\nkinds = [{}]\n", quoted.join(", "));
            }
        }
    }
    out
}
