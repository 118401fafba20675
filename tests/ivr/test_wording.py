"""Our own sentences: complete in every language, and numbers, waits and times as people say them."""

from zoneinfo import ZoneInfo

import pytest

from ivr import wording
from ivr.voices import VOICES, fits
from tests.ivr.conftest import At

LANGUAGES = {"en", "hi", "gu", "te"}
SCRIPT = {"hi": ("\u0900", "\u097f"), "gu": ("\u0a80", "\u0aff"), "te": ("\u0c00", "\u0c7f")}


@pytest.mark.parametrize("id", wording.SENTENCES)
def test_a_sentence_is_whole_in_every_language(id: str) -> None:
    sentence = wording.SENTENCES[id]
    assert set(sentence) == LANGUAGES
    assert len({tuple(sorted(set(wording.PLACEHOLDER.findall(text)))) for text in sentence.values()}) == 1


@pytest.mark.parametrize("id", wording.SENTENCES)
@pytest.mark.parametrize("language", SCRIPT)
def test_a_sentence_is_written_in_the_script_of_its_language(id: str, language: str) -> None:
    first, last = SCRIPT[language]
    letters = [
        character
        for character in wording.PLACEHOLDER.sub("", wording.SENTENCES[id][language])
        if character.isalpha() and character not in "।"
    ]
    assert all(first <= letter <= last for letter in letters)


def test_values_are_put_in_as_they_are() -> None:
    text = wording.say("agent_offer", "en", caller="{queue}", queue="Sales", waited="2 minutes")
    assert text == "Press 1 to take the call from {queue} about Sales, waiting 2 minutes."


def test_an_unknown_language_falls_back_to_english() -> None:
    assert wording.say("closing_thanks", "xx") == "Thank you for calling. Goodbye."


def test_a_wait_is_told_in_whole_seconds_and_then_in_whole_minutes() -> None:
    waits = (-5, 0, 1_999, 59_999, 60_000, 119_999, 5_400_000)
    assert [wording.waited(wait, "en") for wait in waits] == [
        "0 seconds",
        "0 seconds",
        "1 second",
        "59 seconds",
        "1 minute",
        "1 minute",
        "90 minutes",
    ]
    assert [wording.waited(125_000, language) for language in SCRIPT] == ["2 मिनट", "2 મિનિટ", "2 నిమిషాలు"]


@pytest.mark.parametrize(
    ("name", "number", "heard"),
    [
        ("Maria Lopez", "+14155550123", "Maria Lopez"),
        (None, "+14155550123", "the number ending in 0 1 2 3"),
        (None, "anonymous", "a withheld number"),
        (None, "client:meera", "a withheld number"),
        (None, "911", "a withheld number"),
        (None, "", "a withheld number"),
        ("  A\n B ", "", "A B"),
    ],
)
def test_an_agent_hears_who_calls_but_never_a_whole_number(name: str | None, number: str, heard: str) -> None:
    assert wording.caller(name, number, "en") == heard


@pytest.mark.parametrize(
    ("opening", "language", "said"),
    [
        ("2026-11-23T15:00", "en", "today at 3 PM"),
        ("2026-11-24T09:30", "en", "tomorrow at 9:30 AM"),
        ("2026-11-24T09:30", "hi", "कल सुबह 9:30 बजे"),
        ("2026-11-25T09:00", "gu", "બુધવારે સવારે 9 વાગ્યે"),
        ("2026-11-29T12:05", "te", "ఆదివారం మధ్యాహ్నం 12:05 గంటలకు"),
        ("2026-11-29T00:00", "en", "on Sunday at 12 AM"),
        ("2026-11-30T09:00", "en", "on 30 November at 9 AM"),
        ("2026-11-30T19:00", "te", "30 నవంబర్ నాడు సాయంత్రం 7 గంటలకు"),
        ("2026-11-30T21:00", "gu", "30 નવેમ્બરના રોજ રાત્રે 9 વાગ્યે"),
    ],
)
def test_an_opening_is_told_as_people_tell_it(at: At, opening: str, language: str, said: str) -> None:
    now_ms = at("2026-11-23T10:00")
    assert wording.opens(at(opening), now_ms, ZoneInfo("Asia/Kolkata"), language) == said


def test_an_opening_that_nobody_knows_is_not_invented(at: At) -> None:
    assert wording.opens(None, 0, ZoneInfo("Asia/Kolkata"), "en") == "at a later time"


def test_a_text_is_shortened_by_whole_words() -> None:
    assert wording.shorten("one two three", seconds=0.5) == "one two"
    assert wording.shorten("one two three", seconds=9) == "one two three"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_two_voices_that_speak_it(language: str) -> None:
    voice = VOICES[language]
    assert voice.locale == f"{language}-IN"
    assert voice.voice != voice.fallback
    assert fits(voice.voice, voice.locale)
    assert fits(voice.fallback, voice.locale)


@pytest.mark.parametrize(
    ("voice", "locale"),
    [
        ("Polly.Kajal-Neural", "gu-IN"),
        ("Polly.Nobody", "en-IN"),
        ("Google.hi-IN-Standard-A", "gu-IN"),
        ("Google.te-IN-Wavenet-A", "te-IN"),
        ("Google.gu-IN-Neural2-A", "gu-IN"),
        ("alice", "en-IN"),
        ("", "en-IN"),
    ],
)
def test_a_voice_of_another_language_does_not_fit(voice: str, locale: str) -> None:
    assert not fits(voice, locale)
