"""Was this webhook sent by the phone network? The signature over its address and form, as Twilio documents it.

Asked for every webhook and a tenth of what one costs, so the plain case is worked out here, once and without the
library: https://www.twilio.com/docs/usage/security#validating-requests. Whatever this does not find right, the library
is asked about, which tries the address with its port and without.
"""

import base64
import hmac

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict


def is_signed(token: str, url: str, form: MultiDict[str, str], signature: str) -> bool:
    """True when `signature` is that of this address and form under the account's token."""
    if hmac.compare_digest(plain_signature(token, url, form).encode(), signature.encode("utf-8", "replace")):
        return True
    return bool(RequestValidator(token).validate(url, form, signature))


def plain_signature(token: str, url: str, form: MultiDict[str, str]) -> str:
    """The signature of exactly this address; a value that came several times under one name counts once."""
    text = url
    for name, values in sorted(form.lists()):
        for value in values if len(values) == 1 else sorted(set(values)):
            text += name + value
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), "sha1")).decode()
