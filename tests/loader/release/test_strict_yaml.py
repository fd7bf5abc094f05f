import time
from contextlib import suppress
from typing import Any

import pytest

from schemas.problems import Misspelled, misspellings
from service.loader.release import limits, strict_yaml
from service.loader.release.malformed import Fault, Malformed


def faults(data: str | bytes) -> tuple[Fault, ...]:
    """What is wrong with a file, and with the scalars in it; something has to be."""
    try:
        parsed = strict_yaml.decode(data if isinstance(data, bytes) else data.encode())
    except Malformed as malformed:
        return malformed.faults
    assert parsed.lines is not None
    found = [Fault(parsed.lines[p], p, detail) for p, detail in misspellings(parsed.value)]
    assert found
    return tuple(found)


def lines(data: str) -> list[int | None]:
    return [fault.line for fault in faults(data)]


def value(data: str) -> Any:
    return strict_yaml.decode(data.encode()).value


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("true", True),
        ("false", False),
        ("12", 12),
        ("-12", -12),
        ("0", 0),
        ("0.11", 0.11),
        ("-0.5", -0.5),
        ("2022-01-06", "2022-01-06"),
        ("2022-01", "2022-01"),
        ("2022-01-06T23:59:59Z", "2022-01-06T23:59:59Z"),
        ("2022-01-06/..", "2022-01-06/.."),
        ("202X", "202X"),
        ("1.2.3", "1.2.3"),
        ("12 people", "12 people"),
        ("1,200", "1,200"),
        ("Nobody", "Nobody"),
        ("yes!", "yes!"),
        ("-", None),
        ("'012'", "012"),
        ('"yes"', "yes"),
        ("''", ""),
        ('"\\u2028\\uFEFF"', "\u2028\ufeff"),
        ("|-\n  12", "12"),
        (">-\n  no", "no"),
        ("a b\n  c", "a b c"),
        ("[a, 1]", ["a", 1]),
        ("{b: c}", {"b": "c"}),
        ("[]", []),
    ],
)
def test_a_value_means_what_it_says(text: str, meant: Any) -> None:
    if meant is None:
        assert lines(f"a: {text}")
    else:
        read = value(f"a: {text}\n")["a"]
        assert (read, type(read)) == (meant, type(meant))


NUMBERS = (
    "012 1e3 1E3 1.50 12.0 12_000 0x1F 0X1f 0o17 0b11 12:30 1:02:03.5 .nan .NaN .inf -.INF +12 "
    "+0.5 1. .5 -.5 -0 -0.0 00 1e999 1.5e+3"
)
WORDS = "yes Yes YES No no NO on On OFF off y Y n N True TRUE False FALSE null Null NULL ~ = <<"


@pytest.mark.parametrize("text", f"{NUMBERS} {WORDS}".split())
def test_what_some_yaml_takes_for_more_than_text_has_to_be_quoted(text: str) -> None:
    (fault,) = faults(f"id: x\na:\n  - {text}\n")
    assert (fault.line, fault.pointer) == (3, "/a/0")
    assert "quote it" in fault.detail
    (fault,) = faults(f"id: x\n{text}: 1\n")
    assert fault.line == 2
    assert "quote it" in fault.detail
    assert value(f"id: x\n'{text}': \"{text}\"\n") == {"id": "x", text: text}


def test_the_refusal_of_a_number_says_how_to_write_it() -> None:
    assert "or write the number 1.5" in faults("a: 1.50")[0].detail
    assert "or write the number 1000" in faults("a: 1e3")[0].detail
    assert "or write" not in faults("a: 012")[0].detail


@pytest.mark.parametrize("text", ["a:", "a:\nb: x", "- ", "a: [x, {z: }]", "{a}", "a: # nothing"])
def test_an_empty_value_is_refused(text: str) -> None:
    assert "no value" in faults(text)[0].detail


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\n", 1, "anchor"),
        ("a: 1\nb: *x\n", 2, "alias"),
        ("a: 1\nb: !!str 1\n", 2, "tag"),
        ("a: 1\nb: ! 1\n", 2, "tag"),
        ("a: !!python/object:os.system {}\n", 1, "tag"),
        ("a: !local [1]\n", 1, "tag"),
        ("&x a: 1\n", 1, "anchor"),
        ("!!str a: 1\n", 1, "tag"),
        ("a: 1\n<<: {b: 1}\n", 2, "merge"),
        ("a: 1\nb: 2\na: 3\n", 3, "twice"),
        ("a: 1\n'a': 3\n", 2, "twice"),
        ("{a: 1, a: 2}\n", 1, "twice"),
        ("x: 1\n2022: 1\n", 2, "has to be text"),
        ("true: 1\n", 1, "has to be text"),
        ("? [a]\n: 1\n", 1, "has to be text"),
        ("? {a: b}\n: 1\n", 1, "has to be text"),
        ("a: 1\n---\nb: 1\n", 2, "second document"),
        ("a: 1\n...\n---\nb: 1\n", 3, "second document"),
        ("%YAML 1.2\n---\na: 1\n", 1, "directive"),
        ("# x\n%TAG ! tag:x,2000:\n---\na: 1\n", 2, "directive"),
        ("", 1, "nothing"),
        ("# nothing\n", 1, "nothing"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str, line: int, words: str) -> None:
    (fault,) = faults(text)
    assert fault.line == line
    assert words in fault.detail


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1\n", 2),
        ("a: b: c\n", 1),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 'x\n", 2),
        ("x: 1\na: @b\n", 2),
        ('a: "\\ud800"\n', 1),
        ("a: 1\nb\n", 3),
    ],
)
def test_a_syntax_error_is_named_with_its_line(text: str, line: int) -> None:
    fault = faults(text)[-1]
    assert fault.line == line
    assert fault.detail.startswith("not YAML: ")


