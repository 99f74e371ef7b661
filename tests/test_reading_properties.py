"""What holds of every page: nothing of its text is lost, nothing is invented."""

import html
import re
import zipfile
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conftest import SAMPLES
from golden import golden_files
from wenduan.pages import Page, parse_page, read_pages
from wenduan.pages.front_matter import split_front_matter
from wenduan.pages.reading import read_document
from wenduan.pages.unpacking import unpack

FILES = [*golden_files(), *sorted(SAMPLES.glob("*.md"))]
# What Markdown does not show: addresses of links and images, and titles of these.
EQUATION = re.compile(r"!\[\[?(?:公式)?\]?\](?=\(https://www\.zhihu\.com/equation)")
UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1>", re.DOTALL)
TARGET = re.compile(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)|<https?://[^>\s]*>")


class Seen(HTMLParser):
    """The text that a browser shows of a page, by line; independent of the reader's parser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: dict[int, str] = {}
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._hidden += tag in {"script", "style", "title"}
        if tex := dict(attrs).get("data-tex"):  # type: ignore[call-overload]
            self._add(tex)

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style", "title"}

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._add(data)

    def _add(self, data: str) -> None:
        line = self.getpos()[0]
        for number, text in enumerate(data.split("\n")):
            self.lines[line + number] = f"{self.lines.get(line + number, '')} {text}"


def seen_lines(name: str, text: str) -> dict[int, str]:
    """Each line of a page with what a person sees in it, front matter and addresses left out."""
    if name.endswith(".html"):
        parser = Seen()
        parser.feed(text)
        return parser.lines
    split = split_front_matter(UNSEEN.sub(lambda match: "\n" * match[0].count("\n"), text))
    body = split.body.split("\n")
    shown = [TARGET.sub("]", EQUATION.sub("", line)) for line in body]
    return {split.first_line + at: html.unescape(line) for at, line in enumerate(shown)}


def sources(path: Path) -> dict[str, str]:
    """The texts of a file: its own, or those of the pages in an archive, by their paths."""
    if path.suffix != ".zip":
        return {str(path): path.read_text(encoding="utf-8")}
    with zipfile.ZipFile(path) as archive:
        return {
            f"{path}/{name}": archive.read(name).decode()
            for name in archive.namelist()
            if name.endswith((".md", ".html")) and not name.startswith("__")
        }


def told(page: Page) -> str:
    """All that a reading tells of a page's text: paragraphs, facts, chrome."""
    parts = [page.title, *page.tags, *(row.text for row in page.chrome), page.site or ""]
    for post in page.posts:
        parts += [row.text for row in post.paragraphs]
        parts += [post.author or "", post.headline or "", post.place or ""]
        parts += [f"{row.title} {unquote(row.url or '')}" for row in post.references]
    return "".join(parts)


RUN = re.compile(r"[\u3400-\u9fff]+")
# A run as long as this is no name or button: it is told as often as it is seen.
LONG = 10


