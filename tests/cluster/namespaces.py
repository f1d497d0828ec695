"""The node's own network and mount namespaces, and the link between them and the machine.

Everything that Kubernetes does to a machine happens inside: addresses, iptables chains, the mounts of pods, the
fixed folders of kubelet, containerd and CNI. They vanish with the namespaces, and nothing inside can reach
another address than this machine's. `up` creates them, `processes` starts components in them.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from cluster.commands import run
from cluster.errors import CommandError
from cluster.settings import HOST_LINK, Settings

KEPT = {"/var/lib/kubelet": "kubelet", "/var/lib/cni": "cni", "/var/log/pods": "pod-logs"}
"""Folders that the programs insist on, and the part of our state that stands there inside the namespace."""
VOLATILE = ("/run/containerd", "/run/netns", "/var/log/containers")
"""Folders that the programs insist on and that need not outlive the namespace."""
KERNEL_SETTINGS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
"""What the kubelet sets for the whole machine; put back by `down`."""

SETUP = """
set -e
mount --make-rshared /
while [ $# -gt 0 ]; do
  case "$1" in
    tmpfs) mount -t tmpfs -o mode=755 headgate "$2" ;;
    *) mount --bind "$1" "$2" ;;
  esac
  shift 2
done
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6
"""


def handles(settings: Settings) -> tuple[Path, Path]:
    """The files that hold the network and the mount namespace, with or without a process inside."""
    return settings.run / "namespaces" / "net", settings.run / "namespaces" / "mnt"


def enter(settings: Settings) -> list[str]:
    """The words to put before a command, so that it runs on the node."""
    net, mnt = handles(settings)
    return ["/usr/bin/nsenter", f"--net={net}", f"--mount={mnt}", "--"]


def exist(settings: Settings) -> bool:
    """Complete, and of this boot: the marker is written last, and a handle is a file of the kernel's."""
    net, mnt = handles(settings)
    complete = (settings.run / "namespaces" / "complete").exists()
    return complete and os.path.ismount(net) and os.path.ismount(mnt) and Path(f"/sys/class/net/{HOST_LINK}").exists()


def create(settings: Settings) -> None:
    remove(settings)
    net, mnt = handles(settings)
    folder = net.parent
    folder.mkdir(parents=True)
    run(["mount", "--bind", folder, folder])
    run(["mount", "--make-private", folder])
    net.touch()
    mnt.touch()
    run(
        [
            "unshare",
            f"--net={net}",
            f"--mount={mnt}",
            "--propagation=slave",
            "/bin/sh",
            "-c",
            SETUP,
            "sh",
            *_mounts(settings),
        ]
    )
    _link(settings)
    (folder / "complete").touch()


def _mounts(settings: Settings) -> list[str]:
    words: list[str] = []
    made = settings.run / "made"
    for target in [*KEPT, *VOLATILE]:
        if not Path(target).exists():
            Path(target).mkdir(parents=True)
            with made.open("a") as stream:
                stream.write(f"{target}\n")
        source = "tmpfs"
        if target in KEPT:
            (settings.state / KEPT[target]).mkdir(parents=True, exist_ok=True)
            source = str(settings.state / KEPT[target])
        words += [source, target]
    return words


def _link(settings: Settings) -> None:
    """One cable between the machine and the node; everything in our /16 is at its other end."""
    net, _ = handles(settings)
    network = settings.network
    inside = ["nsenter", f"--net={net}", "ip"]
    run(["ip", "link", "add", HOST_LINK, "type", "veth", "peer", "name", "eth0", "netns", net])
    run([*inside, "address", "add", f"{network.node}/16", "dev", "eth0"])
    run([*inside, "link", "set", "eth0", "up"])
    run(["ip", "address", "add", f"{network.host}/32", "dev", HOST_LINK])
    run(["ip", "link", "set", HOST_LINK, "up"])
    run(["ip", "route", "add", network.node, "dev", HOST_LINK, "src", network.host])
    run(["ip", "route", "add", str(network.whole), "via", network.node, "dev", HOST_LINK, "src", network.host])


def remove(settings: Settings) -> None:
    """Let go of the namespaces; the kernel drops them with their last process."""
    if Path(f"/sys/class/net/{HOST_LINK}").exists():
        run(["ip", "link", "delete", HOST_LINK], check=False)
    net, mnt = handles(settings)
    for path in (mnt, net, net.parent):
        while os.path.ismount(path) or _mounted(path):
            run(["umount", "--lazy", path])
    shutil.rmtree(net.parent, ignore_errors=True)
    _remove_made(settings)


def _mounted(path: Path) -> bool:
    return any(line.split()[4] == str(path) for line in Path("/proc/self/mountinfo").read_text().splitlines())


def _remove_made(settings: Settings) -> None:
    """The empty folders that we made as places to mount on, where nobody has used them since."""
    made = settings.run / "made"
    with suppress(OSError):
        for target in made.read_text().split():
            with suppress(OSError):
                Path(target).rmdir()
        made.unlink()


def save_kernel_settings(settings: Settings) -> None:
    saved = settings.run / "kernel-settings"
    if not saved.exists():
        saved.write_text("".join(f"{name} {Path('/proc/sys', name).read_text()}" for name in KERNEL_SETTINGS))


def restore_kernel_settings(settings: Settings) -> None:
    with suppress(FileNotFoundError):
        for line in (settings.run / "kernel-settings").read_text().splitlines():
            name, value = line.split()
            with suppress(OSError, CommandError):
                Path("/proc/sys", name).write_text(value)
