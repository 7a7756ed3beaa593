"""Twilio's refusals: an HTTP status with a code of its own in the body."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_ERRORS = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20001: (400, "Invalid parameter"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required"),
    21211: (400, "Invalid 'To' Phone Number"),
    21213: (400, "'From' phone number is required"),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "'To' phone number is required"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
}
"""Twilio's code -> HTTP status and words, of what this server refuses."""


class TwilioError(HTTPException):
    def __init__(self, code: int) -> None:
        status, message = _ERRORS.get(code, (400, f"Error {code}"))
        super().__init__(status, message)
        self.code = code


async def twilio_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, TwilioError)
    return JSONResponse(error_body(error.code, error.detail, error.status_code), error.status_code)


def error_body(code: int, message: str, status: int) -> dict[str, Any]:
    return {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
