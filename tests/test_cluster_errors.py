"""Whatever keeps a cluster from being used is said in one line, without secrets in it."""

import json
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from wenduan import IndexMissingError, WenduanError, open_index
from wenduan.configuration import read_configuration
from wenduan.engines.opensearch.connection import Access, of_answer, read_access
from wenduan.engines.opensearch.location import Location, parse_location

pytest.importorskip("opensearchpy")

INFO = {"version": {"distribution": "opensearch", "number": "3.3.2"}}
OLD = {"version": {"distribution": "opensearch", "number": "2.11.0"}}
OTHER = {"version": {"number": "8.1.0"}, "tagline": "You Know, for Search"}
# By method and path, the status and the body of an answer; all else is not found.
Answers = Mapping[tuple[str, str], tuple[int, Any]]
# What an OpenSearch without an index says.
EMPTY: Answers = {("GET", "/"): (200, INFO), ("GET", "/x"): (200, {})}


class Server(ThreadingHTTPServer):
    """A server on loopback that answers what it was told to."""

    def __init__(self, answers: Answers) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.kind = "application/json"
        self.authorizations: list[str | None] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that go away."""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def answer(self) -> None:
        self.server.authorizations.append(self.headers["Authorization"])
        status, body = self.server.answers.get(
            (self.command, self.path.partition("?")[0]), (404, {})
        )
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", self.server.kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_GET = do_HEAD = do_POST = answer  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def serve() -> Iterator[Any]:
    servers: list[Server] = []

    def start(answers: Answers) -> Server:
        servers.append(Server(answers))
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def said(url: str, kind: type[WenduanError] = WenduanError) -> str:
    with pytest.raises(kind) as error:
        open_index(url)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_no_connection() -> None:
    assert "no connection" in said("opensearch://127.0.0.1:1/x")
    assert "see whether it runs, and the address" in said("opensearch://127.0.0.1:1/x")


def test_the_next_host_is_asked_where_one_does_not_answer(serve: Any) -> None:
    server = serve(EMPTY)
    said(f"opensearch://127.0.0.1:1,{server.address}/x", IndexMissingError)


def test_wrong_credentials(serve: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    server = serve({("GET", "/"): (401, {"error": "Unauthorized"})})
    monkeypatch.setenv("WENDUAN_OPENSEARCH_USER", "leser")
    monkeypatch.setenv("WENDUAN_OPENSEARCH_PASSWORD", "geheimnis")
    message = said(f"opensearch://{server.address}/x")
    assert "user or password is wrong" in message
    assert "geheimnis" not in message
    # leser:geheimnis
    assert set(server.authorizations) == {"Basic bGVzZXI6Z2VoZWltbmlz"}


def test_a_right_that_is_missing(serve: Any) -> None:
    error = {"root_cause": [{"type": "security_exception", "reason": "no permissions"}]}
    server = serve({("GET", "/"): (403, {"error": error})})
    assert "may not do that" in said(f"opensearch://{server.address}/x")


@pytest.mark.parametrize(
    ("info", "told"), [(OLD, "3.0 or later is needed"), (OTHER, "is no OpenSearch"), ({}, "is no")]
)
def test_what_answers_is_too_old_or_something_else(serve: Any, info: Any, told: str) -> None:
    server = serve({("GET", "/"): (200, info)})
    assert told in said(f"opensearch://{server.address}/x")


def test_what_answers_in_another_language_is_said(serve: Any) -> None:
    # Such as the page of a proxy where one logs in.
    server = serve({("GET", "/"): (200, "<html>")})
    server.kind = "text/html"
    assert "is no OpenSearch" in said(f"opensearch://{server.address}/x")


def test_an_encrypted_connection_to_what_does_not_encrypt_is_said(serve: Any) -> None:
    server = serve({("GET", "/"): (200, INFO)})
    message = said(f"opensearch+https://{server.address}/x")
    assert "write opensearch://" in message
    assert "certificate" not in message


def test_an_index_that_stands_behind_a_name_is_called_by_it(serve: Any) -> None:
    behind: dict[str, Any] = {"x-1": {"aliases": {"x": {}}}}
    server = serve(
        {
            ("GET", "/"): (200, INFO),
            ("GET", "/x-1"): (200, behind),
        }
    )
    assert "use that one, x" in said(f"opensearch://{server.address}/x-1")


def test_an_index_that_is_gone_is_told_alike_by_all_that_is_asked() -> None:
    location = Location((("host", 9200),), "x", is_encrypted=False)
    error = {"type": "index_not_found_exception", "reason": "no such index [x-1]"}
    for status in (404, 503):
        assert isinstance(of_answer(location, status, error), IndexMissingError)


def test_an_index_that_is_missing(serve: Any) -> None:
    server = serve(EMPTY)
    url = f"opensearch://{server.address}/x"
    assert f"make one with: wenduan index PATH --index {url}" in said(url, IndexMissingError)


def test_an_index_of_somebody_else(serve: Any) -> None:
    ours: dict[str, Any] = {"x": {"aliases": {}}}
    server = serve({("GET", "/"): (200, INFO), ("GET", "/x"): (200, ours)})
    assert "wenduan did not make" in said(f"opensearch://{server.address}/x")
    theirs: dict[str, Any] = {
        "i": {"mappings": {"properties": {}}, "settings": {}, "aliases": {"x": {}}}
    }
    server = serve(
        {
            ("GET", "/"): (200, INFO),
            ("GET", "/x"): (200, theirs),
            ("GET", "/i"): (200, theirs),
        }
    )
    assert "wenduan did not make" in said(f"opensearch://{server.address}/x")


@pytest.fixture
def encrypted(serve: Any, tmp_path: Path) -> tuple[Server, Path]:
    """A server whose certificate it has signed itself, and the certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing, which makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    server: Server = serve(EMPTY)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return server, certificate


