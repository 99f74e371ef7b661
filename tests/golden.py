"""Golden pages: what a page reads as, in a form that people write and read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wenduan.pages import Page, Post

PAGES = Path(__file__).parent / "pages"
SUFFIXES = {".md", ".txt", ".html", ".zip"}


def golden_files() -> list[Path]:
    """All golden pages, in the order of their names."""
    return sorted(path for path in PAGES.iterdir() if path.suffix in SUFFIXES)


def compact(page: Page) -> dict[str, Any]:
    """A reading without what is unknown or empty; paragraphs and chrome as short lists."""
    names = ("saver", "site", "kind", "title", "url", "saved", "published")
    found: dict[str, Any] = {name: getattr(page, name) for name in names}
    if page.question:
        question = ("id", "title", "followers", "views")
        found["question"] = known({name: getattr(page.question, name) for name in question})
    found["tags"] = list(page.tags)
    found["posts"] = [compact_post(post) for post in page.posts]
    found["chrome"] = [[row.line, row.text] for row in page.chrome]
    found["warnings"] = list(page.warnings)
    return known(found) | {"posts": found["posts"]}


def compact_post(post: Post) -> dict[str, Any]:
    names = (
        "kind", "id", "author", "author_url", "headline", "votes", "comments", "published",
        "edited", "place", "url",
    )  # fmt: skip
    found: dict[str, Any] = {name: getattr(post, name) for name in names}
    found["collapsed"] = post.collapsed or None
    found["paragraphs"] = []
    for row in post.paragraphs:
        cited = [reference.label for reference in row.references]
        found["paragraphs"].append([row.line, row.kind, row.text, *([cited] if cited else [])])
    found["references"] = [[r.label, r.title, r.url] for r in post.references]
    return known(found)


def known(facts: dict[str, Any]) -> dict[str, Any]:
    """The facts that say something; 0 does, null and nothing do not."""
    return {name: value for name, value in facts.items() if value is not None and value != []}


def expected(path: Path) -> list[dict[str, Any]]:
    """The readings that are written down for a golden page, one for each page in the file."""
    found = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return found if isinstance(found, list) else [found]


def rendered(pages: list[dict[str, Any]]) -> str:
    """Readings as they are written down: a line for each paragraph and each dropped line."""
    texts = ["\n".join(_lines(page)) for page in pages]
    return f"[{', '.join(texts)}]\n" if len(texts) > 1 else f"{texts[0]}\n"


def _lines(page: dict[str, Any]) -> Iterator[str]:
    yield "{"
    rows = list(_members(page, "  "))
    yield from rows
    yield "}"


def _members(found: dict[str, Any], indent: str) -> Iterator[str]:
    items = list(found.items())
    for at, (name, value) in enumerate(items):
        comma = "," if at + 1 < len(items) else ""
        key = f"{indent}{json.dumps(name)}: "
        if name == "posts":
            yield f"{key}[" + ("]" + comma if not value else "")
            for number, post in enumerate(value):
                yield f"{indent}  {{"
                yield from _members(post, indent + "    ")
                yield f"{indent}  }}" + ("," if number + 1 < len(value) else "")
            if value:
                yield f"{indent}]{comma}"
        elif name in {"paragraphs", "chrome", "references"}:
            yield f"{key}["
            for number, row in enumerate(value):
                end = "," if number + 1 < len(value) else ""
                yield f"{indent}  {json.dumps(row, ensure_ascii=False)}{end}"
            yield f"{indent}]{comma}"
        else:
            yield f"{key}{json.dumps(value, ensure_ascii=False)}{comma}"
