"""The arguments of a command. Apart from `command`, since `headgate --help` needs no argparse."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

from headgate.cli.command import HelpWantedError, WrongUseError
from headgate_lang.near import did_you_mean

DESCRIBE = "--describe-arguments"
"""In place of a command's arguments: it does nothing, and raises what it takes. Shell completion asks so."""


class DescribedError(Exception):
    """What a command takes, as an argparse action each."""

    def __init__(self, actions: Sequence[argparse.Action]) -> None:
        super().__init__()
        self.actions = actions


class Arguments(argparse.ArgumentParser):
    """argparse prints its whole usage before the one line that matters; this raises the line."""

    def __init__(self, prog: str, description: str, epilog: str = "") -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        if DESCRIBE in arguments:
            raise DescribedError(self._actions)
        options, unknown = self.parse_known_intermixed_args(arguments)
        if unknown:
            flags = [flag for action in self._actions for flag in action.option_strings]
            self.error(f"there is no {unknown[0]}: {did_you_mean(unknown[0], flags) or f'see {self.prog} --help'}")
        return options

    def print_help(self, file: object = None) -> NoReturn:
        raise HelpWantedError(self.format_help())

    def error(self, message: str) -> NoReturn:
        raise WrongUseError(f"{self.prog}: {message}")
