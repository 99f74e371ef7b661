"""Texts: folded, without gaps, and texts that are looked for together."""

cdef extern from "Python.h":
    str PyUnicode_FromKindAndData(int kind, const void* buffer, Py_ssize_t size)
    int PyUnicode_4BYTE_KIND


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
    """Tell whether more than `most` of one in `step` pairs of a text are not in another one."""
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
