"""What runs nodes in a pod: `headgate-node PACKAGE`. operator/docs/protocol.md says what goes in and what comes out.

main         the process that Argo starts: it forks the two others, reads what they print, and outlives them
supervisor   what it does then: it passes lines and signals on, and settles what a process that died had begun
worker       the process in which nodes run
evaluation/  the process that evaluates expressions, which may have to be ended

bundle       in the worker: the small graph, each member as soon as its needs have ended
member       the way of one member: needs, `when`, `forEach`, `with`, run, output
"""
