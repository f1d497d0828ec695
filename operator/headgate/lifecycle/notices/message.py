"""What a webhook is told: a view of a question, with the commands that answer it. It holds no link, decides nothing.

Values are not in it: who may read them, reads them in the cluster. Signed as Standard Webhooks says: HMAC-SHA256 over
id, time and body.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from headgate.api.approvalrequest import VERDICTS, ApprovalRequest, Decision, Verdict
from headgate.lifecycle.notices.due import moment_of, target_of
from headgate.lifecycle.tidy import line

TYPE = "headgate.dev/webhook"
"""The type of a Secret that signs: no other can be named, so that a policy borrows no password."""
KEYS = ("key", "previous")
_PREFIX = "whsec_"
_LEAST, _MOST = 24, 64
_MAX_MESSAGE = 2000
_VERDICTS_SHOWN = (Verdict.APPROVE, Verdict.REJECT, Verdict.RETRY, Verdict.SKIP, Verdict.STOP)


class BadKeyError(Exception):
    """Why a Secret cannot sign."""


def message_id(request: ApprovalRequest, key: str) -> str:
    """The same however often it is sent: receivers know by it what they have."""
    return f"msg_{hashlib.sha256(f'{request.metadata.uid}/{key}'.encode()).hexdigest()[:32]}"


def build_body(request: ApprovalRequest, key: str, moment_at: str) -> bytes:
    spec, status, metadata = request.spec, request.status, request.metadata
    moment = moment_of(key)
    phase = (status.phase if status else None) or Decision.OPEN
    decided = next((one.message for one in status.conditions if one.type == "Decided"), "") if status else ""
    data: dict[str, Any] = {
        "moment": str(moment),
        "webhook": target_of(key),
        "namespace": metadata.namespace,
        "request": metadata.name,
        "uid": metadata.uid,
        "digest": spec.binding.digest,
        "question": str(spec.type),
        "message": line(spec.message, _MAX_MESSAGE),
        "run": spec.run,
        "node": spec.node,
        "requester": spec.requester,
        "policy": spec.binding.policy.name,
        "phase": str(phase),
        "votes": status.votes if status else None,
        "waitingFor": status.waiting_for if status else None,
        "expiresAt": spec.binding.expires_at,
        "decision": decided if phase is not Decision.OPEN else None,
        "supersededBy": status.superseded_by if status else None,
        "commands": list(commands(request)) if phase is Decision.OPEN else [],
    }
    said = {name: value for name, value in data.items() if value not in (None, "", [])}
    body = {"type": f"approval.{key.partition('.')[0].partition('-')[0]}", "timestamp": moment_at, "data": said}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def commands(request: ApprovalRequest) -> Sequence[str]:
    """How it is looked at and answered: by kubectl, as oneself. With its uid: by the time that somebody reads this, the
    name may be that of another question."""
    name, namespace = request.metadata.name, request.metadata.namespace
    verdicts = [one for one in _VERDICTS_SHOWN if one in VERDICTS[request.spec.type]]
    only = {"metadata": {"uid": request.metadata.uid}}
    votes = ({**only, "spec": {"votes": {"me": {"verdict": str(one)}}}} for one in verdicts)
    return (
        f"kubectl describe apr {name} -n {namespace}",
        *(f"kubectl patch apr {name} -n {namespace} --type=merge -p '{json.dumps(one)}'" for one in votes),
    )


def read_keys(type_: str, data: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """Raises BadKeyError."""
    if type_ != TYPE:
        raise BadKeyError(f"it has the type {type_}, and must have {TYPE}")
    if not data.get("key"):
        raise BadKeyError("it has no `key`")
    return tuple(_read_key(name, data[name]) for name in KEYS if data.get(name))


def _read_key(name: str, raw: bytes) -> bytes:
    text = raw.strip()
    try:
        key = base64.b64decode(text[len(_PREFIX) :], validate=True) if text.startswith(_PREFIX.encode()) else text
    except ValueError:
        raise BadKeyError(f"`{name}` begins with {_PREFIX}, and what follows is no base64") from None
    if not _LEAST <= len(key) <= _MOST:
        raise BadKeyError(f"`{name}` has {len(key)} bytes, and must have {_LEAST} to {_MOST}")
    return key


def sign(keys: Sequence[bytes], id_: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers; a signature for each key, so that a key can be changed without a gap."""
    signed = b".".join([id_.encode(), str(timestamp).encode(), body])
    signatures = (base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in keys)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }
