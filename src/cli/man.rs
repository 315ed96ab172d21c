//! `beilin man`: one manual page for the tool and all its commands.

use super::{Cli, FINE, Failure, Outcome, args};
use crate::diagnostic::{Error, Lang};
use crate::say;
use clap_mangen::Man;
use std::io;

pub(super) fn run(cli: &mut Cli<'_, '_>) -> Outcome {
    let page = page(cli.lang)
        .map_err(|e| Failure::Machine(Error::new(say!("写不出手册页", "cannot write the manual page"), e)))?;
    cli.say(&page);
    Ok(FINE)
}

fn page(lang: Lang) -> io::Result<String> {
    let command = args::command(lang);
    let man = Man::new(command.clone());
    let mut roff = Vec::new();
    man.render_title(&mut roff)?;
    man.render_name_section(&mut roff)?;
    man.render_synopsis_section(&mut roff)?;
    man.render_options_section(&mut roff)?;
    let mut page = text(roff);
    page += match lang {
        Lang::Zh => ".SH 命令\n",
        Lang::En => ".SH COMMANDS\n",
    };
    for sub in command.get_subcommands() {
        let (name, about) = (sub.get_name(), sub.get_about().map(ToString::to_string).unwrap_or_default());
        page += &format!(".SS \"beilin {name}\"\n{about}\n");
        let mut roff = Vec::new();
        Man::new(sub.clone().disable_help_flag(true)).render_options_section(&mut roff)?;
        // The headings of the page stand above; here a command's options follow its name.
        page.extend(
            text(roff)
                .lines()
                .filter(|l| !l.starts_with(".SH") && !l.starts_with(".ie") && !l.starts_with(".el"))
                .flat_map(|l| [l, "\n"]),
        );
    }
    if lang == Lang::Zh {
        for (en, zh) in [("NAME", "名称"), ("SYNOPSIS", "概要")] {
            page = page.replace(&format!(".SH {en}\n"), &format!(".SH {zh}\n"));
        }
    }
    Ok(page)
}

fn text(roff: Vec<u8>) -> String {
    String::from_utf8_lossy(&roff).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_page_has_every_command_in_the_readers_language() {
        let page = page(Lang::Zh).expect("writing to memory does not fail");
        for sub in args::command(Lang::Zh).get_subcommands() {
            assert!(page.contains(&format!(".SS \"beilin {}\"", sub.get_name())), "{}", sub.get_name());
        }
        assert!(page.contains(".SH 名称\n") && page.contains("输出的文件夹") && !page.contains("Print help"), "{page}");
    }
}
