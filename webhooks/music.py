"""What plays between messages while a caller waits: soft chords, made here, so that no file has to be shipped.

8 kHz mono, as the telephone carries it; about twenty seconds, which is one round of the wait document.
"""

import io
import math
import wave
from array import array
from functools import cache
from operator import mul
from threading import Lock

RATE_HZ = 8000
CHORD_S = 5
# Whole numbers, so that each second of a chord is like the one before.
CHORDS_HZ = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
LOUDNESS = 2200
_making = Lock()


def wait_music() -> bytes:
    """A WAV file of four slow chords. Made once, while others who want it wait: it takes as long as many webhooks."""
    with _making:
        return _made()


@cache
def _made() -> bytes:
    ticks = CHORD_S * RATE_HZ
    swell = [LOUDNESS * math.sin(math.pi * tick / ticks) ** 0.6 for tick in range(ticks)]
    samples = array("h")
    for chord in CHORDS_HZ:
        samples.extend(map(int, map(mul, swell, _one_second(chord) * CHORD_S)))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE_HZ)
        sound.writeframes(samples.tobytes())
    return file.getvalue()


def _one_second(chord: tuple[int, ...]) -> list[float]:
    turns = [2 * math.pi * hertz / RATE_HZ for hertz in chord]
    return [sum([math.sin(turn * tick) for turn in turns]) / len(chord) for tick in range(RATE_HZ)]
