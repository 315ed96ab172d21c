//! The help in Chinese: command, argument, text.

/// The texts; the empty command is `beilin` itself, the empty argument the command's own line.
const TEXTS: &[(&str, &str, &str)] = &[
    ("beilin", "", "碑林：党支部档案与展示的静态网站生成器"),
    ("beilin", "lang", "提示用哪种语言：zh 或 en，不写就随系统，认不出时用中文"),
    ("beilin", "json", "结果写成 JSON，给程序看"),
    ("beilin", "quiet", "只说错误"),
    ("beilin", "color", "颜色：auto、always 或 never，不写是 auto"),
    ("beilin", "help", "显示帮助"),
    ("beilin", "version", "显示版本"),
    ("build", "", "生成网站"),
    ("check", "", "只检查，不写任何文件"),
    ("new", "", "新建一条记录，或者从文库里的创建方案开始"),
    (
        "new",
        "kind",
        "类型的编号或者中文名，见 `beilin kinds`；或者 programme 创建方案、rubric 评定标准、pack 规则包、catalogue 公开目录",
    ),
    ("new", "from", "从文库里的哪一份开始，写它的编号"),
    ("new", "list", "列出文库里的创建方案、评定标准、规则包或公开目录"),
    ("new", "branch", "支部编号；机关党委等自己的记录写党组织编号"),
    ("new", "date", "发生日期，如 2026-03-18、2026-03-18T15:00/16:30"),
    ("new", "title", "题名"),
    ("new", "group", "支部名录里党小组的编号"),
    ("new", "yaml", "登记项用 YAML 写，不用 TOML"),
    ("new", "dir", "建成文件夹，正文叫 index.md，照片和附件放在旁边"),
    ("init", "", "新建一个站点"),
    ("init", "dir", "新建的文件夹，应是空的或者还没有"),
    ("serve", "", "生成并在本机预览，文件改了跟着更新"),
    ("serve", "port", "端口，不写是 8000，被占用就往后换"),
    ("serve", "bind", "监听的地址，不写是 127.0.0.1，别的机器看不到"),
    ("serve", "allow_host", "预览还可以用哪个名字访问，如本机在局域网里的域名；可以写几次"),
    ("serve", "open", "顺便打开浏览器"),
    ("search", "", "检索，按网站现在的内容"),
    ("search", "query", "要找什么，写法和检索页一样"),
    ("search", "limit", "列出几条，不写是 10"),
    ("search", "offset", "跳过前面几条"),
    ("search", "sort", "次序：relevance 相关、newest 从新到旧、oldest 从旧到新，不写是 relevance"),
    ("due", "", "列出待办：该补的记录、方案任务、待公开和待撤下的事项"),
    ("due", "until", "只列这一天以前到期的，如 2026-12-31"),
    ("export", "", "把检索里的每个网页导出来，给检索服务器用"),
    ("export", "format", "格式：ndjson、bulk（给 Elasticsearch、OpenSearch）、quickwit，不写是 ndjson"),
    ("export", "index", "索引名，不写是 beilin"),
    ("export", "out", "写到哪个文件，不写就输出到屏幕"),
    ("export", "config", "只写索引的配置，不写文档"),
    ("export", "to", "直接送到这个地址的服务器；只能是 http，要用 https 就把文件交给 curl 送"),
    ("export", "replace", "先删去服务器上的索引，重新建好再送"),
    ("follow", "", "跟随仓库的一个分支，有新提交就发布"),
    ("follow", "repository", "仓库：本机的文件夹，或 git 认识的地址"),
    ("follow", "to", "发布到哪个文件夹，网站在其中的 current/"),
    ("follow", "branch", "分支，不写是 main"),
    ("follow", "site", "站点在仓库里的文件夹，不写是仓库的根"),
    ("follow", "every", "每隔多少秒看一次分支，不写是 60"),
    ("follow", "listen", "在哪里接收通知、显示状态，不写是 127.0.0.1:8787"),
    ("follow", "secret_file", "写有密钥的文件，一行一个；不写就用环境变量 BEILIN_WEBHOOK_SECRET，都没有就不接收通知"),
    ("follow", "no_secret", "不用密钥也接收通知，只能在监听本机时用"),
    ("follow", "body_limit", "通知超过多少 MB 就拒绝，不写是 5"),
    ("follow", "rate", "一分钟最多接收多少个通知，不写是 60"),
    ("follow", "log", "日志的格式：text 或 json，不写时给人看用 text，否则用 json"),
    ("serve", "poll", "每隔几秒看一遍文件，不等系统通知；不写数字是1秒"),
    ("serve", "no_reload", "改了文件照样生成，浏览器里的网页不跟着换"),
    ("explain", "", "说明一个文件被认作什么、为什么，一个网页由什么生成"),
    ("explain", "path", "内容文件，或者网站里的地址、文件"),
    ("explain", "why", "说明这个网页上次为什么生成、现在会不会重新生成"),
    ("explain", "out", "输出目录，不用 beilin.toml 里的"),
    ("eject", "", "把自带的主题、界面文字、类型、文库复制到站点里来改"),
    ("eject", "what", "theme 主题、strings 界面文字、kinds 类型、reports 报告格式、library 文库"),
    ("eject", "to", "放在哪里，不写是 themes/<主题名>/、kinds.toml 或内容文件夹"),
    ("kinds", "", "列出记录类型"),
    ("kinds", "kind", "只列这一种，连同全部登记项"),
    ("config", "", "列出 beilin.toml 里可以写的全部设置"),
    ("report", "", "写一份报告：记录里有的事实填好，要人写的留空"),
    ("report", "form", "报告的编号或者中文名，见 `--list`"),
    ("report", "branch", "支部编号"),
    ("report", "year", "年度，不写是今年"),
    ("report", "rubric", "评定标准的编号，那一年不止一份时要写"),
    ("report", "out", "写到哪个文件，已经有的不覆盖；不写就输出到屏幕"),
    ("report", "list", "列出有哪些报告"),
    ("publish", "", "发布一次提交：生成一版，核对，切换"),
    ("publish", "revision", "分支、标签或提交号，不写是 HEAD"),
    ("publish", "again", "曾被回退的提交也重新上线"),
    ("publish", "queued", "做钩子排下的发布"),
    ("rollback", "", "回退到较早的一版"),
    ("rollback", "release", "哪一版，可以只写提交号的开头；不写是前一版"),
    ("releases", "", "列出发布过的各版"),
    ("releases", "verify", "重新读每个文件，核对 SHA-256"),
    ("hook", "", "Git 钩子：推送时检查，收下后发布"),
    ("install", "", "把钩子写进仓库"),
    ("install", "branch", "发布哪个分支，不写是仓库当前的分支"),
    ("install", "force", "把别人写的钩子改名保留"),
    ("pre-receive", "", "检查推送来的内容，由 git 运行"),
    ("pre-receive", "branch", "发布哪个分支"),
    ("post-receive", "", "为推送来的内容排队发布，由 git 运行"),
    ("post-receive", "branch", "发布哪个分支"),
    ("completions", "", "输出命令行补全脚本"),
    ("completions", "shell", "bash、elvish、fish、powershell 或 zsh"),
    ("man", "", "输出手册页"),
    // What several commands share.
    ("*", "root", "站点文件夹，即 beilin.toml 所在的文件夹，不写是当前文件夹"),
    ("*", "out", "输出的文件夹，不写是 beilin.toml 里定的"),
    ("*", "as_of", "按这一天生成，如 2026-03-18，不写是今天"),
    ("*", "all", "列出全部警告，不只是每样的前 20 条"),
    ("*", "repository", "仓库：工作目录、裸仓库或 .git 文件夹，不写是当前文件夹"),
    ("*", "site", "站点在仓库里的哪个文件夹，不写是顶层"),
    ("*", "to", "发布目录，各版放在里面"),
    ("*", "live", "网页服务器读的地方：链接，或已有的文件夹；不写用上次的，没有上次就是发布目录里的 current"),
    ("*", "keep", "保留几版，不写是 5"),
    ("*", "markdown", "写成 Markdown 表格，和手册里的一样"),
];

const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

fn text(command: &str, arg: &str) -> &'static str {
    let find = |c: &str| TEXTS.iter().find(|(of, a, _)| *of == c && *a == arg).map(|(_, _, text)| *text);
    // A text that is missing is found by the test of the table.
    find(command).or_else(|| find("*")).unwrap_or("")
}

/// Gives a command and those below it their Chinese texts.
pub(super) fn localise(command: clap::Command) -> clap::Command {
    let name = command.get_name().to_owned();
    command
        .about(text(&name, ""))
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .mut_args(|arg| {
            let heading = if arg.is_positional() { "参数" } else { "选项" };
            let help = text(&name, arg.get_id().as_str());
            arg.help(help).help_heading(heading)
        })
        .mut_subcommands(localise)
}
