"""What each command prints, on the sample pages: forms of output, places, counts, advice."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from conftest import ROOT, SAMPLES
from wenduan.cli import cli
from wenduan.searching import Index

Run = Callable[..., Result]


@pytest.fixture
def run(sample_location: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("WENDUAN_INDEX", sample_location)
    monkeypatch.delenv("NO_COLOR", raising=False)
    return lambda *arguments: CliRunner().invoke(cli, arguments)


def test_json_lines_hold_what_json_holds(run: Run) -> None:
    whole = json.loads(run("search", "水", "--json", "-n", "4").stdout)["hits"]
    lines = run("search", "水", "--jsonl", "-n", "4").stdout.splitlines()
    assert [json.loads(line) for line in lines] == whole


def test_count_is_the_total(run: Run, sample_index: Index) -> None:
    assert run("search", "水", "--count").stdout == f"{sample_index.run('水').total}\n"
    nothing = run("search", "水", "没有zzzz", "--count")
    assert (nothing.stdout, nothing.exit_code) == ("0\n", 1)


def test_files_are_all_that_hold_a_match_once_each(run: Run) -> None:
    shown = run("search", "水", "--files").stdout.splitlines()
    assert len(shown) == len(set(shown))
    posts = {
        f"samples/{path.name}": json.loads(run("read", str(path)).stdout)["posts"]
        for path in SAMPLES.glob("*.md")
    }
    holding = {
        path
        for path, rows in posts.items()
        if any("水" in paragraph["text"] for post in rows for paragraph in post["paragraphs"])
    }
    assert set(shown) == holding


def test_template_has_the_names_of_json(run: Run) -> None:
    hit = json.loads(run("search", "夹生饭", "--json", "-n", "1").stdout)["hits"][0]
    shown = run(
        "search", "夹生饭", "-n", "1", "--format", r"{rank}\t{path}:{line}\t{votes}\t{more}"
    )
    assert shown.stdout == f"1\t{hit['path']}:{hit['line']}\t{hit['votes']}\t{hit['more']}\n"
    unknown = run("search", "in:note-without", "-n", "1", "--format", "{votes}|{author}")
    assert unknown.stdout == "|\n"


@pytest.mark.parametrize(
    "template",
    [
        "{votes:,}",
        "{author!r:99999999999}",
        "{nothing}",
        "{path",
        "{text.__class__}",
        "{tags[0]}",
        "{}",
    ],
)
def test_a_template_that_is_none_is_named(run: Run, template: str) -> None:
    shown = run("search", "夹生饭", "--format", template)
    assert shown.exit_code == 2
    assert "--format" in shown.stderr


def test_forms_of_output_do_not_go_together(run: Run) -> None:
    shown = run("search", "水", "--json", "--count")
    assert shown.exit_code == 2
    assert "--json and --count do not go together" in shown.stderr


def test_a_negative_offset_is_told_as_it_was_given(run: Run) -> None:
    told = run("search", "水", "--offset", "-1")
    assert told.exit_code == 2
    assert "-1 is not in the range x>=0" in told.stderr
    assert run("search", "水", "--all", "-煮").exit_code == 0


def test_offset_goes_on_with_the_ranks(run: Run) -> None:
    every = json.loads(run("search", "水", "--json", "-n", "6").stdout)["hits"]
    rest = json.loads(run("search", "水", "--json", "-n", "3", "--offset", "3").stdout)["hits"]
    assert rest == every[3:]
    behind = run("search", "夹生饭", "--offset", "99")
    assert behind.exit_code == 1
    assert "no more results; 3 paragraphs match" in behind.stderr


def test_context_shows_the_neighbours_within_the_post(run: Run) -> None:
    shown = run("search", "夹生饭 奶奶", "--context", "1", "-n", "1").stdout
    before, hit, after = "再看水。", "有一句话，我一直记到现在", "她说得没错。"
    assert shown.index(before) < shown.index(hit) < shown.index(after)
    assert "先说结论" not in shown


def test_show_prints_the_post_around_a_place(run: Run) -> None:
    shown = run("show", "samples/zhihu-rice-cooker.md:60").stdout
    (marked,) = re.findall(r"^>.*", shown, re.MULTILINE)
    assert marked.startswith(">  我奶奶有一句话")
    assert "先说结论" in shown
    assert "沈米粒" in shown
    for place, hint in (("samples/none.md:1", "not in the index"), ("README.md", "not in")):
        wrong = run("show", place)
        assert hint in str(wrong.exception)


def test_similar_leaves_the_paragraph_itself_out(run: Run) -> None:
    found = json.loads(run("similar", "samples/zhihu-rice-cooker.md:57", "--json").stdout)["hits"]
    assert [hit["rank"] for hit in found] == list(range(1, len(found) + 1))
    assert ("samples/zhihu-rice-cooker.md", 57) not in {(hit["path"], hit["line"]) for hit in found}
    nearest = json.loads(run("similar", "samples/zhihu-rice-cooker.md:59", "--json").stdout)["hits"]
    assert "夹生饭" in nearest[0]["text"]


def test_stats_count_what_lists_show(run: Run, sample_index: Index) -> None:
    stats = json.loads(run("stats", "--json").stdout)
    assert stats["pages"] == len(list(SAMPLES.glob("*.md")))
    assert stats["authors"] == len(run("list", "authors").stdout.splitlines())
    assert stats["tags"] == len(run("list", "tags").stdout.splitlines())
    assert stats["posts"] == sum(stats["kinds"].values())
    assert sum(stats["months"].values()) <= stats["posts"]
    shown = run("stats").stdout
    assert f"{stats['pages']} pages, {stats['posts']} posts" in shown
    assert "█" in shown


def test_lists_are_counted_the_most_first(run: Run) -> None:
    rows = [line.split("\t") for line in run("list", "sites").stdout.splitlines()]
    numbers = [int(number) for number, _ in rows]
    assert numbers == sorted(numbers, reverse=True)
    assert len(run("list", "titles").stdout.splitlines()) == len(list(SAMPLES.glob("*.md")))


def test_nothing_found_says_why(run: Run) -> None:
    shown = run("search", "夹升饭")
    assert shown.exit_code == 1
    assert shown.stdout == ""
    assert "no paragraph holds 夹升饭; near it: 夹生饭" in shown.stderr
    apart = run("search", "奶奶", "C++")
    assert apart.exit_code == 1
    assert "no paragraph holds all of it" in apart.stderr
    assert "closest:" in apart.stderr


def test_colour_only_where_it_is_asked_for(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("search", "夹生饭").stdout
    assert "\x1b" not in run("search", "夹生饭", "--color", "never").stdout
    assert "\x1b]8;;" in run("search", "夹生饭", "--color", "always").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" in run("search", "夹生饭", "--color", "always").stdout


def test_open_launches_the_link_or_the_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("click.launch", opened.append)
    assert run("search", "夹生饭 奶奶", "--open", "1").exit_code == 0
    assert run("search", "夹生饭 奶奶", "--open", "9").exit_code == 1
    assert run("search", "in:note-without", "--open", "1").exit_code == 0
    assert opened[0].startswith("https://www.zhihu.com/question/598412736/answer/3012847755#:~:")
    # A path from the root is neither an option nor an address.
    assert opened[1:] == [os.path.abspath("samples/note-without-front-matter.md")]


def test_each_command_has_help_and_a_page(run: Run) -> None:
    page = Path(ROOT, "docs", "cli.md").read_text("utf-8")
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        assert command.help
        assert f"## wenduan {name}\n" in page


@pytest.mark.parametrize(
    ("shell", "words", "cursor", "offered"),
    [
        ("zsh", "wenduan search author:沈", "2", "author:沈米粒"),
        ("zsh", "wenduan search 水 作者：沈", "3", "作者：沈米粒"),
        ("fish", "wenduan search 标签：地", "标签：地", "plain,标签：地图"),
        # bash parts words at colons.
        ("bash", "wenduan search author : 沈", "4", "plain,沈米粒"),
        ("zsh", "wenduan search noauthor:沈", "2", None),
        ("zsh", "wenduan search 沈", "2", None),
    ],
)
def test_values_of_fields_are_completed(
    sample_location: str, shell: str, words: str, cursor: str, offered: str | None
) -> None:
    asked = {
        "WENDUAN_INDEX": sample_location,
        "_WENDUAN_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": cursor,
    }
    run = subprocess.run(
        [sys.executable, "-c", "from wenduan.cli import cli; cli.main(prog_name='wenduan')"],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert "Traceback" not in run.stderr
    lines = run.stdout.splitlines()
    assert (offered in lines) if offered else not any("沈" in line for line in lines)


def test_completion_without_an_index_offers_nothing(tmp_path: Path) -> None:
    run = CliRunner().invoke(
        cli,
        [],
        prog_name="wenduan",
        complete_var="_WENDUAN_COMPLETE",
        env={
            "WENDUAN_INDEX": str(tmp_path / "none"),
            "_WENDUAN_COMPLETE": "zsh_complete",
            "COMP_WORDS": "wenduan search author:",
            "COMP_CWORD": "2",
        },
    )
    assert run.stdout.strip() == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_name_the_command(run: Run, shell: str) -> None:
    assert "_WENDUAN_COMPLETE" in run("completion", shell).stdout
