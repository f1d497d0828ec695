"""Names to addresses. The one look-up of a connection; `backend` calls it and checks every answer."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

from headgate_lang.addresses import Address, read_address

Resolve = Callable[[str], Awaitable[Sequence[Address]]]
"""Gives all addresses of a name, in the order in which to try them; none if there is no such name."""


async def resolve_by_system(host: str) -> list[Address]:
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return []
    found = (read_address(str(answer[4][0])) for answer in answers)
    return [address for address in found if address is not None]
