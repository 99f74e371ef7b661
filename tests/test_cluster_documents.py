"""The documents that a cluster gets of a page, and what is read back from them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from test_batch import cut_runs
from wenduan.engines.base import Entry, IndexedFile
from wenduan.engines.opensearch.documents import PageDocuments, StoredParagraph
from wenduan.engines.opensearch.encoding import pack, unpack
from wenduan.engines.opensearch.streams import make_streams

# Any, halves of a character as well, which files may hold but UTF-8 cannot write.
TEXTS = st.text(st.characters(exclude_categories=()), min_size=1)
POST = {"kind": "answer", "author": "段小草", "votes": 32, "published": "2023-01-02"}


def make_page(texts: list[str], kinds: list[str]) -> PageDocuments:
    facts = {"title": "融资", "tags": ["经济"], "site": None, "saved": None}
    file = IndexedFile("page1", "/笔记/融资.md", 1, 2, "d", facts)
    rows = enumerate(zip(texts, kinds, strict=True), 1)
    return PageDocuments(file, [Entry(text, at, at, (), POST, kind) for at, (text, kind) in rows])


def documents_of(page: PageDocuments) -> list[dict[str, Any]]:
    return list(page.paragraphs(list(make_streams([e.text for e in page.entries], cut_runs))))


def test_no_document_spells_its_characters_out_by_their_numbers() -> None:
    """It did where a paragraph has a title or a heading above it: three times the bytes."""
    page = make_page(["融资", "人工智能", "企业烧钱"], ["title", "heading", "text"])
    documents = [page.page(), *documents_of(page)]
    assert not any("\\u" in str(value) for document in documents for value in document.values())
    assert "企业烧钱" in documents[-1]["entry"]
    assert "人工智能" in documents[-1]["entry"]


@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_what_is_kept_of_a_paragraph_is_read_back_as_it_was(texts: list[str]) -> None:
    page = make_page(texts, ["text"] * len(texts))
    stored = map(StoredParagraph, documents_of(page))
    assert [row.entry for row in stored] == list(page.entries)


@given(st.dictionaries(TEXTS, st.one_of(st.none(), st.integers(0, 2**40), TEXTS)))
def test_any_value_is_unpacked_as_it_was_packed(value: dict[str, Any]) -> None:
    packed = pack(value)
    assert unpack(packed) == value
    packed.encode()
