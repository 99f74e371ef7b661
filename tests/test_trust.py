"""A wenduan.toml that came with a folder has no effect beyond it, unless the user trusts it."""

import base64
import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from conftest import build
from wenduan.cli import cli
from wenduan.configuration import find_configuration
from wenduan.errors import WenduanError
from wenduan.trust import distrust, is_trusted, trust, trust_file, trusted_folders

# What the index of the folder itself holds, and what a trap does.
OWN, TRAP = "自己的一页", "陷阱的一页"
# Commands that only read, with arguments; a place is filled in.
READING = {
    "search": ("search", "一页"),
    "explain": ("explain", "一页"),
    "list": ("list", "titles"),
    "stats": ("stats",),
    "check": ("check",),
    "show": ("show",),
    "similar": ("similar",),
}
# How a configuration may name what lies in the folder `there`, and whether that is beyond its own.
# Inside, `there` is a folder beside the file; outside, it is beside the file's folder.
SPELLINGS = {
    "plain": ("there/{}", False),
    "back again": ("there/../there/{}", False),
    "absolute inside": ("{base}/dl/there/{}", False),
    "link inside": ("link-inside/{}", False),
    "above": ("../there/{}", True),
    "absolute": ("{base}/there/{}", True),
    "home": ("~/there/{}", True),
    "link": ("link-outside/{}", True),
    "link to itself": ("link-{}", True),
    "into a link and back": ("there/../link-outside/{}", True),
}


def run(*arguments: str, **extra: object) -> Result:
    return CliRunner().invoke(cli, arguments, **extra)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder `dl` with an index, and traps within it and beside it."""
    base = tmp_path_factory.mktemp("made")
    for folder, text in (("dl/pages", OWN), ("dl/there/pages", TRAP), ("there/pages", TRAP)):
        (base / folder).mkdir(parents=True)
        (base / folder / "page.md").write_text(f"# {text}\n\n{text}。\n", encoding="utf-8")
    (base / "there" / "pages" / "two.md").write_text(TRAP, encoding="utf-8")
    (base / "dl" / "there" / "pages" / "two.md").write_text(TRAP, encoding="utf-8")
    for folder in ("dl", "dl/there", "there"):
        build(base / folder / "index", base / folder / "pages").close()
    for folder in ("dl/there", "there"):
        # Who reads one of these says so: it is no UTF-8.
        (base / folder / "words").write_bytes(b"\xff\xfe")
    (base / "dl" / "link-inside").symlink_to("there")
    (base / "dl" / "link-outside").symlink_to("../there")
    for name in ("index", "pages", "words"):
        (base / "dl" / f"link-{name}").symlink_to(f"../there/{name}")
    return base


@pytest.fixture
def base(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, with the user in it who trusts nothing yet."""
    monkeypatch.setenv("HOME", str(made))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(made / "settings"))
    monkeypatch.delenv("WENDUAN_INDEX", raising=False)
    monkeypatch.chdir(made / "dl" / "pages")
    shutil.rmtree(made / "settings", ignore_errors=True)
    # From below, the index of the folder has to be named as a user would.
    (made / "dl" / "pages" / "index").unlink(missing_ok=True)
    yield made
    (made / "dl" / "wenduan.toml").unlink(missing_ok=True)


def configure(base: Path, text: str) -> None:
    (base / "dl" / "wenduan.toml").write_text(text, encoding="utf-8")


def spelt(base: Path, spelling: str, name: str) -> str:
    return SPELLINGS[spelling][0].format(name, base=base)


def completed(begun: str) -> Result:
    """What a shell is offered for the last word of a search."""
    env = {
        "_WENDUAN_COMPLETE": "bash_complete",
        "COMP_WORDS": f"wenduan search {begun}",
        "COMP_CWORD": "2",
    }
    return run(env=env, prog_name="wenduan")


def said(result: Result) -> str:
    """All that a command wrote, with the error that `main` would write as one line."""
    return f"{result.stdout}{result.stderr}{result.exception or ''}"


