//! `beilin new`: a record's file from its kind's schema. It sets out the form; it writes no minutes. Programmes,
//! rubrics, rule packs and catalogues come from the library.

mod form;
mod library;

use super::args;
use super::kinds::find;
use super::{Answers, Cli, FINE, Failure, Outcome};
use crate::build::{self, Input, Unwatched};
use crate::diagnostic::{Error, Lang, Say, did_you_mean};
use crate::disk::join;
use crate::model::Site;
use crate::model::branch::Branch;
use crate::model::date::ArchiveDate;
use crate::model::schema::Need;
use crate::parse::node::Value;
use crate::say;
use form::{Known, Syntax};
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::New) -> Outcome {
    match library::sort_of(&args.kind) {
        Some(sort) => library::run(cli, args, sort),
        None => record(cli, args),
    }
}

fn record(cli: &mut Cli<'_, '_>, args: &args::New) -> Outcome {
    if args.from.is_some() || args.list {
        let kind = &args.kind;
        return Err(Failure::of(
            say!("文库里没有`{kind}`这一类", "the library holds no `{kind}`"),
            say!(
                "--from 和 --list 用在 programme（创建方案）、rubric（评定标准）、pack（规则包）、catalogue（公开目录）后面",
                "--from and --list go with programme, rubric, pack or catalogue"
            ),
        ));
    }
    let root = args.root.folder();
    let loaded = build::load(cli.disk, &Input { root: root.clone(), ..Input::default() }, &Unwatched)?;
    let site = &loaded.site;
    let kind = find(&site.kinds, &args.kind)?;
    let today = cli.disk.today().to_string();
    let mut asking = Asking { site, kind, args, lang: cli.lang, today, answers: &mut cli.terminal.answers };
    let known = asking.all()?;
    let name = free_name(cli, &join(&root, &loaded.config.content.dir), site, kind, &known, args.dir);
    let syntax = if args.yaml { Syntax::Yaml } else { Syntax::Toml };
    let text = form::text(&site.kinds, kind, &Known { id: name.id.clone(), ..known }, syntax, loaded.config.site.lang);
    let path = &name.path;
    cli.disk
        .write(path, text.as_bytes())
        .map_err(|e| Error::new(say!("写不了 `{path}`", "cannot write `{path}`"), e))?;
    if cli.json {
        cli.say_json(&json!({ "ok": true, "path": name.path, "id": name.id }));
    } else {
        cli.say(&format!("{path}\n"));
    }
    Ok(FINE)
}

/// Whose record it is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Owner {
    /// A branch's, by id, with its name.
    Branch(String, String),
    /// An organisation's own, by id, with its name.
    Unit(String, String),
}

impl Owner {
    fn id(&self) -> &str {
        match self {
            Owner::Branch(id, _) | Owner::Unit(id, _) => id,
        }
    }
}

/// Gathers what has to be known, from the flags and by asking.
struct Asking<'a, 'p, 't> {
    site: &'a Site,
    kind: usize,
    args: &'a args::New,
    lang: Lang,
    today: String,
    answers: &'p mut Option<&'t mut dyn Answers>,
}

