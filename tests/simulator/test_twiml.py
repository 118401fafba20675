"""The strict reader of TwiML: what is read, what is warned of, what fails."""

import pytest

from simulator.grammar import ELEMENTS, PLACES
from simulator.people import ScriptError, caller_script, line_script
from simulator.twiml import TwimlError, parse
from simulator.voices import file_ms, spoken_ms, voice_fault
from tests.simulator.customer import Town


def read(text: str, place: str = "call") -> list[str]:
    warnings: list[str] = []
    parse(f"<Response>{text}</Response>".encode(), place, warnings)
    return warnings


def test_verbs_are_read_with_text_folded_and_comments_dropped() -> None:
    warnings: list[str] = []
    say = "<Say language='hi-IN'>  नमस्ते\n  <break time='2s'/>जी </Say>"
    body = f"<?xml version='1.0'?><Response><!-- x -->{say}</Response>"
    verbs = parse(body.encode(), "call", warnings)
    assert [(v.tag, v.text, v.attributes, v.breaks_ms) for v in verbs] == [
        ("Say", "नमस्ते जी", {"language": "hi-IN"}, 2000)
    ]
    assert warnings == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<Say>unclosed", 12100),
        ("<Shout>x</Shout>", 12200),
        ("<say>x</say>", 12200),
        ("<Dial><Say>x</Say></Dial>", 12200),
        ("<Gather><Redirect>/x</Redirect></Gather>", 12200),
        ("<Gather>text</Gather>", 12200),
        ("<Leave/>", 12200),
        ("<Number>+14155550100</Number>", 12200),
        ("<Connect><Stream url='wss://x'/></Connect>", 12200),
        ("<Dial><Sip>sip:a@b</Sip></Dial>", 12200),
        ("<Say>" + "x" * 66_000 + "</Say>", 11750),
    ],
)
def test_documents_that_cannot_be_run(text: str, code: int) -> None:
    with pytest.raises(TwimlError) as failure:
        read(text)
    assert failure.value.code == code


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"<Other/>", b"\xef\xbb\xbf<Response/>", b"\n<?xml version='1.0'?><Response/>"]
)
def test_what_is_no_twiml_at_all(body: bytes) -> None:
    with pytest.raises(TwimlError) as failure:
        parse(body, "call", [])
    assert failure.value.code == 12100


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("<Say volume='11'>x</Say>", "12200 <Say> has no attribute volume"),
        ("<Gather numdigits='1'/>", "12200 <Gather> has no attribute numdigits"),
        ("<Gather bargeIn='true'/>", "12200 <Gather> has no attribute bargeIn"),
        ("<Pause length='soon'/>", "12200 <Pause length='soon'> is not int0-14400"),
        ("<Dial timeout='3'/>", "12200 <Dial timeout='3'> is not int5-600"),
        ("<Redirect method='PUT'>/x</Redirect>", "12200 <Redirect method='PUT'> is not method"),
        ("<Gather input='touch'/>", "12200 <Gather input='touch'> is not list(dtmf|speech)"),
        (
            "<Dial><Conference beep='loud'>x</Conference></Dial>",
            "12200 <Conference beep='loud'> is not true|false|onEnter|onExit",
        ),
        ("<Dial record='yes'/>", "12200 <Dial record='yes'> is not"),
    ],
)
def test_wrong_attributes_are_warned_of_and_ignored(text: str, warned: str) -> None:
    warnings = read(text)
    assert len(warnings) == 1
    assert warnings[0].startswith(warned)


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        ("wait", "Play Say Pause Hangup Redirect Leave Gather"),
        ("conference wait", "Play Say Pause Redirect"),
        ("hold", "Play Say Pause Redirect"),
    ],
)
def test_each_kind_of_document_has_its_verbs(place: str, allowed: str) -> None:
    assert set(allowed.split()) == PLACES[place]
    for tag in ELEMENTS["Response"].children:
        if tag in PLACES[place]:
            assert read(f"<{tag}/>", place) == []
        else:
            with pytest.raises(TwimlError, match="is not allowed"):
                read(f"<{tag}/>", place)