def test_a_certificate_that_is_not_trusted(
    encrypted: tuple[Server, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, certificate = encrypted
    url = f"opensearch+https://{server.address}/x"
    assert "WENDUAN_OPENSEARCH_CA_CERTS" in said(url)
    assert server.authorizations == []
    monkeypatch.setenv("WENDUAN_OPENSEARCH_CA_CERTS", str(certificate))
    said(url, IndexMissingError)
    monkeypatch.delenv("WENDUAN_OPENSEARCH_CA_CERTS")
    monkeypatch.setenv("WENDUAN_OPENSEARCH_VERIFY", "no")
    said(url, IndexMissingError)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("opensearch://host:9200", "write opensearch://HOST:9200/NAME"),
        ("opensearch:///x", "write opensearch://"),
        ("opensearch://host:9200/", "the name of an index is missing"),
        ("opensearch://host:99999/x", "99999 is no port"),
        ("OpenSearch://host:9200/Notes", "use small Latin"),
        ("http://host:9200/x", "at opensearch://HOST:9200/NAME"),
        ("opensearch+http://host:9200/x", "at opensearch://HOST:9200/NAME"),
        ("opensearch:host", "at opensearch://HOST:9200/NAME"),
        ("opensearch://host:9200/Notes", "use small Latin"),
        ("opensearch://host:9200/a/b", "write opensearch://"),
    ],
)
def test_an_address_that_is_none(url: str, told: str) -> None:
    assert told in said(url)


def test_an_address_with_a_password_is_refused_without_repeating_it() -> None:
    message = said("opensearch://leser:geheimnis@host:9200/x")
    assert "WENDUAN_OPENSEARCH_PASSWORD" in message
    assert "geheimnis" not in message
    assert "geheimnis" not in said("https://leser:geheimnis@host:9200/x")


def test_addresses() -> None:
    one = parse_location("opensearch+https://a:1,[::1]:2,c/notes")
    assert one == Location((("a", 1), ("[::1]", 2), ("c", 9200)), "notes", True)
    assert str(one) == "opensearch+https://a:1,[::1]:2,c:9200/notes"


def test_secrets_are_not_shown() -> None:
    assert "geheimnis" not in repr(Access("leser", "geheimnis"))


def test_the_environment_comes_before_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "wenduan.toml"
    file.write_text(
        '[index]\nlocation = "opensearch://host/notes"\n'
        '[opensearch]\nuser = "leser"\npassword = "geheimnis"\nca_certs = "ca.pem"\n'
        "verify = false\n",
        encoding="utf-8",
    )
    config = read_configuration(file)
    assert config.location == "opensearch://host/notes"
    assert "geheimnis" not in repr(config)
    wanted = Access("leser", "geheimnis", str(tmp_path / "ca.pem"), verify=False)
    assert read_access(config.opensearch) == wanted
    monkeypatch.setenv("WENDUAN_OPENSEARCH_PASSWORD", "anderes")
    monkeypatch.setenv("WENDUAN_OPENSEARCH_VERIFY", "yes")
    assert read_access(config.opensearch) == Access("leser", "anderes", wanted.ca_certs)


def test_a_configuration_that_cannot_be_understood(tmp_path: Path) -> None:
    file = tmp_path / "wenduan.toml"
    for text, told in (
        ('verify = "no"', "true or false"),
        ("user = 3", "must be a text"),
        ("shards = 0", "shards must be a number from 1 on"),
        ('replicas = "one"', "replicas must be a number from 0 on"),
    ):
        file.write_text(f"[opensearch]\n{text}\n", encoding="utf-8")
        with pytest.raises(WenduanError, match=told):
            read_configuration(file)


@pytest.mark.parametrize(
    ("status", "error", "told", "passing"),
    [
        (429, {"type": "x", "reason": "disk usage exceeded flood-stage"}, "it is overloaded", True),
        (429, {"type": "cluster_block_exception", "reason": "disk usage"}, "disks are full", True),
        (503, {"type": "x", "reason": "all shards failed"}, "not available", True),
        (503, {"type": "master_not_found", "reason": None}, "health (master_not_found)", True),
        (503, {"type": "cluster_manager_not_discovered_exception"}, "start the others", True),
        (400, {"type": "too_many_clauses", "reason": "1024"}, "too long for the cluster", False),
        (400, {"type": "parsing_exception", "reason": "one\ntwo"}, "answers 400: parsing", False),
        (500, None, "answers 500: no reason told", False),
    ],
)
def test_answers_that_tell_of_an_error(status: int, error: Any, told: str, passing: bool) -> None:
    found = of_answer(parse_location("opensearch://host/x"), status, error)
    assert told in str(found)
    assert "\n" not in str(found)
    assert getattr(found, "is_passing", False) == passing


def test_a_command_says_it_in_one_line() -> None:
    command = [sys.executable, "-m", "wenduan", "search", "x", "--index"]
    done = subprocess.run(
        [*command, "opensearch://127.0.0.1:1/x"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("wenduan: opensearch://127.0.0.1:1/x: no connection")
