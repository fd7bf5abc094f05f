"""Whatever another writer writes of the record model's values reads back equal."""

import json
import re
from contextlib import suppress
from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from service.loader.release import Malformed, strict_json, strict_yaml

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FRACTIONS = st.decimals(-9999, 9999, places=4).map(float).filter(lambda x: x % 1 and abs(x) >= 1e-4)
NUMBERS = st.integers(-(10**15) + 1, 10**15 - 1) | FRACTIONS
VALUES = st.recursive(
    TEXT | NUMBERS | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
PLAIN = st.from_regex(r"[A-Za-z]{3,9}( [A-Za-z0-9]{1,6}){1,3}", fullmatch=True)


def is_same(left: Any, right: Any) -> bool:
    return orjson.dumps(left) == orjson.dumps(right) and left == right


@given(VALUES, st.sampled_from([0, orjson.OPT_INDENT_2, orjson.OPT_APPEND_NEWLINE]))
def test_json_that_orjson_writes_reads_back_equal(value: Any, option: int) -> None:
    assert is_same(strict_json.decode(orjson.dumps(value, option=option)), value)


@given(VALUES)
def test_json_with_escapes_reads_back_equal(value: Any) -> None:
    assert is_same(strict_json.decode(json.dumps(value).encode()), value)


@settings(deadline=None)
@given(VALUES)
def test_yaml_with_quoted_text_reads_back_equal(value: Any) -> None:
    assert is_same(strict_yaml.decode(yaml_of(value).encode()).value, value)


@given(st.dictionaries(PLAIN, PLAIN, min_size=1, max_size=5))
def test_yaml_with_plain_text_reads_back_equal(value: dict[str, str]) -> None:
    text = "".join(f"{name}: {member}\n" for name, member in value.items())
    assert strict_yaml.decode(text.encode()).value == value


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=12))
def test_text_without_quotes_is_read_as_it_stands_or_refused(text: str) -> None:
    with suppress(Malformed):
        (value,) = strict_yaml.decode(f"- {text}\n".encode()).value
        if isinstance(value, str) and text.strip(" \t")[:1] not in tuple("'\"|>"):
            assert value == re.split("(?:^|[ \t])#", text)[0].strip(" \t")


@given(st.binary(max_size=60))
def test_no_bytes_break_the_decoders(data: bytes) -> None:
    is_read_or_refused(data)


@settings(max_examples=300)
@given(st.text("{}[]:,-?&*!|>'\"%#@ \n\tab1.~<=\\/", max_size=40))
def test_no_punctuation_breaks_the_decoders(text: str) -> None:
    is_read_or_refused(text.encode())


def is_read_or_refused(data: bytes) -> None:
    for decode in (strict_json.decode, strict_yaml.decode):
        with suppress(Malformed):
            decode(data)


def yaml_of(value: Any, indent: int = 0) -> str:
    """Write block YAML by hand: text in double quotes, everything else plain."""
    margin = "\n" + "  " * indent
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, dict) and value:
        members = value.items()
        return "".join(f"{margin}{quoted(n)}: {yaml_of(m, indent + 1)}" for n, m in members)
    if isinstance(value, list) and value:
        return "".join(f"{margin}- {yaml_of(member, indent + 1)}" for member in value)
    return orjson.dumps(value).decode()


def quoted(text: str) -> str:
    escaped = (c if c.isascii() and c.isalnum() else f"\\U{ord(c):08x}" for c in text)
    return f'"{"".join(escaped)}"'
