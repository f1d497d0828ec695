"""The command line: `python -m cluster up|down|status|logs|kubeconfig|env`, which the Makefile calls."""

import argparse
import os
import sys
from collections.abc import Sequence

from cluster.context import check_removable, decide_context
from cluster.errors import ClusterError
from cluster.settings import Settings, settings_from


def main(arguments: Sequence[str] | None = None) -> int:
    chosen = _build_parser().parse_args(arguments)
    try:
        return _run(chosen, settings_from(os.environ))
    except ClusterError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cluster: interrupted; run the same command again to go on.", file=sys.stderr)
        return 130


def _run(chosen: argparse.Namespace, settings: Settings) -> int:
    context = decide_context(os.environ)
    match chosen.verb:
        case "up" if context.ours:
            from cluster.lock import hold
            from cluster.up import bring_up

            with hold(settings):
                bring_up(settings)
        case "up":
            from cluster.existing import check_reachable

            check_reachable(context)
        case "down":
            from cluster.down import take_down
            from cluster.lock import hold

            check_removable(context)
            with hold(settings):
                take_down(settings, keep_data=chosen.keep_data)
        case "status":
            from cluster.status import print_status

            return 0 if print_status(settings) else 1
        case "logs":
            from cluster.status import show_log

            show_log(settings, chosen.component, follow=chosen.follow)
        case "kubeconfig":
            print(settings.admin_kubeconfig)
        case "env":
            print(f"export KUBECONFIG={settings.admin_kubeconfig}")
            print(f"export HEADGATE_CONTAINERD={settings.containerd_socket}")
            print(f'export PATH="{settings.bin}:$PATH"')
    return 0


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="cluster", description="A real Kubernetes cluster for development and tests.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("up", help="bring the cluster up, or mend it; a cluster that is fine is left alone")
    down = verbs.add_parser("down", help="take the cluster away and leave nothing behind")
    down.add_argument("--keep-data", action="store_true", help="keep what the cluster stores for the next `up`")
    verbs.add_parser("status", help="print how each component is doing; fails unless all are ready")
    logs = verbs.add_parser("logs", help="print what a component wrote")
    logs.add_argument("component")
    logs.add_argument("-f", "--follow", action="store_true", help="go on printing")
    verbs.add_parser("kubeconfig", help="print the path of the cluster's kubeconfig")
    verbs.add_parser("env", help="print exports for a shell: KUBECONFIG, PATH, HEADGATE_CONTAINERD")
    return parser


if __name__ == "__main__":
    sys.exit(main())
