"""An article of a Zhihu column."""

from ..addresses import zhihu_address
from ..document import Reading, Saved, Site
from ..zhihu.single import read_single


def _recognise(saved: Saved) -> bool:
    address = zhihu_address(saved.facts.url)
    return address is not None and address.kind == "article"


def _read(saved: Saved) -> Reading:
    return read_single(saved, "article")


READER = Site("zhihu", 10, _recognise, _read)
