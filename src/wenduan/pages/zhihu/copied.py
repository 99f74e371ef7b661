"""The header that Zhihu puts before copied text -> author and permalink; several part answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..addresses import ZhihuAddress, zhihu_address
from ..blocks import Block

_HEADER = re.compile(
    r"(?:^|(?<=\n)|(?<=\s))作者[:：][ \t]*(?P<author>[^\n]{1,60}?)\s*链接[:：]\s*(?:[^\s:]{1,20}\s)?<?(?P<url>https?://\S+?)>?\s*"
    r"来源[:：]\s*知乎\s*著作权归作者所有。?(?:\s*商业转载请联系作者获得授权，非商业转载请注明出处。?)?"
)
_FIRST = re.compile(r"作者[:：]")
_OTHERS = re.compile(r"链接[:：]|来源[:：]|著作权归作者所有|商业转载请联系作者")


@dataclass(frozen=True, slots=True)
class Copied:
    """One answer of copied text: who wrote it, its address, its blocks, and the header."""

    author: str | None
    address: ZhihuAddress | None
    blocks: Sequence[Block]
    header: Block | None


def split_copied(blocks: Sequence[Block]) -> list[Copied]:
    """Part blocks at the headers; the first piece has none, and may be empty."""
    if not any("著作权归作者所有" in block.text for block in blocks):
        return [Copied(None, None, blocks, None)]
    pieces: list[Copied] = [Copied(None, None, [], None)]
    kept: list[Block] = []
    for block in _join_headers(blocks):
        at = 0
        for match in _HEADER.finditer(block.text) if "来源" in block.text else ():
            address = zhihu_address(match["url"])
            if address is None:
                continue
            kept += _piece(block, at, match.start())
            pieces[-1] = replace(pieces[-1], blocks=tuple(kept))
            kept, at = [], match.end()
            author = match["author"].strip()
            header = _piece(block, match.start(), match.end())[0]
            pieces.append(Copied(author or None, address, (), replace(header, kind="text")))
        kept += [block] if at == 0 else _piece(block, at, len(block.text))
    pieces[-1] = replace(pieces[-1], blocks=tuple(kept))
    return pieces


def _piece(block: Block, begin: int, end: int) -> list[Block]:
    """The part of a block between two offsets, on its own line; none where it has no text."""
    text = block.text[begin:end]
    if not text.strip():
        return []
    lead = len(text) - len(text.lstrip())
    line = block.line + block.text.count("\n", 0, begin + lead)
    links = [link for link in block.links if link.text in text]
    # A fence around copied text does not make it code, nor is its first line below an image.
    kind = "text" if block.kind == "code" else block.kind
    line += 1 if block.kind == "code" else 0
    return [replace(block, kind=kind, line=line, text=text.strip(), links=links, below_image=False)]


def _goes_on(above: Block, block: Block) -> bool:
    """Tell whether a block is the next line of a header."""
    if _OTHERS.match(block.text):
        return True
    return bool(re.fullmatch(r"链接[:：]", above.flat)) and _address_of(block) is not None


def _address_of(block: Block) -> str | None:
    """Where a block of nothing but one link leads."""
    one = len(block.links) == 1 and block.links[0].text.strip() == block.flat
    return block.links[0].url if one else None


def _with_address(block: Block) -> str:
    """The text of a block, and behind that of a mere link where it leads."""
    address = _address_of(block)
    return block.text if address in {None, block.text} else f"{block.text} {address}"


def _join_headers(blocks: Sequence[Block]) -> list[Block]:
    """Join a header whose lines stand apart into one block."""
    found: list[Block] = []
    at = 0
    while at < len(blocks):
        block = blocks[at]
        end = at + 1
        if len(block.text) < 100 and _FIRST.match(block.text):
            while end < min(len(blocks), at + 6) and _goes_on(blocks[end - 1], blocks[end]):
                end += 1
        if end - at > 1:
            rows = blocks[at:end]
            text = "\n".join(_with_address(row) for row in rows)
            found.append(replace(block, text=text, links=[]))
        else:
            found.append(block)
        at = end
    return found
