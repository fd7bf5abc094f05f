"""What `limit` may be, to the letter."""

import pytest
from flask.testing import FlaskClient

from tests.api.contract import declared
from tests.api.walking import HERE


@pytest.mark.parametrize("limit", ["1", "2", "99", "100", "1000"])
def test_a_whole_number_from_1_to_1000_is_taken(client: FlaskClient, limit: str) -> None:
    answer = client.get(f"{HERE}/figures", query_string={"limit": limit})

    assert answer.status_code == 200
    assert len(answer.get_json()["data"]) == min(int(limit), answer.get_json()["meta"]["total"])


@pytest.mark.parametrize(
    "limit",
    [
        *("", " ", "0", "-1", "+5", "1001", "2147483648", "9223372036854775808", "9" * 400),
        *("1e2", "1.0", "0x10", "1_0", "010", " 5", "5 ", "5\n", "\x005", "5\x00"),
        *("\uff11\uff12", "٣", "five", "null", "true", "NaN", "inf", "5,6", "[5]"),
    ],
)
@pytest.mark.parametrize("path", ["figures", "revisions", "diff?from=1"])
def test_anything_else_is_refused_with_what_is_allowed(
    client: FlaskClient, path: str, limit: str
) -> None:
    path, _, query = path.partition("?")
    asked = dict(part.split("=") for part in query.split("&") if part) | {"limit": limit}

    answer = client.get(f"{HERE}/{path}", query_string=asked)

    assert answer.status_code == 400
    assert answer.get_json()["errors"] == [
        {
            "detail": "must be a whole number from 1 to 1000, in plain digits",
            "parameter": "limit",
        }
    ]


def test_without_a_limit_a_page_has_at_most_100_items(client: FlaskClient) -> None:
    document = client.get("/openapi.json").get_json()
    operation = document["paths"]["/v1/datasets/{dataset}/figures"]["get"]
    (limit,) = (each for each in declared(document, operation) if each["name"] == "limit")

    assert limit["schema"]["default"] == 100
    assert (limit["schema"]["minimum"], limit["schema"]["maximum"]) == (1, 1000)
