"""The inbox: pages behind signed links, where GET shows and POST acts; HR deliveries; health."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from anyio import fail_after, to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from integrations.answers import Form
from integrations.clock import ProgrammeClock
from integrations.database.answers import Answers
from integrations.database.links import Link, LinkProblem, Links
from integrations.links import LinkSigner
from integrations.web import forms, notices
from integrations.web.fields import Posted
from integrations.web.guard import Guard
from integrations.web.handover import Handover
from integrations.web.languages import preferred, speaker
from integrations.web.notices import Notice
from integrations.web.questions.skills import say_to
from integrations.web.rendering import Renderer
from integrations.web.resolving import Solved, Solver
from integrations.web.reviews import Asked, Reviews
from integrations.web.sink import EventSink

LARGEST_BODY: Final = 64 * 1024
_MOST_FIELDS: Final = 1000
_FORM: Final = "application/x-www-form-urlencoded"
_RETRY_AFTER: Final = {"Retry-After": "60"}
_HEALTHY_WITHIN: Final = 2.0
_STYLE: Final = Path(__file__).parent / "style.css"

T = TypeVar("T")


def build_app(  # noqa: PLR0913 - each is a neighbour of its own
    *,
    links: Links,
    answers: Answers,
    signer: LinkSigner,
    sink: EventSink,
    clock: ProgrammeClock,
    solver: Solver | None = None,
    extra_routes: Sequence[BaseRoute] = (),
) -> Starlette:
    """The application; while it lives, it hands over again what the sink could not take.

    Without a solver the wish to have a matching solved again is an answer, and new pairs come by letter.
    """
    handover = Handover(answers, sink, clock)
    inbox = _Inbox(links, signer, clock, handover, Renderer(), Reviews(solver))
    return Starlette(
        routes=[
            Route("/a/{token}", inbox.show, methods=["GET"]),
            Route("/a/{token}", inbox.act, methods=["POST"], max_body_size=LARGEST_BODY),
            Route("/health", inbox.health),
            Route("/style.css", _style),
            *extra_routes,
        ],
        middleware=[Middleware(Guard, unavailable=inbox.unavailable)],
        exception_handlers={HTTPException: inbox.refused},
        lifespan=lambda _: _lived(handover),
    )


@contextlib.asynccontextmanager
async def _lived(handover: Handover) -> AsyncIterator[None]:
    """Hands over again what is waiting, from the application's start to its end."""
    again = asyncio.create_task(handover.run())
    try:
        yield
    finally:
        again.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await again


@dataclass(frozen=True)
class _Inbox:
    """The response pages."""

    links: Links
    signer: LinkSigner
    clock: ProgrammeClock
    handover: Handover
    renderer: Renderer
    reviews: Reviews

    async def show(self, request: Request) -> Response:
        """Shows the page of a link; never acts, however often mail scanners fetch it."""
        link = await self._open(request)
        if isinstance(link, LinkProblem):
            return self._problem(link, request.headers)
        asked = await self.reviews.asked(link)
        if isinstance(asked, LinkProblem):
            return self._problem(asked, request.headers)
        return HTMLResponse(self.renderer.question(asked.page, asked.facts, asked.page.values, {}))

    async def act(self, request: Request) -> Response:
        """Takes an answer, once; says what is wrong with one that cannot be taken."""
        link = await self._open(request)
        if isinstance(link, LinkProblem):
            return self._problem(link, request.headers)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise HTTPException(415)
        posted = forms.posted((await request.form(max_fields=_MOST_FIELDS)).multi_items())
        asked = await self.reviews.asked(link)
        if isinstance(asked, LinkProblem):
            return self._problem(asked, request.headers)
        if asked.is_outdated(posted):
            return self._outdated(request, asked, posted)
        form = asked.read(posted)
        if isinstance(form, forms.Refused):
            again = self.renderer.question(asked.page, asked.facts, form.values, form.errors)
            return HTMLResponse(again, 422)
        solved = await self.reviews.solved_again(link, form)
        if solved in {Solved.DONE, Solved.OUTDATED}:
            return await self._solved(request, link, posted)
        return await self._answered(request, form, asked, posted)

    async def _solved(self, request: Request, link: Link, posted: Posted) -> Response:
        """Leads to the pairs found under the wishes posted, or shows those that somebody else was given."""
        asked = await self.reviews.asked(link)
        if isinstance(asked, LinkProblem):
            return self._problem(asked, request.headers)
        return self._outdated(request, asked, posted)

    def _outdated(self, request: Request, asked: Asked, posted: Posted) -> Response:
        """The newest proposal instead of the one answered, which nobody should decide on any more."""
        if asked.is_repeated(posted):
            return _the_page(request)
        errors = {forms.CHOICE: notices.outdated(say_to(asked.facts))}
        return HTMLResponse(self.renderer.question(asked.page, asked.facts, asked.page.values, errors), 409)

    async def _answered(self, request: Request, form: Form, asked: Asked, posted: Posted) -> Response:
        """Keeps the answer, hands it over and thanks for it."""
        token = request.path_params["token"]
        answer = await _blocking(lambda: self.links.answer(token, form, self.clock.now()))
        if isinstance(answer, LinkProblem):
            return self._problem(answer, request.headers)
        await self.handover.hand_over(answer)
        return HTMLResponse(self.renderer.thanks(asked.page, asked.facts, posted))

    async def health(self, _: Request) -> Response:
        """Says whether the database answers within two seconds."""
        try:
            with fail_after(_HEALTHY_WITHIN):
                await _blocking(lambda: self.links.open("", self.clock.now()))
        except Exception:  # noqa: BLE001 - whatever it is, the service is not well
            return JSONResponse({"status": "unavailable"}, 503, _RETRY_AFTER)
        return JSONResponse({"status": "ok"})

    def refused(self, request: Request, error: Exception) -> Response:
        """The page of a request that is not taken."""
        status = error.status_code if isinstance(error, HTTPException) else 400
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        language = preferred(request.headers.get("accept-language", ""))
        return self._notice(notices.of_status(status, speaker(language)), language, headers)

    def unavailable(self, headers: Headers) -> Response:
        """The page that asks to come back in a minute."""
        language = preferred(headers.get("accept-language", ""))
        return self._notice(notices.unavailable(speaker(language)), language, _RETRY_AFTER)

    async def _open(self, request: Request) -> Link | LinkProblem:
        """The link of a token; a forged one never reaches the database."""
        token = request.path_params["token"]
        if not self.signer.is_ours(token):
            return LinkProblem.UNKNOWN
        return await _blocking(lambda: self.links.open(token, self.clock.now()))

    def _problem(self, problem: LinkProblem, headers: Headers) -> Response:
        language = preferred(headers.get("accept-language", ""))
        return self._notice(notices.of_problem(problem, speaker(language)), language, {})

    def _notice(self, notice: Notice, language: str, headers: dict[str, str]) -> Response:
        return HTMLResponse(self.renderer.notice(notice, language), notice.status, headers)


async def _blocking(call: Callable[[], T]) -> T:
    """Runs a blocking call of the database on a thread; the call itself ends in its own time."""
    return await to_thread.run_sync(call, abandon_on_cancel=True)


def _the_page(request: Request) -> Response:
    """Leads back to the page, so that neither reload nor Back asks for anything twice."""
    return RedirectResponse(request.url.path, 303)


async def _style(_: Request) -> Response:
    style = _STYLE.read_text(encoding="utf-8")
    return Response(style, media_type="text/css", headers={"Cache-Control": "public, max-age=3600"})
