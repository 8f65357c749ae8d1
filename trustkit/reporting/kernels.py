"""The kernels that notebooks run in: started, cold or warm, and stopped together."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Any, cast

from trustkit.errors import not_installed

try:
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner
except ImportError as missing:  # pragma: no cover
    raise not_installed("runs notebooks", missing, "report") from missing

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_client.connect import KernelConnectionInfo

    from trustkit.reporting.warm_kernels import WarmStart


class Kernels:
    """The kernels that run at a time, to be stopped together.

    Parameters
    ----------
    warm
        The process to fork them from; without it, or where it cannot serve, each is a new Python.

    Attributes
    ----------
    stopped
        Whether they were, so that no other kernel is worth starting.
    """

    def __init__(self, warm: WarmStart | None = None) -> None:
        self.stopped = False
        self._warm = warm
        self._running: list[AsyncKernelManager] = []

    def new(self, sockets: Path) -> AsyncKernelManager:
        """Return a kernel to start: this Python's own, whatever are registered, spoken to without a network.

        Parameters
        ----------
        sockets
            The folder for the files through which it is spoken to.
        """
        kernel = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True),
            connection_file=str(sockets / "kernel.json"),
            transport="ipc" if os.name == "posix" else "tcp",
        )
        if self._warm is not None:
            kernel.provisioner = ForkProvisioner(self._warm, kernel_spec=kernel.kernel_spec, parent=kernel)
        self._running.append(kernel)
        return kernel

    def stop(self) -> None:
        """Stop all of them at once."""
        self.stopped = True
        for kernel in self._running:
            if kernel.provisioner is not None:
                asyncio.run(kernel.provisioner.kill())


class ForkProvisioner(LocalProvisioner):
    """Starts a kernel as a fork, or, where it has to start cold, as Jupyter does."""

    def __init__(self, warm: WarmStart, **options: Any) -> None:  # noqa: ANN401  # traitlets
        super().__init__(**options)
        self._fork = warm.fork

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:  # noqa: ANN401
        """Start the kernel of a command."""
        forked = self._fork(cmd, str(kwargs["cwd"]), kwargs["env"])
        if forked is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = cast("Any", forked)
        self.pid = self.pgid = forked.pid  # it leads a group of its own
        self.cwd = kwargs["cwd"]
        return self.connection_info
