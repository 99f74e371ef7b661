"""What a stranger may put into a folder: modules, names, links, pipes, devices, configurations."""

import os
import random
import shutil
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

TEXT = "站台上的火车。"
# Modules that we, Python or what we need import, and files that Python runs when it starts.
_MODULES = (
    "json", "re", "os", "site", "random", "tempfile", "typing", "enum", "click", "numpy", "whoosh",
    "jieba", "rjieba", "lxml", "yaml", "frontmatter", "marisa_trie", "pyromark", "rapidfuzz",
    "pypinyin", "wcwidth", "orjson", "opensearchpy", "wenduan", "loops", "encodings", "codecs",
    "sitecustomize", "usercustomize", "pkg_resources", "watchfiles", "platform", "_compat",
)  # fmt: skip
_NAMES = (
    "$(touch ran).md", "`touch ran`.md", ";touch ran;.md", "a|touch ran.md", "-rf.md", "--json.md",
    "--index=..md", "'\"\\.md", " a .md", "~.md", "*?[!].md", "a:1.md", "a\x1b[31mb.md", "a\nb.md",
    "a\rb\tc.md", "\u202ea.md", "\u2066b\u200f.md", "\x7f\x9b.md", "字" * 80 + ".md",
    "x" * 251 + ".md", ".md", "a.MD", "http:b.md", "opensearch:c.md", "{path}.md", "%s%n.md",
    "e\u0301.md", "\ud7ff.md", "\udcff\udcfe.md", "&lt;script&gt;.html", "a.zip", "b.md.zip",
)  # fmt: skip
_PAGES = (
    f"# {TEXT}\n\n{TEXT}\n",
    f"---\ntitle: $(touch ran)\nauthor: ';touch ran;'\ntags: [a\x1b, '`touch ran`']\n---\n{TEXT}\n",
    f'---\n"a": "\\u202e\\u001b[2J"\nauthor: "--index=x"\n---\n\x1b]8;;http://a\x07{TEXT}\x9b31m\n',
    f"<p onclick=x>{TEXT}<a href='javascript:x'>a</a><img src=x onerror=x>\x1b[2J",
    "赞同 99999999999999999999 条评论\n\n" + TEXT,
    "\x00\x01\x02",
    "",
)
# Besides paths out of the folder; `host` stands for a host that listens.
_PLACES = (
    "/dev/zero", "/dev/stdin", "/proc/self/mem", "/", "/etc", "~", "~root", "..", "../..",
    "../outside", "../outside/words", "../outside/index", "out", "out/index", "out/words", "pipe",
    "index", "pages", ".", "nowhere", "opensearch://{host}/x", "opensearch+https://{host}/x",
    "http://{host}/", "opensearch:{host}", "file:///etc/passwd", "a\\u0000b", "words", "self",
    "x/" * 1_000, "$(touch ran)", "`touch ran`",
)  # fmt: skip
_BROKEN = (
    "[index", "a = " + "[" * 20_000, "a." * 20_000 + "b = 1", "x" * 70_000, "\x00", "index = 1",
    "[index]\nfolder = 1", "[index]\nfolders = [1]", "[searches]\na = 1", "a = " + "9" * 20_000,
    "\ufeff[index]\r\n", '[opensearch]\nverify = "no"', "[\x1b]", '"\x1b[31m" = 1',
)  # fmt: skip


def _add_modules(folder: Path, rng: random.Random) -> None:
    """Whichever of these is run leaves a file, in the folder's own `ran`."""
    code = f"open({str(folder / 'ran')!r}, 'w').close()\n"
    for home in (folder, folder / "pages"):
        for name in rng.sample(_MODULES, 12):
            if rng.random() < 0.5:
                (home / f"{name}.py").write_text(code, encoding="utf-8")
            else:
                (home / name).mkdir()
                (home / name / "__init__.py").write_text(code, encoding="utf-8")
        for name in ("less", "more", "xdg-open", "sh", "python", "git"):
            (home / name).write_text(f"#!/bin/sh\ntouch {folder}/ran\n", encoding="utf-8")
            (home / name).chmod(0o755)


def _add_names(folder: Path, rng: random.Random) -> None:
    for name in rng.sample(_NAMES, 8):
        page = rng.choice(_PAGES).encode("utf-8", "surrogatepass")
        try:
            (folder / "pages" / name).write_bytes(page)
        except OSError:
            # Not all systems have all names.
            continue


