"""The first ranking: postings -> the paragraphs that can be among the best."""

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
        if many_counts.width != 1:
            # They are counted by their bytes.
            raise ValueError("counts of more than a byte")
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


cdef class SegmentSearch:
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
    cdef list opened = [SegmentSearch(*row) for row in zip(segments, matched, bases, strict=False)]
    cdef SegmentSearch segment
    cdef Py_ssize_t home, term, homes = len(opened), size = word_weights.shape[0], done = short
    cdef double highest, needed, rest = 0
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
        rest += word_weights[term] * highest
        rests.append(rest)
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
