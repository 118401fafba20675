"""What the caller hears: menu flows, opening hours, wording and TwiML. Pure: no clock, no network, no store."""
