"""Texts that Zhihu puts around what people write, and the noise of its titles."""

import re
from collections.abc import Iterable, Sequence

from ..blocks import Block

# Each is dropped only where it is a whole block.
_BUTTONS = re.compile(
    "|".join(
        (
            r"(?:感谢)?收起(?:全文)?|显示全部|展开阅读全文|阅读全文|展开全部|更多回答",
            r"关注问题|写回答|邀请回答|好问题(?: ?[\d,]+)?|默认排序|按时间排序",
            r"(?:[\d,.]+ ?万? ?条|添加)?评论|分享|收藏|喜欢|感谢|举报|申请转载|复制链接|发私信",
            r"\+?\s*(?:已?关注|关注[她他TA]+)|已?赞同(?: ?[\d,.]+ ?万?)?|被浏览|编辑于|发布于",
            r"真诚赞赏，手留余香|赞赏|送礼物|还没有人赞赏.*|还没有人送礼物.*",
            r"[\d,]+ 人已(?:送礼物|赞赏)|查看全部 [\d,]+ 个回答|创作声明[：:].*",
            r"首页发现(?:话题|等你来答)?|登录.{0,12}加入知乎.*|登录/注册|打开App|相关(?:回答|文章|问题)[:：]|重要问题可走咨询[:：]?",
            # Buttons side by side, in the order of the page: people who write 感谢分享 mean it.
            r"(?:(?:[\d,.]+ ?万? ?条|添加)?评论)? ?(?:分享)? ?(?:(?:收藏)? ?(?:喜欢)?|喜欢 ?收藏)"
            r" ?(?:申请转载)? ?(?:举报)? ?(?:感谢)? ?(?:收起)?",
            # The bar below a question.
            r"(?:关注问题|写回答|邀请回答|好问题(?: [\d,]+)?|(?:[\d,]+ 条|添加)评论|分享|举报|\s)+",
        )
    )
)
_ARCHIVED_IN = re.compile(
    r"(?:内容)?收录于 ?(?:· ?)?.{1,40}|所属专栏 ?· ?\d{4}-\d\d-\d\d(?: \d\d:\d\d)? ?更新"
)
# From here on to the next answer, nothing is what its author wrote.
_TAIL = re.compile(
    "|".join(
        (
            r"关于作者(?: .*)?|相关问题|相关推荐|相关搜索|推荐阅读|大家都在搜|热门推荐|更多推荐",
            r"被收藏 ?[\d,]+ ?次.*|被以下.{0,8}专栏收录.*|文章被以下专栏收录.*|想来知乎工作.*",
            r"写下你的评论.*|.*[\d,]+ 条评论 ?(?:默认|最新).*|(?:暂无|还没有)评论.*|评论区|评论",
            r"发布一条带图评论吧.*|.{0,4}评论 \([\d,]+ 条\)|精选评论.*|理性发言，友善互动",
            r".{0,3}刘看山.*|© ?\d{4} ?知乎.*|下载知乎客户端.*|知乎，让每一次点击.*",
            r"热搜|知乎热榜|猜你想搜",
        )
    )
)
_PAID = re.compile(r".{0,40}(?:[\d,]+ 次咨询.*|去咨询)")
_TREND = re.compile(r"search_source=Trending")
_TITLE_HEAD = re.compile(r"^\s*[(（]\d+\+?\s?(?:封私信|条消息)[^)）]*[)）]\s*")
_TITLE_TAIL = re.compile(r"\s*[-–—_|]\s*知乎(?:专栏|日报)?\s*$")
_TITLE_AUTHOR = re.compile(r"^(.*\S)\s+-\s+(\S[^-]*?)\s*的(?:回答|文章)\s*$")
_LONGEST_TITLE = 500
_MISSING = re.compile(
    r"你似乎来到了没有知识存在的荒原|404\W.{0,30}知乎|该(?:问题|回答|文章)已(?:被)?删除.*"
)


def clean_title(title: str) -> tuple[str, str | None]:
    """Take off what the site adds to a page's title; give the title, and the author if it says.

    >>> clean_title("(5 条消息) 猫为什么怕黄瓜？ - 橘座 的回答 - 知乎")
    ('猫为什么怕黄瓜？', '橘座')
    """
    if len(title) > _LONGEST_TITLE:
        return title, None
    title = _TITLE_TAIL.sub("", _TITLE_HEAD.sub("", title)).strip()
    if match := _TITLE_AUTHOR.match(title):
        return match[1], match[2]
    return title, None


def is_button(text: str) -> bool:
    """Tell whether a whole block is a button, or a line that only counts or invites."""
    return 0 < len(text) < 120 and bool(_BUTTONS.fullmatch(text))


def is_noise(block: Block) -> bool:
    """Tell whether a block is chrome wherever on a page it stands."""
    if block.region == "aside" or block.kind == "definition":
        return True
    text = block.flat
    if block.kind in {"code", "quote", "table", "formula", "caption"}:
        return False
    if len(text) < 20 and any(image.startswith("chrome-extension:") for image in block.images):
        return True
    if block.links and any(_TREND.search(link.url) for link in block.links):
        return True
    if len(text) < 60 and _ARCHIVED_IN.fullmatch(text) and ("·" in text or block.links):
        return True
    if _only_topics(block):
        return True
    return is_button(text) or (len(text) < 80 and bool(_PAID.fullmatch(text)))


def _only_topics(block: Block) -> bool:
    """Tell whether a block is nothing but links to topics."""
    if not block.links or any("zhihu.com/topic/" not in link.url for link in block.links):
        return False
    return block.flat == " ".join(" ".join(link.text for link in block.links).split())


def begins_tail(block: Block) -> bool:
    """Tell whether a block begins what stands below an answer to the end of the page."""
    if block.kind in {"code", "quote", "table", "formula", "caption"}:
        return False
    text = block.flat
    return len(text) < 300 and bool(_TAIL.fullmatch(text))


def says_missing(blocks: Sequence[Block]) -> bool:
    """Tell whether a page says that there is none at its address."""
    seen = [block.flat for block in blocks if block.text]
    return len(seen) < 12 and any(_MISSING.fullmatch(text) for text in seen)


def take_contents(blocks: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Part a table of contents from the text: 目录, perhaps 收起, and the headings over again."""
    at = next((at for at, row in enumerate(blocks) if _is_contents(row)), None)
    if at is None:
        return list(blocks), []
    headings = {row.flat for row in blocks[at + 1 :] if row.kind == "heading"}
    end = at + 1
    while end < len(blocks) and _repeats(blocks[end], headings):
        end += 1
    return [*blocks[:at], *blocks[end:]], list(blocks[at:end])


def _is_contents(block: Block) -> bool:
    return block.flat in {"目录", "目录收起", "目录 收起"}


def _repeats(block: Block, headings: Iterable[str]) -> bool:
    if block.kind == "heading":
        return False
    lines = [line.strip() for line in block.text.split("\n")]
    return block.flat == "收起" or all(line in headings for line in lines)