def notices(result: Result) -> list[str]:
    return [line for line in result.stderr.splitlines() if "wenduan trust" in line]


@pytest.mark.parametrize("trusted", [False, True], ids=["untrusted", "trusted"])
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("key", ["location", "userdict", "synonyms"])
def test_what_a_file_names_counts_within_its_folder_or_with_trust(
    base: Path, key: str, spelling: str, trusted: bool
) -> None:
    name = "index" if key == "location" else "words"
    configure(base, f'[index]\n{key} = "{spelt(base, spelling, name)}"\n')
    os.chdir(base / "dl")
    if trusted:
        trust(str(base / "dl"))
    is_ignored = SPELLINGS[spelling][1] and not trusted
    is_trap = not is_ignored and key == "location"
    home = base if SPELLINGS[spelling][1] else base / "dl"
    page = (home / "there" if is_trap else base / "dl") / "pages" / "page.md"
    for command, arguments in READING.items():
        place = [f"{page}:1"] if command in ("show", "similar") else []
        result = run(*arguments, *place)
        assert len(notices(result)) == is_ignored, (command, said(result))
        if is_ignored:
            assert f"ignored {key} (" in result.stderr
        if key == "location":
            seen = {"stats": "2 pages" if is_trap else "1 page,", "check": f"{1 + is_trap} files"}
            shown = seen.get(command, TRAP if is_trap else OWN)
            # Nothing is similar to the only page of the own index.
            assert command == "similar" or shown in said(result), (command, said(result))
            assert result.exit_code in (0, 1)
        # `check` reads neither file.
        elif command != "check":
            assert isinstance(result.exception, WenduanError) != is_ignored, command
    offered = completed("title:")
    assert (OWN in offered.stdout, TRAP in offered.stdout) == (not is_trap, is_trap)
    assert offered.stderr == ""


