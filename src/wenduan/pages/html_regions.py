"""Regions of an HTML page: its text and what stands aside, and the elements that have a name."""

import re
from typing import Any

# A form is none of these: on some sites the whole page stands in one.
_ASIDE = {"nav", "footer", "aside", "dialog", "select", "textarea"}
_MAIN = {"article", "main"}


class Regions:
    """Which region and which named element the walk through a tree is in, innermost last."""

    def __init__(self) -> None:
        self._open: list[tuple[Any, str]] = []
        self._named: list[tuple[Any, str]] = []

    @property
    def region(self) -> str:
        """`main`, `aside`, or nothing where the markup does not tell."""
        return self._open[-1][1] if self._open else ""

    @property
    def role(self) -> str:
        """The identity of the innermost element that has one, else nothing."""
        return self._named[-1][1] if self._named else ""

    def enter(self, element: Any) -> None:
        """Take the start of an element."""
        tag, inner = element.tag, self.region
        if identity := element.get("id"):
            self._named.append((element, identity))
        if tag in _ASIDE or (tag == "header" and inner != "main") or _is_hidden(element):
            self._open.append((element, "aside"))
        elif (tag in _MAIN or _is_main(element)) and inner != "aside":
            self._open.append((element, "main"))

    def leave(self, element: Any) -> None:
        """Take the end of an element."""
        for rows in (self._open, self._named):
            if rows and rows[-1][0] is element:
                rows.pop()


def _is_hidden(element: Any) -> bool:
    style = element.get("style") or ""
    return element.get("hidden") is not None or bool(re.search(r"display:\s*none", style))


def _is_main(element: Any) -> bool:
    return bool(
        element.get("role") == "main"
        or element.get("itemprop") == "articleBody"
        or element.get("id") == "js_content"
    )
