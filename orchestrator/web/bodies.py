"""Reading what strangers send, up to a bound."""

from starlette.exceptions import HTTPException
from starlette.requests import Request

LONGEST = 64 * 1024


async def read(request: Request, longest: int = LONGEST) -> bytes:
    """The body of a request. More than `longest` bytes are refused before they are held."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            raise HTTPException(413)
    return bytes(body)
