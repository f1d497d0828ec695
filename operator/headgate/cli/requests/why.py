"""`approvals why`: yes or no, why, and who can. LANGUAGE §4.6 draws it. Pure."""

from collections.abc import Iterator

from headgate.cli.requests.judging import May, judge, who_can
from headgate.cli.requests.letter import how_to_answer
from headgate.cli.requests.people import Matter


def why(matter: Matter, program: str, home: str) -> str:
    return "\n".join(_lines(matter, program, home)) + "\n"


def _lines(matter: Matter, program: str, home: str) -> Iterator[str]:
    judgement = judge(matter)
    yield f"{judgement.may}. You are {matter.person.user}{judgement.why}."
    if not matter.request.is_open:
        return
    if matter.standing is not None:
        unheard = matter.foresee().unheard.get(matter.person.user)
        doubt = f", which does not count: {unheard}" if unheard else ""
        yield f"You have voted {matter.standing.verdict}{doubt}; another vote takes its place."
    yield who_can(matter)
    if judgement.may is not May.NO:
        yield from ("", *(f"  {command}" for command in how_to_answer(matter.request, program, home)))