impl Asking<'_, '_, '_> {
    fn all(&mut self) -> Result<Known, Failure> {
        self.refuse_what_cannot_be_asked()?;
        let owner = match &self.args.branch {
            Some(word) => owner_of(self.site, word)?,
            None => self.ask_owner()?,
        };
        let date = match &self.args.date {
            Some(word) => date_of(word)?,
            None => self.ask_date()?,
        };
        let title = match &self.args.title {
            Some(title) => title.clone(),
            None => self.ask(&say!("题名", "Title"), "")?,
        };
        let group = match &self.args.group {
            Some(word) => Some(group_of(self.site, &owner, word)?),
            None if self.needs_group() => Some(self.ask_group(&owner)?),
            None => None,
        };
        let (title, group) = (Some(title).filter(|t| !t.is_empty()), group.filter(|g| !g.is_empty()));
        Ok(Known { id: String::new(), owner, date, title, group })
    }

    fn needs_group(&self) -> bool {
        self.site.kinds.schemas[self.kind].field("group").is_some_and(|f| f.need == Need::Required)
    }

    /// Where nobody can be asked, everything must be given.
    fn refuse_what_cannot_be_asked(&self) -> Result<(), Failure> {
        if self.answers.is_some() {
            return Ok(());
        }
        let given = [
            ("--branch", &self.args.branch, true),
            ("--date", &self.args.date, true),
            ("--title", &self.args.title, true),
            ("--group", &self.args.group, self.needs_group()),
        ];
        let missing: Vec<_> =
            given.iter().filter(|(_, value, needed)| *needed && value.is_none()).map(|(flag, ..)| *flag).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let (zh, en) = (missing.join("、"), missing.join(", "));
        Err(Failure::of(
            say!("还要写 {zh}", "{en} must be given"),
            say!("在终端里运行会逐个问；这里没有终端", "in a terminal they are asked for; there is none here"),
        ))
    }

    fn ask(&mut self, question: &Say, proposed: &str) -> Result<String, Failure> {
        let question = question.get(self.lang);
        let Some(answers) = self.answers.as_deref_mut() else { return Ok(String::new()) };
        answers.text(question, proposed).map(|t| t.trim().to_owned()).map_err(no_answer)
    }

    fn ask_owner(&mut self) -> Result<Owner, Failure> {
        let branches =
            self.site.branches.iter().filter(|b| b.is_open()).map(|b| Owner::Branch(b.id.clone(), b.name.clone()));
        let units = self.site.organisations.iter().map(|o| Owner::Unit(o.id.clone(), o.name.clone()));
        let mut owners: Vec<Owner> = branches.chain(units).collect();
        if owners.is_empty() {
            let word = self.ask(&say!("支部编号", "Branch id"), "")?;
            return owner_of(self.site, &word);
        }
        let shown: Vec<String> =
            owners.iter().map(|(Owner::Branch(id, name) | Owner::Unit(id, name))| format!("{name}（{id}）")).collect();
        let question = say!("哪个支部", "Which branch");
        let Some(answers) = self.answers.as_deref_mut() else { return Ok(owners.swap_remove(0)) };
        let chosen = answers.choose(question.get(self.lang), &shown).map_err(no_answer)?;
        Ok(owners.swap_remove(chosen.min(owners.len() - 1)))
    }

    fn ask_date(&mut self) -> Result<ArchiveDate, Failure> {
        let today = self.today.clone();
        let mut question = say!("发生日期", "Date");
        loop {
            let word = self.ask(&question, &today)?;
            match date_of(&word) {
                Ok(date) => return Ok(date),
                Err(_) => {
                    question = say!(
                        "看不懂，写成 2026-03-18 或 2026-03-18T15:00/16:30",
                        "write 2026-03-18 or 2026-03-18T15:00/16:30"
                    )
                }
            }
        }
    }

    fn ask_group(&mut self, owner: &Owner) -> Result<String, Failure> {
        let groups: Vec<_> = branch_of(self.site, owner)
            .map(|b| b.groups.iter().map(|g| (g.id.clone(), format!("{}（{}）", g.name, g.id))).collect())
            .unwrap_or_default();
        let question = say!("哪个党小组", "Which group");
        if groups.is_empty() {
            return self.ask(&question, "");
        }
        let (ids, shown): (Vec<String>, Vec<String>) = groups.into_iter().unzip();
        let Some(answers) = self.answers.as_deref_mut() else { return Ok(String::new()) };
        let chosen = answers.choose(question.get(self.lang), &shown).map_err(no_answer)?;
        Ok(ids.into_iter().nth(chosen).unwrap_or_default())
    }
}

fn no_answer(error: std::io::Error) -> Failure {
    Failure::Machine(Error::new(say!("没有得到回答", "got no answer"), error))
}

