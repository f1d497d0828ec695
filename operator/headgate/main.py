"""The operator's process: `kopf run --standalone --all-namespaces -m headgate.main`.

kopf gives the process: its start and its end, signals, the event loop. It watches nothing and writes nothing, neither
annotations nor finalizers; operator/docs/design/0009-operator.md says why.
"""

import os
from typing import Any

import kopf

from headgate.handlers import logs
from headgate.handlers.operator import Operator
from headgate.kube.access import NoAccessError, read_access
from headgate.kube.wire import open_session
from headgate.lifecycle.decide import decide
from headgate.settings import SettingsError, read_settings


@kopf.on.login()
async def log_in(**_: Any) -> kopf.AiohttpSession:
    """kopf looks once at what kinds there are."""
    access = read_access(os.environ)
    session = open_session(access, "headgate-kopf")
    if token := access.token():
        session.headers["Authorization"] = f"Bearer {token}"
    return kopf.AiohttpSession(server=access.server, aiohttp_session=session)


@kopf.on.startup()
async def start(settings: kopf.OperatorSettings, memo: kopf.Memo, **_: Any) -> None:
    settings.scanning.disabled = True
    settings.posting.enabled = False
    settings.peering.standalone = True
    try:
        ours = read_settings(os.environ)
        logs.set_up(ours.log_level)
        memo.operator = Operator(ours, read_access(os.environ), decide)
    except (SettingsError, NoAccessError) as error:
        raise kopf.PermanentError(str(error)) from None
    await memo.operator.start()


@kopf.on.cleanup()
async def stop(memo: kopf.Memo, **_: Any) -> None:
    if "operator" in memo:
        await memo.operator.stop()
