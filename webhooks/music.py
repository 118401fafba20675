"""What plays between messages while a caller waits: soft chords, made here, so that no file has to be shipped.

8 kHz mono, as the telephone carries it; about twenty seconds, which is one round of the wait document.
"""

import io
import math
import wave
from array import array
from functools import cache

RATE_HZ = 8000
CHORD_S = 5
CHORDS_HZ = ((261.63, 329.63, 392.00), (220.00, 261.63, 329.63), (174.61, 220.00, 261.63), (196.00, 246.94, 293.66))
LOUDNESS = 2200


@cache
def wait_music() -> bytes:
    """A WAV file of four slow chords."""
    samples = array("h")
    for chord in CHORDS_HZ:
        samples.extend(_sample(chord, tick) for tick in range(CHORD_S * RATE_HZ))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def _sample(chord: tuple[float, ...], tick: int) -> int:
    at_s = tick / RATE_HZ
    swell = math.sin(math.pi * at_s / CHORD_S) ** 0.6
    tones = sum(math.sin(2 * math.pi * hertz * at_s) for hertz in chord) / len(chord)
    return int(LOUDNESS * swell * tones)
