"""Every attack. The tables stand in a module for each thing that is attacked."""

from integration.approvals.on_requests import ON_REQUESTS
from integration.approvals.on_runs import ON_RUNS
from integration.approvals.on_votes import ON_VOTES

ATTACKS = [*ON_VOTES, *ON_REQUESTS, *ON_RUNS]
