# cython: language_level=3
# cython: boundscheck=True, wraparound=False, initializedcheck=False, cdivision=True
"""The loops of a search, compiled; each has its twin in Python, which does the same without them.

What comes from a file is checked here as everywhere: each range against its array, its blocks
against their checksums, each paragraph's number against the size of its segment.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_Tailmatch, Py_UNICODE_ISALNUM
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc

# As in compiled.py: what was compiled from other loops than these is not used.
VERSION = 2

# One module, for each one more would be loaded by each search.
include "loops_texts.pxi"
include "loops_columns.pxi"
include "loops_terms.pxi"
include "loops_ranking.pxi"
include "loops_reach.pxi"