@pytest.mark.parametrize("trusted", [False, True], ids=["untrusted", "trusted"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_folders_are_indexed_within_the_folder_or_with_trust(
    base: Path, tmp_path: Path, spelling: str, trusted: bool
) -> None:
    configure(base, f'[index]\nfolders = ["pages", "{spelt(base, spelling, "pages")}"]\n')
    os.chdir(base / "dl")
    if trusted:
        trust(str(base / "dl"))
    is_ignored = SPELLINGS[spelling][1] and not trusted
    result = run("index", "--dry-run", "--index", str(tmp_path / "index"))
    assert result.exit_code == 0
    assert len(notices(result)) == is_ignored
    assert len(result.stdout.splitlines()) == (1 if is_ignored else 3)
    assert f"+ {base / 'dl' / 'pages' / 'page.md'}\n" in result.stdout


@pytest.mark.parametrize("spelling", [name for name in SPELLINGS if SPELLINGS[name][1]])
def test_indexing_writes_nothing_where_an_untrusted_file_says(base: Path, spelling: str) -> None:
    configure(base, f'[index]\nlocation = "{spelt(base, spelling, "index")}"\n')
    os.chdir(base / "dl")
    before = states(base / "there")
    for arguments in ([], ["--rebuild"]):
        result = run("index", "pages", *arguments)
        assert result.exit_code == 0, said(result)
        assert len(notices(result)) == 1
    assert states(base / "there") == before


@pytest.mark.parametrize("key", ["userdict", "synonyms"])
def test_indexing_reads_no_words_where_an_untrusted_file_says(base: Path, key: str) -> None:
    configure(base, f'[index]\n{key} = "../there/words"\n')
    os.chdir(base / "dl")
    assert run("index", "pages", "--rebuild").exit_code == 0
    trust(str(base / "dl"))
    obeyed = run("index", "pages", "--rebuild")
    assert ("words: " in said(obeyed)) == (key == "userdict")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("key", ["userdict", "synonyms"])
def test_a_pipe_within_the_folder_is_no_file_of_words(base: Path, key: str) -> None:
    (base / "dl" / "pipe").unlink(missing_ok=True)
    os.mkfifo(base / "dl" / "pipe")
    configure(base, f'[index]\n{key} = "pipe"\n')
    os.chdir(base / "dl")
    result = run("search", "一页")
    assert (result.exit_code, len(notices(result))) == (0, 1)
    trust(".")
    assert "pipe: not a regular file" in said(run("search", "一页"))


@pytest.mark.parametrize("content", ["[broken", '[index]\nlocation = "../x"\n', "link"])
def test_completion_has_nothing_to_say(base: Path, tmp_path: Path, content: str) -> None:
    """There is no place for a message, and none to guess another index from."""
    os.chdir(tmp_path)
    (tmp_path / "index").symlink_to(base / "there" / "index")
    if content != "link":
        (tmp_path / "wenduan.toml").write_text(content, encoding="utf-8")
    offered = completed("title:")
    assert (offered.exit_code, offered.stdout.strip(), offered.stderr) == (0, "", "")


def states(folder: Path) -> list[tuple[str, int, int]]:
    found = [(path, path.stat()) for path in sorted(folder.rglob("*"))]
    return [(str(path), state.st_size, state.st_mtime_ns) for path, state in found]


@pytest.mark.parametrize("link", [False, True], ids=["plain", "through a link"])
def test_the_folder_of_a_file_is_the_real_one(base: Path, link: bool, tmp_path: Path) -> None:
    """Who goes there by a link of his own is still in it; trust is for the real folder too."""
    here = base / "dl"
    if link:
        here = tmp_path / "own-link"
        here.symlink_to(base / "dl")
    configure(base, '[index]\nlocation = "there/index"\nsynonyms = "../there/words"\n')
    found = find_configuration(here / "pages")
    assert found.location == str(here / "there" / "index")
    assert found.ignored == ("synonyms",)
    trust(str(here))
    assert trusted_folders() == (str((base / "dl").resolve()),)
    assert find_configuration(here / "pages").ignored == ()


def test_trust_is_not_for_folders_below(base: Path) -> None:
    (base / "dl" / "below").mkdir(exist_ok=True)
    file = base / "dl" / "below" / "wenduan.toml"
    file.write_text('[index]\nfolders = ["../pages"]\n', encoding="utf-8")
    try:
        trust(str(base / "dl"))
        assert find_configuration(file.parent).ignored == ("folders",)
        assert find_configuration(file.parent).folders == ()
    finally:
        file.unlink()


# Hosts


@dataclass
class Host:
    """Listens on loopback, keeps all that it is sent, and answers as no OpenSearch would."""

    answer: bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    received: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection:
                data = connection.recv(65_536)
                if data == b"end":
                    return
                self.received.append(data)
                connection.sendall(self.answer)

    def close(self) -> None:
        with socket.create_connection(self._socket.getsockname()) as connection:
            connection.sendall(b"end")
        self._thread.join()
        self._socket.close()


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    pytest.importorskip("opensearchpy")
    monkeypatch.setenv("WENDUAN_OPENSEARCH_USER", "leser")
    monkeypatch.setenv("WENDUAN_OPENSEARCH_PASSWORD", "geheimnis")
    found = Host()
    yield found
    found.close()


AUTHORIZATION = b"authorization: basic " + base64.b64encode(b"leser:geheimnis").lower()


def test_a_cluster_that_an_untrusted_file_names_gets_no_byte(base: Path, host: Host) -> None:
    configure(base, f'[index]\nlocation = "opensearch://{host.address}/x"\n')
    os.chdir(base / "dl")
    every = {**READING, "index": ("index", "pages"), "dry": ("index", "pages", "--dry-run")}
    every["rebuild"] = ("index", "pages", "--rebuild")
    for command, arguments in every.items():
        place = ["pages/page.md:1"] if command in ("show", "similar") else []
        result = run(*arguments, *place)
        assert result.exit_code in (0, 1), said(result)
        assert len(notices(result)) == 1
    offered = completed("title:")
    assert OWN in offered.stdout
    assert offered.stderr == ""
    assert host.received == []


@pytest.mark.parametrize("command", ["trusted", "option", "environment"])
def test_a_cluster_that_the_user_names_gets_the_credentials(
    base: Path, host: Host, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Without this, the test above would show nothing."""
    os.chdir(base / "dl")
    url = f"opensearch://{host.address}/x"
    options = []
    if command == "trusted":
        configure(base, f'[index]\nlocation = "{url}"\n')
        trust(".")
    elif command == "option":
        options = ["--index", url]
    else:
        monkeypatch.setenv("WENDUAN_INDEX", url)
    result = run("search", "一页", *options)
    assert "no OpenSearch" in said(result)
    assert AUTHORIZATION in host.received[0].lower()


def test_an_untrusted_file_does_not_say_how_a_cluster_is_reached(
    base: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would weaken TLS, and know who asks, of a cluster that the command line names."""
    monkeypatch.delenv("WENDUAN_OPENSEARCH_USER")
    monkeypatch.delenv("WENDUAN_OPENSEARCH_PASSWORD")
    rows = 'user = "boese"\npassword = "x"\nverify = false\nshards = 99\nca_certs = "/dev/zero"\n'
    configure(base, f"[opensearch]\n{rows}")
    os.chdir(base / "dl")
    assert find_configuration().opensearch == {}
    found = run("search", "一页", "--index", f"opensearch://{host.address}/x")
    assert "ignored [opensearch] (" in notices(found)[0]
    assert b"authorization" not in host.received[0].lower()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_cluster_cannot_lead_to_another_host(
    base: Path, host: Host, status: int, tmp_path: Path
) -> None:
    os.chdir(tmp_path)
    head = f"HTTP/1.1 {status} Moved\r\nLocation: http://{host.address}/\r\n"
    first = Host(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
    try:
        result = run("search", "一页", "--index", f"opensearch://{first.address}/x")
    finally:
        first.close()
    assert result.exit_code == 1
    assert isinstance(result.exception, WenduanError)
    assert first.received
    assert host.received == []


# What a notice says


def test_the_notice_is_one_line_with_a_command_to_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "it's $(touch x) here"
    folder.mkdir()
    (folder / "wenduan.toml").write_text('[index]\nlocation = "../x"\n', encoding="utf-8")
    monkeypatch.chdir(folder)
    (line,) = run("stats").stderr.splitlines()
    assert line.startswith(f"wenduan: {folder}/wenduan.toml: ignored location (effect beyond its")
    quoted = str(folder).replace("'", "'\"'\"'")
    assert line.endswith(f"; to obey it: wenduan trust '{quoted}'")


def test_a_folder_whose_name_would_act_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a\x1b[31m\n\u202eb"
    folder.mkdir()
    (folder / "wenduan.toml").write_text('[index]\nlocation = "../x"\n', encoding="utf-8")
    monkeypatch.chdir(folder)
    (line,) = run("stats").stderr.splitlines()
    assert not {"\x1b", "\u202e"} & set(line)
    assert line.endswith("to obey it: wenduan trust (in its folder)")


# Files that are not what they should be


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"x" * 70_000, "longer than 65,536 bytes"),
        (b"[index]\n" + b"a." * 5_000 + b"b = 1", "line 2 has more than 100 dots"),
        ('"\u2028"'.encode() + b".a" * 200 + b" = 1", "line 1 has more than 100 dots"),
        (b"a = " + b"[" * 60_000, "nested too deep"),
        (b"a = " + b"{a=" * 20_000, "nested too deep"),
        (b"a = " + b"9" * 60_000, "mend it as TOML"),
        (b"\xff", "mend it as TOML"),
        (b'[index]\nlocation = "a\\u0000b"', "a path holds a NUL"),
        (b'[index]\nlocation = "' + b"a/" * 3_000 + b'"', "too long"),
        ("\n".join(f"k{n} = 1" for n in range(5_000)).encode(), "nothing is known of k0, k1, k10"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_was_made_to_do_harm_is_one_line(
    tmp_path: Path, content: bytes, told: str
) -> None:
    """80 KB of a key with dots took 6 GB."""
    (tmp_path / "wenduan.toml").write_bytes(content)
    with pytest.raises(WenduanError, match=told) as caught:
        find_configuration(tmp_path)
    assert len(str(caught.value)) < 600 + len(str(tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "nowhere", "itself"])
def test_what_is_no_file_configures_nothing(tmp_path: Path, kind: str) -> None:
    (tmp_path / "wenduan.toml").write_text('[searches]\na = "b"\n', encoding="utf-8")
    below = tmp_path / "below"
    below.mkdir()
    path = below / "wenduan.toml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        to = {"device": "/dev/zero", "nowhere": "nowhere", "itself": "wenduan.toml"}
        path.symlink_to(to[kind])
    assert find_configuration(below).searches == {"a": "b"}


def test_links_without_end_are_beyond_a_folder(tmp_path: Path) -> None:
    for at in range(1_500):
        (tmp_path / f"l{at}").symlink_to(f"l{at + 1}")
    (tmp_path / "wenduan.toml").write_text('[index]\nfolders = ["l0"]\n', encoding="utf-8")
    assert find_configuration(tmp_path).folders == ()


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives away")
@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_of_another_user_counts_for_nothing(
    base: Path, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a folder where all may write, such as /tmp, it would say where pages are indexed."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "wenduan.toml"
    if kind == "link":
        (tmp_path / "own.toml").write_text('[searches]\na = "b"\n', encoding="utf-8")
        file.symlink_to("own.toml")
    else:
        file.write_text("[what is this", encoding="utf-8")
    os.chown(file, 12_345, 12_345, follow_symlinks=False)
    found = find_configuration()
    assert (found.ignored, found.reason) == (("everything",), "another user's file")
    assert found.searches == {}
    file.unlink()
    file.write_text('[searches]\na = "b"\n', encoding="utf-8")
    os.chown(file, 12_345, 12_345)
    trust(".")
    assert find_configuration().searches == {"a": "b"}


# Searches by name


def test_searches_by_name_name_no_others(base: Path) -> None:
    configure(base, '[searches]\na = "@b"\nb = "@a"\nlong = "' + "一页 " * 6_000 + '"\n')
    os.chdir(base / "dl")
    assert json.loads(run("search", "@a", "--json").stdout)["query"] == "(@b)"
    assert "use at most 2,000" in said(run("search", "@long"))


# The command


def test_trusting_tells_what_a_file_asks_for(base: Path) -> None:
    configure(
        base,
        '[index]\nfolders = ["pages", "/home", "../there"]\nlocation = "opensearch://a:1/x"\n'
        '[opensearch]\nuser = "u\\u001b[31m"\npassword = "geheimnis"\nverify = false\n',
    )
    result = run("trust")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{base / 'dl' / 'wenduan.toml'} is obeyed from now on",
        "  folders: /home",
        f"  folders: {base / 'there'}",
        "  location: opensearch://a:1/x",
        "  [opensearch]: user = u[31m",
        "  [opensearch]: password = …",
        "  [opensearch]: verify = False",
    ]
    assert run("trust", "--list").stdout == f"{(base / 'dl').resolve()}\n"
    assert run("stats", "--index", str(base / "dl" / "index")).stderr == ""


def test_trust_is_given_and_taken_back(base: Path) -> None:
    configure(base, '[index]\nsynonyms = "../there/words"\n')
    folder = base / "dl"
    assert run("trust", "--list").exit_code == 1
    assert run("trust", "--remove").exit_code == 1
    for named in (str(folder), str(folder / "wenduan.toml"), "..", "../wenduan.toml"):
        assert run("trust", named).exit_code == 0
        assert is_trusted(str(folder))
        assert run("trust", "--remove", str(folder)).exit_code == 0
        assert not is_trusted(str(folder))
    assert find_configuration().ignored == ("synonyms",)


def test_trust_in_a_folder_that_is_gone_can_be_taken_back(base: Path, tmp_path: Path) -> None:
    (tmp_path / "wenduan.toml").write_text("", encoding="utf-8")
    trust(str(tmp_path))
    shutil.rmtree(tmp_path)
    assert distrust(str(tmp_path))
    assert trusted_folders() == ()


@pytest.mark.parametrize("content", [None, "[broken", '[index]\nlocation = ""\n'])
def test_nothing_is_trusted_that_cannot_be_read(
    base: Path, tmp_path: Path, content: str | None
) -> None:
    """A file that comes later, or is mended later, would be trusted unseen."""
    if content is not None:
        (tmp_path / "wenduan.toml").write_text(content, encoding="utf-8")
    result = run("trust", str(tmp_path))
    assert isinstance(result.exception, WenduanError)
    assert trusted_folders() == ()


# The list of trusted folders


@pytest.fixture
def listed(base: Path) -> Path:
    """The file of a list with the folder in it, whose configuration needs it."""
    configure(base, '[index]\nsynonyms = "../there/words"\n')
    trust(str(base / "dl"))
    assert find_configuration().ignored == ()
    return Path(trust_file())


def test_only_the_user_may_read_and_write_the_list(listed: Path) -> None:
    assert listed.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in listed.parent.iterdir()] == ["trusted.json"]


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="no users and modes")
@pytest.mark.parametrize("attack", ["link", "pipe", "folder", "group", "all", "owner"])
def test_a_list_that_others_may_have_written_is_not_believed(listed: Path, attack: str) -> None:
    content = listed.read_bytes()
    if attack in ("link", "pipe", "folder"):
        listed.unlink()
    if attack == "link":
        (listed.parent / "other.json").write_bytes(content)
        listed.symlink_to("other.json")
    elif attack == "pipe":
        os.mkfifo(listed)
    elif attack == "folder":
        listed.mkdir()
    elif attack == "owner":
        if os.getuid() != 0:
            pytest.skip("only root gives files away")
        os.chown(listed, 12_345, 12_345)
    else:
        listed.chmod(0o620 if attack == "group" else 0o602)
    found = find_configuration()
    assert found.ignored == ("synonyms",)
    assert found.reason.startswith(str(listed))
    (line,) = run("search", "一页", "--index", "../index").stderr.splitlines()
    assert str(listed) in line
    with pytest.raises(WenduanError, match=r"trusted\.json"):
        trust("/")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"7",
        b"{}",
        b'{"folders": "/"}',
        b'{"folders": {"/": 1}}',
        b'{"folders": [1]}',
        b'{"folders": ["."]}',
        b'{"folders": [""]}',
        b"[" * 200_000,
        b"\xff\xfe",
        b" " * 1_100_000,
    ],
)
def test_a_list_that_is_none_trusts_nothing(listed: Path, content: bytes) -> None:
    listed.write_bytes(content)
    assert find_configuration().ignored == ("synonyms",)
    with pytest.raises(WenduanError, match=r"trusted\.json"):
        trusted_folders()


def test_a_list_is_not_looked_for_in_the_current_folder(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wenduan").mkdir()
    content = json.dumps({"folders": [str(tmp_path)]})
    (tmp_path / "wenduan" / "trusted.json").write_text(content, encoding="utf-8")
    (tmp_path / "wenduan" / "trusted.json").chmod(0o600)
    (tmp_path / "wenduan.toml").write_text('[index]\nlocation = "../x"\n', encoding="utf-8")
    monkeypatch.setenv("XDG_CONFIG_HOME", ".")
    assert find_configuration().ignored == ("location",)
    monkeypatch.setenv("XDG_CONFIG_HOME", "")
    assert find_configuration().ignored == ("location",)


def test_names_that_are_no_utf8_can_be_trusted(base: Path, tmp_path: Path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("no such names here")
    Path(folder, "wenduan.toml").write_text('[index]\nlocation = "../x"\n', encoding="utf-8")
    assert find_configuration(folder).ignored == ("location",)
    assert run("trust", folder).exit_code == 0
    assert find_configuration(folder).ignored == ()
    assert run("trust", "--list").exit_code == 0
