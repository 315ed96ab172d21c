//! A generated archive of any size: branches, their committees, and records of several kinds with
//! the front matter Beilin reads.
//!
//! The same number of records gives the same bytes on any machine. Text is recombined from the small
//! tables below, neutral office prose of our own, so a generated site says nothing and may be passed on.
//! Lengths follow the archives the tool is for: 300 to 1350 Han characters a record, headings, lists,
//! a table in a fifth of the records, links to other records in a quarter.

use std::fmt::Write;

const PLACES: [&str; 20] = [
    "城东", "城西", "城南", "城北", "滨河", "和平", "人民", "东风", "光明", "青山", "石桥", "白云", "长兴", "永安",
    "双河", "玉泉", "梅林", "清溪", "明湖", "南湖",
];
const TRADES: [&str; 20] = [
    "税务",
    "公安",
    "交通",
    "自然资源",
    "生态环境",
    "农业农村",
    "卫生健康",
    "教育",
    "财政",
    "住建",
    "水利",
    "民政",
    "司法",
    "审计",
    "统计",
    "应急",
    "文旅",
    "医保",
    "城管",
    "档案",
];
const UNITS: [&str; 6] = ["第一党支部", "第二党支部", "机关党支部", "窗口党支部", "业务党支部", "离退休党支部"];
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹";
const GIVEN: &str = "伟芳敏静磊洋勇杰娟涛明超霞平刚英华文志春海云鹏宇晨欣怡涵雨泽睿思嘉若俊哲瑞林东新安宁家卫";
const ROOMS: [&str; 5] = ["三楼会议室", "五楼党员活动室", "一号会议室", "党群服务中心", "基层联系点"];
const TAGS: [&str; 24] = [
    "理论学习",
    "三会一课",
    "主题党日",
    "志愿服务",
    "结对共建",
    "基层治理",
    "安全生产",
    "发展党员",
    "党费收缴",
    "谈心谈话",
    "品牌创建",
    "标准化建设",
    "读书分享",
    "交流研讨",
    "保密教育",
    "青年党员",
    "离退休党员",
    "业务融合",
    "群众路线",
    "双报到",
    "台账管理",
    "窗口服务",
    "调查研究",
    "整改落实",
];
/// When or how: the head of a sentence.
const OPENINGS: [&str; 20] = [
    "会上",
    "本月以来",
    "上半年",
    "按照年度计划",
    "对照整改清单",
    "结合本职工作",
    "会后一周内",
    "在走访中",
    "经支委会研究",
    "针对群众反映的问题",
    "利用午间时间",
    "以党小组为单位",
    "在前期摸底的基础上",
    "遇到跨科室事项时",
    "对暂时办不了的事",
    "在年中检查时",
    "根据上次会议的安排",
    "为减少重复填报",
    "收到意见以后",
    "到季度末",
];
const VERBS: [&str; 20] = [
    "逐项核对",
    "集中学习",
    "认真梳理",
    "及时更新",
    "如实记录",
    "分头走访",
    "当场答复",
    "重新修订",
    "按月公示",
    "逐户核实",
    "统一归档",
    "共同商定",
    "补充完善",
    "公开晾晒",
    "分类汇总",
    "定期回访",
    "压缩精简",
    "专人负责",
    "反复讨论",
    "轮流讲解",
];
const OBJECTS: [&str; 20] = [
    "支部台账",
    "学习记录",
    "意见建议",
    "联系点情况",
    "值班安排",
    "办事流程",
    "整改事项",
    "服务承诺",
    "党员名册",
    "走访登记",
    "会议议题",
    "活动方案",
    "经费使用情况",
    "培训需求",
    "老旧小区的诉求",
    "窗口等候时间",
    "安全检查要点",
    "档案移交目录",
    "志愿服务时长",
    "结对帮扶计划",
];
/// What came of it: the tail of a sentence.
const RESULTS: [&str; 40] = [
    "时间定在每月十日前",
    "由组织委员负责落实",
    "下次会议通报结果",
    "没有办成的写明原因",
    "办结一件销号一件",
    "意见原样记录在案",
    "不再另外发文",
    "减少了两张表格",
    "等候时间缩短了一半",
    "重复的事项合并办理",
    "能当天办的不过夜",
    "大家认为做法可行",
    "有同志提出不同看法",
    "留待下次再议",
    "先在一个小组试行",
    "效果比预想的好",
    "还有三户没有联系上",
    "数字与台账相符",
    "差错当场更正",
    "流程贴在门口",
    "电话由值班员接听",
    "新同志有人带",
    "老同志在家也能听课",
    "照片和签到一并存档",
    "责任分到每个人",
    "逾期的要说明理由",
    "做法写进了制度",
    "经验在片区交流",
    "问题比成绩写得多",
    "群众说听得懂了",
    "来回少跑了一趟",
    "材料只交一次",
    "下半年再看一次",
    "由支部书记牵头",
    "请上级给予指导",
    "经费按规定列支",
    "名单会后公示五天",
    "没有人提出异议",
    "联系方式保持不变",
    "其余按原计划进行",
];
const HEADINGS: [&str; 12] = [
    "基本情况",
    "学习内容",
    "讨论发言",
    "议定事项",
    "主要做法",
    "活动过程",
    "工作成效",
    "存在的问题",
    "下一步安排",
    "有关要求",
    "经验体会",
    "情况通报",
];

