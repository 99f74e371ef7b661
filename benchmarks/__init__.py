"""Measures wenduan next to other engines, on the same paragraphs and questions."""
