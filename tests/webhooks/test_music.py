"""The music in line: what it is, and that making it holds up as little as it can."""

import io
import wave
from concurrent.futures import ThreadPoolExecutor

from webhooks import music


def test_music_is_twenty_seconds_as_the_telephone_carries_it_and_fades_at_each_end() -> None:
    with wave.open(io.BytesIO(music.wait_music())) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getnframes()) == (8000, 1, 20 * 8000)
        loud = memoryview(sound.readframes(20 * 8000)).cast("h")
    assert max(loud) > music.LOUDNESS / 2
    assert max(map(abs, (*loud[:5], *loud[39_995:40_005], *loud[-5:]))) < music.LOUDNESS / 20


def test_music_is_made_once_for_all_who_ask_for_it_first() -> None:
    music._made.cache_clear()
    with ThreadPoolExecutor(4) as webs:
        heard = list(webs.map(lambda _: music.wait_music(), range(4)))
    assert (len({id(sound) for sound in heard}), music._made.cache_info().misses) == (1, 1)
