"""Make src/wenduan/analysis/variants.txt of OpenCC's tables (Apache-2.0).

Needs the package opencc-python-reimplemented, which brings the tables; run it when they change.
"""

import importlib.util
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src" / "wenduan" / "analysis" / "variants.txt"


def read_table(name: str) -> Iterator[tuple[str, list[str]]]:
    """Give each single character of a table, and what it may become."""
    spec = importlib.util.find_spec("opencc")
    if spec is None or spec.origin is None:
        raise SystemExit("run first: pip install opencc-python-reimplemented")
    path = Path(spec.origin).parent / "dictionary" / f"{name}.txt"
    for line in path.read_text(encoding="utf-8").splitlines():
        char, _, others = line.partition("\t")
        if len(char) == 1:
            yield char, [other for other in others.split() if len(other) == 1]


def is_simplified(char: str) -> bool:
    """Tell whether simplified text has the character: the standard of 1980 lists it."""
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def simplified_forms() -> dict[str, str]:
    """Each variant with the form it is folded to."""
    forms = {char: others[0] for char, others in read_table("TSCharacters") if others}
    # OpenCC does so by whole words only; we would rather find too much than too little.
    forms["著"] = "着"
    for name in ("HKVariants", "TWVariants", "JPVariants"):
        for char, others in read_table(name):
            for other in others:
                if other not in forms and not is_simplified(other):
                    forms[other] = forms.get(char, char)
    return {char: final for char in forms if (final := follow(forms, char)) != char}


def follow(forms: dict[str, str], char: str) -> str:
    """The last form on the way from a character."""
    met = set()
    while char in forms and char not in met:
        met.add(char)
        char = forms[char]
    return char


def main() -> None:
    """Write one line for each simplified character: itself, then its variants."""
    variants = defaultdict(list)
    for char, final in simplified_forms().items():
        variants[final].append(char)
    lines = (final + "".join(sorted(chars)) for final, chars in sorted(variants.items()))
    TARGET.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
