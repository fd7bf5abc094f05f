"""The instant that a revision stands for."""

import pytest

from service.errors import Refused
from service.loader import open_release
from tests.loader.releases import Releases, actors


@pytest.mark.parametrize(
    ("given", "issued"),
    [
        (None, "2031-05-04T12:00:00Z"),
        ("2031-05-04", "2031-05-04T12:00:00Z"),
        ("2031-05-03", "2031-05-03T23:59:59Z"),
        ("2031-05-04T12:00:00Z", "2031-05-04T12:00:00Z"),
        ("2031-05-04T00:00:00Z", "2031-05-04T00:00:00Z"),
        ("1950-01-01", "1950-01-01T23:59:59Z"),
    ],
)
def test_what_a_release_says_becomes_an_instant(
    releases: Releases, given: str | None, issued: str
) -> None:
    said = {} if given is None else {"issued": given}

    report = releases.load_now(actors("a"), **said)

    head = releases.head().revision
    assert report.issued == head.issued == issued
    assert head.published_at == "2031-05-04T12:00:00Z"


@pytest.mark.parametrize("given", ["2031-05-05", "2031-05-04T12:00:01Z", "2099-01-01"])
def test_the_future_is_refused(releases: Releases, given: str) -> None:
    with pytest.raises(Refused) as caught:
        releases.load_now(actors("a"), issued=given)

    (flaw,) = caught.value.flaws
    assert flaw.detail.endswith("lies in the future; it is 2031-05-04T12:00:00Z now")


@pytest.mark.parametrize("given", ["2022-01-06", "2022-01-07T11:59:59Z"])
def test_what_lies_before_the_head_is_refused(releases: Releases, given: str) -> None:
    releases.load_now(actors("a"), issued="2022-01-07T12:00:00Z")

    with pytest.raises(Refused) as caught:
        releases.load_now(actors("ab"), issued=given)

    (flaw,) = caught.value.flaws
    assert "before the head, which stands for 2022-01-07T12:00:00Z" in flaw.detail


@pytest.mark.parametrize("given", ["2022-01-07", "2022-01-07T12:00:00Z", None])
def test_the_instant_of_the_head_or_later_follows_it(releases: Releases, given: str | None) -> None:
    releases.load_now(actors("a"), issued="2022-01-07T12:00:00Z")

    said = {} if given is None else {"issued": given}

    assert releases.load_now(actors("ab"), **said).revision == 2


@pytest.mark.parametrize("given", ["tomorrow", "2022-02-30", "2022-01-07T12:00:00+01:00", "2022"])
def test_what_is_no_instant_is_refused(releases: Releases, given: str) -> None:
    path = releases.write(actors("a"))

    with pytest.raises(Refused):
        open_release(str(path), issued=given)
    with pytest.raises(Refused):
        releases.load_now(actors("a"), issued=given)


def test_a_clock_that_goes_back_moves_neither_numbers_nor_the_head(releases: Releases) -> None:
    releases.load(actors("a"), issued="2022-01-07")
    first = releases.head().revision

    # The clock of these tests may stand years apart from that of the machine.
    report = releases.load_now(actors("ab"))

    assert (first.number, report.revision) == (1, 2)