def untold(shown: str, found: str) -> list[str]:
    """Runs of Han characters that are seen on a page and that its reading does not tell."""
    runs = Counter(RUN.findall(unquote(shown)))
    joined = "".join(RUN.findall(unquote(found)))
    return [
        run
        for run, count in runs.items()
        if run not in joined or (len(run) >= LONG and joined.count(run) < count)
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_han_character_is_told(path: Path) -> None:
    pages = read_pages(path)
    for name, text in sources(path).items():
        shown = "\n".join(seen_lines(name, text).values())
        assert untold(shown, "".join(told(page) for page in pages if page.path == name)) == []


# What a page may say of its address: each lets another site's reader take it.
ADDRESSES = [
    None, "https://www.zhihu.com/question/1", "https://www.zhihu.com/question/1/answer/2",
    "https://zhuanlan.zhihu.com/p/3", "https://www.zhihu.com/pin/4",
    "https://mp.weixin.qq.com/s/a", "https://example.org/a",
]  # fmt: skip


@pytest.mark.parametrize(
    "path", [path for path in FILES if path.suffix != ".zip"], ids=lambda path: path.name
)
def test_whatever_site_a_page_is_taken_for_nothing_of_it_is_lost(path: Path) -> None:
    shown = sources(path)[str(path)]
    lines = "\n".join(seen_lines(str(path), shown).values())
    documents = unpack(str(path), path.read_bytes())
    for url in ADDRESSES:
        pages = [
            read_document(replace(row, facts=replace(row.facts, url=url))) for row in documents
        ]
        assert untold(lines, "".join(map(told, pages))) == [], url


def bare(text: str, tags: bool = True) -> str:
    """A text without marks, space and what encodes it, to find one text in another by."""
    text = html.unescape(html.unescape(unquote(text)))
    return re.sub(r"[\W_]+", "", re.sub(r"<[^<>]*>", "", text) if tags else text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_paragraph_stands_on_its_line(path: Path) -> None:
    texts = sources(path)
    for page in read_pages(path):
        lines = texts[page.path].split("\n")
        for post in page.posts:
            for row in post.paragraphs:
                if path.suffix == ".zip" and (row.line, row.text) == (1, page.title):
                    # Told by the archive's own list of pages.
                    continue
                # Of code and formulas between fences, the line is that of the fence.
                begin = "".join(lines[row.line - 1 : row.line + (row.kind in {"code", "formula"})])
                pieces = re.split(r"\n| \| |\$", row.text)
                first = next(bare(piece) for piece in pieces if bare(piece))
                assert first[:2] in bare(begin) or first[:2] in bare(begin, tags=False), row
                for piece in pieces:
                    assert is_in(piece, lines[row.line - 1 :]), (row.line, piece)


def is_in(text: str, lines: list[str]) -> bool:
    """Tell whether a text stands in lines of a file, in one piece but for markup."""
    sources = ("\n".join(TARGET.sub("]", line) for line in lines), "\n".join(lines))
    tried = [(bare(text, tags), bare(source, tags)) for source in sources for tags in (True, False)]
    # A letter that stands for a quantity may stand twice in the file, see formulas.undouble.
    tried += [(once(part), once(whole)) for part, whole in tried]
    return any(part in whole for part, whole in tried)


def once(text: str) -> str:
    return re.sub(r"([a-z])\1", r"\1", text)


SENTENCE = st.text(
    st.sampled_from("春眠不觉晓处处闻啼鸟夜来风雨声花落知多少，。"), min_size=1, max_size=20
)
PIECE = st.one_of(
    SENTENCE,
    SENTENCE.map("# {}".format),
    SENTENCE.map("- {}".format),
    SENTENCE.map("> {}".format),
    SENTENCE.map("**{}**".format),
    SENTENCE.map("==甲==[{}](https://example.org/)==乙==".format),
    SENTENCE.map("<p>{}</p>".format),
    SENTENCE.map("<div><b>{}".format),
    SENTENCE.map("| 甲 | 乙 |\n| --- | --- |\n| {} | 丙 |".format),
    SENTENCE.map("```\n{}\n```".format),
    SENTENCE.map("![{}](https://example.org/a.png)".format),
    SENTENCE.map("[^1]: {}".format),
    SENTENCE.map("[甲]: <> ({})".format),
    SENTENCE.map("作者：{}".format),
    SENTENCE.map("[![{0}](https://a/b.jpg)](https://www.zhihu.com/people/a)".format),
    st.sampled_from(
        [
            "32 人赞同了该回答", "赞同 3211 条评论收藏喜欢收起", "展开阅读全文", "关注", "相关问题",
            "[木子](https://www.zhihu.com/people/a)", "匿名用户", "## Highlights", "#Omnivore",
            "[发布于 2020-01-02](https://www.zhihu.com/question/1/answer/2)", "参考", "关于作者",
            "[Read on Omnivore](https://omnivore.app/me/a)", "#### 更多回答", "## 参考", "目录",
            "> 本文由 [简悦 SimpRead](http://ksria.com/simpread/) 转码， 原文地址 [a](https://a.b/c)",
            "链接：https://www.zhihu.com/question/1/answer/3", "### NOTE ATTRIBUTES", "显示全部",
            "来源：知乎", "著作权归作者所有。", "## Metadata", "\\## 📖 正文全文", "📝 木子的回答",
            "## 📝 木子的回答\n\n> [!quote]- 回答信息\n> 作者: 木子",
        ]
    ),
)  # fmt: skip
URLS = ["", "https://www.zhihu.com/question/1", "https://www.zhihu.com/question/1/answer/2",
        "https://zhuanlan.zhihu.com/p/3", "https://mp.weixin.qq.com/s/a"]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECE, min_size=1, max_size=25), st.sampled_from(URLS))
def test_nothing_of_a_made_page_is_lost(pieces: list[str], url: str) -> None:
    head = f"---\nurl: {url}\n---\n" if url else ""
    text = head + "\n\n".join(pieces) + "\n"
    page = parse_page("page.md", text.encode())
    assert untold("\n".join(seen_lines("page.md", text).values()), told(page)) == []


TAGS = [
    "p", "div", "span", "b", "a", "ul", "li", "ol", "table", "tr", "td", "th", "pre", "code", "h1",
    "h2", "blockquote", "section", "article", "nav", "aside", "footer", "header", "button", "form",
    "figure", "figcaption", "sup", "em", "details", "summary", "dl", "dt", "dd", "center", "main",
    "textarea", "select", "option", "label", "math", "font", "body",
]  # fmt: skip
OPEN = st.sampled_from(TAGS).map("<{}>".format)
CLOSE = st.sampled_from(TAGS).map("</{}>".format)
HTML_PIECE = st.one_of(
    SENTENCE, SENTENCE, OPEN, OPEN, CLOSE, st.sampled_from(["<br>", "\n", "<hr>"])
)


@settings(max_examples=150, deadline=None)
@given(st.lists(HTML_PIECE, min_size=1, max_size=30))
def test_nothing_of_a_made_html_page_is_lost(pieces: list[str]) -> None:
    text = f"<html><body>{''.join(pieces)}</body></html>"
    page = parse_page("page.html", text.encode())
    # Each run for itself: a parser may put what stands wrong within a table before it.
    shown = "\n".join(piece for piece in pieces if not piece.startswith("<"))
    assert untold(shown, told(page)) == []
