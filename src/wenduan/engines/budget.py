"""What a search may still do, counted and not timed: the same query gives the same answer.

A search whose budget is spent answers with what it has found by then, and says so.
"""

from collections.abc import Iterator

# One for each character of text that is read and searched, some 10 ns of work; what else takes
# time counts as so many characters. A question of thirty words spends a hundredth of it.
MOST_WORK = 30_000_000
# So many postings, or paragraphs that are marked, take the time of a character.
_POSTINGS = 16


class Budget:
    """A sum of work, and whether it was enough."""

    def __init__(self, work: int | None = None) -> None:
        """`work` is how much it is, MOST_WORK if it is not given."""
        self.left = MOST_WORK if work is None else work
        self.is_exceeded = False

    def spend(self, work: int) -> bool:
        """Count work to be done; False if it must not be, for too little is left."""
        if work > self.left:
            self.is_exceeded = True
            return False
        self.left -= work
        return True

    def spend_postings(self, count: int) -> bool:
        """The same of postings, or of paragraphs that are marked."""
        return self.spend(count // _POSTINGS + 1)

    def shares(self, count: int) -> Iterator["Budget"]:
        """Divide it among some equal parts of the work, one after the other.

        What one leaves is for those behind it.
        """
        for parts in range(count, 0, -1):
            share = Budget(self.left // parts)
            given = share.left
            yield share
            self.left -= given - share.left
            self.is_exceeded |= share.is_exceeded
