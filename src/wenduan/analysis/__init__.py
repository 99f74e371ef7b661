"""Text -> terms: folding, units, jieba's words, pairs of neighbours."""

from .folding import fold
from .segmenting import cut_run, split_words
from .terms import Terms, analyze, pair_term, word_term
from .units import Unit, is_han, split_symbols, split_units

__all__ = [
    "Terms",
    "Unit",
    "analyze",
    "cut_run",
    "fold",
    "is_han",
    "pair_term",
    "split_symbols",
    "split_units",
    "split_words",
    "word_term",
]
