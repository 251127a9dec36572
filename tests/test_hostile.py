"""Hostile questions do no harm, and the checks that say so would see harm."""

from itertools import islice

import pytest

import hostile
from api_clients import api_client

COUNT, SEED = 60, 3
"""Some over the limit are among them. `make hostile` sends 10,000."""


def test_hostile_questions_do_no_harm(tmp_path):
    with api_client(hostile.build(tmp_path)) as client:
        attack = hostile.Attack(client)
        attack.run(COUNT, SEED)
    assert set(attack.statuses) == {200, 201, 204, 404, 413, 422}
    assert attack.shown > COUNT / 2


def test_a_seed_gives_the_same_questions():
    first, again = (list(islice(hostile.values(7), 50)) for _ in range(2))
    assert first == again
    assert first != list(islice(hostile.values(8), 50))


@pytest.mark.parametrize(
    "page",
    [
        "<div><script>alert(1)</script></div>",
        "<p>都市<img src=x></p>",
        '<p onclick="alert(1)">都市</p>',
        '<a href="javascript:alert(1)">都市</a>',
        "<p>都市\n\n# 見出し</p>",
    ],
)
def test_markup_in_a_page_is_seen(page):
    with pytest.raises(AssertionError):
        hostile.check_html(page)


@pytest.mark.parametrize(
    "text", ["<b>都市</b>", "[都市](x)", "- 都市", "    都市", "`都市`", "*都市*", "***", "> <br>"]
)
def test_markup_in_markdown_is_seen(text):
    with pytest.raises(AssertionError):
        hostile.check_markdown(text)
