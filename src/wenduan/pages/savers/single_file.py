"""SingleFile, which saves a page as HTML with a comment that says from where and when."""

from ..document import Document, Saved, Saver


def _recognise(document: Document) -> bool:
    return document.html and document.values.get("saver") == "singlefile"


def _read(document: Document) -> Saved:
    return Saved("singlefile", document.facts, document.blocks)


READER = Saver("singlefile", 10, _recognise, _read)
