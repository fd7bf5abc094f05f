"""Bytes, digests and the chain, against the reference implementation and against hashlib."""

import json
from hashlib import sha256
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from service.canonical import NO_CHAIN, canonical, chain, digest
from tests.core import bodies
from tests.schemas import samples
from tests.steady import steady

RECORDS = [record for records in samples.records().values() for record in records]


@steady
@given(bodies.records)
def test_canonical_bytes_are_those_of_the_reference(record: dict[str, Any]) -> None:
    assert canonical(record) == rfc8785.dumps(record)


@steady
@given(bodies.integers | bodies.fractions)
def test_numbers_are_written_as_the_reference_writes_them(number: float) -> None:
    assert canonical([number]) == rfc8785.dumps([number])


@pytest.mark.parametrize("number", [0, -1, 10**15 - 1, 0.0001, -0.0001, 999999999999999.5, 0.1])
def test_numbers_at_the_edges_of_the_model_are_written_alike(number: float) -> None:
    assert canonical([number]) == rfc8785.dumps([number])


@pytest.mark.parametrize("number", [1e-6, 1e16, 1e20])
def test_numbers_outside_the_model_are_where_the_two_part(number: float) -> None:
    # The control: the model's bounds are what makes the faster writer right.
    assert canonical([number]) != rfc8785.dumps([number])


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["id"])
def test_a_record_is_written_as_the_reference_writes_it(record: dict[str, Any]) -> None:
    assert canonical(record) == rfc8785.dumps(record)


@steady
@given(bodies.records)
def test_canonical_bytes_do_not_depend_on_the_order_of_members(record: dict[str, Any]) -> None:
    turned = dict(reversed(record.items()))

    assert canonical(turned) == canonical(record)


@steady
@given(bodies.records)
def test_canonical_bytes_read_back_equal(record: dict[str, Any]) -> None:
    assert json.loads(canonical(record)) == record


def test_a_digest_is_the_sha256_in_lower_case_hex() -> None:
    assert digest(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@steady
@given(st.integers(1, 10**6), st.sampled_from([NO_CHAIN, "ab" * 32]))
def test_a_chain_is_the_sha256_of_the_documented_line(number: int, parent: str) -> None:
    issued, revision = "2022-01-06T23:59:59Z", "cd" * 32

    line = f"kazakhstan-2022 {number} 2022-01-06T23:59:59Z {revision} {parent}\n"
    expected = sha256(line.encode("utf-8")).hexdigest()

    assert chain("kazakhstan-2022", number, issued, revision, parent) == expected


def test_the_first_revision_has_64_zeros_for_the_chain_of_its_parent() -> None:
    assert NO_CHAIN == "0000000000000000000000000000000000000000000000000000000000000000"
