"""What the queue holds: a Run to decide about, or an object of another kind to check."""

from enum import StrEnum
from typing import NamedTuple


class About(StrEnum):
    RUN = "run"
    WORKFLOW = "workflow"
    CREDENTIAL = "credential"
    MODEL = "model"
    POLICY = "policy"
    NODE_TYPE = "nodetype"
    LAST_RUN = "lastrun"
    """Of a workflow: which Run of it was the last."""


class Work(NamedTuple):
    about: About
    namespace: str
    name: str


def run(namespace: str, name: str) -> Work:
    return Work(About.RUN, namespace, name)


def workflow(namespace: str, name: str) -> Work:
    return Work(About.WORKFLOW, namespace, name)


def credential(namespace: str, name: str) -> Work:
    return Work(About.CREDENTIAL, namespace, name)


def model(namespace: str, name: str) -> Work:
    return Work(About.MODEL, namespace, name)


def policy(namespace: str, name: str) -> Work:
    return Work(About.POLICY, namespace, name)


def node_type(name: str) -> Work:
    return Work(About.NODE_TYPE, "", name)


def last_run(namespace: str, workflow: str) -> Work:
    return Work(About.LAST_RUN, namespace, workflow)
