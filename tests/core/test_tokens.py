"""Tokens and the lines that configure them."""

import json
from hashlib import sha256

import pytest
from click.testing import CliRunner

from service import tokens
from service.cli import main
from service.config import Config
from service.errors import Misconfigured
from service.tokens import Grant

HASH = "0123456789abcdef" * 4


def test_a_token_is_random_and_its_line_holds_only_a_hash() -> None:
    secret, grant = tokens.made("example")

    assert secret.startswith("rcn_")
    assert len(secret) == len("rcn_") + 43
    assert secret != tokens.made("example")[0]
    assert str(grant) == f"example:{sha256(secret.encode()).hexdigest()}"
    assert tokens.parsed(str(grant)) == grant


@pytest.mark.parametrize(
    ("line", "grant"),
    [
        (f"a:{HASH}", Grant("a", False, HASH)),
        (f"a-b2+create:{HASH}", Grant("a-b2", True, HASH)),
        (f"*:{HASH}", Grant("*", False, HASH)),
        (f"*+create:{HASH}", Grant("*", True, HASH)),
    ],
)
def test_a_line_says_what_a_token_may(line: str, grant: Grant) -> None:
    assert tokens.parsed(line) == grant
    assert str(grant) == line


@pytest.mark.parametrize(
    "line",
    [
        *("", "a", ":", HASH, f":{HASH}", f"a:{HASH[1:]}", f"a:{HASH}0", f"a:{HASH.upper()}"),
        *(f"A:{HASH}", f"a+delete:{HASH}", f"a**:{HASH}", f"a:{HASH}\n", f"a :{HASH}"),
        *("rcn_abc", f"a--b:{HASH}", f"+create:{HASH}"),
    ],
)
def test_what_is_no_line_is_none(line: str) -> None:
    assert tokens.parsed(line) is None


@pytest.mark.parametrize("between", [",", " ", "\n", ", ", "\n\n  ,"])
def test_lines_stand_apart_by_commas_or_white_space(between: str) -> None:
    text = between.join([f"a:{HASH}", f"b+create:{HASH}"])

    config = Config.from_environ({"RECENSION_TOKENS": text})

    assert [grant.dataset for grant in config.tokens] == ["a", "b"]
    assert HASH not in repr(config)


def test_a_token_put_in_the_place_of_its_line_is_not_repeated() -> None:
    with pytest.raises(Misconfigured) as caught:
        Config.from_environ({"RECENSION_TOKENS": f"a:{HASH} rcn_secret"})

    assert "entry 2" in caught.value.message
    assert "secret" not in caught.value.message


def test_a_token_has_every_grant_of_its_hash_and_no_other() -> None:
    secret, grant = tokens.made("a")
    also, other = grant._replace(dataset="b"), tokens.made("a")[1]

    assert tokens.grants([grant, other, also], secret) == (grant, also)
    assert tokens.grants([other], secret) == ()
    assert tokens.grants([grant], f"{secret}\udcff") == ()


def test_the_scope_is_one_dataset_or_all() -> None:
    assert Grant("a", False, HASH).covers("a")
    assert not Grant("a", False, HASH).covers("ab")
    assert Grant("*", False, HASH).covers("ab")


def test_the_command_prints_a_token_and_its_line() -> None:
    done = CliRunner().invoke(main, ["token", "example", "--create", "--json"])

    told = json.loads(done.stdout)
    (grant,) = Config.from_environ({"RECENSION_TOKENS": told["line"]}).tokens
    assert tokens.grants([grant], told["token"]) == (grant,)
    assert (grant.dataset, grant.may_create) == ("example", True)


def test_the_command_makes_none_for_what_cannot_be_a_dataset() -> None:
    assert CliRunner().invoke(main, ["token", "Not-A-Name"]).exit_code == 2
    assert CliRunner().invoke(main, ["token", "*"]).exit_code == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("MAX_INGESTION_BYTES", bad) for bad in ("0", "-1", "64MiB", "1e6")],
        *[("ALLOW_PRIVATE_ADDRESSES", bad) for bad in ("yes", "1", "True")],
        ("MAX_DOWNLOAD_BYTES", "x"),
    ],
)
def test_a_setting_that_cannot_work_is_named(name: str, value: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        Config.from_environ({f"RECENSION_{name}": value})
