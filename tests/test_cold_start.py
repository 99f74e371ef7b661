"""A search loads only what it needs, for its time is mostly that of loading."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from test_engines import entries, page
from wenduan import compiled
from wenduan.engines.whoosh_engine import WhooshEngine

SEARCH = """
import json, sys
sys.argv = ["wenduan", "search", "苹果", "--index", sys.argv[1], "--json"]
from wenduan.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(json.dumps(sorted(sys.modules)))
"""

OURS = [
    "wenduan", "wenduan.analysis", "wenduan.analysis.dictionary", "wenduan.analysis.expanding",
    "wenduan.analysis.folding", "wenduan.analysis.runs", "wenduan.analysis.segmenter",
    "wenduan.analysis.segmenting", "wenduan.analysis.terms", "wenduan.analysis.units",
    "wenduan.arguments", "wenduan.cli", "wenduan.cli.options", "wenduan.cli.searching",
    "wenduan.cli.streams", "wenduan.compiled", "wenduan.engines", "wenduan.engines.arrays",
    "wenduan.engines.base",
    "wenduan.engines.budget", "wenduan.engines.collection", "wenduan.engines.columns",
    "wenduan.engines.facets", "wenduan.engines.folder_view", "wenduan.engines.full_score",
    "wenduan.engines.lexicon", "wenduan.engines.live", "wenduan.engines.matching",
    "wenduan.engines.measuring", "wenduan.engines.native", "wenduan.engines.one_search",
    "wenduan.engines.opening", "wenduan.engines.places", "wenduan.engines.proving",
    "wenduan.engines.retrieval", "wenduan.engines.scoring", "wenduan.engines.segment",
    "wenduan.engines.snapshot", "wenduan.engines.toc", "wenduan.engines.whoosh_engine",
    "wenduan.errors", "wenduan.grouping", "wenduan.links", "wenduan.locating",
    "wenduan.neutralizing", "wenduan.pages", "wenduan.pages.reference", "wenduan.printer",
    "wenduan.query", "wenduan.query.fields", "wenduan.query.lexer", "wenduan.query.parser",
    "wenduan.query.proof", "wenduan.query.tree", "wenduan.ranking", "wenduan.regular",
    "wenduan.searching", "wenduan.snippets", "wenduan.wrapping",
]  # fmt: skip
# Of these, each alone would take longer than the search.
FOREIGN = {
    "whoosh", "jieba", "rjieba", "pyromark", "yaml", "frontmatter", "numpy.ma", "numpy.typing",
    "multiprocessing", "subprocess", "importlib.metadata",
}  # fmt: skip


def test_a_search_loads_only_what_it_needs(tmp_path: Path) -> None:
    engine = WhooshEngine(str(tmp_path / "index"), create=True)
    facts = ("author", "author_url", "headline", "votes", "comments", "published", "url")
    post = {"kind": "article", **dict.fromkeys(facts)}
    with engine.write() as writer:
        rows = [type(row)(row.text, 1, 1, (), post) for row in entries("苹果树开花", "梨树")]
        file = page("a")
        facts_of_page: dict[str, Any] = {"title": "树", "saved": None, "site": None, "tags": []}
        writer.put(type(file)("a", "/a.md", 1, 1, "0", facts_of_page), rows)
    run = subprocess.run(
        [sys.executable, "-c", SEARCH, str(tmp_path / "index")],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = json.loads(run.stdout.splitlines()[-1])
    ours = [*OURS, "wenduan.loops"] if compiled.loops is not None else OURS
    assert [name for name in loaded if name.split(".")[0] == "wenduan"] == sorted(ours)
    assert not FOREIGN & set(loaded)


def test_garbage_is_looked_for_again_where_it_takes_long(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("苹果", encoding="utf-8")
    for arguments, wanted in ((["read", "--summary", "."], True), (["search", "苹果"], False)):
        code = f"import gc, sys; sys.argv[1:] = {arguments!r}\n" + (
            "import atexit; atexit.register(lambda: print('gc', gc.isenabled()))\n"
            "from wenduan.__main__ import main; main()"
        )
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert f"gc {wanted}" in run.stdout
