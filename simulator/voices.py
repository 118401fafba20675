"""How long spoken text lasts, and whether a voice can speak a language.

There is no audio: a prompt is its caption and its length. The lengths are chosen, not measured: about 60 ms a character
for Latin letters and digits, 90 ms for Indic scripts (fewer signs, more sounds each), never under half a second.
"""

import io
import wave

LATIN_MS = 60
INDIC_MS = 90
SHORTEST_MS = 500
LONGEST_TEXT = 4096
UNKNOWN_FILE_MS = 10_000

_GOOGLE = {
    "en-US": "Standard Wavenet Neural2 Chirp3",
    "en-GB": "Standard Wavenet Neural2 Chirp3",
    "en-IN": "Standard Wavenet Neural2 Chirp3",
    "hi-IN": "Standard Wavenet Neural2 Chirp3",
    "gu-IN": "Standard Wavenet Chirp3",
    "te-IN": "Standard Chirp3",
    "ta-IN": "Standard Wavenet Chirp3",
    "kn-IN": "Standard Wavenet Chirp3",
    "ml-IN": "Standard Wavenet Chirp3",
    "mr-IN": "Standard Wavenet Chirp3",
    "bn-IN": "Standard Wavenet Chirp3",
    "pa-IN": "Standard Wavenet",
    "es-US": "Standard Wavenet Neural2 Chirp3",
    "es-ES": "Standard Wavenet Neural2 Chirp3",
    "fr-FR": "Standard Wavenet Neural2 Chirp3",
    "fr-CA": "Standard Wavenet Neural2 Chirp3",
    "de-DE": "Standard Wavenet Neural2 Chirp3",
    "pt-BR": "Standard Wavenet Neural2 Chirp3",
}
_POLLY_LANGUAGES = {
    "en-US": "Joanna Matthew Danielle Ruth Stephen Salli Kendra Joey Kimberly Ivy Justin Kevin Gregory",
    "en-GB": "Amy Brian Emma Arthur",
    "en-IN": "Aditi Raveena Kajal",
    "hi-IN": "Aditi Kajal",
    "es-US": "Lupe Pedro",
    "es-ES": "Lucia Sergio",
    "es-MX": "Mia Andres",
    "fr-FR": "Lea Remi Celine Mathieu",
    "fr-CA": "Gabrielle Liam Chantal",
    "de-DE": "Vicki Daniel Marlene Hans",
    "pt-BR": "Camila Thiago Vitoria",
}


def voice_fault(voice: str, language: str) -> str:
    """Why this voice cannot speak this language, or an empty string. An empty language is the voice's own."""
    if not voice or voice in ("man", "woman", "alice"):
        return ""
    family, _, name = voice.partition(".")
    if family == "Google":
        own = "-".join(name.split("-")[:2])
        kinds = _GOOGLE.get(own, "").split()
        if not any(name.startswith(f"{own}-{kind}") for kind in kinds):
            return f"there is no voice {voice}"
        return "" if language in ("", own) else f"voice {voice} does not speak {language}"
    if family == "Polly":
        person = name.split("-")[0]
        spoken = [lang for lang, people in _POLLY_LANGUAGES.items() if person in people.split()]
        if not spoken:
            return f"there is no voice {voice}"
        return "" if language in ("", *spoken) else f"voice {voice} does not speak {language}"
    return f"there is no voice {voice}"


def spoken_ms(text: str) -> int:
    """Milliseconds that it takes to say `text`."""
    indic = sum(1 for sign in text if "\u0900" <= sign <= "\u0dff")
    return max(SHORTEST_MS, indic * INDIC_MS + (len(text) - indic) * LATIN_MS)


def file_ms(body: bytes) -> int:
    """Milliseconds that a sound file lasts, by its WAV header; UNKNOWN_FILE_MS for any other kind."""
    try:
        with wave.open(io.BytesIO(body)) as sound:
            frames, rate = int(sound.getnframes()), int(sound.getframerate())
            return round(frames * 1000 / rate)
    except (wave.Error, EOFError, ZeroDivisionError):
        return UNKNOWN_FILE_MS
