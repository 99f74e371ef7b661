"""Lines `name: value` that savers write above or below a page -> Facts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .blocks import Block, without
from .facts import Facts, read_facts

_NAME = (
    r"full title|title|author|authors|url|source|source-url|original|created|updated|modified"
    r"|published|date|tags|tag|category|document tags|summary|site|labels|date[-_]saved"
    r"|date[-_]published|date[-_]read|note|collapsed|description|omnivore|read time"
    r"|作者|链接|原文|原文链接|原文地址|来源|出处|标题|问题|赞同|赞同数|点赞数|评论数|更新时间|发布时间"
    r"|编辑时间|创建时间|收藏时间|答案ID|回答ID|回答url|标签|收录时间|保存时间|公众号"
)
FIELD = re.compile(rf"({_NAME})\s*(?:::|[:：])\s*(.*)", re.IGNORECASE)
# As Logseq writes them: two colons, and a space, which no program has there.
_PROPERTY = re.compile(rf"\s*(?:{_NAME})::[ \t].*", re.IGNORECASE)
# No block of fields is longer.
_LONGEST = 2000
_COLON = re.compile("[:：]")
# The longest name, and what may stand around it.
_NAME_LENGTH = 60
# Two fields that stood on lines of their own before a saver joined them.
_JOINED = re.compile(r"\s+(?=(?:updated|created|modified|tags|链接|来源|原文)\s*[:：])")


def read_field(line: str) -> tuple[str, str] | None:
    """Read a line such as `作者：甲` or `url:: https://…` whose name savers use."""
    match = FIELD.fullmatch(line.strip().lstrip("-*>#").strip())
    return (match[1].lower(), match[2].strip()) if match else None


def block_fields(block: Block) -> list[tuple[str, str]]:
    """The fields of a block, each on a line of its own; none where another line is among them."""
    if len(block.text) > _LONGEST or not _COLON.search(block.text[:_NAME_LENGTH]):
        return []
    lines = [part for line in block.text.split("\n") for part in _JOINED.split(line)]
    found = [read_field(line) for line in lines if line.strip()]
    fields = [field for field in found if field is not None]
    if len(fields) < len(found):
        return []
    # The address of a link says more than its text.
    targets = [link.url for link in block.links if link.text and link.text in block.text]
    if len(fields) == 1 and len(targets) == 1 and _is_address(fields[0][0]):
        return [(fields[0][0], targets[0])]
    return fields


def _is_address(name: str) -> bool:
    return name in {"url", "source", "source-url", "original", "site"} or name[:2] in {
        "链接", "原文", "来源", "出处", "回答",
    }  # fmt: skip


def facts_of_fields(fields: Iterable[tuple[str, str]]) -> Facts:
    """Facts that fields state."""
    values: dict[str, str] = {}
    for name, value in fields:
        if value:
            values.setdefault(name, value)
    return read_facts(values)


def take_fields(blocks: Sequence[Block], most: int) -> tuple[Facts, list[Block], list[Block]]:
    """Take the blocks of fields among the first `most`: facts, those blocks, the other blocks."""
    fields: list[tuple[str, str]] = []
    taken: list[Block] = []
    for block in blocks[:most]:
        if found := block_fields(block):
            fields += found
            taken.append(block)
    return facts_of_fields(fields), taken, without(blocks, taken)


def take_properties(blocks: Sequence[Block], most: int) -> tuple[Facts, list[Block], list[Block]]:
    """Take lines `tags:: a, b` off the first `most` blocks: facts, those lines, what is left."""
    fields: list[tuple[str, str]] = []
    taken: list[Block] = []
    kept: list[Block] = []
    for block in blocks[:most]:
        lines = block.text.split("\n")
        found = {at for at, line in enumerate(lines) if _PROPERTY.fullmatch(line)}
        if not found or block.kind not in {"text", "list"}:
            kept.append(block)
            continue
        for at in sorted(found):
            taken.append(Block(block.kind, block.line + at, lines[at]))
            fields += [field for field in [read_field(lines[at])] if field is not None]
        left = [at for at in range(len(lines)) if at not in found]
        if left:
            text = "\n".join(lines[at] for at in left)
            kept.append(replace(block, text=text, line=block.line + left[0]))
    return facts_of_fields(fields), taken, [*kept, *blocks[most:]]
