"""Shapes that are known to hurt parsers: little input that may cost time or memory without bound.

Each makes a file of about so many bytes by its name; tests read small ones, torture large ones.
"""

from collections.abc import Callable, Mapping
from itertools import count, islice

Shape = Callable[[int], str]
ZHIHU = "---\nurl: https://www.zhihu.com/question/1/answer/2\n---\n"


def _of(piece: str, before: str = "", after: str = "") -> Shape:
    """One piece, over and over."""
    return lambda size: before + piece * (size // len(piece.encode())) + after


def _each(piece: Callable[[int], str], before: str = "", after: str = "") -> Shape:
    """Pieces that differ by their number."""
    width = len(piece(10_000).encode())
    return lambda size: before + "".join(piece(at) for at in islice(count(), size // width)) + after


def _halves(first: str, second: str, before: str = "", after: str = "") -> Shape:
    """One piece over and over, then another."""

    def make(size: int) -> str:
        half = size // 2
        one, two = first * (half // len(first.encode())), second * (half // len(second.encode()))
        return before + one + two + after

    return make


def _table(wide: float) -> Shape:
    """A table whose head has many columns, with many rows of one cell."""

    def make(size: int) -> str:
        columns = int(size * wide) // 6
        rows = int(size * (1 - wide)) // 4
        return "|a" * columns + "|\n" + "|--" * columns + "|\n" + "|b|\n" * rows

    return make


def _html_table(size: int) -> str:
    columns, rows = size // 20, size // 20
    row = "<tr><td>a"
    return f"<html><table><tr>{'<td>a' * columns}{row * rows}</table>字"


def _yaml(size: int, line: Callable[[int], str]) -> str:
    width = len(line(10_000))
    rows = "".join(line(at) for at in range(size // width))
    return f"---\n{rows}---\n正文"


def _laughs(size: int) -> str:
    inner = ["ha" * (size // 2), *(f"&a{n};" * 10 for n in range(8))]
    entities = "".join(f'<!ENTITY a{n} "{text}">' for n, text in enumerate(inner))
    return f"<!DOCTYPE html [{entities}]><html><body><p>&a8;字</p></body></html>"


# Name -> file's ending and the shape.
SHAPES: Mapping[str, tuple[str, Shape]] = {
    # Markdown
    "quotes": (".md", _of(">", after="字")),
    "quotes-spaced": (".md", _of("> ", after="字")),
    "quotes-each-deeper": (".md", lambda size: "".join(
        ">" * n + " a\n" for n in range(1, int((2 * size) ** 0.5)))),
    "lists-nested": (".md", _of("- ", after="字")),
    "lists-each-deeper": (".md", lambda size: "".join(
        " " * 2 * n + "- a\n" for n in range(int(size**0.5)))),
    "numbers-nested": (".md", _of("1. ", after="字")),
    "items": (".md", _of("- a\n")),
    "items-then-indented": (".md", _halves("- ", "\n  a")),
    "brackets": (".md", _of("[", after="字")),
    "brackets-both": (".md", _halves("[", "]", after="字")),
    "brackets-images": (".md", _of("![", after="字")),
    "brackets-images-closed": (".md", _halves("![", "](a)", after="字")),
    "links": (".md", _of("[a](b)")),
    "links-open": (".md", _of("[a](", after="字")),
    "links-open-angle": (".md", _of("[a](<b", after="字")),
    "links-middle": (".md", _of("](", after="字")),
    "links-parentheses": (".md", _halves("(", ")", before="[a](b", after=")")),
    "links-title-open": (".md", _of('[a](b "', after="字")),
    "links-references": (".md", _of("[a][b]", after="\n\n[b]: c\n")),
    "links-references-long": (".md", lambda size: (
        "[a]" * (size // 6) + f"\n\n[a]: {'b' * (size // 2)}\n")),
    "links-titles-long": (".md", lambda size: (
        "[a]" * (size // 6) + f"\n\n[a]: b '{'t' * (size // 2)}'\n")),
    "definitions": (".md", _each(lambda n: f"[{n}]: b\n", after="字")),
    "definitions-same": (".md", _of("[a]: b\n", after="字")),
    "definitions-used": (".md", _each(lambda n: f"[{n}]: b\n\n[{n}]\n")),
    "definitions-label-open": (".md", _of("[a\n", after="字")),
    "footnotes": (".md", _each(lambda n: f"[^{n}]: b\n", after="字")),
    "footnotes-used": (".md", _each(lambda n: f"a[^{n}]\n\n[^{n}]: b\n\n")),
    "footnotes-one-used": (".md", _of("[^1]", before="[^1]: b\n\n")),
    "footnotes-nested": (".md", _each(lambda n: f"[^{n}]: ", after="字")),
    "citations": (".md", _of("a[1]\n\n", after="参考\n\n1. ^b\n")),
    "citations-one-line": (".md", _of("[1]", after="\n\n参考\n\n1. ^b\n")),
    "citations-many": (".md", lambda size: (
        "".join(f"[{n % 999}]" for n in range(size // 10))
        + "\n\n参考\n\n" + "".join(f"{n}. ^b\n" for n in range(1, min(size // 14, 999))))),
    "citations-paragraphs": (".md", lambda size: (
        "a[1]\n\n" * (size // 12) + "参考\n\n" + "[1] b [c](d)\n" * (size // 26))),
    "emphasis": (".md", _of("*a **b ", after="字")),
    "emphasis-run": (".md", _of("*", after="字")),
    "emphasis-both": (".md", _halves("*a_", "_b*")),
    "emphasis-mixed": (".md", _of("*a _b ")),
    "emphasis-underscores": (".md", _of("a_ _b ")),
    "emphasis-wide": (".md", _of("**字，")),
    "strikethrough": (".md", _of("~~a ~b ")),
    "highlights": (".md", _of("==a ")),
    "highlights-run": (".md", _of("=", before="a ")),
    "code-open": (".md", _of("```\n", after="字")),
    "code-fence-open": (".md", _of("a\n", before="```\n")),
    "code-ticks": (".md", lambda size: " ".join(
        "`" * n for n in range(1, int((2 * size) ** 0.5))) + "字"),
    "code-ticks-same": (".md", _of("`a``b")),
    "code-tildes": (".md", _of("~~~\na\n")),
    "dollars": (".md", _of("$a$$b ")),
    "dollars-open": (".md", _of("$a{ ")),
    "dollars-run": (".md", _of("$")),
    "dollars-braces": (".md", _halves("$a{", "}$")),
    "tables-wide": (".md", _table(0.5)),
    "tables-many": (".md", _of("|a|b|\n|-|-|\n|c|d|\n\n")),
    "tables-pipes": (".md", _of("|", after="\n|-|\n")),
    "tables-rows": (".md", _of("|c|d|\n", before="|a|b|\n|-|-|\n")),
    "tables-dashes": (".md", _of("|-", before="a\n")),
    "headings": (".md", _of("# a\n")),
    "headings-underlined": (".md", _of("a\n=\n")),
    "headings-run": (".md", _of("#")),
    "blank-lines": (".md", _of("\n", before="a", after="字")),
    "lines": (".md", _of("a\n")),
    "one-line": (".md", _of("字")),
    "paragraphs": (".md", _of("a\n\n")),
    "paragraphs-distinct": (".md", _each(lambda n: f"w{n:x}\n\n")),
    "paragraphs-distinct-han": (".md", _each(
        lambda n: chr(0x4E00 + n % 20000) + chr(0x4E00 + n * 7 // 20000 % 20000) + "\n\n")),
    "autolinks": (".md", _of("<http://a>")),
    "autolinks-open": (".md", _of("<http://a")),
    "autolinks-mail": (".md", _of("<a@")),
    "angles": (".md", _of("<", after="字")),
    "angles-close": (".md", _of("</", after="字")),
    "angles-tags-open": (".md", _of("<a ", after="字")),
    "angles-inline-open": (".md", _of("字<a b='")),
    "angles-processing": (".md", _of("字<?")),
    "angles-declaration": (".md", _of("字<!A")),
    "angles-cdata": (".md", _of("字<![CDATA[")),
    "angles-comment": (".md", _of("字<!--")),
    "html-in-markdown": (".md", _of("<p>a</p>\n\n")),
    "html-in-markdown-deep": (".md", _of("<div>", after="字")),
    "html-inline": (".md", _of("字<b>a</b>")),
    "html-inline-images": (".md", _of("字<img src=a alt=b>")),
    "html-inline-attributes": (".md", _each(lambda n: f"a{n}=b ", "字<img ", ">")),
    "html-inline-math": (".md", _of("字<math>a")),
    "html-attributes-in-markdown": (".md", _each(lambda n: f"a{n}=1 ", "<p ", ">字</p>")),
    "entities": (".md", _of("&amp;")),
    "entities-open": (".md", _of("&", after="字")),
    "entities-long": (".md", _of("a", before="&", after=";字")),
    "entities-digits": (".md", _of("9", before="字&#", after=";")),
    "escapes": (".md", _of("\\")),
    "template-escapes": (".md", _of("&#x2F;&#x2F;")),
    "wikilinks": (".md", _of("[[a]]")),
    "wikilinks-open": (".md", _of("[[a")),
    "embeds": (".md", _of("![[a]]")),
    "embeds-open": (".md", _of("![[a")),
    "rules": (".md", _of("---\n", before="a\n\n")),
    "rules-odd": (".md", _of("* * *a ")),
    "tabs": (".md", _of("\t", before="a\n\n", after="字")),
    "tabs-lists": (".md", _of("-\t", after="字")),
    "spaces": (".md", _of(" ", before="a", after="字")),
    "invisible": (".md", _of("\u200b", before="a", after="字")),
    "zeros": (".md", lambda size: "字" * (size // 4) + "\0" * (size // 400)),
    "task-marks": (".md", _of("- [ ] ")),
    "images": (".md", _of("![a](b)\n\n")),
    "images-formulas": (".md", _of("![a](https://www.zhihu.com/equation?tex=b)")),
    "formulas-long": (".md", _of("%5C", "![a](https://www.zhihu.com/equation?tex=", ")")),
    "formulas-doubled": (".md", _of("O(n2)O(n^2)")),
    "cut-addresses": (".md", _of("](http://a\n")),
    "joined-links": (".md", _of("[\n\n](a)\n\n")),
    "joined-links-open": (".md", _of("[\n\n")),
    "highlight-trails": (".md", _of("⤴ #a ^abcd ")),
    "borders-start": (".md", _of("%%0123456789_start%%\n")),
    "borders-pairs": (".md", _each(lambda n: f"%%a{n:09}_start%%\na\n%%a{n:09}_end%%\n")),
    "logseq": (".md", _of("- [a](b)\n  site:: c\n")),
    "logseq-indented": (".md", _of("  - [a](b)\n    site:: c\n")),
    "logseq-open": (".md", _of("- [a](b", after="\n  site:: c\n")),
    # Front matter
    "yaml-keys": (".md", lambda size: _yaml(size, lambda n: f"a{n}: 1\n")),
    "yaml-same-keys": (".md", lambda size: _yaml(size, lambda n: "a: 1\n")),
    "yaml-list": (".md", lambda size: _yaml(size, lambda n: "- a\n")),
    "yaml-tags": (".md", _of("- a\n", "---\ntags:\n", "---\n正文")),
    "yaml-tags-distinct": (".md", lambda size: (
        "---\ntags:\n" + "".join(f"- a{n}\n" for n in range(size // 9)) + "---\n正文")),
    "yaml-tags-line": (".md", _of("a,", "---\ntags: ", "\n---\n正文")),
    "yaml-tags-spaces": (".md", _of(" ", "---\ntags: a", "b\n---\n正文")),
    "yaml-long-key": (".md", _of("a", "---\n", ": 1\n---\n正文")),
    "yaml-long-value": (".md", _of("a", "---\ntitle: ", "\n---\n正文")),
    "yaml-folded": (".md", _of("  a\n", "---\ntitle: >\n", "---\n正文")),
    "yaml-flow-list": (".md", _of("[", "---\na: ", "\n---\n正文")),
    "yaml-flow-map": (".md", _of("{a: ", "---\na: ", "\n---\n正文")),
    "yaml-flow-items": (".md", _of("a,", "---\na: [", "]\n---\n正文")),
    "yaml-flow-question": (".md", _of("?", "---\na: [", "]\n---\n正文")),
    "yaml-block-deep": (".md", lambda size: (
        "---\n" + "".join(" " * n + "a:\n" for n in range(int((2 * size) ** 0.5))) + "---\n正文")),
    "yaml-dashes": (".md", _of("- ", "---\n", "a\n---\n正文")),
    "yaml-anchors": (".md", lambda size: _yaml(size, lambda n: f"a{n}: &a{n} b\n")),
    "yaml-laughs": (".md", lambda size: "---\na0: &a0 [b]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, size // 28)) + "---\n正文"),
    "yaml-merges": (".md", lambda size: _yaml(size, lambda n: "<<: {a: 1}\n")),
    "yaml-merges-nested": (".md", lambda size: (
        "---\n" + "<<: {a: 1, " * (size // 22) + "}" * (size // 22) + "\n---\n正文")),
    "yaml-merge-list": (".md", _of("{a: 1},", "---\n<<: [", "]\n---\n正文")),
    "yaml-quoted": (".md", _of("\\", '---\ntitle: "', '"\n---\n正文')),
    "yaml-quote-open": (".md", _of("a\n", '---\ntitle: "', "---\n正文")),
    "yaml-broken-lines": (".md", lambda size: _yaml(size, lambda n: "title: a: b\n")),
    "yaml-number": (".md", _of("9", "---\nvotes: ", "\n---\n正文")),
    "yaml-number-base-60": (".md", _of("1:59", "---\nvotes: ", "\n---\n正文")),
    "yaml-number-binary": (".md", _of("1", "---\nvotes: 0b", "\n---\n正文")),
    "yaml-number-underscores": (".md", _of("1_", "---\nvotes: ", "1\n---\n正文")),
    "yaml-float": (".md", _of("9", "---\nvotes: 1.", "e5\n---\n正文")),
    "yaml-comments": (".md", _of("#a\n", "---\n", "title: a\n---\n正文")),
    "yaml-documents": (".md", _of("--- a\n", "---\n", "---\n正文")),
    "yaml-end-missing": (".md", _of("a: 1\n", "---\n")),
    "yaml-tag-directives": (".md", _of("!a ", "---\na: ", "b\n---\n正文")),
    "yaml-omap": (".md", _of("- a: 1\n", "---\na: !!omap\n", "---\n正文")),
    "yaml-set": (".md", lambda size: (
        "---\na: !!set\n" + "".join(f"  ? a{n}\n" for n in range(size // 10)) + "---\n正文")),
    "yaml-binary": (".md", _of("QUJD", "---\ntitle: !!binary ", "\n---\n正文")),
    "yaml-titles": (".md", _of("title ", "---\ntitle: a\n", "\n---\n正文")),
    "toml-dotted": (".md", _of("a.", "+++\n", "a = 1\n+++\n正文")),
    "toml-dotted-table": (".md", _of("a.", "+++\n[", "a]\n+++\n正文")),
    "toml-dotted-lines": (".md", _each(lambda n: f"a{n}.b.c = 1\n", "+++\n", "+++\n正文")),
    "toml-dotted-spaced": (".md", _of("a . ", "+++\n", "a = 1\n+++\n正文")),
    "toml-dotted-quoted": (".md", _of('"a".', "+++\n", '"a" = 1\n+++\n正文')),
    "toml-dotted-inline": (".md", _of("a.", "+++\na = {", "a = 1}\n+++\n正文")),
    "toml-keys": (".md", _each(lambda n: f"a{n} = 1\n", "+++\n", "+++\n正文")),
    "toml-tables": (".md", _each(lambda n: f"[a{n}]\n", "+++\n", "+++\n正文")),
    "toml-tables-deeper": (".md", lambda size: "+++\n" + "".join(
        f"[{'a.' * n}a]\n" for n in range(int(size**0.5))) + "+++\n正文"),
    "toml-table-lists": (".md", _of("[[a]]\n", "+++\n", "+++\n正文")),
    "toml-lists": (".md", _of("[", "+++\na = ", "\n+++\n正文")),
    "toml-list": (".md", _of("1,", "+++\na = [", "]\n+++\n正文")),
    "toml-inline": (".md", _of("{a=", "+++\na = ", "\n+++\n正文")),
    "toml-string": (".md", _of("a", '+++\ntitle = "', '"\n+++\n正文')),
    "toml-string-escapes": (".md", _of("\\\\", '+++\ntitle = "', '"\n+++\n正文')),
    "toml-string-open": (".md", _of("a\n", '+++\ntitle = """', "+++\n正文")),
    "toml-number": (".md", _of("9", "+++\nvotes = ", "\n+++\n正文")),
    "toml-number-underscores": (".md", _of("1_", "+++\nvotes = ", "1\n+++\n正文")),
    "toml-comments": (".md", _of("#\n", "+++\n", "+++\n正文")),
    "toml-spaces": (".md", _of(" ", "+++\na", "= 1\n+++\n正文")),
    "toml-end-missing": (".md", _of("+++ \n")),
    "json-lists": (".md", _of("[", '{"a": ', "}\n正文")),
    "json-maps": (".md", _of('{"a":', "", "1\n正文")),
    "json-keys": (".md", _each(lambda n: f'"a{n}":1,', "{", '"b":1}\n正文')),
    "json-number": (".md", _of("9", '{"votes": ', "}\n正文")),
    "json-string": (".md", _of("\\u0041", '{"title": "', '"}\n正文')),
    "json-tags": (".md", _of('"a",', '{"tags": [', '"b"]}\n正文')),
    # HTML
    "html-attributes": (".html", _each(lambda n: f"a{n}=1 ", "<html><p ", ">字</p>")),
    "html-attributes-same": (".html", _of("a=1 ", "<html><p ", ">字</p>")),
    "html-attributes-bare": (".html", _each(lambda n: f"a{n} ", "<html><p ", ">字</p>")),
    "html-attributes-quoted": (".html", _each(lambda n: f"a{n}='>' ", "<html><p ", ">字</p>")),
    "html-attributes-slashes": (".html", _each(lambda n: f"a{n}/", "<html><p ", ">字</p>")),
    "html-attributes-open": (".html", _each(lambda n: f"a{n}=1 ", "<html><p ", "字")),
    "html-attributes-on-body": (".html", lambda size: "<html>" + "".join(
        f"<body a{n}=1>" for n in range(size // 15)) + "字"),
    "html-attributes-on-html": (".html", lambda size: "".join(
        f"<html a{n}=1>" for n in range(size // 15)) + "字"),
    "html-attribute-long": (".html", _of("a", "<html><p title='", "'>字</p>")),
    "html-attribute-name-long": (".html", _of("a", "<html><p ", "=1>字</p>")),
    "html-tag-name-long": (".html", _of("a", "<html><", ">字")),
    "html-divs": (".html", _of("<div>", "<html>", "字")),
    "html-inline-deep": (".html", _of("<b>", "<html>", "字")),
    "html-inline-mixed": (".html", _of("<b><i>", "<html>", "字")),
    "html-misnested": (".html", _of("<a><p>", "<html>", "字")),
    "html-fonts": (".html", _of("<font><p>", "<html>", "字")),
    "html-links": (".html", _of("<a href=b>a", "<html>", "字")),
    "html-links-nested": (".html", _of("<a href=b><p>a", "<html>", "字")),
    "html-lists": (".html", _of("<ul><li>", "<html>", "字")),
    "html-quotes": (".html", _of("<blockquote>a", "<html>", "字")),
    "html-tables": (".html", _of("<table><tr><td>", "<html>", "字")),
    "html-table-wide": (".html", _html_table),
    "html-selects": (".html", _of("<select><option>", "<html>", "字")),
    "html-forms": (".html", _of("<form>", "<html>", "字")),
    "html-buttons": (".html", _of("<button>", "<html>", "字")),
    "html-ids": (".html", _each(lambda n: f"<p id=a{n}>a", "<html>", "字")),
    "html-closings": (".html", _of("</p>", "<html>", "字")),
    "html-closings-deep": (".html", _halves("<b>", "</i>", "<html>", "字")),
    "html-closings-other": (".html", _halves("<div>", "</p>", "<html>", "字")),
    "html-comments": (".html", _of("<!-- a -->", "<html>", "字")),
    "html-comment-open": (".html", _of("<!--", "<html>", "字")),
    "html-comment-dashes": (".html", _of("-", "<html><!--", "字")),
    "html-cdata": (".html", _of("<![CDATA[", "<html>", "字")),
    "html-doctypes": (".html", _of("<!doctype html>", "<html>", "字")),
    "html-doctype-long": (".html", _of("a", "<!doctype html ", "><html>字")),
    "html-laughs": (".html", _laughs),
    "html-entities": (".html", _of("&amp;", "<html><p>", "字")),
    "html-entities-open": (".html", _of("&", "<html><p>", "字")),
    "html-entities-long": (".html", _of("a", "<html><p>&", ";字")),
    "html-entities-digits": (".html", _of("9", "<html><p>&#", ";字")),
    "html-angles": (".html", _of("<", "<html>", "字")),
    "html-angles-open": (".html", _of("<a ", "<html>", "字")),
    "html-scripts": (".html", _of("<script>a</script>", "<html>", "字")),
    "html-script-open": (".html", _of("<script>", "<html>", "字")),
    "html-titles": (".html", _of("<title>a</title>", "<html>", "字")),
    "html-metas": (".html", _of("<meta name=author content=a>", "<html>", "字")),
    "html-itemprops": (".html", _of("<meta itemprop=a content=b>", "<html>", "字")),
    "html-zop": (".html", _of("<p data-zop='{\"type\":\"answer\"}'>", "<html>", "字")),
    "html-linked-data": (".html", _of(
        "[", "<html><script type=application/ld+json>", "</script>字")),
    "html-linked-data-many": (".html", _of(
        '<script type="application/ld+json">{"@type":"Article"}</script>', "<html>", "字")),
    "html-math": (".html", _of("<math>a", "<html>", "字")),
    "html-math-many": (".html", _of("<math>a</math>", "<html>", "字")),
    "html-math-annotations": (".html", _of("<annotation>", "<html><math>", "字")),
    "html-katex": (".html", _of("<b class=katex>", "<html>", "字")),
    "html-tex": (".html", _of("<b data-tex=a>b</b>", "<html>", "字")),
    "html-styles": (".html", _of("<p style='display:", "<html>", "'>字")),
    "html-style-long": (".html", _of(" ", "<html><p style='display:", "'>字")),
    "html-images": (".html", _of("<img src=a alt=b>", "<html>", "字")),
    "html-images-in-block": (".html", _of("a<img src=a alt=b>", "<html><p>", "字")),
    "html-breaks": (".html", _of("<br>", "<html>a", "字")),
    "html-rules": (".html", _of("<hr>", "<html>", "字")),
    "html-sups": (".html", _of(
        "<sup data-numero=1 data-text=a data-url=b>[1]</sup>", "<html>", "字")),
    "html-embedded": (".html", _of("QUJD", '<html><img src="data:image/png;base64,', '">字')),
    "html-embedded-many": (".html", _of("data:a;base64,", "<html><p>", "字")),
    "html-embedded-open": (".html", _of("data:", "<html><p>", "字")),
    "html-pi": (".html", _of("<?a", "<html>", "字")),
    "html-frameset": (".html", _of("<frameset>", "<html>", "字")),
    "html-svg": (".html", _of("<svg><g>", "<html>", "字")),
    "html-templates": (".html", _of("<template>", "<html>", "字")),
    "html-namespaces": (".html", _each(lambda n: f"<a{n}:b>", "<html>", "字")),
    "html-tags-distinct": (".html", _each(lambda n: f"<a{n}>", "<html>", "字")),
    "html-one-line": (".html", _of("字", "<html><p>")),
    "html-blank-lines": (".html", _of("\n", "<html><p>a", "字")),
    "html-paragraphs": (".html", _of("<p>a", "<html>")),
    "html-headings": (".html", _of("<h1>a</h1>", "<html>")),
    "html-comment-before": (".html", _of("<!--", "", "<html>字")),
    "html-single-file": (".html", _of("<!-- Page saved with SingleFile url: ", "", "<html>字")),
    # Zhihu
    "zhihu-votes": (".md", _of("32 人赞同了该回答\n\n", ZHIHU)),
    "zhihu-bars": (".md", _of("赞同 3211 条评论收藏喜欢\n\n", ZHIHU)),
    "zhihu-names": (".md", _of(
        "[甲](https://www.zhihu.com/people/a)\n\n1 人赞同了该回答\n\n", ZHIHU)),
    "zhihu-names-only": (".md", _of("[甲](https://www.zhihu.com/people/a)\n\n", ZHIHU)),
    "zhihu-dates": (".md", _of(
        "[发布于 2020-01-01](https://www.zhihu.com/question/1/answer/3)\n\n", ZHIHU)),
    "zhihu-references": (".md", _of("参考\n\n1. a\n\n", ZHIHU)),
    "zhihu-references-list": (".md", _of("[1] a\n", ZHIHU + "a[1]\n\n参考\n\n")),
    "zhihu-references-links": (".md", _of("[1] [b](c)\n", ZHIHU + "a[1]\n\n参考\n\n")),
    "zhihu-entities": (".md", _of(
        "[a](https://www.zhihu.com/search?q=a&hybrid_search_extra=%7B%7D)", ZHIHU)),
    "zhihu-copied": (".md", _of(
        "作者：甲\n链接：https://www.zhihu.com/question/1/answer/2\n来源：知乎\n\n", ZHIHU)),
    "zhihu-copied-line": (".md", _of(
        "作者：甲 链接：https://www.zhihu.com/question/1/answer/2 来源：知乎 ", ZHIHU)),
    "zhihu-counts": (".md", _of("关注者 1 被浏览 1 ", ZHIHU)),
    "zhihu-digits": (".md", _of("1,", ZHIHU + "赞同 ", " 条评论")),
    "zhihu-one-line": (".md", _of("32 人赞同了该回答 a 赞同 3211 条评论收藏 ", ZHIHU)),
    "zhihu-one-line-digits": (".md", _of("1", ZHIHU, " 人赞同了该回答 a 赞同 3211 条评论")),
    "zhihu-head": (".md", _of("关注者\n\n1\n\n", ZHIHU)),
    "zhihu-question": (".md", _of(
        "显示全部\n\n", "---\nurl: https://www.zhihu.com/question/1\n---\n")),
    "omnivore-highlights": (".md", _of(
        "> a [⤴️](https://omnivore.app/me/a#b) #x ^1234\n\n",
        "# a\n\n#Omnivore\n\n## Highlights\n\n")),
    "omnivore-many": (".md", lambda size: (
        "---\n" + "".join(f"- id: a{n:09}\n  title: t{n}\n" for n in range(size // 80)) + "---\n"
        + "".join(f"%%a{n:09}_start%%\na\n%%a{n:09}_end%%\n" for n in range(size // 80)))),
    "omnivore-one-id": (".md", lambda size: (
        "---\n" + "- id: 0123456789\n  title: none of these\n" * (size // 100) + "---\n"
        + "%%0123456789_start%%\na\n%%0123456789_end%%\n" * (size // 100))),
    "zhihu-references-blocks": (".md", _of(
        "[1] [b](c)\n" * 1500 + "\n", ZHIHU + "a[1]\n\n参考\n\n")),
    "zhihu-references-items": (".md", _each(
        lambda n: f"{n}. [b{n}](c{n})\n", ZHIHU + "a[1]\n\n参考\n\n")),
    "zhihu-cited-sups": (".md", _each(
        lambda n: f"a<sup data-numero={n} data-text=b data-url=c>[{n}]</sup>\n\n", ZHIHU)),
    "zhihu-images": (".md", _of("![甲](https://pic1.zhimg.com/a)甲\n\n", ZHIHU)),
    "zhihu-links-date": (".md", _of("发布于 2020-01-01 [a](b)", ZHIHU)),
    "zhihu-doubled-letters": (".md", _of("有 nn 个，", ZHIHU)),
    "simpread": (".md", _of(
        "![](https://pic1.zhimg.com/a_s.jpg)甲\n\n字\n\n",
        "> 本文由 [简悦 SimpRead](http://ksria.com/simpread/) 转码， 原文地址 "
        "[www.zhihu.com](https://www.zhihu.com/question/1)\n\n")),
    "callouts": (".md", _of("## 甲的回答\n\n> [!info]\n> 赞同: 1\n\na\n\n")),
    "hashbang": (".md", _of('[comment]: <> (Create Time: 2020-01-01)\n', "#! https://a.b\n")),
    "highlights-many": (".md", _of(
        "> 甲说的话 [⤴️](https://omnivore.app/me/a#b)\n\n", "# a\n\n#Omnivore\n\n## Highlights\n\n",
        "\n## Content\n\n甲说的话\n")),
    "html-wechat": (".html", _of(
        "<span id=js_name>a</span><em id=publish_time>2020-01-01</em>", "<html>", "字")),
    "html-regions": (".html", _of("<nav>a</nav><main>b</main>", "<html>", "字")),
    "html-summaries": (".html", _of("<details><summary>a", "<html>", "字")),
    "html-rubies": (".html", _of("<ruby>字<rt>a</rt></ruby>", "<html>", "字")),
    "html-entity-names": (".html", _of("&CounterClockwiseContourIntegral;", "<html><p>")),
    "yaml-block-keys": (".md", _of("? a\n: b\n", "---\n", "---\n正文")),
    "yaml-flow-keys": (".md", _of("[a]: ", "---\n", "b\n---\n正文")),
    "yaml-colons": (".md", _of("a:", "---\ntitle: ", "\n---\n正文")),
    "yaml-broken-long": (".md", _of("a ", "---\ntitle: [", "\n---\n正文")),
    "yaml-lines-unread": (".md", _of("a b c\n", "---\ntitle: x: y\n", "---\n正文")),
    "yaml-quotes": (".md", _of("'a' ", "---\ntitle: ", "\n---\n正文")),
    "yaml-tabs": (".md", _of("\t", "---\ntitle:", "a\n---\n正文")),
    "yaml-dates": (".md", lambda size: _yaml(size, lambda n: f"a{n}: 2023-02-30\n")),
    "carriage-returns": (".md", _of("a\r", after="字")),
    "fields": (".md", _of("作者：甲\n")),
    "fields-names": (".md", _of("作者：甲 链接：a 来源：b ", after="字")),
    "properties": (".md", _of("tags:: a\n")),
}  # fmt: skip