/// The kinds, their weights out of a hundred, and what their ids begin with.
const KINDS: [(Kind, u64, &str); 7] = [
    (Kind::GeneralMeeting, 18, "dydh"),
    (Kind::CommitteeMeeting, 22, "zwh"),
    (Kind::GroupMeeting, 12, "xzh"),
    (Kind::ThemePartyDay, 20, "ztdr"),
    (Kind::PartyLesson, 15, "dk"),
    (Kind::Volunteering, 9, "zyfw"),
    (Kind::BrandCase, 4, "al"),
];

/// A kind of record, by its id in the shipped kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    GeneralMeeting,
    CommitteeMeeting,
    GroupMeeting,
    ThemePartyDay,
    PartyLesson,
    Volunteering,
    BrandCase,
}

/// A file of the generated site: its path below the site's root and its text.
pub(crate) type File = (String, String);

/// An archive of so many records.
pub(crate) struct Corpus {
    records: usize,
    branches: usize,
}

impl Corpus {
    /// Plans an archive; a branch has some hundred records.
    pub(crate) fn new(records: usize) -> Corpus {
        Corpus { records, branches: (records / 100).clamp(8, 1000) }
    }

    /// Returns the files that are not records: configuration, the organisation above, the branches.
    pub(crate) fn registry(&self) -> Vec<File> {
        let mut files = vec![
            (
                "beilin.toml".to_owned(),
                "[site]\ntitle = \"支部文存\"\nbase_url = \"https://archive.example/\"\naudience = \"unit\"\n"
                    .to_owned(),
            ),
            ("content/_index.md".to_owned(), "一份生成的档案，用来量快慢。\n".to_owned()),
            (
                "content/organisations/jgdw.md".to_owned(),
                "+++\nid = \"jgdw\"\nname = \"云州市直机关党委\"\nshort = \"市直机关\"\ntype = \"机关党委\"\n+++\n"
                    .to_owned(),
            ),
        ];
        files.extend((0..self.branches).map(|b| (format!("content/branches/{}.md", branch_id(b)), self.branch(b))));
        files
    }

    /// Returns the file of a record, by number from 0.
    pub(crate) fn record(&self, at: usize) -> File {
        let record = self.head(at);
        let mut text = Text::new(at, "body");
        let mut file = String::from("+++\n");
        front(&mut file, &record, &mut text);
        file += "+++\n";
        self.body(&mut file, &mut text);
        (self.path(&record), file)
    }

    /// Returns the path of a record's file below the site's root.
    pub(crate) fn record_path(&self, at: usize) -> String {
        self.path(&self.head(at))
    }

    fn path(&self, record: &Head) -> String {
        format!("content/records/{}/{}/{}.md", branch_id(record.branch), record.date.0, record.id)
    }

    fn branch(&self, b: usize) -> String {
        let mut text = Text::new(b, "branch");
        // Each place has each trade once before a name comes again with another unit.
        let name = format!("{}{}局{}", PLACES[b % 20], TRADES[b / 20 % 20], UNITS[b / 400 % 6]);
        let mut file = format!(
            "+++\nid = \"{}\"\nname = \"{name}\"\nparent = \"jgdw\"\ntype = \"机关\"\nfounded = \"20{:02}-06\"\n",
            branch_id(b),
            2 + text.below(15)
        );
        for (id, ordinal) in [("g1", "第一"), ("g2", "第二")] {
            let _ = write!(
                file,
                "\n[[groups]]\nid = \"{id}\"\nname = \"{ordinal}党小组\"\nleader = \"{}\"\n",
                text.person()
            );
        }
        file += "\n[[committee]]\nterm = \"第三届\"\nfrom = \"2022-06\"\nto = \"2028-06\"\nposts = [\n";
        for post in ["书记", "组织委员", "宣传委员"] {
            let _ = writeln!(file, "  {{ post = \"{post}\", name = \"{}\", from = \"2022-06\" }},", text.person());
        }
        file + "]\n+++\n" + &text.paragraph() + "\n"
    }

