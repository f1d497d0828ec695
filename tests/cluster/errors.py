"""Every failure the cluster command can report, each as a sentence that says what to do.

Raised anywhere in the package; `__main__` prints them and turns them into the exit status.
"""

from collections.abc import Sequence


class ClusterError(Exception):
    """What went wrong and what to do about it; the command prints it without a traceback."""


class PrerequisiteError(ClusterError):
    """The machine lacks something. Nothing was changed; every problem is listed at once."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("Nothing was changed.\n" + "\n".join(f"  - {problem}" for problem in self.problems))


class BuildError(ClusterError):
    """A tool could not be built from its go.mod."""


class CommandError(ClusterError):
    """A command of the machine failed."""


class ComponentError(ClusterError):
    """A component did not become ready."""


class ContextRefusedError(ClusterError):
    """The cluster named by HEADGATE_CONTEXT is not one that a test may touch."""
