"""Words that are looked for: spellings of one name fold together, others do not."""

from itertools import combinations
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import folding

SPELLINGS = [
    "Toqayev Tokaev Tokayev Tokaiev TOKAYEV Токаев Тоқаев",
    "Nazarbayev Nazarbaev Назарбаев",
    "Jañaözen Zhanaozen Janaozen Жаңаөзен Жанаозен",
    "Mäsimov Masimov Massimov Мәсімов Масимов",
    "Qasym Kassym Kasym Қасым Касым",
    "Jomart Zhomart Жомарт",
    "Kazakhstan Qazaqstan Kazakstan Қазақстан Казахстан",
    "Khabar Habar Хабар",
    "Şymkent Shymkent Шымкент",
    "Qyzylorda Kyzylorda Қызылорда Кызылорда",
    "Oskemen Öskemen Өскемен",
    "Mukhtar Muhtar Мұхтар Мухтар",
    "Dmitry Dmitri Dmitriy Дмитрий",
    "Semyonov Semenov Семёнов Семенов",
    "Gorbachev Gorbachyov Горбачёв",
    "Ilyich Il'ich Il’ich Ильич",
    "Romanov Romanoff Романов",
    "Alexey Aleksei Алексей",
    "Yeltsin Eltsin Ельцин",
    "Pashinyan Пашинян",
    "Erdoğan Erdogan",
    "US U.S. u.s.",
    "12 １２ ١٢",
]

APART = ["Tokayev", "Nazarbayev", "Masimov", "Mamin", "Almaty", "Astana", "Aktau", "Aktobe",
         "killed", "hilled", "field", "fled", "list", "lost", "police", "polite"]  # fmt: skip


def alike(one: str, other: str) -> bool:
    (a,), (b,) = folding.distinct(one), folding.distinct(other)
    return not set(a).isdisjoint(b)


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda spellings: spellings.split()[0])
def test_spellings_of_one_name_are_alike(spellings: str) -> None:
    first, *others = spellings.split()

    assert [other for other in others if not alike(first, other)] == []


def test_other_words_are_not() -> None:
    assert [pair for pair in combinations(APART, 2) if alike(*pair)] == []


def test_a_word_says_where_it_stands_in_the_text() -> None:
    text = "“Жаңаөзен”, e\u0301tude: Nazarbayev’s U.S. trip – no.\u202f1"

    told = [text[word.start : word.end] for word in folding.words(text)]

    assert told == ["Жаңаөзен", "e\u0301tude", "Nazarbayev", "s", "U.S", "trip", "no", "1"]


@given(st.text())
def test_words_of_any_text_stand_in_order_and_are_letters_and_digits(text: str) -> None:
    found = list(folding.words(text))

    ends = [0, *(word.end for word in found)]
    assert all(ends[n] <= word.start < word.end <= len(text) for n, word in enumerate(found))
    assert all(1 <= len(word.forms) <= 2 for word in found)
    assert all(form.isalnum() and len(form) <= folding.LONGEST for w in found for form in w.forms)
    assert folding.vocabulary(text) == {form for word in found for form in word.forms}


def test_every_character_is_safe_in_a_word() -> None:
    text = " ".join(f"a{chr(code)}b" for code in (*range(0x3100), *range(0xF900, 0x10000)))
    told = [form for word in folding.words(text) for form in word.forms]

    # Upper-case ASCII stands for two readings until the end, and an index would lower it.
    assert [form for form in told if not form.isalnum()] == []
    assert [form for form in told if any(each in ascii_uppercase for each in form)] == []
    assert len(told) > 12_000


@pytest.mark.parametrize("text", ["", " ", "!?", "\0", "'", "*", "\u0301", "🙂"])
def test_a_question_without_words_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no word to look for"):
        folding.wanted(text)


def test_a_question_with_too_many_words_is_refused() -> None:
    words = " ".join(f"w{number}" for number in range(folding.MOST_WORDS + 1))

    assert len(folding.wanted(words.rpartition(" ")[0] + " w1 W1")) == folding.MOST_WORDS
    with pytest.raises(ValueError, match="at most 16"):
        folding.wanted(words)
