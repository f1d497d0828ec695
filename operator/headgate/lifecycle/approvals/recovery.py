from dataclasses import dataclass

from headgate.lifecycle.facts import End, Waiting


@dataclass(frozen=True)
class Answer:
    waiting: Waiting | None = None
    end: End | None = None
    retry: bool = False
    stands: bool = False


def view_question(case, facts, instance):
    return Answer(stands=True)
