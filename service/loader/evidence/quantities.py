"""Whether the selected words carry the number of a figure, in the form that the figure states."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from service.loader.evidence.digits import Found, in_digits
from service.loader.evidence.spelled import MAGNITUDES, in_words

Reader = Callable[[str], Iterable[Found]]

_AROUND = 80
"""Code points on each side of a selection that are read too: a number may go on there."""


class Quantity(NamedTuple):
    """What of a figure the check of its number needs; `numbers` are by the member's name."""

    form: str
    measure: str
    unit: str
    numbers: Mapping[str, Decimal]
    magnitude: str | None
    listed: int | None


class Selected(NamedTuple):
    """A run of a text, in its context."""

    text: str
    start: int
    end: int


def quantity_of(figure: Mapping[str, Any]) -> Quantity | None:
    """Return the quantity of a valid figure, or None where nothing has to be found."""
    if figure.get("form") in (None, "implied"):
        return None
    stated = [name for name in ("value", "low", "high") if name in figure]
    actors = figure.get("enumerated", {}).get("actors")
    return Quantity(
        figure["form"],
        figure["measure"],
        figure["unit"],
        {name: abs(Decimal(repr(figure[name]))) for name in stated},
        figure.get("magnitude"),
        None if actors is None else len(actors),
    )


def faults(quantity: Quantity, selected: Iterable[Selected]) -> Iterator[tuple[str, str]]:
    """Yield (member, detail) for each number of a figure that its evidence does not carry."""
    if quantity.form == "enumerated":
        yield from _miscounted(quantity)
        return
    runs = list(selected)
    carried = {number for run in runs for number in numbers_in(run, _reader(quantity))}
    for member, number in quantity.numbers.items():
        if number not in carried:
            yield member, f"no selected words have the number {number:f} in {quantity.form}"
    if quantity.form == "words" and not _has_magnitude(quantity.magnitude, runs):
        yield "magnitude", f"no selected words say {quantity.magnitude}"


def numbers_in(run: Selected, read: Reader) -> Iterator[Decimal]:
    """Yield the numbers that stand in a selection whole, in no larger number around it.

    A plain space at the edge of a selection ends a number, for the editor's choice tells there
    what `6 200` is: one number, or the sixth of a month and two hundred.
    """
    before = run.text[max(0, run.start - _AROUND) : run.start]
    after = run.text[run.end : run.end + _AROUND]
    if before.endswith(" "):
        before = before[:-1] + "\n"
    if after.startswith(" "):
        after = "\n" + after[1:]
    start, end = len(before), len(before) + run.end - run.start
    for found in read(before + run.text[run.start : run.end] + after):
        if start <= found.start and found.end <= end:
            yield from found.values


def _reader(quantity: Quantity) -> Reader:
    if quantity.form == "digits":
        return in_digits
    return lambda text: in_words(text, quantity.measure, quantity.unit)


def _miscounted(quantity: Quantity) -> Iterator[tuple[str, str]]:
    if quantity.listed is None:
        yield "form", "the form is enumerated, and `enumerated` lists nobody"
    elif quantity.numbers.get("value", quantity.listed) != quantity.listed:
        detail = f"the value is {quantity.numbers['value']:f}, and {quantity.listed} are listed"
        yield "enumerated/actors", detail


def _has_magnitude(magnitude: str | None, runs: Iterable[Selected]) -> bool:
    pattern = MAGNITUDES.get(magnitude or "")
    return pattern is None or any(pattern.search(r.text[r.start : r.end]) for r in runs)
