"""Engines: where paragraphs are kept and matched, behind one small interface."""

from .base import Engine, Entry, IndexedFile, Match, Matches, View, Wanted, Writer

__all__ = ["Engine", "Entry", "IndexedFile", "Match", "Matches", "View", "Wanted", "Writer"]
