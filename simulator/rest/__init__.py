"""The network's REST interface, shaped like Twilio's 2010-04-01 API: forms in, JSON out."""
