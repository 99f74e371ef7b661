"""An article of a Zhihu column."""

from ..addresses import zhihu_address
from ..document import Reading, Saved, Site
from ..zhihu.single import read_single, shows_article


def _recognise(saved: Saved) -> bool:
    address = zhihu_address(saved.facts.url)
    if address is not None:
        return address.kind == "article"
    return saved.facts.url is None and shows_article(saved.blocks)


def _read(saved: Saved) -> Reading:
    return read_single(saved, "article")


READER = Site("zhihu", 10, _recognise, _read)
