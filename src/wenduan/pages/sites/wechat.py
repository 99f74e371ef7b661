"""An article of a WeChat account (公众号)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ..article import read_article
from ..blocks import Block, without
from ..dates import iso_date
from ..document import Reading, Saved, Site
from ..facts import Facts

_ADDRESS = re.compile(r"https?://mp\.weixin\.qq\.com/")
# Ids of the elements that name the page, its account, its date and its author.
_ROLES = {
    "activity-name": "title", "js_name": "site", "publish_time": "published",
    "js_author_name": "author",
}  # fmt: skip
_CHROME = re.compile(
    "|".join(
        (
            r"微信扫一扫.*|预览时标签不可点|继续滑动看下一个|向上滑动看下一个|轻触阅读原文|阅读原文",
            r"在小说阅读器中沉浸阅读|知道了|使用小程序|取消|允许|分享|收藏|点赞|在看|赞|分析|视频|小程序",
            r"写留言|留言 ?\d*|赞赏作者|喜欢作者|去阅读|轻点两下取消赞|轻点两下取消在看|原创",
            r"点击上方.{0,20}关注.*|长按.{0,12}二维码.{0,12}|扫码关注.{0,20}|关注该公众号|收录于合集.{0,40}",
            r"Scan to Follow|关于腾讯|×|：|，|。",
        )
    )
)
_BYLINE = re.compile(
    r"(?:原创\s+)?(?:(?P<author>\S{1,20})\s+)?(?P<site>\S{1,30})\s+"
    r"(?P<date>\d{4}[-年]\d{1,2}[-月]\d{1,2}日?(?: \d{1,2}:\d{2})?)(?:\s+\S{2,6})?"
)
_TOP = 6


def _recognise(saved: Saved) -> bool:
    return bool(_ADDRESS.match(saved.facts.url or ""))


def _read(saved: Saved) -> Reading:
    facts, dropped = _read_roles(saved)
    account = facts.site
    kept = without(saved.blocks, dropped)
    byline, line = _read_byline(kept[:_TOP])
    dropped += line
    dropped += [row for row in kept if row.kind == "text" and _CHROME.fullmatch(row.flat)]
    kept = without(kept, dropped)
    facts = facts.over(saved.facts).over(byline)
    if facts.author is None:
        # Where nobody signs, the account speaks.
        facts = replace(facts, author=account)
    reading = read_article(replace(saved, facts=facts, blocks=kept))
    return replace(reading, site="wechat", dropped=[*reading.dropped, *dropped])


def _read_roles(saved: Saved) -> tuple[Facts, list[Block]]:
    """What the page's own elements name, and those of them that are no part of the text."""
    facts, taken = Facts(), []
    for block in saved.blocks:
        fact = _ROLES.get(block.role)
        if fact is None or not block.flat:
            continue
        value = iso_date(block.flat) if fact == "published" else block.flat
        if getattr(facts, fact) is None:
            facts = replace(facts, **{fact: value})  # type: ignore[arg-type]
        if fact == "title":
            facts = replace(facts, title_line=block.line)
        else:
            taken.append(block)
    return facts, taken


def _read_byline(blocks: Sequence[Block]) -> tuple[Facts, list[Block]]:
    """Author, account and date, which the page shows on one line above the text."""
    for block in blocks:
        if block.kind == "text" and (match := _BYLINE.fullmatch(block.flat)):
            date = iso_date(match["date"])
            author = match["author"] or match["site"]
            return Facts(author=author, published=date), [block]
    return Facts(), []


READER = Site("wechat", 10, _recognise, _read)
