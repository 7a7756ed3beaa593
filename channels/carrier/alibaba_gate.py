"""Who may ask the carrier in Alibaba Cloud's way: the signature of its OpenAPI (ACS3-HMAC-SHA256), checked from its description.

Source: https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
"""

import hmac
import re
from hashlib import sha256
from urllib.parse import parse_qsl, quote

from starlette.requests import Request

ALGORITHM = "ACS3-HMAC-SHA256"
_AUTHORIZATION = re.compile(rf"{ALGORITHM} Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{{64}})")
MUST_BE_SIGNED = frozenset({"host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"})


class AlibabaError(Exception):
    """A refusal in Alibaba Cloud's words: of the gateway with an HTTP status of its own, of a product with 200."""

    def __init__(self, code: str, status: int = 200) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class Gate:
    """One account's key. A nonce is good once; that Alibaba Cloud also refuses what was signed 15 minutes ago is not played here, where
    time may be the sandbox's."""

    def __init__(self, access_key_id: str, access_key_secret: str) -> None:
        self._id = access_key_id
        self._secret = access_key_secret.encode()
        self._nonces: set[str] = set()

    def admit(self, request: Request, body: bytes) -> None:
        """Raises AlibabaError."""
        found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if found is None or not set(found[2].split(";")) >= MUST_BE_SIGNED:
            raise AlibabaError("IncompleteSignature", 400)
        if not self._id or found[1] != self._id:
            raise AlibabaError("InvalidAccessKeyId.NotFound", 404)
        if not hmac.compare_digest(found[3], self._signature(request, body, found[2])):
            raise AlibabaError("SignatureDoesNotMatch", 400)
        nonce = request.headers["x-acs-signature-nonce"]
        if nonce in self._nonces:
            raise AlibabaError("SignatureNonceUsed", 400)
        self._nonces.add(nonce)

    def _signature(self, request: Request, body: bytes, signed: str) -> str:
        payload = sha256(body).hexdigest()
        if request.headers["x-acs-content-sha256"] != payload:
            raise AlibabaError("SignatureDoesNotMatch", 400)
        query = sorted(parse_qsl(request.scope["query_string"].decode(), keep_blank_values=True))
        asked = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in query)
        headers = "".join(f"{name}:{request.headers.get(name, '').strip()}\n" for name in signed.split(";"))
        canonical = "\n".join((request.method, request.url.path, asked, headers, signed, payload))
        return hmac.new(self._secret, f"{ALGORITHM}\n{sha256(canonical.encode()).hexdigest()}".encode(), sha256).hexdigest()
