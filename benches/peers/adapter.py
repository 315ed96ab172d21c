#!/usr/bin/env python3
"""adapter.py HARNESS OUT --records N [--plain] [--seed S] [--seeds DIR]

Writes the corpus of the peer harness (HARNESS/gen.py) as a site of Beilin: the same titles, dates,
tags, links and bodies, byte for byte, under Beilin's front matter. Branches become registry files; the
four kinds of the corpus are declared in a kinds.toml, each with the class its pages are laid out by,
and ask for no fields the corpus does not have. --plain takes the bench theme and leaves out what the
peers do not write. Only the standard library is used."""
import argparse
import importlib.util
import os
import shutil
import sys

# gen.py's kind: id here, class, mark.
KINDS = {
    "会议记录": ("minutes", "meeting", "会"),
    "党课讲稿": ("bench-lesson", "lesson", "课"),
    "主题活动": ("bench-activity", "activity", "日"),
    "典型案例": ("bench-case", "case", "例"),
}
SITE = """[site]
title = "党支部档案"
base_url = "https://example.com/"
{theme}
[content]
kinds = ["kinds.toml"]
"""
# As the peers are set: a hundred entries on a page, twenty in a feed, no data and no calendar.
PLAIN = """
[output]
page_size = 100
feed_items = 20
data = false
calendar = false
"""


def load(harness):
    """Imports gen.py from the folder of the harness, leaving nothing behind in it."""
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("gen", os.path.join(harness, "gen.py"))
    gen = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gen)
    return gen


def kind(label):
    id_, class_, mark = KINDS[label]
    return (f'[[kind]]\nid = "{id_}"\nlabel = {{ zh = "{label}", en = "{id_}" }}\nmark = "{mark}"\n'
            f'class = "{class_}"\naudience = "society"\n')


def front(gen, m):
    return (f'+++\nid = "{m["id"]}"\nkind = "{m["kind"]}"\ntitle = {gen.quote(m["title"])}\n'
            f'date = {m["date"].isoformat()}\nbranch = "{m["bid"]}"\nkeywords = {gen.array(m["tags"])}\n+++\n')


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("harness")
    p.add_argument("out")
    p.add_argument("--records", type=int, required=True)
    p.add_argument("--plain", action="store_true", help="the bench theme, and only what the peers write")
    p.add_argument("--seed", default="1")
    p.add_argument("--seeds", help="the texts gen.py draws from (default: seeds beside the harness)")
    a = p.parse_args()
    gen = load(a.harness)
    seeds = a.seeds or os.path.join(os.path.dirname(os.path.abspath(a.harness)), "seeds")
    corpus = gen.Corpus(a.records, a.seed, seeds)

    def write(path, text):
        path = os.path.join(a.out, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)

    if a.plain:
        theme = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "theme")
        shutil.copytree(theme, os.path.join(a.out, "themes", "bench"), dirs_exist_ok=True)
        write("beilin.toml", SITE.format(theme='theme = "bench"\n') + PLAIN)
    else:
        write("beilin.toml", SITE.format(theme=""))
    write("kinds.toml", "\n".join(map(kind, gen.KINDS)))
    for i, name in enumerate(corpus.branches, 1):
        write(f"content/branches/b{i:04d}.md", f'+++\nid = "b{i:04d}"\nname = {gen.quote(name)}\n+++\n')
    for i in range(1, a.records + 1):
        m = corpus.meta(i)
        # Flat, as the peers have it.
        body = corpus.body(i, m, lambda j: f"@/records/r{j:07d}.md")
        write(f"content/records/{m['id']}.md", front(gen, m) + body)
    print(f"{a.records} records, {len(corpus.branches)} branches")


if __name__ == "__main__":
    main()
