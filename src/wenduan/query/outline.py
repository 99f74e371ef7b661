"""Query tree -> lines that show how a query was understood."""

from collections.abc import Iterator

from .tree import KIND_OF, Between, Every, Field, Has, Literal, Node, Not, Phrase, Prefix, Some


def iter_outline(node: Node, depth: int = 0) -> Iterator[str]:
    """Give a line for each node of a tree, what is within another one indented by two spaces.

    >>> print(*iter_outline(Every((Literal("!"), Not(Field("author", "张三"))))), sep="\\n")
    all of
      the characters !
      not
        author holds 张三
    """
    yield "  " * depth + _title(node)
    if isinstance(node, Every | Some):
        for child in node.nodes:
            yield from iter_outline(child, depth + 1)
    elif isinstance(node, Not):
        yield from iter_outline(node.node, depth + 1)


def _title(node: Node) -> str:
    match node:
        case Every():
            return "all of"
        case Some():
            return "any of, the more the better" if node.asked else "any of"
        case Not():
            return "not"
        case Literal():
            return f"the characters {node.text}"
        case Prefix():
            return f"{' '.join(node.units)}…"
        case Phrase():
            plain = node.run or " ".join(node.units)
            return plain if node.quoted is None else f'"{node.quoted}"'
        case Field():
            return f"{node.name} holds {node.text}" if node.text else f"{node.name} is known"
        case Has():
            return f"has a {node.what}"
        case Between():
            return _range(node)


def _range(node: Between) -> str:
    least, most = node.least, node.most
    if node.column == "kind" and least == most:
        return f"kind is {KIND_OF.get(least or 0, 'another')}"
    if least is not None and least == most:
        return f"{node.column} is {least}"
    bounds = [f"from {least}"] * (least is not None) + [f"to {most}"] * (most is not None)
    return f"{node.column} {' '.join(bounds) or 'is known'}"
