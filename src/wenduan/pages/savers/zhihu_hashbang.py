"""A Zhihu exporter: `#! address` above the text, facts in comments of Markdown."""

import re
from dataclasses import replace

from ..addresses import web_address
from ..blocks import Block
from ..dates import iso_date
from ..document import Document, Saved, Saver
from ..facts import Facts, text_of
from ..heads import without

_ADDRESS = re.compile(r"#!\s*(https?://\S+)")
_COMMENT = re.compile(r"\[comment\]: <> (?:\((.*)\)|\"(.*)\")?\s*$")
_NAMES = {
    "Answer URL": "url", "Article URL": "url", "Question Title": "title", "Article Title": "title",
    "Author Name": "author", "Create Time": "published", "Update Time": "edited",
}  # fmt: skip


def _recognise(document: Document) -> bool:
    return any(_ADDRESS.fullmatch(block.flat) for block in document.blocks[:3])


def _read(document: Document) -> Saved:
    taken: list[Block] = []
    facts = Facts()
    for block in document.blocks[:12]:
        if match := _ADDRESS.fullmatch(block.flat):
            facts = facts.over(Facts(url=match[1]))
            taken.append(block)
        elif block.kind == "definition" and (comment := _COMMENT.match(block.text)):
            facts = facts.over(_fact(comment[1] or comment[2] or "", block.line))
            taken.append(block)
    return Saved(
        "zhihu-export",
        facts.over(document.facts),
        without(document.blocks, taken),
        dropped=taken,
        warnings=document.warnings,
    )


def _fact(comment: str, line: int) -> Facts:
    name, colon, value = comment.partition(": ")
    fact = _NAMES.get(name.strip())
    if not colon or fact is None:
        # A title without its name stands in quotation marks.
        return Facts(title=text_of(comment), title_line=line)
    if fact in {"published", "edited"}:
        return replace(Facts(), **{fact: iso_date(value)})  # type: ignore[arg-type]
    if fact == "author" and (address := web_address(value)):
        return Facts(author_url=address)
    if fact == "title":
        return Facts(title=text_of(value), title_line=line)
    return replace(Facts(), **{fact: text_of(value)})  # type: ignore[arg-type]


READER = Saver("zhihu-export", 10, _recognise, _read)
