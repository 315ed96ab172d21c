//! `beilin report`: a report people write anyway, with what records tell filled in. Drawing diagnostics is
//! `report`'s; nothing here writes prose.

use super::args;
use super::build::input;
use super::kinds;
use super::report::{self, Drawing, Sources};
use super::{Cli, ERRORS, FINE, Failure, Outcome};
use crate::build::{self, Unwatched};
use crate::diagnostic::{Diagnostic, Error, Lang, Severity, did_you_mean};
use crate::model::Site;
use crate::model::form::Form;
use crate::model::query::Index;
use crate::model::report::{self as model, Offer};
use crate::render::{self, report::Place};
use crate::say;
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Report) -> Outcome {
    if args.list {
        return list(cli, args);
    }
    // Told before the site is read: the file of somebody's own words is not written over.
    if let Some(out) = args.out.as_deref().filter(|out| cli.disk.exists(out)) {
        return Err(Failure::of(
            say!("`{out}` 已经有了", "`{out}` is there already"),
            say!("不覆盖：换一个文件名，或先把它移走", "nothing is written over: name another file, or move it away"),
        ));
    }
    let input = input(&args.root, None, &args.as_of);
    let loaded = build::load(cli.disk, &input, &Unwatched)?;
    if loaded.diagnostics.iter().any(|d| d.severity == Severity::Error) {
        return Ok(refuse(cli, &input.root, &loaded.diagnostics));
    }
    let (site, config) = (&loaded.site, &loaded.config);
    let asked = asked(site, args)?;
    let report = model::report(site, &asked.index, asked.branch, asked.year, asked.offer)
        .expect("form and rubric are there: `asked` has looked");
    let theme = render::load_theme(cli.disk, &input.root, config, &mut Vec::new())?;
    let place = Place {
        theme: &theme,
        lang: config.site.lang,
        base_url: &config.site.base_url,
        index_in_links: config.output.index_in_links,
    };
    let text = render::report::markdown(&report, place);
    let Some(out) = args.out.as_deref() else {
        cli.say(&text);
        return Ok(FINE);
    };
    cli.disk.write(out, text.as_bytes()).map_err(|e| Error::new(say!("写不了 `{out}`", "cannot write `{out}`"), e))?;
    match cli.json {
        true => cli.say_json(&json!({ "ok": true, "path": out })),
        false => cli.say(&format!("{out}\n")),
    }
    Ok(FINE)
}

/// A site with errors tells half of its facts: none is written down.
fn refuse(cli: &mut Cli<'_, '_>, root: &str, diagnostics: &[Diagnostic]) -> u8 {
    if cli.json {
        let list = report::json(diagnostics, &mut Sources::new(cli.disk, root));
        cli.say_json(&json!({ "ok": false, "diagnostics": list }));
        return ERRORS;
    }
    let drawing = Drawing { lang: cli.lang, paint: cli.paint_err, all: false, quiet: cli.quiet };
    let text = report::draw(diagnostics, &mut Sources::new(cli.disk, root), drawing);
    cli.tell(&text);
    cli.tell(match cli.lang {
        Lang::Zh => "没有写出。\n",
        Lang::En => "Nothing was written.\n",
    });
    ERRORS
}

/// What a command asks for.
struct Asked {
    index: Index,
    branch: usize,
    year: i16,
    offer: Offer,
}

