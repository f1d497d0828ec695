"""Reads the audit log out of the operator's namespace, or out of a file that was exported. `audit` asks."""

from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from headgate.audit.export import read_json
from headgate.audit.segments import LABEL, Line, in_order, lines_of
from headgate.cli.cluster.session import Session, StoppedError
from headgate.kube.errors import ForbiddenError
from headgate.kube.kinds import CONFIG_MAP

_PAGE = 50


async def fetch_lines(session: Session, namespace: str, release: str | None) -> AsyncIterator[Line]:
    """In the order in which they were written."""
    labels, start = f"{LABEL}={release}" if release else LABEL, ""
    found = release
    while True:
        try:
            page = await session.client.list_page(CONFIG_MAP, namespace, labels=labels, start=start, limit=_PAGE)
        except ForbiddenError:
            raise StoppedError(
                f"the audit log is in namespace {namespace}, and you may not read ConfigMaps there: who may, is bound "
                "to the role headgate-auditor"
            ) from None
        for segment in in_order(page.items):
            its = segment["metadata"]["labels"][LABEL]
            found = found or its
            if its != found:
                raise StoppedError(f"there are logs of {found} and of {its}: say --release")
            for line in lines_of(segment):
                yield line
        start = page.next
        if not start:
            return


def read_file(path: str) -> list[Line]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise StoppedError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise StoppedError(f"{path} cannot be read: it is no text") from None
    return [Line(path, line) for line in read_json(text)]


async def one_by_one(lines: Iterable[Line]) -> AsyncIterator[Line]:
    for line in lines:
        yield line
