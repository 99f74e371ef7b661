"""What the head of an HTML page states: meta elements, JSON of schema.org, SingleFile's comment."""

import json
import re
from typing import Any

_SINGLE_FILE = re.compile(
    r"<!--\s*Page saved with SingleFile\s+url:\s*(\S+)\s+saved date:\s*([^\n]+)"
)
# Names of meta elements -> names of facts, the more telling ones first.
_META = {
    "og:title": "title", "twitter:title": "title", "og:url": "url", "author": "author",
    "article:author": "author", "og:article:author": "author", "og:site_name": "site_name",
    "article:published_time": "published", "publishdate": "published", "pubdate": "published",
    "article:modified_time": "modified", "keywords": "keywords",
}  # fmt: skip


def head_facts(root: Any, text: str) -> dict[str, Any]:
    """Facts of a parsed page by their names in front matter; `text` is its source."""
    facts: dict[str, Any] = {}
    if found := _SINGLE_FILE.search(text[:20_000]):
        facts |= {"saver": "singlefile", "url": found[1], "saved": found[2].strip()}
    stated = [_meta_facts(root), _link_facts(root)]
    for script in root.iter("script"):
        if script.get("type") == "application/ld+json" and script.text:
            stated.append(_linked_data(script.text))
    for row in stated:
        facts = row | facts
    return facts


def _meta_facts(root: Any) -> dict[str, Any]:
    meta: dict[str, str] = {}
    for element in root.iter("meta"):
        name = (element.get("property") or element.get("name") or "").lower()
        if name in _META and (content := (element.get("content") or "").strip()):
            meta.setdefault(name, content)
    facts: dict[str, Any] = {}
    for name, key in _META.items():
        if name in meta:
            facts.setdefault(key, meta[name])
    return facts


def _link_facts(root: Any) -> dict[str, Any]:
    """The canonical address, and the title with its line."""
    facts: dict[str, Any] = {}
    link = root.find(".//link[@rel='canonical']")
    if link is not None and link.get("href"):
        facts["url"] = link.get("href")
    title = root.find(".//title")
    if title is not None and title.text:
        facts |= {"title": " ".join(title.text.split()), "title_line": title.sourceline}
    return facts


def _linked_data(text: str) -> dict[str, str]:
    """Facts of schema.org's JSON: of the first object that is an article or a posting."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if isinstance(found, dict) and isinstance(found.get("@graph"), list):
        found = found["@graph"]
    rows = found if isinstance(found, list) else [found]
    for row in rows:
        if not isinstance(row, dict) or not re.search("Article|Posting", str(row.get("@type"))):
            continue
        author = row.get("author")
        author = author[0] if isinstance(author, list) and author else author
        name = author.get("name") if isinstance(author, dict) else author
        facts = {
            "title": row.get("headline"),
            "author": name,
            "published": row.get("datePublished"),
            "modified": row.get("dateModified"),
        }
        return {key: value for key, value in facts.items() if isinstance(value, str) and value}
    return {}
