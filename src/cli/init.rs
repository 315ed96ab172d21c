//! `beilin init`: a small site of one's own, with one sample of each thing.

use super::args::{self, folder};
use super::{Cli, FINE, Failure, Outcome};
use crate::diagnostic::{Error, Lang};
use crate::disk::join;
use crate::say;
use jiff::civil::Date;
use serde_json::json;

pub(super) fn run(cli: &mut Cli<'_, '_>, args: &args::Init) -> Outcome {
    let dir = folder(&args.dir);
    refuse_what_is_not_empty(cli, &dir)?;
    let files = files(cli.disk.today());
    for (path, text) in &files {
        let path = join(&dir, path);
        cli.disk
            .write(&path, text.as_bytes())
            .map_err(|e| Error::new(say!("写不了 `{path}`", "cannot write `{path}`"), e))?;
    }
    if cli.json {
        cli.say_json(
            &json!({ "ok": true, "files": files.iter().map(|(path, _)| join(&dir, path)).collect::<Vec<_>>() }),
        );
    } else if !cli.quiet {
        let text = told(&args.dir, &files, cli.lang);
        cli.say(&text);
    }
    Ok(FINE)
}

/// A site is never begun among other files; a new repository counts as empty.
fn refuse_what_is_not_empty(cli: &Cli<'_, '_>, dir: &str) -> Result<(), Failure> {
    let shown = if dir.is_empty() { "." } else { dir };
    if !dir.is_empty() && cli.disk.exists(dir) && !cli.disk.is_folder(dir) {
        return Err(Failure::of(
            say!("`{shown}` 是一个文件", "`{shown}` is a file"),
            say!("换一个名字", "choose another name"),
        ));
    }
    // A folder that cannot be listed is not there yet; if it is, writing will say what is wrong.
    let names = cli.disk.list(dir).unwrap_or_default();
    if names.iter().any(|(name, _)| name != ".git") {
        return Err(Failure::of(
            say!("文件夹 `{shown}` 里已经有东西", "the folder `{shown}` is not empty"),
            say!("换一个名字，程序会新建", "name another one: it will be made"),
        ));
    }
    Ok(())
}

fn told(dir: &str, files: &[(String, String)], lang: Lang) -> String {
    let list: String = files.iter().map(|(path, _)| format!("  {path}\n")).collect();
    let cd = if dir.trim_end_matches('/') == "." { String::new() } else { format!("  cd {dir}\n") };
    match lang {
        Lang::Zh => format!(
            "新建了 {dir}：\n{list}\n接下来：\n{cd}  beilin serve --open\n\n站名和单位在 beilin.toml 里改；样例照着写好自己的以后删去。\n"
        ),
        Lang::En => format!(
            "Made {dir}:\n{list}\nNext:\n{cd}  beilin serve --open\n\nThe title and the unit are in beilin.toml; delete the samples when you have records of your own.\n"
        ),
    }
}

/// The files of a new site: path, text.
fn files(today: Date) -> Vec<(String, String)> {
    let year = today.year();
    let fill = |text: &str| text.replace("{today}", &today.to_string()).replace("{year}", &year.to_string());
    let samples = [
        ("beilin.toml", CONFIG),
        (".gitignore", "# 生成的网站和程序自己的工作文件\n/public/\n/.beilin/\n"),
        ("README.md", README),
        ("content/about.md", ABOUT),
        ("content/organisations/yangli-jgdw.md", ORGANISATION),
        ("content/branches/yangli-bgs.md", BRANCH),
        ("content/records/yangli-bgs/{year}/{today}-zhuti-dangri.md", RECORD),
    ];
    samples.into_iter().map(|(path, text)| (fill(path), fill(text))).collect()
}

const CONFIG: &str = r#"# 站点的设置。只有 title 必填；全部可写的项：beilin config
# 改完运行 beilin check，写错的会指出来。

[site]
title = "样例支部文存"            # 站名，改成自己的
unit = "样例市样例局机关党委"      # 主办单位全称
# subtitle = ""                   # 站名下的一行小字
# contact = ""                    # 页脚的联系方式
# base_url = "https://dj.example.gov.cn/"   # 网址；没有固定网址的内网不写

# 这次生成给谁看：society 向社会、party 在全党、unit 本单位、named 特定对象。
# 范围更窄的记录不会出现在任何网页里。
audience = "unit"

# 备案号等有什么写什么，没有的不显示
# [identity]
# icp = ""
# gongan = ""

[output]
dir = "public"                    # 生成的网站放在这里
"#;

const README: &str = "# 样例支部文存\n\n用碑林生成：`beilin serve --open` 预览，`beilin build` 生成到 `public/`。\n";

const ABOUT: &str = r#"+++
title = "关于本站"
order = 1
summary = "本站收录什么，由谁维护。"
+++

## 收录什么

写明本站收录哪些支部、哪几年的记录。

## 由谁维护

写明维护的部门和联系方式。
"#;

const ORGANISATION: &str = r#"+++
id = "yangli-jgdw"                # 编号：小写字母、数字、连字符，定下来不要改
name = "样例市样例局机关党委"
short = "样例局"                  # 简称，九个字以内
type = "机关党委"                 # 工委、党委、党组、机关党委、党总支
unit = "样例市样例局"
+++

这是样例。写一两句话介绍这个党组织。
"#;

const BRANCH: &str = r#"+++
id = "yangli-bgs"                 # 编号是网页地址的一部分，定下来不要改
name = "样例局办公室党支部"
short = "办公室党支部"
parent = "yangli-jgdw"            # 上级党组织的编号
type = "机关"
members = { full = 9, probationary = 1, asof = "{today}" }
party_day = { day = 15 }          # 固定主题党日，每月几号

[[committee]]                     # 一届支委会写一段
term = "第一届"
from = "{year}"
posts = [
  { post = "书记", name = "甲同志" },
  { post = "组织委员", name = "乙同志" },
  { post = "宣传委员", name = "丙同志" },
]

[[groups]]                        # 一个党小组写一段
id = "g1"
name = "第一党小组"
leader = "丁同志"
+++

这是样例。照着它写自己的支部，一个支部一个文件，写好以后把它和样例记录一起删去。
"#;

const RECORD: &str = r#"+++
id = "yangli-bgs-zhuti-dangri-{today}"
kind = "theme-party-day"          # 类型，全部类型见 beilin kinds
title = "样例：主题党日整理档案柜"
branch = "yangli-bgs"
date = "{today}"
place = "三楼档案室"
theme = "把今年的记录装进盒子"
organiser = "甲同志（支部书记）"
activities = ["组织生活", "志愿服务"]
expected = 10
present = 9
keywords = ["样例"]
+++

这是一条样例，说明一条记录怎样写，写好自己的以后删去。

上面两行 `+++` 之间是登记项，一行一项；这里是正文，写当天做了什么、商定了什么。正文里的小标题从 `##` 开始。

## 商定的事

- 会议记录当月装订，次月 5 日前归档。
- 借出的档案由借阅人在登记簿上签字。
"#;
