"""`headgate completion bash|zsh|fish`: what a shell has to be told; and `__complete`, which it then asks at each Tab.

The answer is as kubectl wants it of a plugin: a line a word, with what it means after a tab, and at the end a colon
with what the shell should do: 0, complete files as well; 4, nothing more.
"""

from argparse import Action
from collections.abc import Mapping, Sequence
from importlib import resources

from headgate.cli.arguments import DESCRIBE, Arguments, DescribedError
from headgate.cli.cluster.names import find_names
from headgate.cli.command import GOOD, Streams, WrongUseError
from headgate.cli.completing.position import Kind, Position, find_position
from headgate.cli.main import COMMANDS, COMPLETE, load
from headgate.cli.printing.paint import safe

_SHELLS = ("bash", "zsh", "fish")
_DESCRIPTION = (
    "Print what makes a shell complete commands, flags, and the names of Runs, workflows, requests and nodes."
)
_EPILOG = """\
examples:
  source <(headgate completion bash)                                      in ~/.bashrc
  headgate completion zsh > "${fpath[1]}/_headgate"
  headgate completion fish > ~/.config/fish/completions/headgate.fish

`kubectl headgate` is completed by kubectl's own completion, by way of kubectl_complete-headgate, which stands beside
it.
"""
_FILES, _NO_FILES = ":0", ":4"


def run(prog: str, arguments: list[str], streams: Streams) -> int:
    if prog.endswith(COMPLETE):
        return _complete(arguments or [""], streams)
    options = _arguments(prog).parse(arguments)
    if options.shell is None:
        raise WrongUseError(f"{prog}: say for which shell, {', '.join(_SHELLS)}: {prog} --help tells where it goes")
    script = resources.files("headgate") / "cli" / "completing" / f"completion.{options.shell}"
    streams.out.write(script.read_text(encoding="utf-8"))
    return GOOD


def _complete(words: Sequence[str], streams: Streams) -> int:
    if len(words) == 1:
        _answer(COMMANDS, words[0], streams)
        return GOOD
    command, *rest = words
    if command not in COMMANDS:
        _answer({}, "", streams)
        return GOOD
    position = find_position(command, _actions(command, rest, streams), rest)
    if position.kind is Kind.FILE:
        streams.out.write(f"{_FILES}\n")
        return GOOD
    _answer({**position.choices, **_names(position, streams)}, rest[-1], streams)
    return GOOD


def _actions(command: str, words: Sequence[str], streams: Streams) -> Sequence[Action]:
    asked = [DESCRIBE, *(word for word in words if word == "--local")]
    try:
        load(command).run(f"headgate {command}", asked, streams)
    except DescribedError as described:
        return described.actions
    raise AssertionError(f"{command} has not asked for its arguments")


def _names(position: Position, streams: Streams) -> Mapping[str, str]:
    return find_names(position, streams.environment)


def _answer(found: Mapping[str, str], current: str, streams: Streams) -> None:
    for word, about in found.items():
        if word.startswith(current):
            streams.out.write(f"{safe(word)}\t{safe(about)}\n" if about else f"{safe(word)}\n")
    streams.out.write(f"{_NO_FILES}\n")


def _arguments(prog: str) -> Arguments:
    arguments = Arguments(prog, _DESCRIPTION, _EPILOG)
    arguments.add_argument("shell", choices=_SHELLS, nargs="?", metavar="|".join(_SHELLS))
    return arguments
