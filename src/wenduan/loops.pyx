# cython: language_level=3, boundscheck=True, wraparound=False, cdivision=True, initializedcheck=False
"""The loops of a search, compiled; each has its twin in Python, which does the same without them.

What comes from a file is checked here as everywhere: each range against its array, its blocks
against their checksums, each paragraph's number against the size of its segment.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.unicode cimport PyUnicode_Tailmatch, Py_UNICODE_ISALNUM
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc, realloc

cdef extern from *:
    """
    #ifdef _WIN32
    /* Windows cannot read at a place without moving there: nothing is streamed. */
    static Py_ssize_t read_at(int file, void *to, Py_ssize_t size, long long at) { return -1; }
    #else
    #include <unistd.h>
    static Py_ssize_t read_at(int file, void *to, Py_ssize_t size, long long at)
    {
        return pread(file, to, (size_t)size, (off_t)at);
    }
    #endif
    """
    Py_ssize_t read_at(int file, void* to, Py_ssize_t size, long long at) noexcept

cdef extern from "Python.h":
    str PyUnicode_FromKindAndData(int kind, const void* buffer, Py_ssize_t size)
    int PyUnicode_4BYTE_KIND


# Texts


cdef struct Cell:
    uint64_t key
    int32_t value


cdef class Numbers:
    """Keys -> numbers, as many as were told, in a table of cells."""

    cdef Cell* cells
    cdef uint64_t last
    # A bit for each key, by its last ten bits: most of what is asked for is none of them.
    cdef uint64_t[16] some

    def __cinit__(self, Py_ssize_t most):
        cdef uint64_t room = 64
        while room < <uint64_t>(4 * most):
            room *= 2
        self.last = room - 1
        self.cells = <Cell*>calloc(room, sizeof(Cell))
        if self.cells is NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.cells)

    cdef void set(self, uint64_t key, int32_t value) noexcept:
        cdef uint64_t at = (key ^ (key >> 11)) & self.last
        while self.cells[at].key and self.cells[at].key != key + 1:
            at = (at + 1) & self.last
        self.cells[at].key, self.cells[at].value = key + 1, value
        self.some[(key >> 6) & 15] |= <uint64_t>1 << (key & 63)

    cdef inline int32_t get(self, uint64_t key) noexcept:
        """The number of a key, -1 for none."""
        cdef uint64_t at
        if not self.some[(key >> 6) & 15] >> (key & 63) & 1:
            return -1
        at = (key ^ (key >> 11)) & self.last
        while self.cells[at].key:
            if self.cells[at].key == key + 1:
                return self.cells[at].value
            at = (at + 1) & self.last
        return -1


cdef class Buffer:
    """Room for code points."""

    cdef uint32_t* codes
    cdef Py_ssize_t size, room

    def __cinit__(self, Py_ssize_t room):
        self.room = max(room, 1)
        self.codes = <uint32_t*>malloc(self.room * sizeof(uint32_t))
        if self.codes is NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.codes)

    cdef int reserve(self, Py_ssize_t more) except -1:
        cdef uint32_t* codes
        cdef Py_ssize_t room = self.room
        while self.size + more > room:
            room *= 2
        if room > self.room:
            codes = <uint32_t*>realloc(self.codes, room * sizeof(uint32_t))
            if codes is NULL:
                raise MemoryError
            self.codes, self.room = codes, room
        return 0

    cdef inline void push(self, uint32_t code) noexcept:
        """Add a code point; there must be room."""
        self.codes[self.size] = code
        self.size += 1

    cdef str text(self):
        return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, self.codes, self.size)


cdef class Folds:
    """How characters are folded: analysis.folding."""

    cdef const uint32_t[::1] table
    cdef object learn

    def __init__(self, table, learn):
        """By code point its fold and 1, or 0, where `learn` gives the fold, and fills it in."""
        self.table, self.learn = table, learn

    cdef inline uint32_t of(self, uint32_t code) except? 0xFFFFFFFF:
        cdef uint32_t folded = self.table[code]
        return folded - 1 if folded else <uint32_t>self.learn(code)

    def fold(self, str text not None):
        """Fold a text."""
        cdef Buffer folded = Buffer(len(text))
        cdef Py_UCS4 char
        for char in text:
            folded.push(self.of(char))
        return folded.text()


def without_gaps(str text not None):
    """A text without all that is no letter and no digit."""
    cdef Buffer kept = Buffer(len(text))
    cdef Py_UCS4 char
    for char in text:
        if Py_UNICODE_ISALNUM(char):
            kept.push(char)
    return kept.text()


cdef class Runs:
    """Some texts that are looked for together: analysis.runs.Runs."""

    cdef list runs
    # By its first character, the number of a run; and by that, the number of another one, or -1.
    cdef Numbers first
    cdef list others

    def __init__(self, runs):
        cdef str run
        cdef Py_ssize_t at
        self.runs = [run for run in runs if run]
        self.first, self.others = Numbers(len(self.runs)), []
        for at, run in enumerate(self.runs):
            self.others.append(self.first.get(ord(run[0])))
            self.first.set(ord(run[0]), at)

    cdef set find(self, str text, bint is_one_enough):
        cdef set found = set()
        cdef str run
        cdef Py_ssize_t at, size
        cdef int32_t number
        cdef Py_UCS4 char
        for at, char in enumerate(text):
            number = self.first.get(char)
            while number >= 0:
                run = self.runs[number]
                size = len(run)
                if PyUnicode_Tailmatch(text, run, at, at + size, -1) == 1:
                    found.add((at, at + size))
                    if is_one_enough:
                        return found
                number = self.others[number]
        return found

    cdef bint stands_in(self, str text):
        return len(self.find(text, True)) > 0

    def ranges(self, str text not None):
        """Ranges where any of the runs stands in a text."""
        return self.find(text, False)

    def any_in(self, str text not None):
        """Tell whether any of the runs stands in a text."""
        return self.stands_in(text)


def find_near(str text not None, Runs probes not None, list others not None):
    """Which of some texts may say the same as a text: grouping._find_near.

    `others` are rows of a text and its probes.
    """
    cdef list found = []
    cdef str other
    cdef Runs of_other
    cdef Py_ssize_t at
    for at in range(len(others)):
        other, of_other = others[at]
        if probes.stands_in(other) if len(text) <= len(other) else of_other.stands_in(text):
            found.append(at)
    return found


def lacks_many(str text not None, str other not None, Py_ssize_t step, double most):
    """Tell whether more than `most` of every so manieth pair of a text are not in another one."""
    cdef set missing = set()
    cdef Py_ssize_t at
    cdef str pair
    for at in range(0, len(text) - 1, step):
        pair = text[at:at + 2]
        if pair not in other:
            missing.add(pair)
            if len(missing) > most:
                return True
    return False


# Arrays of a file

cdef enum:
    # Bytes that a checksum covers, as arrays.BLOCK.
    BLOCK = 16_384
    # Paragraphs that are looked for at the same time.
    SIDE_BY_SIDE = 64


cdef inline int64_t load(const uint8_t* data, Py_ssize_t at, int width) noexcept:
    """The element at a place of numbers of 1, 2, 4 or 8 bytes."""
    if width == 2:
        return (<const uint16_t*>data)[at]
    if width == 4:
        return (<const uint32_t*>data)[at]
    if width == 8:
        return (<const int64_t*>data)[at]
    return data[at]


cdef void find(
    const uint8_t* row, int width, Py_ssize_t size, const int64_t* wanted, Py_ssize_t count,
    Py_ssize_t* places,
) noexcept:
    """Where, among ascending numbers, the first are that are not below some wanted ones.

    All are looked for side by side, so that the processor need not wait for one step of one; and
    by multiplying, not by branches that it would have to guess.
    """
    cdef Py_ssize_t at, half
    for at in range(count):
        places[at] = 0
    while size > 1:
        half = size >> 1
        for at in range(count):
            places[at] += half * (load(row, places[at] + half - 1, width) < wanted[at])
        size -= half
    for at in range(count):
        places[at] += size == 1 and load(row, places[at], width) < wanted[at]


cdef class Column:
    """An array of a file as loops read it: an arrays.CheckedArray, without objects on the way."""

    cdef object file
    cdef const uint8_t[::1] data
    cdef uint8_t[::1] checked
    cdef Py_ssize_t begin, size, start
    cdef int width, number
    cdef bint is_signed, is_streamed

    def __init__(self, file, data, Py_ssize_t begin, Py_ssize_t block, bint is_streamed):
        """`data` is the array, which begins at the byte `begin` of those of `file`, an ArrayFile.

        `block` is for certainty only. `is_streamed` reads rows instead of having them mapped.
        """
        if block != BLOCK:
            raise ValueError("compiled for blocks of another size")
        self.file, self.checked = file, file.checked
        self.data, self.begin = data.view("u1"), begin
        self.width, self.is_signed = data.itemsize, data.dtype.kind == "i"
        self.size, self.is_streamed = len(data), is_streamed
        if is_streamed:
            self.number, self.start = file.number, file.start

    cdef int check(self, Py_ssize_t begin, Py_ssize_t end) except -1:
        """Check the elements from `begin` to `end`."""
        cdef Py_ssize_t first, last, block
        if begin < 0 or end < begin or end > self.size:
            raise IndexError("places outside of an array")
        if begin == end:
            return 0
        first, last = self.begin + begin * self.width, self.begin + end * self.width
        for block in range(first // BLOCK, (last - 1) // BLOCK + 1):
            if not self.checked[block]:
                self.file.check(first, last)
                break
        return 0

    cdef int64_t get(self, Py_ssize_t at) except? -2:
        """One element."""
        cdef int64_t number
        self.check(at, at + 1)
        number = load(&self.data[0], at, self.width)
        return <int32_t>number if self.is_signed and self.width == 4 else number

    cdef const uint8_t[::1] read(self, Py_ssize_t begin, Py_ssize_t end):
        """The bytes of the elements from `begin` to `end`."""
        self.check(begin, end)
        if self.is_streamed:
            return self.streamed(begin * self.width, end * self.width)
        return self.data[begin * self.width : end * self.width]

    cdef bytes streamed(self, Py_ssize_t begin, Py_ssize_t end):
        """Read the bytes of the array from `begin` to `end`."""
        cdef Py_ssize_t size = end - begin
        cdef bytes found = PyBytes_FromStringAndSize(NULL, size)
        begin += self.begin
        if read_at(self.number, <char*>found, size, self.start + begin) != size:
            # Interrupted, or cut short, which is an error there.
            return self.file.read(begin, begin + size)
        return found

    cdef const uint8_t[::1] row(self, Column starts, int64_t at):
        """The bytes of one row of many, which lie one behind the other."""
        return self.read(starts.get(at), starts.get(at + 1))

    def find(self, int64_t wanted, Py_ssize_t begin, Py_ssize_t end):
        """Where, among ascending elements, the first is that is not below `wanted`."""
        cdef Py_ssize_t middle
        while begin < end:
            middle = (begin + end) >> 1
            if self.get(middle) < wanted:
                begin = middle + 1
            else:
                end = middle
        return begin

    def blob(self, Column starts not None, int64_t at):
        """The bytes of one row of many, as an object."""
        cdef Py_ssize_t begin = starts.get(at), end = starts.get(at + 1)
        self.check(begin, end)
        return self.streamed(begin, end) if self.is_streamed else bytes(self.data[begin:end])


# Terms -> their numbers; units and pairs -> which paragraphs hold any of them


cdef class Strings:
    """Sorted strings: the first eight bytes of each as a number, and the rest."""

    cdef Column keys, starts, tails

    def __init__(self, Column keys not None, Column starts not None, Column tails not None):
        self.keys, self.starts, self.tails = keys, starts, tails

    cdef int64_t find(self, str text) except -2:
        """The number of a string, -1 where it is none of them."""
        cdef bytes term = text.encode("utf-8", "surrogatepass"), head = term[:8].ljust(8, b"\0")
        cdef bytes tail = term[8:], other
        cdef uint64_t key = int.from_bytes(head, "big")
        cdef Py_ssize_t begin = 0, end = self.keys.size, middle
        while begin < end:
            middle = (begin + end) >> 1
            if <uint64_t>self.keys.get(middle) < key:
                begin = middle + 1
            else:
                end = middle
        while begin < self.keys.size and <uint64_t>self.keys.get(begin) == key:
            other = bytes(self.tails.row(self.starts, begin))
            if other >= tail:
                return begin if other == tail else -1
            begin += 1
        return -1


cdef class Terms:
    """The words, units and pairs of a segment, and which paragraphs hold units and pairs."""

    cdef Strings words, units
    cdef Column firsts, seconds, word_starts, pair_starts, pairs, holding
    cdef Column common, bits, end_starts, ends

    def __init__(
        self,
        Strings words not None,
        Strings units not None,
        Column firsts not None,
        Column seconds not None,
        Column word_starts not None,
        Column pair_starts not None,
        Column pairs not None,
        Column holding not None,
        Column common not None,
        Column bits not None,
        Column end_starts not None,
        Column ends not None,
    ):
        """The columns are the arrays of index/README.md of such names."""
        self.words, self.units, self.firsts, self.seconds = words, units, firsts, seconds
        self.word_starts, self.pair_starts, self.pairs = word_starts, pair_starts, pairs
        self.holding, self.common, self.bits = holding, common, bits
        self.end_starts, self.ends = end_starts, ends

    cdef int64_t find_pair(self, str term) except -2:
        """The number of a pair: analysis.pair_term, segment.split_pair."""
        cdef int64_t first, second
        cdef Py_ssize_t begin, end, middle
        cdef bint loose = len(term) == 3 and term[1] == u"\n"
        cdef str one, two
        if len(term) == 2 or loose:
            one, two = term[0], term[len(term) - 1]
        else:
            one, _, two = term.partition(" ")
        first, second = self.units.find(one), self.units.find(two)
        if first < 0 or second < 0:
            return -1
        second = second << 1 | loose
        begin, end = self.firsts.get(first), self.firsts.get(first + 1)
        while begin < end:
            middle = (begin + end) >> 1
            if self.seconds.get(middle) < second:
                begin = middle + 1
            else:
                end = middle
        return begin if begin < self.firsts.get(first + 1) and self.seconds.get(begin) == second else -1

    def find(self, str field not None, str term not None):
        """The number of a term, -1 where there is none such."""
        if field == "pairs":
            return self.find_pair(term)
        return (self.words if field == "words" else self.units).find(term)

    def look_up(self, str field not None, terms, int64_t[::1] numbers, int64_t[::1] sizes):
        """Fill in the numbers of some terms, -1 for those that it lacks, and how many paragraphs
        hold each.
        """
        cdef Py_ssize_t at
        cdef int64_t number
        for at, term in enumerate(terms):
            number = self.find(field, term)
            numbers[at], sizes[at] = number, 0
            if number >= 0:
                if field == "units":
                    sizes[at] = self.holding.get(number)
                else:
                    starts = self.word_starts if field == "words" else self.pair_starts
                    sizes[at] = (<Column>starts).get(number + 1) - (<Column>starts).get(number)
                if sizes[at] < 0:
                    raise IndexError("a row that ends before it begins")

    def mark(self, units, pairs, uint8_t[::1] held):
        """Mark the paragraphs that hold any of some units and pairs, in as many bytes."""
        cdef int64_t number, first, last
        cdef Py_ssize_t row
        for unit in units:
            number = self.units.find(unit)
            if number < 0:
                continue
            row = 0
            while row < self.common.size and self.common.get(row) < number:
                row += 1
            if row < self.common.size and self.common.get(row) == number:
                self.mark_bits(row, held)
                continue
            # It begins a pair there, or is the last.
            first, last = self.firsts.get(number), self.firsts.get(number + 1)
            first, last = self.pair_starts.get(first), self.pair_starts.get(last)
            self.mark_row(self.pairs.read(first, last), self.pairs.width, held)
            self.mark_row(self.ends.row(self.end_starts, number), self.ends.width, held)
        for pair in pairs:
            number = self.find_pair(pair)
            if number >= 0:
                self.mark_row(self.pairs.row(self.pair_starts, number), self.pairs.width, held)

    cdef int mark_bits(self, Py_ssize_t row, uint8_t[::1] held) except -1:
        cdef Py_ssize_t at, bit, size = held.shape[0], width = (size + 7) >> 3
        cdef const uint8_t[::1] bits = self.bits.read(row * width, (row + 1) * width)
        cdef uint64_t spread
        for at in range(size >> 3):
            # Each bit into a byte of its own: a copy of all into each, of which one is left.
            spread = <uint64_t>bits[at] * 0x0101010101010101u & 0x8040201008040201u
            spread = (spread + 0x7F7F7F7F7F7F7F7Fu) >> 7 & 0x0101010101010101u
            spread |= (<uint64_t*>&held[8 * at])[0]
            (<uint64_t*>&held[8 * at])[0] = spread
        for at in range(size & ~<Py_ssize_t>7, size):
            held[at] |= bits[at >> 3] >> (at & 7) & 1
        return 0

    cdef int mark_row(self, const uint8_t[::1] numbers, int width, uint8_t[::1] held) except -1:
        cdef Py_ssize_t at, size = numbers.shape[0] // width
        cdef int64_t number
        for at in range(size):
            number = load(&numbers[0], at, width)
            if number >= held.shape[0]:
                raise IndexError("a paragraph outside of its segment")
            held[number] = 1
        return 0


# The first ranking: postings -> the paragraphs that can be among the best


cdef class Postings:
    """Words and pairs of a segment, and how many of them each paragraph has."""

    cdef Column word_starts, words, many_starts, many, many_counts, pair_starts, pairs
    cdef Column word_lengths, unit_lengths
    cdef Py_ssize_t size

    def __init__(
        self,
        Column word_starts not None,
        Column words not None,
        Column many_starts not None,
        Column many not None,
        Column many_counts not None,
        Column pair_starts not None,
        Column pairs not None,
        Column word_lengths not None,
        Column unit_lengths not None,
    ):
        """All of the arrays of index/README.md with such names; `many` are counts above 1."""
        self.word_starts, self.words = word_starts, words
        self.many_starts, self.many, self.many_counts = many_starts, many, many_counts
        self.pair_starts, self.pairs = pair_starts, pairs
        self.word_lengths, self.unit_lengths = word_lengths, unit_lengths
        self.size = word_lengths.size
        if unit_lengths.size != self.size:
            raise ValueError("lengths of other paragraphs")
        word_lengths.check(0, self.size)
        unit_lengths.check(0, self.size)


cdef class Bm25:
    """BM25 of a field: ranking.saturation over ranking.length_norm."""

    cdef double gain, least, slope

    def __init__(self, double gain, double least, double slope):
        """`least` is the norm of a paragraph of no length, `slope` what each term adds to it."""
        self.gain, self.least, self.slope = gain, least, slope

    cdef inline double saturation(self, double count, int64_t length) noexcept:
        return count * self.gain / (count + (self.least + self.slope * <double>length))

    cdef double highest(self, double count) noexcept:
        return count * self.gain / (count + self.least)


cdef struct Sum:
    int64_t id
    double total
    double pairs


cdef class Pool:
    """Paragraphs, and what the terms so far add up to in each."""

    cdef Sum* rows
    cdef Py_ssize_t size, room

    def __cinit__(self):
        self.room = 1024
        self.rows = <Sum*>malloc(self.room * sizeof(Sum))
        if self.rows is NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.rows)

    cdef int add(self, int64_t id) except -1:
        """Add a paragraph."""
        cdef Sum* rows
        if self.size == self.room:
            rows = <Sum*>realloc(self.rows, 2 * self.room * sizeof(Sum))
            if rows is NULL:
                raise MemoryError
            self.rows, self.room = rows, 2 * self.room
        self.rows[self.size].id = id
        self.rows[self.size].total = self.rows[self.size].pairs = 0
        self.size += 1
        return 0

    cdef void keep(self, double needed) noexcept:
        """Leave those that have so much."""
        cdef Py_ssize_t at, kept = 0
        for at in range(self.size):
            if self.rows[at].total >= needed:
                self.rows[kept] = self.rows[at]
                kept += 1
        self.size = kept

    cdef double needed(self, double[::1] heap, double rest) noexcept:
        """What is needed to be among the best when terms to come add `rest`: scoring._needed."""
        return (self.least_of_best(heap) - rest) * (1 - 1e-12)

    cdef double least_of_best(self, double[::1] heap) noexcept:
        """The least of as many of the highest totals as `heap` has room for, 0 if fewer."""
        cdef Py_ssize_t at, hole, child, size = 0, most = heap.shape[0]
        cdef double total
        if self.size < most:
            return 0
        for at in range(self.size):
            total = self.rows[at].total
            if size < most:
                hole = size
                size += 1
                while hole > 0 and heap[(hole - 1) >> 1] > total:
                    heap[hole] = heap[(hole - 1) >> 1]
                    hole = (hole - 1) >> 1
            elif total <= heap[0]:
                continue
            else:
                hole, child = 0, 1
                while child < most:
                    if child + 1 < most and heap[child + 1] < heap[child]:
                        child += 1
                    if heap[child] >= total:
                        break
                    heap[hole] = heap[child]
                    hole, child = child, 2 * child + 1
            heap[hole] = total
        return heap[0]


cdef class Segment:
    """A segment in one search."""

    cdef Postings own
    cdef const uint8_t[::1] matched
    cdef int64_t base
    # By paragraph, where in the pool it is. Never cleared: it counts only if it is there.
    cdef uint32_t* slots

    def __cinit__(self, Postings own not None, matched, int64_t base):
        self.own, self.matched, self.base = own, matched, base
        if self.matched.shape[0] != own.size:
            raise ValueError("matches of other paragraphs")
        self.slots = <uint32_t*>malloc(max(own.size, 1) * sizeof(uint32_t))
        if self.slots is NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.slots)

    cdef int add_word(self, Pool pool, int64_t word, double weight, Bm25 bm25) except -1:
        """Add a word to all matched paragraphs that hold it."""
        cdef Postings own = self.own
        return self.add(
            pool,
            own.words.row(own.word_starts, word),
            own.words.width,
            own.many.row(own.many_starts, word),
            own.many.width,
            own.many_counts.row(own.many_starts, word),
            own.word_lengths,
            weight,
            bm25,
            False,
        )

    cdef int add_pair(self, Pool pool, int64_t pair, double weight, Bm25 bm25) except -1:
        """The same of a pair; how often a paragraph holds a pair is not kept."""
        cdef Postings own = self.own
        cdef const uint8_t[::1] row = own.pairs.row(own.pair_starts, pair), none = row[:0]
        return self.add(
            pool, row, own.pairs.width, none, 2, none, own.unit_lengths, weight, bm25, True
        )

    cdef int add(
        self,
        Pool pool,
        const uint8_t[::1] numbers,
        int width,
        const uint8_t[::1] places,
        int place_width,
        const uint8_t[::1] counts,
        Column lengths,
        double weight,
        Bm25 bm25,
        bint is_pair,
    ) except -1:
        cdef Py_ssize_t at, slot, size = numbers.shape[0] // width
        cdef Py_ssize_t repeated = 0, repeats = counts.shape[0], next_repeated = -1
        cdef int64_t number
        cdef double score
        cdef uint8_t count
        if not size:
            return 0
        if repeats:
            next_repeated = load(&places[0], 0, place_width)
        for at in range(size):
            number = load(&numbers[0], at, width)
            if number >= self.own.size:
                raise IndexError("a paragraph outside of its segment")
            count = 1
            if at == next_repeated:
                count = counts[repeated]
                repeated += 1
                next_repeated = -1
                if repeated < repeats:
                    next_repeated = load(&places[0], repeated, place_width)
            if not self.matched[number]:
                continue
            slot = self.slots[number]
            if slot >= pool.size or pool.rows[slot].id != self.base + number:
                slot = pool.size
                pool.add(self.base + number)
                self.slots[number] = <uint32_t>slot
            score = weight * bm25.saturation(count, load(&lengths.data[0], number, lengths.width))
            pool.rows[slot].total += score
            if is_pair:
                pool.rows[slot].pairs += score
        return 0

    cdef double highest(self, int64_t word, Bm25 bm25) except -1:
        """The most that a word can score in a paragraph."""
        cdef const uint8_t[::1] counts = self.own.many_counts.row(self.own.many_starts, word)
        cdef Py_ssize_t at
        cdef uint8_t most = 1
        for at in range(counts.shape[0]):
            most = max(most, counts[at])
        return bm25.highest(most)

    cdef int look_up(self, Pool pool, int64_t word, double weight, Bm25 bm25) except -1:
        """Add a word to those paragraphs in the pool that hold it."""
        cdef Postings own = self.own
        cdef const uint8_t[::1] numbers = own.words.row(own.word_starts, word)
        cdef const uint8_t[::1] many = own.many.row(own.many_starts, word)
        cdef const uint8_t[::1] counts = own.many_counts.row(own.many_starts, word)
        cdef int width = own.words.width, many_width = own.many.width
        cdef Py_ssize_t size = numbers.shape[0] // width, row, at, found, count = 0
        cdef int64_t[SIDE_BY_SIDE] wanted
        cdef Py_ssize_t[SIDE_BY_SIDE] rows
        cdef Py_ssize_t[SIDE_BY_SIDE] places
        cdef Py_ssize_t[SIDE_BY_SIDE] repeated
        cdef uint8_t times
        if not size:
            return 0
        for row in range(pool.size):
            if 0 <= pool.rows[row].id - self.base < own.size:
                wanted[count], rows[count] = pool.rows[row].id - self.base, row
                count += 1
            if count < SIDE_BY_SIDE and row + 1 < pool.size:
                continue
            find(&numbers[0], width, size, wanted, count, places)
            found = 0
            for at in range(count):
                if places[at] < size and load(&numbers[0], places[at], width) == wanted[at]:
                    rows[found], wanted[found] = rows[at], places[at]
                    found += 1
            if counts.shape[0]:
                find(&many[0], many_width, counts.shape[0], wanted, found, repeated)
            for at in range(found):
                times = 1
                if counts.shape[0] and repeated[at] < counts.shape[0]:
                    if load(&many[0], repeated[at], many_width) == wanted[at]:
                        times = counts[repeated[at]]
                pool.rows[rows[at]].total += weight * bm25.saturation(
                    times,
                    load(
                        &own.word_lengths.data[0],
                        pool.rows[rows[at]].id - self.base,
                        own.word_lengths.width,
                    ),
                )
            count = 0
        return 0


def rank(
    list segments not None,
    list matched not None,
    const int64_t[::1] bases,
    const int64_t[:, :] words,
    const double[::1] word_weights,
    Py_ssize_t short,
    const int64_t[:, :] pairs,
    const double[::1] pair_weights,
    Bm25 by_words not None,
    Bm25 by_units not None,
    double[::1] heap,
):
    """Score by words and rare pairs all matched paragraphs that can be among the best.

    The same as scoring.score_words, whose terms these are: `segments` are Postings, `matched` of
    each a mask of bytes, `short` how many words are added up at once, and `heap` room for as many
    numbers as are wanted. Gives rows of Sum, in no order; None where a paragraph that holds none
    of the terms may be among the best. Raises IndexError for postings outside of the index.
    """
    cdef Pool pool = Pool()
    cdef list opened = [Segment(*row) for row in zip(segments, matched, bases, strict=False)]
    cdef Segment segment
    cdef Py_ssize_t home, term, homes = len(opened), size = word_weights.shape[0], done = short
    cdef double highest, needed
    cdef list rests = [0.0]
    for home in range(homes):
        segment = opened[home]
        for term in range(short):
            if words[home, term] >= 0:
                segment.add_word(pool, words[home, term], word_weights[term], by_words)
        for term in range(pair_weights.shape[0]):
            if pairs[home, term] >= 0:
                segment.add_pair(pool, pairs[home, term], pair_weights[term], by_units)
    # What the words from each on can add.
    for term in range(size - 1, short - 1, -1):
        highest = 0
        for home in range(homes):
            segment = opened[home]
            if words[home, term] >= 0:
                highest = max(highest, segment.highest(words[home, term], by_words))
        rests.append(rests[-1] + word_weights[term] * highest)
    rests.reverse()
    needed = pool.needed(heap, rests[0])
    while needed <= 0 and done < size:
        # A paragraph that has none of the words so far may be among the best.
        for home in range(homes):
            segment = opened[home]
            if words[home, done] >= 0:
                segment.add_word(pool, words[home, done], word_weights[done], by_words)
        done += 1
        needed = pool.needed(heap, rests[done - short])
    if needed <= 0:
        return None
    pool.keep(needed)
    for term in range(done, size):
        for home in range(homes):
            segment = opened[home]
            if words[home, term] >= 0:
                segment.look_up(pool, words[home, term], word_weights[term], by_words)
        if pool.size > heap.shape[0]:
            pool.keep(pool.needed(heap, rests[term + 1 - short]))
    return PyBytes_FromStringAndSize(<const char*>pool.rows, pool.size * sizeof(Sum))


# The second ranking: texts -> their code points -> how much of the query each one reaches


cdef class Stored:
    """Texts and facts of a segment."""

    cdef Column posts, pages, titles, headings, votes, days, lengths, starts, texts
    cdef bint is_wide

    def __init__(
        self,
        Column posts not None,
        Column pages not None,
        Column titles not None,
        Column headings not None,
        Column votes not None,
        Column days not None,
        Column lengths not None,
        Column starts not None,
        Column texts not None,
        bint is_wide,
    ):
        """`lengths` counts units; `texts` are bytes, of UTF-16 where `is_wide`, else of UTF-8."""
        self.posts, self.pages, self.titles, self.headings = posts, pages, titles, headings
        self.votes, self.days, self.lengths = votes, days, lengths
        self.starts, self.texts, self.is_wide = starts, texts, is_wide


cdef class Folding:
    """How texts of an index are folded: analysis.folding and analysis.expanding."""

    cdef Folds folds
    cdef const uint8_t[::1] signs
    cdef object expand
    # Folds and 1 of what needs no more than that, of code points of two bytes; 0 for the others.
    cdef uint32_t[::1] plain

    def __init__(self, Folds folds not None, signs, expand, plain):
        """By code point which are signs, that `expand` writes out; `plain` are 65,536 zeros."""
        self.folds, self.signs, self.expand, self.plain = folds, signs, expand, plain

    cdef inline bint needs_more(self, uint32_t code) noexcept:
        """Tell whether a code may be that of a sign, or half of one."""
        return code & 0xFFFFF800 == 0xD800 or (code < self.signs.shape[0] and self.signs[code])

    cdef uint32_t learn(self, uint32_t code) except 0:
        """The fold and 1 of a code of two bytes that needs no more than that."""
        self.plain[code] = self.folds.of(code) + 1
        return self.plain[code]


cdef class Codes(Buffer):
    """Folded texts, each with a zero behind it."""

    cdef Folding folding

    cdef int add(self, str text) except -1:
        """Add a text."""
        cdef Py_UCS4 char, part
        cdef str written
        cdef Py_ssize_t left = len(text)
        self.reserve(left + 1)
        for char in text:
            if self.folding.needs_more(char):
                written = self.folding.expand(char)
                self.reserve(left + len(written) + 1)
                for part in written:
                    self.push(self.folding.folds.of(part))
            else:
                self.push(self.folding.folds.of(char))
            left -= 1
        self.push(0)
        return 0

    cdef int add_wide(self, const uint8_t[::1] raw) except -1:
        """Add a text of UTF-16."""
        cdef Py_ssize_t at, size = raw.shape[0] // 2
        cdef const uint32_t[::1] plain = self.folding.plain
        cdef uint32_t folded, code
        self.reserve(size + 1)
        for at in range(size):
            code = load(&raw[0], at, 2)
            folded = plain[code]
            if not folded:
                if self.folding.needs_more(code):
                    return self.add(bytes(raw).decode("utf-16-le", "surrogatepass"))
                folded = self.folding.learn(code)
            self.codes[self.size + at] = folded - 1
        self.size += size
        self.push(0)
        return 0

    cdef Py_ssize_t add_text(self, Stored stored, int64_t number) except -1:
        """Add the text of a paragraph, and give its length."""
        cdef Py_ssize_t begin = self.size
        cdef const uint8_t[::1] raw = stored.texts.row(stored.starts, number)
        if stored.is_wide:
            self.add_wide(raw)
        else:
            self.add(bytes(raw).decode("utf-8", "surrogatepass"))
        return self.size - begin - 1


def read_texts(
    list segments not None,
    const int64_t[::1] homes,
    const int64_t[::1] numbers,
    Folding folding not None,
    int64_t[:, ::1] rows,
    int64_t[:, ::1] texts,
):
    """Read the texts and facts of some paragraphs, and the texts of their titles and headings.

    `segments` are Stored. Fills `rows`, one each: places of its title's and its heading's text,
    -1 for none, votes and day; and `texts`, for which there must be room for three of each
    paragraph: their lengths in characters and in units, those of the paragraphs first. Gives
    their folded code points, each text with a zero behind it, and how many texts they are.
    """
    cdef Codes codes = Codes(16_384)
    cdef Stored stored
    cdef Numbers above = Numbers(2 * homes.shape[0])
    cdef Py_ssize_t row, count = 0
    cdef int64_t post
    codes.folding = folding
    for row in range(homes.shape[0]):
        stored = segments[homes[row]]
        post = stored.posts.get(numbers[row])
        rows[2, row], rows[3, row] = stored.votes.get(post), stored.days.get(post)
        texts[0, count] = codes.add_text(stored, numbers[row])
        texts[1, count] = stored.lengths.get(numbers[row])
        count += 1
    for row in range(homes.shape[0]):
        stored = segments[homes[row]]
        post = stored.posts.get(numbers[row])
        rows[0, row] = stored.titles.get(stored.pages.get(post))
        rows[1, row] = stored.headings.get(numbers[row])
        if rows[0, row] == numbers[row]:
            # What is a title has none.
            rows[0, row] = -1
        for side in range(2):
            if rows[side, row] < 0:
                continue
            key = <uint64_t>homes[row] << 40 | <uint64_t>rows[side, row]
            place = above.get(key)
            if place < 0:
                place = count
                above.set(key, place)
                texts[0, count] = codes.add_text(stored, rows[side, row])
                texts[1, count] = stored.lengths.get(rows[side, row])
                count += 1
            rows[side, row] = place
    return PyBytes_FromStringAndSize(<const char*>codes.codes, codes.size * 4), count


cdef struct Met:
    # How often a term stands in the text, and the last sentence that held it, numbered from 1.
    int64_t count, sentence
    double weight


cdef class Reached:
    """What the text that is being read holds of the query so far, its sentence, its best ones."""

    # Units, then keys, which are pairs and tokens; and those that the text holds, by their numbers.
    cdef Met* terms
    cdef Py_ssize_t* held
    cdef Py_ssize_t units, holds
    cdef int64_t sentence, met
    # Of the sentence: its keys' idf, its squares, its units' idf, that of the sentence before, and
    # of what both hold.
    cdef double sum_of_keys, squares, sum_of_units, before, both
    cdef double best_keys, best_squares, best_units

    def __cinit__(self, const double[::1] units, const double[::1] keys):
        cdef Py_ssize_t at, size = units.shape[0] + keys.shape[0]
        self.units = units.shape[0]
        self.terms = <Met*>calloc(size + 1, sizeof(Met))
        self.held = <Py_ssize_t*>malloc((size + 1) * sizeof(Py_ssize_t))
        if self.terms is NULL or self.held is NULL:
            raise MemoryError
        for at in range(size):
            self.terms[at].weight = units[at] if at < self.units else keys[at - self.units]

    def __dealloc__(self):
        free(self.terms)
        free(self.held)

    cdef void begin_text(self) noexcept:
        cdef Py_ssize_t at
        for at in range(self.holds):
            self.terms[self.held[at]].count = 0
        self.holds = 0
        # One number is left out: the first sentence of a text is not next to another's last.
        self.sentence += 2
        self.met = 0
        self.best_keys = self.best_squares = self.best_units = 0
        self.sum_of_keys = self.squares = self.sum_of_units = self.before = self.both = 0

    cdef void end_sentence(self) noexcept:
        self.best_keys = max(self.best_keys, self.sum_of_keys)
        self.best_squares = max(self.best_squares, self.squares)
        self.best_units = max(self.best_units, self.before + self.sum_of_units - self.both)
        self.before = self.sum_of_units
        self.sum_of_keys = self.squares = self.sum_of_units = self.both = 0
        self.sentence += 1

    cdef inline bint meet(self, Py_ssize_t at) noexcept:
        """Count a term; tells whether the sentence has not held it yet."""
        cdef Met* term = self.terms + at
        if not term.count:
            self.held[self.holds] = at
            self.holds += 1
        term.count += 1
        return term.sentence != self.sentence

    cdef inline void meet_unit(self, Py_ssize_t unit) noexcept:
        cdef Met* term = self.terms + unit
        if self.meet(unit):
            self.sum_of_units += term.weight
            if term.sentence == self.sentence - 1:
                self.both += term.weight
            term.sentence = self.sentence

    cdef inline void meet_key(self, Py_ssize_t key) noexcept:
        cdef Met* term = self.terms + self.units + key
        self.met += 1
        if self.meet(self.units + key):
            self.sum_of_keys += term.weight
            self.squares += term.weight * term.weight
            term.sentence = self.sentence

    cdef double bm25(self, Py_ssize_t begin, Py_ssize_t end, double gain, double norm) noexcept:
        """BM25 of some of the terms."""
        cdef double found = 0, count
        cdef Py_ssize_t at, term
        for at in range(self.holds):
            term = self.held[at]
            if begin <= term < end:
                count = <double>self.terms[term].count
                found += count * gain / (count + norm) * self.terms[term].weight
        return found


def reach(
    const uint32_t[::1] codes,
    const int64_t[::1] lengths,
    const double[::1] norms,
    unit_terms,
    pair_terms,
    is_han,
    list marks not None,
    const double[::1] units,
    const double[::1] keys,
    str stops not None,
    double gain,
    double[:, ::1] found,
):
    """Measure how much of a query each of some folded texts holds: see measuring.Reach.

    Each text has a zero behind it, which is one of the `stops` that end sentences. Of the terms,
    `units` are weights, and `keys` those of the pairs and then of the units that are no Han
    characters; `marks` are the places in `codes` where the latter stand, ascending, each with the
    number of the unit. Fills `found`, a row for each field of Reach.
    """
    cdef Reached reached = Reached(units, keys)
    cdef Py_ssize_t size = units.shape[0], paired = len(pair_terms), key = len(pair_terms)
    cdef Numbers kinds = Numbers(size + len(stops)), pairs = Numbers(paired), tokens = Numbers(size)
    cdef Py_ssize_t text, at = 0, end = 0, mark = 0
    cdef int64_t mark_at = -1
    cdef int32_t unit, before, pair, marked = -1
    cdef double of_units = total(units), of_keys = total(keys), of_pairs = total(keys[:paired])
    cdef double of_squares = 0
    cdef const uint32_t* code = &codes[0] if codes.shape[0] else NULL
    for at in range(keys.shape[0]):
        of_squares += keys[at] * keys[at]
    of_squares = of_squares if of_squares > 0 else 1
    for char in stops:
        kinds.set(ord(char), 1)
    for at, term in enumerate(unit_terms):
        if is_han(term):
            kinds.set(ord(term), at + 2)
        else:
            tokens.set(at, key)
            key += 1
    for at, term in enumerate(pair_terms):
        # Both are units, see Measure.
        pairs.set(<uint64_t>kinds.get(ord(term[0])) << 32 | kinds.get(ord(term[1])), at)
    if marks:
        mark_at, marked = marks[0]
    for text in range(lengths.shape[0]):
        end += lengths[text] + 1
    if end != codes.shape[0] or norms.shape[0] != lengths.shape[0]:
        raise ValueError("lengths of other texts")
    at = end = 0
    for text in range(lengths.shape[0]):
        reached.begin_text()
        end += lengths[text] + 1
        before = -1
        while at < end:
            while mark_at == at:
                reached.meet_unit(marked)
                reached.meet_key(tokens.get(marked))
                mark += 1
                mark_at = -1
                if mark < len(marks):
                    mark_at, marked = marks[mark]
            unit = kinds.get(code[at])
            at += 1
            if unit > 1:
                reached.meet_unit(unit - 2)
                if before > 1:
                    pair = pairs.get(<uint64_t>before << 32 | unit)
                    if pair >= 0:
                        reached.meet_key(pair)
            elif unit == 1:
                reached.end_sentence()
            before = unit
        found[0, text] = reached.bm25(0, size, gain, norms[text]) / of_units
        found[1, text] = reached.bm25(size, size + paired, gain, norms[text]) / of_pairs
        found[2, text] = reached.best_keys / of_keys
        found[3, text] = reached.best_squares / of_squares
        found[4, text] = reached.best_units / of_units
        found[5, text] = <double>reached.met


cdef double total(const double[::1] weights) noexcept:
    """The sum of weights, 1 of none: nothing is a share of nothing."""
    cdef double found = 0
    cdef Py_ssize_t at
    for at in range(weights.shape[0]):
        found += weights[at]
    return found if found > 0 else 1
