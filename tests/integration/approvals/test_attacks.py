"""A table of attacks on approvals, each tried on a real API server by somebody with every right of RBAC there.

None may get through: each is told why it is refused, and nothing that is stored has changed.
"""

import pytest

from integration.approvals.attack import Attack
from integration.approvals.conftest import Stage, Tally
from integration.approvals.table import ATTACKS


def test_each_attack_is_another() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_no_attack_gets_through(attack: Attack, stage: Stage, tally: Tally) -> None:
    names = {"operator": stage.operator, "namespace": stage.namespace, "release": stage.release}

    def filled(text: str) -> str:
        for name, value in names.items():
            text = text.replace("{" + name + "}", value)
        return text

    answer = stage.ask(
        filled(attack.who),
        *map(filled, attack.words),
        groups=attack.groups,
        extra=attack.extra,
        stdin=attack.stdin,
    )
    before, stage.known = stage.known, stage.look()
    tally.tried.add(attack.name)
    if stage.known != before:
        tally.through.add(attack.name)
    assert stage.known == before, answer.said
    assert attack.told in answer.said
