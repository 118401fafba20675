"""What others may answer when they do not do what was asked, told apart by what to do next. Pure names."""


class CarrierError(Exception):
    """The phone network did not do what was asked."""


class Gone(CarrierError):
    """The leg has ended or never was (404/20404, 400/21220): carry on without it."""


class Unavailable(CarrierError):
    """No answer or a server error: it may have been done or not. Look before trying again."""


class TooMany(Unavailable):
    """Too many requests at once (429/20429): nothing was done, try again later."""


class Refused(CarrierError):
    """The number cannot be called, the account may not, or the request is wrong: trying again will not help."""


class NoAnswer(Exception):
    """The company's own service did not answer as it should; the text says how, without what was asked."""
