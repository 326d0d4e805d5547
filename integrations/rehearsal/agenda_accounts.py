"""People's accounts at a vendor: each has signed in once, and acts with a token of their own since."""

from collections.abc import Mapping
from typing import Any

import httpx

_CLIENT = "the calendar app of the cast"


class Accounts:
    """Sends requests as a person; a token is fetched when needed, and anew when it is refused.

    `refresh_tokens` are what people's apps have kept from signing in (RFC 6749, section 6).
    """

    def __init__(self, client: httpx.AsyncClient, token_url: str, refresh_tokens: Mapping[str, str]) -> None:
        self._client = client
        self._token_url = token_url
        self._refresh_tokens = refresh_tokens
        self._tokens: dict[str, str] = {}

    async def request(self, address: str, method: str, url: str, **told: Any) -> httpx.Response:  # noqa: ANN401
        """The answer to a request of this person's."""
        response = await self._once(address, method, url, told)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            del self._tokens[address]
            response = await self._once(address, method, url, told)
        return response

    async def _once(self, address: str, method: str, url: str, told: Mapping[str, Any]) -> httpx.Response:
        if address not in self._tokens:
            self._tokens[address] = await self._token(address)
        headers = {**told.get("headers", {}), "Authorization": f"Bearer {self._tokens[address]}"}
        return await self._client.request(method, url, **{**told, "headers": headers})

    async def _token(self, address: str) -> str:
        form = {
            "grant_type": "refresh_token",
            "client_id": _CLIENT,
            "refresh_token": self._refresh_tokens[address],
        }
        response = await self._client.post(self._token_url, data=form)
        return str(response.raise_for_status().json()["access_token"])
