"""Text -> terms: folding, units, jieba's words, pairs of neighbours."""

from .expanding import expand, expand_back, has_signs
from .folding import fold, spell
from .segmenting import Cut, default_cut, split_words
from .terms import ANALYZER, Terms, analyze, pair_term, unit_pairs, word_term
from .units import Unit, is_han, split_symbols, split_units

__all__ = [
    "ANALYZER",
    "Cut",
    "Terms",
    "Unit",
    "analyze",
    "default_cut",
    "expand",
    "expand_back",
    "fold",
    "has_signs",
    "is_han",
    "pair_term",
    "spell",
    "split_symbols",
    "split_units",
    "split_words",
    "unit_pairs",
    "word_term",
]