    /// Returns what other records need to know of a record to link to it.
    fn head(&self, at: usize) -> Head {
        let mut text = Text::new(at, "head");
        let mut weight = text.below(100);
        let (kind, _, prefix) = KINDS
            .into_iter()
            .find(|(_, w, _)| {
                if weight < *w {
                    true
                } else {
                    weight -= w;
                    false
                }
            })
            .expect("the weights make a hundred");
        // The smaller of two draws: busy branches have a few times more than quiet ones.
        let branch = text.below(self.branches as u64).min(text.below(self.branches as u64)) as usize;
        let date = (2023 + text.below(3), 1 + text.below(12), 1 + text.below(28));
        let topic = format!("{}{}", text.one(&VERBS), text.one(&OBJECTS));
        let title = match kind {
            Kind::GeneralMeeting => format!("党员大会：{topic}"),
            Kind::CommitteeMeeting => format!("{}月份支部委员会会议", date.1),
            Kind::GroupMeeting => format!("党小组会：{topic}"),
            Kind::ThemePartyDay => format!("主题党日：{topic}"),
            Kind::PartyLesson => format!("党课：谈{topic}"),
            Kind::Volunteering => format!("{}志愿服务：{topic}", text.one(&PLACES)),
            Kind::BrandCase => format!("品牌案例：{topic}"),
        };
        Head { id: format!("{prefix}-{:07}", at + 1), kind, branch, date, title, topic }
    }

    fn body(&self, out: &mut String, text: &mut Text) {
        let wanted = 300 + text.below(1050) as usize;
        let with_table = text.chance(20);
        let links = if text.chance(25) { 1 + text.below(3) } else { 0 };
        let mut headings = HEADINGS.to_vec();
        let start = out.len();
        put(out, &text.paragraph());
        // A Han character is three bytes.
        while (out.len() - start) / 3 < wanted {
            let heading = if headings.is_empty() {
                text.one(&OBJECTS)
            } else {
                headings.remove(text.below(headings.len() as u64) as usize)
            };
            put(out, &format!("## {heading}"));
            put(out, &text.paragraph());
            match text.below(100) {
                0..35 => put(
                    out,
                    &(0..2 + text.below(4)).map(|_| format!("- {}", text.sentence())).collect::<Vec<_>>().join("\n"),
                ),
                35..50 => put(
                    out,
                    &(1..3 + text.below(3)).map(|n| format!("{n}. {}", text.sentence())).collect::<Vec<_>>().join("\n"),
                ),
                50..65 => put(out, &format!("### {}\n\n{}", text.clause(), text.paragraph())),
                65..72 => put(out, &format!("> {}", text.sentence())),
                _ => {}
            }
        }
        if with_table {
            let rows: String = (1..4 + text.below(4))
                .map(|n| {
                    format!(
                        "\n| {n} | {} | {} | {} |",
                        text.clause(),
                        text.person(),
                        text.one(&["已完成", "推进中", "待启动"])
                    )
                })
                .collect();
            put(out, &format!("| 序号 | 事项 | 责任人 | 进度 |\n| ---: | --- | --- | --- |{rows}"));
        }
        for _ in 0..links {
            let to = self.head(text.below(self.records as u64) as usize);
            let path = self.path(&to);
            put(out, &format!("相关材料：[{}](@/{})。", to.title, path.trim_start_matches("content/")));
        }
    }
}

struct Head {
    id: String,
    kind: Kind,
    branch: usize,
    date: (u64, u64, u64),
    title: String,
    topic: String,
}

fn branch_id(b: usize) -> String {
    format!("zb-{:04}", b + 1)
}

fn put(out: &mut String, block: &str) {
    out.push_str(block);
    out.push_str("\n\n");
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ")
}

