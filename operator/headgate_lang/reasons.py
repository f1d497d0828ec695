"""Why a node ended as it did: stable words that people read, retry on and count by."""

from enum import StrEnum


class Reason(StrEnum):
    """The reasons that Headgate itself gives. A node type may add PascalCase words of its own to a failure."""

    # Skipped
    WHEN_FALSE = "WhenFalse"
    NEED_SKIPPED = "NeedSkipped"
    NOT_NEEDED = "NotNeeded"
    SKIPPED_BY_PERSON = "SkippedByPerson"

    # Omitted
    NEED_FAILED = "NeedFailed"
    STOPPED = "Stopped"

    # Failed, in or around the pod
    TIMEOUT = "Timeout"
    EXPRESSION_ERROR = "ExpressionError"
    INVALID_PARAMETERS = "InvalidParameters"
    INVALID_OUTPUT = "InvalidOutput"
    OUTPUT_TOO_LARGE = "OutputTooLarge"
    HTTP_STATUS = "HttpStatus"
    NOT_A_LIST = "NotAList"
    TOO_MANY_ITEMS = "TooManyItems"
    ITEMS_FAILED = "ItemsFailed"
    OUT_OF_MEMORY = "OutOfMemory"
    POD_LOST = "PodLost"
    OUTCOME_UNKNOWN = "OutcomeUnknown"
    BUDGET_EXCEEDED = "BudgetExceeded"

    # Failed, before there was a pod
    CREDENTIAL_MISSING = "CredentialMissing"
    CREDENTIAL_REFUSED = "CredentialRefused"
    MODEL_MISSING = "ModelMissing"
    IMAGE_NOT_TRUSTED = "ImageNotTrusted"

    # Failed, at a gate
    REJECTED = "Rejected"
    EXPIRED = "Expired"
    CANCELLED = "Cancelled"
    NOT_BEHIND_GATE = "NotBehindGate"


SAID_NO = frozenset({Reason.REJECTED, Reason.EXPIRED, Reason.CANCELLED})
"""Failures that are a person's or a deadline's "no": no breakdown, so a Run of only these ends Cancelled."""
