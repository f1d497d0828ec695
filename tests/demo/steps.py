"""What the demo shows, as data: each step is a command that a person could type."""

from dataclasses import dataclass

EXAMPLE = "operator/docs/examples/announcement.yaml"
TEAM = "tests/demo/team.yaml"
RELEASE = "headgate"
NAMESPACE = "demo"
_APPROVE = """--type=merge -p '{"spec":{"votes":{"me":{"verdict":"Approve","reason":"reads well"}}}}'"""


@dataclass(frozen=True)
class Step:
    """What is shown, and the command that shows it."""

    title: str
    command: str
    is_refused: bool = False
    """It has to fail: what is shown is how."""


def build_steps(run: str, values: str) -> tuple[Step, ...]:
    """`run`: the name of the Run, another one each time. `values`: the file with the chart's values."""
    install = (
        f"helm upgrade --install {RELEASE} charts/headgate --namespace {RELEASE} --create-namespace "
        f"--take-ownership --force-conflicts --values {values} --wait --timeout 3m"
    )
    there = f"-n {NAMESPACE}"
    approve = f"patch {there} apr {run}-review {_APPROVE}"
    waits = f"kubectl wait {there} --for=jsonpath={{.status.phase}}=Waiting --timeout=120s hrun/{run}"
    return (
        Step("The language is checked offline, every problem at once", f"headgate lint {EXAMPLE}"),
        Step("A namespace, and who may approve in it", f"kubectl apply -f {TEAM}"),
        Step("Headgate is installed by its chart", install),
        Step("The workflow and its policy are objects like any others", f"kubectl apply {there} -f {EXAMPLE}"),
        Step("It is checked", f"kubectl wait {there} --for=condition=Valid --timeout=60s hwf/announcement"),
        Step("And listed", f"kubectl get {there} hwf"),
        Step("Somebody asks for a Run", f"headgate run announcement --name {run} {there}"),
        Step("It goes as far as it can without people, and waits", waits),
        Step("No pod waits with it", f"headgate get {run} {there}"),
        Step("The question is an object, too", f"kubectl get {there} apr"),
        Step("Whoever asked for it may not approve it", f"kubectl {approve}", is_refused=True),
        Step("Bea may: she is in the group that the policy names", f"kubectl --as bea --as-group editors {approve}"),
        Step("And at once it goes on", f"headgate watch {run} {there}"),
        Step("What it gave back", f"headgate output {run} {there}"),
        Step("One line tells the story", f"kubectl get {there} hrun {run}"),
    )
