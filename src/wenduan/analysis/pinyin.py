"""Han characters -> how they sound, in letters without tones.

Loaded only when a search finds nothing: the table of readings takes longer to load than a search.
"""

from functools import lru_cache

import pypinyin


@lru_cache(None)
def readings(char: str) -> frozenset[str]:
    """The syllables that a character is mostly read as; its own text if it is none.

    The table gives the commonest first; the third and later ones are hardly ever meant.

    >>> sorted(readings("重"))
    ['chong', 'zhong']
    """
    (found,) = pypinyin.pinyin(char, style=pypinyin.Style.NORMAL, heteronym=True)
    return frozenset(syllable.replace("ü", "v") for syllable in found[:2])


def is_spelled(word: str, letters: str) -> bool:
    """Tell whether letters are the syllables of a word, or the first letter of each.

    >>> is_spelled("融资", "rongzi"), is_spelled("融资", "rz"), is_spelled("融资", "rongz")
    (True, True, False)
    """
    if len(word) == len(letters):
        return all(
            any(syllable[0] == letter for syllable in readings(char))
            for char, letter in zip(word, letters, strict=True)
        )
    ends = {0}
    for char in word:
        ends = {
            end + len(syllable)
            for end in ends
            for syllable in readings(char)
            if letters.startswith(syllable, end)
        }
    return len(letters) in ends


def sounds_like(one: str, other: str) -> bool:
    """Tell whether two words may be read alike, tones aside.

    >>> sounds_like("容资", "融资")
    True
    """
    rows = zip(one, other, strict=False)
    return len(one) == len(other) and all(readings(a) & readings(b) for a, b in rows)
