"""Address + paragraph -> the link that leads to the paragraph within its page.

Text fragments: https://wicg.github.io/scroll-to-text-fragment/ (text=start,end).
"""

import re

# A text up to this many characters is named whole; of a longer one, both ends.
_WHOLE = 30
_END = 12
_NOISE = re.compile(r"\[\d{1,3}\]")


def paragraph_link(url: str | None, text: str) -> str | None:
    """Link to a paragraph: its page's address plus a text fragment; None without an address."""
    if url is None or not url.startswith(("https://", "http://")):
        return None
    line = _NOISE.split(text.split("\n")[0])
    if len(line) == 1 and len(line[0]) <= _WHOLE:
        fragment = _encode(line[0])
    else:
        fragment = f"{_encode(line[0][:_END])},{_encode(line[-1][-_END:] or line[0][-_END:])}"
    return f"{url}{'' if '#' in url else '#'}:~:text={fragment}"


class _Encoded(dict[int, str]):
    """Characters as they stand in a fragment, made as they are met.

    Letters and digits stand for themselves. All else is percent-encoded: a hyphen, comma or
    ampersand has a meaning of its own here. (urllib.parse takes longer to load than a search.)
    """

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if not (char.isascii() and char.isalnum()):
            char = "".join(f"%{byte:02X}" for byte in char.encode("utf-8", "surrogatepass"))
        self[code] = char
        return char


_ENCODED = _Encoded()


def _encode(text: str) -> str:
    return text.strip().translate(_ENCODED)
