"""Arrays of a file, each block held against its checksum when it is first read."""

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
    Py_ssize_t read_at(int file, void* to, Py_ssize_t size, long long at) noexcept nogil

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
            raise self.outside()
        if begin == end:
            return 0
        first, last = self.begin + begin * self.width, self.begin + end * self.width
        for block in range(first // BLOCK, (last - 1) // BLOCK + 1):
            if not self.checked[block]:
                self.file.check(first, last)
                break
        return 0

    cdef object outside(self):
        """The error to raise where a file tells of places outside of its arrays."""
        return self.file.damage("its arrays point outside of it")

    cdef int64_t get(self, Py_ssize_t at) except? -2:
        """One element."""
        cdef int64_t number
        if at >= self.size:
            raise self.outside()
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
        cdef Py_ssize_t read, size = end - begin
        cdef bytes found = PyBytes_FromStringAndSize(NULL, size)
        cdef char* to = found
        begin += self.begin
        with nogil:
            # Other threads go on while the disk is slow.
            read = read_at(self.number, to, size, self.start + begin)
        if read != size:
            # Interrupted, or cut short, which is an error there.
            return self.file.read(begin, begin + size)
        return found

    cdef const uint8_t[::1] row(self, Column starts, int64_t at):
        """The bytes of one row of many, which lie one behind the other."""
        return self.read(starts.get(at), starts.get(at + 1))

    cpdef Py_ssize_t find(self, int64_t wanted, Py_ssize_t begin, Py_ssize_t end) except -1:
        """Where, among ascending elements, the first is that is not below `wanted`.

        Those of eight unsigned bytes are given, and compared, as what their bits are without sign.
        """
        cdef Py_ssize_t middle
        cdef int64_t number
        cdef bint is_below
        while begin < end:
            middle = begin + ((end - begin) >> 1)
            number = self.get(middle)
            if self.width == 8 and not self.is_signed:
                is_below = <uint64_t>number < <uint64_t>wanted
            else:
                is_below = number < wanted
            if is_below:
                begin = middle + 1
            else:
                end = middle
        return begin

    def blob(self, Column starts not None, int64_t at):
        """The bytes of one row of many, as an object."""
        cdef Py_ssize_t begin = starts.get(at), end = starts.get(at + 1)
        self.check(begin, end)
        return self.streamed(begin, end) if self.is_streamed else bytes(self.data[begin:end])
