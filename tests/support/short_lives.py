"""Workflows of a few seconds, each another kind of life, and a Run of each: what the tests of chaos do to them must not
change how they end."""

WORKFLOWS = """
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: hello}
spec:
  inputs: {name: {type: string, default: world}}
  nodes:
  - {name: greet, use: set, with: {text: "Hello, ${inputs.name}!"}}
  outputs: {text: "${greet.text}"}
---
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: failing}
spec:
  nodes:
  - {name: good, use: set, with: {num: 1}}
  - {name: bad, use: set, with: {num: "${good.num / 0}"}}
  - {name: handler, use: set, with: {why: "${bad.error.reason}"}}
  finally:
  - {name: last, use: set, with: {phase: "${run.phase}"}}
  outputs: {why: "${handler.why}"}
---
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: parent}
spec:
  nodes:
  - {name: before, use: set, with: {name: Ana}}
  - {name: sub, use: workflow/hello, with: {name: "${before.name}"}}
  outputs: {text: "${sub.text}"}
---
apiVersion: headgate.dev/v1alpha1
kind: Workflow
metadata: {name: timer}
spec:
  nodes:
  - {name: first, use: set, with: {num: 1}}
  - {name: pause, use: wait, after: {first: Succeeded}, with: {for: 3s}}
  - {name: then, use: set, after: {pause: Succeeded}, with: {num: "${first.num}"}}
  outputs: {num: "${then.num}"}
"""

RUNS = "---".join(
    f"""
apiVersion: headgate.dev/v1alpha1
kind: Run
metadata: {{name: {workflow}-1}}
spec: {{workflow: {workflow}}}
"""
    for workflow in ("hello", "failing", "parent", "timer")
)
