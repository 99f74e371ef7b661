"""The second ranking: texts -> their code points -> how much of a query each reaches."""

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
        if raw.shape[0] & 1:
            raise ValueError("half a character at the end of a text")
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
    cdef int32_t place
    cdef uint64_t key
    cdef int side
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
                rows[side, row] = -1
                continue
            if rows[side, row] >= stored.lengths.size:
                raise IndexError("a title or heading outside of its segment")
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