@pytest.mark.parametrize("code", [0, 1, 0x7F, 0x85, 0x2028, 0x2029, 0xFEFF, 0xFFFE])
def test_characters_that_yaml_would_alter_are_refused(code: int) -> None:
    (fault,) = faults(f"a: 1\nb: x{chr(code)}y\n")
    assert fault.line == 2
    assert f"U+{code:04X}" in fault.detail


def test_all_faults_of_a_file_are_collected() -> None:
    text = "a: *x\nb:\n  - !s 1\n  - ok\n  - *x\na: &x 1\nc: *x\nd: !t 1\n? [x]\n: *x\ne: [1\n"
    assert lines(text) == [1, 3, 5, 6, 6, 7, 8, 9, 10, 12]


def test_all_scalars_that_could_be_misread_are_told_together() -> None:
    assert sorted(map(str, lines("a: yes\nb:\n  - 012\n  - ok\n  - ~\n"))) == ["1", "3", "5"]


def test_no_more_than_a_thousand_faults_of_one_file_are_named() -> None:
    assert len(faults("a: [" + "*x," * 5000 + "]")) == 1000


def test_a_latin_1_file_is_named_with_byte_and_line() -> None:
    (fault,) = faults("a: 1\nb: café\n".encode("latin-1"))
    assert fault.line == 2
    assert "not UTF-8: byte 11 is 0xE9" in fault.detail


def test_a_byte_order_mark_is_accepted_once() -> None:
    assert strict_yaml.decode(b"\xef\xbb\xbfa: 1").value == {"a": 1}
    assert faults(b"\xef\xbb\xbf\xef\xbb\xbfa: 1")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_gives_the_same_value_and_lines(end: str) -> None:
    parsed = strict_yaml.decode(f"a: 1{end}b: |{end}  x{end}  y{end}".encode())
    assert parsed.value == {"a": 1, "b": "x\ny\n"}
    assert parsed.lines == {"": 1, "/a": 1, "/b": 2}


def test_each_pointer_has_its_line() -> None:
    text = "- id: a\n  list:\n    - x\n    - {w: 1,\n       z: 2}\n- id: b\n  'c/d': |\n    e\n"
    assert strict_yaml.decode(text.encode()).lines == {
        "": 1,
        "/0": 1,
        "/0/id": 1,
        "/0/list": 2,
        "/0/list/0": 3,
        "/0/list/1": 4,
        "/0/list/1/w": 4,
        "/0/list/1/z": 5,
        "/1": 6,
        "/1/id": 6,
        "/1/c~1d": 7,
    }


@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ("{a: ", "}")])
def test_sixty_four_levels_are_read_and_no_more(begin: str, end: str) -> None:
    value(begin * 64 + "1" + end * 64)
    assert "more than 64" in faults(begin * 65 + "1" + end * 65)[0].detail
    assert "more than 64" in faults(begin * 100_000)[0].detail
    assert "more than 64" in faults("- " * 5_000 + "x")[0].detail
    assert "more than 64" in faults("? " * 5_000 + "x")[0].detail


def test_a_number_with_too_many_digits_stays_where_it_stands() -> None:
    assert isinstance(value("a: " + "9" * 5000)["a"], Misspelled)


def test_an_alias_bomb_is_refused_at_once() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for name, previous in zip("bcdefghi", "abcdefgh", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{previous}'] * 9)}]\n"
    start = time.perf_counter()
    assert len(faults(bomb)) == 9 + 8 * 9
    assert time.perf_counter() - start < 0.5


def test_the_reading_stops_at_the_limit_of_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FAULTS", 3)
    assert lines("a: *x\nb: *x\nc: *x\nd: *x\ne: [\n") == [1, 2, 3]


def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "YAML_VALUES", 4)
    assert value("a: [1, 2]") == {"a": [1, 2]}
    assert "more than 4 values" in faults("a: [1, 2, 3]")[0].detail


@pytest.mark.parametrize(
    "text",
    [
        "- " + "1" * 300_000 + "x",
        "- " + "1_" * 300_000 + "x",
        "- 1" + ":1" * 300_000 + "x",
        "- ." + "1" * 300_000 + "x",
        "- 1e" + "1" * 300_000 + "x",
        "".join(f"%TAG !a{n}! x\n" for n in range(20_000)),
        "{" + "a," * 200_000,
        "[" * 200_000,
        ": " * 200_000,
    ],
)
def test_the_time_grows_with_the_length_of_the_text(text: str) -> None:
    start = time.perf_counter()
    with suppress(Malformed):
        strict_yaml.decode(text.encode())
    assert time.perf_counter() - start < 1
