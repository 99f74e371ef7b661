"""Addresses: where a redirect leads, what a Zhihu address names, one form for one page."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

# Hosts whose addresses only lead on, and the parameter that says where to.
_REDIRECTS = {
    "link.zhihu.com": "target",
    "link.juejin.cn": "target",
    "link.csdn.net": "target",
    "links.jianshu.com": "to",
    "link.jianshu.com": "t",
}
_OMNIVORE_IMAGE = re.compile(r"https://proxy-prod\.omnivore-image-cache\.app/[^/]*/(https?:/.*)")
_ZHIHU = re.compile(r"(?:https?:)?//(?:(www|m|zhuanlan|zhida|link|api)\.)?zhihu\.com(/[^?#]*)?")
_PATHS = {
    "answer": re.compile(
        r"/question/(?P<question>\d+)/answers?/(?P<id>\d+)|/answers?/(?P<id2>\d+)"
    ),
    "question": re.compile(r"/question/(?P<id>\d+)"),
    "article": re.compile(r"/p/(?P<id>\d+)"),
    "pin": re.compile(r"/pin/(?P<id>\d+)"),
    "person": re.compile(r"/(?:people|org)/(?P<id>[^/]+)"),
}
_SOURCE_ID = re.compile(r'"sourceId":\s*"?(\d+)')
# Parameters that tell who sent the reader, not what is read.
_TRACKING = re.compile(r"utm_.*|spm|share_.*|fbclid|gclid")
_WECHAT = ("__biz", "mid", "idx", "sn")


@dataclass(frozen=True, slots=True)
class ZhihuAddress:
    """What an address of Zhihu names: `kind` is answer, question, article, pin or person."""

    kind: str
    id: str
    question: str | None = None

    @property
    def url(self) -> str:
        """The address in one form, whatever form it was written in."""
        if self.kind == "answer" and self.question:
            return f"https://www.zhihu.com/question/{self.question}/answer/{self.id}"
        if self.kind == "article":
            return f"https://zhuanlan.zhihu.com/p/{self.id}"
        path = "people" if self.kind == "person" else self.kind
        return f"https://www.zhihu.com/{path}/{self.id}"


def zhihu_address(url: str | None) -> ZhihuAddress | None:
    """Read an address of Zhihu; None for any other, and for pages that hold no post.

    >>> zhihu_address("//www.zhihu.com/question/1/answer/2?utm_id=0").url
    'https://www.zhihu.com/question/1/answer/2'
    """
    match = _ZHIHU.match(url or "")
    if not match or match[1] in {"link", "zhida"}:
        return None
    path = match[2] or ""
    for kind, pattern in _PATHS.items():
        if found := pattern.match(path):
            groups = found.groupdict()
            number = groups["id"] or groups.get("id2") or ""
            return ZhihuAddress(kind, number, groups.get("question"))
    return None


def is_zhihu(url: str | None) -> bool:
    """Tell whether an address belongs to Zhihu."""
    return bool(_ZHIHU.match(url or ""))


def target_of(url: str) -> str:
    """Where a link leads in the end: the target of a redirect, the image behind a proxy."""
    url = with_scheme(url)
    if match := _OMNIVORE_IMAGE.match(url):
        return match[1]
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    name = _REDIRECTS.get(parts.netloc)
    if parts.netloc in {"cubox.pro", "cubox.cc"}:
        name = "imageUrl"
    targets = parse_qs(parts.query).get(name) if name else None
    return unquote(targets[0]) if targets else url


def entity_source(url: str) -> str | None:
    """Id of the answer that an entity link stands in; "" for one without, None for other links.

    Zhihu links words of a text to a search of its own; the words are text, the link is none.
    """
    if not re.match(r"(?:https?:)?//(?:www\.zhihu\.com/search\?|zhida\.zhihu\.com/)", url):
        return None
    try:
        query = parse_qs(urlsplit(unquote(url) if "%5F" in url else url).query)
    except ValueError:
        return ""
    extra = query.get("hybrid_search_extra", [""])[0]
    if not (match := _SOURCE_ID.search(extra)):
        match = _SOURCE_ID.search(unquote(url))
    return match[1] if match and '"answer"' in unquote(url) else ""


def with_scheme(url: str) -> str:
    """Give an address that leaves its scheme to the page with https."""
    return f"https:{url}" if url.startswith("//") else url


def web_address(text: str | None) -> str | None:
    """Read an address off a value: bare, in `<>`, as a Markdown link, or between emphasis marks."""
    if not text or len(text) > 4000:
        return None
    text = text.replace("\\_", "_").strip()
    if match := re.search(r"\]\((\S+?)\)", text):
        text = match[1]
    text = text.strip(" <>[]\"'").strip("_*").strip()
    text = with_scheme(text)
    if not re.match(r"https?://[^\s/]+", text) or re.search(r"\s", text):
        return None
    return text


def canonical(url: str | None) -> str | None:
    """One form for the addresses of one page: Zhihu's own, WeChat's keys, no tracking, no anchor.

    >>> canonical("https://example.org/a?utm_source=x&id=3#top")
    'https://example.org/a?id=3'
    """
    if url is None:
        return None
    found = zhihu_address(url)
    if found is not None and found.kind != "person":
        return found.url
    try:
        parts = urlsplit(with_scheme(url))
    except ValueError:
        return url
    if parts.scheme not in {"http", "https"}:
        return url
    if parts.netloc == "mp.weixin.qq.com":
        return _wechat(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _TRACKING.fullmatch(name)]
    # What loses nothing stays letter for letter as it was.
    query = parts.query if len(kept) == len(pairs) else urlencode(kept)
    fragment = parts.fragment if parts.fragment.startswith(("/", "!")) else ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, fragment))


def _wechat(url: str) -> str:
    parts = urlsplit(with_scheme(url))
    query = parse_qs(parts.query)
    kept = [(name, query[name][0]) for name in _WECHAT if name in query]
    return urlunsplit(("https", parts.netloc, parts.path, urlencode(kept, safe="="), ""))
