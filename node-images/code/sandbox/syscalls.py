"""The system calls that code may make: the whole list, with their numbers. Read by `filter` alone.

`filter.CHECKED` narrows four of them down to a part of what they do. What is not here fails with EPERM: everything that
makes or reaches another process, a socket, a device, a key, a namespace, a mount or a file by another way than opening
it, which is for Landlock to judge. Left out with more thought than the rest:

- `clone` and its kin: one process and one thread is what makes every other limit hold.
- `chmod`, `chown`, `utime`, `setxattr`, `truncate`, `readlink`: they take a path, and Landlock does not watch them (the
  last two from its third version on, or not at all).
- `mkdir`, `symlink`, `link`: a flat scratch folder can be measured and removed without surprises.
- `prlimit64`, `kill`, `tgkill`: they reach every process of the same user, such as our parent.
- `prctl`, `memfd_create`, `io_uring_*`, `execve`: nothing that Python needs to compute.
"""

from typing import Final

# name: (x86_64, aarch64); a processor that never had the call has None
ALLOWED: Final[dict[str, tuple[int, int | None]]] = {
    # memory
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "madvise": (28, 233),
    # files that Landlock let it open, and those three pipes
    "openat": (257, 56),
    "read": (0, 63),
    "write": (1, 64),
    "pread64": (17, 67),
    "pwrite64": (18, 68),
    "lseek": (8, 62),
    "ftruncate": (77, 46),
    "fsync": (74, 82),
    "fdatasync": (75, 83),
    "close": (3, 57),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    # names of files
    "fstat": (5, 80),
    "newfstatat": (262, 79),
    "access": (21, None),
    "faccessat": (269, 48),
    "faccessat2": (439, 439),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "unlink": (87, None),
    "unlinkat": (263, 35),
    "rename": (82, None),
    "renameat": (264, 38),
    "renameat2": (316, 276),
    # time and chance
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "nanosleep": (35, 101),
    "gettimeofday": (96, 169),
    "time": (201, None),
    "getrandom": (318, 278),
    # itself
    "futex": (202, 98),
    "sched_yield": (24, 124),
    "sched_getaffinity": (204, 123),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "gettid": (186, 178),
    "getuid": (102, 174),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getegid": (108, 177),
    "uname": (63, 160),
    "rt_sigreturn": (15, 139),
    "restart_syscall": (219, 128),
    "exit": (60, 93),
    "exit_group": (231, 94),
}
