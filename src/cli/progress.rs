//! A bar on the terminal for work that takes long.

use crate::build::Watch;
use crate::diagnostic::Lang;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Work that takes less shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// A bar that appears when the work takes long, and only where a person reads.
pub(super) struct Progress {
    lang: Lang,
    is_read: bool,
    began: Instant,
    shown: AtomicBool,
    bar: Mutex<ProgressBar>,
}

impl Progress {
    /// Makes a bar that is not to be seen yet.
    pub(super) fn new(lang: Lang, is_read: bool) -> Progress {
        Progress {
            lang,
            is_read,
            began: Instant::now(),
            shown: AtomicBool::new(false),
            bar: Mutex::new(ProgressBar::hidden()),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar().finish_and_clear();
    }

    fn bar(&self) -> MutexGuard<'_, ProgressBar> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show_if_long(&self) {
        if self.is_read && self.began.elapsed() > PATIENCE && !self.shown.swap(true, Ordering::Relaxed) {
            self.bar().set_draw_target(ProgressDrawTarget::stderr());
        }
    }
}

impl Watch for Progress {
    fn stage(&self, name: &'static str, steps: usize) {
        let target = if self.shown.load(Ordering::Relaxed) {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let template = if steps == 0 { "{msg}" } else { "{msg} {bar:32} {pos}/{len}" };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::with_draw_target(Some(steps as u64), target)
            .with_style(style)
            .with_message(stage_name(name, self.lang));
        std::mem::replace(&mut *self.bar(), bar).finish_and_clear();
        self.show_if_long();
    }

    fn step(&self) {
        if self.is_read {
            self.show_if_long();
            self.bar().inc(1);
        }
    }
}

fn stage_name(name: &'static str, lang: Lang) -> &'static str {
    match (lang, name) {
        (Lang::Zh, "discover") => "找文件",
        (Lang::Zh, "parse") => "读文件",
        (Lang::Zh, "model") => "理关系",
        (Lang::Zh, "render") => "生成网页",
        (Lang::Zh, "pictures") => "处理图片",
        (Lang::Zh, "search") => "编索引",
        (Lang::Zh, "write") => "写文件",
        (Lang::Zh, "checkout") => "取出提交",
        (Lang::Zh, "link") => "沿用上一版",
        (Lang::Zh, "verify") => "核对",
        (Lang::Zh, "switch") => "切换",
        (_, name) => name,
    }
}
