"""A page of Zhihu that says there is none: it holds no post."""

from ..addresses import is_zhihu
from ..document import Reading, Saved, Site
from ..zhihu.chrome import clean_title, says_missing


def _recognise(saved: Saved) -> bool:
    return is_zhihu(saved.facts.url) and says_missing(saved.blocks)


def _read(saved: Saved) -> Reading:
    title, _ = clean_title(saved.facts.title or "")
    warning = "the site had no page at this address when it was saved; save it again, or delete it"
    return Reading("missing", title, [], "zhihu", None, saved.blocks, (warning,))


READER = Site("zhihu", 5, _recognise, _read)
