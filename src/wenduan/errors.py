"""The errors wenduan raises; each message says what is wrong, where, and what to do next.

WenduanError
├── PageError            a file cannot be read as a page
├── QueryError           a query cannot be understood
├── ClusterError         an OpenSearch cluster does not do what it was asked
└── IndexFolderError     an index folder cannot be used
    ├── IndexMissingError    there is none yet
    ├── IndexVersionError    another version of wenduan built it
    ├── IndexLockedError     another process is writing to it
    ├── IndexReplacedError   another one was put in its place while it was changed
    ├── IndexUnreadableError the system does not let us read it
    └── IndexDamagedError    its files cannot be read
"""

import re
from typing import Any, Self, TypeVar

# What ends a line, as str.splitlines has it.
_LINE_END = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_Error = TypeVar("_Error", bound="WenduanError")


class WenduanError(Exception):
    """Any error that wenduan raises on purpose; its text is one line for the user.

    Errors pickle with their text and attributes, whatever their constructors take, and without
    traceback, cause and context, so processes can send them to each other.
    """

    def __str__(self) -> str:
        # Names of files may hold line ends; escaped, they make no second line of a report.
        return _LINE_END.sub(lambda end: ascii(end[0])[1:-1], super().__str__())

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception's own way calls the constructor with the finished text alone.
        return _restore, (type(self), *self.args), self.__dict__ or None

    def bare(self) -> Self:
        """Give a copy that may be kept: it holds no traceback, and so nothing that its frames do.

        The frames of a reader hold the file and all that was made of it.
        """
        copy = _restore(type(self), *self.args)
        copy.__dict__.update(self.__dict__)
        return copy


def _restore(kind: type[_Error], *args: object) -> _Error:
    """An error of a kind as it was made, without a call of its constructor."""
    return kind.__new__(kind, *args)


class PageError(WenduanError):
    """A file that cannot be read as a page.

    `path` is the file, `reason` says why in a few words; the line in the file (from 1) is part
    of the reason where it is known.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class QueryError(WenduanError):
    """A query that cannot be understood, or asks for nothing.

    `position` is where in the query, in characters from 0; None where it is about all of it.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        where = "" if position is None else f"at character {position + 1} of the query: "
        super().__init__(where + reason)
        self.position = position


class ClusterError(WenduanError):
    """An OpenSearch cluster that does not do what it was asked.

    `reason` says why; `is_passing` tells that the same may do when it is asked again.
    """

    def __init__(self, location: object, reason: str, *, is_passing: bool = False) -> None:
        super().__init__(f"{location}: {reason}")
        self.reason = reason
        self.is_passing = is_passing


class IndexFolderError(WenduanError):
    """An index folder that cannot be used."""


class IndexMissingError(IndexFolderError):
    """There is no index at the given place."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"no index in {location}; make one with: wenduan index PATH --index {location}"
        )


class IndexVersionError(IndexFolderError):
    """The index was built with other formats or another analyzer than this program has."""

    def __init__(self, location: str, found: str, needed: str, option: str = "") -> None:
        super().__init__(
            f"the index in {location} was built {found}, now {needed} is needed; "
            f"build it anew with: wenduan index PATH --rebuild {option}--index {location}"
        )


class IndexLockedError(IndexFolderError):
    """Another process is writing to the index; `holder` says which."""

    def __init__(self, location: str, holder: str) -> None:
        super().__init__(
            f"the index in {location} is being written by {holder}; wait until it has finished"
        )
        self.holder = holder


class IndexReplacedError(IndexFolderError):
    """Another index was put in the place of one while a change of that was being made."""

    def __init__(self, location: str) -> None:
        super().__init__(
            f"the index in {location} was moved or replaced while it was being changed; nothing"
            " was changed; run the same command again"
        )


class IndexUnreadableError(IndexFolderError):
    """The system does not let a file of the index be read."""

    def __init__(self, location: str, name: str) -> None:
        super().__init__(
            f"the index in {location} may not be read ({name}: permission denied); "
            f"let its files be read by this user"
        )


class IndexDamagedError(IndexFolderError):
    """The files of the index cannot be read."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(
            f"the index in {location} is damaged ({reason}); "
            f"build it anew with: wenduan index PATH --rebuild --index {location}"
        )
