"""Reading what strangers send, up to a bound."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message, Receive

LONGEST = 64 * 1024


async def read(request: Request, longest: int = LONGEST) -> bytes:
    """The body of a request. More than `longest` bytes are refused before they are held."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest:
            raise HTTPException(413)
    return bytes(body)


def bounded(receive: Receive, longest: int) -> Receive:
    """Where a body comes from that others read: they get HTTPException 413 instead of what is beyond `longest` bytes."""
    left = longest

    async def receive_bounded() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, f"文件过大，一次最多 {longest >> 20} MB / too large: at most {longest >> 20} MB at once")
        return message

    return receive_bounded