def _add_links(folder: Path, rng: random.Random) -> None:
    targets = ("../../outside/secret.md", "/dev/zero", "/dev/random", "/etc/passwd", "nowhere", "x")
    for at in range(4):
        (folder / "pages" / f"link{at}.md").symlink_to(rng.choice(targets))
    (folder / "pages" / "x").symlink_to("x")
    (folder / "pages" / "out").symlink_to(rng.choice(("../../outside", "/", "..", "/proc/self")))
    for at in range(30):
        (folder / "pages" / f"d{at}").mkdir()
        for name in "ab":
            (folder / "pages" / f"d{at}" / name).symlink_to(f"../d{at + 1}")


def _add_pipes(folder: Path, rng: random.Random) -> None:
    for suffix in rng.sample((".md", ".html", ".zip", ".txt"), 2):
        os.mkfifo(folder / "pages" / f"pipe{suffix}")
    os.mkfifo(folder / "pages" / "wenduan.toml")
    # The address of a socket is short, so it is made from within.
    here = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder / "pages")
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("socket.md")
    finally:
        os.fchdir(here)
        os.close(here)


def _add_depth(folder: Path, rng: random.Random) -> None:
    deep = folder / "pages"
    for _ in range(rng.randint(10, 300)):
        deep /= "a"
    deep.mkdir(parents=True)
    (deep / "deep.md").write_text(TEXT, encoding="utf-8")


def _add_index(folder: Path, rng: random.Random) -> None:
    """An index of which some files are others than they were, or which is none at all."""
    index = folder / "index"
    shutil.rmtree(index)
    kind = rng.choice(("link", "file", "pipe", "files", "files", "files"))
    if kind == "link":
        index.symlink_to("../outside/index")
        return
    if kind == "pipe":
        os.mkfifo(index)
        return
    if kind == "file":
        index.write_text("x", encoding="utf-8")
        return
    shutil.copytree(folder.parent / "outside" / "index", index)
    names = [*(path.name for path in index.iterdir()), "writer.json", "_MAIN_2.toc.new"]
    for name in rng.sample(names, rng.randint(1, 3)):
        _replace(index / name, rng)


def _replace(path: Path, rng: random.Random) -> None:
    path.unlink(missing_ok=True)
    kind = rng.choice(("pipe", "folder", "sparse", "/dev/zero", "../../outside/precious", "new"))
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "sparse":
        with path.open("wb") as file:
            file.truncate(1 << 40)
    else:
        path.symlink_to("../../outside/new" if kind == "new" else kind)


def _add_configuration(folder: Path, rng: random.Random, host: str) -> None:
    (folder / "out").symlink_to("../outside")
    (folder / "self").symlink_to("self")
    os.mkfifo(folder / "pipe")
    (folder / "words").write_text("火车站 5\n", encoding="utf-8")
    path = folder / "wenduan.toml"
    kind = rng.randrange(8)
    if kind == 0:
        os.mkfifo(path)
    elif kind == 1:
        path.symlink_to(rng.choice(("/dev/zero", "../outside/words", "nowhere")))
    elif kind == 2:
        path.write_text(rng.choice(_BROKEN), encoding="utf-8")
    else:
        path.write_text(_configuration(rng, host), encoding="utf-8")


def _configuration(rng: random.Random, host: str) -> str:
    places = [place.format(host=host) if "{" in place else place for place in _PLACES]
    rows = ["[index]"]
    for name in ("location", "userdict", "synonyms"):
        if rng.random() < 0.6:
            rows.append(f'{name} = "{rng.choice(places)}"')
    if rng.random() < 0.8:
        folders = ", ".join(f'"{place}"' for place in rng.sample(places, rng.randint(0, 4)))
        rows.append(f"folders = [{folders}]")
    rows += ["[searches]", 'a = "@b"', 'b = "@a"', f'c = "{"(" * rng.choice((1, 3_000))}"']
    if rng.random() < 0.5:
        rows += ["[opensearch]", 'user = "x"', 'password = "y"', "verify = false"]
    return "\n".join(rows) + "\n"


def fill(folder: Path, rng: random.Random, host: str) -> Sequence[str]:
    """Fill a folder that has pages and an index; gives the kinds of what has been put there."""
    kinds: dict[str, Callable[[Path, random.Random], None]] = {
        "modules": _add_modules,
        "names": _add_names,
        "links": _add_links,
        "pipes": _add_pipes,
        "depth": _add_depth,
        "index": _add_index,
    }
    chosen = sorted(rng.sample(sorted(kinds), rng.randint(2, 5)))
    for kind in chosen:
        kinds[kind](folder, rng)
    if rng.random() < 0.8:
        _add_configuration(folder, rng, host)
        chosen.append("configuration")
    return chosen