def test_lengths_of_speech_and_files() -> None:
    assert (spoken_ms("x" * 100), spoken_ms("Hi"), spoken_ms("ह" * 100)) == (6000, 500, 9000)
    assert file_ms(b"no wave") == 10_000


@pytest.mark.parametrize(
    ("voice", "language", "fits"),
    [
        ("Google.gu-IN-Standard-A", "gu-IN", True),
        ("Google.gu-IN-Neural2-A", "gu-IN", False),
        ("Google.te-IN-Chirp3-HD-Kore", "te-IN", True),
        ("Google.hi-IN-Neural2-A", "te-IN", False),
        ("Polly.Kajal-Neural", "hi-IN", True),
        ("Polly.Kajal-Neural", "en-US", False),
        ("Polly.Nobody", "", False),
        ("man", "en-US", True),
    ],
)
def test_voices_speak_their_languages_only(voice: str, language: str, fits: bool) -> None:
    assert (voice_fault(voice, language) == "") is fits


def test_prompt_with_a_wrong_voice_is_not_heard_and_warned_of(town: Town) -> None:
    town.documents["/in"] = '<Say voice="Google.hi-IN-Neural2-A" language="te-IN">x</Say><Say>y</Say>'
    call = town.call()
    town.pass_s(5)
    assert call.said() == ["y"]
    assert town.net.warnings == ["13512 <Say>: voice Google.hi-IN-Neural2-A does not speak te-IN"]


@pytest.mark.parametrize(
    "script",
    [
        "press 2 after 3s, press 1 on gather, say 'billing' on gather, hang up at 40s",
        "press 12#, wait",
        "hang up after 30s of talk",
        "say 'one, two' on record, hang up",
        "hang up on talk",
    ],
)
def test_sentences_and_steps_read_the_same(script: str) -> None:
    steps = caller_script(script).steps
    again = caller_script(", ".join(str(step) for step in steps)).steps
    assert steps == again
    assert len(steps) == script.replace("one, two", "").count(",") + 1


def test_json_steps_are_the_same_person_as_the_sentence() -> None:
    sentence = line_script("answer@2rings, press 1 on gather, hang up after 20s of talk")
    steps = line_script(
        [
            {"do": "answer", "rings": 2},
            {"do": "press", "keys": "1", "when": "gather"},
            {"do": "hang_up", "when": "talk", "seconds": 20},
        ]
    )
    assert sentence == steps


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("press x on gather", "keys are"),
        ("dance", "cannot understand 'dance'"),
        ("hang up at 5s, press 1", "nothing can follow `hang up at 5s`"),
        ("answer@2rings", "a caller does not answer"),
        ("hang up at 5s of talk", "`of talk` goes with `after`"),
        ([{"do": "fly"}], "a person cannot `fly`"),
        ([{"do": "press", "keys": "1", "when": "soon"}], "`when` is one of"),
        ([{"do": "press", "keys": "1", "wen": "now"}], "unknown wen"),
        ([{"do": "hang_up", "when": "at"}], "seconds from 0 to 86400 are needed"),
        (["press"], "a step is an object"),
    ],
)
def test_wrong_caller_scripts_are_told_in_plain_words(script: object, says: str) -> None:
    with pytest.raises(ScriptError) as wrong:
        caller_script(script)  # type: ignore[arg-type]
    assert says in str(wrong.value)


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("press 1 on gather", "begins with one of"),
        ("", "begins with one of"),
        ("answer@0rings", "say when"),
        ("busy, press 1", "nothing can follow `busy`"),
        ("answer", "cannot understand 'answer'"),
        ([{"do": "answer", "rings": "two"}], "rings from 1 to 99"),
    ],
)
def test_wrong_line_scripts_are_told_in_plain_words(script: object, says: str) -> None:
    with pytest.raises(ScriptError) as wrong:
        line_script(script)  # type: ignore[arg-type]
    assert says in str(wrong.value)
