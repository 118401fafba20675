"""A phone network on your desk: it speaks Twilio's protocols over HTTP and knows nothing of the service it serves.

from simulator import Network
net = Network(send=..., now_ms=...)      stepped: the test owns the clock
python -m simulator                      live: real seconds, real HTTP, control under /control
"""

from simulator.courier import ConnectTimedOut
from simulator.faults import Faults, RestError
from simulator.legs import Heard, Leg
from simulator.network import Network
from simulator.people import ScriptError

__all__ = ["ConnectTimedOut", "Faults", "Heard", "Leg", "Network", "RestError", "ScriptError"]
