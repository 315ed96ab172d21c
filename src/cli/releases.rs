//! `beilin releases`: what is kept, what is live, and whether it is still as it was published.

use super::build::size;
use super::{Cli, ERRORS, FINE, Outcome, args};
use crate::diagnostic::Lang;
use crate::publish::{self, Listed, Listing, short};
use crate::say;
use serde_json::{Value, json};

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Releases) -> Outcome {
    let listing = publish::releases(cli.disk, &args.releasing.options(), args.verify)?;
    let damaged = listing.releases.iter().any(|r| r.damage.as_ref().is_some_and(|d| !d.is_empty()));
    let code = if damaged { ERRORS } else { FINE };
    if cli.json {
        let releases: Vec<Value> = listing.releases.iter().map(json_of).collect();
        cli.say_json(&json!({ "ok": !damaged, "live": listing.live, "releases": releases }));
    } else {
        let text = told(&listing, cli.lang);
        cli.say(&text);
    }
    Ok(code)
}

fn told(listing: &Listing, lang: Lang) -> String {
    let mut text = format!("{}\n", listing.live);
    for Listed { release, live, damage } in &listing.releases {
        let (mark, name, size) = (if *live { '*' } else { ' ' }, short(&release.name), size(release.bytes()));
        let number = release.name.split_once('-').map(|(_, n)| format!("-{n}")).unwrap_or_default();
        let (files, subject, published) = (release.files.len(), &release.subject, &release.published);
        let line = say!(
            "{mark} {name}{number}  {published}  {files} 个文件，{size}  {subject}",
            "{mark} {name}{number}  {published}  {files} files, {size}  {subject}"
        );
        text += line.get(lang);
        if let Some(when) = &release.rolled_back {
            text += say!("（{when} 回退）", " (rolled back {when})").get(lang);
        }
        text.push('\n');
        match damage.as_deref() {
            None => {}
            Some([]) => text += say!("    核对无误\n", "    verified\n").get(lang),
            Some(damage) => text.extend(damage.iter().map(|d| format!("    {}  {}\n", d.path, d.what.get(lang)))),
        }
    }
    text
}

fn json_of(listed: &Listed) -> Value {
    let Listed { release, live, damage } = listed;
    let damage = damage.as_ref().map(|damage| {
        let one = |d: &publish::Damage| json!({ "path": d.path, "message": d.what.zh, "message_en": d.what.en });
        damage.iter().map(one).collect::<Vec<Value>>()
    });
    json!({
        "name": release.name,
        "live": live,
        "sequence": release.sequence,
        "commit": release.origin.commit,
        "site": release.origin.site,
        "as_of": release.origin.as_of,
        "tool": release.origin.tool,
        "committed": release.committed,
        "subject": release.subject,
        "published": release.published,
        "rolled_back": release.rolled_back,
        "files": release.files.len(),
        "bytes": release.bytes(),
        "damage": damage,
    })
}
