"""Terms -> their numbers; units and pairs -> which paragraphs hold any of them."""

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
        cdef Py_ssize_t begin = self.keys.find(<int64_t>key, 0, self.keys.size)
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
    cdef Py_ssize_t size

    def __init__(
        self,
        Strings words not None,
        Strings units not None,
        Py_ssize_t size,
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
        """`size` is how many paragraphs there are; the columns are arrays of index/README.md."""
        self.size = size
        self.words, self.units, self.firsts, self.seconds = words, units, firsts, seconds
        self.word_starts, self.pair_starts, self.pairs = word_starts, pair_starts, pairs
        self.holding, self.common, self.bits = holding, common, bits
        self.end_starts, self.ends = end_starts, ends

    cdef int64_t find_pair(self, str term) except -2:
        """The number of a pair: analysis.pair_term, segment.split_pair."""
        cdef int64_t first, second
        cdef Py_ssize_t begin, end
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
        end = self.firsts.get(first + 1)
        begin = self.seconds.find(second, self.firsts.get(first), end)
        return begin if begin < end and self.seconds.get(begin) == second else -1

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
                if not 0 <= sizes[at] <= self.size:
                    raise IndexError("a row that ends before it begins, or is longer than all")

    def mark(self, units, pairs, uint8_t[::1] held):
        """Mark the paragraphs that hold any of some units and pairs, in as many bytes."""
        cdef int64_t number, first, last
        cdef Py_ssize_t row
        for unit in units:
            number = self.units.find(unit)
            if number < 0:
                continue
            row = self.common.find(number, 0, self.common.size)
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