fn asked(site: &Site, args: &args::Report) -> Result<Asked, Failure> {
    let audience = site.options.audience.word();
    if !model::is_whole(site.options.audience) {
        return Err(Failure::of(
            say!(
                "这个站点的公开范围是 `{audience}`，支部的记录不全在内，填出来的数会偏少",
                "the audience of this site is `{audience}`: it lacks records of the branch, and numbers would be too small"
            ),
            say!(
                "另设一份 `audience = \"unit\"` 的站点，用 `--root` 指出",
                "name a site of `audience = \"unit\"` with `--root`"
            ),
        ));
    }
    let form = form_of(&site.kinds.reports, args.form.as_deref().unwrap_or_default())?;
    let branch = branch_of(site, args.branch.as_deref().unwrap_or_default())?;
    let now = site.options.as_of.year();
    let year = args.year.unwrap_or(now);
    if year > now {
        let day = site.options.as_of;
        return Err(Failure::of(
            say!("{year} 年还没有到", "the year {year} has not begun"),
            say!("按 {day} 计算；另定日期用 `--as-of`", "the day is {day}; `--as-of` sets another"),
        ));
    }
    let index = Index::new(site);
    let rubric = match site.kinds.reports[form].rubric {
        true => Some(rubric_of(site, model::rubrics(site, &index, branch, year), args.rubric.as_deref())?),
        false => None,
    };
    Ok(Asked { index, branch, year, offer: Offer { form, rubric } })
}

fn near<'a>(word: &str, ids: impl Iterator<Item = &'a str> + Clone) -> crate::diagnostic::Say {
    match did_you_mean(word, ids.clone()) {
        Some(near) => say!("是不是 `{near}`？", "did you mean `{near}`?"),
        None => {
            let all = ids.collect::<Vec<_>>().join("、");
            say!("已有：{all}", "there are: {all}")
        }
    }
}

fn form_of(forms: &[Form], word: &str) -> Result<usize, Failure> {
    forms.iter().position(|f| f.id == word || f.label.zh == word).ok_or_else(|| {
        let hint = near(word, forms.iter().map(|f| f.id.as_str()));
        Failure::of(say!("没有`{word}`这种报告", "no report `{word}`"), hint)
    })
}

fn branch_of(site: &Site, word: &str) -> Result<usize, Failure> {
    site.branches.iter().position(|b| b.id == word || b.name == word).ok_or_else(|| {
        let hint = near(word, site.branches.iter().map(|b| b.id.as_str()));
        Failure::of(say!("没有编号为`{word}`的支部", "no branch with id `{word}`"), hint)
    })
}

/// The rubric that is named, else the only one the branch is assessed by in the year.
fn rubric_of(site: &Site, of_year: Vec<usize>, word: Option<&str>) -> Result<usize, Failure> {
    if let Some(word) = word {
        return site.rubrics.iter().position(|r| r.id == word).ok_or_else(|| {
            let hint = near(word, site.rubrics.iter().map(|r| r.id.as_str()));
            Failure::of(say!("没有编号为`{word}`的评定标准", "no rubric with id `{word}`"), hint)
        });
    }
    match of_year.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::of(
            say!("这一年没有评定这个支部的标准", "no rubric assesses the branch in this year"),
            say!("用 `--rubric` 写标准的编号", "name one with `--rubric`"),
        )),
        many => {
            let ids = many.iter().map(|r| site.rubrics[*r].id.as_str()).collect::<Vec<_>>().join("、");
            Err(Failure::of(
                say!("这一年评定这个支部的标准不止一份", "more than one rubric assesses the branch in this year"),
                say!("用 `--rubric` 写其中一份：{ids}", "name one with `--rubric`: {ids}"),
            ))
        }
    }
}

/// Lists the forms.
fn list(cli: &mut Cli<'_, '_>, args: &args::Report) -> Outcome {
    let kinds = kinds::load(cli.disk, &args.root.folder());
    if cli.json {
        let one = |f: &Form| json!({ "id": f.id, "label": f.label.zh, "label_en": f.label.get(Lang::En), "rubric": f.rubric, "told": f.told, "source": f.source });
        let all = kinds.reports.iter().map(one).collect();
        cli.say_json(&all);
        return Ok(FINE);
    }
    let rubric = |f: &Form| match (f.rubric, cli.lang) {
        (false, _) => "",
        (true, Lang::Zh) => "照评定标准",
        (true, Lang::En) => "by a rubric",
    };
    let row = |f: &Form| vec![f.id.clone(), f.label.get(cli.lang).to_owned(), f.source.clone(), rubric(f).to_owned()];
    let text = super::fields::table(&kinds.reports.iter().map(row).collect::<Vec<_>>());
    cli.say(&text);
    Ok(FINE)
}
