"""Which system calls a process may make, by libseccomp: none that reach the network or other processes."""

from __future__ import annotations

import errno
import os
from typing import Any

_CLONE_THREAD = 0x00010000

_NEVER = (
    # the network, and sockets of any other kind
    "socket",
    "connect",
    "bind",
    "listen",
    # programs and processes; threads stay possible, see below
    "execve",
    "execveat",
    "fork",
    "vfork",
    # other processes: their memory, their descriptors, their fate
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "pidfd_open",
    "pidfd_getfd",
    "pidfd_send_signal",
    "rt_sigqueueinfo",
    "rt_tgsigqueueinfo",
    # the kernel's own doors
    "add_key",
    "bpf",
    "io_uring_setup",
    "keyctl",
    "mount",
    "perf_event_open",
    "request_key",
    "setns",
    "unshare",
    "userfaultfd",
)
_TO_OTHERS = ("kill", "tgkill")
"""Signals: their first argument is the process that gets them."""


def prepared() -> Any | None:
    """A filter after whose `load` these calls fail with EPERM; None where libseccomp or its binding is missing."""
    try:
        import pyseccomp
    except (ImportError, OSError, RuntimeError):  # the binding looks for the system's library when it is imported
        return None
    calls = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    refused = pyseccomp.ERRNO(errno.EPERM)
    for name in _NEVER:
        calls.add_rule(refused, name)
    for name in _TO_OTHERS:
        calls.add_rule(refused, name, pyseccomp.Arg(0, pyseccomp.NE, os.getpid()))
    calls.add_rule(refused, "prlimit64", pyseccomp.Arg(0, pyseccomp.NE, 0))  # of its own process: 0
    # What clone3 asks for stands in memory, out of a filter's sight: without it the C library asks by clone.
    calls.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
    calls.add_rule(refused, "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0))
    return calls
