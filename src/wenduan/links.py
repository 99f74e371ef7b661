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
    return f"{_NO_URL.sub(_encode_signs, url)}{'' if '#' in url else '#'}:~:text={fragment}"


# RFC 3986 has no such characters in an address, nor should who opens it meet them.
_NO_URL = re.compile(
    '[\x00-\x20\x7f-\x9f"<>\\\\^`{|}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+'
)
# Letters and digits stand for themselves; a hyphen, comma or ampersand has a meaning of its own.
_SIGNS = re.compile("[^A-Za-z0-9]+")


def _encode(text: str) -> str:
    """Percent-encode a text. (urllib.parse takes longer to load than a search.)"""
    return _SIGNS.sub(_encode_signs, text.strip())


def _encode_signs(match: re.Match[str]) -> str:
    return "%" + match[0].encode("utf-8", "surrogatepass").hex("%").upper()