fn owner_of(site: &Site, word: &str) -> Result<Owner, Failure> {
    if let Some(b) = site.branches.iter().find(|b| b.id == word || b.name == word) {
        return Ok(Owner::Branch(b.id.clone(), b.name.clone()));
    }
    if let Some(o) = site.organisations.iter().find(|o| o.id == word || o.name == word) {
        return Ok(Owner::Unit(o.id.clone(), o.name.clone()));
    }
    // An archive without a registry: its branches are known by their records only.
    if site.branches.iter().all(|b| b.doc.is_none()) && crate::model::route::is_id(word) {
        return Ok(Owner::Branch(word.to_owned(), word.to_owned()));
    }
    let ids = site.branches.iter().map(|b| b.id.as_str()).chain(site.organisations.iter().map(|o| o.id.as_str()));
    let hint = match did_you_mean(word, ids) {
        Some(near) => say!("是不是 `{near}`？", "did you mean `{near}`?"),
        None => say!(
            "在 content/branches/ 里加一个文件，或写党组织的编号",
            "add a file to content/branches/, or name an organisation"
        ),
    };
    Err(Failure::of(say!("没有编号为`{word}`的支部", "no branch with id `{word}`"), hint))
}

fn branch_of<'s>(site: &'s Site, owner: &Owner) -> Option<&'s Branch> {
    match owner {
        Owner::Branch(id, _) => site.branches.iter().find(|b| &b.id == id),
        Owner::Unit(..) => None,
    }
}

fn group_of(site: &Site, owner: &Owner, word: &str) -> Result<String, Failure> {
    match branch_of(site, owner) {
        Some(b) if !b.groups.is_empty() => b.group(word).map(|g| g.id.clone()).ok_or_else(|| {
            let all = b.groups.iter().map(|g| format!("{}（{}）", g.id, g.name)).collect::<Vec<_>>().join("、");
            Failure::of(
                say!("这个支部没有编号为`{word}`的党小组", "the branch has no group `{word}`"),
                say!("有：{all}", "there are: {all}"),
            )
        }),
        _ => Ok(word.to_owned()),
    }
}

fn date_of(word: &str) -> Result<ArchiveDate, Failure> {
    ArchiveDate::parse(word).ok_or_else(|| {
        Failure::of(
            say!("日期 `{word}` 看不懂", "`{word}` is not a date"),
            say!(
                "写成 2026-03-18、2026-03-18T15:00/16:30、2026-03 或 20**-03",
                "write 2026-03-18, 2026-03-18T15:00/16:30, 2026-03 or 20**-03"
            ),
        )
    })
}

struct Name {
    path: String,
    id: String,
}

/// Finds a path and an id that are not taken: `…-2` where they are.
fn free_name(cli: &Cli<'_, '_>, content: &str, site: &Site, kind: usize, known: &Known, as_folder: bool) -> Name {
    let kind = &site.kinds.kinds[kind];
    // Masked digits (`20**`) stand in no file name of Windows.
    let safe = |text: String| text.replace('*', "x");
    let (day, year) = (safe(known.date.start.iso()), safe(known.date.start.year_text()));
    let base = format!("{}-{}-{day}", known.owner.id(), kind.id);
    let taken =
        |id: &str| site.docs.iter().any(|d| d.front.get("id").is_some_and(|n| n.value == Value::Text(id.to_owned())));
    let mut n = 1;
    loop {
        let suffix = if n == 1 { String::new() } else { format!("-{n}") };
        let id = format!("{base}{suffix}");
        let stem = match kind.class.as_str() {
            "case" => format!("cases/{id}"),
            "story" => format!("stories/{id}"),
            _ => format!("records/{}/{year}/{day}-{}{suffix}", known.owner.id(), kind.id),
        };
        let stem = join(content, &stem);
        let file = format!("{stem}.md");
        if !taken(&id) && !cli.disk.exists(&file) && !cli.disk.exists(&stem) {
            return Name { path: if as_folder { format!("{stem}/index.md") } else { file }, id };
        }
        n += 1;
    }
}
