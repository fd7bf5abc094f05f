from typing import Any

import pytest

from schemas.problems import Misspelled
from service.loader.release import limits, strict_json
from service.loader.release.malformed import Malformed


def faults(data: bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(Malformed) as caught:
        strict_json.decode(data)
    return [(fault.line, fault.pointer) for fault in caught.value.faults]


def why(data: bytes) -> str:
    with pytest.raises(Malformed) as caught:
        strict_json.decode(data)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b'{"a":1,"b":[true,false,null,"x"]}', {"a": 1, "b": [True, False, None, "x"]}),
        (b" [0, -1, 0.11, -0.5, 999999999999999] \r\n", [0, -1, 0.11, -0.5, 999999999999999]),
        (b'"\\ud83d\\ude00 \\u0000 \xe2\x80\xa8"', "\U0001f600 \0 \u2028"),
        (b'\xef\xbb\xbf{"a":"\xef\xbb\xbf"}', {"a": "\ufeff"}),
        (b'{"a":{"a":{"a":1}},"A":2}', {"a": {"a": {"a": 1}}, "A": 2}),
    ],
)
def test_json_within_the_rules_is_read_as_it_stands(data: bytes, value: Any) -> None:
    assert strict_json.decode(data) == value


@pytest.mark.parametrize(
    ("data", "pointers"),
    [
        (b'{"a":1,"a":1}', ["/a"]),
        (b'{"x":[{"b":1,"b":2,"b":3}],"y":{"c/d":1,"c/d":2}}', ["/x/0/b", "/x/0/b", "/y/c~1d"]),
        (b'{"a":1,"\\u0061":2}', ["/a"]),
        (b"[NaN,Infinity,-Infinity]", ["/0", "/1", "/2"]),
        (b'{"x":[1,1e999,-1E+400]}', ["/x/1", "/x/2"]),
        (b'["\\ud800", "\\udfff", "\\ud83d\\ude00"]', ["/0", "/1"]),
        (b'{"a":{"\\udc00":1}}', ["/a/\\udc00"]),
    ],
)
def test_each_breach_of_the_rules_is_named_by_its_pointer(data: bytes, pointers: list[str]) -> None:
    assert faults(data) == [(None, pointer) for pointer in pointers]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"", 1),
        (b'{"a":\n1,\n}', 3),
        (b"[1] [2]", 1),
        (b"[1]\n\xef\xbb\xbf", 2),
        (b'{"a":1,"a":2}\nx', 2),
        (b'"a\nb"', 1),
        (b"[01]", 1),
        (b"{'a':1}", 1),
        (b"[1,]", 1),
        (b'"\\x"', 1),
        (b'\xef\xbb\xbf\xef\xbb\xbf"x"', 1),
        (b'["\\ud800', 1),
    ],
)
def test_what_is_not_json_is_refused_with_its_line(data: bytes, line: int) -> None:
    assert faults(data) == [(line, "")]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        ('{"a":"é"}'.encode("latin-1"), 1, "not UTF-8: byte 6 is 0xE9"),
        ('[1,\n"Алматы"]'.encode("cp1251"), 2, "not UTF-8: byte 5 is 0xC0"),
        ('{"a":1}'.encode("utf-16"), 1, "UTF-16"),
        (b'["\xed\xa0\x80"]', 1, "not UTF-8: byte 2"),
        (b'["\xc0\x80"]', 1, "not UTF-8: byte 2"),
    ],
)
def test_another_encoding_is_named_with_byte_and_line(data: bytes, line: int, words: str) -> None:
    assert faults(data) == [(line, "")]
    assert words in why(data)


def test_a_byte_order_mark_is_accepted_only_at_the_start_of_a_file() -> None:
    with pytest.raises(Malformed):
        strict_json.decode(b'\xef\xbb\xbf{"a":1}', starts_file=False)


@pytest.mark.parametrize("outer", ['{{"a":{}}}', "[{}]"])
def test_sixty_four_levels_are_read_and_no_more(outer: str) -> None:
    value = "1"
    for _ in range(64):
        value = outer.format(value) if outer[0] == "[" else f'{{"a":{value}}}'
    strict_json.decode(value.encode())
    assert "more than 64" in why(f"[{value}]".encode())


@pytest.mark.parametrize("depth", [65, 900, 5_000, 100_000, 1_000_000])
@pytest.mark.parametrize("close", [True, False])
def test_deep_nesting_is_refused_at_any_depth(depth: int, close: bool) -> None:
    reason = why(b"[" * depth + b"]" * (depth if close else 0))
    assert "more than 64" in reason or "not JSON" in reason
    assert "more than 64" in why(b'{"a":' * depth + b"1" + b"}" * depth)


def test_brackets_in_text_are_not_nesting() -> None:
    assert strict_json.decode(b'["' + b"[{" * 500 + b'"]') == ["[{" * 500]


def test_duplicates_below_deep_nesting_are_refused_without_exhausting_the_stack() -> None:
    assert faults(b"[" * 800 + b'{"a":1,"a":2}' + b"]" * 800)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("12.0", "write 12"),
        ("1.50", "write 1.5"),
        ("0.0", "write 0"),
        ("-0.0", "write 0"),
        ("-0", "write 0"),
        ("1e3", "write 1000"),
        ("1E-2", "write 0.01"),
        ("-2.5e+1", "write -25"),
        ("1e99", "without an exponent"),
        ("1e-99999999999999999999", "without an exponent"),
        ("0.1000000000000000055", "15 significant digits"),
        ("1234567890.1234567", "15 significant digits"),
        ("9" * 19, "at most 15 digits"),
        ("9" * 5000, "at most 15 digits"),
        ("1." + "3" * 5000, "15 significant digits"),
    ],
)
def test_a_number_in_another_spelling_stays_where_it_stands(text: str, advice: str) -> None:
    value = strict_json.decode(f'{{"a":[{text}]}}'.encode())["a"][0]
    assert isinstance(value, Misspelled)
    assert value.text == text
    assert advice in value.advice


@pytest.mark.parametrize("text", ["0", "7", "-7", "0.5", "-0.5", "0.0001", "123456789012345", "10"])
def test_a_number_of_the_record_model_is_read_and_written_back_alike(text: str) -> None:
    assert str(strict_json.decode(text.encode())) == text


def test_no_more_than_a_thousand_faults_of_one_text_are_named() -> None:
    assert len(faults(b"[" + b",".join([b"NaN"] * 5000) + b"]")) == 1000


def test_the_number_of_brackets_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "JSON_BRACKETS", 3)
    assert strict_json.decode(b"[[],{}]") == [[], {}]
    assert "more than 3 objects and lists" in why(b"[[],{},{}]")
