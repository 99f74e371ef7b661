"""A 想法 of Zhihu (a pin): a short post; what others wrote below it are no answers."""

from ..addresses import zhihu_address
from ..document import Reading, Saved, Site
from ..zhihu.single import read_single


def _recognise(saved: Saved) -> bool:
    address = zhihu_address(saved.facts.url)
    return address is not None and address.kind == "pin"


def _read(saved: Saved) -> Reading:
    return read_single(saved, "pin")


READER = Site("zhihu", 10, _recognise, _read)
