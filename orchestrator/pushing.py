"""Where a provider that signs nothing pushes to: an address that only it and we can know."""

import hmac
from hashlib import sha256

from orchestrator.settings import Settings

PUSHERS = {"alibaba": ("sms", "voice")}
"""Provider -> the channels that it pushes about."""


def token(settings: Settings, provider: str) -> str:
    """Follows from the secret key, so that nothing has to be kept; a new key makes new addresses."""
    return hmac.new(settings.secret_key.encode(), f"push {provider}".encode(), sha256).hexdigest()[:40]


def address(settings: Settings, provider: str, channel: str) -> str:
    """What is entered in the provider's console."""
    return f"{settings.public_url.rstrip('/')}/webhooks/{provider}/{channel}/{token(settings, provider)}"


def is_known(settings: Settings, provider: str, given: str) -> bool:
    return hmac.compare_digest(given.encode(), token(settings, provider).encode())
