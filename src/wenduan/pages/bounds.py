"""The greatest length of each text that a page states of itself: results show and compare them.

What is longer is cut; an address, of which a part leads nowhere, is left out. The page says so in
a warning.
"""

from dataclasses import replace

from .cutting import beginning, shortened
from .model import Page, Post
from .reference import Reference

# In characters. Names that sites allow have up to 64, what people say of themselves up to 200,
# titles of papers up to 500; browsers and servers take addresses of 2,000 to 8,000.
_MOST = {"author": 200, "headline": 500, "place": 100, "id": 200, "site": 200}
_MOST_ADDRESS = 4_000
_MOST_LABEL = 100
_MOST_REFERENCE = 500
_MOST_TAG = 100
_MOST_TAGS = 100


def bounded(page: Page) -> Page:
    """The page without any text longer than it may be; of paragraphs, readers see to that."""
    bounds = _Bounds()
    question = page.question
    if question is not None:
        title = bounds.title(question.title)
        question = replace(question, id=bounds.text("id", question.id) or "", title=title)
    tags = tuple(bounds.cut("tag", tag, _MOST_TAG) for tag in page.tags[:_MOST_TAGS])
    if len(tags) < len(page.tags):
        bounds.changed["tags"] = None
    found = replace(
        page,
        title=bounds.title(page.title),
        url=bounds.address("url", page.url),
        site=bounds.text("site", page.site),
        question=question,
        tags=tags,
        posts=tuple(map(bounds.post, page.posts)),
    )
    if not bounds.changed:
        return page
    told = f"too long, so only its beginning or nothing is kept: {', '.join(bounds.changed)}"
    return replace(found, warnings=(*page.warnings, told))


class _Bounds:
    """Cuts what is too long, and keeps the names of what it cut."""

    def __init__(self) -> None:
        self.changed: dict[str, None] = {}

    def cut(self, name: str, text: str, most: int) -> str:
        short = shortened(text, most)
        if short is not text:
            self.changed[name] = None
        return short

    def title(self, text: str) -> str:
        """A title as the first paragraph has it."""
        short = beginning(text)
        if short is not text:
            self.changed["title"] = None
        return short

    def text(self, name: str, text: str | None) -> str | None:
        return text if text is None else self.cut(name, text, _MOST[name])

    def address(self, name: str, url: str | None) -> str | None:
        if url is None or len(url) <= _MOST_ADDRESS:
            return url
        self.changed[name] = None
        return None

    def post(self, post: Post) -> Post:
        known = {row: self.reference(row) for row in post.references}
        for paragraph in post.paragraphs:
            for row in paragraph.references:
                known.setdefault(row, self.reference(row))
        paragraphs = post.paragraphs
        if any(row is not short for row, short in known.items()):
            paragraphs = tuple(
                replace(row, references=tuple(known[one] for one in row.references))
                for row in paragraphs
            )
        return replace(
            post,
            paragraphs=paragraphs,
            author=self.text("author", post.author),
            author_url=self.address("author_url", post.author_url),
            headline=self.text("headline", post.headline),
            place=self.text("place", post.place),
            id=self.text("id", post.id),
            url=self.address("url", post.url),
            references=tuple(known[row] for row in post.references),
        )

    def reference(self, row: Reference) -> Reference:
        label = self.cut("reference", row.label, _MOST_LABEL)
        title = row.title and self.cut("reference", row.title, _MOST_REFERENCE)
        url = self.address("reference", row.url)
        same = label is row.label and title is row.title and url is row.url
        return row if same else Reference(label, title, url)
