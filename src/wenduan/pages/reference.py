"""One entry of a list of references: the record that pages and results share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a post's reference list; `label` is what stands in the brackets, as "1"."""

    label: str
    title: str | None
    url: str | None
