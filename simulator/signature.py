"""How the network signs its webhooks: Twilio's scheme, computed here by itself so that it can disagree with an SDK.

Facts: twilio.com/docs/usage/security. The data is the full URL, then each form parameter sorted by name, name and value
joined without separators; HMAC-SHA1 with the account's token, in base64.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit


def signed_url(url: str, keeps_port: bool = False) -> str:
    """The URL as it is signed: no fragment, no user and password, and for voice over HTTPS no port.

    `keeps_port` is for messages, whose signatures keep the port over HTTPS too.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and not keeps_port:
        host = host[: -len(f":{parts.port}")] if parts.port else host
    bare = url.split("#", 1)[0]
    question = "?" if "?" in bare else ""
    return urlunsplit((parts.scheme, host, parts.path, "", "")) + question + parts.query


def signature(token: str, url: str, form: Mapping[str, str] | None = None) -> str:
    """The value of X-Twilio-Signature for a request to `url` (already as signed) with these form fields."""
    data = url + "".join(name + value for name, value in sorted((form or {}).items()))
    digest = hmac.new(token.encode(), data.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def body_sha256(body: bytes) -> str:
    """What a JSON webhook carries as `bodySHA256` in its URL."""
    return hashlib.sha256(body).hexdigest()
