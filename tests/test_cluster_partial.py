"""A cluster that answers with what it had found in time gives partial results."""

from typing import Any

import pytest

from wenduan.engines.opensearch.retrieval import Search


class Index:
    """Gives the same answers to every request, and keeps what it was asked."""

    def __init__(self, *answers: dict[str, Any]) -> None:
        self.answers, self.asked = answers, list[Any]()

    def search_all(self, bodies: Any) -> Any:
        self.asked += bodies
        return self.answers


def search_of(*answers: dict[str, Any]) -> Any:
    search: Any = object.__new__(Search)
    search.index, search.partial = Index(*answers), False
    return search


@pytest.mark.parametrize("late", [0, 1])
def test_an_answer_that_is_late_makes_results_partial(late: int) -> None:
    search = search_of(*({"timed_out": at == late} for at in range(2)))
    search.ask({"size": 1}, {"size": 0})
    assert search.partial
    # It stays so, whatever the next request gives.
    search.index.answers = ({"timed_out": False},)
    search.ask({"size": 1})
    assert search.partial


def test_answers_in_time_are_whole_and_each_request_is_bounded() -> None:
    search = search_of({"timed_out": False}, {})
    search.ask({"size": 1}, {"size": 0})
    assert not search.partial
    assert [body["timeout"] for body in search.index.asked] == ["5s", "5s"]
    assert [body["size"] for body in search.index.asked] == [1, 0]
