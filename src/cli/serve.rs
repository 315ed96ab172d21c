//! `beilin serve`: builds, then shows the output folder on this machine until Ctrl-C.

use super::build::{build, code_of, input, tell};
use super::{Cli, FINE, Outcome, args};
use crate::diagnostic::Lang;
use crate::serve::{Options, Server};
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Serve) -> Outcome {
    let input = input(&args.root, args.out.as_deref(), &args.as_of);
    let (report, took) = build(cli, &input)?;
    tell(cli, &input, &report, &args.shown, took);
    if report.failed() {
        return Ok(code_of(&report));
    }
    let server = Server::open(Options { folder: report.out, address: args.bind, port: args.port })?;
    let url = server.url();
    if cli.json {
        cli.say_json(&json!({ "url": url }));
    } else {
        cli.say(&match cli.lang {
            Lang::Zh => format!("预览：{url}（按 Ctrl+C 停下）\n"),
            Lang::En => format!("Serving at {url} (Ctrl+C stops it)\n"),
        });
        if !args.bind.is_loopback() {
            cli.tell(match cli.lang {
                Lang::Zh => "注意：别的机器也能看到。它只用来预览，正式发布请用网页服务器。\n",
                Lang::En => "Note: other machines can see it. It is a preview; publish with a web server.\n",
            });
        }
    }
    if args.open
        && let Err(error) = cli.disk.open(&url)
    {
        // The site is served all the same.
        cli.tell(&match cli.lang {
            Lang::Zh => format!("打不开浏览器：{error}\n"),
            Lang::En => format!("cannot open a browser: {error}\n"),
        });
    }
    server.run()?;
    Ok(FINE)
}
