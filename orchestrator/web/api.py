"""The REST interface of the billing system: bearer keys, JSON, described at /api/openapi.json."""

import json
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from orchestrator import people
from orchestrator.deciding import answer_object
from orchestrator.people import Person
from orchestrator.runtime import Runtime
from orchestrator.web import bodies

LONGEST_FACTS = 1024 * 1024

_bearer = HTTPBearer(auto_error=False, description="The key printed by `xianli user add NAME --role integration`.")


def router(runtime: Runtime) -> APIRouter:
    def holder(presented: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Person:
        found = people.holder(runtime, presented.credentials) if presented else None
        if found is None:
            raise HTTPException(401, "a bearer key is needed", headers={"WWW-Authenticate": "Bearer"})
        return found

    api = APIRouter(prefix="/api/v1", dependencies=[Depends(holder)])

    @api.post(
        "/decide",
        summary="What happens next, by the rules alone",
        response_description="The decision, with its rule and its reasons.",
        openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}}},
        responses={422: {"description": "The facts cannot be read: the place and the reason."}},
    )
    async def decide(
        request: Request,
        lang: Literal["zh", "en"] = "en",
        pack: Annotated[str | None, Query(description="Replaces the pack named.")] = None,
    ) -> JSONResponse:
        """Facts in, decision out, exactly as `xianli decide`: nothing is read from or written to the database."""
        try:
            facts: Any = json.loads(await bodies.read(request, LONGEST_FACTS), parse_float=Decimal)
        except ValueError as wrong:
            return JSONResponse({"id": None, "error": f"not JSON: {wrong}"}, status_code=422)
        answer = await run_in_threadpool(answer_object, facts, runtime.packs, lang, pack)
        return JSONResponse(answer, status_code=422 if "error" in answer else 200)

    return api
