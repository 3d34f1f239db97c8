"""The way between a page and its kernel: what is small leaves at once.

A kernel answers in several small messages. TCP by itself holds a small one back until the one
before is acknowledged (Nagle's algorithm, RFC 896), which browsers put off for up to 40 ms
(delayed acknowledgement, RFC 1122 section 4.2.3.2): as long as the answer itself may take.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A kernel's connection that waits for no acknowledgement."""

    def connect(self) -> Any:
        """Connect the page's web socket with the kernel."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
