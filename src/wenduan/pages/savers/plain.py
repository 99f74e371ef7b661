"""Any page: front matter by whatever names, lines of facts at its top, an address on it."""

from dataclasses import replace

from ..addresses import web_address
from ..blocks import Block
from ..document import Document, Saved, Saver
from ..facts import Facts
from ..fields import block_fields, take_fields, take_properties
from ..heads import original_url

# The lines of facts stand among the first blocks.
_TOP = 6
# Lines of these alone are no text either; above a rule they look like a heading.
_DATES = {"created", "updated", "modified"}


def _recognise(document: Document) -> bool:
    return True


def _read(document: Document) -> Saved:
    properties, dropped, blocks = take_properties(document.blocks, _TOP)
    top = [row for row in blocks[:_TOP] if _names_source(row)]
    found, taken, blocks = take_fields(blocks, _TOP) if top else (Facts(), [], blocks)
    facts = document.facts.over(properties).over(found)
    if facts.url is None:
        facts = replace(facts, url=web_address(original_url(blocks[:_TOP])))
    return Saved(None, facts, blocks, dropped=[*dropped, *taken])


def _names_source(block: Block) -> bool:
    """Tell whether a block of facts names an address, or was quoted to stand above the page."""
    if block.kind == "code" or not (fields := block_fields(block)):
        return False
    if block.kind == "quote" or all(name in _DATES for name, _ in fields):
        return True
    return any(web_address(value) for _, value in fields)


READER = Saver(None, 90, _recognise, _read)
