"""Which voice speaks which language, and whether it can.

Read once at import from voices.yaml; one that does not fit its language makes Twilio's Say fail in the caller's ear.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ivr.lined_yaml import read_yaml

# Polly voices of the English and Indian locales (Amazon Polly's voice list); the second half of a name is its engine.
_POLLY = {
    "Aditi": {"en-IN", "hi-IN"},
    "Kajal": {"en-IN", "hi-IN"},
    "Raveena": {"en-IN"},
    "Amy": {"en-GB"},
    "Arthur": {"en-GB"},
    "Brian": {"en-GB"},
    "Emma": {"en-GB"},
    "Danielle": {"en-US"},
    "Joanna": {"en-US"},
    "Joey": {"en-US"},
    "Matthew": {"en-US"},
    "Ruth": {"en-US"},
    "Salli": {"en-US"},
    "Stephen": {"en-US"},
}
# Families that Google speaks in each Indian locale, as Twilio lists them; other locales have at least these two.
_GOOGLE = {
    "en-IN": {"Standard", "Wavenet", "Neural2", "Chirp3-HD"},
    "hi-IN": {"Standard", "Wavenet", "Neural2", "Chirp3-HD"},
    "gu-IN": {"Standard", "Wavenet", "Chirp3-HD"},
    "te-IN": {"Standard", "Chirp3-HD"},
}


@dataclass(frozen=True, slots=True)
class Voice:
    """A language's locale (such as gu-IN), its voice, and the voice that stands in for it."""

    locale: str
    voice: str
    fallback: str


def fits(voice: str, locale: str) -> bool:
    """Whether a voice, by Twilio's name for it, speaks a locale."""
    maker, _, name = voice.partition(".")
    if maker == "Polly":
        return locale in _POLLY.get(name.partition("-")[0], set())
    family = name.removeprefix(f"{locale}-").rpartition("-")[0]
    return (
        maker == "Google" and name.startswith(f"{locale}-") and family in _GOOGLE.get(locale, {"Standard", "Wavenet"})
    )


def load_voices(text: str, source: str) -> Mapping[str, Voice]:
    """Voices by language from YAML; raises TypeError for an unknown or missing entry."""
    return {language: Voice(**entry) for language, entry in read_yaml(text, source).data.items()}


VOICES = load_voices(Path(__file__).with_name("voices.yaml").read_text("utf-8"), "ivr/voices.yaml")