/// Writes the front matter of a record, fences left out.
fn front(out: &mut String, record: &Head, text: &mut Text) {
    let Head { id, kind, branch, date: (year, month, day), title, topic } = record;
    let word = match kind {
        Kind::GeneralMeeting => "general-meeting",
        Kind::CommitteeMeeting => "committee-meeting",
        Kind::GroupMeeting => "group-meeting",
        Kind::ThemePartyDay => "theme-party-day",
        Kind::PartyLesson => "party-lesson",
        Kind::Volunteering => "volunteering",
        Kind::BrandCase => "brand-case",
    };
    let date = format!("{year}-{month:02}-{day:02}");
    let mut tags = vec![text.one(&TAGS)];
    for _ in 0..text.below(4) {
        let tag = text.one(&TAGS);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let _ = write!(
        out,
        "id = \"{id}\"\nkind = \"{word}\"\ntitle = \"{title}\"\nbranch = \"{}\"\ndate = \"{date}\"\nrecorded = \"{date}\"\nplace = \"{}\"\nkeywords = [{}]\n",
        branch_id(*branch),
        text.one(&ROOMS),
        quoted(&tags)
    );
    let (expected, absent) = (9 + text.below(20), text.below(3));
    let present = expected - absent;
    let _ = match kind {
        Kind::GeneralMeeting | Kind::CommitteeMeeting | Kind::GroupMeeting => {
            meeting(out, *kind, expected, present, text)
        }
        Kind::ThemePartyDay => writeln!(
            out,
            "theme = \"{topic}\"\norganiser = \"{}\"\nactivities = [\"学习\", \"志愿服务\"]\nexpected = {expected}\npresent = {present}\nhours = 2.5",
            text.person()
        ),
        Kind::PartyLesson => writeln!(
            out,
            "lecturer = \"{}（支部书记）\"\nform = \"党课\"\ntopic = \"{topic}\"\nlisteners = {present}\nhours = 1.5\nmaterials = [\"课件\", \"学习提纲\"]",
            text.person()
        ),
        Kind::Volunteering => writeln!(
            out,
            "form = \"志愿服务\"\npartner = \"{}社区\"\nhours = 3\ncount = {present}\nresult = \"{}。\"",
            text.one(&PLACES),
            text.one(&RESULTS)
        ),
        Kind::BrandCase => writeln!(
            out,
            "brand = \"{topic}\"\nmeaning = \"{}\"\ncarrier = \"{}\"\ndimensions = [\"党员队伍强\", \"作用发挥强\"]\nsteps = [{}]\nfigures = [{{ label = \"{}\", value = {}, unit = \"件\", source = \"支部台账\", date = \"{date}\" }}]",
            text.sentence(),
            text.clause(),
            quoted(&[&text.clause(), &text.clause(), &text.clause()]),
            text.one(&OBJECTS),
            20 + text.below(400)
        ),
    };
}

fn meeting(out: &mut String, kind: Kind, expected: u64, present: u64, text: &mut Text) -> std::fmt::Result {
    write!(
        out,
        "host = \"{}（支部书记）\"\nrecorder = \"{}\"\nexpected = {expected}\npresent = {present}\n",
        text.person(),
        text.person()
    )?;
    if kind == Kind::GroupMeeting {
        writeln!(out, "group = \"g{}\"", 1 + text.below(2))?;
    }
    if kind == Kind::GeneralMeeting {
        writeln!(out, "voters = {{ expected = {expected}, present = {present} }}")?;
    }
    if present < expected {
        let absent: Vec<String> = (present..expected)
            .map(|_| format!("{{ who = \"{}\", reason = \"{}\" }}", text.person(), text.one(&["因公", "病假", "事假"])))
            .collect();
        writeln!(out, "absent = [{}]", absent.join(", "))?;
    }
    for item in 0..1 + text.below(3) {
        write!(out, "\n[[agenda]]\ntitle = \"{}\"\npresenter = \"{}\"\n", text.clause(), text.person())?;
        if item == 0 {
            writeln!(out, "first_topic = true")?;
        } else {
            let against = text.below(3);
            write!(
                out,
                "[agenda.resolution]\ntext = \"{}\"\nmethod = \"举手\"\nfor = {}\nagainst = {against}\nabstain = 0\nresult = \"通过\"\n",
                text.sentence(),
                present - against
            )?;
        }
    }
    Ok(())
}

/// Draws words for one thing; what it draws depends on nothing else.
struct Text(u64);

impl Text {
    fn new(at: usize, part: &str) -> Text {
        Text(part.bytes().fold(at as u64, |seed, b| seed.wrapping_mul(0x0100_0000_01b3) ^ u64::from(b)))
    }

    /// The next number of SplitMix64 (Steele, Lea and Flood 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }

    fn person(&mut self) -> String {
        let mut name = String::new();
        name.extend(SURNAMES.chars().nth(self.below(30) as usize));
        for _ in 0..1 + self.below(2) {
            name.extend(GIVEN.chars().nth(self.below(45) as usize));
        }
        name
    }

    fn clause(&mut self) -> String {
        format!("{}{}", self.one(&VERBS), self.one(&OBJECTS))
    }

    fn sentence(&mut self) -> String {
        let mut text = String::new();
        if self.chance(25) {
            let _ = write!(text, "{}同志{}，", self.person(), self.one(&["提出", "介绍", "补充", "说明"]));
        } else {
            let _ = write!(text, "{}，", self.one(&OPENINGS));
        }
        let clause = self.clause();
        text += &if self.chance(20) { format!("**{clause}**") } else { clause };
        for _ in 0..self.below(3) {
            text += "、";
            text += &self.clause();
        }
        if self.chance(12) {
            let _ = write!(
                text,
                "，共{}{}",
                2 + self.below(478),
                self.one(&["名党员", "人次", "项任务", "户群众", "件实事"])
            );
        }
        text + "，" + self.one(&RESULTS) + "。"
    }

    fn paragraph(&mut self) -> String {
        (0..2 + self.below(3)).map(|_| self.sentence()).collect()
    }
}
