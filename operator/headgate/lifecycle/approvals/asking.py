from headgate.lifecycle.facts import Waiting


def close_gate(case, node, before, started_at) -> Waiting:
    raise NotImplementedError


def view_approval(case, node, params, started_at) -> Waiting:
    raise NotImplementedError
