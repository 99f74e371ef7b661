"""MarkDownload: dates with the zone in words, the title, an excerpt in a quote, a rule."""

from ..blocks import Block, without
from ..document import Document, Saved, Saver
from ..heads import part_repeated


def _recognise(document: Document) -> bool:
    if "(UTC" in str(document.values.get("created", "")):
        return True
    return any(_is_excerpt(block) for block in document.blocks[:4])


def _is_excerpt(block: Block) -> bool:
    return block.kind == "quote" and block.flat == "Excerpt"


def _read(document: Document) -> Saved:
    blocks = list(document.blocks)
    at = next((at for at, row in enumerate(blocks[:4]) if _is_excerpt(row)), None)
    taken: list[Block] = []
    if at is not None:
        end = at + 1
        while end < len(blocks) and blocks[end].kind == "quote":
            end += 1
        # The excerpt repeats how the page begins, or what its head says of it.
        repeated, _ = part_repeated(blocks[at + 1 : end], blocks[end:])
        taken = [blocks[at], *repeated]
    taken += [block for block in blocks if block.kind == "rule"]
    return Saved(
        "markdownload",
        document.facts,
        without(blocks, taken),
        dropped=taken,
    )


READER = Saver("markdownload", 30, _recognise, _read)
